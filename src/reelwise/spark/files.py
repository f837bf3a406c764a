"""Files wherever Spark finds them: on this machine, in HDFS, in a bucket."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class SparkFiles:
    """The file systems that a session knows, by addresses such as `s3a://bucket/folder` or a plain path."""

    spark: "SparkSession"

    def exists(self, address: str) -> bool:
        """Whether a file or folder is there."""
        return bool(self._system(address).exists(self._path(address)))

    def is_folder(self, address: str) -> bool:
        """Whether what is there is a folder."""
        return bool(self._system(address).getFileStatus(self._path(address)).isDirectory())

    def full(self, address: str) -> str:
        """The address in full, such as `file:/data/ratings`."""
        return str(self._system(address).makeQualified(self._path(address)).toString())

    def names(self, folder: str) -> list[str]:
        """The names of what is in a folder, ascending."""
        return sorted(str(file.getPath().getName()) for file in self._system(folder).listStatus(self._path(folder)))

    def fetch(self, address: str, folder: Path) -> None:
        """Copy a file into a folder of this machine."""
        self._system(address).copyToLocalFile(False, self._path(address), self._path(f"file:{folder}"), True)

    def _path(self, address: str) -> Any:
        jvm: Any = self.spark.sparkContext._jvm  # noqa: SLF001 - pyspark has no other way to Hadoop's file systems
        return jvm.org.apache.hadoop.fs.Path(address)

    def _system(self, address: str) -> Any:
        context: Any = self.spark.sparkContext
        return self._path(address).getFileSystem(context._jsc.hadoopConfiguration())  # noqa: SLF001 - likewise


def format_address(address: str) -> str:
    """An address as people write it: a file of this machine as its path."""
    return "/" + address.removeprefix("file:").lstrip("/") if address.startswith("file:") else address
