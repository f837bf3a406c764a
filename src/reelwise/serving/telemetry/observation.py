"""Notes on one request while it is answered.

The middleware begins an observation; what happens deeper adds to it, in the same task or in a thread that works for it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeVar

from reelwise.errors import UnknownMovie, UnknownMovies, UnknownUser
from reelwise.recommend.results import Recommendations

if TYPE_CHECKING:
    from reelwise.serving.model_manager import ModelSlot

Unknown = Literal["user", "movie"]
"""What a request can name that the model does not know."""

CLIENT_GONE = 499
"""Stands for the status of a request whose client left before the response began."""

NOTHING = "nothing"
"""The source of an empty list of recommendations."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Observation:
    """One request.

    Attributes:
        request_id: what the response and the log call it.
        model: what it is answered from: the model there was when it began.
        status: of the response, once that has begun.
        recommend_seconds: the time inside the recommender; None if it was not asked.
        processor_seconds: how much of that the processor worked for this request.
        source: what the recommendations came from, or "nothing"; None if there were none to make.
        unknown: what the request named that the model does not know.
    """

    request_id: str
    model: "ModelSlot"
    status: int = CLIENT_GONE
    recommend_seconds: float | None = None
    processor_seconds: float = 0.0
    source: str | None = None
    unknown: set[Unknown] = field(default_factory=set)

    def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the recommender, and note how long that takes, what the answer comes from, and whether ids are unknown.

        Raises:
            UnknownUser, UnknownMovie, UnknownMovies: As `call` does.
        """
        started, worked = perf_counter(), thread_time()
        try:
            answer = call(*args, **kwargs)
        except UnknownUser:
            self.unknown.add("user")
            raise
        except (UnknownMovie, UnknownMovies):
            self.unknown.add("movie")
            raise
        finally:
            self.processor_seconds += thread_time() - worked
            self.recommend_seconds = (self.recommend_seconds or 0.0) + perf_counter() - started
        if isinstance(answer, Recommendations):
            sources = {film.source for film in answer}
            self.source = next(iter(sources - {"new"} or sources), NOTHING)
        if getattr(answer, "unknown_ids", ()):
            self.unknown.add("movie")
        return answer


_current: ContextVar[Observation | None] = ContextVar("observation", default=None)


def begin(observation: Observation) -> None:
    """Make this the current observation, for as long as the task of the request lives.

    It is never ended: the server logs the traceback of a failed request after the application is done with it.
    """
    _current.set(observation)


def find_current() -> Observation | None:
    """The observation of the request that is being answered; None outside of requests."""
    return _current.get()


def current() -> Observation:
    """The observation of the request that is being answered.

    Raises:
        LookupError: Raised when no request is being answered.
    """
    observation = _current.get()
    if observation is None:
        raise LookupError("no request is being answered")
    return observation
