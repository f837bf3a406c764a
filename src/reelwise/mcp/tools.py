"""The tools: questions about films that people ask an assistant. None of them writes anything."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from reelwise.data.vocabulary import Id
from reelwise.errors import UsageError
from reelwise.exports.reading import read_history
from reelwise.mcp import answers
from reelwise.recommend.filters import Filters
from reelwise.recommend.groups.request import GroupRequest, Member
from reelwise.recommend.limits import LONGEST_NAME, LONGEST_TITLE, MEMBERS, MOST_PICKS, MOST_STARS, YEARS
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service

_FEW = 20  # films of a history that are listed one by one
_LONGEST_EXPORT = 1_000_000  # characters
_LISTED = 100  # places of a list in which a film that is explained is looked for

Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
FilmRef = Annotated[
    Title | Annotated[int, Field(ge=0)],
    Field(description='A title, best with its year, such as "Heat (1995)"; or an id that another tool gave.'),
]
Liked = Annotated[list[FilmRef], Field(max_length=MOST_PICKS, description="Films that the person likes.")]
Disliked = Annotated[list[FilmRef], Field(max_length=MOST_PICKS, description="Films that the person does not like.")]
Stars = Annotated[
    dict[Title, float],
    Field(max_length=MOST_STARS, description="Stars that the person gave, by title, on this data set's scale."),
]
Seen = Annotated[list[FilmRef], Field(max_length=1000, description="Films to leave out: seen already, or unwanted.")]
Number = Annotated[int, Field(ge=1, le=50, description="How many films.")]
Genres = Annotated[list[str], Field(description="Only films with one of these genres.")]
NoGenres = Annotated[list[str], Field(description="No film with one of these genres.")]
YearMin = Annotated[int | None, Field(ge=YEARS[0], le=YEARS[1], description="No film from before this year.")]
YearMax = Annotated[int | None, Field(ge=YEARS[0], le=YEARS[1], description="No film from after this year.")]
Balance = Annotated[
    float | None,
    Field(ge=0, le=1, description="From 0, well-known films, to 1, films that few know; by default what suits most."),
]


class GroupPerson(BaseModel):
    """One of the people who watch together, and what they said of films."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    liked: Liked = []
    disliked: Disliked = []
    stars: Stars = {}


