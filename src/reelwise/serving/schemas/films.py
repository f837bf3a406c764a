"""The shape of a film that somebody puts there."""

from pydantic import BaseModel, ConfigDict, JsonValue

from reelwise.serving.schemas.lookups import ImdbId, TmdbId
from reelwise.serving.schemas.params import FilmYear, Genres, Title

_EXAMPLE: dict[str, JsonValue] = {
    "title": "A Film From Tomorrow",
    "year": 2026,
    "genres": ["Drama", "Sci-Fi"],
    "imdbId": "tt0114709",
    "tmdbId": 862,
}


class GivenFilm(BaseModel):
    """What is known of a film."""

    model_config = ConfigDict(
        extra="forbid", strict=True, use_attribute_docstrings=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    title: Title
    """Its title, with or without the year in brackets behind it."""
    year: FilmYear | None = None
    """Its year, where the title does not say it."""
    genres: Genres = []
    """Its genres, as the data set spells them; they, the year and the words of the title say whom it may suit."""
    imdbId: ImdbId | None = None  # noqa: N815
    """Its number at IMDb, with or without "tt"."""
    tmdbId: TmdbId | None = None  # noqa: N815
    """Its number at TMDB."""
