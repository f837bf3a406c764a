"""What groups of films are called. Whoever translates the names translates this file and no other."""

from collections.abc import Sequence

_ONE = {
    "Action": "action",
    "Adventure": "adventures",
    "Animation": "animation",
    "Children": "films for the whole family",
    "Children's": "films for the whole family",
    "Comedy": "comedies",
    "Crime": "crime",
    "Documentary": "documentaries",
    "Drama": "dramas",
    "Fantasy": "fantasy",
    "Film-Noir": "film noir",
    "Horror": "horror",
    "Musical": "musicals",
    "Mystery": "mysteries",
    "Romance": "love stories",
    "Sci-Fi": "science fiction",
    "Thriller": "thrillers",
    "War": "war films",
    "Western": "westerns",
}
_TWO = {
    frozenset({"Animation", "Children"}): "animation for the whole family",
    frozenset({"Animation", "Children's"}): "animation for the whole family",
    frozenset({"Comedy", "Romance"}): "romantic comedies",
    frozenset({"Crime", "Drama"}): "crime dramas",
    frozenset({"Crime", "Thriller"}): "crime thrillers",
    frozenset({"Drama", "War"}): "war dramas",
}


def label_cluster(genres: Sequence[str], first: int | None, last: int | None) -> str:
    """A name such as "Science fiction and thrillers of the 1990s".

    Args:
        genres: one or two, as the data set spells them.
        first: the first year of the first decade; None if there is no first one.
        last: the first year of the last decade; None if the films are of all times.
    """
    kinds = _TWO.get(frozenset(genres)) or " and ".join(_ONE.get(genre, genre.lower()) for genre in genres)
    return kinds[:1].upper() + kinds[1:] + _when(first, last)


def _when(first: int | None, last: int | None) -> str:
    if last is None:
        return ""
    if first is None:
        return f" of the {last}s and before"
    return f" of the {first}s" if first == last else f" of the {first}s and {last}s"
