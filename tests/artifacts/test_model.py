"""A model without histories serves selections, and knows nobody."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model, without_histories
from reelwise.errors import ModelError, UnknownUser, UsageError
from reelwise.recommend.recommender import Recommender
from support.models.tiny_recommender import complete_tiny_model, tiny_model


@pytest.fixture
def published(tmp_path: Path) -> Model:
    """Written and read again."""
    write_model(tmp_path / "model", without_histories(tiny_model()))
    return Model.load(tmp_path / "model")


def test_selections_are_blended_as_before_but_for_the_histories(published: Model) -> None:
    whole, bare = Recommender(tiny_model()), Recommender(published)
    for picks in ([296], [2571], [1, 593]):
        known = whole.recommend(movies=picks, strategy="blend")
        found = bare.recommend(movies=picks)
        assert [film.source for film in found] == ["blend"] * len(found)
        assert {film.movie_id for film in found} == {film.movie_id for film in known}
        assert found[0].movie_id == known[0].movie_id


def test_films_keep_their_popularity(published: Model) -> None:
    before = tiny_model().stats
    np.testing.assert_array_equal(published.stats.counts, before.counts)
    np.testing.assert_array_equal(published.stats.means, before.means)
    assert Recommender(published).recommend(movies=[296])[0].ratings > 0


def test_the_map_stays_and_there_is_no_histogram_of_stars(published: Model) -> None:
    np.testing.assert_array_equal(np.asarray(published.map), np.asarray(tiny_model().map))
    service = Recommender(published).service
    assert service.map is not None
    assert service.map.movie_ids == [1, 2571, 296, 593, 1196, 7001]
    assert service.stars_histogram == []


def test_nobody_is_known_and_nobody_matches(published: Model) -> None:
    recommender = Recommender(published)
    for user in (1, 7, 8):
        with pytest.raises(UnknownUser, match="published without its users"):
            recommender.recommend(user)
        with pytest.raises(UnknownUser, match="published without its users"):
            recommender.history(user)
    assert recommender.match([1]).user_id is None
    assert list(recommender.recommend(movies=[1], strategy="profile")) == []


def test_what_people_like_besides_is_left_out_too() -> None:
    ranking = without_histories(complete_tiny_model()).ranking
    assert ranking is not None
    assert ranking.linear is None


def test_no_history_and_no_user_id_is_written(tmp_path: Path) -> None:
    write_model(tmp_path / "model", without_histories(tiny_model()))
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert not [name for name in names if name.startswith("history_")]
    assert np.load(tmp_path / "model" / "user_ids.npy").tolist() == [1, 2, 3]  # not 7, 8, 9


def test_only_users_that_stand_for_others_are_kept() -> None:
    whole = tiny_model()
    assert whole.ranking
    profiles = whole.ranking.profiles
    whole.ranking.profiles = replace(
        profiles, users=profiles.users[1:2], partition=profiles.partition[1:2], likes=profiles.likes[1:2]
    )
    bare = without_histories(whole)
    assert bare.ranking
    assert len(bare.rating.P) == len(bare.ranking.P) == len(bare.users) == bare.config.counts.users == 1
    np.testing.assert_array_equal(bare.ranking.P[0], whole.ranking.P[1])
    assert bare.rating.uncertainty
    assert bare.rating.uncertainty.users.tolist() == [1.0]  # of user 8
    assert len(bare.rating.uncertainty.movies) == len(bare.movies)


def test_a_model_that_does_not_say_how_sure_it_is_can_be_without_histories() -> None:
    assert without_histories(tiny_model(with_spread=False)).rating.uncertainty is None


def test_without_a_taste_model_nothing_would_be_left() -> None:
    with pytest.raises(UsageError, match="no ranking model"):
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
        Model.load(tmp_path / "model")


def test_a_model_is_equal_to_itself_alone(tmp_path: Path) -> None:
    tiny_model().save(tmp_path / "model")
    one, other = Model.load(tmp_path / "model"), Model.load(tmp_path / "model")
    assert [one == one, one == other, len({one, other})] == [True, False, 2]
