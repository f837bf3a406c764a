"""What TMDB answered, on disk: whole, for a month, and not without end."""

import os
import time
from pathlib import Path

import pytest

from reelwise.serving.posters import cache as module
from reelwise.serving.posters.cache import MAX_AGE, MAX_AGE_OF_NONE, FilmCache, Poster

JPEG, NONE = b"\xff\xd8\xff picture", b""


def age(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    for file in folder.iterdir():
        os.utime(file, (then, then))


def test_what_is_put_is_got_by_film_and_width(tmp_path: Path) -> None:
    cache = FilmCache(tmp_path / "deep" / "posters")
    assert cache.get(603, "w342") is None
    cache.put(603, "w342", JPEG)
    assert cache.get(603, "w342") == JPEG
    assert cache.get(603, "w185") is None
    assert cache.get(604, "w342") is None
    assert [file.name for file in (tmp_path / "deep" / "posters").iterdir()] == ["603-w342"]


def test_that_there_is_none_is_known_too(tmp_path: Path) -> None:
    cache = FilmCache(tmp_path)
    cache.put(603, "w342", NONE)
    assert cache.get(603, "w342") == NONE


@pytest.mark.parametrize(("content", "longest"), [(JPEG, MAX_AGE), (NONE, MAX_AGE_OF_NONE)])
def test_it_is_forgotten_when_it_is_old(tmp_path: Path, content: bytes, longest: float) -> None:
    cache = FilmCache(tmp_path)
    cache.put(603, "w342", content)
    age(tmp_path, longest - 60)
    assert cache.get(603, "w342") == content
    age(tmp_path, longest + 60)
    assert cache.get(603, "w342") is None
    cache.put(603, "w342", content)
    assert cache.get(603, "w342") == content


def test_the_oldest_go_when_all_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHECK_EVERY", 1)
    cache = FilmCache(tmp_path, max_bytes=3 * len(JPEG))
    for film in range(1, 7):
        age(tmp_path, 1000 - film)  # all at once, but what is put next is newer
        cache.put(film, "w342", JPEG)
    assert cache.get(6, "w342") == JPEG
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = FilmCache(tmp_path / "file")
    cache.put(603, "w342", JPEG)
    assert cache.get(603, "w342") is None


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "603-w342").mkdir()  # nothing can take its place
    FilmCache(tmp_path).put(603, "w342", JPEG)
    assert [file.name for file in tmp_path.iterdir()] == ["603-w342"]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"<svg onload='alert(1)'>", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_say_what_it_is(content: bytes, media_type: str | None) -> None:
    assert Poster(content).media_type == media_type


def test_what_a_killed_process_left_unfinished_goes(tmp_path: Path) -> None:
    old, young = tmp_path / ".old", tmp_path / ".young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    FilmCache(tmp_path).put(1, "w342", b"")
    assert not old.exists()
    assert young.exists()
