"""Load while models change and a worker is killed: when new models answer, what fails, how long it takes, what leaks.

    python3 benchmarks/soak.py --model DIR [--other DIR] [--workers 2] [--share 0.5] [--seconds 60] [--every 5]
                               [--no-kill]

`reelwise serve --workers N` is asked over 16 connections: known users, selections by profile and blended, matches,
searches, health. First as fast as it answers, then at a share of that rate; a request that no connection was free
for counts from when it was due. Every few seconds `--other` takes the place of the model, or the model that of the
other, as training puts it there; without --other it is a copy with another revision. In the middle a worker is killed.

Prints how many seconds after each change the new model gave the first answer, and the old one the last; latencies
between changes, from a change until a second after the old model's last answer, and after the kill; memory and files.
Ends with 1 if something is beyond its limit. There is none for latency just after the kill by itself: one worker alone
cannot answer 80 % of what two can. What asks runs on the same cores and takes its share. Linux.

No model is changed in the last half of --every. A model of the largest size takes longer to read and check:

    python3 benchmarks/large_model.py large
    python3 benchmarks/soak.py --model large --share 0.5 --seconds 180 --every 60 --no-kill
"""

import argparse
import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import numpy as np

import servers
from common import describe_versions
from load import CONNECTIONS, Load, answers, ask, get, post
from reelwise.artifacts.model import Model
from reelwise.storage.atomic import replacing
from servers import Server, memory

VISIT = 200  # requests of one connection; a worker that is started anew gets those that are opened then
AFTER, RECOVERED = 1.0, 10.0  # seconds in which a change of models is over, and a killed worker made up for
SETTLED = 30.0  # seconds until nothing is left of an old model
SETTLING = 0.2  # of the time, before memory is compared
LIMIT_MS, GROWTH = 50.0, 1.05
BETWEEN, CHANGING, KILLED, ALL = "between changes", "while a model changes", "after the kill", "all together"


class Answered(NamedTuple):
    """When something was asked and answered, in seconds of `time.perf_counter`, and the revision that answered."""

    asked: float
    done: float
    revision: str


class Change(NamedTuple):
    """When a model was put in another's place, when it first answered, and when the other last did."""

    start: float
    first: float
    last: float


