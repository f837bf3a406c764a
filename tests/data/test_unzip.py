"""What `unpack` accepts, what it refuses, and what it leaves behind."""

import io
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from reelwise.data.unzip import ArchiveError, install, unpack
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

    def unpack(self, data: bytes) -> None:
        self.archive.write_bytes(data)
        unpack(self.archive, self.into)

    def refuses(self, data: bytes, *words: str) -> None:
        """Unpacking fails with one line that has `words` in it, and writes nothing anywhere."""
        with pytest.raises(ArchiveError) as caught:
            self.unpack(data)
        message = str(caught.value)
        assert message.isprintable()
        assert self.archive.name in message
        assert all(word in message for word in words), message
        assert [path.name for path in self.archive.parent.rglob("*")] == [self.archive.name]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "set.zip", tmp_path / "out")


def test_files_and_folders_come_out_as_they_went_in(place: Place) -> None:
    place.unpack(
        zipped(("set/", b""), ("set/a.csv", b"x\n" * 5000), ("set/deep/er/b", b""), (entry("c", method=0), b"2"))
    )
    files = {str(path.relative_to(place.into)): path.read_bytes() for path in place.into.rglob("*") if path.is_file()}
    assert files == {"set/a.csv": b"x\n" * 5000, "set/deep/er/b": b"", "c": b"2"}


ABSOLUTE = ["/etc/evil", "C:evil", "C:/evil", "\\evil"]
ROUNDABOUT = ["../evil", "a/../../evil", "a/..", "a\\..\\evil", "", "a//b", "./a", "a/./b"]
UNPRINTABLE = ["ev\0il", "ev\nil", "ev\x1b[2Jil"]


@pytest.mark.parametrize("name", [*ABSOLUTE, *ROUNDABOUT, *UNPRINTABLE])
def test_a_name_that_leads_elsewhere_is_refused(place: Place, name: str) -> None:
    place.refuses(zipped(("set/fine", b"1"), (entry(name), b"evil")), "entry", repr(name))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_special_file_is_refused(place: Place, kind: int) -> None:
    place.refuses(zipped(("fine", b"1"), (entry("odd", mode=kind | 0o777), b"/etc/passwd")), "'odd'", "link")


