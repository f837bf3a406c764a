"""Files wherever Spark finds them: on this machine, in HDFS, in a bucket."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reelwise.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class FolderEntry(NamedTuple):
    """A file or folder in a folder."""

    name: str
    is_folder: bool
    size: int


@dataclass(frozen=True)
class SparkFiles:
    """The file systems that a session knows, by addresses such as `s3a://bucket/folder` or a plain path."""

    spark: "SparkSession"

    def exists(self, address: str) -> bool:
        """Whether a file or folder is there."""
        return bool(self._system(address).exists(self._path(address)))

    def is_folder(self, address: str) -> bool:
        """Whether it is a folder."""
        return bool(self._system(address).getFileStatus(self._path(address)).isDirectory())

    def full(self, address: str) -> str:
        """The address in full, such as `file:/data/ratings`."""
        return str(self._system(address).makeQualified(self._path(address)).toString())

    def parent(self, address: str) -> str:
        """The folder that it is in."""
        above = self._path(address).getParent()
        return address if above is None else str(above.toString())

    def list(self, folder: str) -> list[FolderEntry]:
        """The entries of a folder, by name."""
        entries = [
            FolderEntry(str(entry.getPath().getName()), bool(entry.isDirectory()), int(entry.getLen()))
            for entry in self._system(folder).listStatus(self._path(folder))
        ]
        return sorted(entries)

    def read_head(self, address: str, size: int) -> bytes:
        """The first bytes of a file."""
        file = self._system(address).open(self._path(address))
        try:
            return bytes(file.readNBytes(size))
        finally:
            file.close()

    def fetch(self, address: str, folder: Path) -> None:
        """Copy a file into a folder of this machine."""
        self._system(address).copyToLocalFile(False, self._path(address), self._path(f"file:{folder}"), True)

    def make_folder(self, address: str) -> bool:
        """Make a folder, and those above it; whether that could be done."""
        return bool(self._system(address).mkdirs(self._path(address)))

    def remove(self, address: str) -> None:
        """Remove a file or folder, if it is there."""
        self._system(address).delete(self._path(address), True)

    def rename(self, address: str, new: str) -> bool:
        """Give a file or folder another address; whether that could be done."""
        return bool(self._system(address).rename(self._path(address), self._path(new)))

    def _path(self, address: str) -> Any:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        jvm: Any = self.spark.sparkContext._jvm  # noqa: SLF001 - pyspark has no other way to Hadoop's file systems
        try:
            return jvm.org.apache.hadoop.fs.Path(address)
        except (Py4JError, PySparkException):
            raise UsageError(
                f"{address}: not an address that Spark can open; expected a path, or one such as s3a://bucket/folder"
            ) from None

    def _system(self, address: str) -> Any:
        context: Any = self.spark.sparkContext
        return self._path(address).getFileSystem(context._jsc.hadoopConfiguration())  # noqa: SLF001 - likewise


def format_address(address: str) -> str:
    """An address as people write it: a file of this machine as its path."""
    return "/" + address.removeprefix("file:").lstrip("/") if address.startswith("file:") else address


def as_pattern(address: str) -> str:
    """An address as Spark's readers take it, for whom some characters stand for others."""
    return re.sub(r"[*?\[\]{}\\]", r"\\\g<0>", address)
