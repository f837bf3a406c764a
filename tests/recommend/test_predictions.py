"""Predicted stars of films that are named. In the tiny model they are the films' own numbers, for everybody."""

import re
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from reelwise.artifacts.model import without_histories
from reelwise.errors import DataError, UnknownMovies, UnknownUser, UsageError
from reelwise.recommend import predictions
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.results import Prediction
from support.models.tiny_recommender import tiny_model, tiny_recommender

TINY = tiny_recommender()


def test_a_known_user() -> None:
    found = TINY.predict(user=8, movies=[2571, 1, 296])
    assert [film.movie_id for film in found] == [2571, 1, 296]
    assert [film.predicted_stars for film in found] == pytest.approx([4.25, 4.1234567, 5.0])  # the last one clipped
    assert [film.stars_margin for film in found] == pytest.approx([1.0, 0.8, 1.0])
    assert (found.named, found.unknown_ids) == ((), ())


def test_somebody_who_names_films_is_predicted_what_recommendations_say() -> None:
    who: list[dict[str, Any]] = [
        {"movies": [296]},
        {"stars": {296: 5, 1: 1}},
        {"movies": ["Pulp Fiction"], "disliked": [1]},
    ]
    for named in who:
        recommended = TINY.recommend(**named)
        asked = [film.movie_id for film in recommended]
        renamed = {"liked" if name == "movies" else name: films for name, films in named.items()}
        predicted = TINY.predict(movies=asked, **renamed)
        for ours, theirs in zip(predicted, recommended, strict=True):
            assert ours.predicted_stars == pytest.approx(theirs.predicted_stars)
            assert ours.stars_margin == pytest.approx(theirs.stars_margin)


def test_without_a_ranking_model_the_matching_user_stands_in() -> None:
    by_stars = tiny_recommender(with_taste=False)
    assert [film.predicted_stars for film in by_stars.predict(liked=[1], movies=[2571])] == pytest.approx([4.25])
    assert [film.predicted_stars for film in by_stars.predict(liked=[7002], movies=[2571])] == pytest.approx([4.25])


def test_an_answer_tells_what_has_no_prediction_and_what_titles_were_taken_for() -> None:
    found = TINY.predict(user=8, movies=["matirx", 7002, 999999, "tmdb:1", 2571])
    assert [film.movie_id for film in found] == [2571]
    assert found.unknown_ids == (999999, "tmdb:1")
    assert [(film.given, film.counts_as, film.why) for film in found.named] == [
        ("matirx", "asked about", None),
        (7002, "nothing", "nobody rated it"),
    ]
    assert repr(found).splitlines() == [
        "4.25 ± 1.00  Matrix, The (1999)",
        "(matirx matched Matrix, The (1999))",
        "(A Film That Nobody Rated (2002) is ignored: nobody rated it)",
        "(not in the data set: 999999, tmdb:1)",
    ]


def test_a_model_that_cannot_tell_how_sure_it_is() -> None:
    assert tiny_recommender(with_spread=False).predict(8, movies=1)[0].stars_margin is None


