"""People who bring a history: some of their ratings are given, the others are to be predicted, or found."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.likes import is_like
from reelwise.data.types import Floats, Mask, Rows, Stars, Times
from reelwise.evaluation.metrics import Hits, ndcg
from reelwise.models.top_n import top_n

_LEAST_LEFT = 10  # ratings that must be left, or a figure would be of nothing
_LENGTH = 10  # of a list


class HeldOutPerson(NamedTuple):
    """Somebody with some ratings given, and the others.

    Attributes:
        user: the row of this user.
        movies: what is given, in its order.
        stars: likewise.
        rest: what is not.
        rest_stars: likewise.
    """

    user: int
    movies: Rows
    stars: Stars
    rest: Rows
    rest_stars: Stars


def draw_people(
    ratings: Interactions, users: Rows, given: int, seed: int, times: Times | None = None
) -> Iterator[HeldOutPerson]:
    """Those of the users who have enough ratings, with so many given: the first of an order.

    Args:
        ratings: all ratings, in the order of user.
        users: rows.
        given: how many ratings are given.
        seed: of the order, which chance decides, or ties in it.
        times: of the ratings; then the order is that of time.
    """
    for user, order in _orders(ratings, users, seed, times):
        if len(order) >= given + _LEAST_LEFT:
            yield _person(ratings, user, order, given)


def measure_list(scores: Floats, person: HeldOutPerson, scale: RatingScale) -> float:
    """NDCG@10 of the films that come first, what is given left out, where the likes that are left are to be found.

    Args:
        scores: of all films.
        person: with a like that is left.
        scale: by which a rating is a like.
    """
    wanted = person.rest[is_like(person.rest_stars, scale)]
    at = np.zeros((1, _LENGTH), np.bool_)
    best = top_n(scores, _LENGTH, person.movies)
    at[0, : len(best)] = np.isin(best, wanted)
    return float(ndcg(Hits(at, np.array([len(wanted)])))[0])


def halve(
    ratings: Interactions, users: Rows, seed: int, times: Times | None = None
) -> tuple[Mask, list[HeldOutPerson]]:
    """These users with the first half of their ratings given, and which ratings are not; see `draw_people`.

    Returns:
        Bool, shape (ratings,), and a person for each user.
    """
    held_out, people = np.zeros(len(ratings), np.bool_), []
    for user, order in _orders(ratings, users, seed, times):
        half = len(order) // 2
        held_out[order[half:]] = True
        people.append(_person(ratings, user, order, half))
    return held_out, people


def _orders(ratings: Interactions, users: Rows, seed: int, times: Times | None) -> Iterator[tuple[int, Rows]]:
    """Each user's ratings in their order."""
    starts, ends = np.searchsorted(ratings.users, users), np.searchsorted(ratings.users, users, side="right")
    for user, start, end in zip(users.tolist(), starts.tolist(), ends.tolist(), strict=True):
        order = start + np.random.default_rng([seed, user]).permutation(end - start)
        yield user, order if times is None else order[np.argsort(times[order], kind="stable")]


def _person(ratings: Interactions, user: int, order: Rows, given: int) -> HeldOutPerson:
    first, rest = order[:given], order[given:]
    return HeldOutPerson(user, ratings.movies[first], ratings.stars[first], ratings.movies[rest], ratings.stars[rest])
