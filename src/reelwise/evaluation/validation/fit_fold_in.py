"""Choosing, on people who were held out, how histories are folded in: what holds a row, and how fast profiles fade."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.types import Doubles, Rows
from reelwise.evaluation.metrics import is_clear
from reelwise.evaluation.validation.people import draw_people, measure_list
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.fold_in.folding import Folding
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

_GIVEN = (5, 50)
_FEWEST = 30  # histories; with fewer nothing is chosen
_CLEAR = 2.0  # standard errors by which something else must be better
_RIDGES, _PRIORS, _DECAYS = (0.35, 0.6, 1.7, 3.0), (0.5, 2.0), (0.8, 1.2)  # times what is known so far


def fit_fold_in(
    ratings: Interactions, ranking: WeightedALS, rating: MatrixFactorization, people: Rows, seed: int
) -> FoldInConfig:
    """The settings of folding in that serve people best whom the models have not seen.

    `rating_ridge` is chosen by squared errors, `ranking_prior` and `temperature_decay` by NDCG@10. The defaults stay
    unless something else is better by more than two standard errors of the difference, so that few people, or noise,
    change nothing.

    Args:
        ratings: all ratings, in the order of user.
        ranking: the ranking model, fitted to the ratings of all others.
        rating: the rating model, likewise.
        people: rows of users.
        seed: of what is given of them.
    """
    config = FoldInConfig()
    folding = Folding(ranking, rating, config)
    asked = [
        (person, folding.fold(person.movies, person.stars))
        for given in _GIVEN
        for person in draw_people(ratings, people, given, seed)
        if is_like(person.rest_stars, ratings.scale).any()
    ]
    if len(asked) < _FEWEST:
        return config

    def fit_stars(folding: Folding) -> Doubles:
        """The mean squared error of each, less than zero."""
        rows = (folding.rating_row(history, folding.weigh(history)) for _, history in asked)
        predicted = (
            rating.Q[person.rest] @ folding.rating.fold_bias(row) for (person, _), row in zip(asked, rows, strict=True)
        )
        errors = (
            ratings.scale.clip(stars) - person.rest_stars for (person, _), stars in zip(asked, predicted, strict=True)
        )
        return np.array([-np.square(error).mean(dtype=np.float64) for error in errors])

    def rank_likes(folding: Folding) -> Doubles:
        """NDCG@10 of each."""
        return np.array(
            [
                measure_list(ranking.Q @ folding.ranking_row(history, folding.weigh(history)), person, ratings.scale)
                for person, history in asked
            ]
        )

    for name, factors, measure in (
        ("rating_ridge", _RIDGES, fit_stars),
        ("ranking_prior", _PRIORS, rank_likes),
        ("temperature_decay", _DECAYS, rank_likes),
    ):
        others = [replace(config, **{name: round(getattr(config, name) * factor, 3)}) for factor in factors]
        tried = [measure(Folding(ranking, rating, one)) for one in (config, *others)]
        config = (config, *others)[_best(tried)]
    return config


def _best(qualities: Sequence[Doubles]) -> int:
    """Which is best: the first, unless another is clearly better."""
    gains = [quality - qualities[0] for quality in qualities]
    clear = [gain.mean() if is_clear(gain, _CLEAR) else 0.0 for gain in gains]
    return int(np.argmax(clear))
