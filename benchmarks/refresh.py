"""Updating a model from the live store beside training it from scratch, on MovieLens 1M by time.

    python3 benchmarks/refresh.py [--data DIR] [--threads 2]

A model is trained on ratings up to a moment; 5 % as many follow, as events in a SQLite store, and the newest 10 % are
to be predicted. `reelwise update` learns the events, in a process of its own, from reading the model folder to having
another one in its place. Prints its seconds, and RMSE on the newest ratings of what both know, beside training from
scratch. Then the same events with their stars shuffled: the update must be refused.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from common import create_parser, describe_versions
from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings
from reelwise.data.readers.checking import Columns
from reelwise.data.readers.movielens import find_ratings, read_dataset
from reelwise.data.readers.tables import read_columns
from reelwise.data.types import Positions, Stars
from reelwise.evaluation.metrics import rmse
from reelwise.live.events import Event
from reelwise.live.store import Store
from reelwise.training.pipeline import TrainingSettings, train
from reelwise.training.refresh.roll_back import roll_back

_LIMIT = 3.0  # seconds
_NEAR = 0.002  # of RMSE


def main() -> None:
    """Measure and print."""
    options = create_parser("Updating from the live store.").parse_args()
    columns = read_columns(find_ratings(options.data))
    assert columns.times is not None
    by_time = np.argsort(columns.times, kind="stable")
    first, second = (round(len(by_time) * share) for share in (0.9 / 1.05, 0.9))
    dataset = read_dataset(options.data)
    settings = TrainingSettings(evaluate=False, threads=options.threads)
    print(f"{options.data.name}: {first:,} ratings, then {second - first:,} as events, then {len(by_time) - second:,}")
    print(f"{describe_versions()}, {options.threads} threads, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        write_model(folder, train(part_of(dataset, columns, by_time[:first]), settings))
        scratch = train(part_of(dataset, columns, by_time[:second]), settings)
        news, newest = by_time[first:second], by_time[second:]
        for run in range(3):
            store = tell(Path(name) / f"live{run}.db", columns, news, columns.stars[news])
            wall, processor, said = update(folder, store, options.threads)
            print(f"updated in {wall:.2f} s, {processor:.2f} s of processor time (limit {_LIMIT:g} s)", flush=True)
            if run == 0:
                print(said)
                models = {"the old model": previous(folder), "updated": Model.load(folder), "from scratch": scratch}
                report(models, columns, newest)
            roll_back(folder, None)
        shuffled = np.random.default_rng(7).permutation(columns.stars[news])
        print("with shuffled stars:", update(folder, tell(Path(name) / "spoiled.db", columns, news, shuffled), 2)[2])


def previous(folder: Path) -> Model:
    """The model before the last update."""
    return Model.load(folder.with_name(f"{folder.name}.previous"))


def part_of(dataset: Dataset, columns: Columns, lines: Positions) -> Dataset:
    """The data set with the ratings on these lines alone."""
    ratings = Ratings.from_columns(
        columns.user_ids[lines], columns.movie_ids[lines], columns.stars[lines], scale=dataset.ratings.scale
    )
    return replace(dataset, ratings=ratings)


def tell(path: Path, columns: Columns, lines: Positions, stars: Stars) -> Path:
    """A store that was told these ratings."""
    store = Store(f"sqlite:///{path}")
    assert columns.times is not None
    events = [
        Event(int(user), int(movie), "rating", float(given), int(at))
        for user, movie, given, at in zip(
            columns.user_ids[lines], columns.movie_ids[lines], stars, columns.times[lines], strict=True
        )
    ]
    for start in range(0, len(events), 1000):
        store.record(events[start : start + 1000])
    store.close()
    return path


def update(folder: Path, store: Path, threads: int) -> tuple[float, float, str]:
    """Seconds and processor seconds of `reelwise update`, and what it said."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "reelwise", "update", "--model", str(folder), "--threads", str(threads)]
    done = subprocess.run([*command, "--store", f"sqlite:///{store}"], capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor, f"exit code {done.returncode}: {done.stderr.strip()}"


def report(models: dict[str, Model], columns: Columns, newest: Positions) -> None:
    """Print how well the newest ratings are predicted, of users and films that all models know."""
    known = np.ones(len(newest), np.bool_)
    for model in models.values():
        users, movies = model.users.rows(columns.user_ids[newest]), model.movies.rows(columns.movie_ids[newest])
        known &= (users >= 0) & (movies >= 0) & model.fitted[movies]
    lines = newest[known]
    errors = {}
    for name, model in models.items():
        users, movies = model.users.rows(columns.user_ids[lines]), model.movies.rows(columns.movie_ids[lines])
        errors[name] = rmse(model.rating.predict_rows(users, movies), columns.stars[lines])
    print(", ".join(f"{name}: RMSE {error:.4f}" for name, error in errors.items()) + f" on {len(lines):,} ratings")
    apart = errors["updated"] - errors["from scratch"]
    print(f"the update is {apart:+.4f} from training from scratch (limit {_NEAR:g})")


if __name__ == "__main__":
    main()
