"""Everybody's ratings as of now, as files that training takes."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from reelwise.artifacts.model import Model
    from reelwise.data.catalogue import Catalogue
    from reelwise.data.vocabulary import Vocabulary
    from reelwise.live.store import Store
    from reelwise.training.refresh.gather import Gathered


def write_all(model: "Model", store: "Store", out: Path) -> None:
    """Write what an update would train on: ratings to `out`, and the films beside it.

    Raises:
        UsageError: Raised when the ending of the file's name is unknown, films of other data lie beside it, or the
            model was published without its users.
        StoreError: Raised when the store cannot be asked.
    """
    from reelwise.cli.asking.frames import check_format, write_frame
    from reelwise.cli.terminal import say
    from reelwise.training.refresh.gather import gather

    with suppress(OSError):  # check_format says what is wrong
        out.parent.mkdir(parents=True, exist_ok=True)  # a folder of its own, since the films lie beside it
    check_format(out)
    films = out.with_name(f"movies{out.suffix}")
    _check_films(films, out)
    gathered = gather(model, store)
    ratings, catalogue = gathered.dataset.ratings, gathered.dataset.catalogue
    if out.suffix.lower() == ".csv" and ratings.users.of_both_kinds:
        raise UsageError(f"--out is {out}, but in text numbers and names of users look alike; write .parquet")
    write_frame(films, _films(catalogue))
    write_frame(out, _ratings(gathered))
    say(f"{out}: {len(ratings):,} ratings by {len(ratings.users):,} users; {films}: {len(catalogue):,} films.")


def _check_films(films: Path, out: Path) -> None:
    """Refuse a folder in which there are films already, unless an earlier export wrote them."""
    from reelwise.data.readers.films import find_movies

    if films == out:
        raise UsageError(f"--out is {out}, the name of the file of films; choose another, such as ratings{out.suffix}")
    found = find_movies(out.parent) or (films if films.exists() else None)
    if found is not None and not (found == films and out.exists()):
        raise UsageError(f"--out is {out}, but {found} has films of other data; name a file in a folder of its own")


def _ratings(gathered: "Gathered") -> "pl.DataFrame":
    """A row for each rating; the time is 0 for what the model was trained on, since models do not keep times."""
    import numpy as np
    import polars as pl

    dataset = gathered.dataset
    rows = dataset.ratings.interactions()
    columns = {"userId": _ids(dataset.ratings.users)[rows.users], "movieId": _ids(dataset.ratings.movies)[rows.movies]}
    if not dataset.implicit:
        columns["rating"] = pl.Series(rows.stars)
    return pl.DataFrame(columns | {"timestamp": np.maximum(gathered.told_at, 0) // 1_000_000})


def _ids(vocabulary: "Vocabulary") -> "pl.Series":
    """Ids by row; all of them texts if some are."""
    import polars as pl

    return pl.Series(vocabulary.ids) if vocabulary.are_numbers else pl.Series(map(str, vocabulary), dtype=pl.String())


def _films(catalogue: "Catalogue") -> "pl.DataFrame":
    import polars as pl

    films = [*catalogue]
    return pl.DataFrame(
        {
            "movieId": _ids(catalogue.movies),
            "title": [film.title for film in films],
            "genres": ["|".join(film.genres) for film in films],
            "imdbId": pl.Series([film.imdb_id for film in films], dtype=pl.Int64()),
            "tmdbId": pl.Series([film.tmdb_id for film in films], dtype=pl.Int64()),
        }
    )
