"""A film that would be in too many lists counts as better known, and no other does."""

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE, Interactions
from reelwise.data.splitting import draw_users
from reelwise.evaluation.rankers import Balanced, Pooled
from reelwise.evaluation.ranking import recommend
from reelwise.evaluation.splitting import TestCase
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS

USERS, MOVIES = 300, 120
EVERYBODYS = (3, 60)  # films that nearly all people like, whatever else they like


def crowd() -> Interactions:
    """People who like films of one of four kinds, and some who like the films of everybody."""
    rng = np.random.default_rng(0)
    likes = (rng.random((USERS, MOVIES)) < 0.3) & ((np.arange(MOVIES) % 4) == (np.arange(USERS) % 4)[:, None])
    likes[:, EVERYBODYS] = rng.random((USERS, 2)) < 0.8
    users, movies = np.nonzero(likes)
    stars = np.full(len(users), 5, np.float32)
    return Interactions(users.astype(np.int32), movies.astype(np.int32), stars, (USERS, MOVIES), MOVIELENS_SCALE)


def largest_shares(model: WeightedALS, train: Interactions) -> list[float]:
    """In how many lists of strangers like these the two films are."""
    drawn = draw_users(train, USERS - 50, 4, seed=9)
    picks = drawn.shown(3, np.sort(drawn.users))
    case = TestCase(Queries.of_strangers(picks), picks, picks)
    ranked = recommend(Balanced(Pooled(model), model.fame, 0.4), case, 10)
    return [float((ranked == movie).any(axis=1).mean()) for movie in EVERYBODYS]


def test_a_film_in_too_many_lists_is_in_fewer_and_the_others_are_as_well_known_as_before() -> None:
    train = crowd()
    model = WeightedALS(factors=8, iterations=4, seed=0).fit(train, progress=False)
    before, likes = largest_shares(model, train), model.fame
    model.fame = raise_fame(model, train, seed=1)
    assert min(before) > 0.3
    assert max(largest_shares(model, train)) < 0.27
    raised = model.fame / likes
    assert (raised[[*EVERYBODYS]] > 1).all()
    assert raised.min() == 1
    assert (raised > 1).sum() <= MOVIES // 10


def test_of_few_people_nothing_is_said() -> None:
    train = crowd()
    few = train.where(train.users < 20)
    model = WeightedALS(factors=4, iterations=2, seed=0).fit(few, progress=False)
    assert raise_fame(model, few, seed=1) is model.fame
