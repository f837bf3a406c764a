import numpy as np
import pytest

from reelwise.data.ratings import Interactions
from reelwise.models.kernels import Factors, Penalties
from reelwise.models.rating.sgd import Descent, Epoch, Schedule, descend
from support.checkerboard import checkerboard

RATINGS = checkerboard(users=60, movies=50)
USERS, MOVIES = len(RATINGS.user_ids), len(RATINGS.movie_ids)
RIDGE = 1.0


def normalised() -> Interactions:
    seen = RATINGS.interactions()
    return seen._replace(stars=(seen.stars - np.float32(3)) / np.float32(2))


def start(seed: int = 0, k: int = 4) -> Factors:
    rng = np.random.default_rng(seed)
    P, Q = (rng.standard_normal((count, k), np.float32) * np.float32(0.1) for count in (USERS, MOVIES))
    return Factors(P, Q, np.zeros(USERS, np.float32), np.zeros(MOVIES, np.float32))


def penalties(weight: float = 0.01) -> Penalties:
    return Penalties(*(np.full(count, weight, np.float32) for count in (USERS, MOVIES, USERS, MOVIES)))


def run(threads: int = 1, seed: int = 5, **options: object) -> Descent:
    schedule = Schedule(epochs=20, rate=0.05, patience=3)
    return descend(start(), penalties(), RIDGE, normalised(), schedule, seed=seed, threads=threads, **options)  # type: ignore[arg-type]


def as_bytes(descent: Descent) -> list[bytes]:
    return [array.tobytes() for array in descent.factors]


def test_the_start_is_left_as_it_is() -> None:
    factors = start()
    descent = descend(factors, penalties(), RIDGE, normalised(), Schedule(2, 0.05, 3), seed=1, threads=1)
    for before, given, after in zip(start(), factors, descent.factors, strict=True):
        np.testing.assert_array_equal(given, before)
        assert after.shape == before.shape
        assert not np.array_equal(after, before)


def test_the_result_is_the_same_for_any_number_of_threads_and_on_every_run() -> None:
    once = as_bytes(run(threads=1))
    assert once == as_bytes(run(threads=1)) == as_bytes(run(threads=2)) == as_bytes(run(threads=7))


def test_another_seed_gives_another_result() -> None:
    assert as_bytes(run(seed=5)) != as_bytes(run(seed=6))


def test_the_error_falls() -> None:
    told: list[Epoch] = []
    descent = run(validation=normalised(), on_epoch=told.append)
    assert descent.rmse[-1] < 0.2 < descent.rmse[0]
    assert [epoch.number for epoch in told] == list(range(1, len(told) + 1))
    assert [epoch.rmse for epoch in told] == list(descent.rmse)


def test_training_stops_early_and_keeps_the_best_epoch() -> None:
    noise = normalised()._replace(stars=np.random.default_rng(3).standard_normal(len(RATINGS)).astype(np.float32))
    descent = run(validation=noise)
    assert len(descent.rmse) < 20
    assert descent.best_epoch == int(np.argmin(descent.rmse)) + 1
    assert len(descent.rmse) == descent.best_epoch + 3


def test_the_kept_factors_are_those_of_the_best_epoch() -> None:
    noise = normalised()._replace(stars=np.random.default_rng(3).standard_normal(len(RATINGS)).astype(np.float32))
    early = run(validation=noise)
    schedule = Schedule(epochs=20, rate=0.05, patience=3, stop_after=early.best_epoch)
    again = descend(start(), penalties(), RIDGE, normalised(), schedule, seed=5, threads=1)
    assert as_bytes(again) == as_bytes(early)


def test_divergence_is_told() -> None:
    with pytest.raises(FloatingPointError, match="diverged"), np.errstate(all="ignore"):
        descend(start(), penalties(), RIDGE, normalised(), Schedule(50, rate=50.0, patience=3), seed=1, threads=1)
