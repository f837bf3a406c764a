"""A history matched with a catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from reelwise.data.vocabulary import Id
from reelwise.exports.history import Form, Kind, UnreadableRow

_SEEN: frozenset[Kind] = frozenset({"rating", "watched", "like", "dislike"})


class MatchedFilm(NamedTuple):
    """A film of a history that is in the catalogue, with all that the history says of it.

    Attributes:
        movie_id: the data set's own id.
        title: as the data set spells it.
        stars: the latest, on the data set's scale; None where the history has none.
        kinds: what the history says of it.
        when: the latest moment when it was rated or watched, or else listed; UTC.
        line: where its stars stand, or else what is said first.
        file: of an archive, the file where that is; else "".
    """

    movie_id: Id
    title: str
    stars: float | None
    kinds: tuple[Kind, ...]
    when: datetime | None
    line: int
    file: str

    @property
    def is_seen(self) -> bool:
        """Whether the person has seen it."""
        return not _SEEN.isdisjoint(self.kinds)


class Candidate(NamedTuple):
    """A film that may be meant."""

    movie_id: Id
    title: str


class Unmatched(NamedTuple):
    """A title that is not in the catalogue, is there several times, or is not a film's.

    Attributes:
        title: as the site spells it.
        year: of the film, where the file has it.
        form: what it is.
        line: where it stands first.
        file: of an archive, the file where that is; else "".
        candidates: the films that may be meant.
        stars: the latest, on the data set's scale; None where the history has none.
        kinds: what the history says of it.
        when: the latest moment when it was rated or watched, or else listed; UTC.
    """

    title: str
    year: int | None
    form: Form
    line: int
    file: str
    candidates: tuple[Candidate, ...]
    stars: float | None
    kinds: tuple[Kind, ...]
    when: datetime | None


@dataclass(frozen=True, repr=False)
class MatchedHistory:
    """A history beside a catalogue; each film and title is there once.

    Attributes:
        source: the site that the history is from.
        matched: the films that are in the catalogue.
        ambiguous: titles that may mean several films, with these.
        unknown: films that are not in the catalogue.
        not_films: series, episodes, trailers and the like.
        faults: rows that cannot be read.
        notes: in sentences, how the file was understood where that is not plain.
        catalogue_ends: the year of the catalogue's newest film, if any has a year.
    """

    source: str
    matched: tuple[MatchedFilm, ...]
    ambiguous: tuple[Unmatched, ...]
    unknown: tuple[Unmatched, ...]
    not_films: tuple[Unmatched, ...]
    faults: tuple[UnreadableRow, ...]
    notes: tuple[str, ...]
    catalogue_ends: int | None

    @property
    def stars(self) -> dict[Id, float]:
        """The stars of films that were rated."""
        return {film.movie_id: film.stars for film in self.matched if film.stars is not None}

    @property
    def seen(self) -> list[Id]:
        """Films that were rated, watched, liked or disliked."""
        return [film.movie_id for film in self.matched if film.is_seen]

    @property
    def liked(self) -> list[Id]:
        """Films that are marked as liked, or as favourites."""
        return self._of_kind("like")

    @property
    def disliked(self) -> list[Id]:
        """Films that are marked as disliked."""
        return self._of_kind("dislike")

    @property
    def watchlist(self) -> list[Id]:
        """Films on the watchlist."""
        return self._of_kind("watchlist")

    @property
    def listed(self) -> list[Id]:
        """Films on other lists."""
        return self._of_kind("listed")

    def __repr__(self) -> str:
        return f"MatchedHistory({self.source!r}: {self.summary})"

    @property
    def summary(self) -> str:
        """The counts of each kind, in words."""
        counts = {
            "in the catalogue": len(self.matched),
            "rated": len(self.stars),
            "ambiguous": len(self.ambiguous),
            "unknown": len(self.unknown),
            "no films": len(self.not_films),
            "rows that cannot be read": len(self.faults),
        }
        return ", ".join(f"{count:,} {what}" for what, count in counts.items())

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "source": self.source,
            "matched": [_matched_to_dict(film) for film in self.matched],
            "ambiguous": _to_dicts(self.ambiguous),
            "unknown": _to_dicts(self.unknown),
            "not_films": _to_dicts(self.not_films),
            "seen": self.seen,
            "liked": self.liked,
            "disliked": self.disliked,
            "watchlist": self.watchlist,
            "listed": self.listed,
            "unreadable": [fault._asdict() for fault in self.faults],
            "notes": list(self.notes),
            "catalogue_ends": self.catalogue_ends,
        }

    def _of_kind(self, kind: Kind) -> list[Id]:
        return [film.movie_id for film in self.matched if kind in film.kinds]


def _matched_to_dict(film: MatchedFilm) -> dict[str, Any]:
    return {"movieId": film.movie_id, "title": film.title, "line": film.line, "file": film.file} | _said_of(film)


def _to_dicts(titles: Iterable[Unmatched]) -> list[dict[str, Any]]:
    return [
        {
            "title": title.title,
            "year": title.year,
            "form": title.form,
            "line": title.line,
            "file": title.file,
            "candidates": [{"movieId": one.movie_id, "title": one.title} for one in title.candidates],
            **_said_of(title),
        }
        for title in titles
    ]


def _said_of(film: MatchedFilm | Unmatched) -> dict[str, Any]:
    """The opinion that a history holds of a film, as JSON has it."""
    when = film.when.isoformat() if film.when else None
    return {"stars": film.stars, "kinds": list(film.kinds), "when": when}
