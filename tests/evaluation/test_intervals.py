import numpy as np
import pytest

from reelwise.evaluation.intervals import half_width, intervals_in_words, measure_intervals


def test_intervals_of_normal_errors_hold_what_they_shall() -> None:
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.3, 1.5, 100_000).astype(np.float32)
    errors = (rng.standard_normal(100_000) * spread).astype(np.float32)
    found = measure_intervals(errors, spread)
    assert found["interval"] == pytest.approx({"0.68": 0.68, "0.90": 0.90}, abs=0.005)
    assert found["mean_spread"] == pytest.approx(0.9, abs=0.005)
    too_sure = measure_intervals(errors, np.float32(0.5) * spread)["interval"]
    assert too_sure == pytest.approx({"0.68": 0.381, "0.90": 0.589}, abs=0.005)


def test_an_error_at_the_end_of_the_interval_is_within() -> None:
    found = measure_intervals(np.array([-1, 1, 1.7], np.float32), np.ones(3, np.float32))
    assert found["interval"] == {"0.68": 0.0, "0.90": pytest.approx(2 / 3)}
    assert half_width("0.90") == pytest.approx(1.645, abs=1e-3)


def test_what_was_found_is_told_in_one_line() -> None:
    assert intervals_in_words({"0.68": 0.691, "0.90": 0.904}, 0.834) == (
        "true stars within the stated margin: 69.1% (68% interval), 90.4% (90% interval); the mean margin is 0.83 stars"
    )
