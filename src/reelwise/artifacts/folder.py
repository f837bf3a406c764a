"""The model folder, format 1: written by training, read by serving. See docs/model-folder.md."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.arrays import read_array, write_array
from reelwise.artifacts.atomic import replacing
from reelwise.artifacts.card import model_card
from reelwise.artifacts.config import Config, read_config
from reelwise.artifacts.integrity import check_integrity, checksums
from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue, read_catalogue, write_catalogue
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import CSR, LARGEST_ID, Ids, Ratings, RatingScale, offsets_of
from reelwise.errors import ModelError
from reelwise.models.ranking.blending import Profiles, Taste
from reelwise.models.rating.uncertainty import Uncertainty

_USERS = "user_ids", "model_P"
_MOVIES = "movie_ids", "model_Q"
_TASTE = "taste_P", "taste_Q", "profile_users", "profile_mass", "profile_likes"
_SPREAD = "stars_spread_users", "stars_spread_movies"
_HISTORIES = (
    "history_user_offsets", "history_user_movies", "history_user_stars",
    "history_movie_offsets", "history_movie_users", "history_movie_stars",
)  # fmt: skip
_POPULARITY = "movie_counts", "movie_means"
_MAP = "map"
ARRAYS = (*_USERS, *_MOVIES, *_TASTE, *_SPREAD, _MAP, *_HISTORIES, *_POPULARITY)

FILES = ("config.json", "metrics.json", "README.md", "movies.csv", *(f"{name}.npy" for name in ARRAYS))
"""Every file that a model folder may hold; nothing else is read, fetched or published."""

_EDGE_OF_MAP = 1.001  # what is scaled to 1 may come out a little more


def check_target(folder: Path) -> None:
    """Refuse to put a model where something else is.

    Raises:
        ModelError: if `folder` is a file, or a folder that holds something and no model.
    """
    if folder.is_file():
        raise ModelError(f"{folder}: this is a file; name a folder for the model")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: this folder holds something that is no model; name another one")


def write_model(folder: Path, model: Model) -> None:
    """Write `model` to `folder`, in place of a model that is there; a crash leaves the old or the new, never a mix.

    Raises:
        ModelError: if something that is no model is there, or the folder cannot be written.
    """
    check_target(folder)
    try:
        with replacing(folder) as fresh:
            _write_files(fresh, model)
    except OSError as error:
        raise ModelError(f"{folder}: the model cannot be written there ({error.strerror or error})") from error


def copy_model(source: Path, target: Path) -> Model:
    """Copy the model in `source`, once all of it was checked, to `target`, in place of a model that is there.

    Raises:
        ModelError: if the model is broken or changed, or cannot be written there.
    """
    check_target(target)
    model = read_model(source)
    check_integrity(source, model.config.sha256)
    try:
        with replacing(target) as fresh:
            for name in FILES:
                if (source / name).is_file():
                    shutil.copyfile(source / name, fresh / name)
    except OSError as error:
        raise ModelError(f"{target}: the model cannot be written there ({error.strerror or error})") from error
    return model


def _write_files(folder: Path, model: Model) -> None:
    for name, array in _arrays_of(model).items():
        write_array(folder / f"{name}.npy", array)
    complete_folder(folder, model.config, model.metrics, model.catalogue)


def complete_folder(folder: Path, config: Config, metrics: dict[str, Any], catalogue: Catalogue) -> None:
    """Write what a folder needs that holds the arrays of a model: the films, the figures, the config and the card."""
    with (folder / "movies.csv").open("w", encoding="utf-8", newline="") as file:
        write_catalogue(catalogue, file)
    _write_json(folder / "metrics.json", metrics)
    config = config.model_copy(update={"sha256": checksums(folder)})
    _write_json(folder / "config.json", config.model_dump())
    (folder / "README.md").write_text(model_card(config, metrics), encoding="utf-8")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _arrays_of(model: Model) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the model by the names of their files."""
    history, taste = model.history, model.taste
    arrays: dict[str, npt.NDArray[Any]] = {}
    arrays |= zip(_USERS, (history.user_ids, model.P), strict=True)
    arrays |= zip(_MOVIES, (history.movie_ids, model.Q), strict=True)
    if taste:
        profiles = taste.profiles
        arrays |= zip(_TASTE, (taste.P, taste.Q, profiles.users, profiles.mass, profiles.likes), strict=True)
    if model.spread:
        arrays |= zip(_SPREAD, (model.spread.users, model.spread.movies), strict=True)
    if model.map is not None:
        arrays[_MAP] = model.map
    if model.has_histories:
        rows = (history.by_user, history.by_movie)
        arrays |= zip(_HISTORIES, (column for it in rows for column in (it.offsets, it.indices, it.stars)), strict=True)
    else:
        arrays |= zip(_POPULARITY, (model.popularity.counts, model.popularity.means), strict=True)
    return arrays


