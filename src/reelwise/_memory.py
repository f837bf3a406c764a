"""A check that the process may have the memory that libraries need, some of which abort without a message otherwise."""

import os
import sys

from reelwise.errors import EngineError

NUMPY = 250 << 20
"""Bytes of address space that NumPy needs to start."""
TRAINING = 1600 << 20
"""Bytes of address space that reading a table or compiling a kernel needs, before there is any data."""

_PER_CORE = 64 << 20  # that threads reserve


def require_address_space(needed: int) -> None:
    """Refuse to begin where the process is limited to less address space (`ulimit -v`).

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
            f"this process is limited to {limit / 1e6:,.0f} MB of address space, but needs {needed / 1e6:,.0f} MB; "
            "raise the limit (ulimit -v)"
        )
