"""Ratings whose right answer is known: even users love even movies, odd users odd ones."""

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings

LOVE, DISLIKE = 5.0, 1.0


def checkerboard(users: int = 40, movies: int = 30, share: float = 0.7, seed: int = 0) -> Ratings:
    """A random `share` of all pairs; LOVE where user and movie id are both even or both odd, else DISLIKE."""
    user_ids, movie_ids = (axis.ravel() for axis in np.mgrid[1 : users + 1, 1 : movies + 1])
    seen = np.random.default_rng(seed).random(len(user_ids)) < share
    stars = np.where(user_ids % 2 == movie_ids % 2, LOVE, DISLIKE).astype(np.float32)
    return Ratings.from_columns(user_ids[seen].astype(np.int64), movie_ids[seen].astype(np.int64), stars[seen])


def checkerboard_dataset(users: int = 40, movies: int = 30, seed: int = 0) -> Dataset:
    """The checkerboard with a film for each movie, and one film more that nobody rated."""
    films = (Movie(movie, f"Film {movie} ({1950 + movie})", ("Even" if movie % 2 == 0 else "Odd",), None, 100 + movie)
             for movie in range(1, movies + 2))  # fmt: skip
    return Dataset("checkerboard", checkerboard(users, movies, seed=seed), Catalogue.of(films), "0" * 64)


def share_beside_their_colour(model: Model) -> float:
    """The share of films whose nearest neighbour on the map of a checkerboard's model is of the same colour."""
    assert model.map is not None
    positions, ids = model.map[model.fitted], model.movies.ids[model.fitted]
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float((ids[apart.argmin(axis=1)] % 2 == ids % 2).mean())
