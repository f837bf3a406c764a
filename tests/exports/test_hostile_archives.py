"""Archives that would do harm are refused, and nothing comes of them anywhere."""

import gzip
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from reelwise.errors import ExportError
from reelwise.exports.reading import read_history
from support.files.exports import RATINGS, zipped

DIRECTORY = b"PK\x01\x02"


def with_entry(name: str, mode: int = 0, method: int = zipfile.ZIP_DEFLATED, content: bytes = b"x") -> bytes:
    """A zip of ratings and one entry more."""
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ratings.csv", RATINGS)
        entry = zipfile.ZipInfo("placeholder")
        entry.filename, entry.external_attr, entry.compress_type = name, mode << 16, method
        archive.writestr(entry, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    content = bytearray(zipped({"ratings.csv": RATINGS}))
    struct.pack_into("<H", content, content.index(DIRECTORY) + 8, 1)
    return bytes(content)


def declaring(size: int) -> bytes:
    content = bytearray(zipped({"ratings.csv": RATINGS}))
    struct.pack_into("<I", content, content.index(DIRECTORY) + 24, size)
    return bytes(content)


HARMFUL = {
    "../evil": (with_entry("../evil.csv"), "path"),
    "/etc/evil": (with_entry("/etc/evil.csv"), "path"),
    "backslashes": (with_entry("a\\..\\evil.csv"), "backslash"),
    "C:evil": (with_entry("C:evil.csv"), "drive letter"),
    "escape codes": (with_entry("ev\x1b[2Jil.csv"), "control characters"),
    "a link": (with_entry("ratings/link.csv", stat.S_IFLNK | 0o777, content=b"/etc/passwd"), "link"),
    "a pipe": (with_entry("pipe.csv", stat.S_IFIFO), "special file"),
    "a name twice": (with_entry("RATINGS.csv"), "twice"),
    "a file in a file": (with_entry("ratings.csv/inner.csv"), "inside another file"),
    "bzip2": (with_entry("packed.csv", method=zipfile.ZIP_BZIP2), "deflate"),
    "encrypted": (encrypted(), "encrypted"),
    "a bomb": (with_entry("bomb.csv", content=bytes(20_000_000)), "zip bomb"),
    "many entries": (
        zipped({"ratings.csv": RATINGS} | {f"{number}.csv": "" for number in range(1000)}),
        "1,001 entries",
    ),
    "too small a size": (declaring(5), "damaged"),
    "too large a size": (declaring(4_000_000_000), "bomb"),
    "cut off": (zipped({"ratings.csv": RATINGS})[:-30], "damaged"),
    "no zip": (b"PK\x03\x04" + bytes(100), "damaged"),
}


@pytest.mark.parametrize(("content", "words"), HARMFUL.values(), ids=HARMFUL)
def test_harmful_archives(content: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(ExportError) as refused:
        read_history(content, name="mine.zip")
    message = str(refused.value)
    assert message.startswith("mine.zip: this zip is refused: ")
    assert words in message
    assert message.isprintable()
    assert not [*tmp_path.iterdir()]


def test_a_gzip_bomb() -> None:
    with pytest.raises(ExportError, match="unpacked it is larger than 16 MB"):
        read_history(gzip.compress(bytes(17 << 20)))


@pytest.mark.parametrize(
    "content",
    [gzip.compress(RATINGS.encode())[:-9], b"\x1f\x8b", b"\x1f\x8bhello"],
    ids=["cut off", "a beginning", "none"],
)
def test_a_broken_gzip(content: bytes) -> None:
    with pytest.raises(ExportError, match="cannot be unpacked"):
        read_history(content)


def test_a_file_in_an_archive_that_is_too_large() -> None:
    import random

    noise = random.Random(1).randbytes(1 << 18).hex() + 17 * (1 << 20) * " "  # packed by less than 100 to 1
    with pytest.raises(ExportError, match=r"'ratings\.csv' in it is larger than 16 MB"):
        read_history(zipped({"ratings.csv": noise}))


def test_a_spreadsheet_is_called_one() -> None:
    with pytest.raises(ExportError, match="this is a spreadsheet; save it as CSV"):
        read_history(zipped({"xl/workbook.xml": "<x/>", "[Content_Types].xml": "<x/>"}))
