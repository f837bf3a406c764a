"""Measuring recommendations from a selection, on users that the model has never seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from reelwise.artifacts.metrics import RecommenderFigures, SelectionFigures
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.evaluation.metrics import PerUser, bootstrap_interval, is_clear
from reelwise.evaluation.rankers import Pooled, served
from reelwise.evaluation.ranking import Ranker, measure_ndcg, measure_ranker
from reelwise.evaluation.splitting import Selections, TestCase
from reelwise.evaluation.validation.fit_balance import fit_balance
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.evaluation.validation.measure_reasons import share_unexplained
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.models.ranking.weighted_als import KeepGoing, OnIteration, WeightedALS
from reelwise.models.side_by_side import one_thread_per_product, side_by_side

MIN_LIKES = 30
TEST_USERS, VALIDATION_USERS = 1000, 300
_FEWEST, _TEST_SHARE = 30, 4  # test users, of whom fewer would say nothing; a quarter of the users at most


class RankingTrainer(Protocol):
    """Fits a ranking model: a `WeightedALS`, or another engine."""

    @property
    def config(self) -> WeightedALSConfig:
        """Its hyper-parameters, of which patience counts here."""

    def fit(
        self,
        train: Interactions,
        *,
        iterations: int | None = None,
        on_iteration: OnIteration = ...,
        keep_going: KeepGoing | None = None,
    ) -> WeightedALS:
        """Fit to `train`, see `WeightedALS.fit`; an engine that cannot stop early calls `keep_going` at its end."""


class MeasuredSelections(NamedTuple):
    """The results of `measure_selections`: the figures, and what was chosen by validation users.

    Attributes:
        figures: of the blend, beside those of popularity.
        blend: how to blend.
        iterations: the number of iterations that was best.
        split: who was held out.
        model: what was measured.
    """

    figures: SelectionFigures
    blend: BlendConfig
    iterations: int
    split: Selections
    model: WeightedALS


def split_selections(ratings: Interactions, seed: int) -> Selections | None:
    """Test and validation users, at most a quarter and an eighth of those with enough likes.

    None where they would be too few for figures.
    """
    eligible = _count_eligible(ratings)
    test, validation = min(TEST_USERS, eligible // _TEST_SHARE), min(VALIDATION_USERS, eligible // 8)
    if test < _FEWEST:
        return None
    return Selections.split(ratings, seed=seed, test_users=test, validation_users=validation, min_likes=MIN_LIKES)


def describe_too_few(ratings: Interactions) -> str:
    """Why `split_selections` gives nothing."""
    have, need = _count_eligible(ratings), _TEST_SHARE * _FEWEST
    return f"too few users have {MIN_LIKES} likes or more to hold some out: {have}, and {need} are needed"


def _count_eligible(ratings: Interactions) -> int:
    return int((likes_of(ratings).counts_by_user() >= MIN_LIKES).sum())


def measure_selections(
    split: Selections,
    model: RankingTrainer,
    *,
    seed: int,
    pooled: bool = True,
    on_iteration: OnIteration = lambda _done, _total: None,
) -> MeasuredSelections:
    """Fit to those who are not held out, choose by some of those who are, and measure on the rest.

    Chosen are the number of iterations, by early stopping, how to blend, and how to balance lists by default.

    Args:
        split: who is held out.
        model: fits the model that is measured.
        seed: of every random choice.
        pooled: whether the model is to have a linear part, and its fame raised.
        on_iteration: called after each iteration.
    """
    stopping = EarlyStopping(_middle(split.validation), model.config.patience)
    with one_thread_per_product():
        fitted = model.fit(split.train, on_iteration=on_iteration, keep_going=stopping)
        if stopping.best < len(stopping.ndcg):  # the model is some iterations past the best
            fitted = model.fit(split.train, iterations=stopping.best, on_iteration=on_iteration)
        fitted.keep_likelihoods()
    blend = fit_blend(fitted, split.validation)
    blended, raters = fitted.with_blend(blend), split.train.counts_by_movie()
    if pooled:
        blended.linear = LinearPart.fit(split.train, seed)
        blended.fame = raise_fame(blended, split.train, seed)
    balance = fit_balance(blended, Pooled(blended), split.validation, raters, blended.fame)
    figures = SelectionFigures(
        protocol=(
            f"{len(split.test[min(split.test)].queries)} users with at least {MIN_LIKES} likes are held out whole. "
            "Some of their likes are given, the others are to be found in the full catalogue. Settings were chosen on "
            "other users."
        ),
        picks=tuple(split.test),
        blend=_measure(served(blended, balance), split, seed),
        balance=balance,
        well_known=_measure(blended, split, seed) if balance else None,
        unexplained=tuple(share_unexplained(blended, raters, balance, split.test)),
        popularity=_measure(Popularity().fit(split.train), split, seed),
        validation_ndcg=stopping.means,
    )
    return MeasuredSelections(figures, blend, stopping.best, split, blended)


@dataclass
class EarlyStopping:
    """Says after each iteration whether to go on: until `patience` iterations have ranked worse than the best.

    Worse means by more than the standard error of the difference, so that noise among few users does not end training
    early.

    Attributes:
        case: by validation users, whose NDCG@10 counts.
        patience: how many iterations may be worse.
        ndcg: of each user, after each iteration.
    """

    case: TestCase
    patience: int
    ndcg: list[PerUser] = field(default_factory=list)

    @property
    def means(self) -> tuple[float, ...]:
        """The mean NDCG@10 after each iteration."""
        return tuple(float(of_users.mean()) for of_users in self.ndcg)

    @property
    def best(self) -> int:
        """The iteration to keep, from 1: the latest, unless another was clearly better."""
        best = int(np.argmax(self.means))
        return best + 1 if is_clear(self.ndcg[best] - self.ndcg[-1]) else len(self.ndcg)

    def __call__(self, iteration: int, model: Ranker) -> bool:
        """Measure after an iteration, and decide."""
        self.ndcg.append(measure_ndcg(model, self.case))
        return iteration - self.best < self.patience


def _middle(cases: Mapping[int, TestCase]) -> TestCase:
    """The test case with a middling number of picks."""
    listed = list(cases.values())
    return listed[len(listed) // 2]


def _measure(ranker: Ranker, split: Selections, seed: int) -> RecommenderFigures:
    found = side_by_side(lambda case: measure_ranker(ranker, case, split.train), split.test.values())
    per_user = np.mean([figures.ndcg for figures in found], axis=0)  # all have more likes than the most picks
    interval = bootstrap_interval(per_user, seed)
    return RecommenderFigures(
        ndcg=tuple(float(figures.ndcg.mean()) for figures in found),
        stratified_ndcg=tuple(float(figures.stratified_ndcg.mean()) for figures in found),
        recall=tuple(float(figures.recall.mean()) for figures in found),
        coverage=tuple(figures.coverage for figures in found),
        distinct=tuple(int(figures.distinct) for figures in found),
        most_shown=tuple(figures.most_shown for figures in found),
        mean_ndcg=float(per_user.mean()),
        interval=(interval.low, interval.high),
    )
