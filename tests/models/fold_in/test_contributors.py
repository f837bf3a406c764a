"""Explanations of long histories agree with leaving each film out, and stay short."""

from collections.abc import Callable

import numpy as np
import pytest

from reelwise.data.types import Floats, Rows
from reelwise.models.fold_in import contributors
from reelwise.models.fold_in.contributors import embed_without_each
from reelwise.models.fold_in.folding import FoldedHistory, Folding
from support.models.small_folding import folding as small_folding

MOVIES = np.array([1, 3, 5, 6, 8, 10, 12])
STARS = np.array([5, 4, 4, 2, 3, 5, 1], np.float32)
LIKED = [1, 3, 5, 10]
SHOWN = np.array([7, 9, 20])


@pytest.fixture(scope="module")
def folding() -> Folding:
    return small_folding()


@pytest.fixture
def at_one_temperature(folding: Folding, monkeypatch: pytest.MonkeyPatch) -> Callable[[FoldedHistory], Floats]:
    """Embeds a history in the ranking model, however long, at the temperature of the whole one."""
    power = folding.inverse_temperature(folding.fold(MOVIES, STARS).likes)

    def embed(history: FoldedHistory) -> Floats:
        with monkeypatch.context() as patch:
            patch.setattr(folding, "inverse_temperature", lambda _: power)
            return folding.embed(history).ranking

    return embed


def without_each(folding: Folding) -> tuple[Rows, Floats]:
    history = folding.fold(MOVIES, STARS)
    return embed_without_each(folding, history, folding.embed(history), SHOWN)


def test_it_is_what_folding_in_without_the_film_gives(
    folding: Folding, at_one_temperature: Callable[[FoldedHistory], Floats]
) -> None:
    movies, without = without_each(folding)
    assert movies.tolist() == LIKED
    for movie, vector in zip(movies.tolist(), without, strict=True):
        others = movie != MOVIES
        expected = at_one_temperature(folding.fold(MOVIES[others], STARS[others]))
        np.testing.assert_allclose(vector, expected, atol=1e-4)


def test_of_many_likes_those_that_say_most_are_kept(folding: Folding, monkeypatch: pytest.MonkeyPatch) -> None:
    movies, without = without_each(folding)
    history = folding.fold(MOVIES, STARS)
    monkeypatch.setattr(contributors, "_MOST", 2)
    best, vectors = without_each(folding)
    assert len(best) == 2
    assert set(best.tolist()) < set(movies.tolist())
    np.testing.assert_allclose(vectors, without[np.isin(movies, best)], atol=1e-5)
    full = folding.embed(history).ranking
    falls = ((full - without) @ folding.ranking.features(SHOWN).astype(np.float32).T).clip(0).sum(axis=1)
    assert falls[np.isin(movies, best)].max() == falls.max()


def test_where_nothing_is_liked_nothing_carries(folding: Folding) -> None:
    history = folding.fold(np.array([1, 2]), np.array([1, 2], np.float32))
    movies, without = embed_without_each(folding, history, folding.embed(history), SHOWN)
    assert len(movies) == len(without) == 0
