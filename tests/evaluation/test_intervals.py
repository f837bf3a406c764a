import numpy as np
import pytest

from reelwise.evaluation.intervals import half_width, measure_intervals


def test_intervals_of_normal_errors_hold_as_many_as_they_say() -> None:
    rng = np.random.default_rng(0)
    std = rng.uniform(0.3, 1.5, 100_000).astype(np.float32)
    errors = (rng.standard_normal(100_000) * std).astype(np.float32)
    assert measure_intervals(errors, std) == pytest.approx({"0.68": 0.68, "0.90": 0.90}, abs=0.005)
    too_sure = measure_intervals(errors, np.float32(0.5) * std)
    assert too_sure == pytest.approx({"0.68": 0.381, "0.90": 0.589}, abs=0.005)


def test_an_error_at_the_end_of_the_interval_is_within() -> None:
    found = measure_intervals(np.array([-1, 1, 1.7], np.float32), np.ones(3, np.float32))
    assert found == {"0.68": 0.0, "0.90": pytest.approx(2 / 3)}
    assert half_width("0.90") == pytest.approx(1.645, abs=1e-3)
