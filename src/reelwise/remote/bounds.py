"""Limits on the size and duration of downloads, whatever the sender says."""

import time

from reelwise._network import OnBytes
from reelwise.errors import DownloadError

MOST_BYTES = 64 << 30
LONGEST = 4 * 3600.0  # seconds


def bounded(on_progress: OnBytes, what: str, most: int = MOST_BYTES) -> OnBytes:
    """Wrap `on_progress` for a download that begins now; it ends a download that is too large or too slow.

    Args:
        on_progress: called with bytes done, and bytes in all if known.
        what: the name of the download, for messages.
        most: bytes that are expected at most.
    """
    ends = time.monotonic() + LONGEST

    def report(done: int, total: int | None) -> None:
        if done > most:
            raise DownloadError(f"{what}: more than the expected {most:,} bytes came; check the address")
        if time.monotonic() > ends:
            raise DownloadError(f"{what}: the download is too slow; try again later")
        on_progress(done, total)

    return report
