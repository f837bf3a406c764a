"""Who is asked for, as embeddings."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.artifacts.model import Model
from reelwise.errors import UsageError
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.recommend.query import QueryBuilder
from reelwise.recommend.recommender import Recommender
from reelwise.training.pipeline import TrainingSettings, train
from support.models.checkerboard import checkerboard_dataset
from support.models.tiny_recommender import tiny_model, with_popular_lately


@pytest.fixture(scope="module")
def model() -> Model:
    return train(checkerboard_dataset(), TrainingSettings(evaluate=False))


def test_a_known_user_has_seen_the_history_and_is_explained_by_its_likes(model: Model) -> None:
    query = QueryBuilder(model).known(3)
    assert model.histories
    movies, stars = model.histories.by_user[3]
    assert query.seen.tolist() == movies.tolist()
    assert query.contributors is not None
    assert query.contributors(np.arange(10))[0].tolist() == movies[stars >= 4].tolist()


def test_a_blend_is_between_its_profiles_in_both_models(model: Model) -> None:
    even = QueryBuilder(model).blended([1, 3, 5])
    assert even.ranking is not None
    assert even.source == "blend"
    predicted = (model.rating.Q @ even.rating)[model.fitted]
    assert predicted[1::2].mean() > 4 > 2 > predicted[0::2].mean()


def test_the_margin_of_a_blend_holds_what_its_profiles_would_give() -> None:
    """Against a simulation: draw a profile by its weight, then a true rating with that profile's deviation."""
    rng = np.random.default_rng(3)
    tiny = tiny_model()
    uncertainty, ranking = tiny.rating.uncertainty, tiny.ranking
    assert uncertainty
    assert ranking
    rating = MatrixFactorization()
    rating.P, rating.Q, rating.uncertainty = np.array([[0.7], [1.0], [1.3]], np.float32), tiny.rating.Q, uncertainty
    blended = QueryBuilder(replace(tiny, rating=rating)).blended([3])
    weights = ranking.blend.select([3]).weights
    drawn = rng.choice(3, 200_000, p=weights / weights.sum(dtype=np.float64))
    noise = rng.standard_normal(len(drawn))
    assert blended.std
    for movie, std in enumerate(blended.std(np.arange(6))):
        true = rating.P[drawn, 0] * rating.Q[movie, 0] + noise * uncertainty.users[drawn] * uncertainty.movies[movie]
        assert std == pytest.approx(true.std(), rel=0.02)
        assert rating.Q[movie] @ blended.rating == pytest.approx(true.mean(), rel=0.02)


def test_nobody_in_particular_is_popular(model: Model) -> None:
    assert QueryBuilder(model).blended([]).source == "popular"
    assert QueryBuilder(model).anybody().source == "popular"


def test_somebody_unknown_is_shown_what_was_popular_lately_where_that_is_known_to_suit() -> None:
    recommender = Recommender(with_popular_lately(tiny_model()))
    found = recommender.popular()
    assert [film.movie_id for film in found] == [7001, 1196, 2571, 1, 296, 593]
    assert [film.score for film in found] == pytest.approx([1.0, 0.4, 0.3, 0.2, 0.1, 0.0])
    assert {film.source for film in found} == {"popular"}
    assert [film.movie_id for film in recommender.popular(n=2, exclude=[7001])] == [1196, 2571]
    assert recommender.popular(rank_by="stars")[0].movie_id == 296
    assert recommender.recommend(movies=[593])[0].movie_id == 296  # whoever names a film is asked by that


def test_without_a_ranking_model_nobody_can_be_blended() -> None:
    queries = QueryBuilder(tiny_model(with_taste=False))
    assert queries.known(0).ranking is None
    assert queries.anybody().source == "popular"
    with pytest.raises(UsageError, match="no ranking model"):
        queries.blended([1])
