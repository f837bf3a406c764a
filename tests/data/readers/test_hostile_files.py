"""Files that nobody writes in good faith: each is refused in one line, soon and in little memory."""

import os
import time
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from reelwise.data.dataset import Dataset
from reelwise.data.readers import films
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.readers.opening import LONGEST_LINE
from reelwise.errors import DataError
from support.fuzzing.laws import check_refusal
from support.systems.platforms import posix_only

RATINGS = "userId,movieId,rating\n1,10,4\n2,10,3.5\n"
FILMS = "movieId,title,genres\n10,Ten (1990),Drama\n"
GOOD = {"ratings.csv": RATINGS, "movies.csv": FILMS, "links.csv": "movieId,imdbId,tmdbId\n10,1,2\n",
        "tags.csv": "userId,movieId,tag,timestamp\n1,10,ten,9\n",
        "movies.dat": "10::Ten (1990)::Drama\n", "ratings.dat": "1::10::4::9\n", "u.data": "1\t10\t4\t9\n"}  # fmt: skip
SECONDS = 5.0


def refusal(folder: Path) -> str:
    """What is said where it is refused."""
    started = time.process_time()
    with pytest.raises(DataError) as caught:
        read_dataset(folder)
    assert time.process_time() - started < SECONDS
    check_refusal(caught.value)
    return str(caught.value)


def write(folder: Path, name: str, content: bytes) -> None:
    """A file, beside those that it is read with."""
    needed = {"movies.csv": ["ratings.csv"], "movies.dat": ["ratings.csv"], "links.csv": ["ratings.csv", "movies.csv"],
              "tags.csv": ["ratings.csv", "movies.csv"]}  # fmt: skip
    for other in needed.get(name, []):
        (folder / other).write_text(GOOD[other])
    (folder / name).write_bytes(content)


@pytest.mark.parametrize("content", [b"1", b",", b'"', b"::", b"\xff"], ids=str)
@pytest.mark.parametrize("name", GOOD)
def test_a_line_without_end_is_refused_by_its_length(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path, name, GOOD[name].encode() + content * 3 * LONGEST_LINE)
    assert f"longer than {LONGEST_LINE:,} bytes" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["ratings.csv", "movies.csv", "links.csv"])
def test_columns_without_number_are_refused(tmp_path: Path, name: str) -> None:
    header, rest = GOOD[name].split("\n", 1)
    write(tmp_path, name, (header + "," * 100_000 + "\n" + rest).encode())
    assert "there are more than 10,000 columns" in refusal(tmp_path)


def test_hardly_anything_but_blank_lines(tmp_path: Path) -> None:
    write(tmp_path, "ratings.csv", (RATINGS + "\n" * 100_001).encode())
    assert "most lines are blank" in refusal(tmp_path)
    write(tmp_path, "ratings.csv", (RATINGS + "\n" * 1000).encode())
    assert len(read_dataset(tmp_path).ratings) == 2


@pytest.mark.parametrize("name", ["movies.csv", "movies.dat", "links.csv"])
def test_more_films_than_were_ever_made(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, name, GOOD[name].encode())
    read_dataset(tmp_path)
    monkeypatch.setattr(films, "MOST_FILMS", 0)
    assert "there are more than 0 films" in refusal(tmp_path)


@pytest.mark.parametrize("name", [*GOOD, "ratings.parquet", "movies.parquet"])
def test_a_hole_as_long_as_a_disk_is_not_read(tmp_path: Path, name: str) -> None:
    if name == "movies.parquet":
        write(tmp_path, "ratings.csv", RATINGS.encode())
    write(tmp_path, name, GOOD.get(name, "").encode())
    os.truncate(tmp_path / name, 1 << 40)
    assert "nearly all of them are missing" in refusal(tmp_path)


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", GOOD)
def test_a_pipe_or_a_device_is_not_opened(tmp_path: Path, name: str, kind: str) -> None:
    write(tmp_path, name, b"")
    (tmp_path / name).unlink()
    if kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    if name.startswith(("ratings", "u.")):
        assert "no ratings here" in refusal(tmp_path)
    else:
        assert len(read_dataset(tmp_path).ratings) == 2  # as if it were not there
    assert "this is a pipe or a device; save its content as a file" in refusal(tmp_path / name)


