"""How long importing a legacy model takes, and how much memory, beside the least that reading it takes: `pickle.load`.

    python3 benchmarks/legacy_import.py [--scale 0.1] [--seed 42]

At scale 1 the files are of the size of MovieLens 33M: 331,000 users, 83,000 movies, 33.8 million ratings. They are made
at random; the model in them is not a good one. Making, importing and loading are processes of their own, one after the
other. Loading is what the early project's code does, `np.load` twice and `pickle.load` once: it runs whatever is in the
file, and checks and sorts nothing.
"""

import argparse
import pickle
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from common import describe_versions
from reelwise.legacy.files import LegacyFiles, read_legacy_model

USERS, MOVIES, RATINGS, FACTORS = 331_000, 83_000, 33_800_000, 50

Result = TypeVar("Result")


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    peak: float  # GiB of memory


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Importing a legacy model.")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    print(f"{describe_versions()}, scale {options.scale:g}, seed {options.seed}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ratings = run_alone(make, folder, options.scale, options.seed)
        sizes = {path.name: path.stat().st_size / 2**20 for path in sorted(folder.iterdir())}
        print(f"{ratings:,} ratings; " + ", ".join(f"{file} {size:,.0f} MiB" for file, size in sizes.items()))
        ours, theirs = run_alone(time_import, folder), run_alone(time_loading, folder)
    print(f"\n{'':<20}seconds  peak GiB")
    for label, cost in {"import": ours, "pickle.load": theirs}.items():
        print(f"{label:<20}{cost.seconds:7.1f}{cost.peak:10.2f}")
    print(f"\nratios: {ours.seconds / theirs.seconds:.2f} × its seconds, {ours.peak / theirs.peak:.2f} × its memory")


def run_alone(work: Callable[..., Result], *arguments: object) -> Result:
    """What `work` gives in a fresh process, whose memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def make(folder: Path, scale: float, seed: int) -> int:
    """Write a legacy model of random numbers; gives the number of ratings."""
    rng = np.random.default_rng(seed)
    users, movies, wanted = (max(1, int(size * scale)) for size in (USERS, MOVIES, RATINGS))
    for name, rows in (("model_P.npy", users), ("model_Q.npy", movies)):
        np.save(folder / name, rng.normal(0, 0.3, (rows, FACTORS)))
    # a few users and movies have many ratings each: powers of uniform numbers lean to the first rows
    of_users, of_movies = (
        (rng.random(wanted * 5 // 4) ** power * rows).astype(np.int64) for power, rows in ((2, users), (3, movies))
    )
    pairs = np.unique(of_users * movies + of_movies)  # fewer than were drawn, but enough
    pairs = np.sort(rng.permutation(pairs)[:wanted])
    stars = rng.integers(1, 11, len(pairs)) / 2
    starts = np.searchsorted(pairs, np.arange(users + 1) * movies)
    user_ratings = {}
    for user in range(users):
        part = slice(starts[user], starts[user + 1])
        user_ratings[user] = dict(zip((pairs[part] % movies).tolist(), stars[part].tolist(), strict=True))
    user_ids, movie_ids = (np.sort(rng.choice(4 * count, count, replace=False)) + 1 for count in (users, movies))
    mappings = {
        "userId_to_index": {user: index for index, user in enumerate(user_ids)},
        "movieId_to_index": {movie: index for index, movie in enumerate(movie_ids)},
        "index_to_movieId": dict(enumerate(movie_ids)),
        "user_ratings": user_ratings,
        "index_to_userId": dict(enumerate(user_ids)),
    }
    with (folder / "model_mappings.pkl").open("wb") as file:
        pickle.dump(mappings, file)
    return len(pairs)


def time_import(folder: Path) -> Cost:
    """Import the files."""
    started = time.perf_counter()
    read_legacy_model(LegacyFiles.in_folder(folder))
    return cost_since(started)


def time_loading(folder: Path) -> Cost:
    """Load the files as the early project's code does."""
    started = time.perf_counter()
    kept = [np.load(folder / name) for name in ("model_P.npy", "model_Q.npy")]
    with (folder / "model_mappings.pkl").open("rb") as file:
        kept.append(pickle.load(file))
    return cost_since(started)


def cost_since(started: float) -> Cost:
    """The seconds since then, and the most memory that this process ever had."""
    return Cost(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


if __name__ == "__main__":
    main()
