"""What to say when training diverges."""

from collections.abc import Iterator
from contextlib import contextmanager

from reelwise.errors import UsageError


@contextmanager
def explain_divergence(advice: str) -> Iterator[None]:
    """Turn the FloatingPointError of a fit into a sentence that ends with `advice`.

    Raises:
        UsageError: Raised when the fit within the block diverges.
    """
    try:
        yield
    except FloatingPointError:
        raise UsageError(f"training diverged; {advice}") from None
