"""`import reelwise as rw`: what is there, what it costs, and the day of a data scientist from a frame to a service."""

import copy
import datetime
import importlib
import inspect
import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import reelwise as rw
from reelwise.data.dataset import Dataset
from reelwise.errors import ModelError, UsageError
from reelwise.training.pipeline import TrainingSettings, train
from support.files.real_data import real_data
from support.models.checkerboard import checkerboard, checkerboard_dataset
from support.systems.patience import long_test

SMALL: dict[str, Any] = {
    "rating": rw.MatrixFactorization(factors=4, epochs=5),
    "ranking": rw.WeightedALS(factors=4, iterations=2),
}


def made_frame() -> pl.DataFrame:
    """Users and movies by name, scores from 1 to 10, and times: even users love even movies."""
    board = checkerboard(users=150, movies=110, share=0.6, seed=1)
    rows = board.interactions()
    began = datetime.datetime(2024, 2, 29, 12)
    return pl.DataFrame({
        "who": [f"user-{row}" for row in rows.users],
        "film": [f"film {row}" for row in rows.movies],
        "score": np.where(rows.stars > 3, 9 + rows.movies % 2, 1 + rows.users % 3),
        "when": [began + datetime.timedelta(minutes=int(row * 7919 % 100_000)) for row in range(len(rows))],
    })  # fmt: skip


def small() -> Dataset:
    return rw.read_dataset(real_data("ml-latest-small"))


def from_frame() -> Dataset:
    return rw.Dataset.from_frame(
        made_frame(), user="who", movie="film", rating="score", time="when", scale=(1, 10)
    )  # fmt: skip


