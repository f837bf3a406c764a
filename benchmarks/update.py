"""Updating a model beside training it from scratch, on MovieLens 1M by time.

    python3 benchmarks/update.py [--data DIR] [--threads 2] [--runs 3]

Both models are trained on the oldest 80 % of the ratings. The next 10 % arrive: they are updated with them, and others
are trained from scratch on the 90 %. All predict the newest 10 %. Fitting from scratch is one fit per model with the
full number of epochs and iterations, nothing is measured on the way. Prints RMSE and NDCG@10, seconds as medians of
several runs with the ratio of both ways, and how far an update moves predictions of the old ratings.

(The timestamps of users from 3000 on are estimates in some copies of the data; the order is what counts here.)
"""

import os
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from common import create_parser, describe_versions
from reelwise.data.likes import is_like
from reelwise.data.ratings import Ratings
from reelwise.data.readers.checking import Columns
from reelwise.data.readers.movielens import find_ratings
from reelwise.data.readers.tables import read_columns
from reelwise.data.types import Mask, Positions
from reelwise.data.vocabulary import Vocabulary
from reelwise.evaluation.metrics import rmse
from reelwise.evaluation.ranking import measure_ndcg
from reelwise.evaluation.splitting import TestCase
from reelwise.models.config import UpdateConfig
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.updating import OlderRows, take_rows

SEED = 42

M = TypeVar("M")


class Seconds(NamedTuple):
    """How long something took, and how long processors worked on it: others on the machine lengthen only the first."""

    wall: float
    processor: float


class Fitted(NamedTuple):
    """Both models of the same ratings, and how long each took."""

    ratings: Ratings
    rating: MatrixFactorization
    ranking: WeightedALS
    rating_time: Seconds
    ranking_time: Seconds


def main() -> None:
    """Measure and print."""
    parser = create_parser("Updating beside training from scratch.")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    columns = read_columns(find_ratings(options.data))
    assert columns.times is not None
    by_time = np.argsort(columns.times, kind="stable")
    first, second = (round(len(by_time) * share) for share in (0.8, 0.9))
    before, after = ratings_of(columns, by_time[:first]), ratings_of(columns, by_time[:second])
    old = fit(before, options.threads)
    update(old, after, options.threads)  # compile
    runs = [
        {"from scratch": fit(after, options.threads), "updated": update(old, after, options.threads)}
        for _ in range(options.runs)
    ]

    newest = by_time[second:]
    of_both = newest[are_known(columns, newest, before) & are_known(columns, newest, after)]
    print(f"{options.data.name}: {len(before):,} ratings, then {len(after) - len(before):,} more, by "
          f"{len(after.users) - len(before.users):,} new users; {len(newest):,} to predict, "
          f"{len(of_both):,} of users and movies that the old model knew")  # fmt: skip
    print(f"{describe_versions()}, {options.threads} threads, load {os.getloadavg()[0]:.1f}")
    for name, fitted in {"old": old, **runs[0]}.items():
        report_quality(name, fitted, columns, newest, of_both)
    for kind in Seconds._fields:
        report_times(runs, kind)
    report_moves(old, runs[0])


def ratings_of(columns: Columns, lines: Positions) -> Ratings:
    """The ratings on these lines."""
    return Ratings.from_columns(
        columns.user_ids[lines], columns.movie_ids[lines], columns.stars[lines], scale=columns.scale
    )


def fit(ratings: Ratings, threads: int) -> Fitted:
    """Both models, fitted to the ratings."""
    train = ratings.interactions()
    rating, rating_time = timed(lambda: MatrixFactorization(seed=SEED, threads=threads).fit(train))
    ranking, ranking_time = timed(lambda: WeightedALS(seed=SEED, threads=threads).fit(train))
    return Fitted(ratings, rating, ranking, rating_time, ranking_time)


def update(old: Fitted, ratings: Ratings, threads: int) -> Fitted:
    """Both models, updated to the ratings of now."""
    train, config, older = ratings.interactions(), UpdateConfig(), older_rows(ratings, old.ratings)
    rating, rating_time = timed(lambda: old.rating.update(train, older, config))
    start = take_rows(old.ranking.P, older.users), take_rows(old.ranking.Q, older.movies)
    ranking, ranking_time = timed(
        lambda: WeightedALS(seed=SEED, threads=threads).fit(train, start=start, iterations=config.ranking_iterations)
    )
    return Fitted(ratings, rating, ranking, rating_time, ranking_time)


