"""The model folders that training on Spark writes are like any others."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reelwise.artifacts.integrity import check_integrity
from reelwise.artifacts.model import Model
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.splitting import hold_out
from reelwise.errors import EngineError, ModelError, UsageError
from reelwise.live.identity import mark_of
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.preference import preference
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.spark import folders, writing
from reelwise.spark.folders import Fitted, write_folders, write_nameless
from reelwise.spark.ranking import SparkRanking, fit_ranking
from reelwise.spark.rating import fit_rating
from reelwise.spark.reading.films import read_films
from reelwise.spark.reading.lines import read_lines
from reelwise.spark.sample import Sample
from reelwise.spark.settings import SparkRatingConfig, SparkTrainingSettings
from reelwise.spark.tables import create_table
from reelwise.spark.training import train

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

    from reelwise.data.vocabulary import Id

RANKING = WeightedALSConfig(factors=4, iterations=2)
RATING = SparkRatingConfig(factors=4, iterations=2, regularisation=0.02, ranking_ridge=5)


@pytest.fixture(scope="module")
def fitted(spark_sessions: "Callable[[], SparkSession]", ratings_folder: Path) -> Fitted:
    """Both models of the checkerboard, on the cluster."""
    spark = spark_sessions()
    lines = read_lines(spark, str(ratings_folder))
    table = create_table(spark, lines)
    ranking = fit_ranking(table, RANKING, 1)
    rating = fit_rating(table, ranking, RATING, 1)
    catalogue = read_films(spark, str(ratings_folder), None).with_placeholders(table.movies)
    settings = SparkTrainingSettings(RATING, RANKING, seed=1)
    return Fitted(lines, table, catalogue, rating, ranking, settings, settings.blend, None)


@pytest.fixture(scope="module")
def folder(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the checkerboard."""
    out = tmp_path_factory.mktemp("spark") / "model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_PART", 1500)  # bytes, so that everything comes in several parts
        write_folders(fitted, [out])
    return out


def test_the_folder_is_whole_and_its_histories_are_the_ratings(folder: Path, ratings_folder: Path) -> None:
    model, dataset = Model.load(folder), read_dataset(ratings_folder)
    check_integrity(folder, model.config.sha256)
    assert model.catalogue == dataset.catalogue
    assert model.users == dataset.ratings.users
    expected = dataset.ratings.with_movies(model.movies)
    assert model.histories is not None
    for rows in ("by_user", "by_movie"):
        for name in ("offsets", "indices", "stars"):
            found = getattr(getattr(model.histories, rows), name)
            np.testing.assert_array_equal(found, getattr(getattr(expected, rows), name))
    assert model.config.counts.model_dump() == {
        "users": 40, "movies": 31, "rated_movies": 30, "ratings": len(expected), "profiles": 40,
    }  # fmt: skip
    np.testing.assert_array_equal(np.flatnonzero(~model.fitted), [30])
    np.testing.assert_array_equal(model.stats.counts, expected.by_movie.counts())


def test_predicted_stars_are_a_product_and_nearly_those_given(folder: Path) -> None:
    model = Model.load(folder)
    assert model.histories is not None
    seen = model.histories.interactions()
    predicted = np.einsum("nk,nk->n", model.rating.P[seen.users], model.rating.Q[seen.movies])
    assert np.sqrt(np.mean((predicted - seen.stars) ** 2)) < 0.5  # the mean of all would be off by 2
    np.testing.assert_array_equal(model.rating.P[:, -1], 1)
    np.testing.assert_array_equal(model.rating.Q[:, -2], 1)


