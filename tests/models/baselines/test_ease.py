import numpy as np
import pytest

from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles
from reelwise.errors import UsageError
from reelwise.models.baselines.ease import EASE
from reelwise.models.queries import Queries
from support.models.checkerboard import LOVE, checkerboard

RATINGS = checkerboard()
TRAIN = RATINGS.interactions()
USERS, MOVIES = TRAIN.shape


def likes_of(train: Interactions) -> Doubles:
    X = np.zeros(train.shape)
    X[train.users[train.stars == LOVE], train.movies[train.stars == LOVE]] = 1
    return X


X = likes_of(TRAIN)
MODEL = EASE(regularisation=5.0).fit(TRAIN)


@pytest.mark.parametrize("users", [3, 40, 2500])  # fewer than movies, more, and more than fit in one part
def test_it_is_its_closed_form(users: int) -> None:
    train = checkerboard(users, movies=6).interactions()
    X = likes_of(train)
    identity = np.eye(X.shape[1])
    C = np.linalg.inv(X.T @ X + 5 * identity)
    B = identity - C @ np.diag(1 / np.diag(C))
    model = EASE(regularisation=5.0).fit(train)
    assert not np.diag(model.B).any()
    np.testing.assert_allclose(model.B, B, atol=1e-5)


def test_scores_are_sums_over_the_likes() -> None:
    for queries in (Queries.of_strangers(RATINGS.by_user), Queries.of_users(np.arange(USERS))):
        np.testing.assert_allclose(MODEL.score(queries), X @ MODEL.B, atol=1e-5)


def test_it_minimises_its_loss_among_matrices_with_a_zero_diagonal() -> None:
    def loss(B: Doubles) -> float:
        return float(((X - X @ B) ** 2).sum() + 5 * (B**2).sum())

    B = MODEL.B.astype(np.float64)
    rng = np.random.default_rng(0)
    for _ in range(10):
        step = rng.standard_normal(B.shape) * 0.01
        np.fill_diagonal(step, 0)
        assert loss(B + step) > loss(B)


def test_what_it_cannot_solve_is_refused() -> None:
    with pytest.raises(UsageError, match="20001 x 20001"):
        EASE().fit(Interactions(TRAIN.users, TRAIN.movies, TRAIN.stars, (USERS, 20_001)))
    with pytest.raises(UsageError, match="regularisation is 0; expected more"):
        EASE(regularisation=0.0)
    one_like = Interactions(np.zeros(1, np.int32), np.zeros(1, np.int32), np.full(1, 5, np.float32), (1, 2))
    with pytest.raises(UsageError, match=r"no solution .*; try more regularisation"), np.errstate(all="ignore"):
        EASE(regularisation=1e-30).fit(one_like)
