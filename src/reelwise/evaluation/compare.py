"""All of our recommenders beside the baselines, in the same test cases.

Whatever can be set is chosen on validation ratings or users; the figures are of test ratings or users. A recommender
that the data are too large for, or a protocol that they are too small for, is left out with the reason.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeVar

from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import (
    UnfittedEstimators,
    baselines_for_histories,
    baselines_for_selections,
    fit_each,
)
from reelwise.evaluation.groups import GroupOutcome, measure_groups
from reelwise.evaluation.rankers import BlendByStars, MatchingProfile, Pooled, served
from reelwise.evaluation.ranking import Ranker, measure_ndcg, measure_ranker
from reelwise.evaluation.report import ChosenSetting, Comparison, HistoryOutcome, RankingOutcome, RatingOutcome
from reelwise.evaluation.splitting import KnownUsers, Selections
from reelwise.evaluation.validation.fit_balance import fit_balance
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.evaluation.validation.measure_fold_in import measure_fold_in
from reelwise.evaluation.validation.measure_ratings import VALIDATION, measure_ratings
from reelwise.evaluation.validation.measure_selections import MIN_LIKES, describe_too_few, split_selections
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.base import Estimator, RatingPredictor
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.progress import FitProgress, OnFit

_FEWEST_RATINGS = 100
_FEWEST_QUERIES = 30  # with fewer the figures would say nothing

NO_STARS = "the ratings only say who watched what, without stars"

MakerT = TypeVar("MakerT")
OutcomeT = TypeVar("OutcomeT")

Candidates = Iterable[tuple[str, Ranker]]
"""Rankers to choose from, each with the name of its setting; made one at a time, since each may be large."""


@dataclass(frozen=True)
class ComparisonSettings:
    """How to compare.

    Attributes:
        rating: hyper-parameters of the rating model.
        ranking: those of the ranking model.
        blend: how selections are blended.
        seed: of every random choice.
        threads: how many work at a time; no effect on the result.
        implicit: whether the ratings have no stars; then what needs them is left out.
    """

    rating: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    ranking: WeightedALSConfig = field(default_factory=WeightedALSConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    seed: int = 42
    threads: int = 1
    implicit: bool = False

    def require_stars(self, model: Estimator) -> None:
        """Refuse a model of stars where there are none.

        Raises:
            UsageError: Raised when that is so.
        """
        if self.implicit and isinstance(model, RatingPredictor):
            raise UsageError(NO_STARS)


def compare(ratings: Interactions, settings: ComparisonSettings, on_step: OnFit = lambda _: None) -> Comparison:
    """Fit and measure everything; `on_step` is called before and after each recommender."""
    stars = _compare_ratings(ratings, settings, on_step)
    return Comparison(
        stars,
        _compare_known_users(ratings, settings, on_step),
        _compare_selections(ratings, settings, on_step),
        *_measure_histories(ratings, settings, stars, on_step),
    )


def choose(candidates: Candidates, split: KnownUsers | Selections) -> list[ChosenSetting]:
    """For each pair of test cases the candidate with the best NDCG@10 in validation, and its figures in test."""
    pairs = split.pairs()
    best = [-1.0] * len(pairs)
    chosen: dict[int, ChosenSetting] = {}
    for setting, ranker in candidates:
        for place, (validation, test) in enumerate(pairs):
            quality = float(measure_ndcg(ranker, validation).mean())
            if quality > best[place]:
                best[place], chosen[place] = quality, ChosenSetting(setting, measure_ranker(ranker, test, split.train))
    return [chosen[place] for place in range(len(best))]


def _compare_ratings(ratings: Interactions, settings: ComparisonSettings, on_step: OnFit) -> RatingOutcome:
    if settings.implicit:
        return RatingOutcome(missing=NO_STARS)
    if len(ratings) < _FEWEST_RATINGS:
        return RatingOutcome(missing=f"{len(ratings)} ratings are too few to hold some out")
    on_step(FitProgress("stars", 0, 1, "rating model, biases"))
    model = MatrixFactorization(settings.rating, seed=settings.seed, threads=settings.threads)
    try:
        found = measure_ratings(ratings, model, holdout=0.1, seed=settings.seed)
    except UsageError as error:
        return RatingOutcome(missing=str(error))
    on_step(FitProgress("stars", 1, 1))
    return RatingOutcome(found.figures)


def _compare_known_users(ratings: Interactions, settings: ComparisonSettings, on_step: OnFit) -> RankingOutcome:
    split = KnownUsers.split(ratings, seed=settings.seed)
    if min(len(split.validation.queries), len(split.test.queries)) < _FEWEST_QUERIES:
        return RankingOutcome(missing="too few users have three likes or more, to learn from one and find the others")
    recommenders: dict[str, Callable[[], Candidates]] = {
        "ranking model": lambda: [("", fit_ranking(split.train, settings))],
        "rating model": lambda: [("", fit_rating(split.train, settings))],
        **_fitters(baselines_for_histories(), split.train, settings),
    }
    protocol = (
        "A random tenth of each user's likes is to be found in the full catalogue without what else the user rated, "
        f"for {len(split.test.queries):,} users. Another tenth is what settings were chosen by. Our models and biases "
        "learn from all other ratings, the rest from the likes among them."
    )
    found = measure_each("known users", recommenders, lambda candidates: choose(candidates(), split), on_step)
    return RankingOutcome(protocol, (), *found)


def _compare_selections(ratings: Interactions, settings: ComparisonSettings, on_step: OnFit) -> RankingOutcome:
    split = split_selections(ratings, settings.seed)
    if split is None:
        return RankingOutcome(missing=describe_too_few(ratings))

    @cache
    def ranking() -> WeightedALS:
        model = fit_ranking(split.train, settings)
        model = model.with_blend(fit_blend(model, split.validation))
        model.linear = LinearPart.fit(split.train, settings.seed)
        model.fame = raise_fame(model, split.train, settings.seed)
        return model

    @cache
    def rating() -> MatrixFactorization:
        return fit_rating(split.train, settings)

    def balanced() -> Candidates:
        model = ranking()
        raters = split.train.counts_by_movie()
        balance = fit_balance(model, Pooled(model), split.validation, raters, model.fame)
        return [(f"balance {balance:g}", served(model, balance))]

    recommenders: dict[str, Callable[[], Candidates]] = {
        "blend by taste": balanced,
        "blend at balance 0": lambda: [("", ranking())],
        "blend by stars": lambda: [("", BlendByStars(ranking(), rating()))],
        "profile by stars": lambda: [("", MatchingProfile(split.train, rating()))],
        **_fitters(baselines_for_selections(), split.train, settings),
    }
    validation, test = split.pairs()[0]
    protocol = (
        f"{len(test.queries):,} users with at least {MIN_LIKES} likes are held out whole. Some of their likes are "
        "given, the others are to be found in the full catalogue. Settings were chosen on "
        f"{len(validation.queries):,} other users."
    )
    found = measure_each("selections", recommenders, lambda candidates: choose(candidates(), split), on_step)
    return RankingOutcome(protocol, tuple(split.test), *found)


def _measure_histories(
    ratings: Interactions, settings: ComparisonSettings, stars: RatingOutcome, on_step: OnFit
) -> tuple[HistoryOutcome, GroupOutcome]:
    """People who bring a history, one by one and in groups."""
    split = split_selections(ratings, settings.seed)
    if split is None or stars.figures is None:
        missing = stars.missing or describe_too_few(ratings)
        return HistoryOutcome(missing=missing), GroupOutcome(missing=missing)
    on_step(FitProgress("histories", 0, 1, "folding in"))
    ranking, rating = fit_ranking(split.train, settings), fit_rating(split.train, settings)
    ranking = ranking.with_blend(fit_blend(ranking, split.validation))
    found = measure_fold_in(
        ratings, ranking, rating, split.test_users, split.validation_users,
        rmse=stars.figures.model.rmse, seed=settings.seed,
    )  # fmt: skip
    on_step(FitProgress("histories", 1, 1))
    if found is None or found.figures is None:
        missing = "too few of the users who are held out have enough ratings"
        return HistoryOutcome(missing=missing), GroupOutcome(missing=missing)
    on_step(FitProgress("groups", 0, 1, "together"))
    groups = measure_groups(ratings, ranking, rating, found.info.settings, split.test_users, settings.seed)
    on_step(FitProgress("groups", 1, 1))
    return HistoryOutcome(found.figures, found.info.settings), groups


def measure_each(
    protocol: str, recommenders: Mapping[str, MakerT], measure: Callable[[MakerT], OutcomeT], on_step: OnFit
) -> tuple[dict[str, OutcomeT], dict[str, str]]:
    """Make and measure one recommender after the other, so that only one is in memory.

    Args:
        protocol: what progress is called.
        recommenders: what makes each, by its name.
        measure: makes a recommender, and measures it.
        on_step: called before and after each.

    Returns:
        What was found of each by name, and why others are left out.
    """
    figures, left_out = dict[str, OutcomeT](), dict[str, str]()
    for done, (name, maker) in enumerate(recommenders.items()):
        on_step(FitProgress(protocol, done, len(recommenders), name))
        try:
            figures[name] = measure(maker)
        except UsageError as error:  # it cannot be fitted to such data
            left_out[name] = str(error)
    on_step(FitProgress(protocol, len(recommenders), len(recommenders)))
    return figures, left_out


def _fitters(
    baselines: Mapping[str, UnfittedEstimators], train: Interactions, settings: ComparisonSettings
) -> dict[str, Callable[[], Candidates]]:
    return {name: partial(_fit_each, estimators, train, settings) for name, estimators in baselines.items()}


def _fit_each(estimators: UnfittedEstimators, train: Interactions, settings: ComparisonSettings) -> Candidates:
    for estimator in estimators.values():
        settings.require_stars(estimator)
    return fit_each(estimators, train)


def fit_rating(train: Interactions, settings: ComparisonSettings) -> MatrixFactorization:
    """The rating model, with a part of the ratings to say when to stop."""
    model = MatrixFactorization(settings.rating, seed=settings.seed, threads=settings.threads)
    settings.require_stars(model)
    part, validation = hold_out(train, VALIDATION, settings.seed)
    return model.fit(part, validation=validation, progress=False)


def fit_ranking(train: Interactions, settings: ComparisonSettings) -> WeightedALS:
    """The ranking model."""
    model = WeightedALS(settings.ranking, blend=settings.blend, seed=settings.seed, threads=settings.threads)
    return model.fit(train, progress=False)
