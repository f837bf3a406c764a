"""The linear part scores as the linear predictor that it is made of, to the precision of its tables."""

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.types import Floats, Rows
from reelwise.models.baselines.linear_for_n import LinearForN
from reelwise.models.queries import Queries
from reelwise.models.ranking.linear_part import LinearPart
from support.models.checkerboard import checkerboard
from support.models.memory_store import MemoryStore

TRAIN = checkerboard(users=60, movies=50, share=0.6).interactions()
MODEL = LinearForN(min_likes=18, most_films=20).fit(TRAIN)
PART = LinearPart.of(MODEL)


def score(part: LinearPart, picks: Rows) -> Floats:
    return part.add_up(part.carried(picks))


@pytest.mark.parametrize("picks", [[3], [0, 7, 9], [*range(12)]])
def test_it_scores_as_the_linear_predictor(picks: list[int]) -> None:
    rows, count = np.array(picks, np.int32), len(picks)
    history = CSR.grouped(np.zeros(count, np.int64), rows, np.full(count, 5, np.float32), 1)
    expected = MODEL.score(Queries.of_strangers(history))[0, PART.films]
    assert score(PART, rows) == pytest.approx(expected, abs=2e-5 * count)


def test_each_pick_raises_scores_by_what_it_carries() -> None:
    outside = np.setdiff1d(np.arange(50), PART.films)[0]
    picks = np.array([PART.films[4], outside, PART.films[2]])
    carried = PART.carried(picks)
    table = int(np.flatnonzero(PART.picks == 3)[0])
    assert PART.add_up(carried) == pytest.approx(PART.base[table] + carried[0] + carried[2], abs=1e-5)
    assert carried[0] == pytest.approx(MODEL.B[table][4], abs=2e-5)
    assert not carried[1].any()


def test_among_more_movies_it_is_the_same() -> None:
    places = np.arange(50) * 2 + 1
    spread = PART.with_movies(places)
    picks = np.array([3, 10])
    assert spread.films.tolist() == places[PART.films].tolist()
    assert score(spread, places[picks]).tolist() == score(PART, picks).tolist()


def test_it_is_read_as_it_was_written() -> None:
    store = MemoryStore()
    assert LinearPart.load(store, 50) is None
    PART.save(store)
    loaded = LinearPart.load(store, 50)
    assert loaded is not None
    assert score(loaded, np.array([3, 4])).tolist() == score(PART, np.array([3, 4])).tolist()


def test_without_likes_there_is_none() -> None:
    few = TRAIN.where(TRAIN.users < 2)
    assert LinearPart.fit(few.where(few.stars < 4), seed=0) is None
    fitted = LinearPart.fit(TRAIN, seed=0)
    assert fitted is not None
    assert fitted.films.tolist() == LinearForN(min_likes=8, most_films=2000).fit(TRAIN).films.tolist()


def test_many_selections_score_as_one_by_one() -> None:
    unknown = int(np.setdiff1d(np.arange(50), PART.films)[0])
    selections = np.array([[3, 4, 5], [0, unknown, 9]])
    assert PART.score_many(selections) == pytest.approx(
        np.stack([score(PART, picks) for picks in selections]), abs=1e-6
    )
