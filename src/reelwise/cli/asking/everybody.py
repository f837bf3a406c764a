"""Recommendations for everybody, or for many, as a table."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.errors import UnknownUser

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model
    from reelwise.data.types import Indices

COLUMNS = ("userId", "movieId", "rank", "score", "predicted_stars")
_SHOWN = 5  # unknown users that a message names


def write_everybody(model: "Model", number: int, out: Path, users: Path | None, balance: float | None) -> None:
    """Write the recommendations for all users of a model, or for those in a file."""
    import polars as pl

    from reelwise.cli.asking.frames import write_frame
    from reelwise.cli.terminal import counting_progress, say
    from reelwise.recommend.batch import recommend_all

    rows = None if users is None else _rows_of(model, users)
    count = len(model.known_users() if rows is None else rows)
    parts: list[pl.DataFrame] = []
    started = time.perf_counter()
    with counting_progress("users", count) as advance:
        for done, batch in recommend_all(model, number, rows, balance):
            parts.append(pl.DataFrame(dict(zip(COLUMNS, batch, strict=True))).cast({COLUMNS[-1]: pl.Float32}))
            advance(done)
    speed = count / (time.perf_counter() - started)
    write_frame(out, pl.concat(parts))
    say(f"{out}: {sum(map(len, parts)):,} recommendations for {count:,} users, {speed:,.0f} users/s.")


def _rows_of(model: "Model", file: Path) -> "Indices":
    """The rows of the users in a file, each once, in its order."""
    import numpy as np

    from reelwise.cli.asking.frames import read_ids

    found: dict[int, None] = {}
    unknown: list[str] = []
    for user in read_ids(file, "user"):
        try:
            row = model.users.row(model.users.parse(user))
            row = row if row is not None and model.knows_user(row) else None
        except ValueError:
            row = None
        if row is None:
            unknown.append(user)
        else:
            found[row] = None
    if unknown:
        more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
        raise UnknownUser(f"{file}: the model does not know user {', '.join(unknown[:_SHOWN])}{more}; take them out")
    return np.array([*found], np.int32)
