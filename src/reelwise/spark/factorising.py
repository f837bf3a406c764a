"""The two factorisations, by Spark's own ALS.

**Taste.** With implicitPrefs, Spark solves for each user (and likewise for each movie)

    (YᵀY + Σ c y yᵀ + λ' n I) x = Σ (1 + c) y        c = α |rating|; the right side and n: ratings above zero only

where the local taste model solves, with the weight a0 of a missing pair and the target t of a rating,

    (a0 YᵀY + Σ y yᵀ + λ (n + a0 |movies|) I) x = Σ t y

Each rating becomes two of Spark's: one above zero with c1 = s t - 1, one below with c2 = 1/a0 - c1. Together they
weigh 1/a0, and aim at s t; so x is the local model's, but for a factor: with both sides' vectors divided by √(a0 s) the
systems are the same. (s is as large as c2 allows; a target so low that c1 would be negative counts as 1/s.) λ' n grows
with the ratings only, so λ' is such that all penalties sum to the same: λ' = λ s (1 + a0 |users| |movies| / |ratings|).

**Stars.** ALS with λ n I on what mean and biases leave over overfits: on MovieLens 1M it is far from the local model,
which knows what to expect of somebody from who rated what. Here the movies' taste vectors know that. So stars are

    stars(u, i) = mu + b_u + b_i + w_u·t_i + p_u·q_i

with t_i the taste vectors, scaled to a root mean square of 1; w_u fitted to what the biases leave, by ridge regression
for each user; and p and q by Spark's ALS to what is left then. Serving sees one product,

    [w, p, mu + b_u, 1] · [t, q, 1, b_i]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from reelwise.data.ratings import RatingScale
from reelwise.models.hyperparameters import TasteSettings
from reelwise.models.likes import targets
from reelwise.spark.settings import SparkStarsSettings
from reelwise.spark.streaming import Batches, frame_of, map_batches, pieces, whole
from reelwise.spark.tables import RatingTable

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Floats = npt.NDArray[np.float32]

_RATINGS_PER_BLOCK = 20_000_000
_OWN = "spark.reelwise.als."  # our settings among Spark's


@dataclass(frozen=True)
class ClusterFactors:
    """Factors of which the users' are still on the cluster.

    Attributes:
        P: columns user and factors (vectors of floats), a row for each user.
        Q: float32, shape (movies, k).
        kept: what the executors keep for P.
    """

    P: "DataFrame"
    Q: Floats
    kept: tuple["DataFrame", ...] = ()

    def release(self) -> None:
        """Let the executors forget P."""
        for frame in self.kept:
            frame.unpersist()

    def rows(self, users: npt.NDArray[np.integer]) -> Floats:
        """The vectors of some users, shape (users, k); zero for users without ratings."""
        from pyspark.sql import functions as F

        wanted = frame_of(self.P.sparkSession, {"user": users.astype(np.int32)})
        vectors = np.zeros((int(users.max(initial=-1)) + 1, self.Q.shape[1]), np.float32)
        for piece in pieces(self.P.join(F.broadcast(wanted), "user")):
            vectors[piece["user"]] = piece["factors"]
        found: Floats = vectors[users]
        return found


def fit_taste(table: RatingTable, settings: TasteSettings, seed: int) -> ClusterFactors:
    """The taste model; `steps`, `initial_spread` and `patience` of the settings play no part on Spark."""
    from pyspark.sql import functions as F

    a0 = settings.missing_weight
    share = table.count / (table.user_count * len(table.movie_ids))
    largest = float(targets(np.array([table.scale.high], np.float32), table.scale)[0])
    s = (1 + 1 / a0) / largest
    above = F.greatest(_target(table.scale) * F.lit(s) - 1, F.lit(1e-9))  # zero would not be above zero
    entries = table.ratings.select(
        "user", "movie", F.explode(F.array(above, F.least(above - F.lit(1 / a0), F.lit(0.0)))).alias("stars")
    ).where("stars != 0")
    model = _als(
        table, entries, userCol="user", itemCol="movie", implicitPrefs=True, alpha=1.0,
        rank=settings.factors, maxIter=settings.iterations, seed=seed,
        regParam=settings.regularisation * s * (1 + a0 / share),
    )  # fmt: skip
    scale = np.float32(1 / np.sqrt(a0 * s))
    factors = F.transform("features", lambda it: it * F.lit(float(scale)).cast("float"))
    return ClusterFactors(_by_user(model, factors), _of_movies(model.itemFactors, table) * scale)


def fit_stars(
    table: RatingTable, taste: ClusterFactors | None, settings: SparkStarsSettings, seed: int
) -> ClusterFactors:
    """The stars model with its biases folded in; without a taste model, w_u·t_i is left out."""
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    mu, of_movies, of_users = _biases(table, settings.bias_damping)
    spark = table.ratings.sparkSession
    movies = frame_of(spark, {"movie": np.arange(len(of_movies), dtype=np.int32), "of_movie": of_movies})
    left = (
        table.ratings.join(F.broadcast(movies), "movie")
        .join(of_users, "user")
        .select(
            "user", "movie", (F.col("stars") - mu - F.col("of_movie") - F.col("of_user")).cast("float").alias("stars")
        )
    )
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
    model = _als(
        table, left, userCol="movie", itemCol="user",
        rank=settings.factors, maxIter=settings.iterations, regParam=settings.regularisation, seed=seed,
    )  # fmt: skip
    folded = F.concat("before", "features", F.array((F.col("of_user") + mu).cast("float"), F.lit(1.0).cast("float")))
    P = known.join(model.itemFactors.withColumnRenamed("id", "user"), "user").select("user", folded.alias("factors"))
    Q = np.column_stack([tastes, _of_movies(model.userFactors, table), np.ones_like(of_movies), of_movies])
    return ClusterFactors(P, Q.astype(np.float32), kept)


def _als(table: RatingTable, ratings: "DataFrame", **settings: Any) -> Any:
    """Spark's ALS, spread over as many blocks as there are cores, or as the ratings need."""
    from pyspark.ml.recommendation import ALS

    spark = table.ratings.sparkSession
    parallel = spark.sparkContext.defaultParallelism
    blocks = max(parallel, -(-table.count // _RATINGS_PER_BLOCK))
    als = ALS(
        ratingCol="stars", **settings,
        numUserBlocks=int(spark.conf.get(f"{_OWN}userBlocks", str(blocks))),
        numItemBlocks=int(spark.conf.get(f"{_OWN}movieBlocks", str(blocks))),
        checkpointInterval=int(spark.conf.get(f"{_OWN}checkpointInterval", "5")),
        intermediateStorageLevel=spark.conf.get(f"{_OWN}storageLevel", "MEMORY_AND_DISK"),
        finalStorageLevel=spark.conf.get(f"{_OWN}storageLevel", "MEMORY_AND_DISK"),
    )  # fmt: skip
    return als.fit(ratings)


def _by_user(model: Any, factors: "Column") -> "DataFrame":
    from pyspark.sql import functions as F

    users: DataFrame = model.userFactors.select(F.col("id").alias("user"), factors.alias("factors"))
    return users


def _of_movies(factors: "DataFrame", table: RatingTable) -> Floats:
    """The movies' vectors, shape (movies, k); zero for movies without ratings."""
    k = len(factors.first()["features"])
    Q = np.zeros((len(table.movie_ids), k), np.float32)
    for piece in pieces(factors):
        Q[piece["id"]] = piece["features"]
    return Q


def _biases(table: RatingTable, damping: float) -> tuple[float, Floats, "DataFrame"]:
    """Mu, b_i of each movie, shape (movies,), and the users' as columns user and of_user: damped means."""
    from pyspark.sql import functions as F

    spark = table.ratings.sparkSession
    mu = float(table.ratings.agg(F.avg("stars")).first()[0])

    def damped(value: "Column") -> "Column":
        return (F.sum(value) / (F.count("*") + damping)).cast("float")

    found = whole(table.ratings.groupBy("movie").agg(damped(F.col("stars") - mu).alias("bias")))
    of_movies = np.zeros(len(table.movie_ids), np.float32)
    of_movies[found["movie"]] = found["bias"]
    movies = frame_of(spark, {"movie": np.arange(len(of_movies), dtype=np.int32), "of_movie": of_movies})
    left = table.ratings.join(F.broadcast(movies), "movie")
    of_users = left.groupBy("user").agg(damped(F.col("stars") - mu - F.col("of_movie")).alias("of_user"))
    return mu, of_movies, of_users


def _target(scale: RatingScale) -> "Column":
    """`targets` of the column stars: straight lines between what it is at some thousand places of the scale."""
    from pyspark.sql import functions as F

    steps = 1024
    places = np.linspace(scale.low, scale.high, steps + 1, dtype=np.float32)
    values = F.array(*(F.lit(float(it)) for it in targets(places, scale)))
    place = (F.col("stars").cast("double") - scale.low) * steps / (scale.high - scale.low)
    return F.element_at(values, F.round(place).cast("int") + 1)


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
