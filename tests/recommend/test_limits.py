"""What is too much, or no value at all, is refused in the same words over HTTP, on the command line and in Python."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from reelwise.data.catalogue import LONGEST_GENRE
from reelwise.data.readers.movielens import read_dataset
from reelwise.errors import ReelwiseError, UsageError
from reelwise.exports.reading import read_history
from reelwise.recommend.filters import Filters
from reelwise.recommend.recommender import Recommender
from reelwise.serving.application import create_app
from support.models.tiny_recommender import tiny_recommender
from support.running.command_line import CommandLine

TINY = tiny_recommender()
MANY = [*range(1, 22)]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(recommender=TINY))


def in_python(ask: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        ask(*arguments, **options)
    return str(caught.value)


def over_http(client: TestClient, path: str, body: Any = None) -> str:
    answer = client.get(f"/api/v1/{path}") if body is None else client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 422, answer.text
    detail: str = answer.json()["detail"]
    return detail


@pytest.mark.parametrize(
    ("name", "value", "option"),
    [
        ("n", 0, "--number"),
        ("n", 101, "--number"),
        ("n", -5, "--number"),
        ("n", 10**9, "--number"),
        ("min_ratings", -1, "--min-ratings"),
        ("min_ratings", 2**31, "--min-ratings"),
        ("year_min", 1799, "--year-min"),
        ("year_max", 2201, "--year-max"),
        ("balance", 1.5, "--balance"),
        ("diversity", -0.5, "--diversity"),
    ],
)
def test_a_list_that_cannot_be(
    client: TestClient, reelwise: CommandLine, tiny_folder: Path, name: str, value: float, option: str
) -> None:
    said = in_python(TINY.recommend, movies=[1], filters=Filters(**{name: value}))  # type: ignore[arg-type]
    assert said.startswith(f"{name} is {value}; expected ")
    assert over_http(client, "recommendations", {"movie_ids": [1], name: value}) == said
    assert over_http(client, f"users/7/recommendations?{name}={value}") == said
    assert said in reelwise.refusal("recommend", "--movies", "1", f"{option}={value}", "--model", tiny_folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [("n", "5"), ("n", True), ("n", 2.5), ("balance", "much"), ("rank_by", "magic"), ("strategy", "magic")],
)
def test_a_value_of_another_kind(client: TestClient, name: str, value: Any) -> None:
    given: dict[str, Any] = {name: value}
    if name == "balance":
        given = {"filters": Filters(balance=value)}
    said = in_python(TINY.recommend, movies=[1], **given)
    assert over_http(client, "recommendations", {"movie_ids": [1], name: value}) == said


@pytest.mark.parametrize("genres", [["Drama"] * 51, [""], ["x" * (LONGEST_GENRE + 1)]])
@pytest.mark.parametrize("name", ["genres", "without_genres"])
def test_genres(client: TestClient, name: str, genres: list[str]) -> None:
    said = in_python(TINY.recommend, movies=[1], filters=Filters(**{name: genres}))  # type: ignore[arg-type]
    assert over_http(client, "recommendations", {"movie_ids": [1], name: genres}) == said


def test_a_genre_may_be_as_long_as_one_that_is_read(client: TestClient) -> None:
    longest = "x" * LONGEST_GENRE
    assert f"no film has the genre '{longest}'" in over_http(
        client, "recommendations", {"movie_ids": [1], "genres": [longest]}
    )


@pytest.mark.parametrize(
    ("python", "http", "number", "message"),
    [
        ("movies", "movie_ids", 21, "21 liked films are too many; name up to 20"),
        ("disliked", "disliked_ids", 21, "21 disliked films are too many; name up to 20"),
        ("stars", "stars", 2001, "2,001 films with stars are too many; name up to 2,000"),
        ("exclude", "exclude_ids", 5001, "5,001 excluded films are too many; name up to 5,000"),
    ],
)
def test_too_many_films(client: TestClient, python: str, http: str, number: int, message: str) -> None:
    ids = range(1000, 1000 + number)
    given: Any = dict.fromkeys(ids, 4) if python == "stars" else [*ids]
    sent: Any = {str(movie): 4 for movie in ids} if python == "stars" else [*ids]
    liked: dict[str, Any] = {"movies": [1]} if python == "exclude" else {}
    assert in_python(TINY.recommend, **{python: given}, **liked) == message
    picked = {"movie_ids": [1]} if python == "exclude" else {}
    assert over_http(client, "recommendations", {http: sent, **picked}) == message


def test_too_many_picks_on_the_command_line(client: TestClient, reelwise: CommandLine, tiny_folder: Path) -> None:
    words = ("--movies", ",".join(map(str, MANY)), "--model", tiny_folder)
    assert "21 liked films are too many; name up to 20" in reelwise.refusal("recommend", *words)
    said = in_python(TINY.match, MANY)
    assert over_http(client, "match", {"movie_ids": MANY}) == said
    assert said in reelwise.refusal("match", *words)
    assert in_python(TINY.match, []) == over_http(client, "match", {"movie_ids": []}) == "name at least one film"


def test_nobody_who_asks_and_nothing_that_is_asked_about(client: TestClient) -> None:
    assert over_http(client, "recommendations", {}) == in_python(TINY.recommend)
    assert over_http(client, "predictions", {"movies": [1]}) == in_python(TINY.predict, movies=[1])
    for movies in ([], [*range(1, 2002)]):
        said = in_python(TINY.predict, 7, movies=movies)
        assert over_http(client, "predictions", {"user_id": 7, "movies": movies}) == said


def test_look_ups_searches_and_histories(client: TestClient) -> None:
    for films in ([], [{"tmdbId": 862}] * 201, [{"title": "x" * 201}], [{"title": "Heat", "year": 1700}]):
        assert over_http(client, "movies/resolve", {"movies": films}) == in_python(TINY.resolve, films)
    assert over_http(client, f"movies?q={'x' * 201}") == in_python(TINY.search, "x" * 201)
    for limit in (0, 51):
        assert over_http(client, f"movies?limit={limit}") == in_python(TINY.search, "", limit)
    for limit in (0, 1001):
        assert over_http(client, f"users/7/history?limit={limit}") == in_python(TINY.history, 7, limit)
    for n in (0, 101):
        assert over_http(client, f"movies/1/similar?n={n}") == in_python(TINY.similar, 1, n)
        assert over_http(client, f"movies/starter?n={n}") == in_python(TINY.starter, n)


HUGE = 10**5000  # which Python writes for nobody


@pytest.mark.parametrize(
    "ask",
    [
        lambda: TINY.recommend(HUGE),
        lambda: TINY.recommend(movies=[HUGE]),
        lambda: TINY.recommend(movies=HUGE),
        lambda: TINY.recommend(movies=[1], n=HUGE),
        lambda: TINY.recommend(movies=[1], rank_by=np.array([1, 2])),  # type: ignore[arg-type]
        lambda: TINY.similar(HUGE),
        lambda: TINY.search(HUGE),  # type: ignore[arg-type]
        lambda: TINY.match(HUGE),
        lambda: TINY.history(HUGE),
        lambda: TINY.recommend_together(3),  # type: ignore[arg-type]
        lambda: TINY.recommend_together([HUGE, {}]),  # type: ignore[list-item]
        lambda: Recommender("model"),  # type: ignore[arg-type]
        lambda: Recommender.load(HUGE),  # type: ignore[arg-type]
        lambda: read_dataset(None),  # type: ignore[arg-type]
        lambda: read_dataset("x" * 5000),
        lambda: read_history("x" * 5000),
        lambda: read_history("\ud800"),
    ],
)
def test_values_that_nobody_means_are_refused_in_one_line(ask: Callable[[], object]) -> None:
    with pytest.raises(ReelwiseError) as caught:
        ask()
    assert str(caught.value).isprintable()
