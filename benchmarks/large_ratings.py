"""Ratings of the size and shape of the largest MovieLens, made from a seed: for measuring what such a size costs.

    python3 benchmarks/large_ratings.py FOLDER [--scale 0.1] [--seed 42]

writes `ratings.csv` and `movies.csv` in MovieLens' format: at scale 1 330,975 users, 83,239 rated movies and 33,832,162
ratings, as in MovieLens "latest" of 2023. At another scale users and ratings change with it and movies with its square
root, which keeps the ratings per user and the skew.

    ratings of a user   log-normal, at least 1
    watching            one film after the other, never twice: the film at place r of the charts is thought of with
                        weight (1 + r / HEAD)^-2, and watched with probability sigmoid(CHOOSINESS p_u·q_i)
    expected            mu + b_u + b_i + p_u·q_i, with RANK factors, the first of which matter most
    stars               expected + noise, rounded to half stars between 0.5 and 5

So what a model can learn is known. Its RMSE lies between that of the true biases and the floor, that of the true
expected stars; both are printed. The constants were chosen so that the margins, the mean and the spread of the stars
look like MovieLens'.
"""

import argparse
import time
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import polars as pl

from reelwise.data.catalogue import Movie
from reelwise.data.types import Indices, Rows, Stars
from reelwise.models.rating.kernels import Factors, predict_pairs

USERS, MOVIES, RATINGS, LARGEST_MOVIE_ID = 330_975, 83_239, 33_832_162, 288_983

MEDIAN_OF_USER, SPREAD_OF_USER = 30, 1.57
HEAD = 80.0
CHOOSINESS = 2.0
RANK = 20
MU, NOISE = 3.69, 0.83
USER_BIAS, MOVIE_BIAS, MATCH = 0.48, 0.45, 0.5  # standard deviations; that of p_u·q_i is MATCH
FAME = 0.12  # how many stars fewer a film has on average that is e times as far down the charts
FIRST, LAST, HABIT = 823_000_000, 1_690_000_000, 90 * 86_400  # seconds: 1996, 2023, how long a user goes on rating

GENRES = ("Action", "Adventure", "Comedy", "Crime", "Documentary", "Drama", "Horror", "Romance", "Sci-Fi", "Thriller")
WORDS = 40_000  # that titles are made of
SYLLABLES = tuple(
    start + vowel for start in "bcdfghklmnprstvwz" for vowel in ("a", "e", "i", "o", "u", "ar", "en", "is")
)

_compiled = numba.njit(nogil=True)


class LargeRatings(NamedTuple):
    """Ratings by ascending user, then movie, without repetitions.

    Attributes:
        user_ids: int32, shape (ratings,).
        movie_ids: int32, shape (ratings,).
        stars: float32, shape (ratings,).
        timestamps: seconds, int32, shape (ratings,).
        floor: the RMSE of the true expected stars; no model can do better.
        biases: the RMSE of the true biases alone.
    """

    user_ids: Indices
    movie_ids: Indices
    stars: Stars
    timestamps: Indices
    floor: float
    biases: float


