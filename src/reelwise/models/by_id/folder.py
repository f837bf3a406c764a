"""The folder of one estimator: `estimator.json` and plain arrays.

Not the model folder that is served (`reelwise.artifacts.folder`), which holds two models with their films.
"""

import json
from dataclasses import asdict, is_dataclass
from inspect import isabstract
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from reelwise._version import __version__
from reelwise.data.interactions import RatingScale
from reelwise.errors import ModelError, UsageError
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.queries import Queries
from reelwise.storage.arrays import ArrayFolder
from reelwise.storage.atomic import replacing
from reelwise.storage.json_files import read_json, validate

if TYPE_CHECKING:
    from reelwise.models.base import Estimator

FILE = "estimator.json"

E = TypeVar("E", bound="Estimator")

ShortText = Annotated[str, StringConstraints(max_length=500)]


class _Description(BaseModel):
    """The content of `estimator.json`."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    format_version: Literal[1] = 1
    reelwise_version: ShortText
    model: ShortText
    trained_on: ShortText
    rating_scale: tuple[float, float]
    implicit: bool = False
    hyperparameters: Annotated[dict[ShortText, Any], Field(max_length=100)]
    options: Annotated[dict[ShortText, Any], Field(max_length=100)]


def write_estimator(folder: Path, model: "Estimator") -> None:
    """Write a model with its ids to `folder`, in place of an estimator that is there.

    Raises:
        ModelError: Raised when the folder cannot be written, or holds something other than an estimator.
        UsageError: Raised when the model knows no ids, or cannot be saved.
    """
    known = model.require_ids()
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file()):
        raise ModelError(f"{folder}: this folder holds something other than an estimator; name another one")
    options = {name: getattr(model, name) for name in model.options}
    description = _Description(
        reelwise_version=__version__,
        model=model.name,
        trained_on=known.name,
        rating_scale=(known.scale.low, known.scale.high),
        implicit=known.implicit,
        hyperparameters=asdict(model.config),
        options={name: asdict(value) if is_dataclass(value) else value for name, value in options.items()},  # type: ignore[arg-type]
    )
    try:
        with replacing(folder) as fresh:
            arrays = ArrayFolder(fresh)
            known.save(arrays)
            model.save_arrays(arrays)
            content = json.dumps(description.model_dump(mode="json"), indent=2, ensure_ascii=False)
            (fresh / FILE).write_text(content + "\n", encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{folder}: the model cannot be written there ({error.strerror or error})") from error


def read_estimator(folder: Path, wanted: type[E]) -> E:
    """The model in `folder`, mapped.

    Args:
        folder: where it is.
        wanted: its class, or a base of it; of a base, the class is the one that is registered by the model's name.

    Raises:
        ModelError: Raised when there is no model of that class, or it is broken.
    """
    path = folder / FILE
    if not path.exists():
        served = "; Recommender.load reads the folders that training writes" * (folder / "config.json").exists()
        raise ModelError(f"{folder}: there is no estimator, which has an {FILE}{served}")
    description, arrays = validate(_Description, path, read_json(path)), ArrayFolder(folder)
    kind, scale = _class_of(path, description.model, wanted), RatingScale(*description.rating_scale)
    try:
        model = kind(TypeAdapter(kind.config_type).validate_python(description.hyperparameters))
        for name, of_type in kind.options.items():
            setattr(model, name, TypeAdapter(of_type).validate_python(description.options.get(name)))
        known = TrainedOn.load(arrays, description.trained_on, scale, implicit=description.implicit)
        model.load_arrays(arrays, scale)
        model.trained_on = known
        scores = model.score(Queries.of_users(np.array([0, len(known.users) - 1])))
    except (ModelError, UsageError):
        raise
    except Exception as error:
        raise ModelError(f"{folder}: this model fails to answer ({type(error).__name__}: {error})") from error
    if scores.shape != (2, len(known.movies)) or not np.isfinite(scores).all():
        raise ModelError(f"{folder}: the arrays of this model do not fit together")
    return model


def _class_of(path: Path, name: str, wanted: type[E]) -> type[E]:
    from reelwise.models.registry import MODELS, model_class

    found: type[Any] = wanted
    if isabstract(wanted) and name in MODELS:
        found = model_class(name)
    if found.name != name or not issubclass(found, wanted):
        raise ModelError(f"{path}: {wanted.__name__} does not read models called {name}; load it by its own class")
    return found
