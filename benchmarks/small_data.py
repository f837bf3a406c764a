"""The rating model on small data beside the best of other libraries: MovieLens latest-small, samples of MovieLens 1M.

    python3 -m pip install --no-cache-dir scikit-surprise myfm
    python3 benchmarks/small_data.py [--data DIR] [--sets latest-small tenth quarter 100k] [--python PATH]

DIR holds the folders ml-latest-small and ml-1m. The samples are all ratings of a random tenth and a random quarter of
MovieLens 1M's users, and those of 940 users for the 1,680 films that they rated most, which is the shape of MovieLens
100K. Everybody fits the same random 90 % of the ratings, as in `stars.py`, and predicts the other 10 %.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from common import create_parser, describe_versions
from peers import contestants
from peers.runner import NONE, Runner, Split
from reelwise.data.interactions import Interactions
from reelwise.data.readers.movielens import read_dataset

SAMPLE_SEED = 5
SETS = {
    "latest-small": "MovieLens latest-small",
    "tenth": "a tenth of MovieLens 1M's users",
    "quarter": "a quarter of MovieLens 1M's users",
    "100k": "the shape of MovieLens 100K",
}


def main() -> None:
    """Measure and print."""
    parser = create_parser("The rating model on small data, beside other libraries.", data=".")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the splits")
    parser.add_argument("--sets", nargs="+", default=[*SETS], choices=SETS, help="of ratings")
    parser.add_argument("--python", action="append", metavar="PATH", help="where to look for the other libraries")
    options = parser.parse_args()
    runner = Runner(options.python or [sys.executable], set())
    print(f"random 90/10 splits, seeds {', '.join(map(str, options.seeds))}; {describe_versions()}")
    for name in options.sets:
        ratings = read(name, options.data)
        users, movies = ratings.shape
        print(f"\n{SETS[name]}: {len(ratings):,} ratings by {users:,} users of {movies:,} movies")
        print(f"{'':<44}RMSE  least to most   seconds", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            splits = [Split.draw(ratings, seed, Path(folder)) for seed in options.seeds]
            for who in contestants.SMALL:
                fits = sum((one for split in splits for one in runner.run(who, split, options.threads).values()), NONE)
                if fits.seconds:
                    print(f"{who.full_name:<41}{fits.mean_rmse:7.4f} {min(fits.rmse):.4f}-{max(fits.rmse):.4f}"
                          f"{fits.median:10.2f}", flush=True)  # fmt: skip
    print("\n" + "; ".join(runner.versions.values()))


def read(name: str, folder: Path) -> Interactions:
    """The ratings of one of the `SETS`."""
    if name == "latest-small":
        return read_dataset(folder / "ml-latest-small").ratings.interactions()
    whole = read_dataset(folder / "ml-1m").ratings.interactions()
    users = np.random.default_rng(SAMPLE_SEED).permutation(whole.shape[0])
    if name == "100k":
        return sample(whole, users[:940], 1680)
    return sample(whole, users[: len(users) // {"tenth": 10, "quarter": 4}[name]])


def sample(ratings: Interactions, users: np.ndarray, movies: int | None = None) -> Interactions:
    """The ratings of some users, for so many movies that they rated most; rows without ratings are gone."""
    ratings = ratings.where(np.isin(ratings.users, users))
    if movies is not None:
        ratings = ratings.where(np.isin(ratings.movies, np.argsort(-ratings.counts_by_movie(), kind="stable")[:movies]))
    (of_users, user_rows), (of_movies, movie_rows) = (
        np.unique(rows, return_inverse=True) for rows in (ratings.users, ratings.movies)
    )
    shape = len(of_users), len(of_movies)
    return Interactions(user_rows.astype(np.int32), movie_rows.astype(np.int32), ratings.stars, shape, ratings.scale)


if __name__ == "__main__":
    main()