@pytest.mark.parametrize("again", ["set/a", "set/A", "set/a/"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused_also_in_other_case(place: Place, again: str) -> None:
    place.refuses(zipped(("set/a", b"1"), (entry(again), b"")), "twice")


def test_an_entry_inside_another_file_is_refused(place: Place) -> None:
    place.refuses(zipped(("a/b", b"1"), ("a", b"2")), "'a/b'", "inside")


def test_an_encrypted_entry_is_refused(place: Place) -> None:
    place.refuses(patched(zipped(("secret", b"1")), 8, "<H", 0x1), "'secret'", "encrypted")


def test_an_unusual_compression_is_refused(place: Place) -> None:
    place.refuses(zipped((entry("a", method=zipfile.ZIP_LZMA), b"1")), "'a'", "deflate")


def test_too_many_entries_are_refused(place: Place) -> None:
    place.refuses(zipped(*((f"{number}", b"") for number in range(1001))), "1,001")


def test_a_zip_bomb_is_refused(place: Place) -> None:
    place.refuses(zipped(("fine", b"1"), ("bomb", bytes(1_000_000))), "'bomb'", "bomb")


def test_more_bytes_than_the_limit_are_refused_and_as_many_are_not(place: Place) -> None:
    place.archive.write_bytes(zipped(("a", b"12345"), ("b", b"12345")))
    with pytest.raises(ArchiveError, match="'b'"):
        unpack(place.archive, place.into, max_bytes=9)
    unpack(place.archive, place.into, max_bytes=10)
    assert (place.into / "b").read_bytes() == b"12345"


@pytest.mark.parametrize("declared", [9, 11])
def test_a_size_other_than_declared_is_refused(place: Place, declared: int) -> None:
    data = zipped(("first", b"1"), ("liar", b"0123456789"))
    liar = data.rindex(CENTRAL_HEADER)
    place.refuses(data[:liar] + patched(data[liar:], 24, "<I", declared), "'liar'")


def test_writing_stops_at_the_declared_size(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """zipfile hands out no more than is declared; should it ever, the count while writing stops it."""
    data = zipped(("first", b"1"))
    sizes: list[int] = []

    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sizes.extend(path.stat().st_size for path in place.into.iterdir())
            return b"0123456789"

    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: Endless())
    with pytest.raises(ArchiveError, match="declared"):
        place.unpack(data)
    assert sizes == [0]
    assert not place.into.exists()


def test_a_flipped_bit_is_found_and_nothing_is_kept(place: Place) -> None:
    data = zipped((entry("first"), b"1"), (entry("second", method=zipfile.ZIP_STORED), b"the content"))
    place.refuses(data.replace(b"the content", b"the c0ntent"), "'second'", "CRC")


@pytest.mark.parametrize("data", [b"", b"<html>sign in</html>", zipped(("set/a", b"1"))[:-30]])
def test_what_is_not_a_whole_zip_is_refused(place: Place, data: bytes) -> None:
    place.refuses(data, "zip")


def test_a_damaged_byte_anywhere_never_ends_in_wrong_content_or_an_obscure_error(place: Place) -> None:
    contents = {b"userId,movieId\n1,2\n", b"1"}
    whole = zipped(*((f"set/ü{len(content)}", content) for content in contents))
    for position, byte in enumerate(whole):
        for value in {0x00, 0xFF, byte ^ 0x08} - {byte}:
            try:
                place.unpack(whole[:position] + bytes([value]) + whole[position + 1 :])
            except ArchiveError:
                assert not place.into.exists()
            else:
                assert {path.read_bytes() for path in place.into.rglob("*") if path.is_file()} <= contents
                shutil.rmtree(place.into)


def test_a_name_too_long_for_the_disk_is_the_fault_of_the_archive(place: Place) -> None:
    place.refuses(zipped(("fine", b"1"), ("x" * 5000, b"2")), "name too long")


def test_a_folder_that_is_there_is_left_alone(place: Place) -> None:
    place.into.mkdir()
    (place.into / "mine").touch()
    with pytest.raises(DownloadError, match="exists"):
        place.unpack(zipped(("a", b"1")))
    assert [path.name for path in place.into.iterdir()] == ["mine"]


def test_an_archive_that_is_missing_is_named(place: Place) -> None:
    with pytest.raises(DownloadError, match=r"set\.zip"):
        unpack(place.archive, place.into)


def test_a_disk_too_small_is_found_before_writing(
    place: Place, full_disk: Callable[[int], None], tmp_path: Path
) -> None:
    full_disk(1000)
    with pytest.raises(DownloadError, match="free"):
        place.unpack(zipped((entry("a", method=zipfile.ZIP_STORED), bytes(1001))))
    assert not place.into.exists()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    class Usage(NamedTuple):
        free: int

    return lambda free: monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(free))


def test_install_names_the_one_folder_as_the_target(place: Place) -> None:
    place.archive.write_bytes(zipped(("ml-10M100K/a", b"1"), ("__MACOSX/._a", b"junk")))
    assert install(place.archive, place.into, lambda folder: (folder / "a").read_text()) == "1"
    assert sorted(path.name for path in place.into.iterdir()) == ["a"]


@pytest.mark.parametrize("names", [["a/x", "b/x"], ["file"], ["a/x", "stray"]])
def test_install_wants_exactly_one_folder(place: Place, names: list[str]) -> None:
    place.archive.write_bytes(zipped(*((name, b"1") for name in names)))
    with pytest.raises(ArchiveError, match="one folder"):
        install(place.archive, place.into, lambda folder: None)
    assert [path.name for path in place.archive.parent.iterdir()] == ["set.zip"]


def test_install_keeps_the_old_folder_when_the_new_one_cannot_take_its_place(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.into.mkdir()
    (place.into / "old").touch()
    place.archive.write_bytes(zipped(("set/new", b"1")))
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "set":
            raise PermissionError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(PermissionError):
        install(place.archive, place.into, lambda folder: None)
    assert [path.name for path in place.into.iterdir()] == ["old"]
