"""How much may come from afar, and for how long, whatever its sender says."""

import time

from reelwise.errors import DownloadError
from reelwise.remote.addresses import OnBytes

MOST_BYTES = 64 << 30
LONGEST = 4 * 3600.0  # seconds


def bounded(on_progress: OnBytes, what: str, most: int = MOST_BYTES) -> OnBytes:
    """`on_progress` for a download that begins now; it ends the download when too much comes, or too slowly.

    Args:
        on_progress: called with bytes done, and bytes in all if known.
        what: is fetched, for messages.
        most: bytes that are expected at most.
    """
    ends = time.monotonic() + LONGEST

    def report(done: int, total: int | None) -> None:
        if done > most:
            raise DownloadError(f"{what}: more came than the {most:,} bytes that are expected; check the address")
        if time.monotonic() > ends:
            raise DownloadError(f"{what}: comes too slowly to wait for it; try again later")
        on_progress(done, total)

    return report
