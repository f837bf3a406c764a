"""The model folder, format 1: written by training, read by serving. See docs/model-folder.md."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.data.catalogue import Catalogue, read_catalogue, write_catalogue
from reelwise.data.ratings import LARGEST_ID, Ids, Ratings, RatingScale, Rows
from reelwise.errors import ModelError
from reelwise.models.blend import Profiles, Taste
from reelwise.store.arrays import read_array, write_array
from reelwise.store.card import model_card
from reelwise.store.config import Config, read_config
from reelwise.store.replace import replacing


@dataclass(frozen=True)
class Description:
    """What a model is, in short. `revision` tells two models apart."""

    revision: str
    dataset: str
    simulated: bool
    users: int
    movies: int
    ratings: int
    trained_at: str


@dataclass(frozen=True)
class Model:
    """Everything a model folder holds.

    Attributes:
        config: what the model is and how it came to be.
        metrics: its figures on held-out ratings.
        P: float32, shape (users, k); `P[u] @ Q[i]` is the predicted stars.
        Q: float32, shape (movies, k).
        history: who rated what; its ids name the rows of P and Q.
        catalogue: every film of the data set, with or without a row of Q.
        taste: the taste model; None if there is none.
    """

    config: Config
    metrics: dict[str, Any]
    P: npt.NDArray[np.float32]
    Q: npt.NDArray[np.float32]
    history: Ratings
    catalogue: Catalogue
    taste: Taste | None = None

    @property
    def description(self) -> Description:
        """The model in short."""
        config = self.config
        return Description(
            revision=hashlib.sha256(config.model_dump_json().encode()).hexdigest()[:12],
            dataset=config.dataset.name,
            simulated=config.dataset.simulated,
            users=config.counts.users,
            movies=config.counts.movies,
            ratings=config.counts.ratings,
            trained_at=config.trained_at,
        )


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


def _write_files(folder: Path, model: Model) -> None:
    history = model.history
    arrays: dict[str, npt.NDArray[Any]] = {
        "model_P": model.P,
        "model_Q": model.Q,
        "user_ids": history.user_ids,
        "movie_ids": history.movie_ids,
        "history_user_offsets": history.by_user.offsets,
        "history_user_movies": history.by_user.indices,
        "history_user_stars": history.by_user.stars,
        "history_movie_offsets": history.by_movie.offsets,
        "history_movie_users": history.by_movie.indices,
        "history_movie_stars": history.by_movie.stars,
    }
    if model.taste:
        arrays |= {
            "taste_P": model.taste.P,
            "taste_Q": model.taste.Q,
            "profile_users": model.taste.profiles.users,
            "profile_mass": model.taste.profiles.mass,
            "profile_likes": model.taste.profiles.likes,
        }
    for name, array in arrays.items():
        write_array(folder / f"{name}.npy", array)
    for name, content in {"config": model.config.model_dump(), "metrics": model.metrics}.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    with (folder / "movies.csv").open("w", encoding="utf-8", newline="") as file:
        write_catalogue(model.catalogue, file)
    (folder / "README.md").write_text(model_card(model.config, model.metrics), encoding="utf-8")


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
    history = Ratings(
        user_ids=_read_ids(folder / "user_ids.npy", users),
        movie_ids=_read_ids(folder / "movie_ids.npy", movies),
        by_user=_read_rows(folder, ("user_offsets", "user_movies", "user_stars"), config, users, movies),
        by_movie=_read_rows(folder, ("movie_offsets", "movie_users", "movie_stars"), config, movies, users),
        scale=RatingScale(*config.rating_scale),
    )
    return Model(
        config=config,
        metrics=_read_metrics(folder / "metrics.json"),
        P=P,
        Q=Q,
        history=history,
        catalogue=_read_films(folder, config, history),
        taste=_read_taste(folder, config) if config.taste_model else None,
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


def _read_rows(folder: Path, names: tuple[str, str, str], config: Config, rows: int, columns: int) -> Rows:
    paths = [folder / f"history_{name}.npy" for name in names]
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
    return Rows(offsets, indices, stars)


def _read_metrics(path: Path) -> dict[str, Any]:
    try:
        metrics = json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        raise ModelError(f"{path}: not a readable JSON file ({error})") from None
    if not isinstance(metrics, dict):
        raise ModelError(f"{path}: not a JSON object")
    return metrics


def _read_films(folder: Path, config: Config, history: Ratings) -> Catalogue:
    path = folder / "movies.csv"
    try:
        catalogue = read_catalogue(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not a readable catalogue ({error})") from None
    ids = catalogue.ids()
    if len(ids) != config.counts.catalogue or (np.diff(ids) <= 0).any():
        raise ModelError(f"{path}: expected {config.counts.catalogue} films with ascending ids, found {len(ids)}")
    if not np.isin(history.movie_ids, ids).all():
        raise ModelError(f"{path}: a movie of movie_ids.npy is not in it")
    return catalogue
