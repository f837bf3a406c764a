"""What `unzip` accepts, what it refuses, and what it leaves behind."""

import io
import shutil
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reelwise.data.unzip import ArchiveError, unzip
from reelwise.errors import DownloadError

CENTRAL_HEADER = b"PK\x01\x02"  # of the entry as the table of contents has it: flags at +8, unpacked size at +24


def entry(name: str, *, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name  # the constructor would tidy the name
    info.external_attr = mode << 16
    info.compress_type = method
    return info


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return buffer.getvalue()


def patched(data: bytes, offset: int, layout: str, value: int) -> bytes:
    """`data` with a field of the first entry in the table of contents overwritten."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, data.index(CENTRAL_HEADER) + offset, value)
    return bytes(changed)


class Place(NamedTuple):
    archive: Path
    into: Path

    def unpack(self, data: bytes, **options: Any) -> dict[str, bytes]:
        """The files that come out of the folder with `mark` in it."""
        self.archive.write_bytes(data)
        unzip(self.archive, self.into, **{"marks": ["mark"], **options})
        return {str(path.relative_to(self.into)): path.read_bytes() for path in self.into.rglob("*") if path.is_file()}

    def refuses(self, data: bytes, *words: str, **options: Any) -> None:
        """Unpacking fails with one line that has `words` in it, and writes nothing anywhere."""
        with pytest.raises(ArchiveError) as caught:
            self.unpack(data, **options)
        message = str(caught.value)
        assert message.isprintable()
        assert all(word in message for word in words), message
        assert [path.name for path in self.archive.parent.rglob("*")] == [self.archive.name]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "set.zip", tmp_path / "out")


@pytest.mark.parametrize("top", ["", "set/"])
def test_files_and_folders_come_out_as_they_went_in(place: Place, top: str) -> None:
    method = zipfile.ZIP_STORED
    data = zipped(
        (f"{top}mark", b""),
        (f"{top}deep/", b""),
        (f"{top}deep/er/a.csv", b"x\n" * 5000),
        (entry(f"{top}c", method=method), b"2"),
    )
    assert place.unpack(data) == {"mark": b"", "deep/er/a.csv": b"x\n" * 5000, "c": b"2"}


def test_one_folder_is_unpacked_and_what_lies_beside_it_left_alone(place: Place) -> None:
    beside = [("../evil", b""), ("__MACOSX/._a", b"junk"), ("stray", b"1"), ("other/a", b"")]
    assert place.unpack(zipped(("set/mark", b"1"), ("set/a", b"2"), *beside)) == {"mark": b"1", "a": b"2"}
    assert sorted(path.name for path in place.into.parent.iterdir()) == ["out", "set.zip"]


@pytest.mark.parametrize("names", [["a/mark", "b/mark"], ["file"], ["a/b/mark"], ["a/x", "mark/"]])
def test_the_folder_must_be_one_that_can_be_told(place: Place, names: list[str]) -> None:
    place.refuses(zipped(*((name, b"1" if name[-1] != "/" else b"") for name in names)), "one folder with mark")


def test_only_what_is_wanted_is_unpacked_and_judged(place: Place) -> None:
    evil: list[tuple[zipfile.ZipInfo | str, bytes]] = [("../evil", b""), (entry("link", mode=stat.S_IFLNK), b"/")]
    data = zipped(("mark", b"1"), ("a", b"2"), ("b", b"3"), *evil)
    assert place.unpack(data, wanted=["mark", "b", "c"]) == {"mark": b"1", "b": b"3"}


ABSOLUTE = ["/etc/evil", "C:evil", "C:/evil", "\\evil"]
ROUNDABOUT = ["../evil", "a/../../evil", "a/..", "a\\..\\evil", "", "a//b", "./a", "a/./b"]
UNPRINTABLE = ["ev\0il", "ev\nil", "ev\x1b[2Jil"]


@pytest.mark.parametrize("name", [*ABSOLUTE, *ROUNDABOUT, *UNPRINTABLE])
def test_a_name_that_leads_elsewhere_is_refused(place: Place, name: str) -> None:
    place.refuses(zipped(("mark", b"1"), (entry(name), b"evil")), "entry", repr(name))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_special_file_is_refused(place: Place, kind: int) -> None:
    place.refuses(zipped(("mark", b"1"), (entry("odd", mode=kind | 0o777), b"/etc/passwd")), "'odd'", "link")


@pytest.mark.parametrize("again", ["set/mark", "set/MARK", "set/mark/"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused_also_in_other_case(place: Place, again: str) -> None:
    place.refuses(zipped(("set/mark", b"1"), (entry(again), b"")), "twice")


def test_an_entry_inside_another_file_is_refused(place: Place) -> None:
    place.refuses(zipped(("mark", b""), ("a/b", b"1"), ("a", b"2")), "'a/b'", "inside")


def test_an_encrypted_entry_is_refused(place: Place) -> None:
    place.refuses(patched(zipped(("mark", b"1")), 8, "<H", 0x1), "'mark'", "encrypted")


def test_an_unusual_compression_is_refused(place: Place) -> None:
    place.refuses(zipped((entry("mark", method=zipfile.ZIP_LZMA), b"1")), "'mark'", "deflate")


def test_too_many_entries_are_refused(place: Place) -> None:
    place.refuses(zipped(("mark", b""), *((f"{number}", b"") for number in range(1000))), "1,001")


def test_a_zip_bomb_is_refused(place: Place) -> None:
    place.refuses(zipped(("mark", b"1"), ("bomb", bytes(1_000_000))), "'bomb'", "bomb")


def test_more_bytes_than_the_limit_are_refused_and_as_many_are_not(place: Place) -> None:
    data = zipped(("mark", b"12345"), ("b", b"12345"))
    place.refuses(data, "'b'", max_bytes=9)
    assert place.unpack(data, max_bytes=10)["b"] == b"12345"


@pytest.mark.parametrize("declared", [9, 11])
def test_a_size_other_than_declared_is_refused(place: Place, declared: int) -> None:
    data = zipped(("mark", b"1"), ("liar", b"0123456789"))
    liar = data.rindex(CENTRAL_HEADER)
    place.refuses(data[:liar] + patched(data[liar:], 24, "<I", declared), "'liar'")


def test_a_flipped_bit_is_found_and_nothing_is_kept(place: Place) -> None:
    data = zipped((entry("mark"), b"1"), (entry("second", method=zipfile.ZIP_STORED), b"the content"))
    place.refuses(data.replace(b"the content", b"the c0ntent"), "'second'", "CRC")


@pytest.mark.parametrize(
    "data", [b"", b"<html>sign in</html>", zipped(("set/mark", b"1"))[:-30]], ids=["empty", "a page", "cut off"]
)
def test_what_is_not_a_whole_zip_is_refused(place: Place, data: bytes) -> None:
    place.refuses(data, "zip")


def test_a_damaged_byte_anywhere_never_ends_in_wrong_content_or_an_obscure_error(place: Place) -> None:
    contents = {b"userId,movieId\n1,2\n", b"1"}
    whole = zipped(("ümark", b"userId,movieId\n1,2\n"), ("ü/a", b"1"))
    for position, byte in enumerate(whole):
        for value in {0x00, 0xFF, byte ^ 0x08} - {byte}:
            try:
                found = place.unpack(whole[:position] + bytes([value]) + whole[position + 1 :], marks=["ümark"])
            except ArchiveError:
                assert not place.into.exists()
            else:
                assert contents.issuperset(found.values())
                shutil.rmtree(place.into)


def test_a_name_too_long_for_the_disk_is_the_fault_of_the_archive(place: Place) -> None:
    place.refuses(zipped(("mark", b"1"), ("x" * 5000, b"2")), "name too long")


def test_a_folder_that_is_there_is_left_alone(place: Place) -> None:
    place.into.mkdir()
    (place.into / "mine").touch()
    with pytest.raises(FileExistsError):
        place.unpack(zipped(("mark", b"1")))
    assert [path.name for path in place.into.iterdir()] == ["mine"]


def test_an_interrupt_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        assert (place.into / "mark").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copyfileobj", interrupt)
    with pytest.raises(KeyboardInterrupt):
        place.unpack(zipped(("mark", b"1")))
    assert not place.into.exists()


def test_a_disk_too_small_is_found_before_writing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1000))
    with pytest.raises(DownloadError, match="free"):
        place.unpack(zipped((entry("mark", method=zipfile.ZIP_STORED), bytes(1001))))
    assert not place.into.exists()
