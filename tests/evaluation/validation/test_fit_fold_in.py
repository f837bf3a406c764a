"""The settings of folding in are chosen by people who were held out, and only where others are clearly better."""

from dataclasses import replace

import numpy as np

from reelwise.evaluation.validation import fit_fold_in as module
from reelwise.evaluation.validation.fit_fold_in import fit_fold_in
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.models.checkerboard import checkerboard

RATINGS = checkerboard(users=120, movies=80, share=0.5).interactions()
HELD_OUT = np.arange(60)
TRAIN = RATINGS.where(RATINGS.users >= 60)
RANKING = WeightedALS(factors=4, seed=1).fit(TRAIN)
RATING = MatrixFactorization(
    factors=4, epochs=60, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1, seed=1
).fit(TRAIN)


def fitted(people: int = 60) -> FoldInConfig:
    return fit_fold_in(RATINGS, RANKING, RATING, HELD_OUT[:people], seed=1)


def test_where_tastes_are_plain_the_ratings_themselves_count_for_more() -> None:
    """Everybody gives 5 or 1 by colour, without noise: what holds a row to its prior mean only misleads."""
    found = fitted()
    assert found.rating_ridge < FoldInConfig().rating_ridge


def test_nothing_is_chosen_by_a_handful() -> None:
    assert fitted(people=5) == FoldInConfig()


def test_what_is_not_clearly_better_stays_out() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=200)
    assert module._best([base, base + rng.normal(0, 1, 200), base - 1]) == 0
    assert module._best([base, base + 0.1, base + 0.2]) == 2


def test_it_says_what_was_changed() -> None:
    assert FoldInConfig().changes() == {}
    assert replace(FoldInConfig(), rating_ridge=7.2).changes() == {"rating_ridge": 7.2}
