"""The shapes at the border: what comes in is checked here, what goes out is named and rounded here."""

import re
from typing import Annotated, Any, Literal, get_args

from fastapi import Path, Query
from pydantic import AfterValidator, AliasGenerator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from reelwise.recommend.choices import RankBy, Strategy

MAX_ID = 2**31 - 1
MAX_PICKS = 20
MAX_N = 100

_ID_AS_KEY = re.compile("[1-9][0-9]{0,9}")


def whole_number(value: Any) -> Any:
    """Read 4.0 as 4, because JSON Schema calls it an integer; the strict int behind refuses all other non-integers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _id_of_key(key: Any) -> Any:
    """The number that a key of a JSON object spells; anything else is left for the strict int behind to refuse."""
    return int(key) if isinstance(key, str) and _ID_AS_KEY.fullmatch(key) else key


def _three_digits(value: float) -> float:
    return round(value, 3)


Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID), BeforeValidator(whole_number)]
"""A data set's own number for a movie, in a JSON body: no booleans, no strings."""

IdKey = Annotated[
    Id, BeforeValidator(_id_of_key), WithJsonSchema({"type": "string", "pattern": f"^{_ID_AS_KEY.pattern}$"})
]
"""An id as a key of a JSON object, where only strings can be."""

Rounded = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_three_digits)]
"""A figure that leaves the server with three digits."""

UserIdParam = Annotated[int, Path(ge=1, le=MAX_ID, description="The data set's own number for the user.", examples=[8])]

NParam = Annotated[int, Query(ge=1, le=MAX_N, description="How many recommendations to give at most.")]

RankByParam = Annotated[
    RankBy,
    Query(
        description="`stars`: best predicted stars first. `taste`: first what people with this taste watch and like."
    ),
]

StrategyParam = Annotated[
    Strategy | None,
    # None means "not given"; nobody can send it, so the document does not offer it.
    WithJsonSchema({"type": "string", "enum": list(get_args(Strategy))}),
    Query(
        description=(
            "`profile`: what the best matching user would be recommended. "
            "`blend`: all users, weighed by how well they fit the picks. "
            "Without it, the server's `REELWISE_SELECTION_STRATEGY` holds, which is `profile` unless set."
        )
    ),
]


class Selection(BaseModel):
    """The films that somebody likes."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"movie_ids": [1, 296, 593, 1196, 2571]}]},
    )

    movie_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_PICKS)]
    """1 to 20 movie ids; repeated ids count once, unknown ones are ignored."""


class Answer(BaseModel):
    """Base of what goes out: read from the recommender's own objects by attribute."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class RecommendedMovie(Answer):
    """A film that is worth seeing."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        json_schema_extra={"examples": [{"movieId": 1214, "title": "Alien (1979)", "score": 4.321, "tmdbId": 348}]},
    )

    movie_id: int
    """The data set's own number for the film."""
    title: str
    """The title with the year."""
    score: Annotated[Rounded, Field(validation_alias="predicted_stars")]
    """The predicted stars, on the data set's rating scale."""
    tmdb_id: int | None
    """The film's number at themoviedb.org, where it is known."""


class MatchingUser(Answer):
    """The user who rated most of the given films."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"matched_user_id": 42, "match_count": 4, "average_rating": 4.75}]}
    )

    matched_user_id: Annotated[int | None, Field(validation_alias="user_id")]
    """The user, or null when nobody rated any of the films."""
    match_count: int
    """How many of the given films that user rated."""
    average_rating: Rounded | None
    """The mean of that user's stars on those films."""


class Links(BaseModel):
    """Where to go from here."""

    page: str
    docs: str
    redoc: str
    health: str


class ModelSummary(Answer):
    """The model that answers."""

    revision: str
    """Which training run made it."""
    simulated: bool
    """Whether it was trained on simulated viewers."""


class Status(BaseModel):
    """The API runs and a model is loaded."""

    status: Literal["OK"] = "OK"
    message: Literal["Recommender API is running and models are loaded."] = (
        "Recommender API is running and models are loaded."
    )
    links: Links
    model: ModelSummary
