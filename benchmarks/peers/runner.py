"""Splits, and runs: each in a process of its own, one at a time."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from peers.contestants import Contestant
from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out


@dataclass(frozen=True)
class Fits:
    """One or several fits alike."""

    seconds: tuple[float, ...]
    rmse: tuple[float, ...]
    visited: int

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        """Seconds of the fastest."""
        return min(self.seconds)

    @property
    def mean_rmse(self) -> float:
        """Mean RMSE."""
        return statistics.fmean(self.rmse)

    def __add__(self, other: "Fits") -> "Fits":
        return Fits(self.seconds + other.seconds, self.rmse + other.rmse, other.visited)


NONE = Fits((), (), 0)


class Job(NamedTuple):
    """What to fit: who, with how many threads, and for each of which numbers of epochs."""

    who: Contestant
    threads: int
    epochs: tuple[int | None, ...]


@dataclass(frozen=True)
class Split:
    """A random tenth of the ratings to predict, and the others to fit; in a file for the workers."""

    file: Path
    fitted: int
    predicted: int

    @classmethod
    def draw(cls, ratings: Interactions, seed: int, folder: Path) -> "Split":
        """Split by `seed`; the file goes to `folder`."""
        train, test = hold_out(ratings, 0.1, seed)
        file = folder / f"{seed}.npz"
        np.savez(
            file, users=train.users, movies=train.movies, stars=train.stars,
            test_users=test.users, test_movies=test.movies, test_stars=test.stars,
            shape=ratings.shape, scale=ratings.scale, seed=seed,
        )  # fmt: skip
        return cls(file, len(train), len(test))


@dataclass
class Runner:
    """Runs contestants; each of `pythons` is tried in turn for a library.

    Attributes:
        pythons: interpreters to look for libraries in.
        left_out: libraries that are not to run, and those found to be unable to.
        versions: of the libraries that have run.
    """

    pythons: Sequence[str]
    left_out: set[str]
    versions: dict[str, str] = field(default_factory=dict)

    def run(
        self, who: Contestant, split: Split, threads: int, epochs: Sequence[int | None] = (), runs: int = 1
    ) -> dict[int | None, Fits]:
        """The fits for each number of `epochs` (default: the contestant's own); empty if its library is left out."""
        if who.library in self.left_out:
            return {}
        job, result = split.file.with_name("job.json"), split.file.with_name("result.json")
        asked = {"library": who.library, "settings": dict(who.settings), "epochs": list(epochs) or [who.epochs]}
        job.write_text(json.dumps({**asked, "threads": threads, "runs": runs}))
        benchmarks = str(Path(__file__).parents[1])
        found = os.pathsep.join(filter(None, [benchmarks, os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": found, "OMP_NUM_THREADS": str(threads)}
        for python in [sys.executable] if who.library == "reelwise" else self.pythons:
            done = subprocess.run(
                [python, "-m", "peers.worker", str(split.file), str(job), str(result)],
                env=environment, check=False, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode == 0:
                break
        else:
            if who.library == "reelwise":
                raise SystemExit(done.stderr)
            why = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
            print(f"left out: {who.library} ({why})", flush=True)
            self.left_out.add(who.library)
            return {}
        answer = json.loads(result.read_text())
        self.versions[who.library] = answer["version"]
        fits: dict[int | None, Fits] = {}
        for fit in answer["fits"]:
            one = Fits((fit["seconds"],), (fit["rmse"],), fit["visited"])
            fits[fit["epochs"]] = fits.get(fit["epochs"], NONE) + one
        return fits

    def run_in_turn(self, jobs: Sequence[Job], split: Split, runs: int) -> list[dict[int | None, Fits]]:
        """The fits of each job, which take turns, so that what else the machine does hits all alike."""
        found: list[dict[int | None, Fits]] = [{} for _ in jobs]
        for _ in range(runs):
            for fits, (who, threads, epochs) in zip(found, jobs, strict=True):
                for stop, one in self.run(who, split, threads, epochs).items():
                    fits[stop] = fits.get(stop, NONE) + one
        return found
