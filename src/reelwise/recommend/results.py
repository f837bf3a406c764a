"""Answers: films, recommendations, a matching user."""

import html
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeVar, get_type_hints, overload

from reelwise.data.vocabulary import Id
from reelwise.recommend.choices import CountsAs, FoundBy, Source
from reelwise.records import Column, Tabular

_ROUGH, _WIDE = 5, 20  # margins and stars from which digits behind the point mean nothing


class Film(NamedTuple):
    """A film and what is known of it.

    Attributes:
        movie_id: the data set's own id.
        title: as the data set spells it.
        year: of the film, if known.
        genres: of the film.
        ratings: how many people rated it.
        mean_stars: what they gave on average; None where no one did, or the data have no stars.
        tmdb_id: its number at TMDB, if known.
        imdb_id: its number at IMDb, if known.
    """

    movie_id: Id
    title: str
    year: int | None
    genres: tuple[str, ...]
    ratings: int
    mean_stars: float | None
    tmdb_id: int | None
    imdb_id: int | None


class Resolved(NamedTuple):
    """A film that was looked up.

    Attributes:
        film: that film; None where nothing clearly is it.
        by: what it was found by; None where it was not.
        nearest: where it was not, films whose titles resemble its own, the likeliest first.
    """

    film: Film | None
    by: FoundBy | None
    nearest: tuple[Film, ...] = ()


class RatedFilm(NamedTuple):
    """A film of a user's history, with the stars given; None where the data have no stars."""

    film: Film
    stars: float | None

    def reaches(self, stars: float) -> bool:
        """Whether at least that many stars were given; true of every film where the data have no stars."""
        return self.stars is None or self.stars >= stars


@dataclass(frozen=True, slots=True)
class Reason:
    """A film that carries a recommendation; `share` is its part of the score, 0 to 1."""

    movie_id: Id
    title: str
    share: float


class Recommendation(NamedTuple):
    """One recommended film.

    Attributes:
        movie_id: the data set's own id.
        title: as the data set spells it.
        year: of the film, if known.
        genres: of the film.
        score: how well it fits, in taste; comparable within one list. None where the model has no ranking model, and in
            a list by stars without explanations.
        predicted_stars: clipped to the rating scale; None where the model was trained without stars.
        stars_margin: how sure that is, one standard deviation: about two of three true ratings lie within
            predicted_stars ± stars_margin. A profile's is that of the matching user, as the stars are. None where the
            model cannot tell, and for similar films.
        reasons: films that carry it, the largest share first; none where nothing stands out.
        ratings: how many people rated it.
        mean_stars: what they gave on average; None where no one did, or the data have no stars.
        tmdb_id: its number at TMDB, if known.
        imdb_id: its number at IMDb, if known.
        source: what the recommendation came from.
    """

    movie_id: Id
    title: str
    year: int | None
    genres: tuple[str, ...]
    score: float | None
    predicted_stars: float | None
    stars_margin: float | None
    reasons: tuple[Reason, ...]
    ratings: int
    mean_stars: float | None
    tmdb_id: int | None
    imdb_id: int | None
    source: Source

    def format_stars(self) -> str:
        """The predicted stars with their margin, such as "4.32 ± 0.61"; a dash where there are none."""
        return format_stars(self.predicted_stars, self.stars_margin)


class Prediction(NamedTuple):
    """The stars that a person would give a film.

    Attributes:
        movie_id: the data set's own id.
        title: as the data set spells it.
        predicted_stars: clipped to the rating scale.
        stars_margin: how sure that is, one standard deviation; None where the model cannot tell.
    """

    movie_id: Id
    title: str
    predicted_stars: float
    stars_margin: float | None

    def format_stars(self) -> str:
        """The predicted stars with their margin, such as "4.32 ± 0.61"."""
        return format_stars(self.predicted_stars, self.stars_margin)


class NamedFilm(NamedTuple):
    """A film that was named, and what it counted as.

    Attributes:
        given: what it was named as: an id, a title, or a number elsewhere.
        movie_id: the film that was meant.
        title: of that film.
        counts_as: what for; "nothing" where it made no difference but for being left out.
        why: why it was ignored; None where it was not.
    """

    given: Id
    movie_id: Id
    title: str
    counts_as: CountsAs
    why: str | None = None


class Answer:
    """An answer to a person who names films, which says what became of each.

    Attributes:
        unknown_ids: ids and numbers that were named and are not in the data set.
        named: which film each name matched, and what it counted as.
    """

    unknown_ids: tuple[Id, ...]
    named: tuple[NamedFilm, ...]

    @property
    def notes(self) -> list[str]:
        """Sentences on what may surprise: which films titles matched, what is unknown, and what was ignored."""
        taken = [
            f"{film.given} matched {film.title}"
            for film in self.named
            if isinstance(film.given, str) and film.given not in (film.title, film.movie_id)
        ]
        ignored = [f"{film.title} is ignored: {film.why}" for film in self.named if film.why]
        unknown = ", ".join(map(str, self.unknown_ids))
        return [*taken, *ignored, *([f"not in the data set: {unknown}"] if unknown else [])]


