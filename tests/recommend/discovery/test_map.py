"""The map of the best-known films, column by column."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.recommend.recommender import Recommender
from support.models.tiny_recommender import MAP, tiny_model, tiny_recommender


def test_the_columns_are_parallel_and_the_best_known_come_first() -> None:
    drawn = tiny_recommender().service.map
    assert drawn is not None
    assert drawn.movie_ids == [1, 2571, 296, 593, 1196, 7001]  # two ratings, two, and one each
    assert drawn.ratings == [2, 2, 1, 1, 1, 1]
    assert drawn.titles[:2] == ["Toy Story (1995)", "Matrix, The (1999)"]
    assert drawn.years == [1995, 1999, 1994, 1991, 1980, 2001]
    assert drawn.x == [round(MAP[movie][0], 4) for movie in (1, 2571, 296, 593, 1196, 7001)]
    assert drawn.y == [round(MAP[movie][1], 4) for movie in (1, 2571, 296, 593, 1196, 7001)]


def test_each_film_has_one_of_its_genres_or_none() -> None:
    service = tiny_recommender().service
    assert service.map is not None
    for movie_id, genre in zip(service.map.movie_ids, service.map.genres, strict=True):
        assert genre in (service.film(movie_id).genres or (None,))


def test_the_first_are_the_best_known() -> None:
    drawn = tiny_recommender().service.map
    assert drawn is not None
    assert drawn.first(2).movie_ids == [1, 2571]
    columns = [column for name, column in vars(drawn.first(2)).items() if name != "regions"]
    assert {len(column) for column in columns} == {2}
    assert drawn.first(100) == drawn


@pytest.mark.parametrize(
    "recommender", [tiny_recommender(with_taste=False), Recommender(replace(tiny_model(), map=None))]
)
def test_a_model_without_a_map_has_none(recommender: Recommender) -> None:
    assert recommender.service.map is None


def test_films_that_nobody_rated_are_not_on_it() -> None:
    model = tiny_model()
    few = replace(model.stats, counts=np.array([2, 0, 1, 0, 2, 0, 0]))
    drawn = Recommender(replace(model, stats=few)).service.map
    assert drawn is not None
    assert drawn.movie_ids == [1, 2571, 593]
