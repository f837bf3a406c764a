"""Whether this process may have the memory that libraries ask for, some of which end it without a word otherwise."""

import os
import sys

from reelwise.errors import EngineError

NUMPY = 250 << 20
"""Bytes of address space that NumPy starts with."""
TRAINING = 1600 << 20
"""Bytes of address space that reading a table takes, or compiling a kernel, before there is any data."""

_PER_CORE = 64 << 20  # what threads set aside


def require_address_space(needed: int) -> None:
    """Refuse to begin where the process is limited to less (`ulimit -v`); most are not limited at all.

    Args:
        needed: bytes, without what each core takes.

    Raises:
        EngineError: Raised when the limit is lower.
    """
    if sys.platform == "win32":  # there is no such limit
        return
    import resource

    needed += _PER_CORE * (os.cpu_count() or 1)
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < needed:
        raise EngineError(
            f"this process may take no more than {limit / 1e6:,.0f} MB of addresses, but this work begins with "
            f"{needed / 1e6:,.0f} MB; raise the limit (ulimit -v)"
        )
