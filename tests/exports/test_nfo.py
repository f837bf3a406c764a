"""The `.nfo` files of a media server's library."""

from pathlib import Path

import pytest

from reelwise.errors import ExportError
from reelwise.exports import nfo
from reelwise.exports.history import Row
from reelwise.exports.nfo import read_library
from reelwise.exports.reading import read_history

MATRIX = """\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<movie>
  <plot><![CDATA[A hacker learns <b>something</b>.]]></plot>
  <title>The Matrix</title>
  <year>1999</year>
  <uniqueid type="imdb" default="true">tt0133093</uniqueid>
  <uniqueid type='tmdb'>603</uniqueid>
  <actor><name>Somebody</name><tmdbid>6384</tmdbid></actor>
  <userrating>9</userrating>
  <watched>true</watched>
  <playcount>2</playcount>
  <lastplayed>2024-01-02 20:15:00</lastplayed>
  <isuserfavorite>true</isuserfavorite>
</movie>
https://www.themoviedb.org/movie/1
"""
TOY_STORY = "<movie><title>Toy Story &amp; more</title><premiered>1995-10-30</premiered><tmdbid>862</tmdbid></movie>"


def library(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name).mkdir()
        (folder / name / "movie.nfo").write_text(text, encoding="utf-8")
    return folder


def rows(folder: Path) -> list[Row]:
    found = read_library(folder)
    assert found is not None
    return [*found.rows]


def test_films_are_listed_and_what_was_done_with_them_is_told(tmp_path: Path) -> None:
    listed, rated, watched, liked, other = rows(library(tmp_path, matrix=MATRIX, toys=TOY_STORY))
    assert (listed.title, listed.year, listed.imdb_id, listed.tmdb_id) == ("The Matrix", 1999, 133093, 603)
    assert (rated.kind, rated.stars) == ("rating", 4.5)
    assert [row.kind for row in (listed, watched, liked, other)] == ["listed", "watched", "like", "listed"]
    assert watched.when is not None
    assert (watched.when.year, watched.file) == (2024, "matrix/movie.nfo")
    assert (other.title, other.year, other.imdb_id, other.tmdb_id) == ("Toy Story & more", 1995, None, 862)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("https://www.themoviedb.org/movie/603-the-matrix", 603),
        ("<movie><title>x</title><tmdbid>603</tmdbid><id>tt0133093</id></movie>", 603),
        ("<movie><TITLE>x</TITLE><tmdbid> 603 </tmdbid>", 603),
        ('<movie><title>x</title><uniqueid type="tvdb">7</uniqueid></movie>', None),
    ],
)
def test_numbers_stand_in_many_places(tmp_path: Path, text: str, number: int | None) -> None:
    assert [row.tmdb_id for row in rows(library(tmp_path, film=text))] == [number]


@pytest.mark.parametrize(("text", "number"), [("<id>87078</id>", None), ("<id>tt0108260</id>", 108260)])
def test_the_default_id_is_of_imdb_only_where_it_says_so(tmp_path: Path, text: str, number: int | None) -> None:
    unique = '<uniqueid type="tmdb" default="true">87078</uniqueid>'
    (film,) = rows(library(tmp_path, film=f"<movie><title>Suture</title>{text}{unique}</movie>"))
    assert (film.imdb_id, film.tmdb_id) == (number, 87078)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<movie><title></title><originaltitle>Suture</originaltitle></movie>", "Suture"),
        ("<movie><title><![CDATA[M < N]]></title><year>1999</year></movie>", "M < N"),
        ("<movie><title> <![CDATA[A &amp; B]]> </title></movie>", "A & B"),
        ("<movie><plot><![CDATA[<title>no</title>]]></plot><title>yes</title></movie>", "yes"),
        ("<movie><plot><![CDATA[open</plot><title>yes</title></movie>", "yes"),
    ],
)
def test_titles_as_programs_write_them(tmp_path: Path, text: str, title: str) -> None:
    assert [row.title for row in rows(library(tmp_path, film=text))] == [title]


def test_names_in_capitals_are_read_and_a_film_without_any_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "MOVIE.NFO").write_text(TOY_STORY)
    (tmp_path / "empty.nfo").write_text("<movie><title/></movie>")
    found = read_library(tmp_path)
    assert found is not None
    assert [row.file for row in found.rows] == ["MOVIE.NFO"]
    assert [(fault.file, fault.detail) for fault in found.faults] == [
        ("empty.nfo", "there is neither a title nor a number of IMDb or TMDB")
    ]


def test_what_is_no_film_is_passed_over_and_what_is_broken_is_told(tmp_path: Path) -> None:
    episode, none = "<episodedetails><title>Pilot</title><tmdbid>1</tmdbid></episodedetails>", "no address at all"
    bad = "<movie><title>Heat</title><userrating>many</userrating></movie>"
    folder = library(tmp_path, a=episode, b=none, c=TOY_STORY, d=bad, e="<movie>" + "x" * (1 << 20))
    (folder / "linked.nfo").symlink_to(folder / "c" / "movie.nfo")
    found = read_library(folder)
    assert found is not None
    assert [row.title for row in found.rows] == ["Toy Story & more", "Heat"]
    assert [(fault.file, fault.detail) for fault in found.faults] == [
        ("d/movie.nfo", "userrating is 'many'; expected a number from 0 to 10"),
        ("e/movie.nfo", "it is larger than 1 MB"),
    ]


def test_a_folder_without_any_is_no_library(tmp_path: Path) -> None:
    assert read_library(tmp_path) is None
    assert read_library(tmp_path / "missing") is None
    assert read_history(library(tmp_path, toys=TOY_STORY)).source == "library"


def test_a_folder_of_far_too_many_files_is_not_gone_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nfo, "_MOST_ENTRIES", 3)
    folder = library(tmp_path, toys=TOY_STORY)
    assert read_library(folder) is not None
    for number in range(3):
        (folder / f"{number}.jpg").touch()
    with pytest.raises(ExportError, match="there are over 3 files below it"):
        read_library(folder)


def test_nothing_in_a_file_is_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><movie><title>&b;</title></movie>'
    assert [row.title for row in rows(library(tmp_path, bomb=bomb))] == ["&b;"]
