import json
from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.ratings import Ratings
from reelwise.evaluation import baselines
from reelwise.evaluation.baselines import Popularity
from reelwise.evaluation.compare import ComparisonSettings, Step, TestCases, choose, compare
from reelwise.evaluation.rankers import Known
from reelwise.evaluation.report import Comparison, as_json, stored_tables, tables
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from support.checkerboard import checkerboard

SMALL = ComparisonSettings(
    MatrixFactorizationConfig(factors=4, epochs=5), WeightedALSConfig(factors=4, iterations=3), seed=1
)
KNOWN_USERS = {"taste model", "stars model", "popularity", "bias-only", "user-kNN", "EASE"}
SELECTIONS = {"blend by taste", "blend by stars", "profile by stars", "popularity", "bias-only", "user-kNN", "EASE"}


@pytest.fixture(scope="module")
def large() -> Ratings:
    """So many users with so many likes that selections can be measured."""
    return checkerboard(users=140, movies=110, seed=3)


@pytest.fixture(scope="module")
def found(large: Ratings) -> Comparison:
    return compare(large, SMALL)


def test_every_recommender_is_measured_in_each_protocol(found: Comparison) -> None:
    assert set(found.stars.figures) == {"stars model", "bias-only"}
    assert set(found.known_users.figures) == KNOWN_USERS
    assert set(found.selections.figures) == SELECTIONS
    assert found.selections.picks == (1, 3, 5, 10, 20)
    assert all(len(chosen) == 5 for chosen in found.selections.figures.values())


def test_what_knows_tastes_beats_what_does_not(found: Comparison) -> None:
    assert found.stars.figures["stars model"].rmse < found.stars.figures["bias-only"].rmse
    for outcome, names in (
        (found.known_users, KNOWN_USERS - {"popularity", "bias-only"}),
        (found.selections, SELECTIONS - {"popularity", "bias-only"}),
    ):
        qualities = {name: chosen[-1].figures.ndcg.mean() for name, chosen in outcome.figures.items()}
        for name in names:
            assert qualities[name] > max(qualities["popularity"], qualities["bias-only"]) + 0.1, name


def test_the_same_seed_finds_the_same_with_any_number_of_threads(large: Ratings, found: Comparison) -> None:
    assert as_json(compare(large, replace(SMALL, threads=2))) == as_json(found)


def test_tables_have_a_row_for_each_recommender_and_json_says_the_same(found: Comparison) -> None:
    stars, known_users, selections = tables(found)
    content = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert [row[0] for row in stars.rows] == list(content["stars"]["figures"])
    for table, key, figure in (
        (known_users, "known_users", "ndcg@10"),
        (selections, "selections", "mean_ndcg@10"),
    ):
        column = table.headings.index("NDCG@10" if key == "known_users" else "mean")
        for row in table.rows:
            assert float(row[column] or "nan") == pytest.approx(content[key]["figures"][row[0]][figure], abs=5e-4)


def test_a_mean_lies_within_its_interval(found: Comparison) -> None:
    content = as_json(found)
    for figures in content["known_users"]["figures"].values():
        assert figures["interval"][0] <= figures["ndcg@10"] <= figures["interval"][1]
    for figures in content["selections"]["figures"].values():
        assert figures["interval"][0] <= figures["mean_ndcg@10"] <= figures["interval"][1]
        for mean, (low, high) in zip(figures["ndcg@10"], figures["intervals"], strict=True):
            assert low <= mean <= high


def test_progress_ends_with_every_protocol_done(large: Ratings) -> None:
    steps: list[Step] = []
    compare(large, SMALL, steps.append)
    last = {step.protocol: step for step in steps}
    assert list(last) == ["stars", "known users", "selections"]
    assert all(step.done == step.of for step in last.values())


