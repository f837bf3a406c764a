"""Answers of the tools: typed for programs, and as a few lines for people.

Every answer has `text()`, which is what the assistant sees; the fields are what the program around it gets.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict

from reelwise.data.vocabulary import Id
from reelwise.recommend import results
from reelwise.recommend.groups.results import GroupRecommendation, MemberOpinion

Rounded = Annotated[float, AfterValidator(lambda value: round(value, 3))]


class AnswerPart(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ToolAnswer(AnswerPart):
    """A whole answer."""

    notes: list[str] = []
    """What may surprise: which film a title matched, what is unknown, what was ignored."""

    def text(self) -> str:
        """The answer in lines."""
        return "\n".join([*self._lines(), *(f"Note: {note}." for note in self.notes)])

    @abstractmethod
    def _lines(self) -> Iterator[str]:
        """All but the notes."""


class Film(AnswerPart):
    """A film and what is known of it."""

    id: Id
    """Its id here, by which tools take it without fail."""
    title: str
    """The title with the year."""
    genres: list[str]
    """Its genres."""
    mean_stars: Rounded | None
    """What people gave it on average; null where the data have no stars."""
    ratings: int
    """How many people rated it."""

    @classmethod
    def of(cls, film: results.Film | results.Recommendation | GroupRecommendation) -> Self:
        """Convert the recommender's answer."""
        return cls(**_facts(film))

    def line(self) -> str:
        """The film in a line."""
        genres = f": {', '.join(self.genres)}" if self.genres else ""
        mean = "" if self.mean_stars is None else f", {self.mean_stars:.1f} stars on average"
        return f"{self.title} [id {self.id}]{genres}; rated by {self.ratings:,}{mean}"


class FoundFilms(ToolAnswer):
    """Films that a title may mean, the likeliest first."""

    films: list[Film]
    """The films; none where nothing is called like that."""

    def _lines(self) -> Iterator[str]:
        if not self.films:
            yield "No film is called anything like that."
        yield from (film.line() for film in self.films)


class SuggestedFilm(Film):
    """A film that is worth seeing, and why."""

    predicted_stars: Rounded | None
    """The stars that this person would probably give it; null where the model predicts none."""
    stars_margin: Rounded | None
    """How sure that is: about two of three such predictions are no further off."""
    because_of: list[str]
    """The films that the person named which carry it, the largest share first."""

    @classmethod
    def suggested(cls, film: results.Recommendation) -> Self:
        """Convert the recommender's answer."""
        return cls(
            **_facts(film),
            predicted_stars=film.predicted_stars,
            stars_margin=film.stars_margin,
            because_of=[reason.title for reason in film.reasons],
        )

    def line(self) -> str:
        """The film in a line."""
        stars = _format_stars(self.predicted_stars, self.stars_margin)
        because = f"; because of {' and '.join(self.because_of)}" if self.because_of else ""
        return f"{self.title} [id {self.id}]{stars}{because}"


class Suggestions(ToolAnswer):
    """Films for one person, best first."""

    films: list[SuggestedFilm]
    """The films; fewer than were asked for where no more pass."""

    @classmethod
    def of(cls, found: results.Recommendations) -> Self:
        """Convert the recommender's answer."""
        return cls(films=[*map(SuggestedFilm.suggested, found)], notes=found.notes)

    def _lines(self) -> Iterator[str]:
        if not self.films:
            yield "No film matches the filters."
        yield from _numbered(film.line() for film in self.films)


class Reason(AnswerPart):
    """A film that carries a recommendation."""

    title: str
    """The title with the year."""
    share: Rounded
    """Its part of the whole, 0 to 1."""


class Explanation(ToolAnswer):
    """Why a film would be recommended to a person, or would not."""

    film: SuggestedFilm
    """The film, and what is predicted for this person."""
    shares: list[Reason]
    """The films that carry it; none where nothing stands out."""
    place: int | None
    """Its place in this person's list of all films; null where it is not among the first hundred."""

    def _lines(self) -> Iterator[str]:
        place = "not among the first hundred" if self.place is None else f"number {self.place}"
        yield f"{self.film.line()}. In this person's list of all films it is {place}."
        if self.shares:
            yield "What carries it: " + ", ".join(f"{one.title} {one.share:.0%}" for one in self.shares) + "."
        else:
            yield "No film that was named carries it in particular."


