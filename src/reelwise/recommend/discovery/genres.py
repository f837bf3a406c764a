"""What kind of film a film is, in one genre of the several that it has."""

import numpy as np
import numpy.typing as npt

from reelwise.models.vectors import unit
from reelwise.recommend.movie_facts import Films

Floats = npt.NDArray[np.float32]

_NO_KINDS = frozenset({"IMAX"})  # what MovieLens lists among the genres but says how a film is shown


def kinds(films: Films, rows: npt.NDArray[np.integer]) -> Floats:
    """The genres of those movies that say what they are like: 1 or 0, a column for each genre, shape (rows, names)."""
    columns = films.genre_columns(rows)
    columns[:, [name in _NO_KINDS for name in films.genre_names]] = 0
    return columns


def main_genres(films: Films, rows: npt.NDArray[np.integer], centred_embeddings: Floats) -> list[str | None]:
    """For each of those movies the genre, of its own, whose films it is most like in taste; None where it has none.

    Likeness is the cosine of its taste vector and the mean direction of the genre's films, both without the mean of all
    films.

    Args:
        films: the facts of all rated films.
        rows: which movies.
        centred_embeddings: their taste vectors without what the average viewer likes, shape (rows, k).
    """
    directions = unit(centred_embeddings)
    directions = directions - directions.mean(axis=0)
    columns = kinds(films, rows)
    likeness = directions @ unit(columns.T @ directions).T
    likeness[columns == 0] = -np.inf
    none = np.full((len(rows), 1), np.float32(-1e9))
    names = (*films.genre_names, None)
    return [names[column] for column in np.append(likeness, none, axis=1).argmax(axis=1)]