def older_rows(ratings: Ratings, others: Ratings) -> OlderRows:
    """The rows that users and movies have among others."""
    return OlderRows(others.users.rows(ratings.users.ids), others.movies.rows(ratings.movies.ids))


def timed(work: Callable[[], M]) -> tuple[M, Seconds]:
    """What comes of it, and how long it took."""
    wall, processor = time.perf_counter(), time.process_time()
    done = work()
    return done, Seconds(time.perf_counter() - wall, time.process_time() - processor)


def are_known(columns: Columns, lines: Positions, ratings: Ratings) -> Mask:
    """On which lines both the user and the movie have ratings among these."""
    users, movies = ratings.users.rows(columns.user_ids[lines]), ratings.movies.rows(columns.movie_ids[lines])
    known: Mask = (users >= 0) & (movies >= 0)
    return known


def report_quality(name: str, fitted: Fitted, columns: Columns, newest: Positions, of_both: Positions) -> None:
    """Print how well the newest ratings are predicted."""
    ratings = fitted.ratings

    def error(lines: Positions) -> float:
        users, movies = ratings.users.rows(columns.user_ids[lines]), ratings.movies.rows(columns.movie_ids[lines])
        return rmse(fitted.rating.predict_rows(users, movies), columns.stars[lines])

    own = newest[are_known(columns, newest, ratings)]
    print(f"{name:>13}: RMSE {error(of_both):.4f} on what the old model knew, {error(own):.4f} on the {len(own):,} "
          f"it knows; NDCG@10 of the ranking model {ndcg(fitted, columns, of_both):.4f}")  # fmt: skip


def ndcg(fitted: Fitted, columns: Columns, lines: Positions) -> float:
    """NDCG@10 of the films on these lines that their users like, among all that they had not rated before."""
    ratings = fitted.ratings
    liked = lines[is_like(columns.stars[lines], columns.scale)]
    viewers = Vocabulary.of(columns.user_ids[liked])
    rows = ratings.users.rows(viewers.ids)
    targets = Ratings.from_columns(
        columns.user_ids[liked], columns.movie_ids[liked], columns.stars[liked], users=viewers, movies=ratings.movies
    ).by_user
    case = TestCase(Queries.of_users(rows), ratings.by_user.take(rows), targets)
    return float(measure_ndcg(fitted.ranking, case).mean())


def report_times(runs: list[dict[str, Fitted]], kind: str) -> None:
    """Print medians over the runs, and their ratios."""

    def medians(name: str) -> npt.NDArray[np.float64]:
        times = [[getattr(time, kind) for time in (run[name].rating_time, run[name].ranking_time)] for run in runs]
        return np.array([median(column) for column in zip(*times, strict=True)])

    scratch, updated = medians("from scratch"), medians("updated")
    each = (f"{model} {slow:.2f} from scratch, {fast:.2f} updated ({slow / fast:.1f} times as fast)"
            for model, slow, fast in zip(("rating model", "ranking model"), scratch, updated, strict=True))  # fmt: skip
    print(f"{kind:>13} seconds: {'; '.join(each)}; both {scratch.sum() / updated.sum():.1f} times as fast")


def report_moves(old: Fitted, run: dict[str, Fitted]) -> None:
    """Print how far predictions of the old ratings' pairs moved."""
    pairs, updated = old.ratings.interactions(), run["updated"]
    older = older_rows(old.ratings, updated.ratings)
    was = old.rating.predict_rows(pairs.users, pairs.movies)
    for name, fitted in run.items():
        moved = fitted.rating.predict_rows(older.users[pairs.users], older.movies[pairs.movies]) - was
        print(f"predicted stars of the old ratings moved by {np.sqrt(np.mean(moved**2.0)):.3f} (RMS): {name}")
    length = np.linalg.norm(old.rating.Q[:, :-2], axis=1)
    distance = np.linalg.norm(updated.rating.Q[older.movies, :-2] - old.rating.Q[:, :-2], axis=1)
    print(f"a movie's vector moved by {np.median(distance / length):.1%} of its length (median): updated")


if __name__ == "__main__":
    main()
