"""Legacy models: `model_P.npy`, `model_Q.npy` and `model_mappings.pkl` of an early project, read, written, refreshed.

What is read becomes a `Model`; what is written works with that project's code. Nothing in a file is ever executed.
"""

import csv
import datetime
import shutil
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from reelwise._version import __version__
from reelwise.artifacts.config import Config, DataSource, ModelCounts, RatingModelInfo
from reelwise.artifacts.model import Model
from reelwise.data.catalogue import NO_GENRES, Catalogue
from reelwise.data.digest import sha256_of
from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.movie_stats import MovieStats
from reelwise.data.published import is_movielens
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.movielens import find_ratings
from reelwise.data.types import Floats
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import ModelError, UsageError, in_one_line
from reelwise.legacy.mappings import (
    OnImport,
    build_content,
    read_mappings,
    take_histories,
    write_mappings,
)
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.storage.arrays import LARGEST_FLOAT, ArrayFolder, format_shape, map_array
from reelwise.storage.atomic import check_place, replacing, replacing_file
from reelwise.training.histories import LeftOut, read_histories

EARLY_PROJECT = "aditya-sr-iitj/netflix-challenge-model"
"""The beginning of the names of the early project's repositories."""

P_FILE, Q_FILE, MAPPINGS_FILE, MOVIES_FILE = "model_P.npy", "model_Q.npy", "model_mappings.pkl", "movies.csv"


