"""A minute of load while models change and a worker is killed: what fails, how long answers take, what leaks.

    python3 benchmarks/soak.py --model DIR [--other DIR] [--workers 2] [--share 0.8] [--seconds 60]
                               [--every 5]

`reelwise serve --workers N` is asked over 16 connections: known users, selections by profile and blended, matches,
searches, health. First as fast as it answers, then at a share of that rate; a request that no connection was free
for counts from when it was due. Every few seconds `--other` takes the place of the model, or the model that of the
other, as training puts it there; without --other it is a copy with another revision. In the middle a worker is killed.

Prints what came of it, and ends with 1 if something is beyond its limit. There is none for latency just after the kill
by itself: one worker alone cannot answer 80 % of what two can. What asks runs on the same cores and takes its share.
Linux.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median

import numpy as np

from common import describe_versions
from load import CONNECTIONS, Load, answers, ask, get, post
from reelwise.artifacts.atomic import replacing
from reelwise.recommend.recommender import Recommender
from servers import free_port, listens, workers_of

VISIT = 200  # requests of one connection; a worker that is started anew gets those that are opened then
NOTICED, RECOVERED = 4.0, 10.0  # seconds in which a new model is noticed and loaded, and a killed worker made up for
SETTLED = 30.0  # seconds until nothing is left of an old model
SETTLING = 0.2  # of the time, before memory is compared
LIMIT_MS, GROWTH = 50.0, 1.05
BETWEEN, CHANGING, KILLED, ALL = "between changes", "while a model changes", "after the kill", "all together"


def main() -> None:
    """Measure, print and check."""
    parser = argparse.ArgumentParser(description="Load, changes of models and a killed worker.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--other", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.model.resolve().parent) as name:
        place = Path(name)
        other = options.other or another_of(options.model, place / "other")
        faults = soak(place, (options.model, other), options.workers, options.share, options.seconds, options.every)
    for fault in faults:
        print(f"BEYOND ITS LIMIT: {fault}")
    raise SystemExit(bool(faults))


def soak(place: Path, models: tuple[Path, Path], workers: int, share: float, seconds: float, every: float) -> list[str]:
    """Do it all; gives what was beyond its limit."""
    served, log = place / "model", place / "log"
    put(models[0], served)
    recommender = Recommender.load(served)
    known = {recommender.description.revision, Recommender.load(models[1]).description.revision}
    requests = mixed(recommender)
    load, revisions, changes, last = Load(seconds=seconds), Counter[str](), 0, ""
    with serving(served, workers, log) as (main_process, port):
        ask(port, requests, 1)
        idle = descriptors(main_process)
        capacity = ask(port, requests, 5).rate
        troubles = Troubles(main_process, max(idle), served, models, seconds, every)
        phases: dict[str, list[float]] = {BETWEEN: [], CHANGING: [], KILLED: []}
        busy = time.process_time()
        with troubles.going_on():
            for answer in answers(port, cycle(requests), seconds, share * capacity, visit=VISIT):
                if answer is None:
                    load.broken += 1
                    continue
                load.add(answer)
                phases[troubles.phase(answer.asked)].append(1e3 * answer.seconds)
                revision = revision_of(answer.content)
                revisions[revision] += 1
                changes += revision != last
                last = revision
        busy = (time.process_time() - busy) / seconds
        end = time.monotonic() + SETTLED
        while (stale := sum(map(stale_files, workers_of(main_process)))) and time.monotonic() < end:
            time.sleep(0.5)  # the last model is still being read
        left = descriptors(main_process)
        logged = log.read_text()
    first, later, most = troubles.memory()
    print(f"{describe_versions('uvicorn')}, asking took {busy:.2f} of them; {recommender.description.users:,} users, "
          f"{recommender.description.movies:,} films")  # fmt: skip
    print(f"capacity {capacity:,.0f}/s; asked {load.rate:,.0f}/s over {CONNECTIONS} connections for {seconds:.0f} s")
    print(
        f"statuses {dict(load.statuses)}; {load.broken} failed with the worker that had {troubles.at_stake} connections"
    )
    phases[ALL] = [1e3 * each for each in load.latencies]
    for phase, taken in phases.items():
        p50, p99 = (sorted(taken)[int(part * len(taken))] for part in (0.5, 0.99))
        print(f"{phase:>22}: {len(taken):>7,} answers, p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {max(taken):.1f} ms")
    print(f"the model was replaced {troubles.swaps} times; answers by revision {dict(revisions)}, {changes} changes")
    print(f"memory of the worker that lived, beside files: {first:.0f} MB at first, {later:.0f} MB at the end, "
          f"{most:.0f} MB at most; descriptors {idle} before, {left} after; {stale} files of old models")  # fmt: skip
    slow = {phase: f"{load_p99:.1f} ms" for phase in (BETWEEN, CHANGING, ALL)
            if (load_p99 := sorted(phases[phase])[int(0.99 * len(phases[phase]))]) > LIMIT_MS}  # fmt: skip
    checks = {
        f"p99 {slow}": not slow,
        f"statuses {dict(load.statuses)}": set(load.statuses) == {200},
        f"{load.broken} failed requests": load.broken <= troubles.at_stake,
        f"revisions {dict(revisions)}": set(revisions) == known,
        f"{changes} changes of revision": changes >= troubles.swaps,
        f"memory grew {later / first:.2f} times": later <= GROWTH * first,
        f"descriptors {left}": max(left) <= max(idle),
        f"{stale} files of old models": stale == 0,
        "an exception in the log": "Traceback" not in logged,
        "a model was refused": "is refused" not in logged,
    }
    return [what for what, holds in checks.items() if not holds]


@dataclass
class Troubles:
    """What happens to a server while it is asked, and what it needs meanwhile.

    Attributes:
        main_process: of the server.
        idle: descriptors of a worker that nobody asks.
        served: the folder of the model.
        models: that take turns there.
        seconds: how long it goes on.
        every: seconds between two changes of the model.
        swaps: how often the model was replaced.
        at_stake: connections of the worker that was killed.
    """

    main_process: int
    idle: int
    served: Path
    models: tuple[Path, Path]
    seconds: float
    every: float
    swaps: int = 0
    at_stake: int = 0
    _swapped: float = -np.inf
    _killed: float = -np.inf
    _memory: dict[int, list[float]] = field(default_factory=dict)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While the block runs: look at the memory, change the model, kill a worker."""
        stop = threading.Event()
        jobs = [(1.0, self._look), (self.every, self._swap), (self.seconds / 2, self._kill)]
        threads = [threading.Thread(target=self._repeat, args=(stop, *job)) for job in jobs]
        for thread in threads:
            thread.start()
        yield
        stop.set()
        for thread in threads:
            thread.join()

    def _repeat(self, stop: threading.Event, every: float, do: Callable[[], None]) -> None:
        end = time.monotonic() + self.seconds - 0.5 * every  # nothing is begun at the very end
        while not stop.wait(every) and time.monotonic() < end:
            do()

    def _look(self) -> None:
        for worker in workers_of(self.main_process):
            with suppress(OSError):  # it may be the one that is killed
                self._memory.setdefault(worker, []).append(own_memory(worker))

    def _swap(self) -> None:
        self.swaps += 1
        put(self.models[self.swaps % 2], self.served)
        self._swapped = time.perf_counter()

    def _kill(self) -> None:
        worker = workers_of(self.main_process)[0]
        self.at_stake = open_descriptors(worker) - self.idle
        self._killed = time.perf_counter()
        os.kill(worker, signal.SIGKILL)

    def phase(self, asked: float) -> str:
        """What was going on when something was asked."""
        if 0 <= asked - self._killed < RECOVERED:
            return KILLED
        return CHANGING if 0 <= asked - self._swapped < NOTICED else BETWEEN

    def memory(self) -> tuple[float, float, float]:
        """Megabytes of the worker that lived, once settled: in the first quarter, in the last, and at most."""
        whole = max(self._memory.values(), key=len)
        settled = whole[int(SETTLING * len(whole)) :]
        quarter = max(len(settled) // 4, 1)
        return median(settled[:quarter]), median(settled[-quarter:]), max(settled)


def mixed(recommender: Recommender) -> list[bytes]:
    """A thousand requests of all kinds in a random order, the same in each run, for users and films of the model."""
    choose = Random(1)
    model = recommender.model
    users = choose.choices(model.users.ids.tolist(), k=200)
    known = model.stats.counts.argsort()[-2000:].tolist()
    picks = [choose.sample(known, choose.choice([1, 3, 5, 10, 20])) for _ in users]
    requests = [get("/health/ready"), get("/health/live")] * 25
    for user, rows in zip(users, picks, strict=True):
        title = model.catalogue.titles[choose.choice(rows)]
        picked = {"movie_ids": model.movies.ids[rows].tolist()}
        requests += [get(f"/recommendations/{user}"), post("/recommendations_from_selection", picked)]
        requests += [get(f"/api/v1/movies?q={''.join(filter(str.isalnum, title))[: choose.randrange(2, 12)]}")]
        kind = choose.randrange(4)
        requests += [
            get(f"/api/v1/users/{user}/recommendations") if kind == 0
            else post("/recommendations_from_selection?strategy=blend", picked) if kind == 1
            else post("/find_matching_user", picked) if kind == 2
            else post("/api/v1/recommendations", picked)
        ]  # fmt: skip
    choose.shuffle(requests)
    return requests


def put(model: Path, served: Path) -> None:
    """Put a model where the served one is, as training does; its files are linked, so that copying costs nothing."""
    with replacing(served) as fresh:
        for file in model.iterdir():
            os.link(file, fresh / file.name)


def another_of(model: Path, copy: Path) -> Path:
    """A copy of a model with another revision."""
    shutil.copytree(model, copy)
    config = json.loads((copy / "config.json").read_text())
    config["seed"] += 1
    (copy / "config.json").write_text(json.dumps(config))
    return copy


def revision_of(answer: bytes) -> str:
    """The revision of the model that an answer says it is from."""
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return head.partition(b"x-model-revision: ")[2].partition(b"\r\n")[0].decode()


@contextmanager
def serving(model: Path, workers: int, log: Path) -> Iterator[tuple[int, int]]:
    """The server, once all workers are ready, as its main process and its port."""
    port = free_port()
    command = [sys.executable, "-m", "reelwise", "serve", "--model", str(model), "--port", str(port)]
    command += ["--workers", str(workers)]
    with log.open("w") as file, subprocess.Popen(command, stderr=file, stdout=file) as process:
        try:
            while log.read_text().count("Serving the model") < workers or not listens(port):
                time.sleep(0.1)
            yield process.pid, port
        finally:
            process.terminate()


def open_descriptors(worker: int) -> int:
    """How many files and connections the process has open."""
    return len(list(Path(f"/proc/{worker}/fd").iterdir()))


def descriptors(main_process: int) -> list[int]:
    """The same of each worker, once nobody asks."""
    time.sleep(1)
    return [open_descriptors(worker) for worker in workers_of(main_process)]


def own_memory(worker: int) -> float:
    """Megabytes beside files."""
    lines = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous")) / 1024


def stale_files(worker: int) -> int:
    """How many mapped files of models are no longer there."""
    return Path(f"/proc/{worker}/maps").read_text().count(".npy (deleted)")


if __name__ == "__main__":
    main()
