"""A request: who wants recommendations, and of what kind."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from reelwise.artifacts.model import Model
from reelwise.data.vocabulary import Id
from reelwise.errors import UsageError
from reelwise.recommend.choices import NewFilms, RankBy, Strategy
from reelwise.recommend.filters import DEFAULT_FILTERS, Filters
from reelwise.recommend.limits import (
    MOST_EXCLUDED,
    MOST_PICKS,
    MOST_STARS,
    WHO,
    check_candidates,
    check_choice,
    check_count,
)
from reelwise.recommend.naming.matched_history import MatchedHistory
from reelwise.recommend.naming.references import MovieRef


@dataclass(frozen=True)
class Request:
    """Who wants recommendations, and of what kind.

    Attributes:
        user: the id of a known user; then no film is named.
        movies: liked films: ids, titles, or numbers elsewhere such as imdb:tt0114709 and tmdb:862.
        stars: film → stars, on the data set's scale; any number of them. Where the models can fold a history in, stars
            count as they are; else four out of five and more count as liked, two and less as disliked, and what lies
            between is only left out of the answer.
        disliked: disliked films.
        exclude: films that are not to be shown.
        only: the films to choose from, such as a watchlist; by default all.
        strategy: "blend" of all profiles, or the best matching "profile", which recommends nothing where no one rated a
            liked film. By default a blend, if the model can, or else the profile, or what most people like.
        rank_by: "taste", or "stars": by predicted stars. By default by taste, if the model can.
        filters: what the list should be like.
        explained: whether to work out reasons and margins, which takes longer than all else.
        told: whether to report what became of each film that was named.
        from_file: whether the films are those of a file, which may name any number of them.
        or_popular: whether what most people like will do, where no one rated any of the films named.
        new_films: where films go that the model has not learnt, such as those that came since it was trained.
    """

    user: Id | None = None
    movies: Collection[MovieRef] = ()
    stars: Mapping[MovieRef, float] = field(default_factory=dict)
    disliked: Collection[MovieRef] = ()
    exclude: Collection[MovieRef] = ()
    only: Collection[MovieRef] | None = None
    strategy: Strategy | None = None
    rank_by: RankBy | None = None
    filters: Filters = DEFAULT_FILTERS
    explained: bool = True
    told: bool = True
    from_file: bool = False
    or_popular: bool = False
    new_films: NewFilms = "among"

    @classmethod
    def for_history(cls, history: MatchedHistory, **options: Any) -> Self:
        """A person whose history was read from a file; what was seen is never shown again.

        Args:
            history: beside the model's catalogue.
            options: `rank_by`, `filters` and the like.

        Raises:
            UsageError: Raised when nothing in it says what this person thinks of a film.
        """
        stars = history.stars
        liked, disliked = (
            [movie for movie in felt if movie not in stars] for felt in (history.liked, history.disliked)
        )
        if not (stars or liked or disliked):
            raise UsageError(
                f"this {history.source} history says what was watched or listed, but not what is thought of it: no "
                "film that the model knows is rated, liked or disliked; give a file with ratings, too"
            )
        return cls(movies=liked, stars=stars, disliked=disliked, exclude=history.seen, from_file=True, **options)

    def for_likely_seen(self) -> Self:
        """The request for films that this person has likely seen, the likeliest first, to be marked quickly.

        A score by taste behaves like the probability that a person watches a film and likes it. So the films with the
        highest scores, well known or not, have likely been seen: of 12, people of MovieLens 1M who named 3 to 10 films
        had rated 65 to 70 %. Films that are marked are not shown again, and their stars say more than those of most
        other films.
        """
        filters = self.filters._replace(balance=0.0, diversity=0.0)
        return replace(self, filters=filters, rank_by=None, explained=False)

    @property
    def is_basic(self) -> bool:
        """Whether it is simply for the best films, at balance 0, without anything that takes long to work out."""
        is_short = not self.explained and self.only is None and self.new_films == "without"
        return is_short and self.filters == Filters(self.filters.n, balance=0)

    def blends(self, model: Model) -> bool:
        """Whether a blend stands for a person who names films."""
        return self.strategy == "blend" or (self.strategy is None and model.ranking is not None)

    def check(self) -> None:
        """Refuse what is contradictory or invalid.

        Raises:
            UsageError: Raised when it is.
        """
        if (self.user is None) == (not (self.movies or self.stars or self.disliked)):
            raise UsageError(WHO)
        if not self.from_file:
            check_count("liked films", self.movies, MOST_PICKS)
            check_count("disliked films", self.disliked, MOST_PICKS)
            check_count("films with stars", self.stars, MOST_STARS)
        self.check_list()

    def check_list(self) -> None:
        """Refuse an invalid list.

        Raises:
            UsageError: Raised when that is asked for.
        """
        check_choice("strategy", self.strategy, Strategy)
        check_choice("rank_by", self.rank_by, RankBy)
        check_choice("new_films", self.new_films, NewFilms)
        if not self.from_file:
            check_count("excluded films", self.exclude, MOST_EXCLUDED)
        check_candidates(self.only)
        self.filters.check()
