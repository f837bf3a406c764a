"""TMDB's details of a film, reduced to what is shown: words, running time, people, and where it can be watched."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_MOST_DIRECTORS, _MOST_CAST, _MOST_OFFERS, _MOST_COUNTRIES = 4, 6, 12, 300
_LONGEST_NAME, _LONGEST_OVERVIEW = 100, 4000
_SITE = "https://www.themoviedb.org/"


_Service = TypeVar("_Service")


class _ByKind(BaseModel, Generic[_Service]):
    """The services where a film can be watched in a country, by what they do."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    flatrate: list[_Service] = []
    """Services that show it to subscribers."""
    free: list[_Service] = []
    """Services that show it for nothing."""
    ads: list[_Service] = []
    """Services that show it for nothing, between advertisements."""
    rent: list[_Service] = []
    """Services that lend it."""
    buy: list[_Service] = []
    """Services that sell it."""


class Offers(_ByKind[str]):
    """Where a film can be watched in a country: names of services, those that matter most first."""

    link: str | None = None
    """The page at TMDB that leads to the services."""


class Details(BaseModel):
    """The details of a film.

    Attributes:
        overview: what happens in it, "" where nobody wrote that.
        runtime: minutes, if known.
        directors: who directed it.
        actors: who plays the largest parts.
        watch: where it can be watched, by the two letters of the country.
    """

    overview: str = ""
    runtime: int | None = None
    directors: list[str] = []
    actors: list[str] = []
    watch: dict[str, Offers] = {}


class _Person(BaseModel):
    name: str
    job: str = ""


class _Credits(BaseModel):
    cast: list[_Person] = []
    crew: list[_Person] = []


class _Provider(BaseModel):
    provider_name: str
    display_priority: int = 0


class _Country(_ByKind[_Provider]):
    link: str = ""


class _Countries(BaseModel):
    results: dict[str, _Country] = {}


class _FilmDetails(BaseModel):
    """An answer of `/movie/{id}` with credits and providers appended; what is not named here does not count."""

    overview: str | None = None
    runtime: int | None = None
    credits: _Credits = _Credits()
    watch: _Countries = Field(_Countries(), alias="watch/providers")


_READ: TypeAdapter[_FilmDetails] = TypeAdapter(_FilmDetails)


def reduce(content: bytes) -> Details:
    """What is shown, of what TMDB answered.

    Raises:
        ValueError: Raised when that is no such answer.
    """
    film = _READ.validate_json(content)
    countries = [(code, one) for code, one in film.watch.results.items() if len(code) == 2 and code.isalpha()]
    return Details(
        overview=as_overview(film.overview),
        runtime=film.runtime if film.runtime and film.runtime > 0 else None,
        directors=_names((one.name for one in film.credits.crew if one.job == "Director"), _MOST_DIRECTORS),
        actors=_names((one.name for one in film.credits.cast), _MOST_CAST),
        watch={code: _offers(one) for code, one in countries[:_MOST_COUNTRIES]},
    )


def as_overview(text: str | None) -> str:
    """What a film is about as it is shown, of what TMDB has for it."""
    return (text or "").strip()[:_LONGEST_OVERVIEW]


def _offers(country: _Country) -> Offers:
    def services(offered: list[_Provider]) -> list[str]:
        ordered = sorted(offered, key=lambda one: one.display_priority)
        return _names((one.provider_name for one in ordered), _MOST_OFFERS)

    kinds = {name: services(getattr(country, name)) for name in _ByKind.model_fields}
    return Offers(link=country.link if country.link.startswith(_SITE) else None, **kinds)


def _names(found: Any, most: int) -> list[str]:
    """The first of them, each once."""
    return list(dict.fromkeys(filter(None, (name.strip()[:_LONGEST_NAME] for name in found))))[:most]
