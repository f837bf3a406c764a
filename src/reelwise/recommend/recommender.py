"""The recommender: a trained model with its catalogue and histories, ready to answer."""

from collections.abc import Iterable, Mapping, Set
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.folder import read_model
from reelwise.artifacts.model import Description, Model
from reelwise.data.catalogue import Movie
from reelwise.errors import UsageError
from reelwise.recommend.discovery.clusters import groups
from reelwise.recommend.discovery.map import FilmMap
from reelwise.recommend.discovery.starter import starter
from reelwise.recommend.lists import Lists, RankBy
from reelwise.recommend.movie_facts import Films
from reelwise.recommend.query import Viewer, Viewers, required
from reelwise.recommend.reranking import Filters
from reelwise.recommend.resolve import Identities, MovieRef, Opinion
from reelwise.recommend.results import Match, Recommendation, Recommendations, Source
from reelwise.recommend.similar import similar
from reelwise.recommend.stars_histogram import stars_distribution
from reelwise.remote.addresses import obtain_folder

Strategy = Literal["profile", "blend"]

_HOT_USERS = 2048  # whose lists are kept, in case they, or somebody like them, ask again
_KEPT_FILMS = 30  # the longest list that is kept


class Recommender:
    """Answers for one model. Safe to share between threads: nothing in it changes.

    Example:
        >>> recommender = Recommender.load("model")
        >>> recommender.recommend(movies=["Alien", "Heat"])
        >>> recommender.similar("Alien")
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._history = model.history
        self._identities = Identities(model)
        self._viewers = Viewers(model)
        self.films = Films.of(model.catalogue, model.history.movie_ids, model.popularity.counts)
        """What is known of the rated films, by row."""
        self._lists = Lists(model, self._viewers.tastes, self.films)
        self._kept = lru_cache(maxsize=_HOT_USERS)(partial(_plain_list, self._viewers, self._lists))

    @classmethod
    def load(cls, model: Path | str) -> Self:
        """The recommender of a model: a folder, or an address such as `hf://owner/repo`, from where it is fetched.

        Raises:
            ModelError: if the model is missing or broken; it names file and fault.
            DownloadError: if it cannot be fetched.
        """
        return cls(read_model(obtain_folder(str(model))))

    @property
    def description(self) -> Description:
        """What this model is: revision, data set, counts, when it was trained."""
        return self.model.description

    def recommend(
        self,
        user: int | None = None,
        *,
        movies: Iterable[MovieRef] = (),
        stars: Mapping[int, float] | None = None,
        disliked: Iterable[MovieRef] = (),
        exclude: Iterable[int] = (),
        strategy: Strategy | None = None,
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        n: int | None = None,
        explained: bool = True,
    ) -> Recommendations:
        """Recommend to a known user, or to somebody who names films.

        Args:
            user: a user id; then films must not be named.
            movies: liked films, ids or titles.
            stars: movie id → stars, on the data set's scale: four out of five and more count as liked, two and less as
                disliked; what lies between is only left out of the answer.
            disliked: disliked films, ids or titles.
            exclude: ids of films that shall not be shown.
            strategy: "blend" of all profiles, or the best matching "profile", which recommends nothing where nobody
                rated a liked film. By default a blend, if the model can, or else the profile, or `popular`.
            rank_by: "taste", or "stars": by predicted stars. By default by taste, if the model can.
            filters: what the list shall be like.
            n: how many films, at most; short for `Filters(n=n)`.
            explained: whether to work out reasons and margins, which takes longer than all else.

        Raises:
            UnknownUser: if the model does not know the user.
            UnknownMovies: if films are named and none of them is in the data set, or nothing is called like a title.
            UsageError: if neither a user nor a film is named, or both; or the model cannot do what is asked.
        """
        movies, stars, disliked = list(movies), stars or {}, list(disliked)
        if (user is None) == (not (movies or stars or disliked)):
            raise UsageError("name either a user, or at least one film")
        if n is not None:
            filters = filters.with_n(n) if filters else Filters(n)
        wanted = _Wanted(rank_by, filters or Filters(), explained)
        if user is not None:
            row = self._identities.user(user)
            return Recommendations(self._to_user(row, "known user", frozenset(exclude), wanted))
        opinion = self._identities.opinion(movies, stars, disliked)
        unknown = self._identities.unknown(opinion.all)
        return Recommendations(self._to_selection(opinion, strategy, {*exclude, *opinion.all}, wanted), unknown)

    def popular(
        self, *, exclude: Iterable[int] = (), rank_by: RankBy | None = None, filters: Filters | None = None
    ) -> Recommendations:
        """What most people like, or without a taste model what they give most stars; for somebody quite unknown.

        The arguments are those of `recommend`.
        """
        return Recommendations(self._lists.of(self._anybody(), self._identities.rows(exclude), rank_by, filters))

    def starter(self, n: int = 24) -> list[Movie]:
        """Well-known films of every kind to start picking from, the best known first."""
        tastes = self._viewers.tastes
        rows = starter(self.films, tastes.taste.centred_embeddings if tastes else None, n)
        return self._movies(rows)

    @cached_property
    def groups(self) -> dict[str, list[Movie]]:
        """Up to 8 groups of 6 to 8 well-known films that the same people like, by name; none without a taste model."""
        if self.model.taste is None:
            return {}
        found = groups(self.films, self.model.taste.centred_embeddings)
        return {group.name: self._movies(group.rows) for group in found}

    @cached_property
    def map(self) -> FilmMap | None:
        """The best-known films on a map where films of a like taste lie close together; None if training drew none."""
        return FilmMap.of(self.model, self.films)

    @cached_property
    def stars_distribution(self) -> list[tuple[float, int]]:
        """Numbers of stars, and how many ratings have them; empty where histories were left out."""
        return stars_distribution(self._history)

    def recommend_from_selection(
        self, movie_ids: Iterable[int], n: int = 10, strategy: Strategy = "profile", rank_by: RankBy = "stars"
    ) -> Recommendations:
        """Recommend to somebody who picked these movies, with the defaults of the HTTP path of that name.

        Raises:
            UnknownMovies: if none of the ids is in the data set.
            UsageError: if the model cannot do what is asked.
        """
        return self.recommend(movies=movie_ids, n=n, strategy=strategy, rank_by=rank_by, explained=False)

    def match(self, movies: Iterable[MovieRef]) -> Match:
        """The user who rated most of these movies; ties go to the higher mean stars on them, then to the lowest id.

        Raises:
            UnknownMovies: if none of them is in the data set.
        """
        chosen = [self._identities.movie_id(movie) for movie in movies]
        self._identities.unknown(chosen)
        found = self._viewers.match(self._identities.rows(chosen))
        if found is None:
            return Match(None, 0, None)
        return Match(int(self._history.user_ids[found.user]), found.matched, found.mean_stars)

    def similar(self, movie: MovieRef, n: int = 10) -> Recommendations:
        """Films that the same people like; films that a handful of people rated are held back.

        Their `predicted_stars` are what people gave them on average. An empty answer for a film that nobody rated.

        Raises:
            UnknownMovies: if the film is not in the data set.
            UsageError: if the model has no taste model.
        """
        tastes = required(self._viewers.tastes)
        movie_id = self._identities.movie_id(movie)
        self._identities.unknown([movie_id])
        rows = self._identities.rows([movie_id])
        if not rows:
            return Recommendations(())
        found, likeness = similar(tastes.cosines(rows[0]), self.films.counts, rows[0], n)
        shown = zip(found.tolist(), likeness.tolist(), self.model.popularity.means[found].tolist(), strict=True)
        return Recommendations(
            tuple(self._lists.film(row, score, mean, None, (), "similar") for row, score, mean in shown)
        )

    def history(
        self, user: int, limit: int | None = None, among: Iterable[int] | None = None
    ) -> list[tuple[Movie, float]]:
        """What a user rated, with the stars, most stars first.

        Args:
            user: a user id.
            limit: how many films, at most; by default all.
            among: movie ids; only these films are of interest.

        Raises:
            UnknownUser: if the model does not know the user.
        """
        movies, stars = self._history.by_user[self._identities.user(user)]
        if among is not None:
            wanted = np.isin(movies, self._identities.rows(among))
            movies, stars = movies[wanted], stars[wanted]
        order = np.argsort(-stars, kind="stable")[:limit]
        found = self._movies(movies[order])
        return list(zip(found, stars[order].tolist(), strict=True))

    def movie(self, movie_id: int) -> Movie | None:
        """The film with that id, if it is in the data set."""
        return self.model.catalogue.get(movie_id)

    def popularity(self, movie_id: int) -> tuple[int, float | None]:
        """How many people rated the film, and what they gave on average; 0 and None where nobody did."""
        rows = self._identities.rows([movie_id])
        return self.model.popularity[rows[0]] if rows else (0, None)

    def search(self, query: str, limit: int = 10) -> list[Movie]:
        """The films whose titles fit `query`, best first; forgives typing errors, accents and a missing article."""
        return self._identities.search(query, limit)

    def _movies(self, rows: npt.NDArray[np.integer]) -> list[Movie]:
        return [self.model.catalogue[movie_id] for movie_id in self._history.movie_ids[rows].tolist()]

    def _anybody(self) -> Viewer:
        """Somebody of whom nothing is known."""
        if self._viewers.tastes:
            return self._viewers.tastes.blended(())
        nothing = np.empty(0, np.int32)
        return Viewer("popular", self.model.P.mean(axis=0), None, nothing)

    def _to_selection(
        self, opinion: Opinion, strategy: Strategy | None, excluded: Set[int], wanted: "_Wanted"
    ) -> tuple[Recommendation, ...]:
        """What to show to somebody with that opinion."""
        if strategy not in (None, "blend", "profile"):
            raise UsageError(f"strategy is {strategy!r}; there are blend and profile")
        liked = self._identities.rows(opinion.liked)
        tastes = self._viewers.tastes
        if strategy == "blend" or (strategy is None and tastes):
            viewer = required(tastes).blended(liked, self._identities.rows(opinion.disliked))
        elif (match := self._viewers.match(liked)) is not None:
            return self._to_user(match.user, "profile", excluded, wanted)
        elif strategy == "profile":
            return ()
        else:
            viewer = self._anybody()
        return self._lists.of(viewer, self._identities.rows(excluded), *wanted)

    def _to_user(self, user: int, source: Source, excluded: Set[int], wanted: "_Wanted") -> tuple[Recommendation, ...]:
        """What to show to the user of that row, or to somebody who is like that user."""
        n = wanted.filters.n
        if wanted.is_plain and n + len(excluded) <= _KEPT_FILMS:
            kept = self._kept(user, source, wanted.rank_by, n + len(excluded))
            return tuple([film for film in kept if film.movie_id not in excluded][:n])
        viewer = self._viewers.known(user, source)
        return self._lists.of(viewer, self._identities.rows(excluded), *wanted)


class _Wanted(NamedTuple):
    """What kind of list is asked for; see `Lists.of`."""

    rank_by: RankBy | None
    filters: Filters
    explained: bool

    @property
    def is_plain(self) -> bool:
        """Whether it is simply the best films, with nothing said of them that takes long to find out."""
        return not self.explained and self.filters == Filters(self.filters.n)


def _plain_list(
    viewers: Viewers, lists: Lists, user: int, source: Source, rank_by: RankBy | None, n: int
) -> tuple[Recommendation, ...]:
    # No method, because what keeps a method keeps its recommender, and that would keep itself when nobody else does.
    return lists.of(viewers.known(user, source), (), rank_by, Filters(n), explained=False)
