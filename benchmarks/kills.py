"""Commands that are killed at any moment: is there always a whole model, and is nothing left in the end?

    python3 benchmarks/kills.py [--kills 200] [--seed 1]

Training, and updating from a model, each on some viewers of the built-in sample, are killed by SIGKILL after a random
part of the time of a whole run. After each kill the models that are there are read, old or new. In the end one run of
each ends well, and nothing is left beside what they made. Ends with 1 where that does not hold.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import describe_versions
from reelwise.artifacts.folder import read_model
from reelwise.errors import ReelwiseError

VIEWERS = 150  # of the sample; the fewer, the quicker


def main() -> None:
    """Kill, look and count."""
    parser = argparse.ArgumentParser(description="Commands that are killed at any moment.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    choose, faults = random.Random(options.seed), list[str]()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "made").mkdir()
        _write_ratings(place / "ratings.csv")
        commands = {
            "train": ["train", "--data", "ratings.csv", "--out", "made/model", "--no-evaluate"],
            "update": ["train", "--data", "ratings.csv", "--from", "made/model", "--out", "made/next", "--no-evaluate"],
        }
        whole = {what: _run(words, place) for what, words in commands.items()}
        for number in range(options.kills):
            what = choose.choice(sorted(commands))
            _run(commands[what], place, choose.uniform(0.2, 1.0) * whole[what])
            for folder in ("model", "next"):
                try:
                    read_model(place / "made" / folder)
                except ReelwiseError as error:
                    faults.append(f"kill {number}, of {what}: {error}")
        for words in commands.values():
            _run(words, place)
        left = sorted(path.name for path in (place / "made").iterdir())
    print(describe_versions())
    print(f"{options.kills} kills; {len(faults)} times no whole model was there; at the end there is {', '.join(left)}")
    for fault in faults:
        print(f"FAULT: {fault}")
    raise SystemExit(bool(faults) or left != ["model", "next"])


def _write_ratings(path: Path) -> None:
    from reelwise.data.sample.dataset import read_sample

    frame = read_sample().to_polars()
    frame.filter(frame["user"] <= VIEWERS).rename({"user": "userId", "movie": "movieId"}).write_csv(path)


def _run(words: list[str], place: Path, seconds: float | None = None) -> float:
    """Run a command, to its end or until it is killed; how long that took."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "reelwise", *words]
    with subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        else:
            if process.returncode:
                raise SystemExit(said.decode())
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
