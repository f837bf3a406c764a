"""The rating model, by Spark's ALS.

ALS with λ n I on what mean and biases leave over overfits: on MovieLens 1M it is far from the local model, which knows
what to expect of somebody from who rated what. Here the movies' vectors in the ranking model know that. So stars are

    stars(u, i) = mu + b_u + b_i + w_u·t_i + p_u·q_i

with t_i these vectors, scaled to a root mean square of 1; w_u fitted to what the biases leave, by ridge regression for
each user; and p and q by Spark's ALS to what is left then. Serving sees one product,

    [w, p, mu + b_u, 1] · [t, q, 1, b_i]
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from reelwise.artifacts.metrics import RatingFigures
from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.types import Floats
from reelwise.evaluation.validation.measure_ratings import measure_ratings
from reelwise.models.config import WeightedALSConfig
from reelwise.models.rating.fold_in import FoldIn
from reelwise.models.rating.matrix_factorization import MatrixFactorization, OnEpoch
from reelwise.models.rating.scaling import Scaling
from reelwise.spark.als import ClusterFactors, collect_movies, run_als
from reelwise.spark.ranking import fit_ranking
from reelwise.spark.sample import Sample
from reelwise.spark.settings import SparkRatingConfig
from reelwise.spark.steps import Step
from reelwise.spark.streaming import Batches, collect, create_frame, map_batches
from reelwise.spark.tables import RatingTable

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class SparkRating:
    """Fits the rating model on the cluster, for the users of a sample: a `RatingTrainer`.

    Attributes:
        sample: whose ratings are split.
        config: hyper-parameters.
        ranking: those of the ranking model; None leaves out w_u·t_i.
        seed: of every random choice.
        step: what each of the two fits is done in.
    """

    sample: Sample
    config: SparkRatingConfig
    ranking: WeightedALSConfig | None
    seed: int
    step: Step = nullcontext

    def fit(self, train: Interactions, *, validation: Interactions, on_epoch: OnEpoch) -> MatrixFactorization:  # noqa: ARG002
        """Fit to all ratings but those of the sample that are not in `train`; Spark does not stop early."""
        table, ranking = self.sample.without_hidden(train), None
        if self.ranking is not None:
            with self.step("taste for stars, measuring"):
                ranking = fit_ranking(table, self.ranking, self.seed)
        with self.step("stars, measuring"):
            factors = fit_rating(table, ranking, self.config, self.seed)
            model = create_rating(factors.collect(self.sample.users), factors.Q, train.scale)
        factors.release()
        return model

    def measure(self, holdout: float) -> RatingFigures:
        """The figures on a fraction of the sample's ratings; see `measure_ratings`. There are no intervals.

        Raises:
            UsageError: Raised when there are too few ratings.
        """
        figures = measure_ratings(self.sample.ratings, self, holdout=holdout, seed=self.seed).figures
        protocol = f"Of {len(self.sample.users):,} users: {figures.protocol}"
        return figures.model_copy(update={"protocol": protocol, "interval": None, "mean_std": None})


def create_rating(P: Floats, Q: Floats, scale: RatingScale, scaling: Scaling | None = None) -> MatrixFactorization:
    """A rating model from vectors with their biases folded in, shapes (users, k + 2) and (movies, k + 2).

    Args:
        P: the users' vectors.
        Q: the movies'.
        scale: of the stars.
        scaling: of the ratings it was fitted to, by which histories are folded in beside a ranking model.
    """
    model = MatrixFactorization()
    model.P, model.Q, model.scale = P, Q, scale
    model.fold_in_parts = scaling and FoldIn(None, scaling)
    return model


def measure_scaling(table: RatingTable) -> Scaling:
    """Mean and standard deviation of the stars of a table."""
    from pyspark.sql import functions as F

    mu, sigma = table.ratings.agg(F.avg("stars"), F.stddev_pop("stars")).first()
    return Scaling(np.float32(mu), np.float32(sigma or 1))


def fit_rating(
    table: RatingTable, ranking: ClusterFactors | None, config: SparkRatingConfig, seed: int
) -> ClusterFactors:
    """Fit the rating model to all ratings of a table; without a ranking model, w_u·t_i is left out."""
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    mu, movie_bias, user_bias, residuals = _fit_biases(table, config.bias_damping)
    kept: tuple[DataFrame, ...] = ()
    users = user_bias.select("user", F.array().cast("array<float>").alias("w"), "bias")
    T = np.empty((len(movie_bias), 0), np.float32)
    if ranking is not None:
        T = ranking.Q / np.sqrt(np.mean(np.square(ranking.Q)))
        regressed = _regress_users(residuals, T, config.ranking_ridge).persist(StorageLevel.MEMORY_AND_DISK)
        kept = (regressed,)
        users = user_bias.join(regressed.select("user", "w"), "user")
        residuals = regressed.select("user", F.explode(F.arrays_zip("movies", "residuals")).alias("pair")).select(
            "user", F.col("pair.movies").alias("movie"), F.col("pair.residuals").alias("stars")
        )
    # Spark improves its "users" last; ending with the movies' vectors, of which there are fewer, overfits less
    model = run_als(
        table, residuals, userCol="movie", itemCol="user",
        rank=config.factors, maxIter=config.iterations, regParam=config.regularisation, seed=seed,
    )  # fmt: skip
    vector = F.concat("w", "features", F.array((F.col("bias") + mu).cast("float"), F.lit(1.0).cast("float")))
    P = users.join(model.itemFactors.withColumnRenamed("id", "user"), "user").select("user", vector.alias("vector"))
    Q = np.column_stack([T, collect_movies(model.userFactors, table), np.ones_like(movie_bias), movie_bias])
    return ClusterFactors(P, Q.astype(np.float32), kept)


def _fit_biases(table: RatingTable, damping: float) -> "tuple[float, Floats, DataFrame, DataFrame]":
    """Damped means, and what they leave.

    Returns:
        mu; b_i of each movie, shape (movies,); the users' as columns user and bias; and the ratings, with stars less
        all of these.
    """
    from pyspark.sql import functions as F

    mu = float(table.ratings.agg(F.avg("stars")).first()[0])

    def damped_mean(value: "Column") -> "Column":
        return (F.sum(value) / (F.count("*") + damping)).cast("float").alias("bias")

    found = collect(table.ratings.groupBy("movie").agg(damped_mean(F.col("stars") - mu)))
    movie_bias = np.zeros(len(table.movies), np.float32)
    movie_bias[found["movie"]] = found["bias"]
    rows = np.arange(len(movie_bias), dtype=np.int32)
    movies = create_frame(table.ratings.sparkSession, {"movie": rows, "movie_bias": movie_bias})
    residuals = table.ratings.join(F.broadcast(movies), "movie")
    residuals = residuals.select("user", "movie", (F.col("stars") - mu - F.col("movie_bias")).alias("stars"))
    user_bias = residuals.groupBy("user").agg(damped_mean(F.col("stars")))
    stars = (F.col("stars") - F.col("bias")).cast("float")
    return mu, movie_bias, user_bias, residuals.join(user_bias, "user").select("user", "movie", stars.alias("stars"))


def _regress_users(residuals: "DataFrame", T: Floats, ridge: float) -> "DataFrame":
    """Each user's ridge regression of residuals on the movies' vectors, T.

    Returns:
        Columns user, w, movies, and residuals (what remains then), a row for each user.
    """
    from pyspark.sql import functions as F

    shared = residuals.sparkSession.sparkContext.broadcast(T)

    def regress(batches: Batches) -> Iterator[pa.RecordBatch]:
        T = shared.value
        k = T.shape[1]
        penalty = np.float32(ridge) * np.eye(k, dtype=np.float32)
        for batch in batches:
            offsets = batch.column("movies").offsets.to_numpy()
            movies = batch.column("movies").values.to_numpy()
            stars = batch.column("stars").values.to_numpy().copy()
            W = np.empty((batch.num_rows, k), np.float32)
            for row, (start, stop) in enumerate(pairwise(offsets.tolist())):
                X, y = T[movies[start:stop]], stars[start:stop]
                W[row] = np.linalg.solve(X.T @ X + penalty, X.T @ y)
                y -= X @ W[row]
            ends = np.arange(batch.num_rows + 1, dtype=np.int32) * k
            yield pa.RecordBatch.from_pydict({
                "user": batch.column("user"),
                "w": pa.ListArray.from_arrays(ends, W.ravel()),
                "movies": batch.column("movies"),
                "residuals": pa.ListArray.from_arrays(offsets, stars),
            })  # fmt: skip

    by_user = residuals.groupBy("user").agg(
        F.collect_list("movie").alias("movies"), F.collect_list("stars").alias("stars")
    )
    schema = "user int, w array<float>, movies array<int>, residuals array<float>"
    return map_batches(by_user, regress, schema)
