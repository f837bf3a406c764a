"""Everybody's recommendations at once, by blocked matrix products on the executors.

Executors read the rows of P and the histories of their blocks from the model folder, memory-mapped, so it must be where
all of them see it: on this machine, or on a shared file system. What all blocks need, Q and the movies' ids, is sent.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from reelwise.artifacts.model import Model
from reelwise.data.interactions import RatingScale
from reelwise.data.types import Floats, Positions, Rows
from reelwise.data.vocabulary import IdArray, Vocabulary
from reelwise.errors import UsageError
from reelwise.recommend.batch import BLOCK, balanced_weights, best_of_block
from reelwise.recommend.limits import check_n
from reelwise.spark.files import as_pattern
from reelwise.spark.output import replacing_folder
from reelwise.spark.streaming import Batches, map_batches

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BLOCKS_PER_TASK = 16
_COLUMNS = ("userId", "movieId", "rank", "score", "predicted_stars")


class _Shared(NamedTuple):
    """The arrays and settings that every block needs.

    Attributes:
        folder: where the model is.
        model: which of its models says what comes first: "ranking", or "model" for the rating model.
        scale: the rating scale.
        Q: the movies' vectors in that model.
        rating_Q: those in the rating model.
        predicts_stars: whether predicted stars mean anything.
        never: rows of the movies that are never recommended.
        movie_ids: of all movies.
        users: rows of the users who can be asked about, ascending.
        weights: what scores are multiplied by, as the balance has it.
    """

    folder: str
    model: str
    scale: RatingScale
    predicts_stars: bool
    Q: Floats
    rating_Q: Floats  # noqa: N815 - as in the equation
    never: Positions
    movie_ids: IdArray
    users: Rows
    weights: Floats

    def read(self, name: str) -> npt.NDArray[Any]:
        """An array of the model, mapped."""
        path = f"{self.folder}/{name}.npy"
        try:
            array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except OSError:
            raise FileNotFoundError(f"an executor does not see {path}; put the model where all of them do") from None
        return array


def recommend_all(
    spark: "SparkSession", folder: Path, n: int, out: str, balance: float | None = None
) -> tuple[int, int]:
    """Write the `n` best movies for each user with ratings in the model in `folder`, without these, as Parquet.

    The columns are those of `reelwise recommend --all` on one machine, and so are the rows, in any order.

    Args:
        spark: where to work.
        folder: a model, on a path that all executors see.
        n: how many movies per user.
        out: the folder of Parquet files to write, an address as Spark knows them; recommendations there are replaced.
        balance: 0 to 1, from well-known films to hidden ones; by default the model's own.

    Returns:
        The number of users, and of recommendations.

    Raises:
        UsageError: Raised when the model has no users, `n` or `balance` is out of range, or `out` is something else.
    """
    check_n(n)
    folder = folder.resolve()
    model = Model.load(folder)
    if model.histories is None:
        raise UsageError("this model was published without its users; there is nobody to recommend to")
    rating, scale, predicts_stars = model.rating, model.scale, model.predicts_stars
    weights = balanced_weights(model, balance)
    name, Q = ("ranking", model.ranking.Q) if model.ranking else ("model", rating.Q)
    never = np.flatnonzero(~model.fitted)
    # plain arrays, since executors need not have Reelwise, and its code does not travel with what is broadcast
    known = model.known_users()
    blocks = -(-len(known) // BLOCK)
    arrays = spark.sparkContext.broadcast((Q, rating.Q, never, model.movies.ids, known, weights))

    def recommend(batches: Batches) -> Iterator[pa.RecordBatch]:
        shared = _Shared(str(folder), name, scale, predicts_stars, *arrays.value)
        for batch in batches:
            for block in batch.column("id").to_numpy().tolist():
                yield _recommend_block(shared, shared.users[block * BLOCK : (block + 1) * BLOCK], n)

    user_kind, movie_kind = _kind(model.users), _kind(model.movies)
    kinds = (user_kind, movie_kind, "int", "float", "float")
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(_COLUMNS, kinds, strict=True))
    numbers = spark.range(0, blocks, 1, max(1, -(-blocks // _BLOCKS_PER_TASK)))
    with replacing_folder(spark, out, _COLUMNS) as fresh:
        map_batches(numbers, recommend, schema).write.mode("overwrite").parquet(fresh)
        count = spark.read.parquet(as_pattern(fresh)).count()
    return len(known), count


def _kind(ids: Vocabulary) -> str:
    return "bigint" if ids.are_numbers else "string"


def _recommend_block(shared: _Shared, users: Rows, n: int) -> pa.RecordBatch:
    """The recommendations of the users in those rows."""
    offsets, movies = shared.read("history_user_offsets"), shared.read("history_user_movies")
    seen = [np.append(movies[offsets[user] : offsets[user + 1]], shared.never) for user in users.tolist()]
    P, rating_P = (shared.read(f"{name}_P")[users] for name in (shared.model, "model"))
    found = best_of_block(P, shared.Q, rating_P, shared.rating_Q, seen, n, shared.weights)
    stars = shared.scale.clip(found.stars) if shared.predicts_stars else pa.nulls(len(found.rows), pa.float32())
    return pa.RecordBatch.from_pydict({
        "userId": _id_column(shared.read("user_ids")[users[found.rows]]),
        "movieId": _id_column(shared.movie_ids[found.movies]),
        "rank": found.ranks,
        "score": found.scores,
        "predicted_stars": stars,
    })  # fmt: skip


def _id_column(ids: IdArray) -> pa.Array:
    return pa.array(ids).cast(pa.string() if ids.dtype.kind == "S" else pa.int64())
