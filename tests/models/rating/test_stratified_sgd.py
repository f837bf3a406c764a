from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from reelwise.data.interactions import Interactions
from reelwise.models.rating.kernels import Blocks, Factors, Penalties, PriorMeans
from reelwise.models.rating.stratified_sgd import GRID, Permutation, StratifiedSGD, sort_into_blocks
from support.models.checkerboard import checkerboard

TRAIN = checkerboard(users=60, movies=50).interactions()
USERS, MOVIES = TRAIN.shape


def lines(ratings: Interactions | Blocks) -> list[tuple[int, int, float]]:
    numbers = ratings.z if isinstance(ratings, Blocks) else ratings.stars
    return sorted(zip(ratings.users.tolist(), ratings.movies.tolist(), numbers.tolist(), strict=True))


def test_blocks_separate_bands_of_users_and_of_movies() -> None:
    blocks = sort_into_blocks(TRAIN)
    block = np.repeat(np.arange(GRID * GRID), np.diff(blocks.offsets))
    for rows, band in ((blocks.users, block // GRID), (blocks.movies, block % GRID)):
        bands = [set(band[rows == row]) for row in range(rows.max() + 1)]
        assert all(len(one) == 1 for one in bands)
        assert bands == sorted(bands, key=min)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_blocks_keep_every_rating_of_any_number(count: int) -> None:
    users, movies = np.random.default_rng(count).integers(0, USERS, (2, count)).astype(np.int32)
    ratings = Interactions(users, movies, np.arange(count, dtype=np.float32), (USERS, USERS))
    assert lines(sort_into_blocks(ratings)) == lines(ratings)


def test_a_permutation_is_undone() -> None:
    rng = np.random.default_rng(0)
    factors = Factors(*(rng.standard_normal(shape, np.float32) for shape in ((7, 3), (5, 3), (7,), (5,))))
    permutation = Permutation.draw(7, 5, rng)
    permuted = Factors(*permutation.permute_arrays(factors))
    assert not np.array_equal(permuted.P, factors.P)
    for before, after in zip(factors, permutation.restore(permuted), strict=True):
        np.testing.assert_array_equal(before, after)


def run_epoch(weight: float, rate: float, threads: int = 1, seed: int = 0) -> tuple[Factors, Factors]:
    """Factors before and after an epoch that shrinks vectors to 1."""
    rng = np.random.default_rng(2)
    before = Factors(*(rng.standard_normal(shape, np.float32) for shape in ((USERS, 3), (MOVIES, 3), USERS, MOVIES)))
    penalties = Penalties(*(np.full(count, weight, np.float32) for count in (USERS, MOVIES, USERS, MOVIES)))
    after = before.copy()
    with ThreadPoolExecutor(threads) as pool:
        sgd = StratifiedSGD(TRAIN, penalties, pool, threads)
        means = PriorMeans(np.ones_like(before.P), np.ones_like(before.Q))
        sgd.run_epoch(after, means, np.full(GRID, rate, np.float32), np.random.default_rng(seed))
    return before, after


def test_an_epoch_is_the_same_for_any_number_of_threads() -> None:
    _, once = run_epoch(0.1, 0.05)
    for threads in (2, 3, 8, 16):
        for alone, together in zip(once, run_epoch(0.1, 0.05, threads)[1], strict=True):
            assert alone.tobytes() == together.tobytes()


def test_rounds_come_in_another_order_each_time() -> None:
    some, other = (run_epoch(0.1, 0.05, seed=seed)[1] for seed in (0, 1))
    assert not np.array_equal(some.P, other.P)


def test_all_decays_of_an_epoch_together_weigh_as_much_as_one_for_each_rating() -> None:
    weight, tiny = 1e6, 1e-9  # such a rate leaves the errors without effect
    before, after = run_epoch(weight, tiny)
    counts = TRAIN.counts_by_user(), TRAIN.counts_by_movie()
    for start, end, count in zip(before[:2], after[:2], counts, strict=True):
        kept = np.exp(-weight * tiny * count)[:, None]
        np.testing.assert_allclose(end, 1 + kept * (start - 1), rtol=1e-3, atol=1e-4)
