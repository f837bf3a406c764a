"""The stars model, by Spark's ALS.

ALS with λ n I on what mean and biases leave over overfits: on MovieLens 1M it is far from the local model, which knows
what to expect of somebody from who rated what. Here the movies' taste vectors know that. So stars are

    stars(u, i) = mu + b_u + b_i + w_u·t_i + p_u·q_i

with t_i the taste vectors, scaled to a root mean square of 1; w_u fitted to what the biases leave, by ridge regression
for each user; and p and q by Spark's ALS to what is left then. Serving sees one product,

    [w, p, mu + b_u, 1] · [t, q, 1, b_i]
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from reelwise.spark.als import ClusterFactors, Floats, run_als, vectors_of_movies
from reelwise.spark.settings import SparkStarsSettings
from reelwise.spark.streaming import Batches, frame_of, map_batches, whole
from reelwise.spark.tables import RatingTable

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def fit_rating_model(
    table: RatingTable, taste: ClusterFactors | None, settings: SparkStarsSettings, seed: int
) -> ClusterFactors:
    """The stars model with its biases folded in; without a taste model, w_u·t_i is left out."""
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    mu, of_movies, of_users, left = _biases(table, settings.bias_damping)
    kept: tuple[DataFrame, ...] = ()
    known = of_users.select("user", F.array().cast("array<float>").alias("before"), "of_user")
    tastes = np.empty((len(of_movies), 0), np.float32)
    if taste is not None:
        tastes = taste.Q / np.sqrt(np.mean(np.square(taste.Q)))
        by_ridge = _by_ridge(left, tastes, settings.tastes_ridge).persist(StorageLevel.MEMORY_AND_DISK)
        kept = (by_ridge,)
        known = of_users.join(by_ridge.select("user", "before"), "user")
        left = by_ridge.select("user", F.explode(F.arrays_zip("movies", "left")).alias("it")).select(
            "user", F.col("it.movies").alias("movie"), F.col("it.left").alias("stars")
        )
    # Spark improves its "users" last; ending with the movies' vectors, of which there are fewer, overfits less
    model = run_als(
        table, left, userCol="movie", itemCol="user",
        rank=settings.factors, maxIter=settings.iterations, regParam=settings.regularisation, seed=seed,
    )  # fmt: skip
    folded = F.concat("before", "features", F.array((F.col("of_user") + mu).cast("float"), F.lit(1.0).cast("float")))
    P = known.join(model.itemFactors.withColumnRenamed("id", "user"), "user").select("user", folded.alias("factors"))
    Q = np.column_stack([tastes, vectors_of_movies(model.userFactors, table), np.ones_like(of_movies), of_movies])
    return ClusterFactors(P, Q.astype(np.float32), kept)


def _biases(table: RatingTable, damping: float) -> "tuple[float, Floats, DataFrame, DataFrame]":
    """Damped means, and what they leave.

    Returns:
        mu; b_i of each movie, shape (movies,); the users' as columns user and of_user; and the ratings, with stars
        less all of these.
    """
    from pyspark.sql import functions as F

    mu = float(table.ratings.agg(F.avg("stars")).first()[0])

    def damped(value: "Column") -> "Column":
        return (F.sum(value) / (F.count("*") + damping)).cast("float")

    found = whole(table.ratings.groupBy("movie").agg(damped(F.col("stars") - mu).alias("bias")))
    of_movies = np.zeros(len(table.movie_ids), np.float32)
    of_movies[found["movie"]] = found["bias"]
    rows = np.arange(len(of_movies), dtype=np.int32)
    movies = frame_of(table.ratings.sparkSession, {"movie": rows, "of_movie": of_movies})
    left = table.ratings.join(F.broadcast(movies), "movie")
    left = left.select("user", "movie", (F.col("stars") - mu - F.col("of_movie")).alias("stars"))
    of_users = left.groupBy("user").agg(damped(F.col("stars")).alias("of_user"))
    stars = (F.col("stars") - F.col("of_user")).cast("float")
    return mu, of_movies, of_users, left.join(of_users, "user").select("user", "movie", stars.alias("stars"))


def _by_ridge(left: "DataFrame", tastes: Floats, ridge: float) -> "DataFrame":
    """Each user's ridge regression of what is left of their stars on the tastes of the movies.

    Returns:
        Columns user, before (w_u), movies, and left (what remains then), a row for each user.
    """
    from pyspark.sql import functions as F

    shared = left.sparkSession.sparkContext.broadcast(tastes)

    def regressed(batches: Batches) -> Iterator[pa.RecordBatch]:
        T, k = shared.value, shared.value.shape[1]
        for batch in batches:
            offsets = batch.column("movies").offsets.to_numpy()
            movies = batch.column("movies").values.to_numpy()
            stars = batch.column("stars").values.to_numpy().copy()
            W = np.empty((batch.num_rows, k), np.float32)
            for row, (start, stop) in enumerate(pairwise(offsets.tolist())):
                X, y = T[movies[start:stop]], stars[start:stop]
                W[row] = np.linalg.solve(X.T @ X + np.float32(ridge) * np.eye(k, dtype=np.float32), X.T @ y)
                y -= X @ W[row]
            ends = np.arange(batch.num_rows + 1, dtype=np.int32) * k
            yield pa.RecordBatch.from_pydict({
                "user": batch.column("user"),
                "before": pa.ListArray.from_arrays(ends, W.ravel()),
                "movies": batch.column("movies"),
                "left": pa.ListArray.from_arrays(offsets, stars),
            })  # fmt: skip

    by_user = left.groupBy("user").agg(F.collect_list("movie").alias("movies"), F.collect_list("stars").alias("stars"))
    schema = "user int, before array<float>, movies array<int>, left array<float>"
    return map_batches(by_user, regressed, schema)
