"""Updating a model beside training it from scratch, on MovieLens 1M by time.

    python3 benchmarks/update.py [--data DIR] [--threads 2] [--runs 3]

A model is trained on the oldest 80 % of the ratings. The next 10 % arrive: it is updated with them, and another one is
trained from scratch on the 90 %. Both predict the newest 10 %. Fitting from scratch is one fit per model with the full
number of epochs and iterations, nothing is measured on the way. Times are medians of several runs.

(The timestamps of users from 3000 on are estimates in some copies of the data; the order is what counts here.)
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

import reelwise
from reelwise.data.ratings import CSR, Ids, Ratings, Stars, distinct, index_of
from reelwise.data.readers.movielens import find_ratings
from reelwise.data.readers.tables import Columns, read_columns
from reelwise.evaluation.metrics import hits, ndcg, rmse
from reelwise.evaluation.ranking import top_k
from reelwise.models.config import MatrixFactorizationConfig, UpdateConfig, WeightedALSConfig
from reelwise.models.preference import is_like
from reelwise.models.ranking.weighted_als import RankingModel, fit_ranking_model
from reelwise.models.rating.matrix_factorization import RatingModel, fit_rating_model
from reelwise.models.rating.updating import Places, placed, update_rating_model

SEED = 42


class Seconds(NamedTuple):
    """How long something took, and how long processors worked on it: others on the machine lengthen only the first."""

    wall: float
    processor: float


class Models(NamedTuple):
    """Both models of the same ratings, and how long each took."""

    stars: RatingModel
    taste: RankingModel
    stars_time: Seconds
    taste_time: Seconds


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="Updating beside training from scratch.")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()

    columns = read_columns(find_ratings(options.data))
    assert columns.timestamps is not None
    by_time = np.argsort(columns.timestamps, kind="stable")
    first, second = (round(len(by_time) * share) for share in (0.8, 0.9))
    before, after = ratings_of(columns, by_time[:first]), ratings_of(columns, by_time[:second])
    old = from_scratch(before, options.threads)
    update(old, before, after, options.threads)  # compile
    runs = [
        {"from scratch": from_scratch(after, options.threads), "updated": update(old, before, after, options.threads)}
        for _ in range(options.runs)
    ]

    newest = by_time[second:]
    of_both = known(columns, newest, before) & known(columns, newest, after)
    print(f"{options.data.name}: {len(before):,} ratings, then {len(after) - len(before):,} more, by "
          f"{len(after.user_ids) - len(before.user_ids):,} new users; {len(newest):,} to predict, "
          f"{of_both.sum():,} of users and movies that the old model knew")  # fmt: skip
    print(f"Reelwise {reelwise.__version__}, {options.threads} threads, Python {platform.python_version()}, "
          f"NumPy {np.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    report("old", old, columns, newest, of_both, before)
    for name, models in runs[0].items():
        report(name, models, columns, newest, of_both, after)
    for kind in Seconds._fields:
        print_times([{name: seconds(models, kind) for name, models in run.items()} for run in runs], kind)
    moves(old, before, runs[0], after)


def ratings_of(columns: Columns, lines: Ids) -> Ratings:
    """The ratings on these lines."""
    return Ratings.from_columns(
        columns.user_ids[lines], columns.movie_ids[lines], columns.stars[lines], scale=columns.scale
    )


def from_scratch(ratings: Ratings, threads: int) -> Models:
    """Both models, fitted to the ratings."""
    seen, shape = ratings.interactions(), (len(ratings.user_ids), len(ratings.movie_ids))
    return timed(
        lambda: fit_rating_model(seen, *shape, MatrixFactorizationConfig(), seed=SEED, threads=threads),
        lambda: fit_ranking_model(seen, *shape, ratings.scale, WeightedALSConfig(), seed=SEED, threads=threads),
    )


def update(old: Models, before: Ratings, now: Ratings, threads: int) -> Models:
    """Both models, updated from the ratings before to those of now."""
    settings, seen = UpdateConfig(), now.interactions()
    places = Places(index_of(now.user_ids, before.user_ids), index_of(now.movie_ids, before.movie_ids))

    def taste() -> RankingModel:
        start = RankingModel(placed(old.taste.P, places.users), placed(old.taste.Q, places.movies))
        return fit_ranking_model(
            seen, len(now.user_ids), len(now.movie_ids), now.scale,
            replace(WeightedALSConfig(), iterations=settings.taste_iterations), seed=SEED, threads=threads, start=start,
        )  # fmt: skip

    return timed(
        lambda: update_rating_model(
            old.stars, places, seen, MatrixFactorizationConfig(), settings, seed=SEED, threads=threads
        ),
        taste,
    )


def timed(stars: Callable[[], RatingModel], taste: Callable[[], RankingModel]) -> Models:
    """Both models, and how long each took."""
    started = clocks()
    of_stars = stars()
    between = clocks()
    of_taste = taste()
    return Models(of_stars, of_taste, since(started, between), since(between, clocks()))


def clocks() -> Seconds:
    """What the clocks say."""
    return Seconds(time.perf_counter(), time.process_time())


def since(before: Seconds, after: Seconds) -> Seconds:
    """From one time to another."""
    return Seconds(after.wall - before.wall, after.processor - before.processor)


def seconds(models: Models, kind: str) -> tuple[float, float]:
    """The seconds of that kind for the stars model, and for the taste model."""
    return getattr(models.stars_time, kind), getattr(models.taste_time, kind)


def print_times(runs: list[dict[str, tuple[float, float]]], kind: str) -> None:
    """Print medians over the runs, and their ratio."""
    medians = {name: [statistics.median(run[name][it] for run in runs) for it in (0, 1)] for name in runs[0]}
    (stars, taste), (stars_updated, taste_updated) = medians["from scratch"], medians["updated"]
    both = (stars + taste) / (stars_updated + taste_updated)
    print(f"{kind:>13} seconds: stars {stars:.2f} from scratch, {stars_updated:.2f} updated "
          f"({stars / stars_updated:.1f} times); taste {taste:.2f}, {taste_updated:.2f} "
          f"({taste / taste_updated:.1f} times); both {both:.1f} times")  # fmt: skip


def known(columns: Columns, lines: Ids, ratings: Ratings) -> np.ndarray:
    """On which lines both the user and the movie have ratings among these."""
    users, movies = (
        index_of(columns.user_ids[lines], ratings.user_ids),
        index_of(columns.movie_ids[lines], ratings.movie_ids),
    )
    return (users >= 0) & (movies >= 0)


def report(name: str, models: Models, columns: Columns, newest: Ids, of_both: np.ndarray, ratings: Ratings) -> None:
    """Print how well the newest ratings are predicted."""
    everybody = newest[known(columns, newest, ratings)]
    errors = (rmse(predicted(models.stars, columns, lines, ratings), columns.stars[lines])
              for lines in (newest[of_both], everybody))  # fmt: skip
    common, own = errors
    print(f"{name:>13}: RMSE {common:.4f} on what the old model knew, {own:.4f} on the {len(everybody):,} it knows; "
          f"NDCG@10 by taste {ranking(models.taste, columns, newest[of_both], ratings):.4f}")  # fmt: skip


def predicted(model: RatingModel, columns: Columns, lines: Ids, ratings: Ratings) -> np.ndarray:
    """The predicted stars on these lines, all of known users and movies."""
    users, movies = (
        index_of(columns.user_ids[lines], ratings.user_ids),
        index_of(columns.movie_ids[lines], ratings.movie_ids),
    )
    return model.predict(users, movies, columns.scale)


def ranking(model: RankingModel, columns: Columns, lines: Ids, ratings: Ratings) -> float:
    """NDCG@10 of the films on these lines that their users like, among all that they had not rated before."""
    liked = lines[is_like(columns.stars[lines], columns.scale)]
    viewers = distinct(columns.user_ids[liked])
    seen = ratings.interactions()

    def of_viewers(user_ids: Ids, movie_ids: Ids, stars: Stars) -> CSR:
        known = {"known_users": viewers, "known_movies": ratings.movie_ids}
        return Ratings.from_columns(user_ids, movie_ids, stars, scale=columns.scale, **known).by_user

    targets = of_viewers(columns.user_ids[liked], columns.movie_ids[liked], columns.stars[liked])
    excluded = of_viewers(ratings.user_ids[seen.users], ratings.movie_ids[seen.movies], seen.stars)
    scores = model.P[index_of(viewers, ratings.user_ids)] @ model.Q.T
    return float(ndcg(hits(top_k(scores, 10, excluded), targets)).mean())


def moves(old: Models, before: Ratings, run: dict[str, Models], now: Ratings) -> None:
    """Print how far predictions of the old ratings' pairs moved."""
    seen = before.interactions()
    users, movies = (
        index_of(before.user_ids, now.user_ids)[seen.users],
        index_of(before.movie_ids, now.movie_ids)[seen.movies],
    )
    was = old.stars.predict(seen.users, seen.movies, before.scale)
    for name, models in run.items():
        moved = models.stars.predict(users, movies, now.scale) - was
        print(f"predicted stars of the old ratings moved by {np.sqrt(np.mean(moved**2.0)):.3f} (RMS): {name}")
    places = index_of(before.movie_ids, now.movie_ids)
    length = np.linalg.norm(old.stars.Q[:, :-2], axis=1)
    distance = np.linalg.norm(run["updated"].stars.Q[places, :-2] - old.stars.Q[:, :-2], axis=1)
    print(f"a movie's vector moved by {np.median(distance / length):.1%} of its length (median): updated")


if __name__ == "__main__":
    main()
