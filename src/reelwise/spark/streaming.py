"""Arrays between Spark and this process, a piece at a time."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ColumnArrays = dict[str, npt.NDArray[Any]]
Batches = Iterator[pa.RecordBatch]


def map_batches(frame: "DataFrame", work: Callable[[Batches], Batches], schema: str) -> "DataFrame":
    """`frame` after `work`, which runs in Python beside the executors.

    Only NumPy, pyarrow and polars are needed there: Reelwise's own code travels with the work.
    """
    from pyspark import cloudpickle

    import reelwise

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark has opinions about pandas, which is not used here
        cloudpickle.register_pickle_by_value(reelwise)
        try:
            return frame.mapInArrow(work, schema)
        finally:
            cloudpickle.unregister_pickle_by_value(reelwise)


def stream(frame: "DataFrame") -> Iterator[ColumnArrays]:
    """The columns of `frame` as arrays, partition by partition in their order, some ten thousand rows at a time.

    While one part is worked on the next one is fetched; no more of `frame` than these two is in this process. A column
    of vectors of one length is an array of shape (rows, length). Values must not be missing.
    """
    names = frame.columns
    packed = map_batches(frame, _pack, ", ".join(f"`{name}` binary" for name in names))
    dtypes = {name: _dtype(kind) for name, kind in frame.dtypes}
    vectors = {name for name, kind in frame.dtypes if kind.startswith("array")}
    for row in packed.toLocalIterator(prefetchPartitions=True):
        columns = {name: np.frombuffer(row[name], dtypes[name]) for name in names}
        rows = min((len(column) for name, column in columns.items() if name not in vectors), default=1)
        yield {name: column.reshape(rows, -1) if name in vectors else column for name, column in columns.items()}


def collect(frame: "DataFrame") -> ColumnArrays:
    """All of `frame`, which must be small."""
    parts = list(stream(frame))
    empty = {name: np.empty(0, _dtype(kind)) for name, kind in frame.dtypes}
    return {name: np.concatenate([part[name] for part in parts]) if parts else empty[name] for name in frame.columns}


def create_frame(spark: "SparkSession", columns: Mapping[str, npt.NDArray[Any]]) -> "DataFrame":
    """A frame with these columns, which must be small."""
    return spark.createDataFrame(pa.table(dict(columns)))


def _dtype(kind: str) -> np.dtype[Any]:
    kind = kind.removeprefix("array<").removesuffix(">")
    return np.dtype({"int": "<i4", "bigint": "<i8", "float": "<f4", "double": "<f8"}[kind])


def _pack(batches: Iterable[pa.RecordBatch]) -> Batches:
    """Each batch as one row of bytes."""
    for batch in batches:
        if batch.num_rows:
            yield pa.RecordBatch.from_pydict({name: [_to_bytes(batch.column(name))] for name in batch.schema.names})


def _to_bytes(column: pa.Array) -> bytes:
    values = column.flatten() if pa.types.is_list(column.type) else column
    raw: bytes = np.ascontiguousarray(values.to_numpy(zero_copy_only=False)).tobytes()
    return raw
