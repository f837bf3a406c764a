"""The ratings of now: those that a model was trained on, and what users told the live store since. The newest wins."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue
from reelwise.data.csr import stable_order
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions
from reelwise.data.ratings import Ratings
from reelwise.data.types import Counts, Indices, Mask, Stars, Times
from reelwise.data.vocabulary import Vocabulary, join
from reelwise.errors import UsageError
from reelwise.live import films
from reelwise.live.films import KnownFilm, as_movie
from reelwise.live.identity import mark_of
from reelwise.live.store import Store
from reelwise.live.updates import ToldRatings, told_ratings

_LEARNT = -1  # instead of the time of what the model knows already


class Gathered(NamedTuple):
    """The ratings and films that a model can be updated with.

    Attributes:
        dataset: all ratings and films as they are now.
        told_at: int64, by rating of the data set: when it was told, in microseconds since 1970; -1 where the model has
            learnt it.
        changes: how many ratings are new, have other stars, or were taken back.
        heard: how many ratings the store has.
        marks: of all users who were erased, and are left out.
        is_news: whether there is anything that the model does not know.
    """

    dataset: Dataset
    told_at: Times
    changes: int
    heard: int
    marks: frozenset[str]
    is_news: bool


class _Columns(NamedTuple):
    """Ratings by row of users and of the catalogue; stars are NaN where one was taken back."""

    users: Indices
    movies: Indices
    stars: Stars
    told_at: Times

    def where(self, chosen: Mask | Counts) -> "_Columns":
        return _Columns(self.users[chosen], self.movies[chosen], self.stars[chosen], self.told_at[chosen])


def gather(model: Model, store: Store) -> Gathered:
    """The ratings and films of a model with those of a store; without erased users.

    Raises:
        UsageError: Raised when the model was published without its users, or no rating is left.
        StoreError: Raised when the store cannot be asked.
    """
    told, known_films = told_ratings(store), store.ask(films.all_films)
    marks = store.erased_marks()  # last, so that nobody is in who was erased meanwhile
    catalogue = current_catalogue(model.catalogue, known_films)
    users = join(model.users, [one for one in {*told.users} if one not in model.users])
    erased = np.array([bool(marks) and mark_of(one) in marks for one in users], np.bool_)
    trained = _trained(model, users, catalogue.movies)
    kept = ~erased[trained.users] & (trained.movies >= 0)
    merged, changes = _merge(trained.where(kept), _told(told, users, catalogue.movies, erased), len(catalogue))
    if len(merged.users) == 0:
        raise UsageError("no rating is left to train on, so the model stays as it is")
    ratings = _ratings(merged, users, catalogue.movies, model)
    source = model.config.dataset
    return Gathered(
        Dataset(
            source.name,
            ratings,
            catalogue,
            movielens=source.movielens,
            simulated=source.simulated,
            implicit=source.implicit,
        ),
        merged.told_at,
        changes,
        len(told.stars) - told.stars.count(None),
        marks,
        is_news=changes > 0 or not kept.all() or catalogue is not model.catalogue,
    )


def current_catalogue(catalogue: Catalogue, known: Sequence[KnownFilm]) -> Catalogue:
    """The films of a model with those that came, changed or went since; itself if there are none."""
    changed = {film.movie_id: film for film in known if isinstance(film.movie_id, int) == catalogue.movies.are_numbers}
    gone = {one for one, film in changed.items() if film.removed}
    movies = {
        one: as_movie(film)._replace(tags=catalogue[one].tags if one in catalogue else ())
        for one, film in changed.items()
        if not film.removed
    }
    if not (gone & {*catalogue.movies}) and all(catalogue.get(one) == movie for one, movie in movies.items()):
        return catalogue
    return Catalogue.of([*(movie for movie in catalogue if movie.movie_id not in changed), *movies.values()])


def _trained(model: Model, users: Vocabulary, movies: Vocabulary) -> _Columns:
    """The ratings that the model was trained on; rows of movies are -1 where the film went."""
    if model.histories is None:
        raise UsageError("this model was published without its users, so it cannot be updated; train one of your own")
    ratings = model.histories.interactions()
    of_users, of_movies = users.rows(model.users.ids), movies.rows(model.movies.ids)
    never = np.full(len(ratings), _LEARNT, np.int64)
    return _Columns(of_users[ratings.users], of_movies[ratings.movies], ratings.stars, never)


def _told(told: ToldRatings, users: Vocabulary, movies: Vocabulary, erased: Mask) -> _Columns:
    """The ratings that were told, by users who were not erased and of films that are known."""
    row_of_user, row_of_movie = ({one: row for row, one in enumerate(ids)} for ids in (users, movies))
    columns = _Columns(
        np.array([row_of_user[user] for user in told.users], np.int32),
        np.array([row_of_movie.get(movie, -1) for movie in told.movies], np.int32),
        np.array(told.stars, np.float32),
        np.array(told.at, np.int64),
    )
    return columns.where((columns.movies >= 0) & ~erased[columns.users])


def _merge(trained: _Columns, told: _Columns, movies: int) -> tuple[_Columns, int]:
    """The last rating of each pair, in the order of user, then movie, and how many differ from what was trained on."""
    both = _Columns(
        np.concatenate([trained.users, told.users]),
        np.concatenate([trained.movies, told.movies]),
        np.concatenate([trained.stars, told.stars]),
        np.concatenate([trained.told_at, told.told_at]),
    )
    pairs = both.users * np.int64(movies) + both.movies
    order = stable_order(pairs)
    repeats = pairs[order][1:] == pairs[order][:-1]
    last = order[np.append(~repeats, True)] if len(order) else order
    before = np.full(len(pairs), np.nan, np.float32)  # the stars that were trained on, where others were told
    before[order[1:][repeats]] = both.stars[order[:-1][repeats]]
    same = (both.stars == before) | (np.isnan(both.stars) & np.isnan(before))
    both.told_at[same] = _LEARNT
    changes = int(((both.told_at >= 0)[last]).sum())
    return both.where(last[~np.isnan(both.stars[last])]), changes


def _ratings(merged: _Columns, users: Vocabulary, movies: Vocabulary, model: Model) -> Ratings:
    """The ratings as rows of those users and movies that have any."""
    of_users, user_rows = np.unique(merged.users, return_inverse=True)
    of_movies, movie_rows = np.unique(merged.movies, return_inverse=True)
    stars = np.full_like(merged.stars, model.scale.high) if model.config.dataset.implicit else merged.stars
    return Ratings.from_interactions(
        Vocabulary(users.ids[of_users]),
        Vocabulary(movies.ids[of_movies]),
        Interactions(
            user_rows.astype(np.int32),
            movie_rows.astype(np.int32),
            stars,
            (len(of_users), len(of_movies)),
            model.scale,
        ),
    )
