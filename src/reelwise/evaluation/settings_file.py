"""Hyper-parameters in a file, as `reelwise tune` writes and `reelwise train --config` reads them."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reelwise.errors import UsageError
from reelwise.models.config import MatrixFactorizationConfig


def read_stars_settings(path: Path) -> MatrixFactorizationConfig:
    """The settings under `stars` in a JSON file; those that are missing there have their defaults.

    Raises:
        UsageError: naming the file and what is wrong with it.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: not a readable JSON file ({error})") from None
    stars = content.get("stars") if isinstance(content, dict) else None
    if not isinstance(stars, dict):
        raise UsageError(f'{path}: expected {{"stars": {{"factors": 64, …}}}}, as `reelwise tune` writes it')
    known = MatrixFactorizationConfig.__dataclass_fields__
    unknown = next((name for name in stars if name not in known), None)
    if unknown is not None:
        raise UsageError(f"{path}: there is no setting {unknown!r}; there are {', '.join(known)}")
    try:
        return TypeAdapter(MatrixFactorizationConfig).validate_json(json.dumps(stars), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("stars", *first["loc"])))
        raise UsageError(f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}") from None
