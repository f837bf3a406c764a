"""Choosing, on validation users, how strongly a selection speaks: inverse temperatures, and fold-in weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from reelwise.data.types import Floats
from reelwise.evaluation.metrics import PerUser, hits, is_clear, ndcg
from reelwise.evaluation.ranking import recommend
from reelwise.evaluation.splitting import TestCase
from reelwise.models.config import BlendConfig
from reelwise.models.queries import Queries
from reelwise.models.ranking.blending import Blend
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.side_by_side import side_by_side

_TEMPERATURE_FACTORS = (0.7, 1.4)  # of what is known so far; the optimum is flat
_WEIGHT_FACTORS = (0.0, 2.0)


def fit_blend(model: WeightedALS, validation: Mapping[int, TestCase]) -> BlendConfig:
    """How to blend so that it serves validation users best, for each number of picks.

    What is known so far is kept unless something else is better by more than the standard error of the difference, so
    that few validation users change little. Numbers of picks without a test case stay as they are.
    """
    blend, config = model.blend, model.blend_config
    known = {
        picks: (temperature, weight)
        for picks, temperature, weight in zip(
            config.picks, config.inverse_temperatures, config.fold_in_weights, strict=True
        )
    }
    best = side_by_side(lambda picks: _fit(blend, picks, validation[picks]), validation)
    known |= zip(validation, best, strict=True)
    numbers = tuple(sorted(known))
    temperatures, weights = zip(*(known[picks] for picks in numbers), strict=True)
    return replace(config, picks=numbers, inverse_temperatures=temperatures, fold_in_weights=weights)


def _fit(blend: Blend, picks: int, case: TestCase) -> tuple[float, float]:
    """The inverse temperature and the fold-in weight that are best for that many picks."""
    start = _Setting(
        blend, blend.evidence(case.queries.picks()), blend.inverse_temperature(picks), blend.fold_in_weight(picks)
    )
    others = (replace(start, temperature=start.temperature * factor) for factor in _TEMPERATURE_FACTORS)
    tempered = _choose(start, others, case)
    best = _choose(tempered, (replace(tempered, weight=start.weight * factor) for factor in _WEIGHT_FACTORS), case)
    return round(best.temperature, 4), round(best.weight, 4)


@dataclass(frozen=True)
class _Setting:
    """All queries of a test case at once, by a given inverse temperature and fold-in weight.

    `evidence` is their log-likelihood by profile.
    """

    blend: Blend
    evidence: Floats
    temperature: float
    weight: float

    def score(self, queries: Queries) -> Floats:
        """The products with Q; float32, shape (queries, movies)."""
        means = self.blend.softmax(self.evidence, self.temperature) @ self.blend.vectors
        picks = np.stack(queries.picks())  # a test case gives everybody as many
        return np.asarray(self.blend.correct(means, picks, self.weight) @ self.blend.Q.T, np.float32)

    def measure(self, case: TestCase) -> PerUser:
        """NDCG@10, shape (queries,); all queries are scored in one batch, so that they agree with the evidence."""
        return ndcg(hits(recommend(self, case, 10, batch=len(case.queries)), case.targets))


def _choose(known: _Setting, others: Iterable[_Setting], case: TestCase) -> _Setting:
    """The one with the best NDCG@10; `known`, unless another is better beyond the standard error."""
    base = known.measure(case)
    best, best_gain = known, 0.0
    for other in others:
        gains = other.measure(case) - base
        gain = float(gains.mean())
        if gain > best_gain and is_clear(gains):
            best, best_gain = other, gain
    return best