@dataclass(frozen=True)
class Match(Answer):
    """The user who matches a selection best.

    Attributes:
        user_id: None where no user rated any of it.
        match_count: how many of the films that user rated.
        average_rating: the mean of that user's stars on them; None also where the data have no stars.
        unknown_ids: as every answer says.
        named: likewise.
    """

    user_id: Id | None
    match_count: int
    average_rating: float | None
    unknown_ids: tuple[Id, ...] = ()
    named: tuple[NamedFilm, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class MatchInDetail:
    """A match with what that user thinks of films.

    Attributes:
        match: the user.
        shared: the given films that this user rated, most stars first.
        also_loved: other films that this user likes, likewise.
    """

    match: Match
    shared: tuple[RatedFilm, ...] = ()
    also_loved: tuple[RatedFilm, ...] = ()


def format_stars(stars: float | None, margin: float | None) -> str:
    """With two digits behind the point, or none where that would say more than is known, as on a scale of 100."""
    if stars is None:
        return "–"
    digits = 2 if (stars < _WIDE if margin is None else margin < _ROUGH) else 0
    return f"{stars:.{digits}f}" + ("" if margin is None else f" ± {margin:.{digits}f}")


T = TypeVar("T")


class Frame(Tabular, Answer, Sequence[T]):
    """An answer of several films: behaves as a list, shows as a table, and becomes a frame."""

    films: tuple[T, ...]
    _nothing: ClassVar[str]

    def __len__(self) -> int:
        return len(self.films)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.films[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self.films)

    def __repr__(self) -> str:
        lines = [f"{stars:>5}  {title}{because}" for stars, title, because in self._lines()]
        return "\n".join([*(lines or [self._nothing]), *(f"({note})" for note in self.notes)])

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        cells = "".join(
            f"<tr><td>{stars}</td><td>{html.escape(title)}</td><td>{html.escape(because)}</td></tr>"
            for stars, title, because in self._lines()
        )
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f"<table><tr><th>stars</th><th>film</th><th></th></tr>{cells}</table>{notes}"

    @abstractmethod
    def _lines(self) -> Iterator[tuple[str, str, str]]:
        """Of each film the stars, the title, and what else there is to say."""

    @abstractmethod
    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per film, for data frames."""

    def to_columns(self) -> Mapping[str, Column]:
        """The columns by name."""
        rows = self.to_dicts()
        return {name: [row[name] for row in rows] for name in get_type_hints(self.row_type)}


@dataclass(frozen=True, repr=False)
class Recommendations(Frame[Recommendation]):
    """Recommended films, best first. Behaves as a list, and shows as a table.

    Attributes:
        films: the recommendations.
        unknown_ids: as every answer says.
        named: likewise.
        recommendation_id: by which events tell that a film was on this list; None for similar films, and where
            only the best films at balance 0 are asked for.
    """

    films: tuple[Recommendation, ...]
    unknown_ids: tuple[Id, ...] = ()
    named: tuple[NamedFilm, ...] = field(default=(), compare=False)
    recommendation_id: str | None = field(default=None, compare=False)

    row_type = Recommendation
    in_frames: ClassVar[Mapping[str, Any]] = {"reasons": tuple[str, ...]}
    _nothing = "no recommendations"

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        for film in self.films:
            because = " and ".join(reason.title for reason in film.reasons[:2])
            yield film.format_stars(), film.title, f"  (because of {because})" if because else ""

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per film, for data frames; reasons as a list of titles."""
        return [film._asdict() | {"reasons": [reason.title for reason in film.reasons]} for film in self.films]


@dataclass(frozen=True, repr=False)
class Predictions(Frame[Prediction]):
    """Predicted stars of films, in the order in which these were asked about.

    Attributes:
        films: the predictions; none for unknown ids, nor for films that no one rated.
        unknown_ids: as every answer says.
        named: likewise; of the films asked about only those that were not named by their ids, or have no prediction.
    """

    films: tuple[Prediction, ...]
    unknown_ids: tuple[Id, ...] = ()
    named: tuple[NamedFilm, ...] = field(default=(), compare=False)

    row_type = Prediction
    _nothing = "no predictions"

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        return ((film.format_stars(), film.title, "") for film in self.films)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per film, for data frames."""
        return [film._asdict() for film in self.films]
