"""The tags that people give films: the `tags.csv` of MovieLens."""

from pathlib import Path

from reelwise.data.catalogue import Tags
from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.opening import ParquetFile, first_line, open_table, without_panic
from reelwise.data.readers.records import prepare

MOST_TAGS = 5  # of a film
_LONGEST_TAG = 60  # characters
_COLUMNS = {"userId", "movieId", "tag"}


def read_tags(folder: Path) -> dict[str, Tags]:
    """The tags that most people gave each film, most given first, by its id as the file spells it.

    Spellings that differ in capitals and blanks alone are one tag, and shown as most people wrote it. Empty where there
    is no such file, or another one of that name.

    Raises:
        DataError: Raised when the file cannot be read; it names the fault.
    """
    path = folder / "tags.csv"
    if not path.is_file():
        return {}
    with naming(str(path)):
        return _read(path)


def _read(path: Path) -> dict[str, Tags]:
    import polars as pl

    file = open_table(path)
    if isinstance(file, ParquetFile):
        raise Fault("this is a Parquet file; save it as CSV")
    source, quote_char = prepare(file, ",", False)
    tag = pl.col("tag")
    try:
        table = pl.scan_csv(source, quote_char=quote_char, skip_lines=file.skipped, infer_schema=False, glob=False)
        if not _COLUMNS.issubset(table.collect_schema().names()):
            return {}
        spelt = table.select("userId", "movieId", tag.str.replace_all(r"\s+", " ").str.strip_chars())
        given = spelt.filter(tag.str.len_chars().is_between(1, _LONGEST_TAG)).group_by(
            "movieId", tag.str.to_lowercase().alias("key")
        )
        counted = given.agg(people=pl.col("userId").n_unique(), tag=tag.mode().min())
        best = counted.sort("movieId", "people", "key", descending=[False, True, False]).group_by("movieId")
        with without_panic():
            rows = best.agg(tag.head(MOST_TAGS)).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Fault(f"cannot be read as tags ({first_line(error)})") from None
    return {movie: tuple(tags) for movie, tags in rows.iter_rows() if movie is not None}
