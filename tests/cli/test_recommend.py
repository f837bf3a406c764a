"""`reelwise recommend` and `reelwise match`."""

import json
from pathlib import Path

import polars as pl
import pytest

from support.command_line import CommandLine


def test_a_user(reelwise: CommandLine, tiny_folder: Path) -> None:
    user = ("recommend", "--model", tiny_folder, "-n", 2, "--user")
    heading, first, second = reelwise(*user, 8).out.splitlines()
    assert heading.split()[0] == "stars"
    assert first.startswith("3.75 ± 1.10  ")
    assert second.startswith("5.00 ")
    assert "Pulp Fiction (1994)" in second
    by_stars = reelwise(*user, 8, "--rank-by", "stars").out
    assert [line.split()[0] for line in by_stars.splitlines()] == ["stars", "5.00", "4.00"]
    assert "does not know user 5" in reelwise.refusal(*user, 5)


def test_films(reelwise: CommandLine, tiny_folder: Path) -> None:
    by_id = reelwise("recommend", "--movies", "1196,2571", "--model", tiny_folder, "--json")
    by_title = reelwise("recommend", "--titles", "empire strikes bak; the matrix", "--model", tiny_folder, "--json")
    assert [film["movie_id"] for film in json.loads(by_id.out)] == [1, 296, 593, 7001]
    assert by_title.out == by_id.out
    assert "the matrix: Matrix, The (1999)" in by_title.err


def test_everybody(reelwise: CommandLine, tiny_folder: Path) -> None:
    outcome = reelwise("recommend", "--all", "--out", "all.parquet", "--model", tiny_folder, "-n", 2)
    assert outcome.code == 0
    assert "6 recommendations for 3 users" in outcome.err
    frame = pl.read_parquet("all.parquet")
    assert frame.columns == ["userId", "movieId", "rank", "score", "predicted_stars"]
    assert frame.filter(pl.col("userId") == 8)["movieId"].to_list() == [1196, 296]
    assert [path.name for path in Path.cwd().iterdir()] == ["all.parquet"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say either --user, or films"),
        (("--user", 8, "--movies", "1"), "say either --user, or films"),
        (("--movies", "1;2"), "expected ids with commas"),
        (("--movies", ","), "0 films are chosen"),
        (("--movies", ",".join(map(str, range(1, 22)))), "21 films are chosen"),
        (("--movies", "4,5"), "none of the movie ids 4, 5"),
        (("--titles", "zzzz qqqq"), "no film is called anything like 'zzzz qqqq'"),
        (("--all",), "--all goes with --out FILE"),
        (("--out", "x.parquet"), "--all goes with --out FILE"),
        (("--all", "--out", "x.parquet", "--user", 8), "--all goes with --out FILE"),
        (("--all", "--out", "nowhere/x.parquet"), "nowhere/x.parquet cannot be written"),
    ],
)
def test_a_choice_that_cannot_be_meant(
    reelwise: CommandLine, tiny_folder: Path, arguments: tuple[object, ...], message: str
) -> None:
    assert message in reelwise.refusal("recommend", *arguments, "--model", tiny_folder)


def test_match(reelwise: CommandLine, tiny_folder: Path) -> None:
    match = ("match", "--model", tiny_folder, "--movies")
    assert "User 7 rated 3 of these films, 4.33 stars" in reelwise(*match, "1,296,593").out
    found = json.loads(reelwise(*match, "2571", "--json").out)
    assert found == {
        "user_id": 9,
        "match_count": 1,
        "average_rating": 4.5,
        "unknown_ids": [],
        "named": [{"given": 2571, "movie_id": 2571, "title": "Matrix, The (1999)", "counts_as": "like", "why": None}],
    }
    assert "Nobody rated any of these films." in reelwise(*match, "7002").out
