"""Of its genres a film is told by the one whose films it is most like."""

import numpy as np

from reelwise.recommend.discovery.genres import content_genres, main_genres
from reelwise.recommend.movie_facts import MovieFacts

NAMES = ("Action", "Comedy", "IMAX")
ACTION, COMEDY, IMAX = 1, 2, 4


def films(genres: list[int]) -> MovieFacts:
    return MovieFacts(
        np.zeros(len(genres), np.int16), np.array(genres, np.uint64), np.ones(len(genres), np.int64), NAMES
    )


def test_taste_decides_between_the_genres_of_a_film() -> None:
    genres = [ACTION, ACTION, COMEDY, COMEDY, ACTION | COMEDY, ACTION | COMEDY]
    centred_embeddings = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [0.9, 0.2], [0.2, 0.9]], np.float32)
    assert main_genres(films(genres), np.arange(6), centred_embeddings) == [
        "Action", "Action", "Comedy", "Comedy", "Action", "Comedy",
    ]  # fmt: skip


def test_a_film_is_never_told_by_a_genre_that_it_does_not_have() -> None:
    centred_embeddings = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
    assert main_genres(films([ACTION, COMEDY, ACTION]), np.arange(3), centred_embeddings)[2] == "Action"


def test_a_film_without_genres_has_none_and_imax_is_none() -> None:
    centred_embeddings = np.eye(3, dtype=np.float32)
    assert main_genres(films([0, IMAX, IMAX | ACTION]), np.arange(3), centred_embeddings) == [None, None, "Action"]
    assert content_genres(films([IMAX | ACTION]), np.arange(1)).tolist() == [[1, 0, 0]]
