"""What may be asked for at once, as the border declares it. It refuses in the recommender's own words."""

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from reelwise.data.catalogue import LONGEST_GENRE
from reelwise.errors import UsageError
from reelwise.recommend import choices, limits
from reelwise.serving.problems import REFUSED
from reelwise.serving.schemas.ids import MovieId, MovieIdInQuery, StarsByMovie, whole_number
from reelwise.serving.schemas.words import NewFilms, RankBy, Strategy

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def refusal(message: object) -> PydanticCustomError:
    """A refusal in the recommender's own words, which say all that there is to say."""
    return PydanticCustomError(REFUSED, "{message}", {"message": str(message)})


def without(*fields: str) -> dict[str, JsonValue]:
    """The JSON Schema of an object in which all of these fields are absent, null or empty."""
    return {"properties": {field: {"enum": [None, [], {}]} for field in fields}}


def user_or(*others: str) -> dict[str, JsonValue]:
    """The JSON Schema of an object that has a `user_id`, or else at least one of the others."""
    return {"if": without("user_id"), "then": {"not": without(*others)}, "else": without(*others)}


def said_by(check: Callable[[Any], object]) -> WrapValidator:
    """What lets `check` say why a value is refused, if it would refuse it, too."""

    def validate(value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError:
            is_text_only = not (info.config or {}).get("strict")  # as in a query
            given = _number(value) if is_text_only and isinstance(value, str) else value
            try:
                check(given)
            except UsageError as error:
                raise refusal(error) from None
            raise

    return WrapValidator(validate)


def _number(text: str) -> str | float:
    """The number that a text reads as, if it is one."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    return float(text) if found[1] else int(text)


def _number_of(what: str, most: int, least: int = 0) -> WrapValidator:
    return said_by(partial(limits.check_count, what, most=most, least=least))


QueryParam = Annotated[
    Annotated[str, StringConstraints(max_length=limits.LONGEST_TITLE)],
    said_by(partial(limits.check_text, "text")),
    Query(description="A title, or how it begins.", examples=["matrix"]),
]
LimitParam = Annotated[
    Annotated[int, Field(ge=1, le=limits.MOST_FOUND)],
    said_by(lambda value: limits.check_whole("limit", value, 1, limits.MOST_FOUND)),
    Query(description="How many films to give at most."),
]
HistoryLimitParam = Annotated[
    Annotated[int, Field(ge=1, le=limits.MOST_RATED)],
    said_by(lambda value: limits.check_whole("limit", value, 1, limits.MOST_RATED)),
    Query(description="How many films to give at most."),
]
NumberParam = Annotated[
    Annotated[int, Field(ge=1, le=limits.MOST_FILMS)],
    said_by(limits.check_n),
    Query(description="How many films to give at most."),
]

Number = Annotated[
    Annotated[int, Field(ge=1, le=limits.MOST_FILMS)], BeforeValidator(whole_number), said_by(limits.check_n)
]
MinRatings = Annotated[
    Annotated[int, Field(ge=0, le=limits.MOST_RATINGS)],
    BeforeValidator(whole_number),
    said_by(lambda value: limits.check_whole("min_ratings", value, 0, limits.MOST_RATINGS)),
]
Year = Annotated[Annotated[int, Field(ge=limits.YEARS[0], le=limits.YEARS[1])], BeforeValidator(whole_number)]
YearMin = Annotated[Year, said_by(partial(limits.check_year, "year_min"))]
YearMax = Annotated[Year, said_by(partial(limits.check_year, "year_max"))]
FilmYear = Annotated[Year, said_by(partial(limits.check_year, "year"))]
Title = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=limits.LONGEST_TITLE)],
    said_by(partial(limits.check_text, "title", least=1)),
]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Balance = Annotated[_Share, said_by(partial(limits.check_share, "balance"))]
Diversity = Annotated[_Share, said_by(partial(limits.check_share, "diversity"))]
_Names = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_GENRE)]],
    Field(max_length=limits.MOST_GENRES),
]
Genres = Annotated[_Names, said_by(partial(limits.check_genres, "genres"))]
WithoutGenres = Annotated[_Names, said_by(partial(limits.check_genres, "without_genres"))]
Order = Annotated[RankBy, said_by(partial(limits.check_choice, "rank_by", known=choices.RankBy))]
WhereNew = Annotated[NewFilms, said_by(partial(limits.check_choice, "new_films", known=choices.NewFilms))]
Way = Annotated[Strategy, said_by(partial(limits.check_choice, "strategy", known=choices.Strategy))]

Liked = Annotated[
    Annotated[list[MovieId], Field(max_length=limits.MOST_PICKS)], _number_of("liked films", limits.MOST_PICKS)
]
Disliked = Annotated[
    Annotated[list[MovieId], Field(max_length=limits.MOST_PICKS)], _number_of("disliked films", limits.MOST_PICKS)
]
Excluded = Annotated[
    Annotated[list[MovieId], Field(max_length=limits.MOST_EXCLUDED)],
    _number_of("excluded films", limits.MOST_EXCLUDED),
]
ExcludedInQuery = Annotated[
    Annotated[list[MovieIdInQuery], Field(max_length=limits.MOST_EXCLUDED)],
    _number_of("excluded films", limits.MOST_EXCLUDED),
]
GivenStars = Annotated[StarsByMovie, _number_of("films with stars", limits.MOST_STARS)]
Candidates = Annotated[
    Annotated[list[MovieId], Field(min_length=1, max_length=limits.MOST_CANDIDATES)], said_by(limits.check_candidates)
]
CandidatesInQuery = Annotated[
    Annotated[list[MovieIdInQuery], Field(max_length=limits.MOST_CANDIDATES)], said_by(limits.check_candidates)
]
Matched = Annotated[
    Annotated[list[MovieId], Field(min_length=1, max_length=limits.MOST_PICKS)],
    _number_of("films", limits.MOST_PICKS, least=1),
]
AskedAbout = Annotated[
    Annotated[list[MovieId], Field(min_length=1, max_length=limits.MOST_PREDICTED)],
    _number_of("films", limits.MOST_PREDICTED, least=1),
]
