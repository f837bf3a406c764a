"""A search finds better settings than bad ones, goes on where it was stopped, and compares on what nothing chose by."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelwise.data.interactions import Interactions, RatingScale
from reelwise.errors import UsageError
from reelwise.evaluation.settings_file import read_settings, write_settings
from reelwise.evaluation.tuning import Search, Trial
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.epochs import Epoch
from reelwise.models.rating.matrix_factorization import MatrixFactorization

pytestmark = pytest.mark.xdist_group("searches")  # so that one worker alone imports what leads them

BAD = MatrixFactorizationConfig(factors=2, epochs=12, learning_rate=0.0005, user_regularisation=1.4)


def low_rank_ratings() -> Interactions:
    """120 users with two tastes and 80 movies of two kinds, most pairs rated, with noise."""
    rng = np.random.default_rng(0)
    tastes, kinds = rng.standard_normal((120, 2)), rng.standard_normal((80, 2))
    users, movies = np.nonzero(rng.random((120, 80)) < 0.6)
    stars = 3 + (tastes[users] * kinds[movies]).sum(axis=1) + 0.3 * rng.standard_normal(len(users))
    stars = np.clip(np.round(stars * 2) / 2, 0.5, 5).astype(np.float32)
    return Interactions(users.astype(np.int32), movies.astype(np.int32), stars, (120, 80))


@pytest.fixture
def search(tmp_path: Path) -> Search:
    return Search(low_rank_ratings(), start=BAD, seed=3, journal=tmp_path / "a.journal")


def test_it_finds_better_settings_than_it_starts_with(search: Search) -> None:
    trials: list[Trial] = []
    found = search.run(12, trials.append)
    assert [trial.number for trial in trials] == list(range(12))
    assert trials[0].config == BAD
    assert found.validation_rmse == min(trial.rmse for trial in trials)
    assert found.test_rmse < found.default_test_rmse - 0.05
    assert found.best.epochs == BAD.epochs  # which is not searched for


def test_only_what_falls_behind_is_stopped_early(search: Search) -> None:
    trials: list[Trial] = []
    search.run(12, trials.append)
    stopped = [trial for trial in trials if trial.outcome == "stopped"]
    assert stopped
    assert all(trial.epochs in (4, 12) for trial in stopped)
    assert min(trials, key=lambda trial: trial.rmse).outcome == "done"


def test_what_is_drawn_lies_in_the_declared_space(search: Search) -> None:
    trials: list[Trial] = []
    search.run(8, trials.append)
    for trial in trials[1:]:
        for name, (low, high) in MatrixFactorizationConfig.space().items():
            assert low <= getattr(trial.config, name) <= high
    assert len({trial.config for trial in trials}) == 8


def test_a_search_goes_on_where_it_was(search: Search) -> None:
    search.run(4)
    earlier = search.earlier_trials()
    later: list[Trial] = []
    assert search.run(7, later.append).trials == 7
    assert [trial.number for trial in later] == [4, 5, 6]
    assert search.earlier_trials()[:4] == earlier
    assert not {trial.config for trial in later} & {trial.config for trial in earlier}
    assert search.run(5, later.append).trials == 7  # there are more already


def test_other_ratings_and_another_seed_are_another_search(search: Search) -> None:
    search.run(2)
    assert len(replace(search).earlier_trials()) == 2
    ratings = search.ratings
    others = ratings.with_stars(5.5 - ratings.stars), replace(ratings, scale=RatingScale(0.5, 10))
    for other in (*(replace(search, ratings=one) for one in others), replace(search, seed=4)):
        assert other.earlier_trials() == []


@pytest.mark.parametrize(("at", "epoch"), [(0, 5), (2, 3)])
def test_what_was_being_tried_when_a_search_was_stopped_is_tried_again(
    search: Search, at: int, epoch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, tried = MatrixFactorization.fit, list[MatrixFactorizationConfig]()

    def stop(model: MatrixFactorization, *arguments: Any, on_epoch: Any, **options: Any) -> None:
        tried.append(model.config)

        def stop_late(done: Epoch) -> None:
            on_epoch(done)
            if len(tried) == at + 1 and done.number == epoch:
                raise KeyboardInterrupt

        fit(model, *arguments, on_epoch=stop_late, **options)

    with monkeypatch.context() as patched:
        patched.setattr(MatrixFactorization, "fit", stop)
        with pytest.raises(KeyboardInterrupt):
            search.run(4)
    later: list[Trial] = []
    found = search.run(4, later.append)
    assert len(later) == found.trials - at == 4 - at
    assert later[0].config == tried[at]
    assert found.validation_rmse == min(trial.rmse for trial in search.earlier_trials() if trial.outcome == "done")


def test_two_searches_do_not_share_a_journal_at_the_same_time(search: Search) -> None:
    def search_again(_: Trial) -> None:
        with pytest.raises(UsageError, match=r"a\.journal: another search is using it"):
            search.run(1)

    assert search.run(1, search_again).trials == 1


def test_the_number_of_threads_changes_nothing(search: Search) -> None:
    one, two = (replace(search, journal=None, threads=threads).run(4) for threads in (1, 2))
    assert one == two


def test_training_that_diverges_is_an_outcome(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    space = MatrixFactorizationConfig.space() | {"learning_rate": (50.0, 60.0)}
    monkeypatch.setattr(MatrixFactorizationConfig, "space", classmethod(lambda _: space))
    trials: list[Trial] = []
    found = search.run(3, trials.append)
    assert [trial.outcome for trial in trials[1:]] == ["diverged", "diverged"]
    assert found.best == BAD


def test_too_few_ratings_are_refused() -> None:
    ratings = low_rank_ratings()
    with pytest.raises(UsageError, match="2 ratings are too few to hold some out"):
        Search(ratings.where(np.arange(len(ratings)) < 2)).run(1)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("what is this?\nno journal\n", "not a journal of a search"),
        ('{"op_code": -1}\n', "not a journal of a search"),
        ("9" * 5000 + "\n", "not a journal of a search"),
        ("[" * 200_000 + "\n", "not a journal of a search"),
        ("\0" * 1000 + "\n", "not a journal of a search"),
        ("\x8b\n", "not a journal of a search"),
        ('{"op_code": 0', "the last line of this journal is not complete"),
    ],
    ids=["text", "object", "number", "deep", "NUL", "not UTF-8", "half"],
)
def test_what_is_no_journal_is_refused_and_stays_as_it_is(tmp_path: Path, content: str, fault: str) -> None:
    journal = tmp_path / "a.journal"
    journal.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match=fault) as caught:
        Search(low_rank_ratings(), journal=journal).earlier_trials()
    assert str(journal) in str(caught.value)
    assert journal.read_text(encoding="latin-1") == content


def test_a_hole_as_long_as_a_disk_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "a.journal").touch()
    os.truncate(tmp_path / "a.journal", 1 << 40)
    with pytest.raises(UsageError, match="name another file with --journal"):
        Search(low_rank_ratings(), journal=tmp_path / "a.journal").earlier_trials()


def test_settings_are_written_whole(search: Search, tmp_path: Path) -> None:
    found = search.run(2)
    write_settings(found, tmp_path / "tuned.json")
    assert read_settings(tmp_path / "tuned.json") == found.best
    assert json.loads((tmp_path / "tuned.json").read_text())["tuned"]["test_rmse"] == found.test_rmse
    for wrong in (tmp_path, tmp_path / "nowhere" / "tuned.json"):
        with pytest.raises(UsageError, match="cannot be written"):
            write_settings(found, wrong)
