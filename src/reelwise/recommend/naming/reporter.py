"""Reports what each film that was named matched and counted as."""

from collections.abc import Callable, Iterator, Mapping

from reelwise.data.vocabulary import Id, Vocabulary
from reelwise.recommend.choices import CountsAs
from reelwise.recommend.naming.resolver import Named, Opinion
from reelwise.recommend.results import Film, NamedFilm

_UNRATED = "nobody rated it"
_UNLEARNT = "the model has not learnt it yet"
_BETWEEN = "these stars are neither a like nor a dislike"
_LIKES_ONLY = "only a blend takes dislikes into account"


class Reporter:
    """Reports which films names matched, and what they counted as.

    Args:
        movies: the ids of the movies by row.
        film_of: gives the film in a row.
    """

    def __init__(self, movies: Vocabulary, film_of: Callable[[int], Film]) -> None:
        self._movies, self._film_of = movies, film_of

    def report(
        self, named: Named, counts_as: CountsAs, rows: Mapping[Id, int], why_not: str | None = None
    ) -> Iterator[NamedFilm]:
        """Report on films that were named in one way, as far as they are in the data set.

        Args:
            named: the films.
            counts_as: what they count as.
            rows: of those that anyone rated; others are ignored, unless they are only left out.
            why_not: why none of them counts, where that is so.
        """
        for movie_id, given in named.items():
            fitted = rows.get(movie_id)
            row = self._movies.row(movie_id) if fitted is None else fitted
            if row is None:
                continue
            film, why = self._film_of(row), why_not
            if not why and fitted is None and counts_as != "excluded":
                why = _UNLEARNT if film.ratings else _UNRATED
            yield NamedFilm(given, movie_id, film.title, "nothing" if why else counts_as, why)

    def report_opinion(
        self, opinion: Opinion, rows: Mapping[Id, int], by_blend: bool, by_stars: bool
    ) -> Iterator[NamedFilm]:
        """Report on the films that a person likes, dislikes or has seen.

        Args:
            opinion: the films.
            rows: of those that anyone rated.
            by_blend: whether dislikes count.
            by_stars: whether stars count as they are, those between a like and a dislike, too.
        """
        yield from self.report(opinion.liked, "like", rows)
        yield from self.report(opinion.disliked, "dislike", rows, None if by_blend else _LIKES_ONLY)
        if by_stars:
            yield from self.report(opinion.seen, "rating", rows)
        else:
            yield from self.report(opinion.seen, "nothing", rows, _BETWEEN)

    def report_texts(self, named: Named, counts_as: CountsAs, rows: Mapping[Id, int]) -> Iterator[NamedFilm]:
        """Report on films that were named by something other than their ids, or are ignored."""
        return (film for film in self.report(named, counts_as, rows) if film.why or film.given != film.movie_id)
