"""Finding the existing user who best matches a selection.

Who rated a film is a set of bits, one for each user. Twenty sets are counted for 64 users at a time by adding them bit
by bit, as one would by hand: what two sets have in common is carried to the next binary digit. From the highest digit
down, that leaves the set of those users who rated most of the films. Where users are few, counting each of them takes a
third of the time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import CSR
from reelwise.data.types import Doubles, Positions, Rows

Bits = npt.NDArray[np.uint64]

_FEW = 16384  # users that are counted one by one
_SPARSE = 16  # once asked about, films that one in so many users rated keep their bits; they are slowest to gather
_STEP = 4  # films after which those who cannot win any more are left out
_LEADERS = 128  # contenders of whom the best says what it takes to win
_BLOCK = 8192  # users at a time: what is computed on the way then stays in the cache


class BestUser(NamedTuple):
    """The user index that matches best, on how many movies, and the mean of that user's stars on these."""

    user: int
    matched: int
    mean_stars: float


class _Raters(NamedTuple):
    """Who rated a film: a bit for each user; and the stars of those whose bit is set, in their order.

    `before` says how many there are before those of each word of 64 bits.
    """

    raters: Bits
    before: Positions
    stars: npt.NDArray[np.float32]


class Matcher:
    """Finds the users who rated most of some movies. Safe to share between threads.

    Args:
        by_movie: for each movie the user indices and stars.
        users: how many users there are.
    """

    def __init__(self, by_movie: CSR, users: int) -> None:
        self._by_movie, self._users = by_movie, users
        self._words = -(-users // 64)
        self._most_stars = float(by_movie.stars.max(initial=-np.inf))
        self._kept: dict[int, Bits] = {}

    def best_user(self, picks: Sequence[int] | Rows, without: Sequence[int] = ()) -> BestUser | None:
        """The user who rated most of the picked movies.

        Ties go to the higher mean of the user's stars on the matched movies, then to the lowest index.

        Args:
            picks: distinct movie indices.
            without: user indices that are passed over.

        Returns:
            None if nobody rated any of them.
        """
        if len(picks) == 0:
            return None
        if self._users <= _FEW:
            return self._counted(picks, without)
        films = [film for film in (self._film(int(movie)) for movie in picks) if film.stars.size]
        most, bits = _most([film.raters for film in films], self._all_but(without))
        if most == 0:
            return None
        contenders = np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_))
        losses = self._losses(contenders, films[:_STEP], np.zeros(len(contenders)))
        if len(films) > _STEP:
            leaders = np.argpartition(losses, min(_LEADERS, len(losses)) - 1)[:_LEADERS]
            limit = self._losses(contenders[leaders], films[_STEP:], losses[leaders]).min()
        for start in range(_STEP, len(films), _STEP):
            left = losses <= limit  # they only grow
            contenders = contenders[left]
            losses = self._losses(contenders, films[start : start + _STEP], losses[left])
        winner = int(np.argmin(losses))  # the first of equals is the lowest index
        return BestUser(int(contenders[winner]), most, (most * self._most_stars - float(losses[winner])) / most)

    def _all_but(self, without: Sequence[int]) -> Bits:
        """The set of all users without those."""
        allowed = np.ones(64 * self._words, np.bool_)
        allowed[list(without)] = False
        return np.packbits(allowed, bitorder="little").view("<u8")

    def _counted(self, picks: Sequence[int] | Rows, without: Sequence[int]) -> BestUser | None:
        users, stars = map(np.concatenate, zip(*[self._by_movie[int(movie)] for movie in picks], strict=True))
        matched = np.bincount(users, minlength=self._users if without else 1)
        matched[list(without)] = 0
        most = int(matched.max())
        if most == 0:
            return None
        sums = np.bincount(users, stars)
        contenders = np.flatnonzero(matched == most)
        winner = int(contenders[np.argmax(sums[contenders])])  # the first of equals is the lowest index
        return BestUser(winner, most, float(sums[winner]) / most)

    def _film(self, movie: int) -> _Raters:
        users, stars = self._by_movie[movie]
        raters = self._kept.get(movie)
        if raters is None:
            raters = self._bits(users)
            if len(users) * _SPARSE > self._users:
                self._kept[movie] = raters
        counts = np.bitwise_count(raters)
        return _Raters(raters, np.cumsum(counts, dtype=np.intp) - counts, stars)

    def _bits(self, users: Rows) -> Bits:
        rated = np.zeros(64 * self._words, np.bool_)
        rated[users] = True
        return np.packbits(rated, bitorder="little").view("<u8")

    def _losses(self, users: Positions, films: Sequence[_Raters], so_far: Doubles) -> Doubles:
        """`so_far`, and by how much each user's stars on these films fall short of the most there are, shape (users,).

        Of users with as many matches, the one who loses least has the highest mean. Films are added one by one, so that
        sums do not depend on the steps in which they are made, and never fall.
        """
        losses = so_far.copy()
        for start in range(0, len(users), _BLOCK):
            part = slice(start, start + _BLOCK)
            word, bit = users[part] >> 6, np.uint64(1) << (users[part] & 63).astype(np.uint64)
            for raters, before, stars in films:
                own = raters[word]
                position = before[word] + np.bitwise_count(own & (bit - np.uint64(1)))
                short = np.subtract(self._most_stars, stars.take(position, mode="clip"), dtype=np.float64)
                losses[part] += (own & bit != 0) * short
        return losses


def _most(sets: Sequence[Bits], those: Bits) -> tuple[int, Bits]:
    """In how many of the sets those of `those` are that are in most, and the set of these."""
    digits: list[Bits] = []
    for carry in sets:
        for place, digit in enumerate(digits):
            digits[place], carry = digit ^ carry, digit & carry
        if carry.any():
            digits.append(carry)
    most = 0
    for place in reversed(range(len(digits))):
        if (higher := those & digits[place]).any():
            most, those = most + (1 << place), higher
    return most, those
