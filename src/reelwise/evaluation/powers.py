"""Choosing, on validation users, the powers that temper how profiles are weighed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from reelwise.evaluation.metrics import hits, ndcg
from reelwise.evaluation.protocols import Trial, Viewers
from reelwise.evaluation.ranking import Scores, recommend
from reelwise.models.blend import Blend, Floats
from reelwise.models.hyperparameters import BlendSettings

_FACTORS = (0.6, 0.8, 1.0, 1.25, 1.6)  # of the power that is known so far


def fit_powers(blend: Blend, validation: Mapping[int, Trial]) -> BlendSettings:
    """The blend's settings with, for each number of picks in `validation`, the power with the best NDCG@10.

    Numbers of picks without a trial keep their power.
    """
    settings = blend.settings
    powers = dict(zip(settings.picks, settings.powers, strict=True))
    for picks, trial in validation.items():
        start = blend.power(picks)
        ranker = _Tempered(blend, blend.evidence(trial.viewers.selections()), start)
        best = max(_FACTORS, key=lambda factor: _quality(replace(ranker, power=start * factor), trial))
        powers[picks] = round(start * best, 4)
    picks_known = tuple(sorted(powers))
    return replace(settings, picks=picks_known, powers=tuple(powers[picks] for picks in picks_known))


def _quality(ranker: "_Tempered", trial: Trial) -> float:
    ranked = recommend(ranker, trial, 10, batch=len(trial.viewers))
    return float(ndcg(hits(ranked, trial.targets)).mean())


@dataclass(frozen=True)
class _Tempered:
    """All viewers of a trial at once, by a given power; `evidence` is their log-likelihood by profile."""

    blend: Blend
    evidence: Floats
    power: float

    def scores(self, viewers: Viewers) -> Scores:
        assert len(viewers) == len(self.evidence)  # noqa: S101 - one batch, so that rows agree
        weights = self.blend.tempered(self.evidence, self.power)
        return np.asarray((weights @ self.blend.vectors) @ self.blend.taste.Q.T, np.float32)
