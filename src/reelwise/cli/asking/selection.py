"""The films that a command is given: ids, titles, numbers elsewhere."""

from typing import TYPE_CHECKING

from reelwise.errors import UsageError

if TYPE_CHECKING:
    from reelwise.data.vocabulary import Id
    from reelwise.recommend.naming.references import MovieRef
    from reelwise.recommend.results import Answer
    from reelwise.recommend.service import Service


def read_films(service: "Service", option: str, text: str | None) -> "list[MovieRef]":
    """The films with commas between them.

    Raises:
        UsageError: Raised when one of them can be no id; it names the option.
    """
    from reelwise.recommend.naming.references import IdText, parse_site_number

    vocabulary = service.model.movies
    films: list[MovieRef] = []
    for part in filter(None, map(str.strip, (text or "").split(","))):
        try:
            films.append(IdText(part) if parse_site_number(part) else _own(vocabulary.parse(part)))
        except ValueError:
            raise UsageError(
                f"{option} is {text!r}; expected ids with commas between them, such as 1,296 or imdb:tt0114709 "
                "(titles go with --titles)"
            ) from None
    return films


def _own(movie_id: "Id") -> "MovieRef":
    """The data set's own id, which is no title even if a film is called so."""
    from reelwise.recommend.naming.references import IdText

    return IdText(movie_id) if isinstance(movie_id, str) else movie_id


def read_titles(text: str | None) -> "list[MovieRef]":
    """The titles with semicolons between them."""
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def read_selection(service: "Service", movies: str | None, titles: str | None) -> "list[MovieRef]":
    """The films named by --movies and --titles."""
    return [*read_films(service, "--movies", movies), *read_titles(titles)]


def say_notes(answer: "Answer") -> None:
    """Say what became of the films that were named, beside the results."""
    from reelwise.cli.terminal import say

    for note in answer.notes:
        say(note)
