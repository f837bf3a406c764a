from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from reelwise.data.ratings import Interactions
from reelwise.models.kernels import Factors, Floats, Penalties, PriorMeans
from reelwise.models.rating.stratified_sgd import GRID, Epochs, Permutation, deal_into_blocks
from support.checkerboard import checkerboard

RATINGS = checkerboard(users=60, movies=50)
USERS, MOVIES = len(RATINGS.user_ids), len(RATINGS.movie_ids)


def test_blocks_keep_every_rating_and_separate_bands() -> None:
    seen = RATINGS.interactions()
    blocks = deal_into_blocks(seen, USERS, MOVIES)
    dealt = sorted(zip(blocks.users, blocks.movies, blocks.z, strict=True))
    assert dealt == sorted(zip(*seen, strict=True))
    bands_of_user: dict[int, set[int]] = {}
    bands_of_movie: dict[int, set[int]] = {}
    for block in range(GRID * GRID):
        for at in range(blocks.offsets[block], blocks.offsets[block + 1]):
            bands_of_user.setdefault(int(blocks.users[at]), set()).add(block // GRID)
            bands_of_movie.setdefault(int(blocks.movies[at]), set()).add(block % GRID)
    assert all(len(bands) == 1 for bands in [*bands_of_user.values(), *bands_of_movie.values()])
    assert [min(bands_of_user[user]) for user in sorted(bands_of_user)] == sorted(map(min, bands_of_user.values()))


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_blocks_keep_every_rating_of_any_number(count: int) -> None:
    rng = np.random.default_rng(count)
    users, movies = rng.integers(0, USERS, (2, count)).astype(np.int32)
    seen = Interactions(users, movies, np.arange(count, dtype=np.float32))
    blocks = deal_into_blocks(seen, USERS, USERS)
    assert sorted(zip(blocks.users, blocks.movies, blocks.z, strict=True)) == sorted(zip(*seen, strict=True))


def test_dealing_is_undone() -> None:
    rng = np.random.default_rng(0)
    factors = Factors(*(rng.standard_normal(shape, np.float32) for shape in ((7, 3), (5, 3), (7,), (5,))))
    deal = Permutation.of(7, 5, rng)
    dealt = Factors(*deal.arrays(factors))
    assert not np.array_equal(dealt.P, factors.P)
    for before, after in zip(factors, deal.undone(dealt), strict=True):
        np.testing.assert_array_equal(before, after)


def swept(factors: Factors, weight: float, rate: float, threads: int = 1, seed: int = 0) -> Factors:
    seen = RATINGS.interactions()
    penalties = Penalties(*(np.full(count, weight, np.float32) for count in (USERS, MOVIES, USERS, MOVIES)))
    changed = factors.copy()
    with ThreadPoolExecutor(threads) as pool:
        sweep = Epochs(seen, penalties, pool, threads)
        centres = PriorMeans(np.ones_like(factors.P), np.ones_like(factors.Q))
        sweep(changed, centres, np.full(GRID, rate, np.float32), np.random.default_rng(seed))
    return changed


def random_factors() -> Factors:
    rng = np.random.default_rng(2)

    def normal(*shape: int) -> Floats:
        return rng.standard_normal(shape, np.float32)

    return Factors(normal(USERS, 3), normal(MOVIES, 3), normal(USERS), normal(MOVIES))


def test_a_sweep_is_the_same_for_any_number_of_threads() -> None:
    once = swept(random_factors(), 0.1, 0.05)
    for threads in (2, 3, 8, 16):
        for alone, together in zip(once, swept(random_factors(), 0.1, 0.05, threads), strict=True):
            assert alone.tobytes() == together.tobytes()


def test_rounds_come_in_another_order_each_time() -> None:
    some, other = (swept(random_factors(), 0.1, 0.05, seed=seed) for seed in (0, 1))
    assert not np.array_equal(some.P, other.P)


def test_all_pulls_of_a_sweep_together_weigh_as_much_as_one_for_each_rating() -> None:
    weight, tiny = 1e6, 1e-9  # such a rate leaves the errors without effect
    factors = random_factors()
    after = swept(factors, weight, tiny)
    for before, moved, counts in (
        (factors.P, after.P, np.bincount(RATINGS.interactions().users, minlength=USERS)),
        (factors.Q, after.Q, np.bincount(RATINGS.interactions().movies, minlength=MOVIES)),
    ):
        kept = np.exp(-weight * tiny * counts)[:, None]
        np.testing.assert_allclose(moved, 1 + kept * (before - 1), rtol=1e-3, atol=1e-4)