def test_few_bytes_that_stand_for_very_many_rows(tmp_path: Path) -> None:
    ratings = pl.DataFrame({"userId": [1], "movieId": [10], "rating": [4.0]})
    films = pl.DataFrame({"movieId": [10], "title": ["Ten (1990)"]})
    ratings.select(pl.all().repeat_by(3_000_000).explode()).write_parquet(tmp_path / "ratings.parquet")
    assert "more than 100 times as large" in refusal(tmp_path)
    ratings.write_parquet(tmp_path / "ratings.parquet")
    assert len(read_dataset(tmp_path).ratings) == 1
    films.select(pl.all().repeat_by(1_000_000).explode()).write_parquet(tmp_path / "movies.parquet")
    assert "more than 100 times as large" in refusal(tmp_path)


def test_a_damaged_byte_anywhere_in_parquet_is_a_fault_of_the_file(tmp_path: Path) -> None:
    """Where polars finds what it did not foresee, it panics, which is no `Exception`."""
    rows = range(10)
    frame = pl.DataFrame({
        "userId": [1 + row % 7 for row in rows], "movieId": [10 + row % 9 for row in rows],
        "rating": [0.5 + row % 9 / 2 for row in rows], "timestamp": [None if row % 5 == 0 else row for row in rows],
    })  # fmt: skip
    path = tmp_path / "ratings.parquet"
    frame.write_parquet(path, compression="uncompressed")
    content = path.read_bytes()
    for at in range(4, len(content), 12):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        with suppress(DataError):
            read_dataset(tmp_path)


def films_of(folder: Path, genres: str) -> None:
    write(folder, "movies.csv", f'movieId,title,genres\n10,Ten (1990),"{genres}"\n'.encode())


def test_genres_that_no_model_folder_can_hold_are_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films_of(tmp_path, "|".join(map(str, range(5000))))
    assert "movies.csv line 2: the film has 5,000 genres, more than 100" in refusal(tmp_path)
    films_of(tmp_path, "x" * 501)
    assert "movies.csv line 2: a genre is longer than 500 characters" in refusal(tmp_path)
    monkeypatch.setattr(films, "MOST_COMBINATIONS", 0)
    films_of(tmp_path, "Drama")
    assert "there are more than 0 combinations of genres" in refusal(tmp_path)


def test_what_steers_a_terminal_is_no_part_of_a_genre(tmp_path: Path) -> None:
    films_of(tmp_path, "Dra\x1bma|Sci\n\x9bFi")
    assert read_dataset(tmp_path).catalogue[10].genres == ("Dra ma", "Sci Fi")


@posix_only
@pytest.mark.parametrize("name", ["~", "\udcff"])
def test_names_that_polars_cannot_take_are_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).mkdir()
    write(tmp_path / name, "ratings.csv", RATINGS.encode())
    monkeypatch.chdir(tmp_path)
    assert "a file of this name cannot be opened; rename it" in refusal(Path(name))


@posix_only
@pytest.mark.parametrize("name", ["", "ratings.csv", "movies.csv", "links.csv", "tags.csv"])
def test_what_may_not_be_read_is_a_fault_of_the_data(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("ratings.csv", "movies.csv", "links.csv", "tags.csv"):
        (tmp_path / file).write_text(GOOD[file])
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path / name)  # whoever is root may read all
    assert f"{tmp_path / name}: cannot be read (Permission denied)" in refusal(tmp_path)


def test_a_folder_of_data_may_be_called_anything(tmp_path: Path) -> None:
    folder = tmp_path / "a\nb\x1b[2J"
    folder.mkdir()
    write(folder, "ratings.csv", RATINGS.encode())
    assert read_dataset(folder).name == "a b\ufffd[2J"
    frame = pl.DataFrame({"userId": [1], "movieId": [10], "rating": [4.0]})
    assert Dataset.from_frame(frame, name="\ud800\n" + "x" * 1000).name == "\ufffd " + "x" * 198
