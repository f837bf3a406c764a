"""Who in the data set fits a selection, under `/api/v1`."""

from pydantic import BaseModel, ConfigDict

from reelwise.serving.schemas.fixed import MatchingUser
from reelwise.serving.schemas.ids import Id
from reelwise.serving.schemas.params import Matched
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, NAMED_EXAMPLE, SILENCE_EXAMPLE, NamedFilm, RatedFilm


class Picks(BaseModel):
    """The films that somebody likes."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"movie_ids": [1, 296, 593, 1196, 2571]}]},
    )

    movie_ids: Matched
    """1 to 20 films; repeated ids count once, unknown ones are ignored."""


class MatchInDetail(MatchingUser):
    """The user who rated most of the given films, and what that user thinks of films."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "matched_user_id": 42,
                    "match_count": 1,
                    "average_rating": 4.5,
                    "shared": [FILM_EXAMPLE | {"stars": 4.5}],
                    "also_loved": [SILENCE_EXAMPLE | {"stars": 5.0}],
                    "named": [NAMED_EXAMPLE],
                    "unknown_ids": [],
                }
            ]
        }
    )

    shared: list[RatedFilm]
    """The given films that this user rated, most stars first."""
    also_loved: list[RatedFilm]
    """Up to 10 other films that this user gave four stars of five or more, most stars first."""
    named: list[NamedFilm]
    """What became of each of the given films that is in the data set."""
    unknown_ids: list[Id]
    """The given ids that are not in the data set, ascending."""
