"""What the sample is for: picks of one kind lead to films of that kind."""

from collections.abc import Callable

import numpy as np
import pytest

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Movie
from reelwise.data.csr import CSR
from reelwise.data.sample.dataset import read_sample
from reelwise.data.types import Floats, Indices
from support.models.trained import trained_once

SAMPLE = read_sample()
Score = Callable[[Indices], Floats]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model.load(trained_once(tmp_path_factory, "sample", read_sample))


@pytest.fixture(scope="module", params=["the user who matches", "blended profiles"])
def score(request: pytest.FixtureRequest, model: Model) -> Score:
    """How well every film suits somebody with these picks, minus infinity where it was seen."""
    ranking, histories = model.ranking, model.histories
    assert ranking
    assert histories
    if request.param == "blended profiles":
        stars = np.array([5, 5], np.float32)
        return lambda picks: (ranking.fold_in_rows(CSR(np.array([0, 2]), picks, stars)) @ ranking.Q.T)[0]

    def score_by_match(picks: Indices) -> Floats:
        """Most of the picks rated, then the highest mean, then the lowest id."""
        rated = [dict(zip(*histories.by_user[user], strict=True)) for user in range(len(histories.users))]
        on_picks = [[stars[pick] for pick in picks if pick in stars] for stars in rated]
        user = max(range(len(rated)), key=lambda row: (len(on_picks[row]), np.mean(on_picks[row] or [0]), -row))
        scores: Floats = model.rating.Q @ model.rating.P[user]
        scores[list(rated[user])] = -np.inf
        return scores

    return score_by_match


def has(*genres: str) -> Callable[[Movie], bool]:
    return lambda movie: not set(genres).isdisjoint(movie.genres)


@pytest.mark.parametrize(
    ("picks", "fits"),
    [
        (["Toy Story (1995)", "Finding Nemo (2003)"], has("Animation", "Children")),
        (["Alien (1979)", "Thing, The (1982)"], has("Sci-Fi", "Horror")),
        (["Casablanca (1942)", "Citizen Kane (1941)"], lambda movie: (movie.year or 9999) < 1970),
    ],
    ids=["animation and family", "science fiction and horror", "classics"],
)
def test_like_leads_to_like(model: Model, score: Score, picks: list[str], fits: Callable[[Movie], bool]) -> None:
    titles = [SAMPLE.catalogue[movie].title for movie in model.movies]
    rows = np.sort([titles.index(title) for title in picks]).astype(np.int32)
    scores = score(rows)
    scores[rows] = -np.inf
    movies = [SAMPLE.catalogue[model.movies[row]] for row in np.argsort(-scores)[:10]]
    assert sum(map(fits, movies)) >= 7


def test_the_sample_is_marked_as_simulated() -> None:
    assert SAMPLE.simulated
    assert SAMPLE.name == "built-in sample"
    assert SAMPLE.sha256 == read_sample().sha256
