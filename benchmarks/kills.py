"""Commands that are killed at any moment: is there always a whole model, and is nothing left in the end?

    python3 benchmarks/kills.py [--kills 200] [--seed 1]

On some viewers of the built-in sample: training, updating from a model, new histories, fetching from a Hub on loopback
(half of the times with an empty cache), learning from a live store to which ratings were just told, and a server of two
workers. Each is killed by SIGKILL after a random part of the time of a whole run. After each kill the models that are
there are read, old or new, and all bytes checked. A lease in the store ends by itself two minutes after its holder was
killed; here it is ended at once. In the end one run of each ends well, and nothing is left beside what they made: no
working folder beside the models, and nothing where temporary files are. Ends with 1 where that does not hold. Linux.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import delete

from common import describe_versions
from reelwise.artifacts.integrity import check_integrity
from reelwise.artifacts.model import Model
from reelwise.errors import ReelwiseError
from reelwise.live.events import Event
from reelwise.live.schema import LEASES
from reelwise.live.store import Store
from servers import STARTED, free_port

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.hub.client import hub_environment
from support.hub.server import HubServer

VIEWERS = 150  # of the sample; the fewer, the quicker
QUICK = ("--no-evaluate", "--threads", "1", "--factors", "8", "--epochs", "5")
COMMANDS = {
    "train": ["train", "--data", "ratings.csv", "--out", "made/model", *QUICK],
    "update": ["train", "--data", "ratings.csv", "--from", "made/model", "--out", "made/next", *QUICK[:3]],
    "preprocess": ["preprocess", "--ratings", "ratings.csv", "--model", "made/next"],
    "pull": ["pull", "me/films", "--out", "made/pulled"],
    "learn": ["update", "--model", "made/learning", "--store", "sqlite:///live.db", "--threads", "1"],
    "serve": ["serve", "--model", "made/model", "--workers", "2"],
}
MADE = {"model", "next", "pulled", "learning", "learning.previous"}


def main() -> None:
    """Kill, look and count."""
    parser = argparse.ArgumentParser(description="Commands that are killed at any moment.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    choose, faults, killed = random.Random(options.seed), list[str](), Counter[str]()
    with _place() as place:
        whole = {what: _run(what, place, choose) or 0.0 for what in COMMANDS}
        for number in range(options.kills):
            what = choose.choice(sorted(COMMANDS))
            killed[what] += _run(what, place, choose, choose.uniform(0.1, 1.0) * whole[what]) is None
            for folder in sorted(MADE):
                try:
                    check_integrity(place / "made" / folder, Model.load(place / "made" / folder).config.sha256)
                except ReelwiseError as error:
                    faults.append(f"run {number}, of {what}: {error}")
            if number % 20 == 19:
                print(f"{number + 1} runs, {sum(killed.values())} of them killed, {len(faults)} faults", flush=True)
        for what in COMMANDS:
            _run(what, place, choose)
        left = {path.name for path in (place / "made").iterdir()} ^ MADE
        left |= {path.name for path in (place / "tmp").iterdir()}
    print(describe_versions())
    print(f"{sum(killed.values())} kills of {options.kills} runs: {dict(sorted(killed.items()))}")
    print(f"{len(faults)} times no whole model was there; left at the end: {', '.join(sorted(left)) or 'nothing'}")
    for fault in faults:
        print(f"FAULT: {fault}")
    raise SystemExit(bool(faults or left))


@contextmanager
def _place() -> Iterator[Path]:
    """A folder with ratings, and a Hub with a model of them, of which the environment knows."""
    from reelwise.data.sample.dataset import read_sample

    with tempfile.TemporaryDirectory() as name, HubServer() as hub:
        place = Path(name)
        for folder in ("made", "tmp"):
            (place / folder).mkdir()
        os.environ.update(hub_environment(hub.url, place / "cache") | {"TMPDIR": str(place / "tmp")})
        frame = read_sample().to_polars()
        ratings = frame.filter(frame["user"] <= VIEWERS).rename({"user": "userId", "movie": "movieId"})
        ratings.write_csv(place / "ratings.csv")
        _run("train", place, random.Random())
        shutil.copytree(place / "made/model", place / "made/learning")
        hub.add("me/films", {path.name: path.read_bytes() for path in (place / "made/model").iterdir()})
        yield place


def _run(what: str, place: Path, choose: random.Random, seconds: float | None = None) -> float | None:
    """Run a command to its end and tell how long that took; or kill it after a time: None if it was killed."""
    if what == "learn":
        _tell(place, choose)
    if what == "pull" and choose.random() < 0.5:
        shutil.rmtree(place / "cache", ignore_errors=True)
    command = [sys.executable, "-m", "reelwise", *COMMANDS[what]]
    if what == "serve":
        return _serve([*command, "--port", str(free_port())], place, seconds)
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
        if process.returncode and b"the update is refused" not in said:  # by chance
            raise SystemExit(said.decode())
    return time.perf_counter() - started


def _serve(command: list[str], place: Path, seconds: float | None) -> float | None:
    """Start a server and end it once its workers are ready, or kill its main process; the workers then end, too."""
    started, log = time.perf_counter(), place / "server.log"
    with log.open("wb") as file, subprocess.Popen(command, cwd=place, stderr=file, process_group=0) as process:
        while log.read_text().count(STARTED) < 2 and (seconds is None or time.perf_counter() < started + seconds):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM if seconds is None else signal.SIGKILL)
        process.wait()
    while _lives(process.pid):
        time.sleep(0.05)
    return time.perf_counter() - started if seconds is None else None


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _tell(place: Path, choose: random.Random) -> None:
    """Tell the store some ratings that make sense, and end the lease of whoever was killed."""
    model = Model.load(place / "made/model")
    with closing(Store(f"sqlite:///{place}/live.db")) as store:
        for row in choose.sample(range(len(model.movies)), 5):
            stars = max(model.scale.low, round(2 * float(model.stats.means[row]) + choose.uniform(-1, 1)) / 2)
            store.record(
                [Event(choose.randrange(1, VIEWERS), model.movies[row], "rating", min(stars, model.scale.high))]
            )
        store.change(lambda connection: connection.execute(delete(LEASES)))


if __name__ == "__main__":
    main()
