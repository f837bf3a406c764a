from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles
from reelwise.errors import UsageError
from reelwise.models.baselines.linear_for_n import LinearForN
from reelwise.models.queries import Queries
from support.models.checkerboard import checkerboard

USERS, MOVIES = 9, 16


def few_ratings() -> Interactions:
    """Users with 6, 11, 12 or 13 likes, and one to three middling ratings and a bad one."""
    rng = np.random.default_rng(3)
    stars = np.zeros((USERS, MOVIES), np.float32)
    for user, likes in enumerate([6, 11, 12, 13, 11, 12, 13, 11, 12]):
        rated = rng.permutation(MOVIES)
        stars[user, rated[:likes]] = rng.choice([4.0, 4.5, 5.0], likes)
        stars[user, rated[likes : likes + 1 + user % 3]] = 3.0
        stars[user, rated[-1]] = stars[user, rated[-1]] or 1.0
    users, movies = np.nonzero(stars)
    return Interactions(users.astype(np.int32), movies.astype(np.int32), stars[users, movies], stars.shape)


def mark(movies: Iterable[int]) -> Doubles:
    """1 for these movies, else 0."""
    return np.isin(np.arange(MOVIES), list(movies)).astype(np.float64)


@pytest.mark.parametrize("n", [1, 3])
def test_it_is_the_ridge_regression_on_every_draw_of_n_likes(n: int) -> None:
    train = few_ratings()
    x, y, weights = [], [], []
    for user in range(1, USERS):  # the first has too few likes
        own = train.where(train.users == user)
        likes, middling = own.movies[own.stars >= 4], own.movies[own.stars == 3]
        draws = list(combinations(likes, n))
        for given in draws:
            x.append(np.isin(np.arange(MOVIES), given))
            y.append(
                np.isin(np.arange(MOVIES), np.setdiff1d(likes, given)) + 0.3 * np.isin(np.arange(MOVIES), middling)
            )
            weights.append((len(likes) + 5) / len(draws))
    X, Y, w = np.array(x), np.array(y), np.array(weights) * (USERS - 1) / np.sum(weights)
    given, wanted = w @ X / w.sum(), w @ Y / w.sum()
    X, Y = X - given, Y - wanted
    B = np.linalg.solve((X.T * w) @ X + 2 * np.eye(MOVIES), (X.T * w) @ Y)
    model = LinearForN(picks=(n,), regularisations=(2.0,), min_likes=1).fit(train)
    np.testing.assert_allclose(model.B[0], B, atol=1e-4)
    asked = np.array([5, 9, 12][:n], np.int32)
    history = CSR.grouped(np.zeros(n, np.int64), asked, np.full(n, 4, np.float32), 1)
    expected = wanted + (mark(asked) - given) @ B
    np.testing.assert_allclose(model.score(Queries.of_strangers(history))[0], expected, atol=1e-4)


BOARD = checkerboard(users=60, movies=50, share=0.6)


def test_the_nearest_number_of_likes_in_proportion_says_which_predictor() -> None:
    model = LinearForN(picks=(1, 4, 10), regularisations=(1.0, 1.0, 1.0), min_likes=5).fit(BOARD.interactions())
    model.wanted[:] = np.arange(3)[:, None]
    model.B[:] = 0
    counts = [0, 1, 2, 3, 6, 7, 40]
    rows = np.repeat(np.arange(len(counts)), counts)
    movies = np.concatenate([np.arange(count, dtype=np.int32) for count in counts])
    histories = CSR.grouped(rows, movies, np.full(len(rows), 5, np.float32), len(counts))
    assert model.score(Queries.of_strangers(histories))[:, 0].tolist() == [0, 0, 0, 1, 1, 2, 2]


def test_films_with_few_likes_go_by_popularity_and_the_most_liked_are_kept() -> None:
    train = BOARD.interactions()
    likes = np.bincount(train.movies[train.stars == 5], minlength=50)
    model = LinearForN(min_likes=18, most_films=20).fit(train)
    assert len(model.films) == 20
    assert likes[model.films].min() >= max(18, np.sort(likes)[-20])
    scores = model.score(Queries.of_strangers(BOARD.by_user))
    others = np.setdiff1d(np.arange(50), model.films)
    assert (scores[:, others] == scores[0, others]).all()
    assert not (scores[:, model.films] == scores[0, model.films]).any(axis=1)[1:].all()


def test_numbers_without_users_are_left_out_and_without_any_it_is_refused() -> None:
    train = few_ratings()
    assert LinearForN(min_likes=1).fit(train).picks.tolist() == [1, 3, 5, 10]
    with pytest.raises(UsageError, match="users with more than 10 likes, and there are none"):
        LinearForN().fit(train.where(train.users == 0))
