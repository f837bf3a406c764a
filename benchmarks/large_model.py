"""A model of the largest size in minutes, to be served: `large_ratings.py`'s ratings, and factors after a few passes.

    python3 benchmarks/large_model.py FOLDER [--scale 0.01] [--factors 64] [--threads 2] [--seed 42]

writes a model folder; at scale 1 it has 330,975 users, 83,239 films and 33,832,162 ratings, and takes 4 GiB of
memory and 0.8 GB of disk. Both models are fitted, but neither for as long as `reelwise train` would, and nothing is
measured: lists, profiles, margins and the map cost what those of a good model cost, and are not as good. Prints how
long each step took.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from large_ratings import large_ratings, make_movies
from reelwise.artifacts.folder import check_target, write_model
from reelwise.data.catalogue import Catalogue
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.rating.uncertainty import Coefficients
from reelwise.training.pipeline import TrainingSettings, train

EPOCHS, ITERATIONS = 4, 2
COEFFICIENTS = Coefficients(1.0, 1.1, 0.75)  # of the margins; about those of MovieLens 1M


def main() -> None:
    """Make the model."""
    parser = argparse.ArgumentParser(description="A model of the largest size, quickly.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    check_target(options.folder)
    with timed("ratings made"):
        dataset = large_dataset(options.scale, options.seed)
    print(f"{len(dataset.ratings.users):,} users, {len(dataset.catalogue):,} films, {len(dataset.ratings):,} ratings")
    settings = TrainingSettings(
        rating=MatrixFactorizationConfig(factors=options.factors, epochs=EPOCHS),
        ranking=WeightedALSConfig(factors=options.factors, iterations=ITERATIONS),
        evaluate=False,
        seed=options.seed,
        threads=options.threads,
    )
    with timed("models fitted"):
        model = train(dataset, settings)
    with timed("margins"):
        model.rating.calibrate(dataset.ratings.with_movies(model.movies).interactions(), COEFFICIENTS)
    with timed("written"):
        write_model(options.folder, model)


def large_dataset(scale: float, seed: int) -> Dataset:
    """The ratings of `large_ratings.py` in memory, with their films."""
    made = large_ratings(scale, seed)
    ratings = Ratings.from_columns(made.user_ids.astype(np.int64), made.movie_ids.astype(np.int64), made.stars)
    return Dataset("large", ratings, Catalogue.of(make_movies(ratings.movies.ids, seed)), simulated=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block took."""
    started = time.perf_counter()
    yield
    print(f"{what} in {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
