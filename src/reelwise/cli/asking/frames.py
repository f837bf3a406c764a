"""Tables that commands read and write, in the format that the file name says."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reelwise._memory import TRAINING, require_address_space
from reelwise.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

_FORMATS = (".parquet", ".csv", ".json", ".jsonl")


def check_format(path: Path) -> None:
    """Refuse a name of a table (--out) whose ending is not a known format, or where no file can be written.

    Raises:
        UsageError: Raised when the name is refused; it names the option.
        EngineError: Raised when this process may not have the memory that a table takes.
    """
    from reelwise.data.readers.opening import has_name_for_polars
    from reelwise.storage.atomic import check_file

    if path.suffix.lower() not in _FORMATS:
        known = f"{', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}"
        raise UsageError(f"--out is {path}; expected a name that ends in {known} (the last two: one object a line)")
    if not has_name_for_polars(path):
        raise UsageError(f"--out is {path}, a name that polars cannot write; choose a name that is valid UTF-8")
    check_file(path)
    require_address_space(TRAINING)  # polars ends the process where it cannot have that


def write_frame(path: Path, frame: "pl.DataFrame") -> None:
    """Write a table, which appears whole or not at all."""
    from reelwise.storage.atomic import replacing_file

    with replacing_file(path) as unfinished:
        match path.suffix.lower():
            case ".parquet":
                frame.write_parquet(unfinished)
            case ".csv":
                frame.write_csv(unfinished)
            case _:
                frame.write_ndjson(unfinished)


def read_frame(path: Path, columns: Mapping[str, str]) -> "pl.DataFrame":
    """A table of users and movies: Parquet, or text with separators, whose fields stay text.

    Args:
        path: the file; text may be packed by gzip.
        columns: the columns "user" and "movie", where their names do not say so.

    Raises:
        DataError: Raised when it cannot be read.
    """
    from reelwise.data.readers.faults import Fault, naming
    from reelwise.data.readers.layout import find_layout
    from reelwise.data.readers.opening import ParquetFile, open_table
    from reelwise.data.readers.records import read_text

    with naming(str(path)):
        file = open_table(path)
        if isinstance(file, ParquetFile):
            return file.read()
        layout = find_layout(file.first, {**columns, "rating": "", "time": ""}, file.skipped + 1)
        if len(layout.separator) > 1:
            raise Fault(f"fields stand between {layout.separator!r}; separate them by commas or tabs")
        frame = read_text(file, layout.separator, layout.has_header, "utf8-lossy")
    return frame if layout.has_header else frame.rename(dict(zip(frame.columns, layout.names, strict=False)))


def read_ids(path: Path, role: Literal["user", "movie"]) -> list[str]:
    """The ids of users or movies in a file: one on each line, or in a column of a table.

    Raises:
        DataError: Raised when there are none.
    """
    from reelwise.data.readers.columns import USUAL, find_usual
    from reelwise.data.readers.faults import Fault, naming
    from reelwise.data.readers.opening import ParquetFile, open_table
    from reelwise.data.readers.records import read_text

    names = USUAL[role] if role == "user" else (USUAL[role][0], "")  # the others are titles, and ids at other sites
    with naming(str(path)):
        file = open_table(path)
        if isinstance(file, ParquetFile):
            frame = file.read()
        else:
            separator = next((sign for sign in ",\t;|" if sign in file.first), ",")
            has_header = find_usual(role, file.first.split(separator), names, set()) is not None
            frame = read_text(file, separator, has_header, "utf8")
        place = 0 if frame.width == 1 else find_usual(role, frame.columns, names, set())
        if place is None:
            raise Fault(f"no column of {role}s among {', '.join(frame.columns)}; call it {role}Id")
        ids = [str(one).strip() for one in frame.to_series(place).to_list() if one is not None and str(one).strip()]
        if not ids:
            raise Fault(f"it has no {role}s; expected one id on each line")
    return ids
