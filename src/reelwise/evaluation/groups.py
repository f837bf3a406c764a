"""Films for several people at once, measured on groups of people whom the models have never seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.likes import is_like
from reelwise.data.types import Floats, Positions, Rows
from reelwise.evaluation.metrics import Hits, PerUser, ndcg
from reelwise.evaluation.validation.people import HeldOutPerson, draw_people
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.fold_in.folding import Folding
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.side_by_side import one_thread_per_product
from reelwise.models.top_n import normalise, top_n
from reelwise.recommend.together import choose_together

SIZES = (2, 3, 5)
GROUPS = 200  # of each size
GIVEN = 30  # ratings of each member
LENGTH = 10  # of a list
_FEWEST = 30  # people; with fewer the same would be in every group

ChooseList = Callable[[Floats, Floats, Rows], Positions]
"""Chooses a list by normalised scores and predicted stars, shape (members, movies), without the rows given last."""

WAYS: Mapping[str, ChooseList] = {
    "together": lambda fits, _stars, refused: choose_together(fits, LENGTH, refused),
    "average": lambda fits, _stars, refused: top_n(fits.mean(axis=0), LENGTH, refused),
    "least misery": lambda fits, _stars, refused: top_n(fits.min(axis=0), LENGTH, refused),
    "average of stars": lambda _fits, stars, refused: top_n(stars.mean(axis=0), LENGTH, refused),
}


class GroupFigures(NamedTuple):
    """How good lists are for groups of one size; each of shape (groups,).

    Attributes:
        mean_ndcg: the mean NDCG@10 of the members.
        least_ndcg: that of the member who has least.
        liked_by_all: how many of the ten films all members like.
    """

    mean_ndcg: PerUser
    least_ndcg: PerUser
    liked_by_all: PerUser


@dataclass(frozen=True)
class GroupOutcome:
    """The figures of each way to choose, by the size of the groups; `missing` says why there are none."""

    protocol: str = ""
    figures: Mapping[str, Mapping[int, GroupFigures]] = field(default_factory=dict)
    missing: str = ""

    def to_json(self) -> dict[str, Any]:
        """The means, in what JSON knows."""
        return {
            "protocol": self.protocol,
            "sizes": list(SIZES) if self.figures else [],
            "figures": {name: _means(by_size) for name, by_size in self.figures.items()},
            "missing": self.missing,
        }


def _means(by_size: Mapping[int, GroupFigures]) -> dict[str, list[float]]:
    columns = zip(*by_size.values(), strict=True)
    return {
        name: [float(of_groups.mean()) for of_groups in column]
        for name, column in zip(("mean_ndcg@10", "least_ndcg@10", "liked_by_all@10"), columns, strict=True)
    }


def measure_groups(
    ratings: Interactions,
    ranking: WeightedALS,
    rating: MatrixFactorization,
    config: FoldInConfig,
    users: Rows,
    seed: int,
    ways: Mapping[str, ChooseList] = WAYS,
    likes_left: int = LENGTH,
) -> GroupOutcome:
    """Put people into groups by chance, and measure each list for each member, by the likes that were not given.

    Args:
        ratings: all ratings, in the order of user.
        ranking: the ranking model, fitted to the ratings of others.
        rating: the rating model, likewise.
        config: how to fold people in.
        users: rows of people whom the models have never seen.
        seed: of what is given, and of the groups.
        ways: to choose a list.
        likes_left: how many each member must have to be found; by default so many that a whole list can be right.
    """
    drawn = draw_people(ratings, users, GIVEN, seed)
    wanted = [(person, _likes_of(person, ratings.scale)) for person in drawn]
    wanted = [(person, likes) for person, likes in wanted if len(likes) >= likes_left]
    if len(wanted) < _FEWEST:
        return GroupOutcome(missing="too few of the users who are held out have enough ratings")
    people, likes_of = zip(*wanted, strict=True)
    with one_thread_per_product():
        folding = Folding(ranking, rating, config)
        embeddings = [folding.embed(folding.fold(person.movies, person.stars)) for person in people]
        taste, stars = (np.stack([getattr(one, side) for one in embeddings]) for side in ("ranking", "rating"))
        never = np.flatnonzero(~ranking.Q.any(axis=1))
        figures: dict[str, dict[int, GroupFigures]] = {name: {} for name in ways}
        for size in SIZES:
            found: dict[str, list[tuple[float, ...]]] = {name: [] for name in ways}
            for group in draw_groups(len(people), size, seed):
                refused = [np.concatenate([people[place].movies, never]) for place in group]
                scores, predicted = taste[group] @ ranking.Q.T, stars[group] @ rating.Q.T
                fits = np.stack([normalise(*one) for one in zip(scores, refused, strict=True)])
                for name, way in ways.items():
                    chosen = way(fits, predicted, np.concatenate(refused))
                    found[name].append(_measure(chosen, [likes_of[place] for place in group]))
            for name, measured in found.items():
                figures[name][size] = GroupFigures(*np.array(measured).T)
    protocol = (
        f"{len(people):,} people who are held out whole, each with {GIVEN} ratings given and at least {likes_left} "
        f"other likes, are put into {GROUPS} groups of each size by chance. These likes are to be found in the full "
        "catalogue, without what any member was given."
    )
    return GroupOutcome(protocol, figures)


def draw_groups(people: int, size: int, seed: int) -> list[Rows]:
    """`GROUPS` groups of places; nobody is in another before everybody is in one."""
    rng = np.random.default_rng([seed, size])
    groups: list[Rows] = []
    while len(groups) < GROUPS:
        order = rng.permutation(people)
        groups += [order[start : start + size] for start in range(0, people - size + 1, size)]
    return groups[:GROUPS]


def _likes_of(person: HeldOutPerson, scale: RatingScale) -> frozenset[int]:
    """The rows of what somebody likes among what was not given."""
    return frozenset(person.rest[is_like(person.rest_stars, scale)].tolist())


def _measure(chosen: Positions, likes: Sequence[frozenset[int]]) -> tuple[float, ...]:
    """A list, for members with these likes."""
    at = np.zeros((len(likes), LENGTH), np.bool_)
    for row, wanted in enumerate(likes):
        at[row, : len(chosen)] = [movie in wanted for movie in chosen.tolist()]
    each = ndcg(Hits(at, np.array([*map(len, likes)])))
    return float(each.mean()), float(each.min()), float(at.all(axis=0).sum())
