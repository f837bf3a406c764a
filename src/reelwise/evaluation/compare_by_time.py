"""All of our recommenders beside the baselines after one moment, the same for everybody.

Only what was there before that moment is known. Settings are chosen in the same way one step earlier: at a moment
before it, by what was liked between the two.
"""

import datetime
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import UnfittedEstimators, baselines_by_time, baselines_for_histories
from reelwise.evaluation.compare import NO_STARS, ComparisonSettings, fit_ranking, fit_rating, measure_each
from reelwise.evaluation.rankers import FoldedIn
from reelwise.evaluation.ranking import Ranker, measure_ndcg, measure_ranker
from reelwise.evaluation.report import ChosenSetting, RankingOutcome, RatingOutcome, TimeComparison
from reelwise.evaluation.splitting import AtMoment, TestCase
from reelwise.evaluation.validation.measure_ratings import measure_held_out
from reelwise.models.base import Estimator
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.progress import FitProgress, OnFit

LATER = 0.2
"""The share of the ratings that is from the moment on; and of those before, from the moment by which is chosen."""

_FEWEST_QUERIES = 20  # with fewer the figures would say nothing

Fit = Callable[[Interactions], Ranker]
CandidateFits = Mapping[str, Fit]
"""The functions that fit each ranker to choose from, by the name of its setting."""


def compare_by_time(
    ratings: Interactions, settings: ComparisonSettings, on_step: OnFit = lambda _: None
) -> TimeComparison:
    """Fit and measure everything.

    Args:
        ratings: in the order of user, with times.
        settings: how.
        on_step: called before and after each recommender.

    Raises:
        UsageError: Raised when the ratings have no times, or all the same.
    """
    split = AtMoment.split(ratings, share=LATER, seed=settings.seed)
    earlier = AtMoment.split(split.train, share=LATER, seed=settings.seed)
    when = f"What was rated before {_moment(split.later)} is known, and what was rated from then on is not."
    baselines = {**baselines_for_histories(), **baselines_by_time()}
    return TimeComparison(
        _measure_stars(split, settings, when, on_step),
        _compare(
            "known users", when, split.known_users, earlier.known_users, split.train, earlier.train,
            {**_our_candidates(settings), **_fitters(baselines, settings)}, on_step,
        ),
        _compare(
            "newcomers", when, split.newcomers, earlier.newcomers, split.train, earlier.train,
            {"ranking model": {"": partial(fit_ranking, settings=settings)},
             **_fitters({"popularity": {"": Popularity()}, **baselines_by_time()}, settings)}, on_step,
        ),
    )  # fmt: skip


def _measure_stars(split: AtMoment, settings: ComparisonSettings, when: str, on_step: OnFit) -> RatingOutcome:
    if settings.implicit:
        return RatingOutcome(missing=NO_STARS)
    on_step(FitProgress("stars", 0, 1, "rating model, biases"))
    model = MatrixFactorization(settings.rating, seed=settings.seed, threads=settings.threads)
    try:
        found = measure_held_out(split.train, split.later, model, what=when, seed=settings.seed)
    except UsageError as error:
        return RatingOutcome(missing=str(error))
    on_step(FitProgress("stars", 1, 1))
    return RatingOutcome(found.figures)


def _our_candidates(settings: ComparisonSettings) -> dict[str, CandidateFits]:
    """Our models for known users: by their histories, as they are served, and by the rows that were trained."""

    def fold_in(train: Interactions) -> FoldedIn:
        return FoldedIn(fit_ranking(train, settings), fit_rating(train, settings))

    return {
        "histories": {"": fold_in},
        "ranking model": {"": partial(fit_ranking, settings=settings)},
        "rating model": {"": partial(fit_rating, settings=settings)},
    }


def _fitters(baselines: Mapping[str, UnfittedEstimators], settings: ComparisonSettings) -> dict[str, CandidateFits]:
    def fit(estimator: Estimator, train: Interactions) -> Estimator:
        settings.require_stars(estimator)
        return estimator.fit(train, progress=False)

    return {
        name: {setting: partial(fit, estimator) for setting, estimator in estimators.items()}
        for name, estimators in baselines.items()
    }


def _compare(
    protocol: str,
    when: str,
    case: TestCase,
    earlier_case: TestCase,
    train: Interactions,
    earlier_train: Interactions,
    recommenders: Mapping[str, CandidateFits],
    on_step: OnFit,
) -> RankingOutcome:
    if len(case.queries) < _FEWEST_QUERIES or len(earlier_case.queries) == 0:
        return RankingOutcome(missing=f"there are too few {protocol} who like something after the moment")

    def measure(candidates: CandidateFits) -> list[ChosenSetting]:
        setting = _choose(candidates, earlier_case, earlier_train)
        return [ChosenSetting(setting, measure_ranker(candidates[setting](train), case, train))]

    found = measure_each(protocol, recommenders, measure, on_step)
    what = (
        f"{when} What {len(case.queries):,} {protocol} like from then on is to be found in the full catalogue; what "
        f"nobody had rated by then cannot be. Settings were chosen in the same way by {len(earlier_case.queries):,} "
        "one step earlier."
    )
    return RankingOutcome(what, (), *found)


def _choose(candidates: CandidateFits, case: TestCase, train: Interactions) -> str:
    """The setting with the best NDCG@10."""
    if len(candidates) == 1:
        return next(iter(candidates))
    found = {setting: float(measure_ndcg(fit(train), case).mean()) for setting, fit in candidates.items()}
    return max(found, key=lambda setting: found[setting])


def _moment(later: Interactions) -> str:
    """When the later ratings begin, in UTC."""
    assert later.times is not None  # noqa: S101 - they were split by these
    return f"{np.datetime64(int(later.times.min()), 'us').astype(datetime.datetime):%Y-%m-%d %H:%M}"
