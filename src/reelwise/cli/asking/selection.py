"""The films that a command is given: by id, by title, or by their ids at other sites."""

from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.errors import DataError, ExportError, UsageError
from reelwise.settings import words

if TYPE_CHECKING:
    from reelwise.recommend.naming.matched_history import MatchedHistory
    from reelwise.recommend.naming.references import MovieRef
    from reelwise.recommend.results import Answer
    from reelwise.recommend.service import Service


def read_films(service: "Service", option: str, text: str | None) -> "list[MovieRef]":
    """The films with commas between them.

    Raises:
        UsageError: Raised when one of them is not an id; it names the option.
    """
    try:
        return [_read_film(service, part) for part in words(text or "")]
    except ValueError:
        raise UsageError(
            f"{option} is {text!r}; expected ids with commas between them, such as 1,296 or imdb:tt0114709 "
            "(titles go with --titles)"
        ) from None


def _read_film(service: "Service", text: str) -> "MovieRef":
    """An id, here or at another site; never a title, even if a film is called so.

    Raises:
        ValueError: Raised when it is not an id.
    """
    from reelwise.recommend.naming.references import IdText, parse_site_number

    if parse_site_number(text):
        return IdText(text)
    movie_id = service.model.movies.parse(text)
    return IdText(movie_id) if isinstance(movie_id, str) else movie_id


def read_candidates(service: "Service", file: Path) -> "list[MovieRef]":
    """The films in a file: what a film site exported, or an id in each line, here or at another site.

    Raises:
        ExportError: Raised when it is neither.
        DataError: Raised when a line is not an id.
        UsageError: Raised when the model knows none of the films.
    """
    from reelwise.cli.asking.frames import read_ids

    try:
        found = read_matched(service, file)
    except ExportError as error:
        try:
            lines = read_ids(file, "movie")
        except DataError:
            raise error from None
        films: list[MovieRef] = []
        for line in lines:
            try:
                films.append(_read_film(service, line))
            except ValueError:
                if not films:
                    raise error from None
                raise DataError(f"{file}: {line[:60]!r} is not an id as {films[0]} is; take it out") from None
        return films
    if not found.matched:
        raise UsageError(f"--only: the model knows none of the films in {file}")
    return [film.movie_id for film in found.matched]


def read_matched(service: "Service", file: Path) -> "MatchedHistory":
    """The history in a file that a film site exported, matched with the films of the model; says what was read.

    Raises:
        ExportError: Raised when it is not such a file.
    """
    from reelwise.cli.terminal import say
    from reelwise.exports.reading import read_history

    found = service.match_history(read_history(file))
    say(f"Read {file} ({found.source}): {found.summary}.")
    return found


def read_titles(text: str | None) -> "list[MovieRef]":
    """The titles with semicolons between them."""
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def read_selection(service: "Service", movies: str | None, titles: str | None) -> "list[MovieRef]":
    """The films named by --movies and --titles."""
    return [*read_films(service, "--movies", movies), *read_titles(titles)]


def say_notes(answer: "Answer") -> None:
    """Say how the films that were named were understood."""
    from reelwise.cli.terminal import say

    for note in answer.notes:
        say(note)
