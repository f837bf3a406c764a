"""Choosing, on validation users, how strongly a selection speaks: its likelihood's power, and its picks' pull."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from reelwise.evaluation.metrics import PerUser, hits, ndcg
from reelwise.evaluation.ranking import Scores, recommend
from reelwise.evaluation.splitting import Queries, TestCase
from reelwise.models.config import BlendConfig
from reelwise.models.ranking.blending import Blend, Floats

_FACTORS_OF_POWER = (0.7, 1.4)  # of what is known so far; the optimum is flat
_FACTORS_OF_PULL = (0.0, 2.0)


def fit_powers(blend: Blend, validation: Mapping[int, TestCase]) -> BlendConfig:
    """The blend's settings with the power and the pull that serve validation users best, for each number of picks.

    What is known so far is kept unless something else is better by more than the standard error of the difference, so
    that few validation users change little. Numbers of picks without a trial stay as they are.
    """
    settings = blend.settings
    powers = dict(zip(settings.picks, settings.powers, strict=True))
    pulls = dict(zip(settings.picks, settings.pulls, strict=True))
    for picks, trial in validation.items():
        start = _Tempered(blend, blend.evidence(trial.viewers.selections()), blend.power(picks), blend.pull(picks))
        tempered = _best(start, (replace(start, power=start.power * it) for it in _FACTORS_OF_POWER), trial)
        best = _best(tempered, (replace(tempered, pull=start.pull * it) for it in _FACTORS_OF_PULL), trial)
        powers[picks], pulls[picks] = round(best.power, 4), round(best.pull, 4)
    known = tuple(sorted(powers))
    return replace(
        settings, picks=known, powers=tuple(powers[it] for it in known), pulls=tuple(pulls[it] for it in known)
    )


def _best(known: "_Tempered", others: Iterable["_Tempered"], trial: TestCase) -> "_Tempered":
    """The one with the best NDCG@10; `known`, unless another is better beyond the standard error."""
    base = _quality(known, trial)
    best, best_gain = known, 0.0
    for other in others:
        gains = _quality(other, trial) - base
        gain = float(gains.mean())
        if gain > max(best_gain, float(gains.std()) / len(gains) ** 0.5):
            best, best_gain = other, gain
    return best


def _quality(ranker: "_Tempered", trial: TestCase) -> PerUser:
    ranked = recommend(ranker, trial, 10, batch=len(trial.viewers))
    return ndcg(hits(ranked, trial.targets))


@dataclass(frozen=True)
class _Tempered:
    """All viewers of a trial at once, by a given power and pull; `evidence` is their log-likelihood by profile."""

    blend: Blend
    evidence: Floats
    power: float
    pull: float

    def scores(self, viewers: Queries) -> Scores:
        """The products with Q; all viewers of the trial are scored in one batch, so that rows agree."""
        means = self.blend.tempered(self.evidence, self.power) @ self.blend.vectors
        picks = np.stack(viewers.selections())  # a trial gives everybody as many
        return np.asarray(self.blend.pulled(means, picks, self.pull) @ self.blend.taste.Q.T, np.float32)
