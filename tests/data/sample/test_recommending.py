"""What the sample is for: picks of one kind lead to films of that kind."""

from collections.abc import Callable

import pytest

from reelwise.data.catalogue import Movie
from reelwise.data.sample.dataset import read_sample
from reelwise.recommend.recommender import Recommender
from reelwise.training.pipeline import TrainingSettings, train


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    return Recommender(train(read_sample(), TrainingSettings()))


def has(*genres: str) -> Callable[[Movie], bool]:
    return lambda movie: not set(genres).isdisjoint(movie.genres)


@pytest.mark.parametrize(
    ("picks", "fits"),
    [
        (["Toy Story", "Finding Nemo"], has("Animation", "Children")),
        (["Alien", "The Thing"], has("Sci-Fi", "Horror")),
        (["Casablanca", "Citizen Kane"], lambda movie: (movie.year or 9999) < 1970),
    ],
    ids=["animation and family", "science fiction and horror", "classics"],
)
def test_like_leads_to_like(recommender: Recommender, picks: list[str], fits: Callable[[Movie], bool]) -> None:
    ids = [recommender.search(title, 1)[0].movie_id for title in picks]
    movies = [recommender.movie(it.movie_id) for it in recommender.recommend_from_selection(ids)]
    assert len(movies) == 10
    assert sum(fits(movie) for movie in movies if movie) >= 7


def test_the_sample_is_marked_as_simulated(recommender: Recommender) -> None:
    assert recommender.description.simulated
