"""All of our recommenders beside the baselines, in the same trials.

Whatever can be set is chosen on validation ratings or users; the figures are of test ratings or users. A recommender
that the data are too large for, or a protocol that they are too small for, is left out with the reason.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import by_user, row_numbers
from reelwise.data.ratings import CSR, Indices, Interactions, Ratings
from reelwise.data.splitting import hold_out
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import EASE, BiasOnly, Popularity, UserKNN
from reelwise.evaluation.fit_blend import fit_powers
from reelwise.evaluation.measure_ratings import VALIDATION, measure_ratings
from reelwise.evaluation.measure_selections import MIN_LIKES, remaining, split_selections
from reelwise.evaluation.metrics import hits, ndcg
from reelwise.evaluation.rankers import Blended, BlendedStars, Known, MatchingProfile
from reelwise.evaluation.ranking import Ranker, evaluate, recommend
from reelwise.evaluation.report import Chosen, Comparison, RankingOutcome, StarsFigures, StarsOutcome
from reelwise.evaluation.splitting import KnownUsers, Queries, TestCase
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.preference import least_like
from reelwise.models.ranking.blending import Blend, Profiles, Taste
from reelwise.models.ranking.weighted_als import RankingModel, fit_ranking_model
from reelwise.models.rating.matrix_factorization import RatingModel, fit_rating_model

K = 10  # the length of the lists
NEIGHBOURS = (25, 50, 100, 200, 400)
EASE_FOR_SELECTIONS = (1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6)
EASE_FOR_HISTORIES = (30.0, 100.0, 300.0, 1e3, 3e3)
_FEWEST_RATINGS = 100
_FEWEST_VIEWERS = 30  # with fewer the figures would say nothing
_MOST_VIEWERS = 10_000  # of known users; more would only take longer

Candidates = Iterable[tuple[str, Ranker]]
"""Rankers to choose from, each with the name of its setting; made one at a time, since each may be large."""


@dataclass(frozen=True)
class ComparisonSettings:
    """How to compare: our models' hyper-parameters, the seed of every random choice, and the threads to train with."""

    stars: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    taste: WeightedALSConfig = field(default_factory=WeightedALSConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    seed: int = 42
    threads: int = 1


@dataclass(frozen=True)
class Step:
    """How far one protocol has come: `done` of `of` recommenders are measured, `doing` is next."""

    protocol: str
    done: int
    of: int
    doing: str = ""


@dataclass(frozen=True)
class TestCases:
    """Pairs of trials, to choose by and to measure; `train` and the size of the catalogue are for novelty."""

    __test__: ClassVar[bool] = False

    validation: Sequence[TestCase]
    test: Sequence[TestCase]
    train: Interactions
    movies: int


def compare(
    ratings: Ratings, settings: ComparisonSettings, on_step: Callable[[Step], None] = lambda _: None
) -> Comparison:
    """Fit and measure everything; `on_step` is called before and after each recommender."""
    return Comparison(
        _compare_stars(ratings, settings, on_step),
        _compare_known_users(ratings, settings, on_step),
        _compare_selections(ratings, settings, on_step),
    )


def choose(candidates: Candidates, trials: TestCases) -> list[Chosen]:
    """For each pair of trials the candidate with the best NDCG@10 in validation, and its figures in test."""
    best = [-1.0] * len(trials.test)
    chosen: dict[int, Chosen] = {}
    for setting, ranker in candidates:
        for place, (validation, test) in enumerate(zip(trials.validation, trials.test, strict=True)):
            quality = float(ndcg(hits(recommend(ranker, validation, K), validation.targets)).mean())
            if quality > best[place]:
                best[place] = quality
                chosen[place] = Chosen(setting, evaluate(ranker, test, trials.train, trials.movies, k=K))
    return [chosen[place] for place in range(len(best))]


def neighbours(likes: Interactions, shape: tuple[int, int]) -> Candidates:
    """User-kNN with different numbers of neighbours."""
    knn = UserKNN.fit(likes, shape)
    return ((f"{count} neighbours", replace(knn, neighbours=count)) for count in NEIGHBOURS)


def regularised(likes: Interactions, shape: tuple[int, int], grid: Iterable[float]) -> Candidates:
    """EASE with different regularisations."""
    return ((f"λ = {it:,.0f}", EASE.fit(likes, shape, it)) for it in grid)


def _compare_stars(ratings: Ratings, settings: ComparisonSettings, on_step: Callable[[Step], None]) -> StarsOutcome:
    if len(ratings) < _FEWEST_RATINGS:
        return StarsOutcome(missing=f"{len(ratings)} ratings are too few to hold some out")
    on_step(Step("stars", 0, 1, "stars model, bias-only"))
    found, *_ = measure_ratings(
        ratings, 0.1, settings.seed, lambda part, validation: _fit_stars(ratings, settings, part, validation)
    )
    on_step(Step("stars", 1, 1))
    figures = {"stars model": StarsFigures(**found["model"]), "bias-only": StarsFigures(**found["biases"])}
    return StarsOutcome(found["protocol"], found["ratings"], figures, found["interval"], found["mean_spread"])


def _compare_known_users(
    ratings: Ratings, settings: ComparisonSettings, on_step: Callable[[Step], None]
) -> RankingOutcome:
    split = KnownUsers.split(ratings, seed=settings.seed, liked=least_like(ratings.scale))
    if min(len(split.validation.viewers), len(split.test.viewers)) < _FEWEST_VIEWERS:
        return RankingOutcome(missing="too few users have three likes or more, to learn from one and find the others")
    shape, rated = split.shape, ratings.interactions()
    seen = without_targets(rated, (split.validation, split.test), shape[1])
    validation = some_viewers(split.validation, seen, settings.seed)
    test = some_viewers(split.test, without_targets(rated, (split.test,), shape[1]), settings.seed)
    fits = _Fits(ratings, seen, settings)
    return _measure(
        "known users",
        f"A random tenth of each user's likes is to be found in the full catalogue without what else the user rated, "
        f"for {len(test.viewers):,} users. Another tenth is what settings were chosen by. Our models and bias-only "
        "learn from all other ratings, the rest from the likes among them.",
        TestCases([validation], [test], seen, shape[1]),
        {
            "taste model": lambda: [("", Known(fits.taste.P, fits.taste.Q))],
            "stars model": lambda: [("", Known(fits.stars.P, fits.stars.Q))],
            "popularity": lambda: [("", Popularity.fit(split.train, shape))],
            "bias-only": lambda: [("", BiasOnly.fit(seen, shape))],
            "user-kNN": lambda: neighbours(split.train, shape),
            "EASE": lambda: regularised(split.train, shape, EASE_FOR_HISTORIES),
        },
        on_step,
    )


def _compare_selections(
    ratings: Ratings, settings: ComparisonSettings, on_step: Callable[[Step], None]
) -> RankingOutcome:
    split = split_selections(ratings, settings.seed)
    if split is None:
        return RankingOutcome(missing=f"too few users have {MIN_LIKES} likes or more to hold some out")
    seen, shape, picks = split.train, split.shape, tuple(split.test)
    likes = seen.where(seen.stars >= least_like(ratings.scale))
    fits = _Fits(ratings, seen, settings, validation=split.validation)
    trials = TestCases([split.validation[n] for n in picks], [split.test[n] for n in picks], seen, shape[1])
    return _measure(
        "selections",
        f"{len(trials.test[0].viewers):,} users with at least {MIN_LIKES} likes are held out whole. Some of their "
        "likes are given, the others are to be found in the full catalogue. Settings were chosen on "
        f"{len(trials.validation[0].viewers):,} other users.",
        trials,
        {
            "blend by taste": lambda: [("", Blended(fits.blend))],
            "blend by stars": lambda: [("", BlendedStars(fits.blend, fits.stars.P, fits.stars.Q))],
            "profile by stars": lambda: [("", MatchingProfile(fits.history, fits.stars.P, fits.stars.Q))],
            "popularity": lambda: [("", Popularity.fit(likes, shape))],
            "bias-only": lambda: [("", BiasOnly.fit(seen, shape))],
            "user-kNN": lambda: neighbours(likes, shape),
            "EASE": lambda: regularised(likes, shape, EASE_FOR_SELECTIONS),
        },
        on_step,
        picks,
    )


def _measure(
    protocol: str,
    description: str,
    trials: TestCases,
    recommenders: Mapping[str, Callable[[], Candidates]],
    on_step: Callable[[Step], None],
    picks: tuple[int, ...] = (),
) -> RankingOutcome:
    """Make, choose and measure one recommender after the other, so that only one is in memory."""
    figures: dict[str, list[Chosen]] = {}
    left_out: dict[str, str] = {}
    for done, (name, candidates) in enumerate(recommenders.items()):
        on_step(Step(protocol, done, len(recommenders), name))
        try:
            figures[name] = choose(candidates(), trials)
        except UsageError as error:  # it cannot be fitted to such data
            left_out[name] = str(error)
    on_step(Step(protocol, len(recommenders), len(recommenders)))
    return RankingOutcome(description, picks, figures, left_out)


@dataclass(frozen=True)
class _Fits:
    """Our models, each fitted to what is `seen` when it is first needed."""

    ratings: Ratings
    seen: Interactions
    settings: ComparisonSettings
    validation: Mapping[int, TestCase] = field(default_factory=dict)

    @cached_property
    def stars(self) -> RatingModel:
        part, validation = hold_out(self.seen, VALIDATION, self.settings.seed)
        return _fit_stars(self.ratings, self.settings, part, validation)

    @cached_property
    def taste(self) -> RankingModel:
        return fit_ranking_model(
            self.seen, len(self.ratings.user_ids), len(self.ratings.movie_ids), self.ratings.scale, self.settings.taste,
            seed=self.settings.seed, threads=self.settings.threads,
        )  # fmt: skip

    @cached_property
    def history(self) -> Ratings:
        return remaining(self.ratings, self.seen)

    @cached_property
    def blend(self) -> Blend:
        settings, (P, Q) = self.settings, (self.taste.P, self.taste.Q)
        profiles = Profiles.chosen(P, Q, self.history, settings.blend, settings.seed)
        blend = Blend(Taste(P, Q, profiles), self.history, settings.blend, settings.taste)
        return replace(blend, settings=fit_powers(blend, self.validation))


def _fit_stars(
    ratings: Ratings, settings: ComparisonSettings, part: Interactions, validation: Interactions
) -> RatingModel:
    return fit_rating_model(
        part, len(ratings.user_ids), len(ratings.movie_ids), settings.stars,
        seed=settings.seed, threads=settings.threads, validation=validation,
    )  # fmt: skip


def without_targets(seen: Interactions, trials: Iterable[TestCase], movies: int) -> Interactions:
    """What is `seen`, without the targets of the trials."""

    def pairs(users: Indices, of_movies: Indices) -> npt.NDArray[np.int64]:
        return users.astype(np.int64) * movies + of_movies

    hidden = [pairs(it.viewers.users[row_numbers(it.targets)], it.targets.indices) for it in trials]
    return seen.where(~np.isin(pairs(seen.users, seen.movies), np.concatenate(hidden)))


def some_viewers(trial: TestCase, rated: Interactions, seed: int) -> TestCase:
    """The same trial with at most `_MOST_VIEWERS` viewers; all they have `rated` is excluded."""
    viewers = trial.viewers
    count = min(len(viewers), _MOST_VIEWERS)
    kept = np.sort(np.random.default_rng(seed).permutation(len(viewers))[:count])
    users = viewers.users[kept]
    excluded = by_user(rated, 1 + int(rated.users.max()))
    return TestCase(
        Queries(users, _chosen(viewers.picks, kept)), _chosen(excluded, users), _chosen(trial.targets, kept)
    )


def _chosen(rows: CSR, kept: npt.NDArray[np.integer[Any]]) -> CSR:
    """The `kept` rows, whose numbers ascend."""
    inside = np.isin(row_numbers(rows), kept)
    offsets = np.concatenate([[0], np.cumsum(rows.counts()[kept])]).astype(np.int64)
    return CSR(offsets, rows.indices[inside], rows.stars[inside])
