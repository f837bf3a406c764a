"""Both models are measured on what they have not seen; any engine that can fit can be measured."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.evaluation.splitting import TestCase
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.evaluation.validation.measure_ratings import measure_ratings
from reelwise.evaluation.validation.measure_selections import EarlyStopping, measure_selections, split_selections
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import KeepGoing, WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.models.checkerboard import checkerboard

SMALL, LARGE = checkerboard().interactions(), checkerboard(users=140, movies=110, seed=3).interactions()


@dataclass
class Recorder:
    """Fits as a model does, and keeps what it was asked to fit, and for how long."""

    model: Any
    asked: list[tuple[int, int | None]] = field(default_factory=list)

    @property
    def config(self) -> WeightedALSConfig:
        config: WeightedALSConfig = self.model.config
        return config

    def fit(self, train: Interactions, **options: Any) -> Any:
        self.asked.append((len(train), options.get("iterations")))
        return self.model.fit(train, **options)


def test_stars_are_measured_on_ratings_that_were_not_fitted() -> None:
    engine = Recorder(MatrixFactorization(factors=4, epochs=30, learning_rate=0.05))
    found = measure_ratings(SMALL, engine, holdout=0.2, seed=1)
    assert found.figures.ratings == round(0.2 * len(SMALL))
    assert engine.asked == [(len(SMALL) - found.figures.ratings - round(0.05 * 0.8 * len(SMALL)), None)]
    assert found.figures.model.rmse < 0.7 * found.figures.biases.rmse
    assert min(found.figures.validation_rmse) == found.figures.validation_rmse[found.best_epoch - 1]
    assert found.figures.interval
    assert found.figures.interval["0.68"] < found.figures.interval["0.90"]
    assert found.figures.mean_std


def test_too_few_ratings_are_refused() -> None:
    with pytest.raises(UsageError, match=r"3 ratings are too few to hold some out; .*--no-evaluate, or evaluate=False"):
        measure_ratings(SMALL.where(np.arange(len(SMALL)) < 3), MatrixFactorization(), holdout=0.1, seed=1)


def test_selections_are_measured_on_users_that_were_not_fitted() -> None:
    engine, split = Recorder(WeightedALS(factors=4, iterations=3)), split_selections(LARGE, 1)
    assert split
    found = measure_selections(split, engine, seed=1)
    assert engine.asked[0] == (len(split.train), None)
    assert found.figures.blend.mean_ndcg > found.figures.popularity.mean_ndcg + 0.1
    assert found.figures.picks == (1, 3, 5, 10, 20)
    assert len(found.figures.validation_ndcg) == 3


def test_with_too_few_users_selections_are_not_measured() -> None:
    assert split_selections(SMALL, 1) is None


class Worsening(Recorder):
    """A model that early stopping sees with its movies in the wrong order from the third iteration on."""

    def fit(self, train: Interactions, *, keep_going: KeepGoing | None = None, **options: Any) -> Any:
        def scramble(iteration: int, model: WeightedALS) -> bool:
            assert keep_going
            if iteration < 3:
                return keep_going(iteration, model)
            return keep_going(iteration, model.with_movies(np.arange(len(model.Q))[::-1], len(model.Q)))

        return super().fit(train, keep_going=scramble if keep_going else None, **options)


def test_a_model_that_went_past_its_best_iteration_is_fitted_again() -> None:
    engine, split = Worsening(WeightedALS(factors=4, iterations=9)), split_selections(LARGE, 1)
    assert split
    found = measure_selections(split, engine, seed=1)
    assert found.iterations <= 2
    assert len(found.figures.validation_ndcg) == found.iterations + engine.config.patience
    assert [iterations for _, iterations in engine.asked] == [None, found.iterations]


@dataclass(frozen=True)
class Fixed:
    """Scores every query by the same table."""

    table: Floats

    def score(self, queries: Queries) -> Floats:
        return self.table[: len(queries)]


def stopping(patience: int = 2) -> EarlyStopping:
    """Watches ten people who each look for movie 0 among two."""
    one_each = CSR(np.arange(11), np.zeros(10, np.int32), np.ones(10, np.float32))
    return EarlyStopping(TestCase(Queries.of_strangers(CSR.empty(10)), CSR.empty(10), one_each), patience)


def finds_for(people: range) -> Fixed:
    return Fixed(np.column_stack([np.isin(np.arange(10), people), np.full(10, 0.5)]).astype(np.float32))


@pytest.mark.parametrize(
    ("found", "best", "stops_after"),
    [
        ([range(3), range(6), range(8), range(9)], 4, None),  # better and better
        ([range(3), range(7), range(4, 10), range(4, 10)], 4, None),  # one less finds it, but others: that may be noise
        ([range(3), range(9), range(4), range(4), range(9)], 2, 4),  # clearly worse twice
        ([range(8), range(2), range(9), range(2), range(2)], 3, 5),  # a better one in between
    ],
)
def test_training_ends_once_some_iterations_are_clearly_worse(
    found: list[range], best: int, stops_after: int | None
) -> None:
    watching, stopped = stopping(), None
    for iteration, people in enumerate(found, 1):
        if not watching(iteration, finds_for(people)):
            stopped = iteration
            break
    assert stopped == stops_after
    assert watching.best == best
    means = [(len(people) + (10 - len(people)) / np.log2(3)) / 10 for people in found[:stopped]]
    assert watching.means == pytest.approx(means)


def test_blending_is_fitted_for_the_numbers_of_picks_that_there_are_users_for() -> None:
    split = split_selections(LARGE, 1)
    assert split
    model, case = WeightedALS(factors=4, iterations=3).fit(split.train), split.validation[3]
    vague = replace(BlendConfig(), inverse_temperatures=(0.02,) * 5, fold_in_weights=(0.0,) * 5)
    fitted = fit_blend(model.with_blend(vague), {3: case})
    assert fitted == replace(vague, inverse_temperatures=(0.02, 0.028, 0.02, 0.02, 0.02))
    assert fit_blend(model, {3: case}) == BlendConfig()  # nothing is better beyond noise
    assert fit_blend(model, {2: case}).picks == (1, 2, 3, 5, 10, 20)
