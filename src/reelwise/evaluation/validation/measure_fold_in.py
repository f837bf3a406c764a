"""Measuring what is predicted for people who bring a history, on people that the models have never seen."""

from typing import NamedTuple

import numpy as np

from reelwise.artifacts.config import FoldInInfo, FoldInUncertaintyInfo
from reelwise.artifacts.metrics import FoldInFigures
from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles, Floats, Rows
from reelwise.evaluation.intervals import LEVELS, measure_intervals
from reelwise.evaluation.validation.fit_fold_in import fit_fold_in
from reelwise.evaluation.validation.people import HeldOutPerson, draw_people
from reelwise.models.fold_in.folding import Folding
from reelwise.models.fold_in.uncertainty import FoldInUncertainty, calibrate, regressors
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.side_by_side import one_thread_per_product

GIVEN = (5, 20, 50, 100, 200)
_FEWEST = 20  # people; with fewer a figure would say nothing


class MeasuredFoldIn(NamedTuple):
    """The results of `measure_fold_in`: how sure predictions are, by validation people, and the figures of others."""

    info: FoldInInfo
    figures: FoldInFigures | None


def measure_fold_in(
    ratings: Interactions,
    ranking: WeightedALS,
    rating: MatrixFactorization,
    people: Rows,
    validation: Rows,
    *,
    rmse: float,
    seed: int,
) -> MeasuredFoldIn | None:
    """Fold held-out people in, and compare predictions with the ratings that they were not given.

    Args:
        ratings: all ratings, in the order of user.
        ranking: the ranking model, fitted to the ratings of all others.
        rating: the rating model, likewise, and calibrated.
        people: rows of the users to measure by.
        validation: rows of those by whom settings are chosen, and by whose errors it is found how sure predictions are.
        rmse: what the rating model is off by for users it knows, on ratings it does not.
        seed: of who is asked, and of what is given.

    Returns:
        None where too few people have enough ratings.
    """
    with one_thread_per_product():
        found = _calibrate(ratings, ranking, rating, validation, rmse, seed)
        if found is None:
            return None
        folding, uncertainty = found
        info = FoldInInfo(
            settings=folding.config,
            uncertainty=FoldInUncertaintyInfo(coefficients=uncertainty.coefficients, noise=uncertainty.noise),
        )
        return MeasuredFoldIn(info, _measure(folding, rating, uncertainty, ratings, people, seed))


def _calibrate(
    ratings: Interactions,
    ranking: WeightedALS,
    rating: MatrixFactorization,
    people: Rows,
    rmse: float,
    seed: int,
) -> tuple[Folding, FoldInUncertainty] | None:
    """Folding as serves these people best, and how sure predictions are by their errors; None without errors."""
    assert rating.uncertainty is not None  # noqa: S101 - it is calibrated
    of_movies = rating.uncertainty.movies
    folding = Folding(ranking, rating, fit_fold_in(ratings, ranking, rating, people, seed))
    noise = (rmse / folding.rating.sigma) ** 2
    described, errors = [], []
    for given in GIVEN:
        for person in draw_people(ratings, people, given, seed):
            predicted, of_person = _predict(folding, rating, person, noise, of_movies)
            described.append(of_person)
            errors.append(person.rest_stars - predicted)
    if not errors:
        return None
    found = calibrate(np.concatenate(described), np.concatenate(errors), folding.rating.sigma, noise, of_movies)
    return folding, found


def _measure(
    folding: Folding,
    rating: MatrixFactorization,
    uncertainty: FoldInUncertainty,
    ratings: Interactions,
    people: Rows,
    seed: int,
) -> FoldInFigures | None:
    asked: list[int] = []
    rmse: list[float] = []
    shares: list[dict[str, float]] = []
    for given in GIVEN:
        errors, deviations = [], []
        for person in draw_people(ratings, people, given, seed):
            predicted, described = _predict(folding, rating, person, uncertainty.noise, uncertainty.movies)
            errors.append(person.rest_stars - predicted)
            deviations.append(uncertainty.std_of(described, folding.rating.sigma))
        if len(errors) < _FEWEST:
            break
        joined = np.concatenate(errors)
        asked.append(len(errors))
        rmse.append(float(np.sqrt(np.square(joined).mean(dtype=np.float64))))
        shares.append(measure_intervals(joined, np.concatenate(deviations)))
    if not asked:
        return None
    return FoldInFigures(
        protocol=(
            "People are held out whole. Some of their ratings, drawn at random, are given, and the others predicted. "
            "Settings, and how sure predictions are, were found on other people."
        ),
        given=GIVEN[: len(asked)],
        people=tuple(asked),
        rmse=tuple(rmse),
        interval={level: tuple(share[level] for share in shares) for level in LEVELS},
    )


def _predict(
    folding: Folding, rating: MatrixFactorization, person: HeldOutPerson, noise: float, of_movies: Floats
) -> tuple[Floats, Doubles]:
    """The stars of the ratings that were not given, and what their variances depend on."""
    history = folding.fold(person.movies, person.stars)
    row = folding.rating_row(history, folding.weigh(history))
    predicted = rating.scale.clip(rating.Q[person.rest] @ folding.rating.fold_bias(row))
    return predicted, regressors(folding, history, row, person.rest, noise, of_movies)
