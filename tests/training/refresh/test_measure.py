"""Which differences have an update refused."""

from typing import Any, cast

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats
from reelwise.data.vocabulary import Vocabulary
from reelwise.training.refresh.measure import Side, measure

PEOPLE = 12


class Predictor:
    """Gives two films the same stars whoever asks."""

    fold_in_parts, scale = True, MOVIELENS_SCALE

    def __init__(self, *stars: float) -> None:
        self.Q = np.array(stars, np.float32)[:, None]

    def fold_in_rows(self, histories: CSR) -> Floats:
        return np.ones((len(histories), 1), np.float32)


def faults(first: float, second: float) -> tuple[str, ...]:
    """What is said of ratings of which 7 people love the first film and 5 the second, predicted with these stars."""
    people, films = np.repeat(np.arange(PEOPLE, dtype=np.int32), 2), np.tile(np.arange(2, dtype=np.int32), PEOPLE)
    stars = np.where((people < 7) == (films == 0), 5, 1).astype(np.float32)
    told = Interactions(people, films, stars, (PEOPLE, 2))
    users, movies = Vocabulary(np.arange(PEOPLE)), Vocabulary(np.arange(2))
    side = Side(cast("Any", Predictor(first, second)), None, films[:2])
    return measure(side, side, Ratings.from_interactions(users, movies, told), told, seed=0).faults


def test_new_ratings_must_be_predicted_better_than_by_their_mean_however_few_people_they_are_of() -> None:
    assert faults(3.5, 2.5) == ()  # RMSE 1.979, which might well be chance; that of the mean is 2
    (fault,) = faults(2.5, 3.5)
    assert "RMSE 2.1409, no better than their own mean with 2.0000" in fault
