"""The recommender for Python: a trained model, ready to answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from reelwise.artifacts.model import Description, Model
from reelwise.data.vocabulary import Id
from reelwise.errors import ModelError, UsageError
from reelwise.exports.history import History
from reelwise.recommend.choices import RankBy, Strategy
from reelwise.recommend.filters import Filters
from reelwise.recommend.groups.reading import read_members
from reelwise.recommend.groups.request import GroupRequest
from reelwise.recommend.groups.results import GroupRecommendations
from reelwise.recommend.naming.lookup import Described
from reelwise.recommend.naming.matched_history import MatchedHistory
from reelwise.recommend.naming.references import MovieRef, by_movie, listed
from reelwise.recommend.request import Request
from reelwise.recommend.results import Film, Match, Predictions, RatedFilm, Recommendations, Resolved
from reelwise.recommend.service import Service
from reelwise.remote.addresses import is_folder, obtain_folder

if TYPE_CHECKING:
    import polars as pl


class Recommender:
    """Answers from one model. Safe to share between threads: nothing in it changes.

    Example:
        >>> recommender = Recommender.load("model")
        >>> recommender.recommend(movies=["Alien", "Heat"])
        >>> recommender.similar("Alien")

    Raises:
        UsageError: Raised when it is not made of a Model; by each method when a value is invalid.
        UnknownUser, UnknownMovies: Raised by each method when the model does not know the user, or any of the films.
    """

    def __init__(self, model: Model) -> None:
        if not isinstance(model, Model):
            raise UsageError(f"expected a Model, got {type(model).__name__}; Recommender.load(path) reads one")
        self.service, self._address = Service(model), ""

    @classmethod
    def load(cls, model: Path | str) -> Self:
        """The recommender of a model: a folder, or an address such as `hf://owner/repo`, from where it is fetched.

        Raises:
            ModelError: Raised when the model is missing or invalid; it names file and fault.
            DownloadError: Raised when it cannot be fetched.
            UsageError: Raised when the address is invalid.
        """
        if not isinstance(model, str | PathLike):
            raise UsageError(f"model is of type {type(model).__name__}; expected a folder, or an address as a string")
        address = str(model)
        recommender = cls(Model.load(obtain_folder(address)))
        recommender._address = str(Path(address).resolve()) if is_folder(address) else address
        return recommender

    def __repr__(self) -> str:
        return f"Recommender({self.model!r})"

    def __copy__(self) -> Self:
        return self  # nothing in it changes

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the address of the model, and the revision that must be there when it is unpickled."""
        if not self._address:
            raise UsageError(
                "this recommender's model is in memory alone, so that a pickle could not find it; write it with "
                "model.save(path), and take Recommender.load(path)"
            )
        return _load_again, (type(self), self._address, self.description.revision)

    @property
    def model(self) -> Model:
        """The model."""
        return self.service.model

    @property
    def description(self) -> Description:
        """The model's revision, data set, counts, and time of training."""
        return self.model.description

    def recommend(
        self,
        user: Id | None = None,
        *,
        movies: Iterable[MovieRef] | MovieRef = (),
        stars: Mapping[MovieRef, float] | None = None,
        disliked: Iterable[MovieRef] | MovieRef = (),
        exclude: Iterable[MovieRef] | MovieRef = (),
        only: Iterable[MovieRef] | MovieRef | None = None,
        history: History | MatchedHistory | None = None,
        strategy: Strategy | None = None,
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        n: int | None = None,
        explained: bool = True,
    ) -> Recommendations:
        """Recommend to a known user, a person who names films, or a person with a history.

        The arguments are those of `reelwise.recommend.request.Request`; `n` is short for `Filters(n=n)`. Films are
        named by id, by title, or by number elsewhere, `imdb:tt0114709` and `tmdb:862`; one alone needs no list. A
        `history` is what `reelwise.read_history` or `match_history` returned; films are named beside none. `only` are
        the films to choose from, such as `found.watchlist` of what `match_history` returned.

        Raises:
            UnknownUser: Raised when the model does not know the user.
            UnknownMovies: Raised when none of the films named is in the data set, or a title means no film; then it has
                `suggestions`.
            UsageError: Raised when neither a user nor a film is named, or both; a value is invalid; or the model cannot
                do what is asked.
        """
        options: dict[str, Any] = {
            "only": None if only is None else listed("only", only),
            "strategy": strategy,
            "rank_by": rank_by,
            "filters": _filters(filters, n),
            "explained": explained,
        }
        if history is not None:
            if user is not None or stars is not None or listed("movies", movies) or listed("disliked", disliked):
                raise UsageError("history says who it is; leave out user, movies, stars and disliked")
            return self.service.recommend(self._request_of(history, listed("exclude", exclude), **options))
        return self.service.recommend(
            Request(
                user=user,
                movies=listed("movies", movies),
                stars=by_movie(stars),
                disliked=listed("disliked", disliked),
                exclude=listed("exclude", exclude),
                **options,
            )
        )

    def recommend_together(
        self,
        members: Iterable[Mapping[str, Any]],
        *,
        exclude: Iterable[MovieRef] | MovieRef = (),
        only: Iterable[MovieRef] | MovieRef | None = None,
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        n: int | None = None,
        nobody_below: float | None = None,
    ) -> GroupRecommendations:
        """Recommend to 2 to 8 people at once: good on average, and for the member who has had least so far.

        Args:
            members: a dict for each, with `user`, or `history`, or some of `movies`, `stars` and `disliked`, as in
                `recommend`; and a `name`, by which the answer calls this person.
            exclude: films that are not to be shown; as those that a member has seen or names never are.
            only: the films to choose from.
            rank_by: as in `recommend`.
            filters: what the list should be like.
            n: short for `Filters(n=n)`.
            nobody_below: only films whose predicted stars are that high for each member.

        Raises:
            UnknownUser, UnknownMovies, UsageError: Raised as by `recommend`; a message says with whom it is.
        """
        asked = read_members(members, lambda history: self._request_of(history, [], told=False))
        wishes = Request(
            exclude=listed("exclude", exclude),
            only=None if only is None else listed("only", only),
            rank_by=rank_by,
            filters=_filters(filters, n),
        )
        return self.service.recommend_together(GroupRequest(asked, wishes, nobody_below))

    def _request_of(self, history: History | MatchedHistory, exclude: list[MovieRef], **options: Any) -> Request:
        matched = history if isinstance(history, MatchedHistory) else self.match_history(history)
        request = Request.for_history(matched, **options)
        return replace(request, exclude=[*request.exclude, *exclude])

    def likely_seen(
        self,
        user: Id | None = None,
        *,
        movies: Iterable[MovieRef] | MovieRef = (),
        stars: Mapping[MovieRef, float] | None = None,
        disliked: Iterable[MovieRef] | MovieRef = (),
        exclude: Iterable[MovieRef] | MovieRef = (),
        filters: Filters | None = None,
        n: int | None = None,
    ) -> Recommendations:
        """Films that a person has likely seen, the likeliest first: to be marked quickly.

        The arguments are those of `recommend`. What is marked belongs into `stars`, `disliked` or `exclude`, or into
        the live store; nothing makes lists better faster.

        Raises:
            UnknownUser, UnknownMovies, UsageError: Raised as by `recommend`.
        """
        return self.service.likely_seen(
            Request(
                user=user,
                movies=listed("movies", movies),
                stars=by_movie(stars),
                disliked=listed("disliked", disliked),
                exclude=listed("exclude", exclude),
                filters=_filters(filters, n),
            )
        )

    def predict(
        self,
        user: Id | None = None,
        *,
        movies: Iterable[MovieRef] | MovieRef,
        stars: Mapping[MovieRef, float] | None = None,
        liked: Iterable[MovieRef] | MovieRef = (),
        disliked: Iterable[MovieRef] | MovieRef = (),
    ) -> Predictions:
        """The stars that a known user, or a person who names films, would give movies.

        Args:
            user: the id of a known user; then only `movies` are named.
            movies: the films whose stars are predicted, named as in `recommend`.
            stars: film → stars that this person gave, on the data set's scale.
            liked: films that this person likes.
            disliked: films that this person does not like.

        Returns:
            Stars on the data set's scale with their standard deviation, in the order of `movies`. A film that nobody
            rated has none; `notes` says so.

        Raises:
            UnknownUser, UnknownMovies, UsageError: Raised as by `recommend`.
        """
        request = Request(
            user=user, movies=listed("liked", liked), stars=by_movie(stars), disliked=listed("disliked", disliked)
        )
        return self.service.predict(request, listed("movies", movies))

    def predict_pairs(self, frame: Any, *, user: str | None = None, movie: str | None = None) -> "pl.DataFrame":
        """The stars that each user of a frame would give the movie beside it; for a whole test set at once.

        Args:
            frame: polars, pandas, pyarrow or whatever has `__arrow_c_stream__`.
            user: its column with the ids of users; by default the one that is called like that.
            movie: its column with the ids of movies, likewise; `imdb:tt0114709` and `tmdb:862` are ids, too.

        Returns:
            The frame with the columns `predicted_stars` and `stars_margin` (float32, on the data set's scale; one
            standard deviation). Both are null where the user or the movie is unknown, or nobody rated the movie: no row
            is left out. Without uncertainty `stars_margin` is null everywhere.

        Raises:
            UsageError: Raised when the model was published without its users, or the frame or an id is invalid.
            DataError: Raised when a column is not there, or two could be meant.
        """
        columns = {role: name for role, name in (("user", user), ("movie", movie)) if name is not None}
        return self.service.predict_frame(frame, columns)

    def popular(
        self,
        *,
        exclude: Iterable[MovieRef] | MovieRef = (),
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        n: int | None = None,
    ) -> Recommendations:
        """What most people like, or without a ranking model what they give most stars."""
        request = Request(exclude=listed("exclude", exclude), rank_by=rank_by, filters=_filters(filters, n))
        return self.service.popular(request)

    def match(self, movies: Iterable[MovieRef] | MovieRef) -> Match:
        """The user who rated most of these movies; see `Service.match`."""
        return self.service.match(listed("movies", movies))

    def similar(self, movie: MovieRef, n: int = 10) -> Recommendations:
        """Films that the same people like; see `Service.similar`."""
        return self.service.similar(movie, n)

    def history(self, user: Id, limit: int | None = None) -> list[RatedFilm]:
        """What a user rated, with the stars, most stars first; see `Service.history`."""
        return self.service.history(user, limit)

    def resolve(self, films: Iterable[Any]) -> list[Resolved]:
        """Look films up: by id, title, `imdb:tt0114709`, or a dict with some of imdbId, tmdbId, title and year.

        Returns:
            For each the film and what it was found by; or no film, and those whose titles resemble its own.

        Raises:
            UsageError: Raised when one of them says nothing of a film.
        """
        return self.service.resolve(map(Described.read, [films] if isinstance(films, dict) else listed("films", films)))

    def match_history(self, history: History) -> MatchedHistory:
        """The films of a history that `reelwise.read_history` read.

        Returns:
            `matched`, on the data set's scale, with `stars`, `seen`, `liked`, `watchlist` and so on out of it;
            `ambiguous` titles with the films that may be meant; `unknown` ones; and `not_films`.

        Raises:
            UsageError: Raised when it is not a history.
        """
        if not isinstance(history, History):
            raise UsageError(f"history is of type {type(history).__name__}; expected what read_history returns")
        return self.service.match_history(history)

    def search(self, text: str, limit: int = 10) -> list[Film]:
        """The films whose titles fit `text`, best first; forgives typing errors, accents and a missing article."""
        return self.service.search(text, limit)

    def starter(self, n: int = 24) -> list[Film]:
        """Well-known films of every kind to start picking from, the best known first."""
        return self.service.starter(n)


def _load_again(kind: type[Recommender], address: str, revision: str) -> Recommender:
    """The recommender that was pickled.

    Raises:
        ModelError: Raised when another model is there now, or none.
    """
    recommender = kind.load(address)
    if recommender.description.revision != revision:
        raise ModelError(
            f"{address}: this recommender was pickled with revision {revision} of the model, and now revision "
            f"{recommender.description.revision} is there; load it instead of unpickling"
        )
    return recommender


def _filters(filters: Filters | None, n: int | None) -> Filters:
    """The filters, for `n` films if that is given.

    Raises:
        UsageError: Raised when they are invalid.
    """
    filters = Filters() if filters is None else filters
    if not isinstance(filters, Filters):
        raise UsageError(
            f"filters is of type {type(filters).__name__}; expected Filters, such as Filters(year_min=1980)"
        )
    return filters if n is None else filters._replace(n=n)
