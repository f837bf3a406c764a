"""What is kept of well-known films is what would be worked out."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.models.config import WeightedALSConfig
from reelwise.models.ranking import likelihoods
from reelwise.models.ranking.likelihoods import KnownLikelihoods
from reelwise.models.ranking.weighted_als import WeightedALS
from support.models.checkerboard import checkerboard
from support.models.memory_store import MemoryStore

KNOWN = 10


@pytest.fixture
def model() -> WeightedALS:
    train = checkerboard(users=60, movies=40, share=0.5).interactions()
    return WeightedALS(WeightedALSConfig(factors=4, iterations=10), seed=1).fit(train)


@pytest.fixture
def loaded(model: WeightedALS, monkeypatch: pytest.MonkeyPatch) -> WeightedALS:
    """The model when it was saved with so few films, and loaded again."""
    monkeypatch.setattr(likelihoods, "_WELL_KNOWN", KNOWN)
    store = MemoryStore()
    model.save_arrays(store)
    return WeightedALS(model.config, blend=model.blend_config).load_arrays(store, model.scale)


def test_blends_have_the_same_bits_with_it_and_without(model: WeightedALS, loaded: WeightedALS) -> None:
    assert loaded.blend.known is not None
    without = replace(model.blend, known=None)
    known = set(loaded.blend.known.movies.tolist())
    assert len(known) == KNOWN
    for picks in ([movie] for movie in range(40)):
        expected = without.log_likelihoods(picks)
        np.testing.assert_array_equal(loaded.blend.log_likelihoods(picks), expected)
        assert (loaded.blend.known.find(picks[0]) is not None) == (picks[0] in known)
    np.testing.assert_array_equal(loaded.blend.select([1, 2, 3]).vector, without.select([1, 2, 3]).vector)


def test_the_films_are_those_that_most_profiles_like(model: WeightedALS, loaded: WeightedALS) -> None:
    assert loaded.blend.known is not None
    scores = model.Q @ model.blend.vectors.mean(axis=0)
    known = loaded.blend.known.movies
    assert scores[known].min() >= np.delete(scores, known).max()


def test_it_is_dropped_when_the_model_is_fitted_anew(loaded: WeightedALS) -> None:
    train = checkerboard(users=60, movies=40, share=0.7).interactions()
    assert loaded.fit(train).blend.known is None


def test_an_array_of_another_number_of_profiles_is_refused(model: WeightedALS) -> None:
    store = MemoryStore()
    model.save_arrays(store)
    with pytest.raises(Exception, match="ranking_likelihood_logarithms"):
        KnownLikelihoods.load(store, len(model.profiles.users) + 1)
