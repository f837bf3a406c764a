"""Films without ratings: vectors from what is known of them, and from the first ratings as they come.

The ranking model's vector of a film is expected to be

    q̂ = q̄ + sum over the film's features f of x_f w_f

with q̄ the mean of the films that have ratings, weighed like below. Features are genres, the decade, hinges of the year
(how far it lies beyond 1930, 1940 and so on), each genre in its decade, pairs of genres, and words of the title; those
that two films have or more. The w are a ridge regression on the films that have ratings: a film with c of these weighs
c / (c + 3), and the penalty is 15.

As the first ratings come, by people with vectors p (the rows of X) and with targets t, a film moves to

    q = q̂ + (κ (a0 PᵀP + λ I) + XᵀX)^-1 Xᵀ (t - X q̂)          κ = 0.1

which is the film's own half-step of weighted ALS, held to q̂ instead of zero. Genres, years and words say next to
nothing about stars, so there are none here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Self

import numpy as np

from reelwise.data.catalogue import Movie
from reelwise.data.csr import stable_order
from reelwise.data.titles import plain, split_title
from reelwise.data.types import Counts, Doubles, Floats, Positions, Rows
from reelwise.data.vocabulary import Id, Vocabulary, is_text_id
from reelwise.models.least_squares import LeastSquares
from reelwise.storage.arrays import ArrayFolder, ArrayStore

_DAMPING, _RIDGE, _PRIOR = 3.0, 15.0, 0.1
_MOST_FEATURES = 2000  # the most frequent ones; more are worth nothing, and what is solved grows with their cube
_HINGES = range(1930, 2030, 10)
_MOST_GENRES, _MOST_WORDS = 12, 30  # of a film; more are keywords and descriptions, whose pairs are without number
_BLOCK = 4096  # films whose pairs of features are added up at a time

_Features = dict[str, float]


@dataclass(frozen=True)
class ColdStart:
    """What is expected of films, and how much that weighs.

    Attributes:
        features: the features by name, as UTF-8.
        weights: w, float32, shape (features, k).
        mean: q̄, float32, shape (k,).
        precision: a0 PᵀP + λ I, float64, shape (k, k).
        unrated: q̂ of the films of the model's catalogue that nobody rated, float32, shape (films, k), by their rows.
    """

    features: Vocabulary
    weights: Floats
    mean: Floats
    precision: Doubles
    unrated: Floats

    @classmethod
    def fit(cls, movies: Sequence[Movie], Q: Floats, counts: Counts, precision: Doubles) -> Self | None:
        """Learn what vectors films have.

        Args:
            movies: films that have ratings.
            Q: their vectors, shape (films, k).
            counts: how many ratings each has, shape (films,).
            precision: a0 PᵀP + λ I.

        Returns:
            None where no feature is of two films.
        """
        described = [features_of(movie) for movie in movies]
        films_of = Counter(name for features in described for name in features)
        common = [name for name, films in films_of.most_common(_MOST_FEATURES) if films > 1]
        if not common:
            return None
        names = Vocabulary.of(common)
        places = {name: row for row, name in enumerate(names)}
        weights = counts / (counts + _DAMPING)
        mean = (weights @ Q.astype(np.float64)) / weights.sum()
        gram, moment = _normal_equations(described, places, weights, Q - mean)
        gram[np.diag_indices_from(gram)] += _RIDGE
        fitted: Floats = np.linalg.solve(gram.astype(np.float32), moment.astype(np.float32)).astype(np.float32)
        nobody = np.empty((0, Q.shape[1]), np.float32)
        return cls(names, fitted, mean.astype(np.float32), precision, nobody)

    @cached_property
    def _places(self) -> dict[Id, int]:
        return {name: row for row, name in enumerate(self.features)}

    def expect(self, movies: Iterable[Movie]) -> Floats:
        """q̂ of each film, float32, shape (films, k)."""
        found = [self._expect(features_of(movie)) for movie in movies]
        return np.array(found, np.float32).reshape(len(found), len(self.mean))

    def learn(self, expected: Floats, raters: Floats, targets: Floats) -> Floats:
        """Q of a film, float32, shape (k,).

        Args:
            expected: q̂, shape (k,).
            raters: the vectors of those who rated it, shape (ratings, k).
            targets: what the ranking model aims at for each rating, shape (ratings,).
        """
        known = LeastSquares.of(raters.astype(np.float64), targets.astype(np.float64))
        vector: Floats = known.solve(expected, _PRIOR * self.precision).astype(np.float32)
        return vector

    def save(self, store: ArrayStore) -> None:
        """Write it as `content_…`."""
        store.write("content_features", self.features.ids)
        for name in ("weights", "mean", "precision", "unrated"):
            store.write(f"content_{name}", getattr(self, name))

    @classmethod
    def load(cls, store: ArrayFolder, k: int, unrated: int) -> Self | None:
        """What `save` wrote, for vectors of length k and so many films that nobody rated; None where there is nothing.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        if "content_features" not in store:
            return None
        features = Vocabulary.load(store, "content_features")
        return cls(
            features,
            store.read("content_weights", "<f4", (len(features), k)),
            store.read("content_mean", "<f4", (k,)),
            store.read("content_precision", "<f8", (k, k)),
            store.read("content_unrated", "<f4", (unrated, k)),
        )

    def _expect(self, features: _Features) -> Floats:
        rows, values = _known(features, self._places)
        return self.mean + np.array(values, np.float32) @ self.weights[rows]