def test_profiles_are_those_of_the_local_engine(folder: Path) -> None:
    model = Model.load(folder)
    assert model.ranking is not None
    assert model.histories is not None
    local, P, Q = WeightedALS(RANKING, seed=1), model.ranking.P, model.ranking.Q
    local._take(P, Q, model.histories.interactions())
    found, expected = model.ranking.profiles, local.profiles
    np.testing.assert_array_equal(found.likers.offsets, expected.likers.offsets)
    for name in ("users", "likes"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    np.testing.assert_array_equal(found.likers.profiles, expected.likers.profiles)
    np.testing.assert_allclose(model.ranking.centred_embeddings(), local.centred_embeddings(), atol=1e-6)


def test_selections_and_users_are_answered(folder: Path) -> None:
    service = Service(Model.load(folder))
    found = service.recommend(Request(movies=[2, 4, 6]))
    assert {film.movie_id % 2 for film in found[:5]} == {0}
    for user in (7, 8):
        best = service.recommend(Request(user))[0]
        assert best.movie_id % 2 == user % 2
        assert best.movie_id not in {rated.film.movie_id for rated in service.history(user)}


def test_histories_fold_in_as_everywhere(folder: Path) -> None:
    model, service = Model.load(folder), Service(Model.load(folder))
    assert model.folding is not None
    assert model.folding.config.rating_ridge == RATING.ranking_ridge
    stars: dict[Id, float] = {2: 5, 4: 5, 6: 4, 1: 1, 3: 1}
    found = service.recommend(Request(stars=stars))
    assert {film.source for film in found} == {"history"}
    assert {film.movie_id % 2 for film in found[:5]} == {0}
    predicted = {one.movie_id: one.predicted_stars for one in service.predict(Request(stars=stars), [8, 10, 7, 9])}
    assert min(predicted[8], predicted[10]) > max(predicted[7], predicted[9]) + 1


def test_users_in_the_ranking_model_solve_the_local_system(fitted: Fitted, ratings_folder: Path) -> None:
    assert fitted.ranking is not None
    P, Q = fitted.ranking.collect(np.arange(40)).astype(np.float64), fitted.ranking.Q.astype(np.float64)
    np.testing.assert_allclose(fitted.ranking.collect(np.array([3, 7, 39])), P[[3, 7, 39]], rtol=1e-5)
    ratings, a0 = read_dataset(ratings_folder).ratings, RANKING.missing_weight
    per_rating = RANKING.regularisation * (1 + a0 * 40 * 30 / len(ratings))
    least = 1.1 / (1 + 1 / a0)  # no target can be lower on Spark
    for user in range(40):
        movies, stars = ratings.by_user[user]
        q, t = Q[movies], np.maximum(preference(stars, ratings.scale), least)
        system = a0 * Q.T @ Q + q.T @ q + per_rating * len(movies) * np.eye(4)
        np.testing.assert_allclose(P[user], np.linalg.solve(system, q.T @ t), rtol=1e-3, atol=1e-4)


def test_shards_are_models(fitted: Fitted, folder: Path, tmp_path: Path) -> None:
    out = [tmp_path / "part-0", tmp_path / "part-1"]
    write_folders(fitted, out)
    shards, whole = [Model.load(path) for path in out], Model.load(folder)
    np.testing.assert_array_equal(np.concatenate([shard.users.ids for shard in shards]), whole.users.ids)
    stars = np.concatenate([shard.histories.by_user.stars for shard in shards if shard.histories])
    assert whole.histories is not None
    np.testing.assert_array_equal(stars, whole.histories.by_user.stars)
    np.testing.assert_array_equal(shards[0].rating.Q, shards[1].rating.Q)
    assert shards[0].map is not None
    assert shards[1].map is not None
    np.testing.assert_array_equal(shards[0].map, shards[1].map)
    assert Service(shards[1]).recommend(Request(40))


def test_without_users_selections_are_served(fitted: Fitted, ratings_folder: Path, tmp_path: Path) -> None:
    write_nameless(replace(fitted, blend=BlendConfig(profiles=12)), tmp_path / "model")
    model = Model.load(tmp_path / "model")
    assert model.histories is None
    assert len(model.rating.P) == 12
    ratings = read_dataset(ratings_folder).ratings.with_movies(model.movies)
    np.testing.assert_array_equal(model.stats.counts, ratings.by_movie.counts())
    found = Service(model).recommend(Request(movies=[3, 5, 7]))
    assert {film.movie_id % 2 for film in found[:5]} == {1}


def test_a_failure_leaves_nothing(fitted: Fitted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "complete_folder", fail)
    with pytest.raises(ModelError, match=r"cannot be written there \(No space left on device\)"):
        write_folders(replace(fitted, ranking=None), [tmp_path / "part-0", tmp_path / "part-1"])
    assert list(tmp_path.iterdir()) == []


def test_what_a_split_hides_of_a_sample_is_not_learnt(fitted: Fitted, ratings_folder: Path) -> None:
    sample = Sample.draw(fitted.table, seed=3, users=20)
    ratings = read_dataset(ratings_folder).ratings
    np.testing.assert_array_equal(sample.ratings.stars, ratings.by_user.take(sample.users).stars)
    train, hidden = hold_out(sample.ratings, 0.5, seed=3)
    rest = sample.without_hidden(train)
    assert rest.count == rest.ratings.count() == len(ratings) - len(hidden)
    asked = []

    def keep_going(_: int, model: WeightedALS) -> bool:
        asked.append(model)
        return True

    trainer = SparkRanking(sample, WeightedALSConfig(factors=2), BlendConfig(profiles=7), seed=3)
    model = trainer.fit(train, iterations=1, keep_going=keep_going)
    assert asked == [model]
    assert len(model.profiles.users) == 7
    assert model.score(Queries.of_users(np.array([0, 19]))).shape == (2, 30)


def test_what_cannot_be_is_refused_before_anything_is_read(spark: "SparkSession", tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--users none cannot be combined with"):
        train(spark, "nowhere", tmp_path / "model", SparkTrainingSettings(with_users=False, shards=2))


def test_ratings_that_nobody_likes_are_refused(spark: "SparkSession", tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,3.5\n")
    with pytest.raises(UsageError, match="no rating reaches 4 stars"):
        train(spark, str(tmp_path), tmp_path / "model", SparkTrainingSettings())


def test_what_spark_says_is_one_line(spark: "SparkSession") -> None:
    from reelwise.spark.session import translate_errors

    with pytest.raises(EngineError) as failed, translate_errors():
        spark.sql("SELECT 1 / 0").collect()
    assert "Division by zero" in str(failed.value)
    assert "\n" not in str(failed.value)


def test_erased_users_are_left_out(spark: "SparkSession", ratings_csv: Path) -> None:
    lines = read_lines(spark, str(ratings_csv.parent))
    table = create_table(spark, lines, {mark_of(2), mark_of("4"), mark_of("alice")})
    assert [row.user_id for row in table.users.orderBy("user").collect()] == [1, 3, 5]
    assert table.count == 3 * len(table.movies)
