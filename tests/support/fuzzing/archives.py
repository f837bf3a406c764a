"""Archives of strangers: whatever is in them, what is unpacked stays where it belongs, and is no more than was said."""

import gzip
import io
import random
import shutil
import stat
import struct
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

from reelwise.data.unzip import unzip
from reelwise.errors import DownloadError, ExportError
from reelwise.exports.reading import read_history
from support.files.exports import RATINGS
from support.fuzzing.laws import check_refusal
from support.fuzzing.mutations import spoil_bytes

_NAMES = ["../out.csv", "/tmp/out.csv", "..\\out.csv", "C:out.csv", "a/../../out.csv", "a//b.csv", "./ratings.csv",
          "ratings.csv", "RATINGS.CSV", "ratings.csv/x.csv", "\x1b[2J.csv", "x" * 300 + ".csv", "con", "a\x00b.csv",
          "d/ratings.csv", "d/", "e/ratings.csv", "ratings.csv/", "", "\u202e.csv"]  # fmt: skip
_KINDS = [stat.S_IFREG, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFSOCK]
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


class Archives:
    """A zip with harmful entries, or whose directory lies.

    Args:
        folder: an empty one, to unpack in.
    """

    name = "archives"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def attack(self, choose: random.Random) -> bool:
        """Unpack it into a folder, and read it as an export."""
        shutil.rmtree(self._folder)
        self._folder.mkdir()
        content = make_archive(choose)
        archive = self._folder / "data.zip"
        archive.write_bytes(content)
        try:
            unzip(archive, self._folder / "into", marks={"ratings.csv"}, max_bytes=1 << 22)
        except DownloadError as error:
            taken = check_refusal(error)
        else:
            taken = True
            found = [*(self._folder / "into").rglob("*")]
            assert all(path.is_file() or path.is_dir() for path in found)
            assert not any(path.is_symlink() for path in found)
            assert sum(path.stat().st_size for path in found if path.is_file()) <= 1 << 22
        assert {path.name for path in self._folder.iterdir()} == {"data.zip", *(["into"] if taken else [])}
        with suppress(ExportError):
            read_history(content if choose.random() < 0.9 else gzip.compress(content, 1), name="mine.zip")
        return taken


def make_archive(choose: random.Random) -> bytes:
    """A zip with harmful entries, or whose headers lie."""
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w") as archive:  # of names that are twice
        archive.writestr("ratings.csv", RATINGS)
        for _ in range(choose.choice((0, 1, 1, 3))):
            entry = zipfile.ZipInfo(choose.choice(_NAMES))
            entry.external_attr = (choose.choice(_KINDS) | 0o777) << 16
            entry.compress_type = choose.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
            size = choose.choice((0, 5, 1000, 100_000, 6_000_000))
            archive.writestr(entry, choose.choice((bytes(size), choose.randbytes(min(size, 1000)), RATINGS.encode())))
    content = bytearray(file.getvalue())
    for _ in range(choose.choice((0, 1, 2))):
        _lie(choose, content)
    return spoil_bytes(choose, bytes(content)) if choose.random() < 0.2 else bytes(content)


def _lie(choose: random.Random, content: bytearray) -> None:
    """Change a field of a header: flags, method, checksum, sizes, lengths, offsets."""
    signature, fields = choose.choice(((_LOCAL, 30), (_CENTRAL, 46), (_END, 22)))
    at = content.find(signature, choose.randrange(len(content)))
    at = content.find(signature) if at < 0 else at
    width = choose.choice((2, 4))
    where = at + choose.randrange(4, fields - width, 2)
    number = choose.choice((0, 1, 9, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF, choose.getrandbits(32)))
    if at >= 0 and where + width <= len(content):
        content[where : where + width] = struct.pack("<I", number)[:width]
