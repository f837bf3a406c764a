"""How much of a kind is done at a time, in threads of its own."""

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar


def limiter_of(variable: RunVar[CapacityLimiter], number: int) -> CapacityLimiter:
    """The variable's limiter in this event loop; whoever asks first makes one that lets `number` work at a time."""
    limiter = variable.get(None)
    if limiter is None:
        variable.set(limiter := CapacityLimiter(number))
    return limiter
