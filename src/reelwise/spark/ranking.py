"""The taste model, by Spark's ALS.

With implicitPrefs, Spark solves for each user (and likewise for each movie)

    (YᵀY + Σ c y yᵀ + λ' n I) x = Σ (1 + c) y        c = α |rating|; the right side and n: ratings above zero only

where the local taste model solves, with the weight a0 of a missing pair and the target t of a rating,

    (a0 YᵀY + Σ y yᵀ + λ (n + a0 |movies|) I) x = Σ t y

Each rating becomes two of Spark's: one above zero with c1 = s t - 1, one below with c2 = 1/a0 - c1. Together they
weigh 1/a0, and aim at s t; so x is the local model's, but for a factor: with both sides' vectors divided by √(a0 s) the
systems are the same. (s is as large as c2 allows; a target so low that c1 would be negative counts as 1/s.) λ' n grows
with the ratings only, so λ' is such that all penalties sum to the same: λ' = λ s (1 + a0 |users| |movies| / |ratings|).
"""

from typing import TYPE_CHECKING

import numpy as np

from reelwise.data.ratings import RatingScale
from reelwise.models.config import WeightedALSConfig
from reelwise.models.preference import targets
from reelwise.spark.als import ClusterFactors, run_als, vectors_of_movies
from reelwise.spark.tables import RatingTable

if TYPE_CHECKING:
    from pyspark.sql import Column


def fit_ranking_model(table: RatingTable, settings: WeightedALSConfig, seed: int) -> ClusterFactors:
    """The taste model; `steps`, `initial_std` and `patience` of the settings play no part on Spark."""
    from pyspark.sql import functions as F

    a0 = settings.missing_weight
    share = table.count / (table.user_count * len(table.movie_ids))
    largest = float(targets(np.array([table.scale.high], np.float32), table.scale)[0])
    s = (1 + 1 / a0) / largest
    above = F.greatest(_target(table.scale) * F.lit(s) - 1, F.lit(1e-9))  # zero would not be above zero
    entries = table.ratings.select(
        "user", "movie", F.explode(F.array(above, F.least(above - F.lit(1 / a0), F.lit(0.0)))).alias("stars")
    ).where("stars != 0")
    model = run_als(
        table, entries, userCol="user", itemCol="movie", implicitPrefs=True, alpha=1.0,
        rank=settings.factors, maxIter=settings.iterations, seed=seed,
        regParam=settings.regularisation * s * (1 + a0 / share),
    )  # fmt: skip
    scale = np.float32(1 / np.sqrt(a0 * s))
    factors = F.transform("features", lambda it: it * F.lit(float(scale)).cast("float"))
    P = model.userFactors.select(F.col("id").alias("user"), factors.alias("factors"))
    return ClusterFactors(P, vectors_of_movies(model.itemFactors, table) * scale)


def _target(scale: RatingScale) -> "Column":
    """`targets` of the column stars: straight lines between what it is at some thousand places of the scale."""
    from pyspark.sql import functions as F

    steps = 1024
    places = np.linspace(scale.low, scale.high, steps + 1, dtype=np.float32)
    values = F.array(*(F.lit(float(it)) for it in targets(places, scale)))
    place = (F.col("stars").cast("double") - scale.low) * steps / (scale.high - scale.low)
    return F.element_at(values, F.round(place).cast("int") + 1)
