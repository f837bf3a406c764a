"""What is noted of one request while it is answered.

The middleware begins an observation; what happens deeper adds to it, in the same task or in a thread that works for it.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Unknown = Literal["user", "movie"]
"""What a request can name that the model does not know."""


@dataclass(slots=True)
class Observation:
    """One request.

    Attributes:
        request_id: what the response and the log call it.
        recommend_seconds: the time inside the recommender; None if it was not asked.
        source: what the recommendations came from, or "nothing"; None if there were none to make.
        unknown: what the request named that the model does not know.
    """

    request_id: str
    recommend_seconds: float | None = None
    source: str | None = None
    unknown: frozenset[Unknown] = frozenset()


_current: ContextVar[Observation | None] = ContextVar("observation", default=None)


def begin(request_id: str) -> Observation:
    """Begin to observe a request.

    It is never ended: the server logs the traceback of a failed request after the application is done with it.
    """
    observation = Observation(request_id)
    _current.set(observation)
    return observation


def current() -> Observation | None:
    """The observation of the request that is being answered; None outside of requests."""
    return _current.get()
