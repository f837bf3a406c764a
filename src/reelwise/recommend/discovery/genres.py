"""The main genre of a film, of the several that it has."""

import numpy as np

from reelwise.data.types import Floats, Rows
from reelwise.models.vectors import unit_rows
from reelwise.recommend.movie_facts import MovieFacts

_NO_GENRES = frozenset({"IMAX"})  # what MovieLens lists among the genres but says how a film is shown


def content_genres(facts: MovieFacts, rows: Rows) -> Floats:
    """The genres of those movies that describe their content, 1 or 0 for each genre, shape (rows, names)."""
    columns = facts.genre_columns(rows)
    columns[:, [name in _NO_GENRES for name in facts.genre_names]] = 0
    return columns


def main_genres(facts: MovieFacts, rows: Rows, embeddings: Floats) -> list[str | None]:
    """For each of those movies the genre, of its own, whose films it is most like in taste; None where it has none.

    Likeness is the cosine of its embedding and the mean direction of the genre's films, both without the mean of all
    films.

    Args:
        facts: of all films.
        rows: which movies.
        embeddings: of these movies, without what the average user likes, shape (rows, k).
    """
    directions = unit_rows(embeddings)
    directions = directions - directions.mean(axis=0)
    columns = content_genres(facts, rows)
    likeness = directions @ unit_rows(columns.T @ directions).T
    likeness[columns == 0] = -np.inf
    none = np.full((len(rows), 1), np.float32(-1e9))
    names = (*facts.genre_names, None)
    return [names[column] for column in np.append(likeness, none, axis=1).argmax(axis=1)]
