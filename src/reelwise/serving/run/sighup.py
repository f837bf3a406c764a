"""SIGHUP: a request to reload the model; or the end, where it comes because the terminal was closed."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Hangup:
    """Tells the two apart. To be made before the signal is handled."""

    def __init__(self) -> None:
        self._ends_with_terminal = _has_terminal()
        # nohup has the signal ignored, because the server is to go on without its terminal.
        if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
            self._ends_with_terminal = False

    def lost_terminal(self) -> bool:
        """Whether the server had a terminal and has lost it."""
        return self._ends_with_terminal and not _has_terminal()


@contextmanager
def on_hangup(call: Callable[[], None]) -> Iterator[None]:
    """Have SIGHUP call that, from the event loop; where there is no such signal, or it is not ours, nothing happens."""
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    hangup = Hangup()

    def on_signal() -> None:
        if hangup.lost_terminal():
            signal.raise_signal(signal.SIGTERM)
        else:
            call()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, on_signal)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def _has_terminal() -> bool:
    if sys.platform == "win32":  # where nothing comes of losing one
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