def test_the_setting_that_is_best_in_validation_is_measured_in_test() -> None:
    split = KnownUsers.split(checkerboard(), seed=1)
    users, movies = split.shape
    popularity = Popularity.fit(split.train, split.shape)
    parity = (np.arange(1, users + 1)[:, None] % 2 == np.arange(1, movies + 1) % 2).astype(np.float32)
    oracle, opposite = (Known(scores, np.eye(movies, dtype=np.float32)) for scores in (parity, -parity))
    trials = TestCases([split.validation], [split.test], split.train, movies)
    (chosen,) = choose([("popular", popularity), ("oracle", oracle), ("opposite", opposite)], trials)
    (alone,) = choose([("oracle", oracle)], trials)
    assert chosen.setting == "oracle"
    np.testing.assert_array_equal(chosen.figures.ndcg, alone.figures.ndcg)


def test_validation_decides_even_where_test_would_choose_otherwise() -> None:
    split = KnownUsers.split(checkerboard(), seed=1)
    users, movies = split.shape

    def knows(trial_of: str) -> Known:
        trial = getattr(split, trial_of)
        scores = np.zeros((users, movies), np.float32)
        for row, user in enumerate(trial.viewers.users):
            scores[user, trial.targets[row][0]] = 1
        return Known(scores, np.eye(movies, dtype=np.float32))

    trials = TestCases([split.validation], [split.test], split.train, movies)
    (chosen,) = choose([("test", knows("test")), ("validation", knows("validation"))], trials)
    assert chosen.setting == "validation"
    assert chosen.figures.ndcg.mean() < 1


def test_few_users_are_told_and_the_rest_is_measured() -> None:
    found = compare(checkerboard(users=40, movies=30), SMALL)
    assert set(found.known_users.figures) == KNOWN_USERS
    assert found.selections.figures == {}
    assert found.selections.missing == "too few users have 30 likes or more to hold some out"
    *_, selections = tables(found)
    assert selections.rows == []
    assert selections.notes == ["Not measured: too few users have 30 likes or more to hold some out."]


def test_hardly_any_ratings_are_told() -> None:
    found = compare(checkerboard(users=6, movies=5), SMALL)
    for outcome in (found.stars, found.known_users, found.selections):
        assert "too few" in outcome.missing
        assert outcome.figures == {}
    json.dumps(as_json(found), allow_nan=False)


def test_a_catalogue_too_large_for_ease_leaves_its_row_without_figures(
    large: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baselines, "LARGEST_CATALOGUE", 109)
    found = compare(large, SMALL)
    _, *ranked = tables(found)
    for outcome, table in zip((found.known_users, found.selections), ranked, strict=True):
        assert "EASE" not in outcome.figures
        assert "user-kNN" in outcome.figures
        assert table.rows[-1][0] == "EASE"
        assert set(table.rows[-1][1:]) == {None}
        assert any(note.startswith("EASE is left out: EASE needs a dense matrix of 110 x 110") for note in table.notes)


def test_only_some_of_very_many_known_users_are_measured(large: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelwise.evaluation.compare._MOST_VIEWERS", 50)
    found = compare(large, SMALL)
    assert {len(chosen[0].figures.ndcg) for chosen in found.known_users.figures.values()} == {50}
    taste = found.known_users.figures["taste model"][0].figures.ndcg.mean()
    assert taste > found.known_users.figures["popularity"][0].figures.ndcg.mean()


def test_figures_of_a_model_without_selections() -> None:
    errors = {"rmse": 0.8, "mae": 0.6}
    stars = {"protocol": "A tenth.", "ratings": 10, "model": errors, "biases": errors}
    first, second = stored_tables({"stars": stars, "selections": None})
    assert [row[1] for row in first.rows] == ["0.8000", "0.8000"]
    assert second.rows == ()
    assert "too few" in second.notes[0]
    assert first.notes == ["A tenth."]


def test_how_sure_the_stars_are_is_told_below_their_table() -> None:
    shares = {"0.68": 0.7, "0.90": 0.912}
    errors = {"rmse": 0.8, "mae": 0.6}
    stars = {"protocol": "A tenth.", "ratings": 10, "model": errors, "biases": errors}
    first, _ = stored_tables({"stars": {**stars, "interval": shares, "mean_spread": 0.81}, "selections": None})
    assert first.notes[0] == (
        "True stars within the stated margin: 70.0% (68% interval), 91.2% (90% interval); "
        "the mean margin is 0.81 stars."
    )