def main() -> None:
    """Measure, print and check."""
    parser = argparse.ArgumentParser(description="Load, changes of models and a killed worker.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--other", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--kill", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.model.resolve().parent) as name:
        place = Path(name)
        models = options.model, options.other or another_of(options.model, place / "other")
        put(options.model, place / "model")
        with servers.reelwise(place / "model", options.workers) as server:
            troubles = Troubles(server, place / "model", models, options.seconds, options.every, options.kill)
            faults = soak(server, troubles, options.share)
    for fault in faults:
        print(f"BEYOND ITS LIMIT: {fault}")
    raise SystemExit(bool(faults))


def soak(server: Server, troubles: "Troubles", share: float) -> list[str]:
    """Do it all; gives what was beyond its limit."""
    model, seconds = Model.load(troubles.served), troubles.seconds
    known = {Model.load(folder).description.revision for folder in troubles.models}
    requests = mixed(model)
    load, answered = Load(seconds=seconds), list[Answered]()
    ask(server.port, requests, 1)
    idle = descriptors(server)
    troubles.idle = max(idle)
    capacity = ask(server.port, requests, 5).rate
    busy = time.process_time()
    with troubles.going_on():
        for answer in answers(server.port, cycle(requests), seconds, share * capacity, visit=VISIT):
            if answer is None:
                load.broken += 1
                continue
            load.add(answer)
            answered.append(Answered(answer.asked, answer.asked + answer.seconds, revision_of(answer.content)))
    busy = (time.process_time() - busy) / seconds
    end = time.monotonic() + SETTLED
    while (stale := sum(map(stale_files, server.workers()))) and time.monotonic() < end:
        time.sleep(0.5)  # the last model is still being read
    left, logged = descriptors(server), server.log.read_text()

    about = model.description
    print(
        f"{describe_versions('uvicorn')}, asking took {busy:.2f} of them; {about.users:,} users, {about.movies:,} films"
    )
    print(f"capacity {capacity:,.0f}/s; asked {load.rate:,.0f}/s over {CONNECTIONS} connections for {seconds:.0f} s")
    print(
        f"statuses {dict(load.statuses)}; {load.broken} failed with the worker that had {troubles.at_stake} connections"
    )
    changes = list(changes_of(troubles.swapped, answered))
    for start, first, last in changes:
        print(
            f"a new model answered {first - start:.2f} s after it was put there, the old one up to {last - start:.2f} s"
        )
    p99 = report_latencies(answered, troubles, changes)
    revisions = Counter(each.revision for each in answered)
    first, later, most = troubles.memory()
    print(f"the model was replaced {len(troubles.swapped)} times; answers by revision {dict(revisions)}")
    print(f"memory of the worker that lived, beside files: {first:.0f} MB at first, {later:.0f} MB at the end, "
          f"{most:.0f} MB at most; descriptors {idle} before, {left} after; {stale} files of old models")  # fmt: skip
    slow = {phase: f"{p99[phase]:.1f} ms" for phase in p99 if phase != KILLED and p99[phase] > LIMIT_MS}
    checks = {
        f"p99 {slow}": not slow,
        f"statuses {dict(load.statuses)}": set(load.statuses) == {200},
        f"{load.broken} failed requests": load.broken <= troubles.at_stake,
        f"revisions {dict(revisions)}": set(revisions) == known,
        f"{len(changes)} of {len(troubles.swapped)} new models answered": len(changes) == len(troubles.swapped),
        f"memory grew {later / first:.2f} times": later <= GROWTH * first,
        f"descriptors {left}": max(left) <= max(idle),
        f"{stale} files of old models": stale == 0,
        "an exception in the log": "Traceback" not in logged,
        "a model was refused": "is refused" not in logged,
    }
    return [what for what, holds in checks.items() if not holds]


def changes_of(swapped: list[float], answered: list[Answered]) -> Iterator[Change]:
    """The changes that answers tell of."""
    for start, end in pairwise([*swapped, np.inf]):
        within = [each for each in answered if start <= each.done < end]
        old = next((each.revision for each in reversed(answered) if each.done < start), "")
        new = next((each.done for each in within if each.revision != old), None)
        if new is not None:
            yield Change(start, new, max((each.done for each in within if each.revision == old), default=start))


def report_latencies(answered: list[Answered], troubles: "Troubles", changes: list[Change]) -> dict[str, float]:
    """Print latencies by what was going on when something was asked; gives each phase's 99th percentile."""
    phases: dict[str, list[float]] = {BETWEEN: [], CHANGING: [], KILLED: [], ALL: []}
    for asked, done, _ in answered:
        if 0 <= asked - troubles.killed < RECOVERED:
            phase = KILLED
        else:
            phase = CHANGING if any(start <= done and asked <= last + AFTER for start, _, last in changes) else BETWEEN
        for each in (phase, ALL):
            phases[each].append(1e3 * (done - asked))
    p99 = {}
    for phase, taken in phases.items():
        if taken:
            p50, p99[phase] = np.quantile(taken, [0.5, 0.99])
            print(f"{phase:>22}: {len(taken):>7,} answers, p50 {p50:.1f} ms, p99 {p99[phase]:.1f} ms, "
                  f"max {max(taken):.1f} ms")  # fmt: skip
    return p99


@dataclass
class Troubles:
    """What happens to a server while it is asked, and what it needs meanwhile.

    Attributes:
        server: the server.
        served: the folder of the model.
        models: that take turns there.
        seconds: how long it goes on.
        every: seconds between two changes of the model.
        kill: whether a worker is killed in the middle.
        idle: descriptors of a worker that nobody asks.
        swapped: when the model was replaced.
        killed: when a worker was.
        at_stake: connections of the worker that was killed.
    """

    server: Server
    served: Path
    models: tuple[Path, Path]
    seconds: float
    every: float
    kill: bool
    idle: int = 0
    swapped: list[float] = field(default_factory=list)
    killed: float = -np.inf
    at_stake: int = 0
    _memory: dict[int, list[float]] = field(default_factory=dict)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While the block runs: look at the memory, change the model, kill a worker."""
        stop = threading.Event()
        jobs = [(1.0, self._look), (self.every, self._swap)]
        if self.kill:
            jobs.append((self.seconds / 2, self._kill))
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
        for worker in self.server.workers():
            with suppress(OSError):  # it may be the one that is killed
                self._memory.setdefault(worker, []).append(memory(worker).anonymous)

    def _swap(self) -> None:
        put(self.models[(len(self.swapped) + 1) % 2], self.served)
        self.swapped.append(time.perf_counter())

    def _kill(self) -> None:
        worker = self.server.workers()[0]
        self.at_stake = open_descriptors(worker) - self.idle
        self.killed = time.perf_counter()
        os.kill(worker, signal.SIGKILL)

    def memory(self) -> tuple[float, float, float]:
        """Megabytes of the worker that lived, once settled: in the first quarter, in the last, and at most."""
        whole = max(self._memory.values(), key=len)
        settled = whole[int(SETTLING * len(whole)) :]
        quarter = max(len(settled) // 4, 1)
        return median(settled[:quarter]), median(settled[-quarter:]), max(settled)


def mixed(model: Model) -> list[bytes]:
    """A thousand requests of all kinds in a random order, the same in each run, for users and films of the model."""
    choose = Random(1)
    users = [model.users[row] for row in choose.choices(range(len(model.users)), k=200)]
    known = model.movies.at(model.stats.counts.argsort()[-2000:])
    picks = [{"movie_ids": choose.sample(known, choose.choice([1, 3, 5, 10, 20]))} for _ in users]
    requests = [get("/health/ready"), get("/health/live")] * 25
    for user, picked in zip(users, picks, strict=True):
        title = model.catalogue[choose.choice(picked["movie_ids"])].title
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


def open_descriptors(worker: int) -> int:
    """How many files and connections the process has open."""
    return len(list(Path(f"/proc/{worker}/fd").iterdir()))


def descriptors(server: Server) -> list[int]:
    """The same of each worker, once nobody asks."""
    time.sleep(1)
    return [open_descriptors(worker) for worker in server.workers()]


def stale_files(worker: int) -> int:
    """How many mapped files of models are no longer there."""
    return Path(f"/proc/{worker}/maps").read_text().count(".npy (deleted)")


if __name__ == "__main__":
    main()
