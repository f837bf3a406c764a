"""`reelwise recommend` and `reelwise match`."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from reelwise.artifacts.folder import write_model
from support.files.exports import LETTERBOXD, WATCHLIST, zipped
from support.models.tiny_recommender import tiny_model_of_texts
from support.running.command_line import CommandLine


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
    assert "the matrix matched Matrix, The (1999)" in by_title.err
    elsewhere = reelwise("recommend", "--movies", "tmdb:1891, 2571", "--model", tiny_folder, "--json")
    assert elsewhere.out == by_id.out


def test_what_became_of_the_films_is_said_beside_the_result(reelwise: CommandLine, tiny_folder: Path) -> None:
    outcome = reelwise("recommend", "--movies", "1,7002,999999", "--model", tiny_folder)
    assert outcome.err.splitlines() == [
        "A Film That Nobody Rated (2002) is ignored: nobody rated it",
        "not in the data set: 999999",
    ]
    assert "Matrix, The (1999)" in outcome.out


@pytest.mark.parametrize(
    "content", ["1\n593\n", "movieId\n593\n1\n", "title,movie_id\nx,1\ny,593\n", "tmdb:862\n\n 593 \n"]
)
def test_only_films_of_a_file(reelwise: CommandLine, tiny_folder: Path, content: str) -> None:
    Path("library.txt").write_text(content)
    asked = ("recommend", "--user", 9, "--only", "library.txt", "--model", tiny_folder, "--json")
    assert [film["movie_id"] for film in json.loads(reelwise(*asked).out)] == [1, 593]


def test_only_a_watchlist(reelwise: CommandLine, tiny_folder: Path) -> None:
    Path("letterboxd.zip").write_bytes(zipped(LETTERBOXD))
    Path("watchlist.csv").write_text(WATCHLIST)
    model = ("--model", tiny_folder, "--json")
    own = reelwise("recommend", "--ratings", "letterboxd.zip", "--watchlist", *model)
    assert [film["movie_id"] for film in json.loads(own.out)] == [593]
    given = reelwise("recommend", "--user", 9, "--only", "watchlist.csv", *model)
    assert [film["movie_id"] for film in json.loads(given.out)] == [593]
    assert "Read watchlist.csv (letterboxd): 1 in the catalogue" in given.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Toy Story\nHeat\n", "only.txt: this file is not recognised"),
        ("1\nHeat\n", "only.txt: 'Heat' is not an id as 1 is; take it out"),
        ("", "only.txt: the file is empty"),
        ("Date,Name,Year,Letterboxd URI\n2024-01-02,Solaris,1972,x\n", "the model knows none of the films in only.txt"),
    ],
)
def test_a_file_without_films(reelwise: CommandLine, tiny_folder: Path, content: str, message: str) -> None:
    Path("only.txt").write_text(content)
    assert message in reelwise.refusal("recommend", "--user", 9, "--only", "only.txt", "--model", tiny_folder)


EVERYBODY = [
    (7, 2571, 1), (7, 1196, 2),
    (8, 1196, 1), (8, 296, 2),
    (9, 1, 1), (9, 296, 2),
]  # fmt: skip


READERS: dict[str, Callable[[str], pl.DataFrame]] = {
    ".parquet": pl.read_parquet,
    ".csv": pl.read_csv,
    ".json": pl.read_ndjson,
    ".jsonl": pl.read_ndjson,
}


@pytest.mark.parametrize("suffix", READERS)
def test_everybody(reelwise: CommandLine, tiny_folder: Path, suffix: str) -> None:
    outcome = reelwise("recommend", "--all", "--out", f"all{suffix}", "--model", tiny_folder, "-n", 2)
    assert outcome.code == 0
    assert "6 recommendations for 3 users" in outcome.err
    frame = READERS[suffix](f"all{suffix}")
    assert frame.columns == ["userId", "movieId", "rank", "score", "predicted_stars"]
    assert frame.select("userId", "movieId", "rank").rows() == EVERYBODY
    assert [path.name for path in Path.cwd().iterdir()] == [f"all{suffix}"]


@pytest.mark.parametrize("content", ["9\n7\n", "userId\n9\n7\n7\n", "name,user_id\nx,9\ny,7\n", "\n 9 \n\n7"])
def test_some_users(reelwise: CommandLine, tiny_folder: Path, content: str) -> None:
    Path("users.txt").write_text(content)
    some = ("--users", "users.txt", "--out", "some.csv", "--model", tiny_folder, "-n", 2)
    for arguments in (("recommend", *some), ("recommend", "--all", *some)):
        assert "4 recommendations for 2 users" in reelwise(*arguments).err
        expected = [row for user in (9, 7) for row in EVERYBODY if row[0] == user]
        assert pl.read_csv("some.csv").select("userId", "movieId", "rank").rows() == expected


def test_texts_for_ids_stay_texts(reelwise: CommandLine, tmp_path: Path) -> None:
    write_model(tmp_path / "texts", tiny_model_of_texts())
    pl.DataFrame({"user": ["u8"]}).write_parquet("users.parquet")
    asked = ("recommend", "--users", "users.parquet", "--model", tmp_path / "texts", "-n", 1, "--out")
    for suffix, read in READERS.items():
        reelwise(*asked, f"some{suffix}")
        assert read(f"some{suffix}").select("userId", "movieId").rows() == [("u8", "tt0001196")]
    one = json.loads(reelwise("recommend", "--user", "u8", "--model", tmp_path / "texts", "--json", "-n", 1).out)
    assert one[0]["movie_id"] == "tt0001196"
    picks = reelwise("recommend", "--movies", "tt0001196", "--model", tmp_path / "texts", "--json", "-n", 1)
    assert picks.code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("7\n5\nalice\n", "users.txt: the model does not know user 5, alice; take them out"),
        ("", "users.txt: the file is empty"),
        ("userId\n", "users.txt: it has no users"),
        ("a,b\n7,8\n", "users.txt: no column of users among"),
    ],
)
def test_a_file_without_users(reelwise: CommandLine, tiny_folder: Path, content: str, message: str) -> None:
    Path("users.txt").write_text(content)
    assert message in reelwise.refusal("recommend", "--users", "users.txt", "--out", "some.csv", "--model", tiny_folder)
    assert not Path("some.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say either --user, or films"),
        (("--user", 8, "--movies", "1"), "say either --user, or films"),
        (("--movies", "1;2"), "expected ids with commas"),
        (("--movies", ","), "name either a user, or at least one film"),
        (("--movies", ",".join(map(str, range(1, 22)))), "21 liked films are too many; name up to 20"),
        (("--movies", "4,5"), "none of the movie ids 4, 5"),
        (("--titles", "zzzz qqqq"), "no film is called anything like 'zzzz qqqq'"),
        (("--movies", "imdb:Alien"), "'imdb:Alien' names no film; expected a number such as imdb:tt0114709"),
        (("--titles", "Barbie"), "no film is called anything like 'Barbie'"),
        (("--all",), "--all and --users need --out FILE"),
        (("--out", "x.parquet"), "--all and --users need --out FILE"),
        (("--all", "--out", "x.parquet", "--user", 8), "--user cannot be combined with --all or --users"),
        (("--all", "--out", "x.xlsx"), "--out is x.xlsx; expected a name that ends in .parquet, .csv, .json or .jsonl"),
        (("--all", "--out", "x"), "--out is x; expected a name that ends in .parquet"),
        (("--user", 8, "--watchlist"), "--watchlist needs --ratings, and cannot be combined with --only"),
        (("--user", 8, "--only", "none.txt"), "none.txt: it cannot be read"),
        (("--all", "--out", "x.csv", "--only", "x.txt"), "--only cannot be combined with --all or --users"),
        (
            ("--all", "--out", "x.csv", "--genres", "Odd", "--json"),
            "--genres, --json cannot be combined with",
        ),
        (("--users", "none.txt", "--out", "x.csv"), "none.txt: there is no such file"),
        (("--all", "--out", "nowhere/x.parquet"), "nowhere/x.parquet cannot be written"),
        (("--all", "--out", "\udcff.csv"), "a name that polars cannot write"),
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


def test_a_list_for_a_media_server(reelwise: CommandLine, tiny_folder: Path) -> None:
    """From a watch history and a folder of films to a list of films out of that folder."""
    Path("seen.zip").write_bytes(zipped(LETTERBOXD))
    for name, number in (("pulp", 680), ("lambs", 274), ("matrix", 603), ("elsewhere", 424242)):
        (Path("films") / name).mkdir(parents=True)
        (Path("films") / name / "movie.nfo").write_text(
            f"<movie><title>{name}</title><tmdbid>{number}</tmdbid></movie>"
        )
    asked = ("recommend", "--ratings", "seen.zip", "--only", "films", "--model", tiny_folder)
    in_library = {680, 274, 603}
    told = reelwise(*asked, "--format", "tmdb", "--out", "list.csv")
    assert told.out == ""
    assert "3 in the catalogue" in told.err
    heading, *lines = Path("list.csv").read_text().splitlines()
    assert heading == "TMDb ID,IMDb ID,Type,Name,Year"
    written = [int(line.split(",")[0]) for line in lines]
    assert written
    assert set(written) < in_library
    assert [film["tmdb_id"] for film in json.loads(reelwise(*asked, "--format", "json").out)] == written
    assert reelwise(*asked, "--format", "letterboxd").out.startswith("tmdbID,imdbID,Title,Year\n")
    nothing = reelwise(*asked, "--format", "imdb")
    assert nothing.out == "Position,Const,Title,URL,Title Type,Year\n"
    assert "Left out, because their ids at IMDB are unknown: " in nothing.err
    together = ("recommend", "--together", "user=9", "--together", "movies=1", "--model", tiny_folder)
    assert reelwise(*together, "--format", "tmdb").out.startswith("TMDb ID")
    assert json.loads(reelwise(*together, "--format", "json").out)[0]["members"]


def test_a_list_says_once_what_it_is(reelwise: CommandLine, tiny_folder: Path) -> None:
    asked = ("recommend", "--user", 9, "--model", tiny_folder)
    assert "leave one out" in reelwise.refusal(*asked, "--format", "imdb", "--json")
    assert "--out FILE needs --all, --users or --format" in reelwise.refusal(*asked, "--out", "x.csv")
