"""Choosing what somebody is shown of whom nothing is known: what all profiles like, or what was popular lately.

The data's own times decide, by newcomers: people who had rated nothing before a moment, of whom nothing was known then.
By those between a first moment and a second it is chosen what lately means. By those after the second, whether that
suits them better than what the ranking model would show; both know what was there before, and no more.
"""

from typing import NamedTuple, Protocol

import numpy as np

from reelwise.artifacts.config import PopularInfo
from reelwise.artifacts.metrics import NewcomerFigures
from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import baselines_by_time
from reelwise.evaluation.metrics import PerUser, hits, is_clear, ndcg
from reelwise.evaluation.ranking import Ranker
from reelwise.evaluation.splitting import AtMoment
from reelwise.models.queries import Queries
from reelwise.models.side_by_side import one_thread_per_product
from reelwise.models.top_n import top_n

_SECOND, _FIRST = 0.2, 0.25  # shares: of all ratings after the second moment; of those before it, after the first
_FEWEST = 30  # newcomers; with fewer nothing is measured
_CLEAR = 2.0  # standard errors by which lately must be better
_LENGTH = 10  # of the list


class RankingFitter(Protocol):
    """Fits a ranking model, as a `WeightedALS` does."""

    def fit(self, train: Interactions) -> Ranker:
        """Fit to `train`."""


class ChosenPopular(NamedTuple):
    """The choice: what is shown, None where that is what the ranking model says; and the figures."""

    info: PopularInfo | None
    figures: NewcomerFigures


def choose_popular(ratings: Interactions, ranking: RankingFitter, seed: int) -> ChosenPopular | None:
    """Choose what to show somebody of whom nothing is known.

    Args:
        ratings: all ratings, with their times where these are known.
        ranking: fits the ranking model.
        seed: of whom is asked for, where there are very many.

    Returns:
        None where that cannot be measured: without times, or with too few newcomers.
    """
    try:
        later = AtMoment.split(ratings, share=_SECOND, seed=seed)
        earlier = AtMoment.split(later.train, share=_FIRST, seed=seed)
    except UsageError:  # there are no times, or all are the same
        return None
    if min(len(split.newcomers.queries) for split in (earlier, later)) < _FEWEST:
        return None
    candidates = [model for settings in baselines_by_time().values() for model in settings.values()]
    found = [_measure(model.fit(earlier.train, progress=False), earlier) for model in candidates]
    best = candidates[int(np.argmax([quality.mean() for quality in found]))]
    lately = _measure(best.fit(later.train, progress=False), later)
    with one_thread_per_product():
        taste = _measure(ranking.fit(later.train), later)
    wins = is_clear(lately - taste, _CLEAR)
    info = PopularInfo.model_validate({"model": best.name, "hyperparameters": vars(best.config)})
    figures = NewcomerFigures(
        protocol=(
            f"People of whom nothing was known before the latest {_SECOND:.0%} of all ratings, and what they like from "
            "then on. What lately means was chosen by newcomers before that."
        ),
        people=len(lately),
        lately=info.describe(),
        ndcg=float(lately.mean()),
        ranking_ndcg=float(taste.mean()),
    )
    return ChosenPopular(info if wins else None, figures)


def _measure(ranker: Ranker, split: AtMoment) -> PerUser:
    """NDCG@10 of each newcomer. Everybody is shown the same list, so it is made once."""
    scores = ranker.score(Queries.of_strangers(CSR.empty(1)))[0]
    targets = split.newcomers.targets
    ranked = np.tile(top_n(scores, _LENGTH, np.empty(0, np.int64)).astype(np.int32), (len(targets), 1))
    return ndcg(hits(ranked, targets))
