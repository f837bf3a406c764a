"""What one's own estimator may do wrong, and how that is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reelwise.data.interactions import Interactions
from reelwise.errors import Diverged, UnknownMovie, UsageError
from reelwise.evaluation.by_id.measure_models import evaluate
from reelwise.evaluation.measures import NDCG, RMSE
from reelwise.models.base import RatingPredictor
from reelwise.models.baselines.ease import EASE
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.models.checkerboard import checkerboard_dataset

DATA = checkerboard_dataset()
TRAIN, TEST = DATA.split_ratings(0.2, seed=1)


class Wrong(RatingPredictor):
    """Answers whatever it is told to, and keeps nothing that `Estimator` keeps when it is made."""

    def __init__(self, answer: Callable[[np.ndarray[Any, Any]], Any]) -> None:
        self.answer = answer

    def fit_rows(self, train: Interactions) -> None:
        self.movies = train.shape[1]

    def score(self, queries: Any) -> Any:
        return self.answer(np.ones((len(queries), self.movies), np.float32))

    def predict_rows(self, users: Any, movies: Any) -> Any:
        return self.answer(np.ones(len(users), np.float32))

    def similarities(self, movie: int) -> Any:
        return self.answer(np.ones(self.movies, np.float32))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda right: right[..., :-1], r"gives an array of shape .*; expected finite numbers, float32, of shape \("),
        (lambda right: right[0], "gives an? .*; expected"),
        (lambda right: right.tolist(), "gives a list; expected"),
        (lambda right: None, "gives a NoneType; expected"),
        (lambda right: right.astype(str), "gives an array of <U"),
        (lambda right: right * np.nan, "gives .* of .* numbers that are not finite"),
    ],
    ids=["short", "flat", "list", "None", "text", "NaN"],
)
def test_answers_of_another_shape_or_kind_are_refused_with_the_name_of_the_model(answer: Any, message: str) -> None:
    model = Wrong(answer).fit(TRAIN)
    asks: dict[str, Callable[[], Any]] = {
        "score": lambda: model.recommend(1),
        "score ": lambda: model.fold_in({1: 5}).recommend(),
        "score  ": lambda: model.fold_in({1: 5}).predict([2]),
        "score   ": lambda: evaluate(model, TEST, [NDCG(5)]),
        "predict_rows": lambda: model.predict([(1, 2), (2, 3)]),
        "predict_rows ": lambda: evaluate(model, TEST, [RMSE()]),
        "similarities": lambda: model.similar(1),
    }
    for method, ask in asks.items():
        with pytest.raises(UsageError, match=f"{method.strip()} of Wrong {message}"):
            ask()


def test_whole_numbers_are_scores_too_and_a_model_is_shown_that_keeps_nothing() -> None:
    model = Wrong(lambda right: right.astype(np.int64)).fit(TRAIN)
    assert len(model.recommend(1, n=3)) == 3
    assert repr(model) == f"Wrong() fitted to {TRAIN.name}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": (3, 3)}, "a user in row 39; the shape says that there are 3 rows"),
        ({"shape": (40, 3)}, "a movie in row 29; the shape"),
        ({"users": TRAIN.ratings.interactions().users - 1}, "a user in row -1; the shape"),
        ({"stars": TRAIN.ratings.by_user.stars[1:]}, "expected as many of each"),
        ({"stars": TRAIN.ratings.by_user.stars * np.float32("nan")}, "stars that are not finite"),
    ],
)
def test_ratings_that_do_not_fit_together_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        WeightedALS(factors=4, threads=1).fit(replace(TRAIN.ratings.interactions(), **changes))


def test_what_diverges_says_what_to_do_and_is_left_out_of_a_comparison() -> None:
    wild = MatrixFactorization(factors=4, learning_rate=1e5)
    with pytest.raises(
        Diverged, match=r"matrix-factorization: training diverged; the learning rate is \d+, try a lower learning_rate"
    ):
        wild.fit(TRAIN)
    found = evaluate(EASE().fit(TRAIN), TEST, [NDCG(5)], baselines=[wild])
    assert {figure.model for figure in found} == {"EASE"}
    assert "left out: matrix-factorization: training diverged" in found.remarks[0]
    few = replace(TRAIN, ratings=TRAIN.ratings.where(TRAIN.ratings.interactions().users < 5))
    with pytest.raises(Diverged, match=r"EASE: no solution .*; try more regularisation"):
        EASE(regularisation=1e-30).fit(few)
    with pytest.raises(UsageError, match=r"frequency_exponent is 1000000\.0; expected a number from 0 to 4"):
        WeightedALS(frequency_exponent=1e6)


def test_somebody_folded_in_is_not_asked_for_after_another_fit() -> None:
    model = EASE().fit(TRAIN)
    newcomer = model.fold_in({1: 5})
    model.fit(TEST)
    with pytest.raises(UsageError, match="EASE was fitted again since; fold these ratings in once more"):
        newcomer.recommend()


def test_nothing_is_like_a_movie_that_nobody_rated_and_one_is_asked_about() -> None:
    silent = replace(TRAIN, ratings=TRAIN.ratings.where(TRAIN.ratings.by_user.indices != 6))
    model = EASE().fit(silent)
    with pytest.raises(UnknownMovie, match="nobody rated movie 7 in the training data"):
        model.similar(7)
    for several in ([], [1, 2]):
        with pytest.raises(UsageError, match="expected the id of one"):
            model.similar(several)  # type: ignore[arg-type]


def test_the_ids_of_an_answer_are_its_own() -> None:
    users, movies = np.array([1, 2]), np.array([3, 4])
    found = MatrixFactorization(factors=4, epochs=2).fit(TRAIN).predict({"user": users, "movie": movies})
    users[0] = movies[0] = 9
    assert [(one.user, one.movie) for one in found] == [(1, 3), (2, 4)]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (np.array([[1, 2]]), r"ids are an array of shape \(1, 2\); expected one dimension"),
        (np.array([1e30]), "row 1 has 1e\\+30, which cannot be an id"),
    ],
)
def test_what_is_no_list_of_ids_is_refused(ids: Any, message: str) -> None:
    model = EASE().fit(TRAIN)
    with pytest.raises(UsageError, match=message):
        model.recommend(ids)
    assert model.recommend(np.array(1)) == model.recommend(1)


def test_letters_are_no_pairs_however_they_come() -> None:
    model = MatrixFactorization(factors=4, epochs=2).fit(TRAIN)
    with pytest.raises(UsageError, match="expected pairs of a user and a movie"):
        model.predict(pair for pair in ["ab", "cd"])
    assert len(model.predict((user, 1) for user in (1, 2))) == 2


def test_no_std_is_missed_where_only_strangers_are_asked_for() -> None:
    model = MatrixFactorization(factors=4, epochs=2).fit(TRAIN, validation=0.2)
    assert not any("no std" in remark for remark in model.predict([(999, 1)]).remarks)
