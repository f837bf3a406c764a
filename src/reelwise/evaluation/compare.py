"""All of our recommenders beside the baselines, in the same test cases.

Whatever can be set is chosen on validation ratings or users; the figures are of test ratings or users. A recommender
that the data are too large for, or a protocol that they are too small for, is left out with the reason.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import baselines_for_histories, baselines_for_selections, fit_each
from reelwise.evaluation.groups import GroupOutcome, measure_groups
from reelwise.evaluation.rankers import BlendByStars, MatchingProfile, Pooled, served
from reelwise.evaluation.ranking import Ranker, evaluate, measure_ndcg
from reelwise.evaluation.report import ChosenSetting, Comparison, HistoryOutcome, RankingOutcome, RatingOutcome
from reelwise.evaluation.splitting import KnownUsers, Selections
from reelwise.evaluation.validation.fit_balance import fit_balance
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.evaluation.validation.measure_fold_in import measure_fold_in
from reelwise.evaluation.validation.measure_ratings import VALIDATION, measure_ratings
from reelwise.evaluation.validation.measure_selections import MIN_LIKES, split_selections
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

_FEWEST_RATINGS = 100
_FEWEST_QUERIES = 30  # with fewer the figures would say nothing

Candidates = Iterable[tuple[str, Ranker]]
"""Rankers to choose from, each with the name of its setting; made one at a time, since each may be large."""


@dataclass(frozen=True)
class ComparisonSettings:
    """How to compare: our models' hyper-parameters, the seed of every random choice, and the threads to train with."""

    rating: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    ranking: WeightedALSConfig = field(default_factory=WeightedALSConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    seed: int = 42
    threads: int = 1


@dataclass(frozen=True)
class ProtocolStep:
    """How far one protocol has come: `done` of `total` recommenders are measured, `doing` is next."""

    protocol: str
    done: int
    total: int
    doing: str = ""


OnStep = Callable[[ProtocolStep], object]


def compare(ratings: Interactions, settings: ComparisonSettings, on_step: OnStep = lambda _: None) -> Comparison:
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
                best[place], chosen[place] = quality, ChosenSetting(setting, evaluate(ranker, test, split.train))
    return [chosen[place] for place in range(len(best))]


def _compare_ratings(ratings: Interactions, settings: ComparisonSettings, on_step: OnStep) -> RatingOutcome:
    if len(ratings) < _FEWEST_RATINGS:
        return RatingOutcome(missing=f"{len(ratings)} ratings are too few to hold some out")
    on_step(ProtocolStep("stars", 0, 1, "rating model, biases"))
    model = MatrixFactorization(settings.rating, seed=settings.seed, threads=settings.threads)
    found = measure_ratings(ratings, model, holdout=0.1, seed=settings.seed)
    on_step(ProtocolStep("stars", 1, 1))
    return RatingOutcome(found.figures)


def _compare_known_users(ratings: Interactions, settings: ComparisonSettings, on_step: OnStep) -> RankingOutcome:
    split = KnownUsers.split(ratings, seed=settings.seed)
    if min(len(split.validation.queries), len(split.test.queries)) < _FEWEST_QUERIES:
        return RankingOutcome(missing="too few users have three likes or more, to learn from one and find the others")
    baselines = baselines_for_histories()

    def fit_all() -> Iterator[Candidates]:
        yield [("", fit_ranking(split.train, settings))]
        yield [("", fit_rating(split.train, settings))]
        for estimators in baselines.values():
            yield fit_each(estimators, split.train)

    protocol = (
        "A random tenth of each user's likes is to be found in the full catalogue without what else the user rated, "
        f"for {len(split.test.queries):,} users. Another tenth is what settings were chosen by. Our models and biases "
        "learn from all other ratings, the rest from the likes among them."
    )
    names = ("ranking model", "rating model", *baselines)
    return RankingOutcome(protocol, (), *_measure("known users", split, names, fit_all(), on_step))


def _compare_selections(ratings: Interactions, settings: ComparisonSettings, on_step: OnStep) -> RankingOutcome:
    split = split_selections(ratings, settings.seed)
    if split is None:
        return RankingOutcome(missing=f"too few users have {MIN_LIKES} likes or more to hold some out")
    baselines = baselines_for_selections()

    def fit_all() -> Iterator[Candidates]:
        ranking = fit_ranking(split.train, settings)
        ranking = ranking.with_blend(fit_blend(ranking, split.validation))
        raters = split.train.counts_by_movie()
        ranking.linear = LinearPart.fit(split.train, settings.seed)
        ranking.fame = raise_fame(ranking, split.train, settings.seed)
        balance = fit_balance(ranking, Pooled(ranking), split.validation, raters, ranking.fame)
        yield [(f"balance {balance:g}", served(ranking, balance))]
        yield [("", ranking)]
        rating = fit_rating(split.train, settings)
        yield [("", BlendByStars(ranking, rating))]
        yield [("", MatchingProfile(split.train, rating))]
        for estimators in baselines.values():
            yield fit_each(estimators, split.train)

    validation, test = split.pairs()[0]
    protocol = (
        f"{len(test.queries):,} users with at least {MIN_LIKES} likes are held out whole. Some of their likes are "
        "given, the others are to be found in the full catalogue. Settings were chosen on "
        f"{len(validation.queries):,} other users."
    )
    names = ("blend by taste", "blend at balance 0", "blend by stars", "profile by stars", *baselines)
    return RankingOutcome(protocol, tuple(split.test), *_measure("selections", split, names, fit_all(), on_step))


def _measure_histories(
    ratings: Interactions, settings: ComparisonSettings, stars: RatingOutcome, on_step: OnStep
) -> tuple[HistoryOutcome, GroupOutcome]:
    """People who bring a history, one by one and in groups."""
    split = split_selections(ratings, settings.seed)
    if split is None or stars.figures is None:
        missing = f"too few users have {MIN_LIKES} likes or more to hold some out"
        return HistoryOutcome(missing=missing), GroupOutcome(missing=missing)
    on_step(ProtocolStep("histories", 0, 1, "folding in"))
    ranking, rating = fit_ranking(split.train, settings), fit_rating(split.train, settings)
    ranking = ranking.with_blend(fit_blend(ranking, split.validation))
    found = measure_fold_in(
        ratings, ranking, rating, split.test_users, split.validation_users,
        rmse=stars.figures.model.rmse, seed=settings.seed,
    )  # fmt: skip
    on_step(ProtocolStep("histories", 1, 1))
    if found is None or found.figures is None:
        missing = "too few of the users who are held out have enough ratings"
        return HistoryOutcome(missing=missing), GroupOutcome(missing=missing)
    on_step(ProtocolStep("groups", 0, 1, "together"))
    groups = measure_groups(ratings, ranking, rating, found.info.settings, split.test_users, settings.seed)
    on_step(ProtocolStep("groups", 1, 1))
    return HistoryOutcome(found.figures, found.info.settings), groups


def _measure(
    protocol: str,
    split: KnownUsers | Selections,
    names: Sequence[str],
    recommenders: Iterator[Candidates],
    on_step: OnStep,
) -> tuple[dict[str, list[ChosenSetting]], dict[str, str]]:
    """Make, choose and measure one recommender after the other, so that only one is in memory.

    Returns:
        The figures of each by name, and why others are left out.
    """
    figures: dict[str, list[ChosenSetting]] = {}
    left_out: dict[str, str] = {}
    for done, name in enumerate(names):
        on_step(ProtocolStep(protocol, done, len(names), name))
        try:
            figures[name] = choose(next(recommenders), split)
        except UsageError as error:  # it cannot be fitted to such data
            left_out[name] = str(error)
    on_step(ProtocolStep(protocol, len(names), len(names)))
    return figures, left_out


def fit_rating(train: Interactions, settings: ComparisonSettings) -> MatrixFactorization:
    """The rating model, with a part of the ratings to say when to stop."""
    part, validation = hold_out(train, VALIDATION, settings.seed)
    model = MatrixFactorization(settings.rating, seed=settings.seed, threads=settings.threads)
    return model.fit(part, validation=validation, progress=False)


def fit_ranking(train: Interactions, settings: ComparisonSettings) -> WeightedALS:
    """The ranking model."""
    model = WeightedALS(settings.ranking, blend=settings.blend, seed=settings.seed, threads=settings.threads)
    return model.fit(train, progress=False)
