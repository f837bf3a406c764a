"""The balance by default is the largest that costs little, and none that gains nothing."""

from dataclasses import dataclass

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.types import Counts, Floats
from reelwise.evaluation.metrics import hits, ndcg, stratified_ndcg
from reelwise.evaluation.rankers import Balanced
from reelwise.evaluation.ranking import recommend
from reelwise.evaluation.splitting import TestCase
from reelwise.evaluation.validation.fit_balance import (
    EXPECTED_AT,
    EXPECTED_ERROR,
    EXPECTED_POWER,
    LARGEST_FALL,
    fit_balance,
)
from reelwise.models.queries import Queries
from reelwise.models.ranking.balance import fame_of

USERS, MOVIES = 60, 80


@dataclass(frozen=True)
class Known:
    """A ranker that has all scores; a query is a user."""

    scores: Floats

    def score(self, queries: Queries) -> Floats:
        return self.scores[queries.users]


def case_of(targets: np.ndarray) -> TestCase:
    users, movies = np.nonzero(targets)
    nothing = CSR.empty(len(targets))
    rows = CSR.grouped(users.astype(np.int32), movies.astype(np.int32), np.ones(len(users), np.float32), len(targets))
    return TestCase(Queries(np.arange(len(targets), dtype=np.int32), nothing), nothing, rows)


def draw(seed: int, pull: float) -> tuple[Known, TestCase, Counts]:
    """Scores that follow popularity by a power, and likes that follow both popularity and taste."""
    rng = np.random.default_rng(seed)
    raters = np.sort(rng.zipf(1.4, MOVIES).clip(1, 2000))[::-1]
    taste = rng.random((USERS, MOVIES))
    popularity = (raters + 20) / (raters.max() + 20)
    targets = rng.random((USERS, MOVIES)) < 0.7 * popularity**0.3 * taste**2
    targets[:, 0] = True
    return Known((popularity**pull * taste).astype(np.float32)), case_of(targets), raters


@pytest.mark.parametrize("pull", [0.3, 0.6])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_one_with_the_best_stratified_figure_among_those_that_cost_little(seed: int, pull: float) -> None:
    model, case, raters = draw(seed, pull)
    fame = fame_of(raters)
    quality, stratified = [], []
    for step in range(31):
        ranked = recommend(Balanced(model, fame, step / 50), case, 10)
        found = hits(ranked, case.targets)
        quality.append(ndcg(found))
        stratified.append(stratified_ndcg(found, ranked, case.targets, raters).mean())
    falls = []
    for step, of_step in enumerate(quality):
        each = 1 - of_step / quality[0].mean() + (quality[0] / quality[0].mean() - 1)
        error, expected = each.std() / USERS**0.5 + 1e-9, LARGEST_FALL * (step / 50 / EXPECTED_AT) ** EXPECTED_POWER
        trust = EXPECTED_ERROR**2 / (EXPECTED_ERROR**2 + error**2)
        falls.append(trust * each.mean() + (1 - trust) * expected)
    cheap = next((step for step in range(31) if falls[step] > LARGEST_FALL), 31)
    assert fit_balance(model, model, {1: case}, raters, fame) == int(np.argmax(stratified[:cheap])) / 50


def test_scores_that_overrate_what_is_well_known_are_balanced() -> None:
    overrated, fair = (
        fit_balance(model, model, {1: case}, raters, fame_of(raters))
        for model, case, raters in (draw(0, 0.8), draw(0, 0.3))
    )
    assert overrated > fair


def test_where_all_are_known_alike_there_is_nothing_to_gain() -> None:
    model, case, _ = draw(0, 0.5)
    alike = np.full(MOVIES, 7)
    assert fit_balance(model, model, {1: case}, alike, fame_of(alike)) == 0


def test_what_few_people_show_counts_little_beside_what_is_expected() -> None:
    """Lists that nothing is lost by: with many people far beyond where others lose, with few not much beyond."""
    many, few = [], []
    for seed in range(3):
        model, case, raters = draw(seed, 1.0)
        many.append(fit_balance(model, model, {1: case}, raters, fame_of(raters)))
        some = np.arange(8, dtype=np.int32)
        part = TestCase(case.queries.part(0, 8), case.excluded.part(0, 8), case.targets.take(some))
        few.append(fit_balance(model, model, {1: part}, raters, fame_of(raters)))
    assert np.mean(many) > np.mean(few)
