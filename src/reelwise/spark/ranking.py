"""The ranking model, by Spark's ALS.

With implicitPrefs, Spark solves for each user (and likewise for each movie)

    (YᵀY + Σ c y yᵀ + λ' n I) x = Σ (1 + c) y        c = α |rating|; the right side and n: ratings above zero only

where the local ranking model solves, with the weight a0 of a missing pair and the target t of a rating,

    (a0 YᵀY + Σ y yᵀ + λ (n + a0 |movies|) I) x = Σ t y

Each rating becomes two of Spark's: one above zero with c1 = s t - 1, one below with c2 = 1/a0 - c1. Together they
weigh 1/a0, and aim at s t; so x is the local model's, but for a factor: with both sides' vectors divided by √(a0 s) the
systems are the same. (s is as large as c2 allows; a target so low that c1 would be negative counts as 1/s.) λ' n grows
with the ratings only, so λ' is such that all penalties sum to the same: λ' = λ s (1 + a0 |users| |movies| / |ratings|).
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.likes import likes_of
from reelwise.data.types import Counts, Floats
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.preference import preference
from reelwise.models.ranking.balance import fame_of
from reelwise.models.ranking.profiles import Profiles
from reelwise.models.ranking.weighted_als import KeepGoing, OnIteration, WeightedALS
from reelwise.spark.als import ClusterFactors, collect_movies, run_als
from reelwise.spark.sample import Sample
from reelwise.spark.tables import RatingTable

if TYPE_CHECKING:
    from pyspark.sql import Column


@dataclass
class SparkRanking:
    """Fits the ranking model on the cluster, for the users of a sample: a `RankingTrainer`.

    Attributes:
        sample: whose ratings are split.
        config: hyper-parameters; `steps`, `initial_std` and `patience` play no part on Spark.
        blend: how newcomers are blended.
        seed: of every random choice.
    """

    sample: Sample
    config: WeightedALSConfig
    blend: BlendConfig
    seed: int

    def fit(
        self,
        train: Interactions,
        *,
        iterations: int | None = None,
        on_iteration: OnIteration = lambda _done, _total: None,
        keep_going: KeepGoing | None = None,
    ) -> WeightedALS:
        """Fit to all ratings but those of the sample that are not in `train`.

        Spark does not stop early: `on_iteration` and `keep_going` are called once, at the end.
        """
        config = replace(self.config, iterations=iterations or self.config.iterations)
        factors = fit_ranking(self.sample.without_hidden(train), config, self.seed)
        P, Q = factors.collect(self.sample.users), factors.Q
        profiles = Profiles.choose(P, Q, train, self.blend, self.seed)
        likes = likes_of(train).counts_by_movie()
        model = create_ranking(P, Q, profiles, likes, train.scale, config, self.blend)
        on_iteration(config.iterations, config.iterations)
        if keep_going is not None:
            keep_going(1, model)
        return model


def fit_ranking(table: RatingTable, config: WeightedALSConfig, seed: int) -> ClusterFactors:
    """Fit the ranking model to all ratings of a table."""
    from pyspark.sql import functions as F

    a0 = config.missing_weight
    share = table.count / (table.user_count * len(table.movies))
    largest = float(preference(np.array([table.scale.high], np.float32), table.scale)[0])
    s = (1 + 1 / a0) / largest
    above = F.greatest(_preference(table.scale) * F.lit(s) - 1, F.lit(1e-9))  # zero would not be above zero
    entries = table.ratings.select(
        "user", "movie", F.explode(F.array(above, F.least(above - F.lit(1 / a0), F.lit(0.0)))).alias("stars")
    ).where("stars != 0")
    model = run_als(
        table, entries, userCol="user", itemCol="movie", implicitPrefs=True, alpha=1.0,
        rank=config.factors_for(table.user_count), maxIter=config.iterations, seed=seed,
        regParam=config.regularisation * s * (1 + a0 / share),
    )  # fmt: skip
    scale = np.float32(1 / np.sqrt(a0 * s))
    vector = F.transform("features", lambda value: value * F.lit(float(scale)).cast("float"))
    P = model.userFactors.select(F.col("id").alias("user"), vector.alias("vector"))
    return ClusterFactors(P, collect_movies(model.itemFactors, table) * scale)


def create_ranking(
    P: Floats,
    Q: Floats,
    profiles: Profiles,
    likes: Counts,
    scale: RatingScale,
    config: WeightedALSConfig,
    blend: BlendConfig,
) -> WeightedALS:
    """A ranking model from vectors that were fitted elsewhere, (users, k) and (movies, k), and each movie's likes."""
    model = WeightedALS(config, blend=blend)
    model.P, model.Q, model.profiles, model.fame = P, Q, profiles, fame_of(likes)
    model.scale, model.fitted_movies = scale, len(Q)
    return model


def _preference(scale: RatingScale) -> "Column":
    """`preference` of the column stars: straight lines between what it is at some thousand places of the scale."""
    from pyspark.sql import functions as F

    steps = 1024
    places = np.linspace(scale.low, scale.high, steps + 1, dtype=np.float32)
    values = F.array(*map(F.lit, preference(places, scale).tolist()))
    place = (F.col("stars").cast("double") - scale.low) * steps / (scale.high - scale.low)
    return F.element_at(values, F.round(place).cast("int") + 1)
