import pytest

from reelwise.evaluation.by_id.choosing import climb


@pytest.mark.parametrize("peak", range(7))
def test_the_best_of_a_hill_is_found_without_measuring_all(peak: int) -> None:
    measured: list[int] = []

    def measure(place: int) -> float:
        measured.append(place)
        return -abs(place - peak)

    assert climb(7, measure) == peak
    assert len(set(measured)) == len(measured)
    assert len(measured) <= 2 + abs(peak - 3) + 1


def test_of_two_both_are_measured() -> None:
    assert climb(2, [0.1, 0.2].__getitem__) == 1
    assert climb(2, [0.2, 0.1].__getitem__) == 0
    assert climb(1, [0.2].__getitem__) == 0
