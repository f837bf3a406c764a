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
from reelwise.evaluation.validation.fit_balance import LEAST_SHARE, NOISE, fit_balance
from reelwise.models.queries import Queries

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
    quality, stratified = [], []
    for step in range(31):
        ranked = recommend(Balanced(model, raters, step / 50), case, 10)
        found = hits(ranked, case.targets)
        quality.append(ndcg(found))
        stratified.append(stratified_ndcg(found, ranked, case.targets, raters).mean())
    errors = [float((of_step - quality[0]).std()) / USERS**0.5 for of_step in quality]
    first = quality[0].mean()
    left = [of_step.mean() - max(error - NOISE * first, 0) for of_step, error in zip(quality, errors, strict=True)]
    cheap = next((step for step in range(31) if left[step] < LEAST_SHARE * first), 31)
    assert fit_balance(model, model, {1: case}, raters) == int(np.argmax(stratified[:cheap])) / 50


def test_scores_that_overrate_what_is_well_known_are_balanced() -> None:
    overrated, fair = (
        fit_balance(model, model, {1: case}, raters) for model, case, raters in (draw(0, 0.8), draw(0, 0.3))
    )
    assert overrated > fair


def test_where_all_are_known_alike_there_is_nothing_to_gain() -> None:
    model, case, _ = draw(0, 0.5)
    assert fit_balance(model, model, {1: case}, np.full(MOVIES, 7)) == 0
