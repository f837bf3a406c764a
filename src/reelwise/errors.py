"""All errors that a user can meet, as one tree.

    ReelwiseError
    ├── UsageError           an invalid option or argument
    │   └── Diverged         ratings from which a model cannot learn by its hyper-parameters
    ├── DataError            a ratings or movies file that cannot be read as such
    │   └── ExportError      a file that no film site exports, or that is broken, harmful or too large
    ├── DownloadError        a data set or model that could not be fetched, unpacked or published
    ├── EngineError          an engine such as Spark that cannot run, or failed
    ├── ModelError           a model folder that is missing parts, or is broken
    ├── ModelNotReady        no model is loaded (yet)
    ├── UpdateRefused        a newer model is worse than the one that is served
    ├── StoreError           the live store is off, cannot be reached, or is full or locked
    ├── UnknownMovie         the movie that is asked about is not in the data set
    ├── UnknownMovies        none of the chosen movies is in the data set, or a title means none of its films
    └── UnknownUser          no such user in the model

`EDGES` is the one place that says what each means at the edges: the exit code on the command line, the status over
HTTP. A message says what was wrong, where, and how to fix it, in one line.
"""

from collections.abc import Sequence
from typing import NamedTuple

_LONGEST = 2000  # characters of a message; its beginning says what is wrong, and its end what to do


class ReelwiseError(Exception):
    """Base of every error that is the user's to fix; its text is meant for people.

    It is one printable line, whatever it quotes, so that no file can control the terminal or begin a line of a log.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_shorten(in_one_line(message)))


def in_one_line(message: str) -> str:
    """A message as one printable line."""
    return message if message.isprintable() else "".join(map(_printable, message))


def describe_error(error: object, limit: int = 200) -> str:
    """The message of an error, in one line of at most `limit` characters; its class where it has none."""
    return " ".join(str(error).split())[:limit].rstrip(".") or type(error).__name__


def _shorten(line: str) -> str:
    half = _LONGEST // 2
    return line if len(line) <= _LONGEST else f"{line[:half]} … {line[-half:]}"


def _printable(character: str) -> str:
    return character if character.isprintable() else " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"


class UsageError(ReelwiseError):
    """An invalid option or argument."""


class Diverged(UsageError, FloatingPointError):
    """Ratings from which a model cannot learn by its hyper-parameters: numbers grow without bound, or cancel out."""


class DataError(ReelwiseError):
    """A ratings or movies file that cannot be read as such."""


class ExportError(DataError):
    """A file that no film site exports, or that is broken, harmful or too large."""


class DownloadError(ReelwiseError):
    """A data set or model that could not be fetched, unpacked or published.

    Attributes:
        retry_after: how many seconds the server asked to wait, if it did.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EngineError(ReelwiseError):
    """An engine such as Spark that cannot run, or failed."""


class ModelError(ReelwiseError):
    """A model folder that is missing parts, or is broken."""


class ModelNotReady(ReelwiseError):
    """No model is loaded (yet)."""


class UpdateRefused(ReelwiseError):
    """A newer model is worse than the one that is served, or what it was to learn makes no sense."""


class StoreError(ReelwiseError):
    """The live store is off, cannot be reached, or is full or locked.

    Attributes:
        public: the message without the store's address, for clients.
    """

    def __init__(self, message: str, public: str | None = None) -> None:
        super().__init__(message)
        self.public = str(self) if public is None else public


class UnknownMovie(ReelwiseError):
    """The movie that is asked about is not in the data set."""


class UnknownMovies(ReelwiseError):
    """None of the chosen movies is in the data set, or a title means none of its films.

    Attributes:
        suggestions: the titles of the films that resemble it most.
    """

    def __init__(self, message: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


class UnknownUser(ReelwiseError):
    """No such user in the model."""


class Edge(NamedTuple):
    """The meaning of an error at the edges: exit code on the command line, status over HTTP."""

    exit_code: int
    status: int


EDGES: dict[type[ReelwiseError], Edge] = {
    ReelwiseError: Edge(exit_code=1, status=500),
    UsageError: Edge(exit_code=2, status=422),
    DataError: Edge(exit_code=2, status=500),
    ExportError: Edge(exit_code=2, status=422),
    DownloadError: Edge(exit_code=1, status=500),
    EngineError: Edge(exit_code=1, status=500),
    ModelError: Edge(exit_code=2, status=503),
    ModelNotReady: Edge(exit_code=1, status=503),
    UpdateRefused: Edge(exit_code=1, status=500),
    StoreError: Edge(exit_code=1, status=503),
    UnknownMovie: Edge(exit_code=2, status=404),
    UnknownMovies: Edge(exit_code=2, status=400),
    UnknownUser: Edge(exit_code=2, status=404),
}


def edge(error: ReelwiseError) -> Edge:
    """The entry of the class of `error`, or of its nearest base that has one."""
    return next(EDGES[kind] for kind in type(error).__mro__ if kind in EDGES)
