"""Simulated viewers: who they are, which films they watch, how many stars they give.

Cinema has eleven *corners*. A film's `appeal` to a corner is the sum of the corner's weights over the film's genres, at
most 1; one more word, `Classic`, stands beside the genres for films made before 1965. A viewer has a favourite corner,
one in three a second one, two corners that they dislike, and something of their own on top:

    taste     = corner affinities · appeal  +  own genre leanings · genres  +  franchise liking  +  era
    era       = −strength · ((year − preferred year) / 30)²,  at least −strength
    expected  = taste  +  weight of quality · (quality − mean quality)
    watching  ~ mainstream · popularity  +  curiosity · expected  +  Gumbel noise;  the n highest are watched
    stars     = base  +  generosity  +  expected  +  noise,  rounded to half stars between 0.5 and 5

So people watch what is popular and what they expect to like, and the films a viewer never watched are not a random
draw: that is what makes real ratings hard, and the sample should be hard in the same way. How many films a viewer
watched is log-normal between 20 and 250.

The constants below were chosen so that the ratings look like MovieLens from afar (mean about 3.5 stars, standard
deviation about 1) and so that the favourite corner outweighs the difference between a good film and a great one:
a viewer who gives five stars to two animation films most likely loves animation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reelwise.data.sample.films import SampleFilm
from reelwise.data.types import Counts, Doubles, Positions, Stars

WORDS: Final = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
    "Classic",
)
CLASSIC_UNTIL = 1965


@dataclass(frozen=True)
class Corner:
    """A corner of cinema: the share of viewers whose favourite it is, and the weight of each genre word in it."""

    share: float
    weights: dict[str, float]


CORNERS: Final = (
    Corner(0.16, {"Animation": 0.8, "Children": 0.8}),
    Corner(0.14, {"Sci-Fi": 1.0}),
    Corner(0.11, {"Horror": 1.0}),
    Corner(0.13, {"Romance": 0.7, "Comedy": 0.3}),
    Corner(0.07, {"Comedy": 0.8}),
    Corner(0.09, {"Action": 0.6, "Adventure": 0.4}),
    Corner(0.09, {"Crime": 0.6, "Film-Noir": 0.6, "Mystery": 0.4, "Thriller": 0.3}),
    Corner(0.06, {"Drama": 0.6, "Documentary": 0.9}),
    Corner(0.04, {"War": 0.9, "Western": 0.9}),
    Corner(0.03, {"Musical": 0.9}),
    Corner(0.08, {"Classic": 1.0}),
)

LOVE, SECOND_LOVE, DISLIKE = 1.6, 0.6, -0.8
BASE_STARS = 3.05
FEWEST, TYPICAL, MOST = 20, 62, 250
# One viewer answers for a pair of picks, so a draw can be unlucky about a pair. On this one the plainest pairs (two
# animation films, two horror films, two classics) lead to similar films, also with a tenth of the ratings held out.
DEFAULT_SEED = 12
FIRST_DAY = 1_704_067_200  # 1 January 2024: every film of the sample was out by then
SECONDS_A_YEAR = 365 * 24 * 3600
SECONDS_BETWEEN_RATINGS = 6 * 3600.0


@dataclass(frozen=True)
class SimulatedRatings:
    """Ratings as four parallel arrays, shape (ratings,), by ascending user and then in the order they were given.

    Attributes:
        user_ids: int64, 1 to the number of viewers.
        movie_ids: int64, MovieLens ids.
        stars: float32, half stars, 0.5 to 5.
        timestamps: int64, seconds since 1970 (UTC).
    """

    user_ids: npt.NDArray[np.int64]
    movie_ids: npt.NDArray[np.int64]
    stars: Stars
    timestamps: npt.NDArray[np.int64]


def simulate_ratings(films: Sequence[SampleFilm], viewers: int = 1600, seed: int = DEFAULT_SEED) -> SimulatedRatings:
    """Simulate what viewers watched among `films`, and how they liked it.

    Args:
        films: the films to choose from, one or more; a viewer rates at most all of them.
        viewers: how many people; their ids are 1 to `viewers`.
        seed: the same seed gives the same ratings.
    """
    rng = np.random.default_rng(seed)
    expected = _taste(rng, films, viewers) + _regard(rng, films, viewers)
    watched, counts = _watch(rng, films, expected)
    user = np.repeat(np.arange(viewers), counts)
    return SimulatedRatings(
        user_ids=user + 1,
        movie_ids=np.array([film.movie_id for film in films], np.int64)[watched],
        stars=_stars(rng, expected[user, watched], user, viewers),
        timestamps=_timestamps(rng, counts),
    )


def _taste(rng: np.random.Generator, films: Sequence[SampleFilm], viewers: int) -> Doubles:
    """The liking of each viewer for the kind of each film, in stars around 0; shape (viewers, films)."""
    words = _words(films)
    weights = np.array([[corner.weights.get(word, 0.0) for word in WORDS] for corner in CORNERS])
    appeal = np.minimum(words @ weights.T, 1.0)
    leanings = rng.normal(0.0, 0.12, (viewers, len(WORDS)))
    kind: Doubles = _affinities(rng, viewers) @ appeal.T + leanings @ words.T
    return kind + _franchise_liking(rng, films, viewers) + _era(rng, films, viewers)


def _words(films: Sequence[SampleFilm]) -> Doubles:
    """The `WORDS` of each film, 0 or 1; shape (films, words)."""
    classics = [("Classic",) if film.year < CLASSIC_UNTIL else () for film in films]
    words_of = [{*film.genres, *classic} for film, classic in zip(films, classics, strict=True)]
    return np.array([[word in words for word in WORDS] for words in words_of], np.float64)


def _affinities(rng: np.random.Generator, viewers: int) -> Doubles:
    """The affinity of each viewer to each corner, in stars; shape (viewers, corners).

    The order in which a viewer ranks the corners is drawn by Gumbel keys, which makes the first one a draw by `share`.
    """
    shares = np.array([corner.share for corner in CORNERS])
    ranking = np.argsort(-(np.log(shares) + rng.gumbel(size=(viewers, len(CORNERS)))), axis=1)
    affinities = rng.normal(0.0, 0.15, (viewers, len(CORNERS)))
    everybody = np.arange(viewers)
    affinities[everybody, ranking[:, 0]] += LOVE
    affinities[everybody, ranking[:, 1]] += SECOND_LOVE * (rng.random(viewers) < 1 / 3)
    disliked = rng.permuted(ranking[:, 2:], axis=1)[:, :2]
    affinities[everybody[:, None], disliked] += DISLIKE
    return affinities


def _franchise_liking(rng: np.random.Generator, films: Sequence[SampleFilm], viewers: int) -> Doubles:
    """Stars more or less because a film belongs to a franchise; shape (viewers, films)."""
    names = sorted({film.franchise for film in films} - {""})
    member = np.array([[film.franchise == name for name in names] for film in films], np.float64)
    liking = rng.normal(0.0, 0.25, (viewers, len(names)))
    return liking @ member.T


def _era(rng: np.random.Generator, films: Sequence[SampleFilm], viewers: int) -> Doubles:
    """Stars lost because a film is far from the years a viewer prefers; shape (viewers, films)."""
    years = np.array([film.year for film in films])
    preferred = rng.normal(1993.0, 12.0, (viewers, 1))
    strength = rng.uniform(0.0, 0.5, (viewers, 1))
    return -strength * np.minimum(((years - preferred) / 30.0) ** 2, 1.0)


def _regard(rng: np.random.Generator, films: Sequence[SampleFilm], viewers: int) -> Doubles:
    """The worth of each film's quality to each viewer, in stars around 0; shape (viewers, films)."""
    quality = np.array([film.quality for film in films], np.float64)
    weight = np.clip(rng.normal(0.3, 0.1, (viewers, 1)), 0.0, None)
    worth: Doubles = weight * (quality - quality.mean())
    return worth


