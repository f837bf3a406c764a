"""JSON files of bounded size, typed and checked."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from reelwise.errors import ModelError
from reelwise.storage.arrays import require_regular

LARGEST_JSON = 1 << 20  # bytes

M = TypeVar("M", bound=BaseModel)


def read_json(path: Path, largest: int = LARGEST_JSON) -> dict[str, Any]:
    """The object in a JSON file of bounded size and depth.

    Raises:
        ModelError: Raised when it is not a JSON object.
    """
    require_regular(path, largest)
    try:
        content = from_json(path.read_bytes(), allow_inf_nan=False)
    except (ValueError, OSError) as error:
        raise ModelError(f"{path}: not a readable JSON file ({error})") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path}: not a JSON object")
    return content


def validate(kind: type[M], path: Path, content: dict[str, Any]) -> M:
    """The content of a JSON file as an object of that kind.

    Raises:
        ModelError: Raised when it is invalid; it names the place in the file.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
