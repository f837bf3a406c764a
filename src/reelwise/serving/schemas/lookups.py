"""The shapes of predictions, and of films that are looked up in bulk."""

import re
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from reelwise.recommend.limits import MOST_RESOLVED, WHO, check_count
from reelwise.recommend.naming.lookup import Described
from reelwise.recommend.request import Request
from reelwise.serving.schemas.fixed import AnswerBody, Rounded
from reelwise.serving.schemas.ids import Id, UserId, whole_number
from reelwise.serving.schemas.params import (
    AskedAbout,
    FilmYear,
    GivenStars,
    Liked,
    Title,
    refusal,
    said_by,
    user_or,
    without,
)
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, NAMED_EXAMPLE, Film, FilmName, NamedFilm
from reelwise.serving.schemas.words import FoundBy


class PredictionRequest(BaseModel):
    """Somebody, and films whose stars are predicted."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        json_schema_extra=user_or("stars", "movie_ids")
        | {
            "examples": [
                {"user_id": 8, "movies": [318, 296]},
                {"stars": {"1": 4.5, "imdb:tt0110912": 5}, "movies": [318]},
                {"movie_ids": [296, 593], "movies": ["tmdb:278"]},
            ],
        },
    )

    user_id: UserId | None = None
    """A known user."""
    stars: GivenStars = {}
    """Stars that somebody else gives to films, by movie id, on the model's rating scale."""
    movie_ids: Liked = []
    """Films that somebody else likes."""
    movies: AskedAbout
    """The films whose stars are predicted; repeated ones count once."""

    def ask(self) -> Request:
        """Who asks, in the recommender's words."""
        return Request(user=self.user_id, stars=self.stars, movies=self.movie_ids)

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if (self.user_id is None) == (not (self.stars or self.movie_ids)):
            raise refusal(WHO)
        return self


_PREDICTION: dict[str, JsonValue] = {
    "movieId": 318,
    "title": "Shawshank Redemption, The (1994)",
    "predicted_stars": 4.43,
    "stars_margin": 0.8,
}
_PREDICTED: dict[str, JsonValue] = {"predictions": [_PREDICTION], "named": [NAMED_EXAMPLE], "unknown_ids": []}
_WANTED: list[JsonValue] = [{"imdbId": "tt0114709"}, {"tmdbId": 862}, {"title": "Toy Story", "year": 1995}]
_FOUND: list[JsonValue] = [
    {"film": FILM_EXAMPLE, "by": "imdb", "nearest": []},
    {"film": None, "by": None, "nearest": [FILM_EXAMPLE]},
]


class Prediction(FilmName):
    """The stars that somebody would give a film."""

    predicted_stars: Rounded
    """On the data set's rating scale."""
    stars_margin: Rounded | None
    """How sure that is: about two of three viewers' true stars lie within so much of `predicted_stars`.
    Null where the model cannot tell."""


class Predicted(AnswerBody):
    """Predicted stars, in the order of the request."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PREDICTED]})

    predictions: Annotated[list[Prediction], Field(validation_alias="films")]
    """The films; without those that are unknown, and those that nobody rated."""
    named: list[NamedFilm]
    """What became of the films that say who asks, and of those among `movies` that are named by numbers elsewhere or
    have no prediction."""
    unknown_ids: list[Id]
    """The ids of the request that are not in the data set, ascending."""


_IMDB_TEXT = re.compile("(tt)?0*([1-9][0-9]{0,9})")
_LARGEST = 10**10


def _imdb_number(value: object) -> object:
    """The number that `"tt0114709"` has; anything else is left for the int behind to refuse."""
    found = _IMDB_TEXT.fullmatch(value) if isinstance(value, str) else None
    return int(found[2]) if found else whole_number(value)


_Number = Annotated[int, Field(strict=True, ge=1, le=_LARGEST)]
_IMDB_SCHEMA: dict[str, JsonValue] = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": _LARGEST},
        {"type": "string", "pattern": f"^{_IMDB_TEXT.pattern}$"},
    ]
}

ImdbId = Annotated[_Number, BeforeValidator(_imdb_number), WithJsonSchema(_IMDB_SCHEMA)]
TmdbId = Annotated[_Number, BeforeValidator(whole_number)]


class FilmDescription(BaseModel):
    """What somebody has of a film; the first that finds one counts."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        json_schema_extra={
            "not": without("imdbId", "tmdbId", "title"),
            "examples": _WANTED,
        },
    )

    imdbId: ImdbId | None = None  # noqa: N815
    """Its number at IMDb, with or without "tt"."""
    tmdbId: TmdbId | None = None  # noqa: N815
    """Its number at TMDB."""
    title: Title | None = None
    """Its title, with or without the year."""
    year: FilmYear | None = None
    """Its year, to go with the title; may be off by one."""

    @model_validator(mode="after")
    def _names_a_film(self) -> Self:
        if self.imdbId is None and self.tmdbId is None and self.title is None:
            raise PydanticCustomError("no_film", "Say `imdbId`, `tmdbId` or `title`.")
        return self


class LookUp(BaseModel):
    """Films that are looked up."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, json_schema_extra={"examples": [{"movies": _WANTED}]}
    )

    movies: Annotated[
        list[FilmDescription],
        Field(min_length=1, max_length=MOST_RESOLVED),
        said_by(lambda films: check_count("films", films, MOST_RESOLVED, least=1)),
    ]
    """Up to 200 films."""

    def ask(self) -> list[Described]:
        """The films in the recommender's words."""
        return [Described(None, film.imdbId, film.tmdbId, film.title, film.year) for film in self.movies]


class ResolvedFilm(AnswerBody):
    """A film that was looked up."""

    model_config = ConfigDict(json_schema_extra={"examples": _FOUND})

    film: Film | None
    """That film; null where nothing clearly is it."""
    by: FoundBy | None
    """What it was found by; null where it was not."""
    nearest: list[Film]
    """Where it was not, up to 3 films whose titles resemble its own, the likeliest first."""


class LookedUp(BaseModel):
    """What was found."""

    model_config = ConfigDict(use_attribute_docstrings=True, json_schema_extra={"examples": [{"movies": _FOUND}]})

    movies: list[ResolvedFilm]
    """The films in the order of the request."""
