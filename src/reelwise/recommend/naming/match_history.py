"""Finds the films of a history in a catalogue: by numbers first, then by title and year.

A title means a film whose name it is, up to case, accents, punctuation and an article, and whose year is the same or
one off. Of several such films the nearest year counts, then the title spelt alike, then the film that many times as
many people know. Where that leaves several, or the film found has another number than the row, the row is ambiguous.
The original title is a second chance, a part of a name ("Star Wars" for "Star Wars: Episode IV - A New Hope") a third.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from reelwise.artifacts.model import Model
from reelwise.data.likes import from_five_stars
from reelwise.data.titles import natural, plain, split_title, without_article
from reelwise.exports.history import Form, History, Kind, Row
from reelwise.recommend.naming.matched_history import Candidate, MatchedFilm, MatchedHistory, Unmatched
from reelwise.recommend.naming.references import SiteNumber
from reelwise.recommend.naming.resolver import Resolver
from reelwise.recommend.naming.title_match import TitleMatcher
from reelwise.recommend.naming.title_search import TitleSearch

_FAR_MORE = 20  # times as many ratings as another film of that name has: then it is meant
_NEAR = 3  # years within which a film of that name may be meant, but is not taken to be
_MOST_CANDIDATES = 5
_MOST_BY_PART = 2000  # titles of one history that are looked for among parts of names, which takes half a second or so
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Subject(NamedTuple):
    """The subject of rows: all that may identify the film."""

    imdb_id: int | None
    tmdb_id: int | None
    title: str
    original_title: str
    year: int | None
    form: Form

    @classmethod
    def of(cls, row: Row) -> "_Subject":
        return cls(row.imdb_id, row.tmdb_id, row.title, row.original_title, row.year, row.form)

    @property
    def may_be_film(self) -> bool:
        """Whether a film may be called so; anything else is one only where its number says so."""
        return self.form in ("film", "unclear")

    @property
    def titles(self) -> list[str]:
        return [title for title in (self.title, self.original_title) if title]


class _Called(NamedTuple):
    """The films that titles may mean, the best known first.

    Attributes:
        exactly: by title, those with a name that it is, or that stands in brackets behind it.
        nearly: the same up to an article.
    """

    exactly: dict[str, list[int]]
    nearly: dict[str, list[int]]


class _Verdict(NamedTuple):
    """The row of the film that is meant, or those of films that may be."""

    row: int | None = None
    candidates: tuple[int, ...] = ()


class HistoryMatcher:
    """Matches histories to the films of one model. Safe to share between threads.

    Args:
        model: the model.
        resolver: finds its films by numbers elsewhere.
        titles: finds them by title.
    """

    def __init__(self, model: Model, resolver: Resolver, titles: TitleSearch) -> None:
        self._model, self._resolver, self._titles = model, resolver, titles
        self._matcher = TitleMatcher(model.catalogue, titles)
        self._ends, self._scale = int(model.catalogue.years.max(initial=0)), model.scale

    def match(self, history: History) -> MatchedHistory:
        """Match a history with the catalogue."""
        subjects: defaultdict[_Subject, list[Row]] = defaultdict(list)
        for row in history.rows:
            subjects[_Subject.of(row)].append(row)
        verdicts = self._judge(subjects)
        films: defaultdict[int, list[Row]] = defaultdict(list)
        ambiguous, unknown, not_films = list[Unmatched](), list[Unmatched](), list[Unmatched]()
        for subject, rows in subjects.items():
            verdict = verdicts[subject]
            if verdict.row is not None:
                films[verdict.row] += rows
            elif verdict.candidates:
                ambiguous.append(self._tell(rows, verdict.candidates))
            else:
                (unknown if subject.form == "film" else not_films).append(self._tell(rows))
        return MatchedHistory(
            history.source,
            tuple(self._merge(film, rows) for film, rows in films.items()),
            tuple(ambiguous),
            tuple(unknown),
            tuple(not_films),
            history.faults,
            history.notes,
            self._ends or None,
        )

    def _judge(self, subjects: Iterable[_Subject]) -> dict[_Subject, _Verdict]:
        """Which film each is about."""
        verdicts = {subject: _Verdict(self._by_number(subject)) for subject in subjects}
        by_title = [
            subject for subject, verdict in verdicts.items() if verdict.row is None and self._may_be_here(subject)
        ]
        called = self._called(by_title)
        left = []
        for subject in by_title:
            verdicts[subject] = self._by_name(subject, called)
            if subject.year and verdicts[subject] == _Verdict():
                left.append(subject)
        verdicts |= {subject: self._by_part(subject, subject.year or 0, called) for subject in left[:_MOST_BY_PART]}
        return verdicts

    def _by_number(self, subject: _Subject) -> int | None:
        for site, number in (("imdb", subject.imdb_id), ("tmdb", subject.tmdb_id)):
            if number and (row := self._resolver.row_elsewhere(SiteNumber(site, number))) is not None:  # type: ignore[arg-type]
                return row
        return None

    def _may_be_here(self, subject: _Subject) -> bool:
        return subject.may_be_film and not (subject.year and self._ends and subject.year > self._ends + 1)

    def _called(self, subjects: Iterable[_Subject]) -> _Called:
        """The films that are called like any of these."""
        names = {title: [*map(plain, _names(title))] for subject in subjects for title in subject.titles}
        films = self._titles.called_any({without_article(name) for some in names.values() for name in some})
        called = _Called({}, {})
        for title, some in names.items():
            if found := [film for name in dict.fromkeys(map(without_article, some)) for film in films.get(name, ())]:
                called.exactly[title] = [row for name, row in found if name in some]
                called.nearly[title] = [row for _, row in found]
        return called

    def _by_name(self, subject: _Subject, called: _Called) -> _Verdict:
        """The film that is clearly meant by the title or else the original one; those that may be meant otherwise."""
        doubtful: tuple[int, ...] = ()
        for title in subject.titles:
            verdict = self._choose(subject, title, called)
            if verdict.row is not None:
                return verdict
            doubtful = doubtful or verdict.candidates
        return _Verdict(None, doubtful)

    def _by_part(self, subject: _Subject, year: int, called: _Called) -> _Verdict:
        """The film of about that year with a name of which the title is a part; films of that name a few years off."""
        for title in subject.titles:
            row = self._matcher.match_part(title, year).row
            if row is not None:
                return self._unless_numbered_otherwise(subject, [row])
        return _Verdict(None, self._a_few_years_off(subject, year, called))

    def _choose(self, subject: _Subject, title: str, called: _Called) -> _Verdict:
        """Of the films that are called so, the one of the nearest year."""
        if title not in called.nearly:
            return _Verdict()
        exactly = called.exactly[title]
        for off in (0, 1) if subject.year else (None,):
            for rows in (exactly, called.nearly[title]):
                films = [row for row in dict.fromkeys(rows) if self._is_off_by(row, subject.year, off)]
                if films:
                    return self._one_of(subject, self._with_those_spelt_alike(title, subject.year, films, exactly))
        undated = [row for row in dict.fromkeys(exactly) if not self._model.catalogue.years[row]]
        return self._one_of(subject, undated) if undated else _Verdict()

    def _with_those_spelt_alike(
        self, title: str, year: int | None, films: list[int], others: Sequence[int]
    ) -> list[int]:
        """Films of the nearest year, and others a year off, if only these are spelt as the title is."""
        if year is None or any(self._is_spelt(row, title) for row in films):
            return films
        spelt = (row for row in others if self._is_off_by(row, year, 1) and self._is_spelt(row, title))
        return list(dict.fromkeys([*films, *spelt]))

    def _is_spelt(self, row: int, title: str) -> bool:
        return natural(split_title(self._model.catalogue.titles[row]).main).casefold() == natural(title).casefold()

    def _is_off_by(self, row: int, year: int | None, off: int | None) -> bool:
        own = int(self._model.catalogue.years[row])
        return year is None or bool(own and abs(own - year) == off)

    def _one_of(self, subject: _Subject, films: Sequence[int]) -> _Verdict:
        """The film that is meant among those of one name, the best known of which comes first."""
        is_one_year = len({int(self._model.catalogue.years[row]) for row in films}) == 1
        if len(films) > 1 and is_one_year:
            films = [row for row in films if self._is_spelt(row, subject.title)] or films
        if len(films) > 1 and (is_one_year or subject.year is None):
            counts = self._model.stats.counts
            films = sorted(films, key=lambda row: -int(counts[row]))
            films = films[:1] if counts[films[0]] >= _FAR_MORE * max(counts[films[1]], 1) else films
        return self._unless_numbered_otherwise(subject, films)

    def _unless_numbered_otherwise(self, subject: _Subject, films: Sequence[int]) -> _Verdict:
        """The only film, unless its numbers elsewhere are known to be others than those of the row."""
        (row, *others) = films
        wanted = (subject.imdb_id, subject.tmdb_id)
        own = self._model.catalogue.links[row].tolist()
        is_other = any(number and theirs and number != theirs for number, theirs in zip(own, wanted, strict=True))
        return _Verdict(None, tuple(films[:_MOST_CANDIDATES])) if others or is_other else _Verdict(row)

    def _a_few_years_off(self, subject: _Subject, year: int, called: _Called) -> tuple[int, ...]:
        """Films of that name that are a few years off."""
        years = self._model.catalogue.years
        rows = dict.fromkeys(row for title in subject.titles for row in called.exactly.get(title, ()))
        return tuple(row for row in rows if abs(int(years[row]) - year) <= _NEAR)[:_MOST_CANDIDATES]

    def _merge(self, film: int, rows: Sequence[Row]) -> MatchedFilm:
        """A film with all that is said of it."""
        where, stars, kinds, when = self._said(rows)
        title = self._model.catalogue.titles[film]
        return MatchedFilm(self._model.movies[film], title, stars, kinds, when, where.line, where.file)

    def _tell(self, rows: Sequence[Row], candidates: Sequence[int] = ()) -> Unmatched:
        """A title that is not a film of the catalogue, or may be several, with all that is said of it."""
        films = tuple(Candidate(self._model.movies[film], self._model.catalogue.titles[film]) for film in candidates)
        row, (_, stars, kinds, when) = rows[0], self._said(rows)
        return Unmatched(row.title, row.year, row.form, row.line, row.file, films, stars, kinds, when)

    def _said(self, rows: Sequence[Row]) -> tuple[Row, float | None, tuple[Kind, ...], datetime | None]:
        """The row that counts, stars, kinds and moment; of several ratings the latest counts, then the last."""
        ratings = [row for row in rows if row.stars is not None]
        latest = max(reversed(ratings), key=lambda row: row.when or _LONG_AGO) if ratings[1:] else (ratings or rows)[0]
        moments = [row.when for row in rows if row.when and row.kind not in ("watchlist", "listed")]
        stars = None if latest.stars is None else from_five_stars(latest.stars, self._scale)
        return latest, stars, tuple(dict.fromkeys([row.kind for row in rows])), max(moments, default=latest.when)


def _names(title: str) -> list[str]:
    """A title, and what it consists of where other titles stand in brackets behind it."""
    if not title.endswith(")"):
        return [title]
    main, others, _ = split_title(title)
    return [title, main, *others]
