"""Spark's own ALS, and the vectors that come of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reelwise.data.types import Floats, Rows
from reelwise.spark.streaming import create_frame, stream
from reelwise.spark.tables import RatingTable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_RATINGS_PER_BLOCK = 20_000_000
_OWN = "spark.reelwise.als."  # our settings among Spark's


@dataclass(frozen=True)
class ClusterFactors:
    """The vectors of a fitted model, of which the users' are still on the cluster.

    Attributes:
        P: columns user and vector (an array of floats), a row for each user.
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

    def collect(self, users: Rows) -> Floats:
        """The vectors of some users, whose rows ascend; float32, shape (users, k); zero for users without ratings."""
        from pyspark.sql import functions as F

        wanted = create_frame(self.P.sparkSession, {"user": users.astype(np.int32)})
        vectors = np.zeros((len(users), self.Q.shape[1]), np.float32)
        for piece in stream(self.P.join(F.broadcast(wanted), "user")):
            vectors[np.searchsorted(users, piece["user"])] = piece["vector"]
        return vectors


def run_als(table: RatingTable, ratings: "DataFrame", **parameters: Any) -> Any:
    """A model of Spark's ALS, spread over as many blocks as there are cores, or as the ratings need."""
    from pyspark.ml.recommendation import ALS

    spark = table.ratings.sparkSession
    parallel = spark.sparkContext.defaultParallelism
    blocks = max(parallel, -(-table.count // _RATINGS_PER_BLOCK))
    als = ALS(
        ratingCol="stars", **parameters,
        numUserBlocks=int(spark.conf.get(f"{_OWN}userBlocks", str(blocks))),
        numItemBlocks=int(spark.conf.get(f"{_OWN}movieBlocks", str(blocks))),
        checkpointInterval=int(spark.conf.get(f"{_OWN}checkpointInterval", "5")),
        intermediateStorageLevel=spark.conf.get(f"{_OWN}storageLevel", "MEMORY_AND_DISK"),
        finalStorageLevel=spark.conf.get(f"{_OWN}storageLevel", "MEMORY_AND_DISK"),
    )  # fmt: skip
    return als.fit(ratings)


def collect_movies(factors: "DataFrame", table: RatingTable) -> Floats:
    """The movies' vectors, float32, shape (movies, k); zero for movies without ratings."""
    k = len(factors.first()["features"])
    Q = np.zeros((len(table.movies), k), np.float32)
    for piece in stream(factors):
        Q[piece["id"]] = piece["features"]
    return Q
