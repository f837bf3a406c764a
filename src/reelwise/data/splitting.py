"""Splitting ratings: by chance, by time, or by holding out people whole."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.likes import least_like, likes_of
from reelwise.data.types import Counts, Indices, Mask, Rows, Times
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError


def hold_out(ratings: Interactions, fraction: float, seed: int) -> tuple[Interactions, Interactions]:
    """Two parts of `ratings`: what is kept, and a random `fraction` (0 to 1) held out, each in its old order."""
    chosen = choose_at_random(len(ratings), fraction, seed)
    return ratings.where(~chosen), ratings.where(chosen)


def choose_at_random(count: int, fraction: float, seed: int) -> Mask:
    """Choose a random `fraction` of `count` ratings."""
    return np.random.default_rng(seed).permutation(count) < round(fraction * count)


def choose_latest(times: Times, fraction: float) -> Mask:
    """Choose the ratings after a moment, so that they are as nearly as possible a `fraction` of all.

    Ratings of the same moment are never parted.

    Raises:
        UsageError: Raised when all ratings are of the same moment.
    """
    ordered = np.sort(times)
    starts = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1  # where the ratings of a later moment begin
    if len(starts) == 0:
        raise UsageError("all ratings are of the same moment, so time cannot part them; split them at random")
    start = starts[np.abs(starts - (1 - fraction) * len(times)).argmin()]
    latest: Mask = times >= ordered[start]
    return latest


@dataclass(frozen=True, eq=False)
class Viewers:
    """People held out whole: some of their likes are shown, the others are to be found.

    Attributes:
        users: the ids of these people, of whom the training data knows nothing.
        movies: the ids of the movies by row, those of the training data.
        shown: for each of them the movies shown, and the stars they gave.
        targets: for each of them the movies to be found, at least one; none of those shown.
        scale: the rating scale.
    """

    users: Vocabulary
    movies: Vocabulary
    shown: CSR
    targets: CSR
    scale: RatingScale

    def __len__(self) -> int:
        return len(self.users)

    def __repr__(self) -> str:
        shown = len(self.shown.indices) / len(self)
        return f"Viewers({len(self):,} people, {shown:.1f} likes shown and {self._mean_targets():.1f} to be found each)"

    def _mean_targets(self) -> float:
        return len(self.targets.indices) / len(self)


class DrawnUsers(NamedTuple):
    """Users who are held out, and an order of everybody's likes.

    Attributes:
        users: rows of the users drawn, in random order.
        likes: all likes, of everybody.
        places: the place, from 0, of each like in a random order of its user's likes.
    """

    users: Rows
    likes: Interactions
    places: Counts

    def shown(self, number: int, users: Rows) -> CSR:
        """The first `number` likes of each of some users."""
        return rows_of(self.likes.where(self.places < number), users)

    def rest(self, number: int, users: Rows) -> CSR:
        """All their likes after these."""
        return rows_of(self.likes.where(self.places >= number), users)


def draw_users(ratings: Interactions, number: int, min_likes: int, seed: int) -> DrawnUsers:
    """Draw a `number` of users with at least `min_likes` likes, and put everybody's likes in a random order.

    Args:
        ratings: in the order of user.
        number: how many users.
        min_likes: users with fewer are not drawn.
        seed: of users and order.

    Raises:
        UsageError: Raised when too few users have enough likes.
    """
    rng = np.random.default_rng(seed)
    likes = likes_of(ratings)
    counts = likes.counts_by_user()
    eligible = np.flatnonzero(counts >= max(min_likes, 1))
    if number > len(eligible):
        raise UsageError(
            f"{number} users cannot be held out: only {len(eligible)} of {len(counts)} have {min_likes} ratings "
            f"of {least_like(ratings.scale):g} stars or more; hold out fewer users, or ask for fewer likes"
        )
    return DrawnUsers(rng.permutation(eligible)[:number], likes, random_places(likes.users, rng))


def random_places(users: Indices, rng: np.random.Generator) -> Counts:
    """The place, from 0, of each like in a random order of its user's likes; `users` is ascending."""
    order = np.lexsort((rng.random(len(users)), users))
    places = np.empty(len(users), np.int64)
    places[order] = np.arange(len(users)) - np.searchsorted(users, users)
    return places


def rows_of(ratings: Interactions, users: Rows) -> CSR:
    """The ratings of some users, a row for each, in the order of `users`."""
    row = np.full(ratings.shape[0], -1, np.int64)
    row[users] = np.arange(len(users))
    ratings = ratings.where(row[ratings.users] >= 0)
    return CSR.grouped(row[ratings.users], ratings.movies, ratings.stars, len(users))
