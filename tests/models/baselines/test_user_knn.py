import numpy as np
import pytest

from reelwise.models.baselines.user_knn import UserKNN
from reelwise.models.queries import STRANGER, Queries
from support.models.checkerboard import LOVE, checkerboard

RATINGS = checkerboard()
TRAIN = RATINGS.interactions()
USERS, MOVIES = TRAIN.shape
X = np.zeros((USERS, MOVIES))
X[TRAIN.users[TRAIN.stars == LOVE], TRAIN.movies[TRAIN.stars == LOVE]] = 1
OTHERS = checkerboard(users=7, seed=5)


@pytest.mark.parametrize("neighbours", [1, 4, 1000])
def test_votes_are_what_a_naive_loop_finds(neighbours: int) -> None:
    queries = Queries.of_strangers(OTHERS.by_user)
    expected = np.zeros((len(queries), MOVIES))
    for row in range(len(queries)):
        movies, stars = queries.histories[row]
        picks = np.bincount(movies[stars == LOVE], minlength=MOVIES)
        similarity = [float(np.float32(picks @ x / max(np.sqrt(picks.sum() * x.sum()), 1))) for x in X]
        for user in sorted(range(USERS), key=lambda user: (-similarity[user], user))[:neighbours]:
            expected[row] += similarity[user] * X[user]
    np.testing.assert_allclose(UserKNN(neighbours=neighbours).fit(TRAIN).score(queries), expected, rtol=1e-5)


def test_a_known_user_is_not_their_own_neighbour() -> None:
    model = UserKNN(neighbours=1).fit(TRAIN)
    own = RATINGS.by_user.take(np.array([7]))
    known, stranger = (model.score(Queries(np.array([user], np.int32), own))[0] for user in (7, STRANGER))
    assert (known > 0).tolist() != (X[7] > 0).tolist()
    assert (stranger > 0).tolist() == (X[7] > 0).tolist()
    np.testing.assert_array_equal(model.score(Queries.of_users(np.array([7])))[0], known)
