"""The shape of what a page about one film shows."""

from pydantic import ConfigDict

from reelwise.serving.schemas.fixed import AnswerBody
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, Film


class StarsCount(AnswerBody):
    """How often a number of stars was given."""

    stars: float
    ratings: int


class FilmInDetail(Film):
    """A film, what is known of it, and what people gave it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [FILM_EXAMPLE | {"stars_distribution": [{"stars": 4.0, "ratings": 112}], "tags": ["quirky"]}]
        }
    )

    stars_distribution: list[StarsCount]
    """How many ratings of the film have each number of stars, from few stars to many; empty where histories were left
    out, or there are no stars."""
    tags: list[str]
    """What people call the film, most given first; up to 5, none where the data has no tags."""