def test_predictions_are_a_frame_to_whoever_asks() -> None:
    found = TINY.predict(user=8, movies=[2571, 1])
    assert found.to_polars().columns == list(Prediction._fields)
    assert pa.table(found).column("movie_id").to_pylist() == [2571, 1]
    assert pl.DataFrame(pa.table(TINY.recommend(8)))["movie_id"].to_list() == [
        film.movie_id for film in TINY.recommend(8)
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"user": 5, "movies": [1]}, UnknownUser, "does not know user 5"),
        ({"user": 8, "movies": []}, UsageError, "name at least one film"),
        ({"user": 8, "movies": [None]}, UsageError, "movies: None is not an id"),
        ({"user": 8, "movies": None}, UsageError, "movies is None; expected a list"),
        ({"user": 8, "movies": ["Barbie"]}, UnknownMovies, "no film is called anything like 'Barbie'"),
        ({"user": 8, "liked": [1], "movies": [1]}, UsageError, "name either a user, or at least one film"),
        ({"movies": [1]}, UsageError, "name either a user, or at least one film"),
        ({"liked": [5], "movies": [1]}, UnknownMovies, "none of the movie ids 5"),
        ({"stars": {1: 9.5}, "movies": [1]}, UsageError, "stars: movie 1 has 9.5, but the rating scale is 0.5 to 5"),
    ],
)
def test_what_cannot_be_predicted(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        TINY.predict(**arguments)


PAIRS = {"userId": [7, 8, 9, 8, 5], "movieId": [1, 2571, 7002, 999999, 1], "rating": [5.0, 4.0, 3.0, 3.0, 3.0]}


@pytest.mark.parametrize("block", [1, 100_000])
def test_pairs_keep_their_rows_and_say_nothing_of_what_is_unknown(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(predictions, "_BLOCK", block)
    found = TINY.predict_pairs(pl.DataFrame(PAIRS))
    assert found.drop("predicted_stars", "stars_margin").equals(pl.DataFrame(PAIRS))
    assert found["predicted_stars"].to_list() == pytest.approx([4.1234567, 4.25, None, None, None])
    assert found["stars_margin"].to_list() == pytest.approx([0.4, 1.0, None, None, None])


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(PAIRS),
        pa.table(PAIRS),
        pl.DataFrame(PAIRS).cast(pl.String),
        pl.DataFrame(PAIRS).cast(pl.Float64),
        pl.DataFrame({**PAIRS, "movieId": ["tmdb:862", "tmdb:603", "7002", "tmdb:1", "1"]}),
        {name: np.array(column) for name, column in PAIRS.items()},
    ],
)
def test_pairs_come_in_any_frame(frame: Any) -> None:
    assert TINY.predict_pairs(frame)["predicted_stars"].to_list() == pytest.approx([4.1234567, 4.25, None, None, None])


@pytest.mark.parametrize(("zone", "kept"), [("Europe/Berlin", "Europe/Berlin"), ("UTC", "UTC"), ("+02:00", "UTC")])
def test_times_of_pandas_keep_their_moment_and_their_zone(zone: str, kept: str) -> None:
    pd = pytest.importorskip("pandas")
    days = pd.to_datetime(["2020-01-01T12:00:00Z"]).tz_convert(zone)
    found = TINY.predict_pairs(pd.DataFrame({"user": [7], "movie": [1], "day": days}))["day"]
    assert found.dtype.time_zone == kept  # type: ignore[attr-defined]
    assert found.dt.epoch("s").to_list() == [1_577_880_000]


def test_columns_of_pairs_are_found_by_their_names_or_as_one_says() -> None:
    frame = pl.DataFrame({"who": [7], "what": [1], "when": [2]})
    assert TINY.predict_pairs(frame, movie="what")["predicted_stars"].to_list() == pytest.approx([4.1234567])
    with pytest.raises(DataError, match=r"no column for the movie among 'who', 'what', 'when'"):
        TINY.predict_pairs(frame)
    with pytest.raises(DataError, match="no column 'film' among"):
        TINY.predict_pairs(frame, movie="film")
    with pytest.raises(UsageError, match="expected a data frame, not list"):
        TINY.predict_pairs([(7, 1)])
    with pytest.raises(UsageError, match=r"user: -7 is not an id"):
        TINY.predict_pairs(pl.DataFrame({"user": [-7], "movie": [1]}))


def test_nobody_is_known_without_histories() -> None:
    with pytest.raises(UsageError, match="published without its users"):
        Recommender(without_histories(tiny_model())).predict_pairs(pl.DataFrame(PAIRS))


def test_no_pairs_are_no_predictions() -> None:
    found = TINY.predict_pairs(pl.DataFrame(PAIRS).clear())
    assert (len(found), found.columns[-2:]) == (0, ["predicted_stars", "stars_margin"])
