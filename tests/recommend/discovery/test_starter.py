"""Films to start picking from: well known, of every kind, the same each time."""

import numpy as np
import pytest

from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.recommend.discovery.starter import choose_starters
from reelwise.recommend.movie_facts import MovieFacts
from support.models.tiny_recommender import tiny_recommender

NAMES = ("Comedy", "Drama", "Sci-Fi")


def films(counts: list[int], genres: list[int], years: list[int]) -> MovieFacts:
    return MovieFacts(
        years=np.array(years, np.int16),
        genres=np.array(genres, np.uint64),
        counts=np.array(counts),
        genre_names=NAMES,
    )


def like_minded(vectors: np.ndarray) -> WeightedALS:
    """A ranking model with these embeddings of films, whose average user likes nothing in particular."""
    model = WeightedALS()
    model.P, model.Q = np.zeros((1, vectors.shape[1]), np.float32), vectors
    return model


ALIKE = films([100, 90, 80, 70, 60, 0], [1] * 6, [1994] * 6)


def test_films_that_differ_in_nothing_come_by_fame_and_unrated_ones_never() -> None:
    assert choose_starters(ALIKE, None, 3).tolist() == [0, 1, 2]
    assert sorted(choose_starters(ALIKE, None, 10).tolist()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("genres", "years", "taste"),
    [
        ([1, 1, 1, 2, 4], [1994] * 5, None),
        ([1] * 5, [1994, 1995, 1996, 1962, 1975], None),
        ([1] * 5, [1994] * 5, [[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    ],
    ids=["genre", "decade", "taste"],
)
def test_the_best_known_comes_first_and_then_what_is_of_another(
    genres: list[int], years: list[int], taste: list[list[int]] | None
) -> None:
    ranking = None if taste is None else like_minded(np.array(taste, np.float32))
    assert choose_starters(films([100, 99, 98, 97, 96], genres, years), ranking, 3).tolist() == [0, 3, 4]


def test_what_hardly_anybody_knows_is_not_shown_for_variety() -> None:
    obscure = films([*range(1000, 800, -1), 2, 1], [1] * 200 + [2, 4], [1994] * 200 + [1931, 1926])
    assert choose_starters(obscure, None, 24).max() < 200


def test_fewer_films_are_the_beginning_of_more() -> None:
    random = np.random.default_rng(0)
    many = films(
        random.integers(1, 1000, 500).tolist(),
        random.integers(1, 8, 500).tolist(),
        random.integers(1930, 2020, 500).tolist(),
    )
    taste = like_minded(random.normal(size=(500, 4)).astype(np.float32))
    assert choose_starters(many, taste, 100)[:24].tolist() == choose_starters(many, taste, 24).tolist()
    assert len(set(choose_starters(many, taste, 100).tolist())) == 100


def test_films_of_which_little_is_known_are_no_trouble() -> None:
    assert len(choose_starters(films([], [], []), None, 5)) == 0
    nothing = like_minded(np.zeros((2, 3), np.float32))
    assert sorted(choose_starters(films([2, 1], [0, 0], [0, 0]), nothing, 5).tolist()) == [0, 1]


@pytest.mark.parametrize("with_taste", [True, False])
def test_a_recommender_names_the_films(with_taste: bool) -> None:
    recommender = tiny_recommender(with_taste=with_taste)
    assert [movie.title for movie in recommender.starter(1)] == ["Toy Story (1995)"]
    assert {movie.movie_id for movie in recommender.starter()} == {1, 296, 593, 1196, 2571, 7001}
