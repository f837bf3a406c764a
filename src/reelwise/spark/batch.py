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

from reelwise.artifacts.folder import read_model
from reelwise.data.ratings import RatingScale
from reelwise.errors import UsageError
from reelwise.recommend.batch import BLOCK, best_of_block
from reelwise.spark.streaming import Batches, map_batches

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BLOCKS_PER_TASK = 16
_SCHEMA = "userId bigint, movieId bigint, rank int, score float, predicted_stars float"


class _Shared(NamedTuple):
    """What every block needs: where the model is, how many users it has, and what is by movie."""

    folder: str
    by: str  # taste, or model
    users: int
    Q: npt.NDArray[np.float32]
    Q_of_stars: npt.NDArray[np.float32]
    movie_ids: npt.NDArray[np.int64]
    scale: RatingScale


def recommend_all(spark: "SparkSession", folder: Path, n: int, out: str) -> tuple[int, int]:
    """Write the `n` best movies for each user of the model in `folder`, without what the user rated, as Parquet.

    The columns are those of `reelwise recommend --all` on one machine, and so are the rows, in any order.

    Args:
        spark: where to work.
        folder: a model, on a path that all executors see.
        n: how many movies per user.
        out: the folder of Parquet files to write, an address as Spark knows them; what is there is replaced.

    Returns:
        The number of users, and of recommendations.

    Raises:
        UsageError: if the model has no users.
    """
    folder = folder.resolve()
    model = read_model(folder)
    if not model.has_histories:
        raise UsageError("this model was published without its users; there is nobody to recommend to")
    users, by = len(model.history.user_ids), "model" if model.taste is None else "taste"
    Q = model.Q if model.taste is None else model.taste.Q
    shared = spark.sparkContext.broadcast(
        _Shared(str(folder), by, users, Q, model.Q, model.history.movie_ids, model.history.scale)
    )
    blocks = -(-users // BLOCK)

    def recommended(batches: Batches) -> Iterator[pa.RecordBatch]:
        it = shared.value
        for batch in batches:
            for block in batch.column("id").to_numpy().tolist():
                yield _block(it, block * BLOCK, min((block + 1) * BLOCK, it.users), n)

    numbers = spark.range(0, blocks, 1, max(1, -(-blocks // _BLOCKS_PER_TASK)))
    map_batches(numbers, recommended, _SCHEMA).write.mode("overwrite").parquet(out)
    return users, spark.read.parquet(out).count()


def _block(it: _Shared, start: int, stop: int, n: int) -> pa.RecordBatch:
    """The recommendations of the users from row `start` up to `stop`."""
    offsets, movies = _mapped(it, "history_user_offsets"), _mapped(it, "history_user_movies")
    seen = [movies[offsets[user] : offsets[user + 1]] for user in range(start, stop)]
    P, stars_P = _mapped(it, f"{it.by}_P")[start:stop], _mapped(it, "model_P")[start:stop]
    found = best_of_block(P, it.Q, stars_P, it.Q_of_stars, seen, n)
    return pa.RecordBatch.from_pydict({
        "userId": _mapped(it, "user_ids")[found.rows + start],
        "movieId": it.movie_ids[found.movies],
        "rank": found.ranks,
        "score": found.scores,
        "predicted_stars": it.scale.clip(found.stars),
    })  # fmt: skip


def _mapped(it: _Shared, name: str) -> npt.NDArray[Any]:
    path = f"{it.folder}/{name}.npy"
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise FileNotFoundError(f"an executor does not see {path}; put the model where all of them do") from None
    return array
