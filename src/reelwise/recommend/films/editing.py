"""Puts films into the store and takes films away, from the next request on."""

from functools import partial
from typing import TYPE_CHECKING

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Movie
from reelwise.data.titles import split_title
from reelwise.data.vocabulary import Id, is_text_id
from reelwise.errors import UsageError
from reelwise.live.address import require_store
from reelwise.recommend.limits import LARGEST_NUMBER, check_genres, check_text, check_year
from reelwise.recommend.naming.references import require_row

if TYPE_CHECKING:
    from reelwise.live.films import KnownFilm
    from reelwise.live.store import Store


def put_film(
    model: Model,
    store: "Store | None",
    movie_id: Id,
    title: str,
    year: int | None = None,
    genres: tuple[str, ...] = (),
    imdb_id: int | None = None,
    tmdb_id: int | None = None,
) -> None:
    """Have a film known from now on, in place of what was known of it.

    Args:
        model: what is served.
        store: where films are kept.
        movie_id: of the kind that the model's films have.
        title: with or without the year in brackets behind it.
        year: of the film; where it is not given, that of the title counts.
        genres: of the film.
        imdb_id: its number at IMDb.
        tmdb_id: its number at TMDB.

    Raises:
        UsageError: Raised when a value is invalid.
        StoreError: Raised when there is no store, or it cannot be written.
    """
    from reelwise.live.films import KnownFilm

    _check_id(model, movie_id)
    check_text("title", title, least=1)
    check_genres("genres", genres)
    if not all(map(str.isprintable, (title, *genres))):  # which no model folder may hold
        raise UsageError("the title or a genre contains unprintable characters, such as a line break; remove them")
    title = title.strip()
    of_title = Movie(movie_id, title).year
    if not split_title(title).main:
        raise UsageError(f"title is {title!r}; expected the name of a film")
    if year is not None:
        check_year("year", year)
        if of_title is not None and of_title != year:
            raise UsageError(f"year is {year}, but the title says {of_title}; give one of them, or the same")
    title = title if of_title is not None or year is None else f"{title} ({year})"
    _write(store, KnownFilm(movie_id, title, tuple(genres), imdb_id, tmdb_id))


def remove_film(model: Model, store: "Store | None", movie_id: Id) -> None:
    """Have a film shown no more, found no more, and in no later model.

    Args:
        model: what is served now, films that came included.
        store: where films are kept.
        movie_id: the film.

    Raises:
        UnknownMovie: Raised when there is no such film.
        StoreError: Raised when there is no store, or it cannot be written.
    """
    from reelwise.live.films import KnownFilm

    movie = model.catalogue.movie(require_row(model.movies.row(movie_id), movie_id))
    _write(store, KnownFilm(movie.movie_id, movie.title, movie.genres, movie.imdb_id, movie.tmdb_id, removed=True))


def _write(store: "Store | None", film: "KnownFilm") -> None:
    from reelwise.live import films

    require_store(store).change(partial(films.put, film=film))


def _check_id(model: Model, movie_id: Id) -> None:
    """Refuse what cannot be the id of a film of this model."""
    if model.movies.are_numbers:
        if isinstance(movie_id, str) or not 0 <= movie_id <= LARGEST_NUMBER:
            raise UsageError(f"movie id {movie_id!r} is not valid for this model, whose ids are whole numbers")
    elif not is_text_id(movie_id) or movie_id.startswith(("imdb:", "tmdb:")):
        raise UsageError(
            f"movie id {movie_id!r} is not valid for this model, whose ids are strings, such as {model.movies[0]!r}"
        )
