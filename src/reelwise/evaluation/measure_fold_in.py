"""Measuring what is predicted for people who bring a history, on people that the models have never seen."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.config import FoldInInfo
from reelwise.artifacts.metrics import FoldInFigures
from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles, Floats, Rows, Stars
from reelwise.evaluation.intervals import LEVELS, measure_intervals
from reelwise.models.fold_in.folding import Folding
from reelwise.models.fold_in.uncertainty import FoldInUncertainty, calibrate, describe
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

GIVEN = (5, 20, 50, 100, 200)
_PEOPLE, _VALIDATION_PEOPLE = 150, 75  # at most; each is folded in for each number of ratings given
_LEAST_LEFT = 10  # ratings that must be left to predict
_FEWEST = 20  # people; with fewer a figure would say nothing


class Person(NamedTuple):
    """Somebody with some ratings given, and the others to be predicted."""

    movies: Rows
    stars: Stars
    rest: Rows
    rest_stars: Stars


class MeasuredFoldIn(NamedTuple):
    """What `measure_fold_in` found: how sure predictions are, by validation people, and the figures of others."""

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
        validation: rows of those by whose errors it is found how sure predictions are.
        rmse: what the rating model is off by for users it knows, on ratings it does not.
        seed: of who is asked, and of what is given.

    Returns:
        None where too few people have enough ratings.
    """
    folding, uncertainty = Folding(ranking, rating), rating.uncertainty
    assert uncertainty is not None  # noqa: S101 - it is calibrated
    noise = (rmse / folding.rating.sigma) ** 2
    described, errors = [], []
    for given in GIVEN:
        for person in draw_people(ratings, validation[:_VALIDATION_PEOPLE], given, seed):
            predicted, of_person = _predict(folding, rating, person, noise, uncertainty.movies)
            described.append(of_person)
            errors.append(person.rest_stars - predicted)
    if not errors:
        return None
    found = calibrate(
        np.concatenate(described), np.concatenate(errors), folding.rating.sigma, noise, uncertainty.movies
    )
    info = FoldInInfo(settings=folding.config, coefficients=found.coefficients, noise=noise)
    return MeasuredFoldIn(info, _measure(folding, rating, found, ratings, people[:_PEOPLE], seed))


def draw_people(ratings: Interactions, users: Rows, given: int, seed: int) -> Iterator[Person]:
    """Those of the users who have enough ratings, with so many given: the first of a random order."""
    starts, ends = np.searchsorted(ratings.users, users), np.searchsorted(ratings.users, users, side="right")
    for user, start, end in zip(users.tolist(), starts.tolist(), ends.tolist(), strict=True):
        if end - start >= given + _LEAST_LEFT:
            order = start + np.random.default_rng([seed, user]).permutation(end - start)
            first, rest = order[:given], order[given:]
            yield Person(ratings.movies[first], ratings.stars[first], ratings.movies[rest], ratings.stars[rest])


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
            "How sure that is was found on other people."
        ),
        given=GIVEN[: len(asked)],
        people=tuple(asked),
        rmse=tuple(rmse),
        interval={level: tuple(share[level] for share in shares) for level in LEVELS},
    )


def _predict(
    folding: Folding, rating: MatrixFactorization, person: Person, noise: float, of_movies: Floats
) -> tuple[Floats, Doubles]:
    """The stars of the ratings that were not given, and what their variances depend on."""
    history = folding.fold(person.movies, person.stars)
    embeddings = folding.embed(history)
    predicted = rating.scale.clip(rating.Q[person.rest] @ embeddings.rating)
    return predicted, describe(folding, history, embeddings, person.rest, noise, of_movies)
