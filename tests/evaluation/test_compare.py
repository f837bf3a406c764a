import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from reelwise.artifacts.metrics import Errors, FoldInFigures, Metrics, RatingFigures
from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats
from reelwise.evaluation.compare import ComparisonSettings, choose, compare
from reelwise.evaluation.report import Comparison, stored_tables, tables, to_json
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.baselines import ease
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.queries import Queries
from reelwise.progress import FitProgress
from support.models.checkerboard import checkerboard
from support.models.small_comparison import small_comparison

SMALL = ComparisonSettings(
    MatrixFactorizationConfig(factors=4, epochs=5, user_regularisation=0.1, movie_regularisation=0.1),
    WeightedALSConfig(factors=4, iterations=3),
    seed=1,
)
BASELINES = {"popularity", "biases", "user-kNN", "EASE"}
KNOWN_USERS = {"ranking model", "rating model", *BASELINES}
SELECTIONS = {"blend by taste", "blend at balance 0", "blend by stars", "profile by stars", "linear-for-n", *BASELINES}
SPLIT = KnownUsers.split(checkerboard().interactions(), seed=1)


@pytest.fixture(scope="module", autouse=True)
def _small() -> Iterator[None]:
    with small_comparison():
        yield


@pytest.fixture(scope="module")
def large() -> Interactions:
    """So many users with so many likes that selections can be measured."""
    return checkerboard(users=140, movies=110, seed=3).interactions()


@pytest.fixture(scope="module")
def steps() -> list[FitProgress]:
    """The progress of what was found."""
    return []


@pytest.fixture(scope="module")
def found(large: Interactions, steps: list[FitProgress]) -> Comparison:
    return compare(large, SMALL, steps.append)


def test_every_recommender_is_measured_in_each_protocol(found: Comparison) -> None:
    assert found.stars.figures
    assert set(found.known_users.figures) == KNOWN_USERS
    assert set(found.selections.figures) == SELECTIONS
    assert found.selections.picks == (1, 3, 5, 10, 20)
    assert all(len(chosen) == 5 for chosen in found.selections.figures.values())


def test_what_knows_tastes_beats_what_does_not(found: Comparison) -> None:
    assert found.stars.figures
    assert found.stars.figures.model.rmse < found.stars.figures.biases.rmse
    for outcome, names in (
        (found.known_users, KNOWN_USERS - {"popularity", "biases"}),
        (found.selections, SELECTIONS - {"popularity", "biases"}),
    ):
        qualities = {name: chosen[-1].figures.ndcg.mean() for name, chosen in outcome.figures.items()}
        for name in names:
            assert qualities[name] > max(qualities["popularity"], qualities["biases"]) + 0.1, name


def test_the_same_seed_finds_the_same_with_any_number_of_threads(large: Interactions, found: Comparison) -> None:
    assert to_json(compare(large, replace(SMALL, threads=2))) == to_json(found)


def test_tables_have_a_row_for_each_recommender_and_json_says_the_same(found: Comparison) -> None:
    stars, known_users, selections, histories, groups = tables(found)
    content = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert [row[0] for row in stars.rows] == list(content["stars"]["figures"]) == ["rating model", "biases"]
    for table, key, figure in (
        (known_users, "known_users", "ndcg@10"),
        (selections, "selections", "mean_ndcg@10"),
    ):
        column = table.headings.index("NDCG@10" if key == "known_users" else "mean")
        for row in table.rows:
            assert float(row[column] or "nan") == pytest.approx(content[key]["figures"][row[0]][figure], abs=5e-4)
    assert [row[0] for row in histories.rows] == [
        "people",
        "RMSE",
        "within the 68% interval",
        "within the 90% interval",
    ]
    assert list(histories.headings[1:]) == list(map(str, content["histories"]["given"]))
    shares = [f"{share:.1%}" for share in content["histories"]["interval"]["0.90"]]
    assert list(histories.rows[-1][1:]) == shares
    assert [row[0] for row in groups.rows] == list(content["groups"]["figures"])
    for row in groups.rows:
        figures = content["groups"]["figures"][row[0]]
        assert [cell.split(" / ")[0] for cell in row[1:] if cell] == [f"{one:.3f}" for one in figures["mean_ndcg@10"]]


def test_people_who_bring_a_history_are_predicted_as_surely_as_is_said(found: Comparison) -> None:
    figures = found.histories.figures
    assert figures is not None
    assert found.stars.figures is not None
    assert figures.given[:2] == (5, 20)
    assert figures.rmse[-1] <= figures.rmse[0] < found.stars.figures.biases.rmse
    assert all(0.5 < share <= 1 for shares in figures.interval.values() for share in shares)


def test_a_mean_lies_within_its_interval(found: Comparison) -> None:
    content = to_json(found)
    for figures in content["known_users"]["figures"].values():
        assert figures["interval"][0] <= figures["ndcg@10"] <= figures["interval"][1]
    for figures in content["selections"]["figures"].values():
        assert figures["interval"][0] <= figures["mean_ndcg@10"] <= figures["interval"][1]
        for mean, (low, high) in zip(figures["ndcg@10"], figures["intervals"], strict=True):
            assert low <= mean <= high


def test_progress_ends_with_every_protocol_done(found: Comparison, steps: list[FitProgress]) -> None:
    last = {step.fit: step for step in steps}
    assert list(last) == ["stars", "known users", "selections", "histories", "groups"]
    assert all(step.done == step.total for step in last.values())