@pytest.mark.parametrize("get", [pytest.param(small, marks=long_test), from_frame])
def test_the_script_of_a_data_scientist(
    get: Callable[[], Dataset], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = get()
    user, other = data.ratings.users[0], data.ratings.users[1]
    one, two = (data.ratings.movies[int(row)] for row in np.argsort(-data.ratings.by_movie.counts())[:2])

    train, test = data.split_ratings(test=0.1, seed=7)
    early, late = data.split_ratings(test=0.1, by="time")
    assert (early.ratings.times.max() < late.ratings.times.min()) if early.ratings.times is not None else False  # type: ignore[union-attr]
    rating = rw.MatrixFactorization(factors=64, seed=7).fit(train)
    errors = rw.evaluate(rating, test, metrics=[rw.RMSE(), rw.MAE()], baselines=["biases"])
    print(errors)
    assert errors.value("RMSE") < errors.value("RMSE", "biases")  # type: ignore[operator]
    predicted = rating.predict([(user, one), (user, two)])
    print(predicted)
    assert [(row.user, row.movie) for row in predicted] == [(user, one), (user, two)]
    assert all(data.ratings.scale.low <= row.stars <= data.ratings.scale.high for row in predicted)

    train, viewers = data.split_users(test=40, given=5, seed=7)
    ranking = rw.WeightedALS(factors=16, seed=7).fit(train)
    figures = rw.evaluate(
        ranking, viewers, metrics=[rw.NDCG(10), rw.Recall(10)], baselines=["popularity", "user-kNN"]
    )  # fmt: skip
    print(figures)
    assert figures.value("NDCG@10") > figures.value("NDCG@10", "popularity")  # type: ignore[operator]
    known = [train.ratings.users[row] for row in range(3)]
    assert {row.user for row in ranking.recommend(known, n=10)} == set(known)
    assert len(ranking.similar(one, n=5)) == 5
    me = ranking.fold_in({one: data.ratings.scale.high, two: data.ratings.scale.high})
    assert len(me.recommend(10)) == 10

    model = rw.train(data, seed=7, **SMALL)
    model.save(tmp_path / "model")
    rec, loaded = rw.Recommender(model), rw.Recommender.load(str(tmp_path / "model"))
    liked = rec.recommend(movies=[one, two], n=5)
    assert [film.movie_id for film in loaded.recommend(movies=[one, two], n=5)] == [film.movie_id for film in liked]
    assert len(rec.recommend(other, n=5)) == 5

    out = capsys.readouterr().out
    assert "RMSE" in out
    assert "NDCG@10" in out
    assert max(map(len, out.splitlines())) <= 80


def test_training_by_name_is_training_by_settings() -> None:
    data = checkerboard_dataset()
    settings = TrainingSettings(SMALL["rating"].config, SMALL["ranking"].config, seed=3, evaluate=False)
    named, given = rw.train(data, seed=3, evaluate=False, **SMALL), train(data, settings)
    assert named.rating.P.tobytes() == given.rating.P.tobytes()
    assert named.ranking is not None
    assert given.ranking is not None
    assert named.ranking.Q.tobytes() == given.ranking.Q.tobytes()
    assert rw.train(data, settings, ranking=None).ranking is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sed": 7}, "train has no setting 'sed'; did you mean seed?"),
        ({"seed": -1}, "the seed is -1; expected a whole number from 0"),
        ({"seed": "x"}, "the seed is 'x'"),
        ({"threads": 0}, "threads is 0; expected a whole number from 1, or None for all"),
        ({"holdout": 2}, "holdout is 2; expected a share of the ratings above 0 and below 1"),
        ({"rating": 64}, "rating is 64; expected hyper-parameters, such as MatrixFactorization(factors=32)"),
        ({"ranking": rw.EASE()}, "expected hyper-parameters, such as WeightedALS(factors=32)"),
        ({"rating": None}, "rating is None; expected hyper-parameters"),
        ({"blend": "x"}, "blend is 'x'; expected a BlendConfig"),
        ({"evaluate": "x"}, "evaluate is 'x'; expected True or False"),
    ],
)
def test_settings_that_mean_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        rw.train(checkerboard_dataset(), **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("data", ["ml-latest-small", None, [1, 2], checkerboard()])
def test_training_takes_a_data_set(data: Any) -> None:
    with pytest.raises(UsageError, match="train takes a Dataset, not "):
        rw.train(data)


def test_every_name_is_there_with_a_docstring() -> None:
    assert set(rw.__all__) <= set(dir(rw))
    for name in rw.__all__:
        found = getattr(rw, name)
        assert name == "__version__" or len(inspect.getdoc(found) or "") > 20, name
        if inspect.isclass(found) and found.__module__.startswith("reelwise"):
            public = [method for method in vars(found) if not method.startswith("_")]
            silent = [
                method
                for method in public
                if callable(getattr(found, method)) and not inspect.getdoc(getattr(found, method))
            ]
            assert not silent, f"{name}: {silent}"
    with pytest.raises(AttributeError, match="module 'reelwise' has no attribute 'Surprise'"):
        _ = rw.Surprise


def test_editors_see_what_is_there() -> None:
    source = Path(rw.__file__).read_text(encoding="utf-8")
    for name in set(rw.__all__) - {"__version__"}:
        home = importlib.import_module(f"reelwise.{rw._HOME[name]}")
        assert getattr(home, name) is getattr(rw, name)
        assert f"from {home.__name__} import" in source


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    rw.train(checkerboard_dataset(), evaluate=False, **SMALL).save(folder)
    return folder


def first_film(recommender: rw.Recommender) -> Any:
    return recommender.recommend(2, n=1)[0].movie_id


def test_a_recommender_is_pickled_by_where_its_model_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    recommender = rw.Recommender.load("model")
    pickled = pickle.dumps(recommender)
    assert len(pickled) < 1000
    monkeypatch.chdir("/")  # wherever the process is by then
    again = pickle.loads(pickled)
    assert again.description == recommender.description
    assert first_film(again) == first_film(recommender)


def test_other_processes_get_a_recommender(folder: Path) -> None:
    recommender = rw.Recommender.load(folder)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(first_film, [recommender]) == [first_film(recommender)]


def test_a_recommender_whose_model_is_gone_or_another_says_so(tmp_path: Path) -> None:
    model = rw.train(checkerboard_dataset(), evaluate=False, **SMALL)
    model.save(tmp_path / "model")
    pickled = pickle.dumps(rw.Recommender.load(tmp_path / "model"))
    rw.train(checkerboard_dataset(seed=1), evaluate=False, **SMALL).save(tmp_path / "model")
    with pytest.raises(ModelError, match="this recommender was pickled with revision"):
        pickle.loads(pickled)
    (tmp_path / "model").rename(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="there is no such model folder"):
        pickle.loads(pickled)


def test_a_recommender_in_memory_cannot_be_pickled_and_says_why() -> None:
    recommender = rw.Recommender(rw.train(checkerboard_dataset(), evaluate=False, **SMALL))
    with pytest.raises(UsageError, match=r"write it with model.save\(path\), and take Recommender.load\(path\)"):
        pickle.dumps(recommender)
    assert copy.copy(recommender) is recommender
    assert copy.deepcopy(recommender) is recommender


def test_models_show_what_they_are_and_not_what_they_hold(folder: Path) -> None:
    shown = repr(rw.Recommender.load(folder))
    assert "checkerboard: 40 users, 30 movies" in shown
    assert "not measured" in shown
    assert len(shown) < 200
    assert repr(rw.WeightedALS(factors=32, seed=7)) == "WeightedALS(factors=32, seed=7)"
