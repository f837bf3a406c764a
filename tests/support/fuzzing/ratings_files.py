"""Ratings files of strangers: whatever is in them, a data set comes out that holds what it should, or a `DataError`."""

import gzip
import io
import os
import random
import shutil
from pathlib import Path

import numpy as np
import polars as pl

from reelwise.data.readers.movielens import read_dataset
from reelwise.errors import DataError
from support.fuzzing.laws import check_refusal
from support.fuzzing.mutations import spoil_bytes, spoil_table

_ROWS = [(1 + n % 7, 10 + n % 11, (1 + n % 10) / 2, 1_795_953_600 + n) for n in range(60)]
_FRAME = pl.DataFrame(_ROWS, ["userId", "movieId", "rating", "timestamp"], orient="row")


def _table(separator: str, header: str = "") -> str:
    return header + "".join(separator.join(map(str, row)) + "\n" for row in _ROWS)


_RATINGS = {  # by name: the text, and what separates its fields
    "ratings.csv": (_table(",", "userId,movieId,rating,timestamp\n"), ","),
    "ratings.dat": (_table("::"), "::"),
    "u.data": (_table("\t"), "\t"),
    "ratings.tsv": (_table("\t", "user\titem\tscore\twhen\n"), "\t"),
    "ratings.txt": ('"who";"film";"stars";"on"\n' + "".join(
        f'"u{user}";"Film, ""{movie}""";{str(stars).replace(".", ",")};2026-11-{1 + time % 28:02}\n'
        for user, movie, stars, time in _ROWS), ";"),
}  # fmt: skip
_FILMS = {
    "movies.csv": ("movieId,title,genres\n" + "".join(f'{10 + n},"Film, The {n} (19{n + 70})",Drama|Crime\n'
                                                      for n in range(11)), ","),
    "movies.dat": ("".join(f"{10 + n}::Film {n} (19{n + 70})::Drama\n" for n in range(11)), "::"),
    "links.csv": ("movieId,imdbId,tmdbId\n" + "".join(f"{10 + n},011470{n},{n}\n" for n in range(11)), ","),
}  # fmt: skip


class RatingsFiles:
    """A folder with ratings and perhaps films, one of them spoilt.

    Args:
        folder: an empty one, to write them to.
    """

    name = "ratings files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def attack(self, choose: random.Random) -> bool:
        """Read them."""
        shutil.rmtree(self._folder)
        self._folder.mkdir()
        spoils_films = choose.random() < 0.3
        self._write_ratings(choose, not spoils_films)
        if spoils_films or choose.random() < 0.5:
            name = choose.choice(sorted(_FILMS))
            for beside in {name, "movies.csv"} if name == "links.csv" else {name}:
                text, separator = _FILMS[beside]
                spoilt = _spoil(choose, text, separator) if spoils_films and beside == name else text.encode()
                (self._folder / beside).write_bytes(spoilt)
        try:
            data = read_dataset(self._folder)
        except DataError as error:
            return check_refusal(error)
        ratings = data.ratings.interactions()
        low, high = data.ratings.scale
        assert len(ratings) > 0
        assert np.isfinite([low, high]).all()
        assert low < high
        assert low <= ratings.stars.min() <= ratings.stars.max() <= high
        assert len(set(data.ratings.users)) == len(data.ratings.users)
        assert len(data.catalogue.titles.strings()) >= len(data.ratings.movies)
        return True

    def _write_ratings(self, choose: random.Random, is_spoilt: bool) -> None:
        if choose.random() < 0.15:
            file = io.BytesIO()
            _FRAME.write_parquet(file)
            content = spoil_bytes(choose, file.getvalue()) if is_spoilt else file.getvalue()
            (self._folder / "ratings.parquet").write_bytes(content)
            return
        name = choose.choice(sorted(_RATINGS))
        text, separator = _RATINGS[name]
        content = _spoil(choose, text, separator) if is_spoilt else text.encode()
        if choose.random() < 0.15:
            name, content = "ratings.csv.gz", gzip.compress(content, 1)
            content = spoil_bytes(choose, content) if is_spoilt and choose.random() < 0.5 else content
        if is_spoilt and choose.random() < 0.02 and hasattr(os, "mkfifo"):
            os.mkfifo(self._folder / name)
        else:
            (self._folder / name).write_bytes(content)


def _spoil(choose: random.Random, text: str, separator: str) -> bytes:
    if choose.random() < 0.2:
        return spoil_bytes(choose, text.encode())
    encoding = "utf-16" if choose.random() < 0.05 else "utf-8"
    return spoil_table(choose, text, separator).encode(encoding)