class Tools:
    """The tools of one server.

    Args:
        service: gives the service that answers.
    """

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    def find_film(
        self,
        title: Annotated[Title, Field(description="A title, or how one begins; typing errors are forgiven.")],
        number: Number = 5,
    ) -> answers.FoundFilms:
        """Find films by title. Use it to make sure which film is meant, and to get its id."""
        return answers.FoundFilms(films=[answers.Film.of(film) for film in self._service().search(title, number)])

    def recommend_films(
        self,
        liked: Liked = [],  # noqa: B006 - never changed, here and below
        disliked: Disliked = [],  # noqa: B006
        stars: Stars = {},  # noqa: B006
        number: Number = 5,
        genres: Genres = [],  # noqa: B006
        without_genres: NoGenres = [],  # noqa: B006
        year_min: YearMin = None,
        year_max: YearMax = None,
        balance: Balance = None,
        leave_out: Seen = [],  # noqa: B006
    ) -> answers.Suggestions:
        """Recommend films to a person by films that they like or dislike, or gave stars; each with the reason.

        Without any, what most people like. Films that are named are never recommended.
        """
        filters = _filters(number, genres, without_genres, year_min, year_max, balance)
        if not (liked or disliked or stars):
            return answers.Suggestions.of(self._service().popular(Request(exclude=leave_out, filters=filters)))
        asked = _person(liked, disliked, stars, exclude=leave_out, filters=filters)
        return answers.Suggestions.of(self._service().recommend(asked))

    def explain_recommendation(
        self,
        film: FilmRef,
        liked: Liked = [],  # noqa: B006
        disliked: Disliked = [],  # noqa: B006
        stars: Stars = {},  # noqa: B006
    ) -> answers.Explanation:
        """Say why a film would be recommended to a person, or why not: what carries it, and its place in their list."""
        asked = _person(liked, disliked, stars)
        service = self._service()
        found = service.recommend(replace(asked, only=[film], filters=Filters(n=1)))
        if not found:
            raise UsageError(
                f"{film} cannot be explained: it is among the films that were named, or too few people rated it"
            )
        listed = service.recommend(replace(asked, filters=Filters(n=_LISTED), explained=False, told=False))
        ids = [one.movie_id for one in listed]
        suggested = found[0]
        return answers.Explanation(
            film=answers.SuggestedFilm.suggested(suggested),
            shares=[answers.Reason(title=reason.title, share=reason.share) for reason in suggested.reasons],
            place=ids.index(suggested.movie_id) + 1 if suggested.movie_id in ids else None,
            notes=found.notes,
        )

    def recommend_together(
        self,
        people: Annotated[list[GroupPerson], Field(min_length=MEMBERS[0], max_length=MEMBERS[1])],
        number: Number = 5,
        genres: Genres = [],  # noqa: B006
        without_genres: NoGenres = [],  # noqa: B006
        year_min: YearMin = None,
        year_max: YearMax = None,
        balance: Balance = None,
        nobody_below: Annotated[
            float | None, Field(description="Only films to which each of them would give at least that many stars.")
        ] = None,
    ) -> answers.SuggestionsForAll:
        """Recommend films to 2 to 8 people who watch together, with what each film probably is to each of them."""
        members = [Member(one.name, _person(one.liked, one.disliked, one.stars)) for one in people]
        wishes = Request(filters=_filters(number, genres, without_genres, year_min, year_max, balance))
        found = self._service().recommend_together(GroupRequest(members, wishes, nobody_below))
        return answers.SuggestionsForAll(films=[*map(answers.FilmForAll.for_all, found)], notes=found.notes)

    def about_film(self, film: FilmRef, number: Number = 5) -> answers.AboutFilm:
        """Say what is known of a film, where to read more, and which films the same people like."""
        service = self._service()
        known = service.film(film)
        similar = service.similar(film, number)
        return answers.AboutFilm(
            film=answers.Film.of(known),
            links=answers.links_of(known),
            similar=[*map(answers.Film.of, similar)],
            notes=similar.notes,
        )

    def read_history(
        self,
        text: Annotated[
            str, Field(min_length=1, max_length=_LONGEST_EXPORT, description="The content of the file, as it is.")
        ],
        file_name: Annotated[str, Field(max_length=255, description="What the file is called.")] = "",
        number: Number = 5,
    ) -> answers.ReadHistory:
        """Read what a film site exported, and recommend films to its owner, none that they have seen.

        Takes the text of a file of Letterboxd, IMDb, Trakt, MovieLens, TMDB, Criticker or Netflix.
        """
        service = self._service()
        found = service.match_history(read_history(text.encode(), name=file_name))
        best = sorted(found.stars.items(), key=lambda rated: -rated[1])[:_FEW]
        titles = {film.movie_id: film.title for film in found.matched}
        suggestions: list[answers.SuggestedFilm] = []
        if found.stars or found.liked or found.disliked:
            asked = Request.for_history(found, filters=Filters(n=number), told=False)
            suggestions = answers.Suggestions.of(service.recommend(asked)).films
        return answers.ReadHistory(
            source=found.source,
            summary=found.summary,
            best=[answers.RatedFilm(id=movie, title=titles[movie], stars=stars) for movie, stars in best],
            unknown=[one.title for one in (*found.ambiguous, *found.unknown)][:_FEW],
            suggestions=suggestions,
            notes=[*found.notes],
        )


def _person(liked: list[Id], disliked: list[Id], stars: dict[str, float], **options: Any) -> Request:
    return Request(movies=liked, disliked=disliked, stars=dict(stars.items()), **options)


def _filters(
    number: int,
    genres: list[str],
    without_genres: list[str],
    year_min: int | None,
    year_max: int | None,
    balance: float | None,
) -> Filters:
    return Filters(
        n=number,
        genres=tuple(genres),
        without_genres=tuple(without_genres),
        year_min=year_min,
        year_max=year_max,
        balance=balance,
    )
