"""Ratings on the cluster: the latest of each pair, by rows instead of ids."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reelwise.data.interactions import RatingScale
from reelwise.data.likes import least_like
from reelwise.data.movie_stats import MovieStats
from reelwise.data.types import Counts
from reelwise.data.vocabulary import Vocabulary
from reelwise.spark.reading.lines import RatingLines
from reelwise.spark.streaming import collect, create_frame

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession


@dataclass(frozen=True)
class RatingTable:
    """The ratings of a data set, spread over the cluster.

    Attributes:
        ratings: columns user, movie (int, rows from 0) and stars (float); kept by the executors.
        users: columns user (row), user_id, and likes, the number of likes; kept by the executors, in the order of rows.
        user_count: how many users there are.
        movies: the ids of the movies by row; each is rated.
        count: how many ratings there are.
        scale: the rating scale.
    """

    ratings: "DataFrame"
    users: "DataFrame"
    user_count: int
    movies: Vocabulary
    count: int
    scale: RatingScale

    def without(self, hidden: "DataFrame") -> "RatingTable":
        """The table without those ratings whose user and movie are rows of `hidden`, which must be small."""
        from pyspark.sql import functions as F

        rest = self.ratings.join(F.broadcast(hidden), ["user", "movie"], "left_anti")
        return replace(self, ratings=rest, count=self.count - hidden.count())


def create_table(spark: "SparkSession", read: RatingLines, erased: Set[str] = frozenset()) -> RatingTable:
    """The lines as a table. Of a user's ratings of the same movie the latest timestamp wins, then the last line.

    Args:
        spark: where to work.
        read: the lines.
        erased: marks of users who are left out, see `reelwise.live.identity.mark_of`.
    """
    from pyspark import StorageLevel
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    # all that follows is by user, so the ratings are moved between machines only once
    same_pair = Window.partitionBy("userId", "movieId").orderBy(F.desc("order"))
    lines = read.lines
    if erased:
        marks = F.broadcast(create_frame(spark, {"mark": np.array(sorted(erased))}))
        for spelled in (F.col("userId").cast("string"), F.concat(F.lit('"'), "userId", F.lit('"'))):
            lines = lines.join(marks, F.sha2(spelled, 256) == marks.mark, "left_anti")
    latest = (
        lines.repartition("userId")
        .withColumn("place", F.row_number().over(same_pair))
        .where("place = 1")
        .select("userId", "movieId", F.col("rating").cast("float").alias("stars"))
        .persist(StorageLevel.MEMORY_AND_DISK)
    )
    movies = Vocabulary.of(collect(latest.select("movieId").distinct())["movieId"])
    movie_rows = create_frame(spark, {"movieId": movies.ids, "movie": np.arange(len(movies), dtype=np.int32)})
    users = (
        latest.groupBy("userId")
        .agg(F.count_if(is_like(read.scale)).cast("float").alias("likes"))
        .orderBy("userId")
        .zipWithIndex("user")
        .select(F.col("user").cast("int"), F.col("userId").alias("user_id"), "likes")
        .persist(StorageLevel.MEMORY_AND_DISK)
    )
    ratings = (
        latest.join(users, latest.userId == users.user_id)
        .join(F.broadcast(movie_rows), "movieId")
        .select("user", "movie", "stars")
        .persist(StorageLevel.MEMORY_AND_DISK)
    )
    count, user_count = ratings.count(), users.count()
    latest.unpersist()
    return RatingTable(ratings, users, user_count, movies, count, read.scale)


def measure_movies(ratings: "DataFrame", movies: int) -> MovieStats:
    """How many people rated each of so many movies, and what they gave on average."""
    from pyspark.sql import functions as F

    found = collect(ratings.groupBy("movie").agg(F.count("*").alias("count"), F.sum("stars").alias("sum")))
    counts, means = np.zeros(movies, np.int64), np.zeros(movies)
    counts[found["movie"]], means[found["movie"]] = found["count"], found["sum"] / found["count"]
    return MovieStats(counts, means)


def count_likes(table: RatingTable) -> Counts:
    """How many likes each of a table's movies has."""
    found = collect(table.ratings.where(is_like(table.scale)).groupBy("movie").count())
    likes = np.zeros(len(table.movies), np.int64)
    likes[found["movie"]] = found["count"]
    return likes


def is_like(scale: RatingScale) -> "Column":
    """Whether the column stars is a like."""
    from pyspark.sql import functions as F

    return F.col("stars") >= F.lit(least_like(scale)).cast("float")
