"""The statements about films that come and go; those that write are for a transaction, as in `recording`.

A caller that caches what follows from films asks for `latest`, whose first number changes whenever a film does and
whose second changes whenever a film is rated, and then for `versions`, which say which.
"""

import json
import secrets
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select, text, update

from reelwise.data.catalogue import Movie
from reelwise.data.vocabulary import Id
from reelwise.live.identity import id_of, key_of
from reelwise.live.schema import EVENTS, FILM_VERSIONS, FILMS

_MONTH = 30 * 86_400_000_000  # microseconds

_ALL, _RATINGS = "", "ratings"  # where the id of a film stands, which is neither: for all films, and for their ratings

_LATEST = text("SELECT movie_id, version FROM film_versions WHERE movie_id IN ('', 'ratings')")
_UPSERT_VERSION = text(
    "INSERT INTO film_versions (movie_id, version) VALUES (:movie_id, :version) "
    "ON CONFLICT (movie_id) DO UPDATE SET version = excluded.version"
)
_LIKES = text(
    f"SELECT movie_id, at / {_MONTH}, count(DISTINCT user_id) FROM events "  # noqa: S608
    "WHERE type = 'like' OR (type = 'rating' AND stars >= :least_like) GROUP BY 1, 2"
)
_FIELDS = tuple(column.name for column in FILMS.columns)
_UPSERT_FILM = text(
    f"INSERT INTO films ({', '.join(_FIELDS)}) VALUES ({', '.join(f':{name}' for name in _FIELDS)}) "  # noqa: S608
    f"ON CONFLICT (movie_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _FIELDS[1:])}"
)


class KnownFilm(NamedTuple):
    """A film that came, changed or went since the model was trained.

    Attributes:
        movie_id: which.
        title: with the year in brackets at its end, where that is known.
        genres: of the film.
        imdb_id: its number at IMDb, if known.
        tmdb_id: its number at TMDB, if known.
        removed: whether it went.
    """

    movie_id: Id
    title: str
    genres: tuple[str, ...] = ()
    imdb_id: int | None = None
    tmdb_id: int | None = None
    removed: bool = False


def as_movie(film: KnownFilm) -> Movie:
    """A film as catalogues have it."""
    return Movie(film.movie_id, film.title, film.genres, film.imdb_id, film.tmdb_id)


class FilmRating(NamedTuple):
    """The stars that a user gave a film."""

    user_id: Id
    stars: float


def put(connection: Connection, film: KnownFilm) -> None:
    """Keep a film, in place of what was known of it."""
    row = {
        **film._asdict(),
        "movie_id": key_of(film.movie_id),
        "genres": json.dumps(film.genres, ensure_ascii=False),
        "removed": int(film.removed),
    }
    connection.execute(_UPSERT_FILM, row)
    _set_versions(connection, [_ALL, key_of(film.movie_id)])


def touch_rated(connection: Connection, movies: Collection[Id]) -> None:
    """Give films another version, because they were rated."""
    if movies:
        _set_versions(connection, [*map(key_of, movies), _RATINGS])


def touch_rated_by(connection: Connection, user_id: Id) -> None:
    """Likewise for those films with a version that a user rated."""
    rated = select(EVENTS.c.movie_id).where(EVENTS.c.user_id == key_of(user_id), EVENTS.c.type == "rating")
    where = FILM_VERSIONS.c.movie_id.in_(rated) | (FILM_VERSIONS.c.movie_id == _ALL)
    connection.execute(update(FILM_VERSIONS).where(where).values(version=secrets.randbits(62)))


def latest(connection: Connection) -> tuple[int, int]:
    """A number that changes with each change of a film, and one that changes with each rating; 0 before."""
    found = {key: int(version) for key, version in connection.execute(_LATEST)}
    return found.get(_ALL, 0), found.get(_RATINGS, 0)


def versions(connection: Connection) -> dict[Id, int]:
    """The version of each film that has one."""
    rows = connection.execute(select(FILM_VERSIONS).where(FILM_VERSIONS.c.movie_id.not_in([_ALL, _RATINGS])))
    return {id_of(key): number for key, number in rows}


def all_films(connection: Connection) -> list[KnownFilm]:
    """All films that came, changed or went."""
    return [
        KnownFilm(id_of(key), title, tuple(json.loads(genres)), imdb_id, tmdb_id, bool(removed))
        for key, title, genres, imdb_id, tmdb_id, removed in connection.execute(select(FILMS))
    ]


def ratings_of(connection: Connection, movie: Id, most: int) -> list[FilmRating]:
    """The ratings of a film, the latest first, and no more than so many."""
    wanted = (
        select(EVENTS.c.user_id, EVENTS.c.stars)
        .where(EVENTS.c.movie_id == key_of(movie), EVENTS.c.type == "rating", EVENTS.c.stars.is_not(None))
        .order_by(EVENTS.c.at.desc(), EVENTS.c.user_id)
        .limit(most)
    )
    return [FilmRating(id_of(user), stars) for user, stars in connection.execute(wanted)]


def counts(connection: Connection) -> dict[Id, tuple[int, float]]:
    """How many ratings each film with a version has here, and their mean stars; none where there are none."""
    rows = connection.execute(
        text(
            "SELECT v.movie_id, count(*), avg(e.stars) FROM film_versions v JOIN events e "
            "ON e.movie_id = v.movie_id AND e.type = 'rating' WHERE e.stars IS NOT NULL GROUP BY v.movie_id"
        )
    )
    return {id_of(key): (count, float(mean)) for key, count, mean in rows}


def likes_by_month(connection: Connection, least_like: float) -> list[tuple[Id, int, int]]:
    """How many people liked each film in each span of thirty days, these counted from 1970.

    Args:
        connection: to the store.
        least_like: the fewest stars that are a like.
    """
    rows = connection.execute(_LIKES, {"least_like": least_like})
    return [(id_of(key), int(month), int(people)) for key, month, people in rows]


def _set_versions(connection: Connection, keys: Iterable[str]) -> None:
    version = secrets.randbits(62)
    connection.execute(_UPSERT_VERSION, [{"movie_id": key, "version": version} for key in sorted(keys)])