def _watch(rng: np.random.Generator, films: Sequence[SampleFilm], expected: Doubles) -> tuple[Positions, Counts]:
    """The watched films of all viewers, one viewer after the other, and how many each watched.

    The n films with the highest Gumbel keys are a draw of n without replacement, the likeliest first.
    """
    viewers = len(expected)
    popularity = np.array([film.popularity for film in films], np.float64)
    mainstream = np.clip(rng.normal(0.4, 0.1, (viewers, 1)), 0.0, None)
    curiosity = np.clip(rng.normal(0.9, 0.2, (viewers, 1)), 0.0, None)
    keys = mainstream * popularity + curiosity * expected + rng.gumbel(size=expected.shape)
    wanted = np.clip(TYPICAL * np.exp(rng.normal(0.0, 0.6, viewers)), FEWEST, MOST)
    counts = np.minimum(wanted.astype(np.int64), len(films))
    by_key = np.argsort(-keys, axis=1)
    return by_key[np.arange(len(films)) < counts[:, None]], counts


def _stars(rng: np.random.Generator, expected: Doubles, user: Positions, viewers: int) -> Stars:
    """The stars given, half stars; shape (ratings,)."""
    generosity = rng.normal(0.0, 0.2, viewers)
    liked = BASE_STARS + generosity[user] + expected + rng.normal(0.0, 0.4, len(expected))
    return np.clip(np.round(2.0 * liked) / 2.0, 0.5, 5.0).astype(np.float32)


def _timestamps(rng: np.random.Generator, counts: Counts) -> npt.NDArray[np.int64]:
    """When each rating was given: viewers join during one year and rate every few hours; shape (ratings,)."""
    joined = FIRST_DAY + rng.integers(0, SECONDS_A_YEAR, len(counts))
    elapsed = np.cumsum(1 + rng.exponential(SECONDS_BETWEEN_RATINGS, counts.sum()).astype(np.int64))
    before = np.concatenate(([0], elapsed))[np.cumsum(counts) - counts]
    moments: npt.NDArray[np.int64] = np.repeat(joined - before, counts) + elapsed
    return moments
