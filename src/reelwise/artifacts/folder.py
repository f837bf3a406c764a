"""The model folder, format 2: written by training, read by serving. See docs/reference/model-folder.md."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reelwise.artifacts.card import model_card
from reelwise.artifacts.catalogue_files import read_catalogue, write_catalogue
from reelwise.artifacts.config import Config, read_config
from reelwise.artifacts.files import CARD
from reelwise.artifacts.indexes import Indexes
from reelwise.artifacts.integrity import checksums, require_listed
from reelwise.artifacts.listed_arrays import ListedArrays
from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.probe import probe
from reelwise.data.csr import CSR
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import ModelError
from reelwise.models.cold_start import ColdStart
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.side_by_side import both
from reelwise.storage.arrays import ArrayFolder, StreamedFolder
from reelwise.storage.atomic import check_place, follow, replacing
from reelwise.storage.json_files import read_json, validate

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model

M = TypeVar("M", bound="Model")

_EDGE_OF_MAP = 1.001  # what is scaled to 1 may come out a little more


def check_target(folder: Path) -> None:
    """Refuse to put a model where something else is, or nothing can be, before any work is done.

    Raises:
        ModelError: Raised when `folder` is a file, a folder with something that is not a model, or cannot be made.
    """
    target = follow(folder)
    if target.exists() and not target.is_dir():
        raise ModelError(f"{folder}: this is a file; name a folder for the model")
    try:
        check_place(folder)
    except OSError as error:
        raise ModelError(f"{folder}: the model cannot be written there ({error.strerror}); name another one") from error
    if target.is_dir() and any(target.iterdir()) and not _holds_model(target):
        raise ModelError(f"{folder}: this folder holds something that is not a model; name another one")


def _holds_model(folder: Path) -> bool:
    """Whether a folder holds a model of any version, whole or broken, which another may replace."""
    try:
        return "format_version" in read_json(folder / "config.json")
    except ModelError:
        return (folder / "config.json").is_file() and (folder / "model_P.npy").is_file()


def write_model(folder: Path, model: "Model", keep: Path | None = None) -> None:
    """Write `model` to `folder`, in place of a model that is there; a crash leaves the old or the new, never a mix.

    What was written is read back and asked once before it takes the other's place.

    Args:
        folder: where it goes.
        model: the model.
        keep: beside the folder, where the model that was there goes; by default it is removed.

    Raises:
        ModelError: Raised when something that is not a model is there, the folder cannot be written, or what was
            written cannot be read back.
    """
    check_target(folder)
    try:
        with replacing(folder, keep) as fresh:
            complete_folder(fresh, model, folder)
    except OSError as error:
        raise ModelError(f"{folder}: the model cannot be written there ({error.strerror or error})") from error


def complete_folder(fresh: Path, model: "Model", target: Path) -> None:
    """Write `model` to `fresh`, except for arrays that were streamed there before; read it back, and ask it once.

    Raises:
        ModelError: Raised when what was written cannot be read back; it names `target`, whose place it would take.
    """
    try:
        _write_files(fresh, model)
        probe(type(model).load(fresh))
    except (ModelError, ValueError, ArithmeticError) as error:  # NumPy's own are among the latter
        message = str(error).replace(str(fresh), str(target))
        raise ModelError(f"the model is not written, because it could not be read back: {message}") from error


def _write_files(folder: Path, model: "Model") -> None:
    arrays = StreamedFolder(folder)
    indexes, _ = both(lambda: Indexes.build(folder, model), lambda: _write_arrays(arrays, model))
    indexes.save(folder)
    metrics = {} if model.metrics is None else model.metrics.model_dump(mode="json")
    _write_json(folder / "metrics.json", metrics)
    config = model.config.model_copy(update={"sha256": checksums(folder)})
    _write_json(folder / "config.json", config.model_dump(mode="json"))
    (folder / CARD).write_text(model_card(config, model.metrics), encoding="utf-8")


def _write_arrays(arrays: ArrayFolder, model: "Model") -> None:
    arrays.write("user_ids", model.users.ids)
    model.rating.save_arrays(arrays)
    if model.ranking is not None:
        model.ranking.save_arrays(arrays)
    if model.histories is not None:
        model.histories.by_user.save(arrays, "history_user", "movies")
        model.histories.by_movie.save(arrays, "history_movie", "users")
    arrays.write("movie_fitted", model.fitted)
    arrays.write("movie_counts", model.stats.counts)
    arrays.write("movie_means", model.stats.means)
    if model.map is not None:
        arrays.write("map", model.map)
    if model.content is not None:
        model.content.save(arrays)
    if model.popular is not None:
        arrays.write("popular", model.popular)
    write_catalogue(arrays, model.catalogue)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_model(folder: Path, kind: type[M], *, checked: bool = False) -> M:
    """Read and check the model in `folder`; its arrays are memory-mapped.

    Args:
        folder: where it is.
        kind: the class to make of it, which is `Model`.
        checked: whether `check_model` has just found nothing wrong with it, so that its values need no second check.

    Raises:
        ModelError: Raised when there is no model, or it is invalid; it names the file and what is wrong.
    """
    try:
        if not folder.is_dir():
            raise ModelError(f"{folder}: there is no such model folder")
        if not (folder / "config.json").exists():
            raise ModelError(f"{folder}: not a model folder, there is no config.json in it")
    except OSError as error:
        raise ModelError(f"{folder}: cannot be read ({error.strerror}); check its permissions") from None
    config = read_config(folder / "config.json")
    require_listed(folder, config.sha256)
    arrays = ListedArrays(folder, config.sha256, checked=checked)
    catalogue = read_catalogue(arrays)
    users = Vocabulary.load(arrays, "user_ids")
    counts = config.counts
    for name, found, expected in (("users", len(users), counts.users), ("movies", len(catalogue), counts.movies)):
        if found != expected:
            raise ModelError(f"{folder}: {found} {name}, but config.json says {expected}")
    shape = (len(users), len(catalogue))
    rating = MatrixFactorization(config.rating_model.hyperparameters, seed=config.seed).load_arrays(
        arrays, config.scale
    )
    _check_factors(arrays, "model", (rating.P, rating.Q), shape)
    ranking = None
    if config.ranking_model is not None:
        info = config.ranking_model
        ranking = WeightedALS(info.hyperparameters, blend=info.blend, seed=config.seed)
        ranking.load_arrays(arrays, config.scale)
        _check_factors(arrays, "ranking", (ranking.P, ranking.Q), shape)
    fitted = arrays.read("movie_fitted", "|b1", (shape[1],))
    return kind(
        config=config,
        metrics=_read_metrics(folder / "metrics.json"),
        users=users,
        catalogue=catalogue,
        rating=rating,
        ranking=ranking,
        histories=_read_histories(arrays, config, users, catalogue.movies) if config.histories else None,
        fitted=fitted,
        stats=_read_stats(arrays, shape[1]),
        map=_read_map(arrays, shape[1]),
        popular=arrays.read("popular", "<f4", (shape[1],), within=(0, 1)) if config.popular else None,
        indexes=Indexes.load(arrays, rating.Q, ranking.Q if ranking else None, config),
        content=ColdStart.load(arrays, ranking.Q.shape[1], int((~fitted).sum())) if ranking else None,
    )


def _check_factors(arrays: ArrayFolder, name: str, factors: tuple[Floats, Floats], shape: tuple[int, int]) -> None:
    for side, matrix, rows in zip("PQ", factors, shape, strict=True):
        if len(matrix) != rows or matrix.shape[1] == 0:
            path = arrays.path(f"{name}_{side}")
            raise ModelError(f"{path}: measures {len(matrix)} x {matrix.shape[1]}, expected {rows} rows of vectors")


def _read_histories(arrays: ArrayFolder, config: Config, users: Vocabulary, movies: Vocabulary) -> Ratings:
    shape, ratings = (len(users), len(movies)), config.counts.ratings
    by_user = CSR.load(arrays, "history_user", shape, config.rating_scale, "movies")
    by_movie = CSR.load(arrays, "history_movie", shape[::-1], config.rating_scale, "users")
    for by, rows in (("user", by_user), ("movie", by_movie)):
        if len(rows.stars) != ratings:
            path = arrays.path(f"history_{by}_stars")
            raise ModelError(f"{path}: holds {len(rows.stars)} ratings, but config.json says {ratings}")
    return Ratings(users, movies, by_user, by_movie, config.scale)


def _read_stats(arrays: ArrayFolder, movies: int) -> MovieStats:
    counts = arrays.read("movie_counts", "<i8", (movies,))
    if counts.min() < 0:
        raise ModelError(f"{arrays.path('movie_counts')}: holds a negative number of ratings")
    return MovieStats(counts, arrays.read("movie_means", "<f8", (movies,)))


def _read_map(arrays: ArrayFolder, movies: int) -> Floats | None:
    if "map" not in arrays:
        return None
    coordinates: Floats = arrays.read("map", "<f4", (movies, 2), within=(-_EDGE_OF_MAP, _EDGE_OF_MAP))
    return coordinates


def _read_metrics(path: Path) -> Metrics | None:
    content = read_json(path)
    return validate(Metrics, path, content) if content else None
