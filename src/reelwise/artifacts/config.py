"""`config.json` of a model folder: what the model is and how it came to be."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt, ValidationError

from reelwise.errors import ModelError
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.rating.uncertainty import Coefficients

FORMAT_VERSION: Literal[1] = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Source(_Part):
    """Where ratings came from. `sha256` is that of the ratings file."""

    name: str
    sha256: str
    simulated: bool = False


class Counts(_Part):
    """How many there are of each: rows of P, rows of Q, ratings in the histories, films in the catalogue, profiles."""

    users: PositiveInt
    movies: PositiveInt
    ratings: NonNegativeInt
    catalogue: PositiveInt
    profiles: NonNegativeInt = 0


class RankingConfig(_Part):
    """How the taste model was fitted, and how selections are blended with it."""

    model: WeightedALSConfig
    blend: BlendConfig
    iterations_run: int | None = None


class Config(_Part):
    """The content of `config.json`.

    `histories` is None where they were left out. `stars_spread` says how the spread of errors follows from residuals;
    it is None where it was not measured how sure predictions are. `updated_from` is the revision of the model that this
    one was updated from, if it was. `sha256` has the digest of each file beside it that is checked.
    """

    format_version: Literal[1] = FORMAT_VERSION
    reelwise_version: str
    dataset: Source
    histories: Source | None
    counts: Counts
    rating_scale: tuple[float, float]
    stars_model: dict[str, Any]
    stars_spread: Coefficients | None = None
    taste_model: RankingConfig | None = None
    seed: int
    trained_at: str
    updated_from: str | None = None
    sha256: dict[str, str] = {}


def read_config(path: Path) -> Config:
    """Read and check `config.json`.

    Raises:
        ModelError: naming the file and what is wrong with it.
    """
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        raise ModelError(f"{path}: not a readable JSON file ({error})") from None
    version = content.get("format_version") if isinstance(content, dict) else None
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{path}: format_version is {version!r}, but this Reelwise reads {FORMAT_VERSION}; "
            "train the model again, or use the Reelwise that wrote it"
        )
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
