"""What may be shown, and in which order."""

from typing import Any

import numpy as np
import pytest

from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError
from reelwise.models.retrieval_sketch import Sketch
from reelwise.models.top_n import top_n
from reelwise.recommend.films.scores import AllScores
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.filters import Filters, passing
from reelwise.recommend.inner_product_index import InnerProductIndex, Scores, products
from reelwise.recommend.movie_facts import MovieFacts
from reelwise.recommend.reranking import maximal_marginal_relevance, rank

CATALOGUE = Catalogue.of(
    [
        Movie(1, "Old Drama (1940)", ("Drama",)),
        Movie(2, "New Comedy (2020)", ("Comedy",)),
        Movie(3, "Dramedy (2000)", ("Comedy", "Drama")),
        Movie(4, "Of No Year", ("Sci-Fi",)),
        Movie(5, "Of No Genre (1999)"),
        Movie(6, "Unrated (1998)", ("Sci-Fi",)),
    ]
)
# user 1 rated all, user 2 the first three, user 3 the first
_USERS, _MOVIES = np.array([1] * 5 + [2] * 3 + [3]), np.array([1, 2, 3, 4, 5, 1, 2, 3, 1])
HISTORY = Ratings.from_columns(
    _USERS, _MOVIES, np.array([5, 4, 3, 2, 1, 4, 3, 2, 3], np.float32), movies=Vocabulary(np.arange(1, 7))
)
FILMS = MovieFacts.collect(CATALOGUE, HISTORY.by_movie.counts(), np.ones(6, np.bool_))
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], np.float32)
ONE = np.ones((1, 1), np.float32)
SKETCH = Sketch.build(SCORES[:, None], ONE, np.arange(6))
NOTHING = np.empty(0, np.int64)
NO_FILMS = Unlearnt(NOTHING, np.empty((0, 1), np.float32), NOTHING, NOTHING, len(SCORES))
FIT = AllScores(Scores(InnerProductIndex(SCORES[:, None], SKETCH), ONE[0]), len(SCORES), NO_FILMS)
# films 1 and 2 point one way, 3 and 4 another, 5 and 6 a third
VECTORS = np.repeat(np.eye(3, dtype=np.float32), 2, axis=0)


def shown(excluded: np.ndarray = NOTHING, **filters: Any) -> list[int]:
    return [int(row) + 1 for row in rank(FIT, VECTORS.__getitem__, FILMS, excluded, Filters(**filters))[0]]


def test_facts_of_the_films() -> None:
    assert FILMS.years.tolist() == [1940, 2020, 2000, 0, 1999, 1998]
    assert FILMS.counts.tolist() == [3, 2, 2, 1, 1, 0]
    assert FILMS.genre_names == ("Comedy", "Drama", "Sci-Fi")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"n": 2}, [1, 2]),
        ({"genres": ("Comedy",)}, [2, 3]),
        ({"genres": ("comedy", "SCI-FI")}, [2, 3, 4, 6]),
        ({"without_genres": ("Drama",)}, [2, 4, 5, 6]),
        ({"genres": ("Comedy",), "without_genres": ("Drama",)}, [2]),
        ({"year_min": 1999}, [2, 3, 5]),
        ({"year_max": 1999}, [1, 5, 6]),
        ({"year_min": 1990, "year_max": 2000}, [3, 5, 6]),
        ({"min_ratings": 2}, [1, 2, 3]),
        ({"min_ratings": 4}, []),
    ],
)
def test_filters(filters: dict[str, Any], expected: list[int]) -> None:
    assert shown(**filters) == expected


def test_what_is_excluded_is_never_shown_and_nothing_fills_up() -> None:
    assert shown(np.array([0, 2]), n=10) == [2, 4, 5, 6]
    assert set(shown(np.array([0, 2]), n=10, diversity=0.5)) == {2, 4, 5, 6}


def test_a_genre_that_there_is_not_is_named() -> None:
    with pytest.raises(UsageError, match=r"no film has the genre 'polka'; choose one of Comedy, Drama, Sci-Fi"):
        passing(FILMS, Filters(genres=("Polka",)))


def test_diversity_brings_in_other_directions() -> None:
    assert shown(n=3) == [1, 2, 3]
    assert shown(n=3, diversity=0.9) == [1, 3, 5]


def test_at_no_diversity_the_order_is_that_of_the_scores() -> None:
    assert maximal_marginal_relevance(SCORES, VECTORS, 6, 0.0).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("seed", range(5))
def test_more_diversity_means_less_likeness_and_less_fit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((300, 4)).astype(np.float32)
    scores = np.sort(rng.random(300).astype(np.float32))[::-1]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness, fit = [], []
    for diversity in (0.0, 0.3, 0.6, 0.9):
        chosen = maximal_marginal_relevance(scores, vectors, 10, diversity)
        cosines = (unit[chosen] @ unit[chosen].T)[np.triu_indices(10, 1)]
        likeness.append(float(cosines.mean()))
        fit.append(float(scores[chosen].mean()))
    assert likeness[0] > likeness[-1]
    assert fit == sorted(fit, reverse=True)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(n=100),
        Filters(genres=("Drama",), year_min=1990),
        Filters(min_ratings=45),
        Filters(min_ratings=50, n=2),
        Filters(n=5, diversity=0.4, without_genres=("Comedy",)),
        Filters(n=5, diversity=0.7, year_max=1980),
    ],
)
def test_many_films_are_ranked_as_if_all_were_looked_at(filters: Filters) -> None:
    rng = np.random.default_rng(7)
    Q, embedding = rng.standard_normal((5000, 8)).astype(np.float32), rng.standard_normal(8).astype(np.float32)
    Q[1000:2000] = Q[:1000]
    films = MovieFacts(
        rng.integers(1950, 2020, 5000).astype(np.int16), rng.integers(0, 4, 5000).astype(np.uint64),
        rng.integers(1, 50, 5000), ("Comedy", "Drama"),
    )  # fmt: skip
    excluded = rng.choice(5000, 500, replace=False)
    scores = products(Q, embedding)
    refused = np.union1d(np.flatnonzero(~passing(films, filters)), excluded)
    expected = top_n(scores, filters.n * (10 if filters.diversity else 1), refused)
    if filters.diversity:
        expected = expected[maximal_marginal_relevance(scores[expected], Q[expected], filters.n, filters.diversity)]
    index = InnerProductIndex(Q, Sketch.build(Q, Q, np.arange(5000)))
    found, scores = rank(AllScores(Scores(index, embedding), len(Q), NO_FILMS), Q.__getitem__, films, excluded, filters)
    assert found.tolist() == expected.tolist()
    assert scores.tolist() == products(Q[found], embedding).tolist()
