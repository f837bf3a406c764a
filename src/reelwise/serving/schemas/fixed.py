"""What the four fixed paths take and answer."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, AliasGenerator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from reelwise.recommend.limits import MOST_FILMS, MOST_PICKS
from reelwise.serving.schemas.ids import Id, OwnId
from reelwise.serving.schemas.words import RankBy, Strategy


def _three_digits(value: float) -> float:
    return round(value, 3)


Rounded = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_three_digits)]
"""A figure that leaves the server with three digits."""

NParam = Annotated[int, Query(ge=1, le=MOST_FILMS, description="How many recommendations to give at most.")]

RankByParam = Annotated[
    RankBy,
    Query(
        description="`stars`: best predicted stars first. `taste`: first what people with this taste watch and like. "
        "By taste in any case where the model was trained without stars."
    ),
]

StrategyParam = Annotated[
    Strategy | None,
    # None means "not given"; nobody can send it, so the document does not offer it.
    WithJsonSchema({"$ref": "#/components/schemas/Strategy"}),
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

    movie_ids: Annotated[list[OwnId], Field(min_length=1, max_length=MOST_PICKS)]
    """1 to 20 movie ids; repeated ids count once, unknown ones are ignored."""


class AnswerBody(BaseModel):
    """Base of what goes out: read from the recommender's own objects by attribute."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class RecommendedMovie(AnswerBody):
    """A film that is worth seeing."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        json_schema_extra={"examples": [{"movieId": 1214, "title": "Alien (1979)", "score": 4.321, "tmdbId": 348}]},
    )

    movie_id: Id
    """The data set's own id of the film."""
    title: str
    """The title with the year."""
    score: Annotated[Rounded, Field(validation_alias="predicted_stars")]
    """The predicted stars, on the data set's rating scale; how well the film fits in taste, which is no number of
    stars, where the model was trained without stars (`predicts_stars` in `/api/v1/model`)."""
    tmdb_id: int | None
    """The film's number at themoviedb.org, where it is known."""


class MatchingUser(AnswerBody):
    """The user who rated most of the given films."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"matched_user_id": 42, "match_count": 4, "average_rating": 4.75}]}
    )

    matched_user_id: Annotated[Id | None, Field(validation_alias="user_id")]
    """The user, or null when nobody rated any of the films."""
    match_count: int
    """How many of the given films that user rated."""
    average_rating: Rounded | None
    """The mean of that user's stars on those films; null also where the model was trained without stars."""


class Links(BaseModel):
    """Where to go from here."""

    page: str
    docs: str
    redoc: str
    health: str


class ModelSummary(AnswerBody):
    """The model that answers."""

    revision: str
    """Which training run made it."""
    simulated: bool
    """Whether it was trained on simulated viewers."""


class ServerStatus(BaseModel):
    """The API runs and a model is loaded."""

    status: Literal["OK"] = "OK"
    message: Literal["Recommender API is running and models are loaded."] = (
        "Recommender API is running and models are loaded."
    )
    links: Links
    model: ModelSummary
