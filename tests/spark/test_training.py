"""The model folders that training on Spark writes are like any others."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reelwise.artifacts.folder import read_model
from reelwise.artifacts.integrity import check_integrity
from reelwise.data.readers.movielens import read_dataset
from reelwise.errors import EngineError, UsageError
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.preference import targets
from reelwise.recommend.recommender import Recommender
from reelwise.spark import writing
from reelwise.spark.ranking import fit_ranking_model
from reelwise.spark.reading import read_lines
from reelwise.spark.settings import SparkStarsSettings, SparkTrainingSettings
from reelwise.spark.tables import rating_table
from reelwise.spark.training import train

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

SETTINGS = SparkTrainingSettings(
    stars=SparkStarsSettings(factors=4, iterations=4, regularisation=0.02, tastes_ridge=5),
    taste=WeightedALSConfig(factors=4, iterations=4),
    evaluate=False,
)


@pytest.fixture(scope="module")
def folder(
    spark_sessions: "Callable[[], SparkSession]", ratings_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model of the checkerboard."""
    out = tmp_path_factory.mktemp("spark") / "model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_PART", 512)  # bytes, so that everything comes in many parts
        train(spark_sessions(), str(ratings_folder), out, SETTINGS)
    return out


def test_the_folder_is_whole_and_its_histories_are_the_ratings(folder: Path, ratings_folder: Path) -> None:
    model, expected = read_model(folder), read_dataset(ratings_folder).ratings
    check_integrity(folder, model.config.sha256)
    np.testing.assert_array_equal(model.history.user_ids, expected.user_ids)
    np.testing.assert_array_equal(model.history.movie_ids, expected.movie_ids)
    for rows in ("by_user", "by_movie"):
        for name in ("offsets", "indices", "stars"):
            found = getattr(getattr(model.history, rows), name)
            np.testing.assert_array_equal(found, getattr(getattr(expected, rows), name))
    assert model.config.counts.model_dump() == {
        "users": 40, "movies": 30, "ratings": len(expected), "catalogue": 31, "profiles": 40,
    }  # fmt: skip


def test_predicted_stars_are_a_product_and_nearly_those_given(folder: Path) -> None:
    model = read_model(folder)
    seen = model.history.interactions()
    predicted = np.einsum("nk,nk->n", model.P[seen.users], model.Q[seen.movies])
    assert np.sqrt(np.mean((predicted - seen.stars) ** 2)) < 0.5  # the mean of all would be off by 2
    np.testing.assert_array_equal(model.P[:, -1], 1)
    np.testing.assert_array_equal(model.Q[:, -2], 1)


def test_selections_and_users_are_answered(folder: Path) -> None:
    recommender = Recommender.load(folder)
    found = recommender.recommend(movies=[2, 4, 6], n=5)
    assert {film.movie_id % 2 for film in found} == {0}
    for user in (7, 8):
        unseen = set(range(1, 31)) - {film.movie_id for film, _ in recommender.history(user)}
        best = recommender.recommend(user, n=2)[0]
        assert best.movie_id in unseen
        assert best.movie_id % 2 == user % 2


def test_taste_vectors_of_users_solve_the_local_system(spark: "SparkSession", ratings_folder: Path) -> None:
    settings = WeightedALSConfig(factors=3, iterations=2)
    table = rating_table(spark, read_lines(spark, str(ratings_folder)))
    found = fit_ranking_model(table, settings, 1)
    P, Q = found.rows(np.arange(40)).astype(np.float64), found.Q.astype(np.float64)
    np.testing.assert_allclose(found.rows(np.array([3, 7, 39])), P[[3, 7, 39]], rtol=1e-5)
    ratings, a0 = read_dataset(ratings_folder).ratings, settings.missing_weight
    per_rating = settings.regularisation * (1 + a0 * 40 * 30 / len(ratings))
    least = 1.1 / (1 + 1 / a0)  # no target can be lower on Spark
    for user in range(40):
        movies, stars = ratings.by_user[user]
        q, t = Q[movies], np.maximum(targets(stars, ratings.scale), least)
        system = a0 * Q.T @ Q + q.T @ q + per_rating * len(movies) * np.eye(3)
        np.testing.assert_allclose(P[user], np.linalg.solve(system, q.T @ t), rtol=1e-3, atol=1e-4)


def test_shards_are_models(spark: "SparkSession", ratings_folder: Path, folder: Path, tmp_path: Path) -> None:
    out = train(spark, str(ratings_folder), tmp_path / "part", replace(SETTINGS, shards=3)).folders
    assert out == [tmp_path / f"part-{it}" for it in range(3)]
    shards, whole = [read_model(it) for it in out], read_model(folder)
    ids = np.concatenate([it.history.user_ids for it in shards])
    np.testing.assert_array_equal(ids, whole.history.user_ids)
    stars = np.concatenate([it.history.by_user.stars for it in shards])
    np.testing.assert_array_equal(stars, whole.history.by_user.stars)
    np.testing.assert_array_equal(shards[0].Q, shards[2].Q)
    np.testing.assert_array_equal(shards[0].map, shards[2].map)
    assert Recommender(shards[1]).recommend(20, n=3)


def test_without_users_selections_are_served(spark: "SparkSession", ratings_folder: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, with_users=False, blend=BlendConfig(profiles=12))
    train(spark, str(ratings_folder), tmp_path / "model", settings)
    model = read_model(tmp_path / "model")
    assert not model.has_histories
    assert len(model.P) == 12
    np.testing.assert_array_equal(model.popularity.counts, read_dataset(ratings_folder).ratings.by_movie.counts())
    found = Recommender(model).recommend(movies=[3, 5, 7], n=5)
    assert {film.movie_id % 2 for film in found} == {1}


def test_what_cannot_be_is_refused_before_anything_is_read(spark: "SparkSession", tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--users none goes without"):
        train(spark, "nowhere", tmp_path / "model", replace(SETTINGS, with_users=False, shards=2))


def test_a_failure_leaves_what_was_there(
    spark: "SparkSession", ratings_folder: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reelwise.spark import folders

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "write_histories", full)
    with pytest.raises(Exception, match="cannot be written there \\(No space left on device\\)"):
        train(spark, str(ratings_folder), tmp_path / "model", replace(SETTINGS, taste=None, shards=2))
    assert list(tmp_path.iterdir()) == []


def test_figures_are_measured_as_on_one_machine(spark: "SparkSession", ratings_folder: Path, tmp_path: Path) -> None:
    trained = train(spark, str(ratings_folder), tmp_path / "model", replace(SETTINGS, evaluate=True, taste=None))
    stars = read_model(tmp_path / "model").metrics["stars"]
    assert trained.metrics["stars"] == stars
    assert stars["ratings"] == round(0.1 * trained.table.count)
    assert stars["model"]["rmse"] < 0.5 * stars["biases"]["rmse"]


def test_what_spark_says_is_one_line(spark: "SparkSession") -> None:
    from reelwise.spark.session import translate_errors

    with pytest.raises(EngineError) as failed, translate_errors():
        spark.sql("SELECT 1 / 0").collect()
    assert "Division by zero" in str(failed.value)
    assert "\n" not in str(failed.value)
