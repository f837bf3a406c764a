"""Hyper-parameters in a file, as `reelwise tune` writes and `reelwise train --config` reads them."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from reelwise.errors import ModelError, UsageError
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.storage.atomic import replacing_file
from reelwise.storage.json_files import read_json

if TYPE_CHECKING:
    from reelwise.evaluation.tuning import Tuned


def read_settings(path: Path) -> MatrixFactorizationConfig:
    """The hyper-parameters under `rating` in a JSON file; those that are missing there have their defaults.

    Raises:
        UsageError: Raised when they are invalid; it names the file and what is wrong with it.
    """
    try:
        content = read_json(path)
    except ModelError as error:
        raise UsageError(str(error)) from None
    settings = content.get("rating")
    if not isinstance(settings, dict):
        raise UsageError(f'{path}: expected {{"rating": {{"factors": 64, …}}}}, as `reelwise tune` writes it')
    strange = next((name for name in content if name not in ("rating", "tuned")), None)
    if strange is not None:
        raise UsageError(f"{path}: there is nothing called {strange!r}; only the rating model has settings here")
    known = [one.name for one in fields(MatrixFactorizationConfig)]
    unknown = next((name for name in settings if name not in known), None)
    if unknown is not None:
        raise UsageError(f"{path}: there is no setting {unknown!r}; choose one of {', '.join(known)}")
    try:
        return TypeAdapter(MatrixFactorizationConfig).validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("rating", *first["loc"])))
        raise UsageError(f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}") from None


def write_settings(tuned: "Tuned", path: Path) -> None:
    """Write what a search found; the file appears whole or not at all.

    Raises:
        UsageError: Raised when it cannot be written.
    """
    figures = {name: value for name, value in vars(tuned).items() if name != "best"}
    content = {"rating": asdict(tuned.best), "tuned": figures}
    with replacing_file(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
