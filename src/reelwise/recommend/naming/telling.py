"""What became of the films that somebody named."""

from collections.abc import Iterator, Mapping

from reelwise.data.catalogue import Catalogue
from reelwise.data.vocabulary import Id
from reelwise.recommend.choices import CountsAs
from reelwise.recommend.naming.resolver import Named, Opinion
from reelwise.recommend.results import NamedFilm

_UNRATED = "nobody rated it"
_BETWEEN = "these stars are neither a like nor a dislike"
_LIKES_ONLY = "only a blend takes dislikes into account"


class Teller:
    """Tells what films were taken for and counted as.

    Args:
        catalogue: the films.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def tell(
        self, named: Named, counts_as: CountsAs, rows: Mapping[Id, int], why_not: str | None = None
    ) -> Iterator[NamedFilm]:
        """What became of films that were named in one way; of those that are not in the data set nothing.

        Args:
            named: the films.
            counts_as: what they count as.
            rows: the rows of those that somebody rated; others count for nothing, unless they are only left out.
            why_not: why none of them counts, where that is so.
        """
        for movie_id, given in named.items():
            row = self._catalogue.movies.row(movie_id)
            if row is None:
                continue
            why = why_not or (None if movie_id in rows or counts_as == "excluded" else _UNRATED)
            yield NamedFilm(given, movie_id, self._catalogue.titles[row], "nothing" if why else counts_as, why)

    def tell_opinion(self, opinion: Opinion, rows: Mapping[Id, int], by_blend: bool) -> Iterator[NamedFilm]:
        """What became of the films that somebody likes, dislikes or has seen."""
        yield from self.tell(opinion.liked, "like", rows)
        yield from self.tell(opinion.disliked, "dislike", rows, None if by_blend else _LIKES_ONLY)
        yield from self.tell(opinion.seen, "nothing", rows, _BETWEEN)

    def tell_texts(self, named: Named, counts_as: CountsAs, rows: Mapping[Id, int]) -> Iterator[NamedFilm]:
        """What became of those films that were named by something else than their ids, or count for nothing."""
        return (film for film in self.tell(named, counts_as, rows) if film.why or film.given != film.movie_id)
