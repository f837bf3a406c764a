"""Whether the stars model is as sure as it says, on MovieLens 1M: for users it knows, and for people it never saw.

    python3 benchmarks/margins.py [--data DIR] [--threads 2] [--splits 3]

Known users: a random tenth of all ratings is held out, as `reelwise train` does; beside one margin for all, the errors'
standard deviation on the validation ratings. People it never saw: 600 users are held out whole, a model is trained on
the others, and those of the 600 with at least 30 likes name 1, 5 or 20 of these; what else they rated is predicted.
"""

import argparse
import os
import platform
from dataclasses import replace
from pathlib import Path

import numpy as np

import reelwise
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.splitting import hold_out
from reelwise.evaluation.intervals import measure_intervals
from reelwise.evaluation.measure_ratings import VALIDATION
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.matrix_factorization import fit_rating_model
from reelwise.recommend.query import Viewers
from reelwise.training.pipeline import TrainingSettings, train

HELD_OUT, LEAST_LIKES = 600, 30


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="Whether margins of predicted stars hold what they say.")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--splits", type=int, default=3)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    print(
        f"{dataset.name}; Reelwise {reelwise.__version__}, Python {platform.python_version()}, NumPy {np.__version__}"
    )
    for seed in range(42, 42 + options.splits):
        known_users(dataset.ratings, seed, options.threads)
    for seed in range(1, 1 + options.splits):
        people_never_seen(dataset, seed, options.threads)


def known_users(ratings: Ratings, seed: int, threads: int) -> None:
    """Print the figures of one split."""
    rest, held_out = hold_out(ratings.interactions(), 0.1, seed)
    part, validation = hold_out(rest, VALIDATION, seed)
    shape = len(ratings.user_ids), len(ratings.movie_ids)
    model = fit_rating_model(
        part, *shape, MatrixFactorizationConfig(), seed=seed, threads=threads, validation=validation
    )
    off, errors = (it.stars - model.predict(it.users, it.movies, ratings.scale) for it in (validation, held_out))
    residuals = model.residuals(part, ratings.scale)
    spread = residuals.spread(residuals.fit(validation, validation.stars - off)).of(held_out.users, held_out.movies)
    low, high = np.quantile(spread, [0.1, 0.9])
    print(f"known users, split {seed}")
    report("all", errors, spread)
    report("surest tenth", errors[spread <= low], spread[spread <= low])
    report("least sure tenth", errors[spread >= high], spread[spread >= high])
    one = np.full_like(errors, np.sqrt(np.square(off).mean()))
    report("one for all", errors, one)
    report("  surest tenth", errors[spread <= low], one[spread <= low])
    report("  least sure tenth", errors[spread >= high], one[spread >= high])


def people_never_seen(dataset: Dataset, seed: int, threads: int) -> None:
    """Print the figures of one draw."""
    ratings, seen = dataset.ratings, dataset.ratings.interactions()
    rng = np.random.default_rng(seed)
    people = rng.choice(len(ratings.user_ids), HELD_OUT, replace=False)
    others = seen.where(~np.isin(seen.users, people))
    history = Ratings.from_columns(
        ratings.user_ids[others.users], ratings.movie_ids[others.movies], others.stars,
        scale=ratings.scale, known_movies=ratings.movie_ids,
    )  # fmt: skip
    model = train(replace(dataset, ratings=history), TrainingSettings(seed=seed, threads=threads))
    tastes = Viewers(model).tastes
    assert tastes
    print(f"people never seen, draw {seed}")
    for picks in (1, 5, 20):
        errors, margins = [], []
        for person in people:
            movies, stars = ratings.by_user[person]
            likes = movies[stars >= 4]
            if len(likes) < LEAST_LIKES:
                continue
            named = rng.choice(likes, picks, replace=False)
            viewer = tastes.blended(named.tolist())
            assert viewer.margins
            left = ~np.isin(movies, named)
            errors.append(stars[left] - ratings.scale.clip(model.Q[movies[left]] @ viewer.stars))
            margins.append(viewer.margins(movies[left]))
        report(f"{picks} picks", np.concatenate(errors), np.concatenate(margins))


def report(what: str, errors: np.ndarray, spread: np.ndarray) -> None:
    """One line: coverage of both intervals, mean spread, RMSE, mean negative log-likelihood less a constant."""
    found = measure_intervals(errors, spread)
    shares = ", ".join(f"{share:.3f} within {level}" for level, share in found["interval"].items())
    likelihood = (np.log(spread) + np.square(errors / spread) / 2).mean()
    rmse = np.sqrt(np.square(errors).mean())
    print(f"{what:>18}: {shares}, mean spread {found['mean_spread']:.3f}, RMSE {rmse:.3f}, -log L {likelihood:.3f}")


if __name__ == "__main__":
    main()
