"""From the cluster into a model folder, one part after the other.

Nothing here holds more than two parts of what is on the cluster. Arrays are memory-mapped files, which the operating
system writes to disk as it needs the memory. What grows with the users is 4 bytes each, their numbers of likes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from reelwise.data.catalogue import Catalogue
from reelwise.data.csr import CSR
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats, Indices
from reelwise.data.vocabulary import Vocabulary
from reelwise.models.ranking.profiles import Likers
from reelwise.spark.als import ClusterFactors
from reelwise.spark.streaming import ColumnArrays, collect, create_frame, stream
from reelwise.spark.tables import RatingTable, is_like
from reelwise.storage.arrays import ArrayFolder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_PART = 32 * 2**20  # bytes that one part takes, about


@dataclass(frozen=True)
class Shard:
    """The users of a table from row `first` up to `last`, and their ratings."""

    table: RatingTable
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    def select(self, frame: "DataFrame") -> "DataFrame":
        """The rows of `frame` that belong to these users, with the users' rows in the shard."""
        from pyspark.sql import functions as F

        inside = frame.where(F.col("user").between(self.first, self.last - 1))
        return inside.withColumn("user", F.col("user") - F.lit(self.first))

    def collect_likers(self, profiles: Indices) -> Likers:
        """For each movie of the table those of the profiles, rows of the shard's users, that like it."""
        from pyspark.sql import functions as F

        table, places = self.table, np.arange(len(profiles), dtype=np.int32)
        wanted = F.broadcast(create_frame(table.ratings.sparkSession, {"user": profiles, "profile": places}))
        likes = self.select(table.ratings.where(is_like(table.scale))).join(wanted, "user")
        found = collect(likes.select("movie", "profile", "stars"))
        rows = CSR.grouped(found["movie"], found["profile"], found["stars"], len(table.movies))
        return Likers(rows.offsets, rows.indices)


def cut_shards(table: RatingTable, count: int) -> list[Shard]:
    """The table's users cut into `count` ranges of about as many users each."""
    cuts = np.linspace(0, table.user_count, count + 1).astype(int).tolist()
    return [Shard(table, first, last) for first, last in pairwise(cuts)]


def write_users(arrays: ArrayFolder, shard: Shard) -> tuple[Vocabulary, Floats]:
    """Write the users' ids; returns these, mapped, and how many likes each has, shape (users,)."""
    ids = arrays.create("user_ids", "<i8", (len(shard),))
    likes = np.empty(len(shard), np.float32)
    for piece in stream(shard.select(shard.table.users)):
        ids[piece["user"]], likes[piece["user"]] = piece["user_id"], piece["likes"]
    return Vocabulary(ids), likes


def write_vectors(arrays: ArrayFolder, name: str, shard: Shard, factors: ClusterFactors) -> Floats:
    """Write the users' vectors as `NAME_P`; returns them, mapped."""
    k = factors.Q.shape[1]
    P = arrays.create(f"{name}_P", "<f4", (len(shard), k))
    for piece in _stream_sorted(shard.select(factors.P), ["user"], len(shard) * k * 4):
        P[piece["user"]] = piece["vector"]
    return P


def write_histories(arrays: ArrayFolder, shard: Shard, users: Vocabulary, catalogue: Catalogue) -> Ratings:
    """Write who rated what, by user and by movie of the catalogue; returns it, mapped."""
    table = shard.table
    places, ratings = catalogue.movies.rows(table.movies.ids), shard.select(table.ratings)
    count: int = ratings.count()

    def write(by: str, other: str, length: int) -> CSR:
        """Compressed sparse rows: `length` of them, a row for each user, or for each movie."""
        offsets = arrays.create(f"history_{by}_offsets", "<i8", (length + 1,))
        indices = arrays.create(f"history_{by}_{other}s", "<i4", (count,))
        stars = arrays.create(f"history_{by}_stars", "<f4", (count,))
        done = 0
        for piece in _stream_sorted(ratings, [by, other], count * 12):
            rows = piece | {"movie": places[piece["movie"]]}
            part = slice(done, done + len(rows["stars"]))
            indices[part], stars[part] = rows[other], rows["stars"]
            first = int(rows[by][0])
            per_row = np.bincount(rows[by] - first)
            offsets[first + 1 : first + 1 + len(per_row)] += per_row
            done = part.stop
        np.cumsum(offsets, out=offsets)
        return CSR(offsets, indices, stars)

    by_user, by_movie = write("user", "movie", len(shard)), write("movie", "user", len(catalogue))
    return Ratings(users, catalogue.movies, by_user, by_movie, table.scale)


def _stream_sorted(frame: "DataFrame", by: list[str], size: int) -> Iterator[ColumnArrays]:
    """The pieces of `frame`, sorted; `size` is that of all of it in bytes."""
    parts = max(1, math.ceil(size / _PART))
    return stream(frame.repartitionByRange(parts, *by).sortWithinPartitions(*by))
