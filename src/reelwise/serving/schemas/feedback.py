"""The shapes of what users tell, and of what is held about them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from reelwise.live.events import Event, Recorded
from reelwise.recommend.limits import LARGEST_NUMBER
from reelwise.recommend.users.feedback import Held
from reelwise.serving.schemas.fixed import AnswerBody
from reelwise.serving.schemas.ids import Id, MovieId, UserId, whole_number
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, RatedFilm
from reelwise.serving.schemas.words import EventType

MAX_EVENTS = 1000

Token = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
"""An id that a client gives: ASCII letters, digits and punctuation, without spaces."""

_LAST_SECOND = 20_000_000_000  # numbers beyond would be taken for milliseconds


def _second(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, int | float) and not 0 <= value <= _LAST_SECOND):
        raise PydanticCustomError("moment", f"A number is a moment in seconds from 0 to {_LAST_SECOND}")
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_second),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "number", "minimum": 0, "maximum": _LAST_SECOND},
            ]
        }
    ),
]

Stars = Annotated[float, Field(strict=True, allow_inf_nan=False)]

_EVENT: dict[str, JsonValue] = {
    "user_id": "alice",
    "movieId": 296,
    "type": "rating",
    "stars": 4.5,
    "at": "2026-11-29T18:00:00Z",
    "event_id": "6f1c2e",
}


class FeedbackEvent(BaseModel):
    """Something that a user did."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, json_schema_extra={"examples": [_EVENT]})

    user_id: UserId
    """Who. One who is not known yet is known from now on."""
    movieId: MovieId  # noqa: N815
    """Which film."""
    type: EventType
    """What. The same again overwrites; after `watched`, `dislike`, `hide`, `like` and `rating` a film is not shown."""
    stars: Stars | None = None
    """Of a rating, on the model's rating scale; nothing else has any."""
    at: Moment | None = None
    """When: with a time zone such as `Z` or `+02:00`, without which it is refused, or in seconds since 1970; by default
    now. What is older than what is there changes nothing."""
    event_id: Token | None = None
    """By which this user's event is known when it is sent again, so that it counts once."""
    recommendation_id: Token | None = None
    """The list that the film was on."""
    position: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=LARGEST_NUMBER)] | None, BeforeValidator(whole_number)
    ] = None
    """Its place there, from 0."""

    def ask(self) -> Event:
        """The event in the recommender's words."""
        at = None if self.at is None else round(self.at.timestamp() * 1e6)
        return Event(
            self.user_id, self.movieId, self.type, self.stars, at, self.event_id, self.recommendation_id, self.position
        )


class FeedbackBatch(BaseModel):
    """What users did."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, json_schema_extra={"examples": [{"events": [_EVENT]}]}
    )

    events: Annotated[list[FeedbackEvent], Field(min_length=1, max_length=MAX_EVENTS)]
    """1 to 1,000 events, in the order in which they happened."""


class RejectedEvent(AnswerBody):
    """An event that was not taken."""

    index: int
    """Its place in the request, from 0."""
    detail: str
    """Why not."""


class FeedbackVerdict(AnswerBody):
    """What became of the events; those accepted are on disk."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accepted": 1,
                    "duplicates": 0,
                    "rejected": [{"index": 1, "detail": "movie 999999 is not in the data set"}],
                }
            ]
        }
    )

    accepted: int
    """How many are on disk now."""
    duplicates: int
    """How many have an `event_id` that was there before."""
    rejected: list[RejectedEvent]
    """The others."""

    @classmethod
    def of(cls, recorded: Recorded) -> Self:
        """What the recommender tells."""
        return cls(
            accepted=recorded.accepted,
            duplicates=recorded.duplicates,
            rejected=[RejectedEvent(index=one.index, detail=one.detail) for one in recorded.rejected],
        )


class RatingBody(BaseModel):
    """The stars that a user gives."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, json_schema_extra={"examples": [{"stars": 4.5}]}
    )

    stars: Stars
    """On the model's rating scale."""


class HeldEvent(AnswerBody):
    """Something that a user did, as it is kept."""

    movie_id: Annotated[Id, Field(serialization_alias="movieId")]
    """Which film."""
    type: EventType
    """What."""
    stars: float | None
    """Of a rating; null where it was taken back."""
    at: Annotated[datetime, Field(validation_alias="moment")]
    """When."""
    event_id: str | None
    """What it was told with."""
    recommendation_id: str | None
    """The list that the film was on."""
    position: int | None
    """Its place there."""


class HeldShown(AnswerBody):
    """A film that was shown to a user on a list."""

    movie_id: Annotated[Id, Field(serialization_alias="movieId")]
    """Which film."""
    recommendation_id: str
    """Which list."""
    at: Annotated[datetime, Field(validation_alias="moment")]
    """When it was shown first."""
    clicked: bool
    """Whether it was clicked within a week."""
    watched: bool
    """Whether it was watched, likewise."""
    liked: bool
    """Whether it was liked, likewise, or given the stars of a like."""


class HeldAboutUser(AnswerBody):
    """Everything that is held about a user."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": 8,
                    "trained": [FILM_EXAMPLE | {"stars": 4.5}],
                    "events": [],
                    "shown": [],
                    "event_ids": [],
                }
            ]
        }
    )

    user_id: Id
    """Who."""
    trained: list[RatedFilm]
    """What the model that is served was trained on."""
    events: list[HeldEvent]
    """What the live store has heard, by time: the last event of each type for each film."""
    shown: list[HeldShown]
    """What was shown on which list, and what became of it, by time."""
    event_ids: list[str]
    """The ids of all events, those that were overwritten included, as long as they are kept."""

    @classmethod
    def of(cls, held: Held) -> Self:
        """What the recommender tells."""
        return cls.model_validate(held._asdict() | {"trained": [RatedFilm.of(*rated) for rated in held.trained]})
