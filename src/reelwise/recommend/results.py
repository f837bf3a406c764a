"""What is answered: films, recommendations, a matching user."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from reelwise.data.vocabulary import Id
from reelwise.recommend.choices import Source

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class Film(NamedTuple):
    """A film and what is known of it.

    Attributes:
        movie_id: the data set's own id.
        title: as the data set spells it.
        year: of the film, if known.
        genres: of the film.
        ratings: how many people rated it.
        mean_stars: what they gave on average; None where nobody did.
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


class RatedFilm(NamedTuple):
    """A film of somebody's history, with the stars given."""

    film: Film
    stars: float


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
        predicted_stars: clipped to the rating scale.
        stars_margin: how sure that is, one standard deviation: about two of three true ratings lie within
            predicted_stars ± stars_margin. A profile's is that of the matching user, as the stars are. None where the
            model cannot tell, and for similar films.
        reasons: films that carry it, the largest share first; none where nothing stands out.
        ratings: how many people rated it.
        mean_stars: what they gave on average; None where nobody did.
        tmdb_id: its number at TMDB, if known.
        imdb_id: its number at IMDb, if known.
        source: what the recommendation came from.
    """

    movie_id: Id
    title: str
    year: int | None
    genres: tuple[str, ...]
    score: float | None
    predicted_stars: float
    stars_margin: float | None
    reasons: tuple[Reason, ...]
    ratings: int
    mean_stars: float | None
    tmdb_id: int | None
    imdb_id: int | None
    source: Source

    def format_stars(self) -> str:
        """The predicted stars with their margin, such as "4.32 ± 0.61"."""
        margin = "" if self.stars_margin is None else f" ± {self.stars_margin:.2f}"
        return f"{self.predicted_stars:.2f}{margin}"


@dataclass(frozen=True, slots=True)
class Match:
    """The user who matches a selection best.

    Attributes:
        user_id: None where nobody rated any of it, as is `average_rating`.
        match_count: how many of the films that user rated.
        average_rating: the mean of that user's stars on them.
        unknown_ids: ids that were asked about and are not in the data set.
    """

    user_id: Id | None
    match_count: int
    average_rating: float | None
    unknown_ids: tuple[Id, ...] = ()


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


@dataclass(frozen=True)
class Recommendations(Sequence[Recommendation]):
    """Recommended films, best first. Behaves as a list, and shows as a table.

    Attributes:
        films: the recommendations.
        unknown_ids: ids that were asked about and are not in the data set.
    """

    films: tuple[Recommendation, ...]
    unknown_ids: tuple[Id, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.films)

    @overload
    def __getitem__(self, index: int) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Recommendation, ...]: ...
    def __getitem__(self, index: int | slice) -> Recommendation | tuple[Recommendation, ...]:
        return self.films[index]

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.films)

    def __repr__(self) -> str:
        if not self.films:
            return "no recommendations"
        return "\n".join(f"{stars:>5}  {title}{because}" for stars, title, because in self._lines())

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        cells = "".join(
            f"<tr><td>{stars}</td><td>{html.escape(title)}</td><td>{html.escape(because)}</td></tr>"
            for stars, title, because in self._lines()
        )
        return f"<table><tr><th>stars</th><th>film</th><th></th></tr>{cells}</table>"

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        for film in self.films:
            because = " and ".join(reason.title for reason in film.reasons[:2])
            yield film.format_stars(), film.title, f"  (because of {because})" if because else ""

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per film, for data frames; reasons as a list of titles."""
        return [film._asdict() | {"reasons": [reason.title for reason in film.reasons]} for film in self.films]

    def to_polars(self) -> "pl.DataFrame":
        """A polars data frame, one row per film."""
        import polars as pl

        return pl.DataFrame(self.to_dicts())

    def to_pandas(self) -> "pd.DataFrame":
        """A pandas data frame, one row per film; pandas must be installed."""
        import pandas as pd

        return pd.DataFrame(self.to_dicts())
