"""From a file of any shape to recommendations, all on the command line."""

import json
from pathlib import Path

import pytest

from reelwise.artifacts.model import Model
from reelwise.recommend.recommender import Recommender
from support.running.command_line import CommandLine

CLUBS = {"even": ["tt0", "tt2", "tt4", "tt6", "tt8"], "odd": ["tt1", "tt3", "tt5", "tt7", "tt9"]}


def write(path: Path, separator: str = ";", stars: bool = True) -> Path:
    """Members of two clubs love the films of their own and hate the others; each leaves one of both unseen."""
    rows = [["who", "film", "points", "seen on"] if stars else ["who", "film"]]
    for club, loved in CLUBS.items():
        hated = CLUBS["odd" if club == "even" else "even"]
        for number in range(30):
            member = f"{club} {number}"
            for place in range(5):
                if place != number % 5:
                    rows.append([member, loved[place], "9", "2026-11-29"][: 4 if stars else 2])
                    if stars:
                        rows.append([member, hated[place], "2", "2026-11-30"])
    rows.append(rows[1])
    path.write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8")
    return path


def test_text_as_ids_and_other_names_from_end_to_end(reelwise: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.txt")
    columns = ("--columns", "rating=points,time=seen on")
    trained = reelwise("train", "--data", path, "--out", "model", *columns)
    assert trained.code == 0
    understood = (
        "user from who (text), movie from film (text), stars 1 to 10 from points, time from seen on, 1 repeated"
    )
    assert understood in trained.err
    films = json.loads(reelwise("recommend", "--user", "even 3", "-n", 1, "--json").out)
    assert [film["movie_id"] for film in films] == ["tt6"]
    assert films[0]["predicted_stars"] > 7
    picks = json.loads(reelwise("recommend", "--movies", "tt1, tt3", "-n", 3, "--json").out)
    assert {film["movie_id"] for film in picks} <= {"tt5", "tt7", "tt9"}
    assert reelwise("match", "--movies", "tt1,tt3").out.startswith("User odd ")
    assert "does not know user even 99" in reelwise.refusal("recommend", "--user", "even 99")
    assert Recommender.load("model").recommend("even 3", n=1)[0].movie_id == "tt6"
    assert reelwise("evaluate", "--data", path, *columns).code == 0
    info = reelwise("data", "info", path, *columns)
    assert (info.code, "1 to 10, mean" in info.out) == (0, True)
    refreshed = reelwise("preprocess", "--ratings", path, *columns)
    assert (refreshed.code, "model has new histories: 480 ratings" in refreshed.err) == (0, True)
    updated = reelwise("train", "--from", "model", "--data", path, "--out", "newer", *columns)
    assert updated.code == 0


def test_ids_from_zero(reelwise: CommandLine, tmp_path: Path) -> None:
    rows = [f"{user},{movie},{5 if (user + movie) % 2 == 0 else 1}" for user in range(40) for movie in range(20)]
    (tmp_path / "ratings.csv").write_text("\n".join(["user_id,item_id,rating", *rows[:-1]]))
    assert reelwise("train", "--data", tmp_path, "--no-evaluate").code == 0
    history = Recommender.load("model").history(0)
    assert {film.film.movie_id for film in history if film.stars == 5} == set(range(0, 20, 2))
    films = json.loads(reelwise("recommend", "--movies", "0,2", "-n", 3, "--json").out)
    assert all(film["movie_id"] % 2 == 0 for film in films)


def test_no_stars_train_by_taste_and_nothing_claims_stars(reelwise: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "seen.csv", ",", stars=False)
    trained = reelwise("train", "--data", path)
    assert trained.code == 0
    assert "no column of stars: every row counts as a like, and no stars are predicted" in trained.err
    assert "stars: none: the ratings only say who watched or liked what" in trained.err
    assert "RMSE" not in trained.err
    model = Model.load(Path("model"))
    assert model.config.dataset.implicit
    assert model.metrics is None or model.metrics.stars is None
    for rank_by in ("taste", "stars"):
        films = reelwise("recommend", "--user", "odd 2", "-n", 1, "--rank-by", rank_by).out.splitlines()
        assert films[1].split()[:2] == ["–", "tt5"]
    assert "none: the ratings only say" in reelwise("info").out
    refusal = reelwise.refusal("train", "--data", path, "--no-taste")
    assert "seen.csv has no stars, so a model of predicted stars alone would learn nothing" in refusal
    rated = write(tmp_path / "rated.csv", ",")
    refusal = reelwise.refusal(
        "train", "--from", "model", "--data", rated, "--columns", "rating=points", "--scale", "0.5:9"
    )
    assert "these ratings have stars, but those of the model only say who watched what; train from scratch" in refusal


def test_ones_are_said_to_be_no_scale(reelwise: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("user,movie,rating\n" + "".join(f"{n},{n % 7},1\n" for n in range(50)))
    refusal = reelwise.refusal("train", "--data", tmp_path)
    assert "every rating is 1: give the data's own scale by --scale LOW:HIGH, or --columns rating=" in refusal
    assert "no rating reaches 4 stars on the scale of 1 to 5, so nobody likes anything" in refusal
    assert reelwise("train", "--data", tmp_path, "--columns", "rating=", "--no-evaluate").code == 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("who", "--columns is 'who'; expected user=NAME,movie=NAME and the like"),
        ("viewer=who", "there is no role 'viewer'; expected user, movie, rating, time"),
        ("user=who,user=film", "which says user twice"),
        ("user=nobody", "no column 'nobody' among 'who', 'film', 'points', 'seen on'"),
        ("user=", "no column for the user among"),
    ],
)
def test_columns_that_cannot_be_meant(reelwise: CommandLine, tmp_path: Path, columns: str, message: str) -> None:
    path = write(tmp_path / "mine.csv")
    for command in (("train", "--data"), ("tune", "--data"), ("evaluate", "--data"), ("data", "info")):
        assert message in reelwise.refusal(*command, path, "--columns", columns)
