from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from reelwise.artifacts.config import DataSource
from reelwise.artifacts.model import without_histories
from reelwise.data.digest import sha256_of
from reelwise.errors import DataError, UnknownUser, UsageError
from reelwise.live.identity import mark_of
from reelwise.recommend.batch import recommend_all
from reelwise.recommend.recommender import Recommender
from reelwise.training.histories import refresh_histories
from support.models.tiny_recommender import tiny_model

HEADER = "userId,movieId,rating,timestamp\n"


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text(HEADER + "8,296,5.0,1\n8,593,3.0,2\n77,296,4.0,3\n8,4444,4.0,4\n78,4445,1.0,5\n8,593,4.5,9\n")
    return path


def test_histories_are_replaced_and_factors_are_not(ratings: Path) -> None:
    model = tiny_model()
    refreshed, _ = refresh_histories(model, ratings)
    assert refreshed.rating is model.rating
    assert refreshed.ranking is model.ranking
    assert refreshed.map is model.map is not None
    assert [film.movie_id for film in Recommender(model).recommend(8, rank_by="stars")] == [296, 593, 1196, 7001]
    assert [film.movie_id for film in Recommender(refreshed).recommend(8, rank_by="stars")] == [2571, 1, 1196, 7001]
    assert Recommender(refreshed).match([593]).average_rating == 4.5


def test_who_has_no_ratings_any_more_is_unknown(ratings: Path) -> None:
    refreshed, _ = refresh_histories(tiny_model(), ratings)
    recommender = Recommender(refreshed)
    for ask in (recommender.recommend, recommender.history, lambda user: recommender.predict(user, movies=[1])):
        ask(8)
        with pytest.raises(UnknownUser, match="does not know user 7"):
            ask(7)
    assert {*next(recommend_all(refreshed, 2))[1].user_ids.tolist()} == {8}
    pairs = recommender.predict_pairs(pl.DataFrame({"user": [8, 7], "movie": [1, 1]}))
    assert pairs["predicted_stars"].is_null().to_list() == [False, True]


@pytest.mark.parametrize("spelled", [8, "8"])
def test_who_was_erased_gets_no_history(ratings: Path, spelled: int | str) -> None:
    ratings.write_text(ratings.read_text() + "7,296,5.0,1\n")
    refreshed, left_out = refresh_histories(tiny_model(), ratings, erased={mark_of(spelled), mark_of("alice")})
    assert refreshed.histories is not None
    assert (len(refreshed.histories), left_out.users) == (1, 2)
    with pytest.raises(UnknownUser):
        Recommender(refreshed).recommend(8)
    assert len(Recommender(refreshed).recommend(7)) > 0


def test_what_the_model_does_not_know_is_counted(ratings: Path) -> None:
    _, left_out = refresh_histories(tiny_model(), ratings)
    assert (left_out.users, left_out.movies, left_out.ratings) == (2, 2, 3)


def test_the_config_tells_where_the_histories_are_from(ratings: Path) -> None:
    model = tiny_model()
    refreshed, _ = refresh_histories(model, ratings)
    assert refreshed.histories is not None
    assert refreshed.config.counts.ratings == len(refreshed.histories) == 2
    assert refreshed.config.histories == DataSource(name=ratings.parent.name, sha256=sha256_of(ratings))
    assert refreshed.config.dataset == model.config.dataset
    assert refreshed.description.revision != model.description.revision


def test_a_file_that_shares_nothing_with_the_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(HEADER + "100,200,3.0,1\n")
    with pytest.raises(DataError, match=r"movie that the model knows \(read: user from userId"):
        refresh_histories(tiny_model(), path)


def test_a_model_without_histories_gets_none(ratings: Path) -> None:
    with pytest.raises(UsageError, match="published without its users"):
        refresh_histories(without_histories(tiny_model()), ratings)


def test_stars_off_the_models_scale_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(HEADER + "8,296,9.0,1\n")
    with pytest.raises(DataError, match=r"line 2: rating 9.0 lies outside 0.5 to 5"):
        refresh_histories(tiny_model(), path)


def test_stars_where_the_model_has_none_or_none_where_it_has_are_refused(tmp_path: Path, ratings: Path) -> None:
    model, likes = tiny_model(), tmp_path / "likes.csv"
    likes.write_text("userId,movieId\n8,296\n")
    with pytest.raises(DataError, match=r"likes.csv: these ratings only say who .* model have stars; give the file"):
        refresh_histories(model, likes)
    dataset = model.config.dataset.model_copy(update={"implicit": True})
    without_stars = replace(model, config=model.config.model_copy(update={"dataset": dataset}))
    with pytest.raises(DataError, match=r"ratings.csv: these ratings have stars, .* \(--columns rating=\)"):
        refresh_histories(without_stars, ratings)
    _, left_out = refresh_histories(without_stars, ratings, {"rating": ""})
    assert left_out.ratings == 3
    assert "no column of stars: every row counts as a like" in left_out.understood
    assert left_out.understood.endswith(", time from timestamp, 1 repeated rating: the latest counts")
