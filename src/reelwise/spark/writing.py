"""From the cluster into a model folder, one part after the other.

Nothing here holds more than two parts of what is on the cluster. Arrays are memory-mapped files, which the operating
system writes to disk as it needs the memory. What grows with the users is 4 bytes each, their numbers of likes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.arrays import new_array, write_array
from reelwise.spark.als import ClusterFactors
from reelwise.spark.streaming import Columns, pieces
from reelwise.spark.tables import RatingTable

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

    def of(self, frame: "DataFrame") -> "DataFrame":
        """The rows of `frame` that belong to these users, with the users' rows in the shard."""
        from pyspark.sql import functions as F

        inside = frame.where(F.col("user").between(self.first, self.last - 1))
        return inside.withColumn("user", F.col("user") - F.lit(self.first))


def shards_of(table: RatingTable, count: int) -> list[Shard]:
    """The table's users cut into `count` ranges of about as many users each."""
    cuts = np.linspace(0, table.user_count, count + 1).astype(int).tolist()
    return [Shard(table, first, last) for first, last in pairwise(cuts)]


def write_users(folder: Path, shard: Shard) -> npt.NDArray[np.float32]:
    """Write the users' ids; returns how many likes each has, shape (users,)."""
    ids = new_array(folder / "user_ids.npy", "<i8", (len(shard),))
    likes = np.empty(len(shard), np.float32)
    for piece in pieces(shard.of(shard.table.users)):
        ids[piece["user"]], likes[piece["user"]] = piece["user_id"], piece["likes"]
    return likes


def write_factors(folder: Path, name: str, shard: Shard, factors: ClusterFactors) -> npt.NDArray[np.float32]:
    """Write the factors as `NAME_P.npy` and `NAME_Q.npy`; returns P, mapped."""
    write_array(folder / f"{name}_Q.npy", factors.Q)
    k = factors.Q.shape[1]
    P = new_array(folder / f"{name}_P.npy", "<f4", (len(shard), k))
    for piece in _in_order(shard.of(factors.P), ["user"], len(shard) * k * 4):
        P[piece["user"]] = piece["factors"]
    return P


def write_histories(folder: Path, shard: Shard) -> int:
    """Write who rated what, by user and by movie; returns how many ratings that are."""
    ratings = shard.of(shard.table.ratings)
    count: int = ratings.count()
    _write_rows(folder, ratings, "user", "movie", len(shard), count)
    _write_rows(folder, ratings, "movie", "user", len(shard.table.movie_ids), count)
    return count


def _write_rows(folder: Path, ratings: "DataFrame", by: str, other: str, length: int, count: int) -> None:
    """Write compressed sparse rows: `length` of them, a row for each user, or for each movie."""
    offsets = new_array(folder / f"history_{by}_offsets.npy", "<i8", (length + 1,))
    indices = new_array(folder / f"history_{by}_{other}s.npy", "<i4", (count,))
    stars = new_array(folder / f"history_{by}_stars.npy", "<f4", (count,))
    done = 0
    for piece in _in_order(ratings, [by, other], count * 12):
        part = slice(done, done + len(piece["stars"]))
        indices[part], stars[part] = piece[other], piece["stars"]
        first = int(piece[by][0])
        per_row = np.bincount(piece[by] - first)
        offsets[first + 1 : first + 1 + len(per_row)] += per_row
        done = part.stop
    np.cumsum(offsets, out=offsets)


def _in_order(frame: "DataFrame", by: list[str], size: int) -> Iterator[Columns]:
    """The pieces of `frame`, sorted; `size` is that of all of it in bytes."""
    parts = max(1, math.ceil(size / _PART))
    return pieces(frame.repartitionByRange(parts, *by).sortWithinPartitions(*by))