def read_model(folder: Path) -> Model:
    """Read and check the model in `folder`; its arrays are memory-mapped.

    Raises:
        ModelError: naming the file and what is wrong with it.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: there is no such model folder")
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: not a model folder, there is no config.json in it")
    config = read_config(folder / "config.json")
    users, movies = config.counts.users, config.counts.movies
    P = _read_factors(folder / "model_P.npy", users, None)
    Q = _read_factors(folder / "model_Q.npy", movies, P.shape[1])
    user_ids, movie_ids = _read_ids(folder / "user_ids.npy", users), _read_ids(folder / "movie_ids.npy", movies)
    if config.histories:
        by_user = _read_rows(folder, _HISTORIES[:3], config, users, movies)
        by_movie = _read_rows(folder, _HISTORIES[3:], config, movies, users)
    else:
        by_user, by_movie = _no_rows(users), _no_rows(movies)
    return Model(
        config=config,
        metrics=_read_metrics(folder / "metrics.json"),
        P=P,
        Q=Q,
        history=Ratings(user_ids, movie_ids, by_user, by_movie, RatingScale(*config.rating_scale)),
        catalogue=_read_films(folder, config, movie_ids),
        taste=_read_taste(folder, config) if config.taste_model else None,
        spread=_read_spread(folder, config) if config.stars_spread else None,
        map=_read_map(folder, config),
        counted=None if config.histories else _read_popularity(folder, movies),
    )


def _read_taste(folder: Path, config: Config) -> Taste:
    users, movies = config.counts.users, config.counts.movies
    P = _read_factors(folder / "taste_P.npy", users, None)
    Q = _read_factors(folder / "taste_Q.npy", movies, P.shape[1])
    path = folder / "profile_users.npy"
    of_profiles: Any = read_array(path, "<i4", (config.counts.profiles,))
    if len(of_profiles) == 0 or of_profiles[0] < 0 or of_profiles[-1] >= users or (np.diff(of_profiles) <= 0).any():
        raise ModelError(f"{path}: the rows are not ascending numbers from 0 to {users - 1}")
    mass, likes = (_read_positive(folder / f"profile_{name}.npy", len(of_profiles)) for name in ("mass", "likes"))
    return Taste(P, Q, Profiles(of_profiles, mass, likes))


def _read_spread(folder: Path, config: Config) -> Uncertainty:
    rows = config.counts.users, config.counts.movies
    return Uncertainty(
        *(_read_positive(folder / f"{name}.npy", count) for name, count in zip(_SPREAD, rows, strict=True))
    )


def _read_map(folder: Path, config: Config) -> npt.NDArray[np.float32] | None:
    name = f"{_MAP}.npy"
    if name not in config.sha256:
        return None  # older models have none
    path = folder / name
    coordinates = _read_factors(path, config.counts.movies, 2)
    if np.abs(coordinates).max() > _EDGE_OF_MAP:
        raise ModelError(f"{path}: holds a coordinate outside -1 to 1")
    return coordinates


def _read_positive(path: Path, rows: int) -> npt.NDArray[np.float32]:
    array: Any = read_array(path, "<f4", (rows,))
    if not (array.min() > 0 and np.isfinite(array.max())):
        raise ModelError(f"{path}: holds a value that is not a positive number")
    return array  # type: ignore[no-any-return]


def _read_factors(path: Path, rows: int, k: int | None) -> npt.NDArray[np.float32]:
    array = read_array(path, "<f4", (rows, k))
    if not np.isfinite([array.min(), array.max()]).all():  # both are NaN if anything is
        raise ModelError(f"{path}: holds a value that is not a finite number")
    return array  # type: ignore[return-value]


def _read_ids(path: Path, rows: int) -> Ids:
    array: Ids = read_array(path, "<i8", (rows,))  # type: ignore[assignment]
    if array[0] < 1 or array[-1] > LARGEST_ID or (np.diff(array) <= 0).any():
        raise ModelError(f"{path}: the ids are not ascending numbers from 1 to {LARGEST_ID}")
    return array


def _read_rows(folder: Path, names: Sequence[str], config: Config, rows: int, columns: int) -> CSR:
    paths = [folder / f"{name}.npy" for name in names]
    ratings = config.counts.ratings
    offsets: Any = read_array(paths[0], "<i8", (rows + 1,))
    indices: Any = read_array(paths[1], "<i4", (ratings,))
    stars: Any = read_array(paths[2], "<f4", (ratings,))
    if offsets[0] != 0 or offsets[-1] != ratings or (np.diff(offsets) < 0).any():
        raise ModelError(f"{paths[0]}: the offsets do not ascend from 0 to {ratings}")
    if ratings and (indices.min() < 0 or indices.max() >= columns):
        raise ModelError(f"{paths[1]}: holds an index outside 0 to {columns - 1}")
    low, high = config.rating_scale
    if ratings and not (low <= stars.min() and stars.max() <= high):
        raise ModelError(f"{paths[2]}: holds stars outside {low:g} to {high:g}")
    return CSR(offsets, indices, stars)


def _no_rows(rows: int) -> CSR:
    nothing = np.empty(0, np.int32)
    return CSR(offsets_of(nothing, rows), nothing, nothing.astype(np.float32))


def _read_popularity(folder: Path, movies: int) -> MovieStats:
    counts: Any = read_array(folder / "movie_counts.npy", "<i8", (movies,))
    means: Any = read_array(folder / "movie_means.npy", "<f8", (movies,))
    if counts.min() < 0:
        raise ModelError(f"{folder / 'movie_counts.npy'}: holds a negative number of ratings")
    if not np.isfinite([means.min(), means.max()]).all():
        raise ModelError(f"{folder / 'movie_means.npy'}: holds a value that is not a finite number")
    return MovieStats(counts, means)


def _read_metrics(path: Path) -> dict[str, Any]:
    try:
        metrics = json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        raise ModelError(f"{path}: not a readable JSON file ({error})") from None
    if not isinstance(metrics, dict):
        raise ModelError(f"{path}: not a JSON object")
    return metrics


def _read_films(folder: Path, config: Config, movie_ids: Ids) -> Catalogue:
    path = folder / "movies.csv"
    try:
        catalogue = read_catalogue(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not a readable catalogue ({error})") from None
    ids = catalogue.ids()
    if len(ids) != config.counts.catalogue or (np.diff(ids) <= 0).any():
        raise ModelError(f"{path}: expected {config.counts.catalogue} films with ascending ids, found {len(ids)}")
    if not np.isin(movie_ids, ids).all():
        raise ModelError(f"{path}: a movie of movie_ids.npy is not in it")
    return catalogue
