"""A search finds better settings than bad ones, goes on where it was stopped, and compares on what nothing chose by."""

import json
from pathlib import Path

import numpy as np
import pytest

from reelwise.data.ratings import Ratings
from reelwise.errors import UsageError
from reelwise.evaluation.tuning import Search, Tried, check_target, save_settings
from reelwise.models.config import MatrixFactorizationConfig

BAD = MatrixFactorizationConfig(factors=2, epochs=12, learning_rate=0.0005, regularisation=0.2)


def low_rank_ratings() -> Ratings:
    """120 users with two tastes and 80 movies of two kinds, most pairs rated, with noise."""
    rng = np.random.default_rng(0)
    tastes, kinds = rng.standard_normal((120, 2)), rng.standard_normal((80, 2))
    users, movies = np.nonzero(rng.random((120, 80)) < 0.6)
    stars = 3 + (tastes[users] * kinds[movies]).sum(axis=1) + 0.3 * rng.standard_normal(len(users))
    return Ratings.from_columns(users + 1, movies + 1, np.clip(np.round(stars * 2) / 2, 0.5, 5).astype(np.float32))


@pytest.fixture
def search(tmp_path: Path) -> Search:
    return Search(low_rank_ratings(), "low rank", start=BAD, seed=3, journal=tmp_path / "it.journal")


def test_it_finds_better_settings_than_it_starts_with(search: Search) -> None:
    tried: list[Tried] = []
    found = search.run(12, tried.append)
    assert [it.number for it in tried] == list(range(12))
    assert tried[0].settings == BAD
    assert found.validation_rmse == min(it.rmse for it in tried)
    assert found.test_rmse < found.default_test_rmse - 0.05
    assert found.best.epochs == BAD.epochs  # which is not searched for


def test_only_what_falls_behind_is_stopped_early(search: Search) -> None:
    tried: list[Tried] = []
    search.run(12, tried.append)
    stopped = [it for it in tried if it.outcome == "stopped"]
    assert stopped
    assert all(it.epochs in (4, 12) for it in stopped)
    assert min(tried, key=lambda it: it.rmse).outcome == "done"


def test_what_is_drawn_lies_in_the_declared_space(search: Search) -> None:
    tried: list[Tried] = []
    search.run(8, tried.append)
    for it in tried[1:]:
        for name, (low, high) in MatrixFactorizationConfig.space().items():
            assert low <= getattr(it.settings, name) <= high
    assert len({it.settings for it in tried}) == 8


def test_a_search_goes_on_where_it_was(search: Search) -> None:
    search.run(4)
    earlier = search.tried()
    later: list[Tried] = []
    assert search.run(7, later.append).tried == 7
    assert [it.number for it in later] == [4, 5, 6]
    assert search.tried()[:4] == earlier
    assert not {it.settings for it in later} & {it.settings for it in earlier}
    assert search.run(5, later.append).tried == 7  # there are more already


def test_other_ratings_and_another_seed_are_another_search(search: Search) -> None:
    search.run(2)
    for name, seed in (("others", 3), ("low rank", 4)):
        assert Search(search.ratings, name, start=BAD, seed=seed, journal=search.journal).tried() == []


def test_the_number_of_threads_changes_nothing(search: Search) -> None:
    one, two = (Search(search.ratings, "x", start=BAD, seed=3, threads=threads).run(4) for threads in (1, 2))
    assert one == two


def test_training_that_diverges_is_an_outcome(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    space = MatrixFactorizationConfig.space() | {"learning_rate": (50.0, 60.0)}
    monkeypatch.setattr(MatrixFactorizationConfig, "space", classmethod(lambda _: space))
    tried: list[Tried] = []
    found = search.run(3, tried.append)
    assert [it.outcome for it in tried[1:]] == ["diverged", "diverged"]
    assert found.best == BAD


def test_too_few_ratings_are_told() -> None:
    few = Ratings.from_columns(np.array([1, 2]), np.array([1, 1]), np.array([3.0, 4.0], np.float32))
    with pytest.raises(UsageError, match="too few to hold some out"):
        Search(few, "few").run(1)


def test_what_is_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / "it.journal").write_text("what is this?\nno journal\n")
    with pytest.raises(UsageError, match=r"it\.journal: no journal of a search"):
        Search(low_rank_ratings(), "low rank", journal=tmp_path / "it.journal").tried()


def test_settings_are_written_whole(search: Search, tmp_path: Path) -> None:
    found = search.run(2)
    save_settings(found, tmp_path / "tuned.json")
    content = json.loads((tmp_path / "tuned.json").read_text())
    assert MatrixFactorizationConfig(**content["stars"]) == found.best
    assert content["tuned"]["test_rmse"] == found.test_rmse
    for wrong in (tmp_path, tmp_path / "nowhere" / "tuned.json"):
        with pytest.raises(UsageError, match="cannot be written there"):
            check_target(wrong)