@dataclass(frozen=True)
class LegacyFiles:
    """The paths of the three files; each may have a folder of its own."""

    P: Path
    Q: Path
    mappings: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The three files in `folder`.

        Raises:
            ModelError: Raised when some are missing, which it names.
        """
        if not folder.is_dir():
            raise ModelError(f"{folder}: there is no such folder")
        paths = [folder / name for name in (P_FILE, Q_FILE, MAPPINGS_FILE)]
        missing = [path.name for path in paths if not path.is_file()]
        if missing:
            raise ModelError(
                f"{folder}: {' and '.join(missing)} missing; a legacy model is {P_FILE}, {Q_FILE} and {MAPPINGS_FILE}"
            )
        return cls(*paths)


def read_legacy_model(
    files: LegacyFiles,
    catalogue: Catalogue | None = None,
    on_step: OnImport = lambda *_: None,
    *,
    name: str | None = None,
    scale: RatingScale = MOVIELENS_SCALE,
) -> Model:
    """Read and check a legacy model. Rows are put in the order of their ids.

    Args:
        files: its files.
        catalogue: the films; those that it lacks are called "Movie 123".
        on_step: called as reading goes on.
        name: of the data set; by default that of the folder of the mappings.
        scale: the scale the stars must lie on.

    Raises:
        ModelError: Raised when a file is invalid; it names the file, the place in it, and what is wrong.
    """
    P, Q = _read_factors(files.P), _read_factors(files.Q)
    if P.shape[1] != Q.shape[1]:
        raise ModelError(f"{files.Q}: has {Q.shape[1]} factors, but {files.P} has {P.shape[1]}")
    mappings = read_mappings(files.mappings, on_step)
    for key, path, factors, ids in (
        ("userId_to_index", files.P, P, mappings.user_ids),
        ("movieId_to_index", files.Q, Q, mappings.movie_ids),
    ):
        if len(factors) != len(ids):
            raise ModelError(f"{files.mappings}: {key} has {len(ids)} entries, but {path} has {len(factors)} rows")
    ratings = take_histories(mappings, scale, on_step)
    films = (Catalogue.of([]) if catalogue is None else catalogue).with_placeholders(ratings.movies)
    places = films.movies.rows(ratings.movies.ids)
    histories = ratings.with_movies(films.movies)
    fitted = np.zeros(len(films), np.bool_)
    fitted[places] = True
    rating = MatrixFactorization()
    rating.scale = scale
    rating.P = P[np.argsort(mappings.user_ids)]
    rating.Q = np.zeros((len(films), Q.shape[1]), np.float32)
    rating.Q[places] = Q[np.argsort(mappings.movie_ids)]
    name = in_one_line(name or files.mappings.absolute().parent.name)
    movielens = name == EARLY_PROJECT or is_movielens(files.mappings)
    source = DataSource(name=name, sha256=sha256_of(files.mappings), movielens=movielens)
    return Model(
        config=Config(
            reelwise_version=__version__,
            dataset=source,
            histories=source,
            counts=ModelCounts(users=len(P), movies=len(films), rated_movies=len(Q), ratings=len(ratings)),
            rating_scale=(scale.low, scale.high),
            rating_model=RatingModelInfo(engine="legacy"),
            seed=0,
            trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        ),
        metrics=None,
        users=ratings.users,
        catalogue=films,
        rating=rating,
        ranking=None,
        histories=histories,
        fitted=fitted,
        stats=MovieStats.measure(histories.by_movie),
    )


def write_legacy_files(model: Model, folder: Path, on_step: OnImport = lambda *_: None) -> None:
    """Write `model` as a legacy model, and its films as `movies.csv`, in place of one that is there.

    `P[u] @ Q[m]` is the predicted stars, which may lie a little outside the rating scale.

    Raises:
        ModelError: Raised when another file is in the folder, or it cannot be written.
        UsageError: Raised when the model has no histories, no stars, simulated viewers, or ids that are not numbers.
    """
    _check_target(folder)
    if model.histories is None:
        raise UsageError("this model has no histories; a legacy model needs them")
    if not model.predicts_stars:
        raise UsageError("this model was trained without stars; a legacy model only predicts stars")
    if model.config.dataset.simulated:
        raise UsageError("this model has simulated viewers, which a legacy model cannot say; train on real ratings")
    if not (model.users.are_numbers and model.movies.are_numbers):
        raise UsageError("this model has ids that are not numbers; a legacy model needs numbers")
    rows = np.flatnonzero(model.fitted)
    places = np.zeros(len(model.fitted), np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    histories = model.histories.by_user.spread_columns(places)
    content = build_content(model.users.ids, model.movies.ids[rows], histories, on_step)
    try:
        with replacing(folder) as fresh:
            arrays = ArrayFolder(fresh)
            arrays.write("model_P", model.rating.P)
            arrays.write("model_Q", model.rating.Q[rows])
            with (fresh / MAPPINGS_FILE).open("wb") as file:
                write_mappings(content, file)
            _write_movies(fresh / MOVIES_FILE, model.catalogue)
    except OSError as error:
        raise ModelError(f"{folder}: the legacy files cannot be written there ({error.strerror or error})") from error


def refresh_legacy_files(
    folder: Path,
    ratings: Path,
    on_step: OnImport = lambda *_: None,
    *,
    columns: ColumnNames | None = None,
    erased: Set[str] = frozenset(),
) -> LeftOut:
    """Give the mappings in `folder` the histories in `ratings`, and the users' ids by index; P and Q stay.

    Histories are replaced, not added to.

    Args:
        folder: with `model_mappings.pkl`, which may have histories or not.
        ratings: a ratings file, or a folder with one.
        on_step: called as the work goes on.
        columns: columns by role; the others are recognised by their names.
        erased: marks of erased users, whose histories stay empty.

    Returns:
        What was left out, because the mappings do not know it.

    Raises:
        DataError: Raised when the ratings cannot be read, or share no user and movie with the mappings.
        ModelError: Raised when the mappings cannot be read.
        UsageError: Raised when they cannot be written.
    """
    mappings = read_mappings(folder / MAPPINGS_FILE, on_step)
    mappings.content.clear()  # the old histories may take gigabytes
    users, movies = (Vocabulary(np.sort(ids)) for ids in (mappings.user_ids, mappings.movie_ids))
    histories, left_out = read_histories(
        find_ratings(ratings), users, movies, MOVIELENS_SCALE, columns, erased, implicit=False
    )
    content = build_content(mappings.user_ids, mappings.movie_ids, histories.by_user, on_step)
    with replacing_file(mappings.path) as unfinished, unfinished.open("wb") as file:
        write_mappings(content, file)
        shutil.copymode(mappings.path, unfinished)
    return left_out


def _read_factors(path: Path) -> Floats:
    """The matrix in `path` as float32."""
    array = map_array(path)
    if array.dtype not in (np.dtype("<f8"), np.dtype("<f4")):
        raise ModelError(f"{path}: holds {array.dtype.str}, expected <f8 or <f4")
    if array.ndim != 2 or array.size == 0:
        raise ModelError(f"{path}: measures {format_shape(array)}, expected rows x factors")
    if not array.flags.c_contiguous:
        raise ModelError(f"{path}: is in Fortran order, expected C order")
    with np.errstate(all="ignore"):
        factors = array.astype(np.float32, subok=False)
    fits = np.abs(factors) <= LARGEST_FLOAT  # false for NaN, too
    if not fits.all():
        row, column = np.argwhere(~fits)[0]
        value = f"row {row}, column {column} holds {array[row, column]}"
        raise ModelError(f"{path}: {value}, expected {-LARGEST_FLOAT:g} to {LARGEST_FLOAT:g}")
    return factors


def _check_target(folder: Path) -> None:
    """Refuse to replace anything but legacy files."""
    try:
        check_place(folder)
    except OSError as error:
        raise ModelError(f"{folder}: the legacy files cannot be written there ({error.strerror})") from None
    if folder.exists() and not folder.is_dir():
        raise ModelError(f"{folder}: this is a file; name a folder for the legacy files")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(names - {P_FILE, Q_FILE, MAPPINGS_FILE, MOVIES_FILE}):
        raise ModelError(f"{folder}: holds {name}, which is not a legacy file; name another folder")


def _write_movies(path: Path, catalogue: Catalogue) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("movieId", "title", "genres", "tmdbId"))
        for movie in catalogue:
            writer.writerow((movie.movie_id, movie.title, "|".join(movie.genres) or NO_GENRES, movie.tmdb_id or ""))
