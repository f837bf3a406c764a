"""The order of films that the model has not learnt, in a list of these alone."""

import numpy as np

from reelwise.recommend.films.scores import AllScores
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.inner_product_index import FixedScores
from reelwise.recommend.movie_facts import NO_ROWS


def test_those_with_ratings_come_first_and_more_of_them_raise_every_score() -> None:
    fits = np.array([3, 1, -1, -1, 1, 1, -9], np.float32)
    ratings = np.array([0, 0, 3, 8, 3, 8, 0])
    films = Unlearnt(np.arange(7), fits[:, None], ratings, NO_ROWS, 7)
    nobody = FixedScores(np.empty(0, np.float32), NO_ROWS)
    alone = AllScores(nobody, 0, films, np.ones(1, np.float32), alone=True)
    rows, scores = alone.best(7, NO_ROWS)
    assert rows.tolist() == [5, 4, 3, 2, 0, 1, 6]
    assert (np.diff(scores) <= 0).all()
    assert alone.of(np.array([5, 2])).tolist() == [3, -0.5]
    assert alone.best(2, np.array([5, 4]))[0].tolist() == [3, 2]
