"""What holds whatever comes in: it is dealt with soon and in little memory, and either taken or refused with an error
that is known.

A surface is a place where strangers' data come in. It makes its inputs from a seed, case by case, so that each can be
made again; `benchmarks/fuzz.py` goes on for as long as one likes, and tests try the first few.
"""

import os
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from reelwise.errors import ReelwiseError

SECONDS, MEGABYTES = 5.0, 500.0  # of processor time and of memory that one case may take
LONGEST_MESSAGE = 3000  # characters of a refusal
GROWTH = 100.0  # megabytes that all of them together may leave behind

_PROCESS = Path("/proc/self")


class Surface(Protocol):
    """A place where strangers' data come in."""

    @property
    def name(self) -> str:
        """What it is called."""

    def attack(self, choose: random.Random) -> bool:
        """Hand in something hostile; whether it was taken. What is refused with a known error was not.

        Raises:
            Exception: Raised when a law is broken, whichever it is.
        """


class Figures(NamedTuple):
    """How a run went: cases, how many of them were taken, the most seconds and megabytes of one, and what is left."""

    cases: int
    taken: int
    seconds: float
    megabytes: float
    growth: float

    def __str__(self) -> str:
        return (
            f"{self.cases:,} cases, {self.taken:,} of them taken; at most {self.seconds:.2f} s and "
            f"{self.megabytes:.0f} MB for one; {self.growth:+.0f} MB in the end"
        )


class Broken(AssertionError):
    """Raised when a law is broken; says with which case."""


def check_refusal(error: ReelwiseError) -> bool:
    """Refuse a refusal that is none for people: unprintable, or endless. False, for what was refused was not taken."""
    message = str(error)
    assert message.isprintable(), f"an unprintable message: {message!r:.300}"
    assert len(message) <= LONGEST_MESSAGE, f"a message of {len(message):,} characters: {message:.300}"
    return False


def hold(surface: Surface, seed: int, numbers: Iterable[int]) -> Figures:
    """Try these cases.

    Raises:
        Broken: Raised when one breaks a law.
    """
    cases, taken, longest, most, settled = 0, 0, 0.0, 0.0, _own_megabytes()
    for number in numbers:
        which = f"{surface.name}, seed {seed}, case {number}"
        choose, started, before = random.Random(which), time.process_time(), _forget_peak()
        try:
            taken += surface.attack(choose)
        except Exception as error:
            raise Broken(f"{which}: {type(error).__name__}: {error!s:.1000}") from error
        seconds, megabytes = time.process_time() - started, _peak() - before
        if seconds > SECONDS or megabytes > MEGABYTES:
            raise Broken(f"{which}: took {seconds:.1f} s and {megabytes:.0f} MB")
        cases, longest, most = cases + 1, max(longest, seconds), max(most, megabytes)
        if cases == 50:  # what is made once has been made
            settled = _own_megabytes()
    growth = _own_megabytes() - settled
    if growth > GROWTH:
        raise Broken(f"{surface.name}, seed {seed}: {growth:.0f} MB are left of {cases} cases")
    return Figures(cases, taken, longest, most, growth)


def _forget_peak() -> float:
    """The megabytes that this process has now; what it had before is no peak any more. 0 where nobody can say."""
    with suppress(OSError):
        (_PROCESS / "clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _own_megabytes() -> float:
    """Megabytes beside those of files."""
    return _status("RssAnon")


def _status(field: str) -> float:
    if os.name != "posix" or not (_PROCESS / "status").exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in (_PROCESS / "status").read_text().splitlines() if ":" in line)
    return int(lines[field].split()[0]) / 1024