def main() -> None:
    """Write the files, and say what is in them."""
    parser = argparse.ArgumentParser(description="Ratings of the size and shape of the largest MovieLens.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    started = time.perf_counter()
    ratings = large_ratings(options.scale, options.seed)
    made = time.perf_counter()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_ratings(ratings, options.folder / "ratings.csv")
    write_movies(make_movies(np.unique(ratings.movie_ids), options.seed), options.folder / "movies.csv")
    written = time.perf_counter()
    for name, ids in (("users", ratings.user_ids), ("movies", ratings.movie_ids)):
        counts = np.bincount(ids)
        quantiles = np.quantile(counts[counts > 0], (0, 0.5, 0.9, 0.99, 1)).astype(int)
        print(f"{np.count_nonzero(counts):,} {name}; ratings of the least, median, 90 %, 99 %, most: "
              + ", ".join(f"{count:,}" for count in quantiles))  # fmt: skip
    print(f"{len(ratings.stars):,} ratings, stars {ratings.stars.mean():.2f} ± {ratings.stars.std():.2f}; "
          f"RMSE of the true biases {ratings.biases:.4f}, floor {ratings.floor:.4f}")  # fmt: skip
    print(f"made in {made - started:.0f} s, written in {written - made:.0f} s")


def large_ratings(scale: float = 1.0, seed: int = 42) -> LargeRatings:
    """The ratings at that scale, by seed alone."""
    rng = np.random.default_rng(seed)
    users, movies, count = round(USERS * scale), round(MOVIES * scale**0.5), round(RATINGS * scale)
    charts = rng.permutation(movies).astype(np.int32)  # place → movie
    truth = _truth(rng, users, charts)
    sizes = _sizes(rng, users, movies // 2, count)
    of_movies = np.full(count, -1, np.int32)
    of_movies[rng.choice(count, movies, replace=False)] = np.arange(movies)  # each movie is rated by somebody
    _watch(rng, np.concatenate([[0], np.cumsum(sizes)]), of_movies, charts, truth.P, truth.Q)
    of_users = np.repeat(np.arange(users, dtype=np.int32), sizes)
    expected = np.empty(count, np.float32)
    predict_pairs(truth, of_users, of_movies, expected)
    stars = rng.standard_normal(count, np.float32)
    stars *= np.float32(NOISE)
    stars += expected
    _round_to_half_stars(stars)
    joined = rng.integers(FIRST, LAST, users)
    timestamps = joined[of_users] + rng.standard_exponential(count, np.float32) * np.float32(HABIT)
    largest = max(movies, round(LARGEST_MOVIE_ID * scale**0.5))
    ids = np.sort(rng.choice(largest, movies, replace=False)).astype(np.int32) + 1
    return LargeRatings(
        of_users + np.int32(1),
        ids[of_movies],
        stars,
        np.minimum(timestamps, LAST).astype(np.int32),
        _rmse(expected, stars),
        _rmse(truth.user_bias[of_users] + truth.movie_bias[of_movies], stars),
    )


def write_ratings(ratings: LargeRatings, path: Path) -> None:
    """Write the ratings as MovieLens does."""
    columns = ratings.user_ids, ratings.movie_ids, ratings.stars, ratings.timestamps
    frame = pl.DataFrame(dict(zip(("userId", "movieId", "rating", "timestamp"), columns, strict=True)))
    frame.write_csv(path, float_precision=1)


def make_movies(movie_ids: Rows, seed: int) -> list[Movie]:
    """Films with those ids, of random titles, years and genres."""
    rng = np.random.default_rng(seed)
    years, genres = rng.integers(1920, 2024, len(movie_ids)), rng.choice(GENRES, (len(movie_ids), 2))
    return [
        Movie(movie_id, f"{title} ({year})", tuple(sorted({*both})))
        for movie_id, title, year, both in zip(
            movie_ids.tolist(), _make_titles(rng, len(movie_ids)), years.tolist(), genres.tolist(), strict=True
        )
    ]


def _make_titles(rng: np.random.Generator, films: int) -> list[str]:
    """One to five made-up words each, of which some are in thousands of titles and most in a few (Zipf's law)."""
    words = ["".join(word).capitalize() for word in rng.choice(SYLLABLES, (WORDS, 3)).tolist()]
    lengths = rng.integers(1, 6, films)
    likely = 1 / np.arange(1, WORDS + 1)
    drawn = rng.choice(words, lengths.sum(), p=likely / likely.sum())
    return [" ".join(title) for title in np.split(drawn, np.cumsum(lengths)[:-1])]


def write_movies(movies: list[Movie], path: Path) -> None:
    """Write films as MovieLens does."""
    columns = {
        "movieId": [movie.movie_id for movie in movies],
        "title": [movie.title for movie in movies],
        "genres": ["|".join(movie.genres) for movie in movies],
    }
    pl.DataFrame(columns).write_csv(path)


def _truth(rng: np.random.Generator, users: int, charts: Indices) -> Factors:
    """Biases and factors; the mean is in the movies' biases."""
    places = np.empty(len(charts), np.float32)
    places[charts] = np.arange(len(charts))
    power = 1 / np.arange(1, RANK + 1)
    spread = (MATCH * np.sqrt(power / power.sum())) ** 0.5  # of each factor, half of it on either side
    movie_bias = MU + MOVIE_BIAS * rng.standard_normal(len(charts)) - FAME * np.log1p(places / HEAD)
    return Factors(
        (rng.standard_normal((users, RANK)) * spread).astype(np.float32),
        (rng.standard_normal((len(charts), RANK)) * spread).astype(np.float32),
        (USER_BIAS * rng.standard_normal(users)).astype(np.float32),
        movie_bias.astype(np.float32),
    )


def _sizes(rng: np.random.Generator, users: int, most: int, count: int) -> npt.NDArray[np.int64]:
    """How many ratings each user has, `most` at most, together `count`."""
    shares = MEDIAN_OF_USER * np.exp(SPREAD_OF_USER * rng.standard_normal(users))
    sizes: npt.NDArray[np.int64] = np.minimum(1 + shares * (count - users) / shares.sum(), most).astype(np.int64)
    while missing := count - sizes.sum():
        hungry = np.flatnonzero(sizes < most)
        sizes[rng.choice(hungry, min(missing, len(hungry)), replace=False)] += 1
    return sizes


@_compiled
def _watch(rng: Any, offsets: Any, movies: Any, charts: Any, P: Any, Q: Any) -> None:
    """Fill `movies` where it is -1: what user u watches is `movies[offsets[u]:offsets[u + 1]]`, ascending."""
    last_user_of = np.full(len(charts), -1)
    reach = len(charts) / (len(charts) + HEAD)  # the charts' share of the weight of charts without an end
    for user in range(len(offsets) - 1):
        watched = movies[offsets[user] : offsets[user + 1]]
        for movie in watched:
            if movie >= 0:
                last_user_of[movie] = user
        for n in range(len(watched)):
            while watched[n] < 0:
                place = int(HEAD / (1 - reach * rng.random()) - HEAD)
                movie = charts[min(place, len(charts) - 1)]
                if last_user_of[movie] == user:
                    continue
                match = np.float32(0)
                for f in range(P.shape[1]):
                    match += P[user, f] * Q[movie, f]
                if rng.random() * (1 + np.exp(-CHOOSINESS * match)) < 1:
                    watched[n] = movie
                    last_user_of[movie] = user
        watched.sort()


def _round_to_half_stars(stars: Stars) -> None:
    stars *= 2
    np.clip(np.rint(stars, out=stars), 1, 10, out=stars)
    stars /= 2


def _rmse(expected: Stars, stars: Stars) -> float:
    return float(np.sqrt(np.square(np.clip(expected, 0.5, 5) - stars).mean(dtype=np.float64)))


if __name__ == "__main__":
    main()
