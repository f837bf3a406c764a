"""A model without histories serves selections, and knows nobody."""

from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts.folder import read_model, write_model
from reelwise.artifacts.model import Model, without_histories
from reelwise.errors import ModelError, UnknownUser, UsageError
from reelwise.recommend.recommender import Recommender
from support.tiny_recommender import tiny_model


@pytest.fixture
def published(tmp_path: Path) -> Model:
    """Written and read again."""
    write_model(tmp_path / "model", without_histories(tiny_model()))
    return read_model(tmp_path / "model")


def test_selections_are_blended_as_before_but_for_the_histories(published: Model) -> None:
    whole, bare = Recommender(tiny_model()), Recommender(published)
    for picks in ([296], [2571], [1, 593]):
        known = whole.recommend(movies=picks, strategy="blend")
        found = bare.recommend(movies=picks)
        assert [it.source for it in found] == ["blend"] * len(found)
        assert {it.movie_id for it in found} == {it.movie_id for it in known}
        assert found[0].movie_id == known[0].movie_id


def test_films_keep_their_popularity(published: Model) -> None:
    before = tiny_model().popularity
    np.testing.assert_array_equal(published.popularity.counts, before.counts)
    np.testing.assert_array_equal(published.popularity.means, before.means)
    assert Recommender(published).recommend(movies=[296])[0].ratings > 0


def test_the_map_stays_and_there_is_no_distribution_of_stars(published: Model) -> None:
    np.testing.assert_array_equal(np.asarray(published.map), np.asarray(tiny_model().map))
    recommender = Recommender(published)
    assert recommender.map is not None
    assert recommender.map.movie_ids == [1, 2571, 296, 593, 1196, 7001]
    assert recommender.stars_distribution == []


def test_nobody_is_known_and_nobody_matches(published: Model) -> None:
    recommender = Recommender(published)
    for user in (1, 7, 8):
        with pytest.raises(UnknownUser, match="published without its users"):
            recommender.recommend(user)
        with pytest.raises(UnknownUser, match="published without its users"):
            recommender.history(user)
    assert recommender.match([1]).user_id is None
    assert list(recommender.recommend(movies=[1], strategy="profile")) == []


def test_no_history_and_no_user_id_is_written(tmp_path: Path) -> None:
    write_model(tmp_path / "model", without_histories(tiny_model()))
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert not [name for name in names if name.startswith("history_")]
    assert np.load(tmp_path / "model" / "user_ids.npy").tolist() == [1, 2, 3]  # not 7, 8, 9


def test_only_users_that_stand_for_others_are_kept() -> None:
    whole = tiny_model()
    assert whole.taste
    profiles = whole.taste.profiles
    one = type(profiles)(profiles.users[1:2], profiles.mass[1:2], profiles.likes[1:2])
    bare = without_histories(Model(**{**vars(whole), "taste": type(whole.taste)(whole.taste.P, whole.taste.Q, one)}))
    assert bare.taste
    assert len(bare.P) == len(bare.taste.P) == bare.config.counts.users == 1
    np.testing.assert_array_equal(bare.taste.P[0], whole.taste.P[1])
    assert bare.spread
    assert bare.spread.users.tolist() == [1.0]  # of user 8
    assert len(bare.spread.movies) == len(bare.Q)


def test_a_model_that_does_not_say_how_sure_it_is_can_be_without_histories() -> None:
    assert without_histories(tiny_model(with_spread=False)).spread is None


def test_without_a_taste_model_nothing_would_be_left() -> None:
    with pytest.raises(UsageError, match="no taste model"):
        without_histories(tiny_model(with_taste=False))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("movie_counts", -1, "a negative number of ratings"), ("movie_means", np.nan, "not a finite number")],
)
def test_an_impossible_popularity_is_refused(tmp_path: Path, name: str, value: float, message: str) -> None:
    write_model(tmp_path / "model", without_histories(tiny_model()))
    path = tmp_path / "model" / f"{name}.npy"
    np.save(path, np.full_like(np.load(path), value))
    with pytest.raises(ModelError, match=f"{name}.npy: holds .*{message}"):
        read_model(tmp_path / "model")
