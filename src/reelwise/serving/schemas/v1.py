"""The shapes of `/api/v1`. Ids of films are spelled as in MovieLens' files, all else in snake case."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from reelwise.recommend import results
from reelwise.recommend.filters import Filters
from reelwise.recommend.limits import WHO
from reelwise.recommend.request import Request
from reelwise.serving.schemas.fixed import AnswerBody, Rounded
from reelwise.serving.schemas.ids import Id
from reelwise.serving.schemas.params import (
    Balance,
    Candidates,
    CandidatesInQuery,
    Disliked,
    Diversity,
    Excluded,
    ExcludedInQuery,
    Genres,
    GivenStars,
    Liked,
    MinRatings,
    Number,
    Order,
    Way,
    WhereNew,
    WithoutGenres,
    YearMax,
    YearMin,
    refusal,
    without,
)
from reelwise.serving.schemas.words import CountsAs, Source


class FilterParams(BaseModel):
    """What a list of recommendations shall be like, in a query or in a body."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    n: Number = 10
    """How many films to give at most; fewer come when no more pass the filters."""
    genres: Genres = []
    """Only films with at least one of these genres."""
    without_genres: WithoutGenres = []
    """No film with any of these genres."""
    year_min: YearMin | None = None
    """No film from before that year, or without a year."""
    year_max: YearMax | None = None
    """No film from after that year, or without a year."""
    min_ratings: MinRatings = 0
    """Only films that at least so many people rated."""
    diversity: Diversity = 0.0
    """From 0, the best fitting films, to 1, the most varied ones."""
    balance: Balance | None = None
    """From 0, well-known films, to 1, hidden ones. By default what training chose, see `balance` of `/api/v1/model`;
    0 where nothing is known of the viewer. By stars it has no effect."""
    rank_by: Order | None = None
    """`taste`: first what people with this taste watch and like. `stars`: best predicted stars first.
    By default by taste, if the model can; in any case where it was trained without stars."""

    @property
    def filters(self) -> Filters:
        """The filters in the recommender's words."""
        words = {name: getattr(self, name) for name in Filters._fields}
        return Filters(**words | {"genres": tuple(self.genres), "without_genres": tuple(self.without_genres)})


class AllFilmsParams(FilterParams):
    """The filters of lists that new films may be on."""

    new_films: WhereNew = "among"
    """Where films go that the model has not learnt, because they came since or nobody had rated them: `among` the
    others, at half of their score; `only` these, those with some ratings first; or `without` them."""


class UserFilterParams(AllFilmsParams):
    """The filters as query parameters."""

    exclude_ids: ExcludedInQuery = []
    """Ids of films that shall not be shown."""
    only_ids: CandidatesInQuery = []
    """Ids of the films to choose from; by default all."""

    def ask(self, user: Id) -> Request:
        """The request in the recommender's words."""
        return Request(
            user=user,
            exclude=self.exclude_ids,
            only=self.only_ids or None,
            rank_by=self.rank_by,
            filters=self.filters,
            new_films=self.new_films,
        )


class RecommendationRequest(AllFilmsParams):
    """Somebody who names films, and what the recommendations shall be like."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "not": without("movie_ids", "stars", "disliked_ids"),
            "examples": [
                {"movie_ids": [296, 593]},
                {
                    "movie_ids": [296],
                    "stars": {"1": 4.5},
                    "disliked_ids": [1196],
                    "n": 5,
                    "genres": ["Thriller", "Crime"],
                    "year_min": 1980,
                    "diversity": 0.3,
                },
            ],
        },
    )

    movie_ids: Liked = []
    """Films that the viewer likes; repeated ids count once."""
    stars: GivenStars = {}
    """Stars that the viewer gives to films, by movie id, on the model's rating scale: a whole history, if there is one.
    With some models stars only say what is liked, from four out of five on, and disliked, up to two."""
    disliked_ids: Disliked = []
    """Films that the viewer does not like."""
    exclude_ids: Excluded = []
    """Films that shall not be shown, whatever the viewer thinks of them."""
    only_ids: Candidates | None = None
    """The films to choose from, such as a watchlist or a library; by default all. Those named elsewhere in the request
    are left out all the same."""
    strategy: Way | None = None
    """`blend`: all users, weighed by how well they fit the films. `profile`: what the best matching user would be
    recommended, nothing when nobody rated a liked film. By default a blend, if the model can."""

    def ask(self) -> Request:
        """The request in the recommender's words; what most people like will do where nobody rated a film named."""
        return Request(
            movies=self.movie_ids,
            stars=self.stars,
            disliked=self.disliked_ids,
            exclude=self.exclude_ids,
            only=self.only_ids,
            strategy=self.strategy,
            rank_by=self.rank_by,
            filters=self.filters,
            new_films=self.new_films,
            or_popular=True,
        )

    @property
    def named(self) -> set[Id]:
        """The films that the viewer has an opinion of."""
        return {*self.movie_ids, *self.stars, *self.disliked_ids}

    @model_validator(mode="after")
    def _names_some(self) -> Self:
        if not self.named:
            raise refusal(WHO)
        return self


