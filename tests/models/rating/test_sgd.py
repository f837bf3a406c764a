import numpy as np
import pytest

from reelwise.models.rating.epochs import Epoch
from reelwise.models.rating.kernels import Factors, Penalties
from reelwise.models.rating.sgd import Descent, Schedule, descend
from support.models.checkerboard import checkerboard

RATINGS = checkerboard(users=60, movies=50).interactions()
TRAIN = RATINGS.with_stars((RATINGS.stars - np.float32(3)) / np.float32(2))
NOISE = TRAIN.with_stars(np.random.default_rng(3).standard_normal(len(TRAIN)).astype(np.float32))
USERS, MOVIES = TRAIN.shape
SCHEDULE = Schedule(epochs=20, rate=0.05, patience=3)


def start() -> Factors:
    rng = np.random.default_rng(0)
    P, Q = (rng.standard_normal((count, 4), np.float32) * np.float32(0.1) for count in (USERS, MOVIES))
    return Factors(P, Q, np.zeros(USERS, np.float32), np.zeros(MOVIES, np.float32))


def run(
    schedule: Schedule = SCHEDULE, factors: Factors | None = None, threads: int = 1, seed: int = 5, **options: object
) -> Descent:
    penalties = Penalties(*(np.full(count, 0.01, np.float32) for count in (USERS, MOVIES, USERS, MOVIES)))
    return descend(factors or start(), penalties, 1.0, TRAIN, schedule, seed=seed, threads=threads, **options)  # type: ignore[arg-type]


def as_bytes(descent: Descent) -> list[bytes]:
    return [array.tobytes() for array in (*descent.factors, descent.Y)]


def test_the_start_is_left_as_it_is() -> None:
    factors = start()
    descent = run(Schedule(2, 0.05, 3), factors)
    for before, given, after in zip(start(), factors, descent.factors, strict=True):
        np.testing.assert_array_equal(given, before)
        assert after.shape == before.shape
        assert not np.array_equal(after, before)
    assert descent.Y.shape == (MOVIES, 4)


def test_the_result_depends_on_the_seed_alone() -> None:
    once = as_bytes(run())
    assert once == as_bytes(run()) == as_bytes(run(threads=2)) == as_bytes(run(threads=7))
    assert once != as_bytes(run(seed=6))


def test_the_error_falls() -> None:
    epochs: list[Epoch] = []
    descent = run(validation=TRAIN, on_epoch=epochs.append)
    assert descent.rmse[-1] < 0.2 < descent.rmse[0]
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert [epoch.rmse for epoch in epochs] == list(descent.rmse)


def test_training_stops_early_and_keeps_the_best_epoch() -> None:
    early = run(validation=NOISE)
    assert len(early.rmse) < 20
    assert early.best_epoch == int(np.argmin(early.rmse)) + 1
    assert len(early.rmse) == early.best_epoch + 3
    assert as_bytes(run(Schedule(20, 0.05, 3, stop_after=early.best_epoch))) == as_bytes(early)


def test_divergence_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="diverged"), np.errstate(all="ignore"):
        run(Schedule(50, rate=50.0, patience=3))


@pytest.mark.parametrize(("rmse", "text"), [(0.85671, "RMSE 0.8567  2 M ratings/s"), (None, "2 M ratings/s")])
def test_an_epoch_is_described(rmse: float | None, text: str) -> None:
    assert Epoch(1, 2, rmse, 0.5, 1_000_000).describe() == text
