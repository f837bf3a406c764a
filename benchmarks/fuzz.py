"""Hostile input at every place where strangers' data come in, for as long as one likes.

    python3 benchmarks/fuzz.py [--seconds 600] [--seed 1] [--only "model folders"] [--case 1234]

Model folders in a server, ratings files, exports, archives and HTTP bodies are spoilt by their structure, each case
from the seed and its number. A case that takes more than 5 s or 500 MB, ends in an error that is not known, or harms
the model that is served is told with its number, which --case tries again; so is memory that is left behind. One that
hangs for a minute ends the run with a traceback.
"""

import argparse
import faulthandler
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from common import describe_versions

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.fuzzing.laws import Broken, Surface, hold
from support.fuzzing.surfaces import surfaces

HANG = 60  # seconds
MOST_BROKEN = 20  # cases of a surface, after which it is given up


def main() -> None:
    """Try them one after the other."""
    parser = argparse.ArgumentParser(description="Hostile input at every place where strangers' data come in.")
    parser.add_argument("--seconds", type=float, default=600, help="for each surface")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--case", type=int)
    options = parser.parse_args()
    print(describe_versions("pydantic", "polars", "uvicorn"))
    failed = False
    with tempfile.TemporaryDirectory() as place:
        for surface in surfaces(Path(place)):
            if options.only in (None, surface.name):
                failed |= not _try(surface, options)
    raise SystemExit(failed)


def _try(surface: Surface, options: argparse.Namespace) -> bool:
    numbers = _until(options.seconds) if options.case is None else iter([options.case])
    for left in reversed(range(MOST_BROKEN)):
        try:
            print(f"{surface.name}: {hold(surface, options.seed, numbers)}", flush=True)
        except Broken as broken:
            print(f"BROKEN: {broken}", flush=True)
        else:
            return left == MOST_BROKEN - 1
    return False


def _until(seconds: float) -> Iterator[int]:
    """Numbers, until so much time is over; whoever does not ask for the next one in time is hanging."""
    end = time.monotonic() + seconds
    try:
        for number in count():
            if time.monotonic() > end:
                return
            faulthandler.dump_traceback_later(HANG, exit=True)
            yield number
    finally:
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main()