def features_of(movie: Movie) -> _Features:
    """The features of a film, by name and size."""
    genres, year = sorted({genre.casefold() for genre in movie.genres[:_MOST_GENRES]}), movie.year
    names = [f"genre {genre}" for genre in genres]
    names += [f"genres {one}|{other}" for one, other in combinations(genres, 2)]
    names += [f"word {word}" for word in plain(split_title(movie.title).main).split()[:_MOST_WORDS]]
    features = {name: 1.0 for name in names if is_text_id(name)}
    if year is not None:
        decade = year // 10 * 10
        features[f"decade {decade}"] = 1.0
        features |= {f"genre {genre} {decade}": 1.0 for genre in genres}
        features |= {f"after {hinge}": (year - hinge) / 10 for hinge in _HINGES if year > hinge}
    return features


def _known(features: _Features, places: Mapping[Id, int]) -> tuple[list[int], list[float]]:
    """Rows and sizes of those features that have a place."""
    known = [(places[name], size) for name, size in features.items() if name in places]
    return [row for row, _ in known], [size for _, size in known]


def _normal_equations(
    described: Sequence[_Features], places: Mapping[Id, int], weights: Doubles, targets: Doubles
) -> tuple[Doubles, Doubles]:
    """XᵀWX and XᵀWt, by the few features that each film has."""
    count, known = len(places), [_known(features, places) for features in described]
    films = np.repeat(np.arange(len(known)), [len(rows) for rows, _ in known])
    rows, values = (np.array([one for film in known for one in film[column]]) for column in range(2))
    gram = np.zeros(count * count)
    for start in range(0, len(known), _BLOCK):
        first, last = np.searchsorted(films, (start, start + _BLOCK))
        left, right = _pairs_within(films[first:last]) + first
        sizes = weights[films[left]] * (values[left] * values[right])
        gram += np.bincount(rows[left] * count + rows[right], sizes, minlength=len(gram))
    moment, weighted, by_row = np.zeros((count, targets.shape[1])), weights[films] * values, stable_order(rows)
    for row, entries in enumerate(np.split(by_row, np.searchsorted(rows[by_row], np.arange(1, count)))):
        moment[row] = weighted[entries] @ targets[films[entries]]
    return gram.reshape(count, count), moment


def _pairs_within(films: Rows) -> Positions:
    """All pairs of places with the same film, which ascends; shape (2, pairs)."""
    starts, ends = np.searchsorted(films, films), np.searchsorted(films, films, side="right")
    counts = ends - starts
    left = np.repeat(np.arange(len(films)), counts)
    return np.stack([left, np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts - starts, counts)])
