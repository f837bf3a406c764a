"""The built-in sample as a data set."""

import hashlib

from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings
from reelwise.data.sample.films import sample_films
from reelwise.data.sample.viewers import simulate_ratings

NAME = "built-in sample"
_MICROSECONDS = 1_000_000  # in a second


def read_sample() -> Dataset:
    """Real films, simulated viewers; the same ratings each time."""
    films = sample_films()
    simulated = simulate_ratings(films)
    columns = (simulated.user_ids, simulated.movie_ids, simulated.stars, simulated.timestamps)
    ratings = Ratings.from_columns(
        simulated.user_ids, simulated.movie_ids, simulated.stars, simulated.timestamps * _MICROSECONDS
    )
    return Dataset(
        name=NAME,
        ratings=ratings,
        catalogue=Catalogue.of(Movie(film.movie_id, film.title, film.genres) for film in films),
        sha256=hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest(),
        simulated=True,
    )
