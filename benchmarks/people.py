"""People with a history, for benchmarks: who they are, and how good lists and predicted stars are for them."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.types import Doubles, Floats, Rows, Times
from reelwise.evaluation.validation.people import HeldOutPerson, draw_people, measure_list

LEAST_RATINGS, LEAST_LIKES = 40, 20

Scores = Callable[[HeldOutPerson], Floats]
"""The scores of all films for a person, or their predicted stars."""


def draw_users(ratings: Interactions, count: int, seed: int) -> Rows:
    """Rows of so many users with enough ratings and likes."""
    likes = np.bincount(ratings.users[is_like(ratings.stars, ratings.scale)], minlength=ratings.shape[0])
    fit = np.flatnonzero((ratings.counts_by_user() >= LEAST_RATINGS) & (likes >= LEAST_LIKES))
    return np.random.default_rng(seed).choice(fit, min(count, len(fit)), replace=False)


def list_people(
    ratings: Interactions, users: Rows, given: int, seed: int, times: Times | None = None
) -> list[HeldOutPerson]:
    """Those of the users who have enough ratings, and a like among those that are not given; see `draw_people`."""
    drawn = draw_people(ratings, users, given, seed, times)
    return [person for person in drawn if is_like(person.rest_stars, ratings.scale).any()]


def ndcg(scores: Scores, people: Iterable[HeldOutPerson], ratings: Interactions) -> Doubles:
    """NDCG@10 of the likes that are left, what is given left out; shape (people,)."""
    return np.array([measure_list(scores(person), person, ratings.scale) for person in people])


def squares(predict: Scores, people: Iterable[HeldOutPerson]) -> list[Doubles]:
    """The squared errors on what is left, of each person."""
    return [np.square(predict(person)[person.rest] - person.rest_stars, dtype=np.float64) for person in people]


def rmse(predict: Scores, people: Iterable[HeldOutPerson]) -> float:
    """The root of the mean squared error on what is left, over all ratings."""
    return float(np.sqrt(np.concatenate(squares(predict, people)).mean()))


def show(name: str, figures: Iterable[float]) -> None:
    """Print a line."""
    print(f"{name:<34}" + "".join(f"{figure:10.3f}" for figure in figures), flush=True)


def show_difference(name: str, ours: Sequence[Doubles], theirs: Sequence[Doubles]) -> None:
    """Print the mean difference of each column, with one standard error, of the same people."""
    cells = []
    for left, right in zip(ours, theirs, strict=True):
        gain = left - right
        cells.append(f"{gain.mean():+.3f}±{gain.std() / len(gain) ** 0.5:.3f}".rjust(14))
    print(f"  {name}\n{'':<20}" + "".join(cells), flush=True)
