"""The shape of a history that a film site exported."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from reelwise.serving.schemas.ids import Id
from reelwise.serving.schemas.words import RowForm, RowKind

_FILE = {"type": "string", "format": "binary"}
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": {"$ref": "#/components/schemas/ExportForm"}},
        "application/octet-stream": {"schema": _FILE},
    },
}
"""OpenAPI's words for the file, which FastAPI does not read."""

FILE_SCHEMAS: dict[str, Any] = {
    "ExportForm": {
        "type": "object",
        "properties": {"file": _FILE},
        "required": ["file"],
        "description": "The file that a film site exported, in a form.",
    }
}
"""The OpenAPI components that `REQUEST_BODY` refers to."""

_PULP_FICTION: dict[str, JsonValue] = {"movieId": 296, "title": "Pulp Fiction (1994)"}
_EXAMPLE: dict[str, JsonValue] = {
    "source": "letterboxd",
    "matched": [
        _PULP_FICTION
        | {"stars": 4.5, "kinds": ["rating"], "when": "2024-06-01T00:00:00+00:00", "line": 2, "file": "ratings.csv"}
    ],
    "ambiguous": [],
    "unknown": [
        {
            "title": "A New Film",
            "year": 2026,
            "form": "film",
            "line": 3,
            "file": "ratings.csv",
            "candidates": [],
            "stars": 4.0,
            "kinds": ["rating"],
            "when": None,
        }
    ],
    "not_films": [],
    "seen": [296],
    "liked": [],
    "disliked": [],
    "watchlist": [],
    "listed": [],
    "unreadable": [],
    "notes": [],
    "catalogue_ends": 2018,
}


class _HistoryPart(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Candidate(_HistoryPart):
    """A film that may be meant."""

    movieId: Id  # noqa: N815
    """The data set's own id."""
    title: str
    """As the data set spells it."""


class _Said(_HistoryPart):
    stars: float | None
    """The latest, on the model's rating scale; null where the file has none."""
    kinds: list[RowKind]
    """What the file says of it."""
    when: str | None
    """The latest moment when it was rated or watched, or else listed."""


class MatchedFilm(Candidate, _Said):
    """A film of the data set that the file tells of."""

    line: int
    """Where that stands: the line, or in JSON which item of the list."""
    file: str
    """In which file of an archive; else empty."""


class Unmatched(_Said):
    """What is not in the data set, is there several times, or is no film."""

    title: str
    """As the file spells it."""
    year: int | None
    """Of the film, where the file has it."""
    form: RowForm
    """What it is."""
    line: int
    """Where it stands first."""
    file: str
    """In which file of an archive; else empty."""
    candidates: list[Candidate]
    """The films that may be meant."""


class Unreadable(_HistoryPart):
    """A row that cannot be read."""

    file: str
    """In which file of an archive; else empty."""
    line: int
    """Where it stands."""
    detail: str
    """What is wrong with it."""


class History(_HistoryPart):
    """What a file says, beside the data set; each film and each title is there once."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    source: str
    """The site that the file is from."""
    matched: list[MatchedFilm]
    """The films that are in the data set."""
    ambiguous: list[Unmatched]
    """Titles that may mean several films."""
    unknown: list[Unmatched]
    """Films that are not in the data set."""
    not_films: list[Unmatched]
    """Series, episodes, trailers and the like."""
    seen: list[Id]
    """Films that were rated, watched, liked or disliked."""
    liked: list[Id]
    """Films that are marked as liked, or as favourites."""
    disliked: list[Id]
    """Films that are marked as disliked."""
    watchlist: list[Id]
    """Films on the watchlist."""
    listed: list[Id]
    """Films on other lists."""
    unreadable: list[Unreadable]
    """Rows that cannot be read."""
    notes: list[str]
    """How the file was understood, where that is not plain."""
    catalogue_ends: Annotated[int | None, Field(examples=[2018])]
    """The year of the data set's newest film."""
