"""`reelwise predict`."""

import json
from pathlib import Path

import polars as pl
import pytest

from support.running.command_line import CommandLine


def test_films_of_a_user(reelwise: CommandLine, tiny_folder: Path) -> None:
    predict = (
        "predict",
        "--user",
        8,
        "--model",
        tiny_folder,
        "--movies",
        "2571,tmdb:862,999",
        "--titles",
        "pulp ficton",
    )
    outcome = reelwise(*predict)
    assert [line.split()[:3] for line in outcome.out.splitlines()[1:]] == [
        ["4.25", "±", "1.00"],
        ["4.12", "±", "0.80"],
        ["5.00", "±", "1.00"],
    ]
    assert "pulp ficton matched Pulp Fiction (1994)" in outcome.err
    assert "not in the data set: 999" in outcome.err
    found = json.loads(reelwise(*predict, "--json").out)
    assert [film["movie_id"] for film in found] == [2571, 1, 296]
    assert found[0]["predicted_stars"] == 4.25


def test_films_of_somebody_who_likes_some(reelwise: CommandLine, tiny_folder: Path) -> None:
    found = json.loads(reelwise("predict", "--liked", "296", "--movies", "593", "--model", tiny_folder, "--json").out)
    assert [film["movie_id"] for film in found] == [593]


TABLE = "userId,movieId,rating\n7,1,5.0\n8,2571,4.0\n8,7002,3.0\n5,1,3.0\n"


@pytest.mark.parametrize("content", [TABLE, TABLE.replace(",", "\t"), TABLE.replace("movieId", "item_id")])
def test_a_table_keeps_its_rows(reelwise: CommandLine, tiny_folder: Path, content: str) -> None:
    Path("test.csv").write_text(content)
    outcome = reelwise("predict", "--pairs", "test.csv", "--out", "predicted.csv", "--model", tiny_folder)
    assert "predicted stars of 4 pairs, 2 without a prediction" in outcome.err
    frame = pl.read_csv("predicted.csv")
    assert frame.columns[-2:] == ["predicted_stars", "stars_margin"]
    assert frame["predicted_stars"].to_list() == pytest.approx([4.1234567, 4.25, None, None])
    assert frame["rating"].to_list() == [5.0, 4.0, 3.0, 3.0]


def test_a_quote_within_a_field_leaves_out_no_row(reelwise: CommandLine, tiny_folder: Path) -> None:
    rows = [line.split(",")[:2] for line in TABLE.splitlines()]
    notes = ["note", '12" disc', '"a, b"', "", '5"']
    Path("test.csv").write_text("".join(",".join([*row, note]) + "\n" for row, note in zip(rows, notes, strict=True)))
    reelwise("predict", "--pairs", "test.csv", "--out", "predicted.csv", "--model", tiny_folder)
    frame = pl.read_csv("predicted.csv")
    assert frame["note"].to_list() == ['12" disc', "a, b", None, '5"']
    assert frame["predicted_stars"].to_list() == pytest.approx([4.1234567, 4.25, None, None])


def test_a_table_of_another_format_and_other_names(reelwise: CommandLine, tiny_folder: Path) -> None:
    pl.DataFrame({"who": [7, 8], "what": [1, 2571]}).write_parquet("test.parquet")
    named = ("--columns", "movie=what")
    reelwise("predict", "--pairs", "test.parquet", *named, "--out", "predicted.parquet", "--model", tiny_folder)
    frame = pl.read_parquet("predicted.parquet")
    assert frame.schema["who"] == pl.Int64
    assert frame["stars_margin"].to_list() == pytest.approx([0.4, 1.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say either --user or --liked, and films"),
        (("--user", 8), "say either --user or --liked, and films"),
        (("--user", 8, "--liked", "1", "--movies", "1"), "say either --user or --liked"),
        (("--user", 5, "--movies", "1"), "does not know user 5"),
        (("--user", 8, "--movies", "Alien"), "--movies is 'Alien'; expected ids with commas"),
        (("--user", 8, "--titles", "Barbie"), "no film is called anything like 'Barbie'"),
        (("--user", 8, "--movies", "1", "--columns", "user=who"), "--columns needs --pairs"),
        (("--pairs", "test.csv"), "--pairs FILE and --out FILE need each other"),
        (("--pairs", "test.csv", "--out", "x.csv", "--user", 8), "--pairs cannot be combined with --user"),
        (("--pairs", "test.csv", "--out", "x.txt"), "--out is x.txt; expected a name that ends in .parquet"),
        (("--pairs", "none.csv", "--out", "x.csv"), "none.csv: there is no such file"),
        (("--pairs", "odd.csv", "--out", "x.csv"), "odd.csv line 1: no column for the movie among"),
    ],
)
def test_what_cannot_be_predicted(
    reelwise: CommandLine, tiny_folder: Path, arguments: tuple[object, ...], message: str
) -> None:
    Path("odd.csv").write_text("user,x\n7,1\n")
    Path("test.csv").write_text(TABLE)
    assert message in reelwise.refusal("predict", *arguments, "--model", tiny_folder)
