"""The dial leads from well-known films to hidden ones, and 0 changes nothing."""

import numpy as np
import pytest

from reelwise.models.ranking.balance import discount, fame_of


def test_at_0_nothing_changes_and_the_best_known_film_never_does() -> None:
    fame = fame_of(np.array([0, 5, 300]))
    assert discount(fame, 0).tolist() == [1, 1, 1]
    assert discount(fame, 0.7)[2] == 1


def test_at_1_scores_are_over_the_root_of_fame() -> None:
    fame = fame_of(np.array([0, 60, 300]))
    assert discount(fame, 1) == pytest.approx([4, 2, 1])  # (20, 80, 320) / 320, each ^-1/2


@pytest.mark.parametrize("seed", range(3))
def test_the_further_the_dial_the_less_known_the_films(seed: int) -> None:
    rng = np.random.default_rng(seed)
    likes = rng.zipf(1.5, 500).clip(1, 3000)
    scores, fame = np.log1p(likes) * rng.random(500), fame_of(likes)
    known = [float(likes[np.argsort(-scores * discount(fame, balance))[:10]].mean()) for balance in (0, 0.3, 0.6, 1)]
    assert known == sorted(known, reverse=True)
    assert known[0] > known[-1]