class FilmName(AnswerBody):
    """Which film."""

    movie_id: Annotated[Id, Field(serialization_alias="movieId")]
    """The data set's own id of the film."""
    title: str
    """The title with the year."""


NAMED_EXAMPLE: dict[str, JsonValue] = {
    "given": "imdb:tt0102926",
    "movieId": 593,
    "title": "Silence of the Lambs, The (1991)",
    "counts_as": "like",
    "why": None,
}


class NamedFilm(FilmName):
    """What became of a film that was named."""

    model_config = ConfigDict(json_schema_extra={"examples": [NAMED_EXAMPLE]})

    given: Id
    """What it was named as."""
    counts_as: CountsAs
    """What for; `nothing` where it made no difference but for being left out."""
    why: str | None
    """Why it counts for nothing; null where it does not."""


FILM_EXAMPLE: dict[str, JsonValue] = {
    "movieId": 296,
    "title": "Pulp Fiction (1994)",
    "year": 1994,
    "genres": ["Comedy", "Crime", "Drama", "Thriller"],
    "ratings": 307,
    "mean_stars": 4.197,
    "tmdbId": 680,
    "imdbId": 110912,
}

SILENCE_EXAMPLE: dict[str, JsonValue] = {
    "movieId": 593,
    "title": "Silence of the Lambs, The (1991)",
    "year": 1991,
    "genres": ["Crime", "Horror", "Thriller"],
    "ratings": 279,
    "mean_stars": 4.161,
    "tmdbId": 274,
    "imdbId": 102926,
}


class Film(FilmName):
    """A film and what is known of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [FILM_EXAMPLE]})

    year: int | None
    """The year at the end of the title, where there is one."""
    genres: list[str]
    """Its genres."""
    ratings: int
    """How many people rated it."""
    mean_stars: Rounded | None
    """What they gave on average; null where nobody did, or the model was trained without stars."""
    tmdb_id: Annotated[int | None, Field(serialization_alias="tmdbId")]
    """The film's number at themoviedb.org, where it is known."""
    imdb_id: Annotated[int | None, Field(serialization_alias="imdbId")]
    """The film's number at imdb.com, where it is known."""


class SimilarFilm(Film):
    """A film that the same people like."""

    model_config = ConfigDict(json_schema_extra={"examples": [FILM_EXAMPLE | {"score": 0.871}]})

    score: Rounded
    """How alike the two films are, at most 1."""


class RatedFilm(Film):
    """A film of somebody's history."""

    model_config = ConfigDict(json_schema_extra={"examples": [FILM_EXAMPLE | {"stars": 4.5}]})

    stars: Rounded | None
    """The stars that the user gave; null where the model was trained without stars."""

    @classmethod
    def of(cls, film: results.Film, stars: float | None) -> Self:
        """What the recommender tells."""
        return cls(**film._asdict(), stars=stars)


class Reason(FilmName):
    """A film that carries a recommendation."""

    share: Rounded
    """Its part of the score, 0 to 1: how much the score falls without it."""


_RECOMMENDED: dict[str, JsonValue] = FILM_EXAMPLE | {
    "score": 0.842,
    "predicted_stars": 4.213,
    "stars_margin": 0.614,
    "source": "blend",
    "reasons": [{"movieId": 593, "title": "Silence of the Lambs, The (1991)", "share": 0.311}],
}


class RecommendedFilm(Film):
    """A film that is worth seeing, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RECOMMENDED]})

    score: Rounded | None
    """How well it fits the viewer's taste; comparable within one list, null where the model has no ranking model."""
    predicted_stars: Rounded | None
    """The predicted stars, on the data set's rating scale; null where the model was trained without stars, and for a
    film that it has not learnt yet."""
    stars_margin: Rounded | None
    """How sure that is: about two of three viewers' true stars lie within so much of `predicted_stars`.
    Null where the model cannot tell."""
    source: Source
    """What the recommendation came from: all users weighed by how well they fit, the user's own ratings,
    what most people like, the best matching user; or what is known of a new film, of which no stars are claimed."""
    reasons: list[Reason]
    """The films that carry it, the largest share first; none where nothing stands out."""


_LIST: dict[str, JsonValue] = {
    "recommendations": [_RECOMMENDED],
    "named": [NAMED_EXAMPLE],
    "unknown_ids": [],
    "recommendation_id": "0e8a829d150e-0-5f2c0d9e8a7b4c6d",
}


class Recommended(AnswerBody):
    """Recommendations, best first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LIST]})

    recommendations: Annotated[list[RecommendedFilm], Field(validation_alias="films")]
    """The films; fewer than `n` when no more pass the filters."""
    named: list[NamedFilm]
    """What became of each film of the request that is in the data set; of `exclude_ids` and `only_ids` only numbers
    elsewhere, and of the latter those that nobody rated."""
    unknown_ids: list[Id]
    """The ids of the request that are not in the data set, ascending."""
    recommendation_id: str
    """Of this list; events that name it tell which of its films were shown, and what became of them."""
