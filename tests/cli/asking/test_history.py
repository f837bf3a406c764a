"""`reelwise history`."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from reelwise.cli.asking.history import Format
from reelwise.cli.asking.outlet import ListFormat
from reelwise.exports.film_lists import LISTS
from support.files.exports import LETTERBOXD, RATINGS, WATCHED, zipped
from support.running.command_line import CommandLine


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """The zip of somebody's account, with a film that the model does not know, one that is none, and a fault."""
    more = RATINGS + "2024-01-03,A New Film,2026,x,4\n2024-01-03,Alien,1979,x,six\n"
    (tmp_path / "letterboxd.zip").write_bytes(zipped(LETTERBOXD | {"ratings.csv": more}))
    return tmp_path / "letterboxd.zip"


def test_tables(reelwise: CommandLine, tiny_folder: Path, account: Path) -> None:
    outcome = reelwise("history", account, "--model", tiny_folder)
    assert outcome.code == 0
    assert "4.5" in outcome.out
    assert "Pulp Fiction (1994)" in outcome.out
    assert "A New Film (2026)" in outcome.out
    assert "ratings.csv line 4" in outcome.out
    assert "(letterboxd): 4 in the catalogue, 2 rated, 0 ambiguous, 1 unknown, 0 no films, 1 rows" in outcome.err
    assert "ratings.csv line 5: rating is 'six'; expected a number from 0 to 5" in outcome.err
    assert "The newest film that the model knows is of 2002." in outcome.err


def test_json(reelwise: CommandLine, tiny_folder: Path, account: Path) -> None:
    found = json.loads(reelwise("history", account, "--model", tiny_folder, "--json").out)
    assert found["source"] == "letterboxd"
    assert found["matched"][1] == {
        "movieId": 296,
        "title": "Pulp Fiction (1994)",
        "stars": 4.5,
        "kinds": ["rating", "watched", "listed"],
        "when": "2024-01-02T00:00:00+00:00",
        "line": 2,
        "file": "ratings.csv",
    }
    assert [film["title"] for film in found["unknown"]] == ["A New Film"]
    assert found["watchlist"] == [593]
    assert found["catalogue_ends"] == 2002


def test_ratings_as_training_takes_them(reelwise: CommandLine, tiny_folder: Path, account: Path) -> None:
    outcome = reelwise("history", account, "--model", tiny_folder, "--out", "ratings.csv", "--user", "7")
    assert (outcome.code, outcome.out) == (0, "")
    lines = Path("ratings.csv").read_text().splitlines()
    assert lines[0] == "userId,movieId,rating,timestamp"
    assert sorted(lines[1:]) == ["7,2571,2,1704240000", "7,296,4.5,1704153600"]
    assert reelwise("data", "info", "ratings.csv").code == 0


@pytest.mark.parametrize("date", ["", "2024-01-02"], ids=["no dates", "some dates"])
def test_ratings_have_times_only_where_all_have_dates(
    reelwise: CommandLine, tiny_folder: Path, tmp_path: Path, date: str
) -> None:
    (tmp_path / "mine.csv").write_text(f"Title,Year,Rating,Date\nPulp Fiction,1994,4.5,{date}\nThe Matrix,1999,2,\n")
    reelwise("history", tmp_path / "mine.csv", "--model", tiny_folder, "--out", "ratings.csv")
    lines = Path("ratings.csv").read_text().splitlines()
    assert lines[0] == "userId,movieId,rating"
    assert sorted(lines[1:]) == ["0,2571,2", "0,296,4.5"]
    assert reelwise("data", "info", "ratings.csv").code == 0


@pytest.mark.parametrize(("formats", "more"), [(Format, "ratings"), (ListFormat, "json")])
def test_every_list_that_is_written_may_be_asked_for(formats: Iterable[str], more: str) -> None:
    assert {*formats} == {*LISTS, more}


def test_a_list_for_letterboxd(reelwise: CommandLine, tiny_folder: Path, account: Path) -> None:
    history = ("history", account, "--model", tiny_folder, "--format", "letterboxd")
    outcome = reelwise(*history)
    assert sorted(outcome.out.splitlines()) == [
        "274,,The Silence of the Lambs,1991",
        "603,,The Matrix,1999",
        "680,,Pulp Fiction,1994",
        "862,,Toy Story,1995",
        "tmdbID,imdbID,Title,Year",
    ]
    assert reelwise(*history, "--out", "list.csv").out == ""
    assert Path("list.csv").read_text() == outcome.out


def test_a_file_whose_name_says_nothing(reelwise: CommandLine, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(WATCHED)
    outcome = reelwise("history", tmp_path / "export.csv", "--model", tiny_folder)
    assert "Nothing says whether these films were watched" in outcome.err


def test_what_cannot_be_meant(reelwise: CommandLine, tiny_folder: Path, account: Path, tmp_path: Path) -> None:
    (tmp_path / "watched.csv").write_text(WATCHED)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    model = ("--model", tiny_folder)
    assert "this file is not recognised" in reelwise.refusal("history", tmp_path / "other.csv", *model)
    assert "cannot be read" in reelwise.refusal("history", tmp_path / "nothing.csv", *model)
    assert "there is no profile 'Ada'" in reelwise.refusal("history", account, "--profile", "Ada", *model)
    assert "there are no ratings" in reelwise.refusal("history", tmp_path / "watched.csv", "--out", "x.csv", *model)
    assert "--json and --format" in reelwise.refusal("history", account, "--json", "--format", "ratings", *model)
    assert "nowhere/x.csv cannot be written" in reelwise.refusal("history", account, "--out", "nowhere/x.csv", *model)
    assert not Path("x.csv").exists()


def test_recommendations_for_it(reelwise: CommandLine, tiny_folder: Path, account: Path) -> None:
    outcome = reelwise("recommend", "--ratings", account, "--model", tiny_folder, "--json")
    assert outcome.code == 0
    assert {film["movie_id"] for film in json.loads(outcome.out)} == {593, 1196, 7001}
    assert "(letterboxd): 4 in the catalogue, 2 rated" in outcome.err
    for more in (("--user", "7"), ("--movies", "1")):
        refused = reelwise("recommend", "--ratings", account, *more, "--model", tiny_folder)
        assert refused.code == 2
        assert "or a history with --ratings" in refused.err
