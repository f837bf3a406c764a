"""The Hub's own client, with our name in its requests and our progress instead of its bars.

It is imported only where it is used, because most commands and servers need none.
"""

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reelwise._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huggingface_hub import HfApi

    from reelwise._network import OnBytes


def hub_api() -> "HfApi":
    """The client; token, endpoint, cache and offline mode are those of its own variables, `HF_TOKEN` and so on."""
    from huggingface_hub import HfApi

    return HfApi(library_name="reelwise", library_version=__version__)


@contextmanager
def quiet_client() -> "Iterator[None]":
    """The client without bars and warnings of its own: what there is to say, we say."""
    from huggingface_hub.utils.tqdm import disable_progress_bars

    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with disable_progress_bars():
            yield
    finally:
        logger.setLevel(level)


def reporting_bar(on_progress: "OnBytes") -> type[Any]:
    """A progress bar for the client that draws nothing and calls `on_progress` instead."""
    from tqdm import tqdm

    most = 0

    class Reporting(tqdm):  # type: ignore[misc]
        monitor_interval = 0  # no thread that watches over the bar

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "file": io.StringIO(), "disable": False})

        def update(self, n: float | None = 1) -> None:
            nonlocal most
            super().update(n)
            if self.unit == "B":  # there is one for files, one for bytes received and one for bytes written
                most = max(most, int(self.n))
                on_progress(most, int(self.total) if self.total else None)

    return Reporting
