"""A data set: ratings, the catalogue they belong to, and where they came from."""

from dataclasses import dataclass

from reelwise.data.catalogue import Catalogue
from reelwise.data.ratings import Ratings


@dataclass(frozen=True)
class Dataset:
    """Ratings with their films.

    Attributes:
        name: what to call it, such as "ml-1m".
        ratings: the ratings.
        catalogue: every film, rated or not; each rated movie has a row.
        sha256: of the ratings file (of the arrays, for simulated ratings); empty where there is no file.
        duplicates: how many ratings were left out because the same user rated the movie again later.
        simulated: whether the viewers are simulated.
    """

    name: str
    ratings: Ratings
    catalogue: Catalogue
    sha256: str = ""
    duplicates: int = 0
    simulated: bool = False
