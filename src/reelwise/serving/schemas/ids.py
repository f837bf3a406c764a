"""Ids at the border. They are numbers or texts, whichever the model that answers has, and go out as they came.

Numbers are checked here once and for all models. A text is an id where those of the model are texts; elsewhere it is
refused as what it is, no integer.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BeforeValidator, Field, GetPydanticSchema, StringConstraints, WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypeAliasType

from reelwise.data.vocabulary import LONGEST_ID
from reelwise.data.vocabulary import Id as Id
from reelwise.errors import UsageError
from reelwise.recommend.limits import LARGEST_NUMBER, MOST_STARS, check_id_text
from reelwise.recommend.naming.references import IdText
from reelwise.serving.problems import REFUSED
from reelwise.serving.telemetry.observation import find_current

_DIGITS, _AS_KEY = re.compile("[0-9]{1,19}"), re.compile("[1-9][0-9]{0,9}")
_IN_QUERY = re.compile(r"[0-9]{1,19}(\.0+)?")  # JSON Schema calls 8.0 an integer
_PLAIN_KEY, _GREAT = re.compile("[1-9][0-9]{0,8}"), 1e6
_ELSEWHERE = re.compile("imdb:(tt)?[0-9]{1,10}|tmdb:[0-9]{1,10}")
_SITES = ("imdb:", "tmdb:")

Check = Callable[[Any], Any]
"""What checks a number as pydantic does."""


def whole_number(value: Any) -> Any:
    """Read 4.0 as 4, because JSON Schema calls it an integer; the strict int behind refuses all other non-integers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(text: str, numeral: re.Pattern[str]) -> str | int:
    """The number that a text is in digits alone; Python reads `1_0`, `+10` and blanks, too, which name nobody."""
    return int(text.partition(".")[0]) if numeral.fullmatch(text) else text


def _are_texts(kind: Literal["movies", "users"]) -> bool:
    """Whether ids are texts in the model that this request is answered from."""
    observation = find_current()
    service = observation.model.service if observation else None
    return service is not None and not getattr(service.model, kind).has_numbers


def _text(value: str) -> IdText:
    try:
        check_id_text(value)
    except UsageError as error:
        raise PydanticCustomError(REFUSED, "{message}", {"message": str(error)}) from None
    return IdText(value)


def _own(value: Any, check: Check) -> Any:
    """The data set's own id of a movie in JSON."""
    if type(value) is int and 1 <= value <= LARGEST_NUMBER:
        return value
    if isinstance(value, str) and _are_texts("movies"):
        return _text(value)
    return check(whole_number(value))


def _named(value: Any, check: Check) -> Any:
    """The data set's own id of a movie in JSON, or its number elsewhere."""
    return _elsewhere(value) if isinstance(value, str) and value.startswith(_SITES) else _own(value, check)


def _spelt(value: Any, check: Check, numeral: re.Pattern[str] = _IN_QUERY) -> Any:
    """The same, where there is only text: in a path, in a query, as a key of a JSON object."""
    if isinstance(value, str):
        if value.startswith(_SITES):
            return _elsewhere(value)
        return _text(value) if _are_texts("movies") else check(_written(value, numeral))
    return check(value)


def _user(value: str, check: Check) -> Any:
    return _text(value) if _are_texts("users") else check(_written(value, _DIGITS))


def _elsewhere(value: str) -> IdText:
    if _ELSEWHERE.fullmatch(value) is None:
        raise PydanticCustomError("number_elsewhere", "Expected a number such as imdb:tt0114709 or tmdb:862")
    return IdText(value)


def _read_by(read: Callable[[Any, Check], Any]) -> GetPydanticSchema:
    numbers = core_schema.int_schema(strict=True, ge=1, le=LARGEST_NUMBER)
    return GetPydanticSchema(lambda _type, _handler: core_schema.no_info_wrap_validator_function(read, numbers))


_NUMBER = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
_NUMBER_OR_ELSEWHERE = WithJsonSchema({"anyOf": [_NUMBER, {"type": "string", "pattern": f"^({_ELSEWHERE.pattern})$"}]})

OwnId = Annotated[Id, _read_by(_own), WithJsonSchema(_NUMBER)]
"""The data set's own id of a movie, in a JSON body: no booleans, and texts only where the model has texts."""

MovieId = Annotated[Id, _read_by(_named), _NUMBER_OR_ELSEWHERE]
"""The same, or a number at IMDb or TMDB."""

MovieIdKey = Annotated[Id, _read_by(partial(_spelt, numeral=_AS_KEY))]
"""A movie as a key of a JSON object, where only strings can be."""

MovieIdInQuery = Annotated[Id, _read_by(_spelt), _NUMBER_OR_ELSEWHERE]
"""A movie in a query, where only strings can be."""

MovieIdParam = Annotated[
    MovieIdInQuery,
    Path(description="The data set's own id of the film, or imdb:tt0114709 or tmdb:862.", examples=[1]),
]

UserIdParam = Annotated[
    Id,
    _read_by(_user),
    WithJsonSchema(_NUMBER),
    Path(description="The data set's own id of the user.", examples=[8]),
]
"""A user on the fixed paths."""

_UserText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]

AnyUserIdParam = Annotated[
    _UserText,
    Path(
        description="The id of the user; a whole number is one where users are numbered.",
        min_length=1,
        max_length=LONGEST_ID,
        examples=["8"],
    ),
]
"""A user under `/api/v1`."""

UserId = Annotated[
    Annotated[int, Field(strict=True, ge=0, le=LARGEST_NUMBER)] | _UserText, BeforeValidator(whole_number)
]
"""A user in a JSON body under `/api/v1`."""


def _read_plain(value: Any, check: Check) -> Any:
    """What plainly is a history is read at once; whatever else it is, `check` reads or refuses it."""
    is_plain = (
        type(value) is dict
        and len(value) <= MOST_STARS
        and not _are_texts("movies")
        and {str}.issuperset(map(type, value))
        and all(map(_PLAIN_KEY.fullmatch, value))
        and {float, int}.issuperset(map(type, value.values()))
        and all(-_GREAT < stars < _GREAT for stars in value.values())
    )
    return {int(key): float(stars) for key, stars in value.items()} if is_plain else check(value)


_STARS = dict[MovieIdKey, Annotated[float, Field(allow_inf_nan=False)]]
_STARS_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "number"},
    "propertyNames": {"pattern": f"^({_AS_KEY.pattern}|{_ELSEWHERE.pattern})$"},
    "maxProperties": MOST_STARS,
    "description": "Stars by movie id, or by imdb:tt0114709 or tmdb:862.",
}

StarsByMovie = TypeAliasType(
    "StarsByMovie",
    Annotated[
        _STARS,
        Field(max_length=MOST_STARS),
        WrapValidator(_read_plain),  # thousands of keys, each with a check of its own, take milliseconds
        WithJsonSchema(_STARS_SCHEMA),
    ],
)
"""The stars that somebody gives to films, a whole history if there is one."""