class PersonsView(AnswerPart):
    """One person's likely opinion of a film."""

    name: str
    """The person."""
    fit: Rounded
    """How well it fits; 1 is as good as the best that there is for this person alone."""
    predicted_stars: Rounded | None
    """The stars that this person would probably give it."""
    stars_margin: Rounded | None
    """How sure that is."""
    because_of: str | None
    """The film of this person's that carries it most."""

    @classmethod
    def of(cls, opinion: MemberOpinion) -> Self:
        """Convert the recommender's answer."""
        reason = opinion.reason.title if opinion.reason else None
        return cls(**{**opinion._asdict(), "because_of": reason})

    def line(self) -> str:
        """The view in a few words."""
        because = f" (because of {self.because_of})" if self.because_of else ""
        return f"{self.name}{_format_stars(self.predicted_stars, self.stars_margin)}{because}"


class FilmForAll(Film):
    """A film for several people."""

    people: list[PersonsView]
    """The likely opinion of each of them."""

    @classmethod
    def for_all(cls, film: GroupRecommendation) -> Self:
        """Convert the recommender's answer."""
        return cls(**_facts(film), people=[*map(PersonsView.of, film.members)])

    def line(self) -> str:
        """The film in a line."""
        return f"{self.title} [id {self.id}]; " + "; ".join(person.line() for person in self.people)


class SuggestionsForAll(ToolAnswer):
    """Films for several people."""

    films: list[FilmForAll]
    """The films, those to consider first first."""

    def _lines(self) -> Iterator[str]:
        if not self.films:
            yield "No film matches the filters for everybody."
        yield from _numbered(film.line() for film in self.films)


class AboutFilm(ToolAnswer):
    """What is known of a film, and films like it."""

    film: Film
    """The film."""
    links: list[str]
    """Pages about it."""
    similar: list[Film]
    """Films that the same people like, most alike first."""

    def _lines(self) -> Iterator[str]:
        yield f"{self.film.line()}. {' '.join(self.links)}".strip()
        if self.similar:
            yield "The same people like:"
        yield from (film.line() for film in self.similar)


class RatedFilm(AnswerPart):
    """A film of a history, with the stars."""

    id: Id
    """Its id here."""
    title: str
    """The title with the year."""
    stars: Rounded
    """The stars, on this data set's scale."""


class ReadHistory(ToolAnswer):
    """The content of a film site's export, and films that its owner might like."""

    source: str
    """The site."""
    summary: str
    """How much of it is known."""
    best: list[RatedFilm]
    """The films with most stars, the first ones."""
    unknown: list[str]
    """Titles that are not known, or may mean several films, the first ones."""
    suggestions: list[SuggestedFilm]
    """Films that the owner might like, by all of the history; empty where it holds no opinion."""

    def _lines(self) -> Iterator[str]:
        yield f"A history of {self.source}: {self.summary}."
        if self.best:
            yield "Best rated: " + ", ".join(f"{film.title} {film.stars:g}" for film in self.best) + "."
        if self.unknown:
            yield "Not known, or not clear: " + ", ".join(self.unknown) + "."
        if self.suggestions:
            yield "Recommended:"
        yield from _numbered(film.line() for film in self.suggestions)


def _facts(film: results.Film | results.Recommendation | GroupRecommendation) -> dict[str, Any]:
    return {
        "id": film.movie_id,
        "title": film.title,
        "genres": [*film.genres],
        "mean_stars": film.mean_stars,
        "ratings": film.ratings,
    }


def links_of(film: results.Film) -> list[str]:
    """The pages of a film at IMDb and TMDB, as far as its numbers there are known."""
    found = [f"https://www.imdb.com/title/tt{film.imdb_id:07}/"] if film.imdb_id else []
    return [*found, f"https://www.themoviedb.org/movie/{film.tmdb_id}"] if film.tmdb_id else found


def _numbered(lines: Iterable[str]) -> Sequence[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def _format_stars(stars: float | None, margin: float | None) -> str:
    return "" if stars is None else f": {results.format_stars(stars, margin)} stars expected"