@dataclass(frozen=True)
class Table:
    """Ranks known users by a fixed table of scores."""

    table: Floats

    def score(self, queries: Queries) -> Floats:
        scores: Floats = self.table[queries.users]
        return scores


def test_the_setting_that_is_best_in_validation_is_measured_in_test() -> None:
    users, movies = (np.arange(count) for count in SPLIT.train.shape)
    same_colour = (users[:, None] % 2 == movies % 2).astype(np.float32)
    everything, right, wrong = Table(np.ones_like(same_colour)), Table(same_colour), Table(-same_colour)
    (chosen,) = choose([("everything", everything), ("right", right), ("wrong", wrong)], SPLIT)
    (alone,) = choose([("right", right)], SPLIT)
    assert chosen.setting == "right"
    np.testing.assert_array_equal(chosen.figures.ndcg, alone.figures.ndcg)


def test_validation_decides_even_where_test_would_choose_otherwise() -> None:
    tables = {}
    for name in ("test", "validation"):
        case = getattr(SPLIT, name)
        tables[name] = Table(np.zeros(SPLIT.train.shape, np.float32))
        tables[name].table[case.queries.users] = case.targets.indicators(SPLIT.train.shape[1])
    (chosen,) = choose(tables.items(), SPLIT)
    assert chosen.setting == "validation"
    assert chosen.figures.ndcg.mean() < 1


def test_with_few_users_the_rest_is_measured() -> None:
    found = compare(checkerboard().interactions(), SMALL)
    assert set(found.known_users.figures) == KNOWN_USERS
    assert found.selections.figures == {}
    assert found.selections.missing == "too few users have 30 likes or more to hold some out: 0, and 120 are needed"
    *_, selections = tables(found)
    assert selections.rows == []
    assert selections.notes == [
        "Not measured: too few users have 30 likes or more to hold some out: 0, and 120 are needed."
    ]


def test_with_hardly_any_ratings_nothing_is_measured() -> None:
    found = compare(checkerboard(users=6, movies=5).interactions(), SMALL)
    for outcome in (found.stars, found.known_users, found.selections, found.histories):
        assert "too few" in outcome.missing
        assert not outcome.figures
    json.dumps(to_json(found), allow_nan=False)


def test_without_stars_nothing_is_measured_that_needs_them(large: Interactions) -> None:
    watched = large.with_stars(np.full(len(large), 5, np.float32))
    found = compare(watched, replace(SMALL, implicit=True))
    for outcome in (found.stars, found.histories, found.groups):
        assert "without stars" in outcome.missing
        assert not outcome.figures
    assert set(found.known_users.left_out) == {"rating model", "biases"}
    assert set(found.selections.left_out) == {"blend by stars", "profile by stars", "biases"}
    assert set(found.known_users.figures) == KNOWN_USERS - {*found.known_users.left_out}
    assert set(found.selections.figures) == SELECTIONS - {*found.selections.left_out}


def test_what_cannot_be_fitted_is_left_out_and_the_rest_is_measured(large: Interactions) -> None:
    config = MatrixFactorizationConfig(factors=4, epochs=5, learning_rate=60.0)
    found = compare(large, replace(SMALL, rating=config)).known_users
    assert "diverged" in found.left_out["rating model"]
    assert set(found.figures) == KNOWN_USERS - {"rating model"}


def test_a_catalogue_too_large_for_ease_leaves_its_row_without_figures(
    large: Interactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ease, "LARGEST_CATALOGUE", 109)
    found = compare(large, SMALL)
    _, *ranked, _, _ = tables(found)
    for outcome, table in zip((found.known_users, found.selections), ranked, strict=True):
        assert "EASE" not in outcome.figures
        assert "user-kNN" in outcome.figures
        assert table.rows[-1][0] == "EASE"  # those without figures come last
        assert set(table.rows[-1][1:]) == {None}
        assert any(note.startswith("EASE is left out: EASE needs a dense matrix of 110 x 110") for note in table.notes)


STARS = RatingFigures(
    protocol="A tenth.", ratings=10, model=Errors(rmse=0.8, mae=0.6), biases=Errors(rmse=0.9, mae=0.7)
)


def test_figures_of_a_model_without_selections() -> None:
    stars, selections = stored_tables(Metrics(seed=1, stars=STARS))
    assert [row[1] for row in stars.rows] == ["0.8000", "0.9000"]
    assert stars.notes == ["A tenth."]
    assert selections.rows == ()
    assert "too few" in selections.notes[0]


def test_figures_of_histories_are_shown_where_training_kept_them() -> None:
    fold_in = FoldInFigures(protocol="Held out.", given=(5, 20), people=(30, 20), rmse=(0.9, 0.8),
                            interval={"0.68": (0.67, 0.69), "0.90": (0.89, 0.912)})  # fmt: skip
    *_, histories = stored_tables(Metrics(seed=1, stars=STARS, selections=None, fold_in=fold_in))
    assert histories.headings == ("ratings given", "5", "20")
    assert histories.rows == [
        ("people", "30", "20"),
        ("RMSE", "0.900", "0.800"),
        ("within the 68% interval", "67.0%", "69.0%"),
        ("within the 90% interval", "89.0%", "91.2%"),
    ]


def test_how_sure_the_stars_are_stands_below_their_table() -> None:
    sure = STARS.model_copy(update={"interval": {"0.68": 0.7, "0.90": 0.912}, "mean_std": 0.81})
    stars, _ = stored_tables(Metrics(seed=1, stars=sure))
    assert stars.notes[0] == (
        "True stars within the stated margin: 70.0% (68% interval), 91.2% (90% interval); "
        "the mean margin is 0.81 stars."
    )
