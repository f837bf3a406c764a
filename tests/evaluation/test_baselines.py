"""On the checkerboard the right answer is known: even users love even movies, odd users odd ones."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.csr import by_user, grouped, indicators
from reelwise.data.ratings import MOVIELENS_SCALE, Interactions
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import EASE, BiasOnly, Popularity, UserKNN
from reelwise.evaluation.ranking import Ranker, evaluate, recommend
from reelwise.evaluation.splitting import KnownUsers, Queries, Selections, TestCase
from support.checkerboard import DISLIKE, LOVE, checkerboard

RATINGS = checkerboard()
KNOWN = KnownUsers.split(RATINGS, seed=1)
SELECTIONS = Selections.split(RATINGS, seed=1, test_users=10, validation_users=0, min_likes=6, picks=(1, 5))
USERS, MOVIES = SHAPE = SELECTIONS.shape
LIKES = SELECTIONS.train.where(SELECTIONS.train.stars == LOVE)
X = indicators(by_user(LIKES, USERS), MOVIES).astype(np.float64)
VIEWERS = SELECTIONS.test[5].viewers
PICKS = indicators(VIEWERS.picks, MOVIES).astype(np.float64)


def all_baselines() -> list[Ranker]:
    return [
        Popularity.fit(LIKES, SHAPE),
        BiasOnly.fit(SELECTIONS.train, SHAPE),
        UserKNN.fit(LIKES, SHAPE, neighbours=5),
        EASE.fit(LIKES, SHAPE, regularisation=5),
    ]


@pytest.mark.parametrize("baseline", all_baselines(), ids=lambda it: type(it).__name__)
def test_every_baseline_keeps_the_contract_of_a_ranker(baseline: Ranker) -> None:
    scores = baseline.scores(VIEWERS)
    assert scores.dtype == np.float32
    assert scores.shape == (len(VIEWERS), MOVIES)
    assert np.isfinite(scores).all()
    one_by_one = [baseline.scores(VIEWERS.part(row, row + 1))[0] for row in range(len(VIEWERS))]
    np.testing.assert_allclose(scores, one_by_one, rtol=1e-5, atol=1e-6)
    assert baseline.scores(VIEWERS.part(0, 0)).shape == (0, MOVIES)


@pytest.mark.parametrize("baseline", all_baselines(), ids=lambda it: type(it).__name__)
def test_every_baseline_has_scores_for_a_viewer_without_picks(baseline: Ranker) -> None:
    nothing = grouped(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32), 1)
    assert np.isfinite(baseline.scores(Queries(VIEWERS.users[:1], nothing))).all()


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("personal", all_baselines()[2:], ids=lambda it: type(it).__name__)
def test_personal_baselines_find_the_colour_of_a_selection(personal: Ranker, n: int) -> None:
    assert right_colour(personal, SELECTIONS.test[n]) == 1
    found, popular = (
        evaluate(ranker, SELECTIONS.test[n], SELECTIONS.train, MOVIES).recall.mean()
        for ranker in (personal, Popularity.fit(LIKES, SHAPE))
    )
    assert found > 1.3 * popular


@pytest.mark.parametrize(
    "personal",
    [UserKNN.fit(KNOWN.train, SHAPE, neighbours=5), EASE.fit(KNOWN.train, SHAPE, regularisation=5)],
    ids=lambda it: type(it).__name__,
)
def test_personal_baselines_find_the_colour_of_a_known_user(personal: Ranker) -> None:
    assert right_colour(personal, KNOWN.test, k=1) == 1


def right_colour(ranker: Ranker, trial: TestCase, k: int = 5) -> float:
    """The share of recommendations of the viewer's own colour."""
    ranked = recommend(ranker, trial, k)
    return float((ranked % 2 == trial.viewers.users[:, None] % 2)[ranked >= 0].mean())


def test_popularity_counts_likes_for_everybody_alike() -> None:
    assert Popularity.fit(LIKES, SHAPE).scores(VIEWERS).tolist() == [X.sum(axis=0).tolist()] * len(VIEWERS)


def test_bias_only_by_hand() -> None:
    users, movies = np.array([0, 0, 1], np.int32), np.array([0, 1, 0], np.int32)
    seen = Interactions(users, movies, np.array([5, 2, 5], np.float32))
    fitted = BiasOnly.fit(seen, (3, 3), damping=1.0)
    assert fitted.mu == 4
    # movie 0: (1 + 1) / (2 + 1); movie 1: -2 / (1 + 1)
    np.testing.assert_allclose(fitted.movie_bias, [2 / 3, -1, 0])
    # user 0: (5 - 4 - 2/3 + 2 - 4 + 1) / (2 + 1); user 1: (5 - 4 - 2/3) / (1 + 1)
    np.testing.assert_allclose(fitted.user_bias, [-2 / 9, 1 / 6, 0], rtol=1e-6)
    predicted = fitted.predict(np.array([1, 2, 0]), np.array([1, 2, 0]), MOVIELENS_SCALE)
    np.testing.assert_allclose(predicted, [4 + 1 / 6 - 1, 4, 4 - 2 / 9 + 2 / 3], rtol=1e-6)


def test_a_known_user_gets_from_bias_only_the_stars_it_predicts() -> None:
    seen = RATINGS.interactions()
    fitted = BiasOnly.fit(seen, SHAPE)
    everybody = np.arange(USERS, dtype=np.int32)
    scores = fitted.scores(Queries(everybody, RATINGS.by_user))
    predicted = fitted.predict(seen.users, seen.movies, MOVIELENS_SCALE)
    np.testing.assert_allclose(scores[seen.users, seen.movies].clip(0.5, 5), predicted, rtol=1e-5)


def test_bias_only_keeps_to_the_scale_without_damping_and_for_movies_that_nobody_rated() -> None:
    fitted = BiasOnly.fit(RATINGS.interactions(), (USERS + 1, MOVIES + 1), damping=0)
    predicted = fitted.predict(np.array([USERS, 0]), np.array([MOVIES, MOVIES]), MOVIELENS_SCALE)
    assert predicted[0] == pytest.approx(RATINGS.mean_stars())
    assert DISLIKE <= predicted[1] <= LOVE


@pytest.mark.parametrize("neighbours", [1, 4, 1000])
def test_user_knn_is_what_a_naive_loop_finds(neighbours: int) -> None:
    expected = np.zeros((len(VIEWERS), MOVIES))
    for viewer, picks in enumerate(PICKS):
        similarity = [float(np.float32(picks @ x / max(np.sqrt(picks.sum() * x.sum()), 1))) for x in X]
        for user in sorted(range(USERS), key=lambda user: (-similarity[user], user))[:neighbours]:
            expected[viewer] += similarity[user] * X[user]
    found = UserKNN.fit(LIKES, SHAPE, neighbours).scores(VIEWERS)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_known_user_is_not_their_own_neighbour() -> None:
    train = by_user(KNOWN.train, USERS)
    fitted = UserKNN.fit(KNOWN.train, SHAPE, neighbours=1)
    user = np.array([7], np.int32)
    own = indicators(train, MOVIES)[7]
    viewer = Queries(user, grouped(np.zeros(int(own.sum()), np.int64), train[7][0], train[7][1], 1))
    assert (fitted.scores(viewer)[0] > 0).tolist() != (own > 0).tolist()
    stranger = fitted.scores(replace(viewer, users=np.array([8], np.int32)))
    assert (stranger[0] > 0).tolist() == (own > 0).tolist()


@pytest.mark.parametrize("users", [3, 40, 2500])  # fewer than movies, more, and more than fit in one part
def test_ease_is_its_closed_form(users: int) -> None:
    likes = checkerboard(users, movies=6).interactions()
    X = indicators(by_user(likes, users), 6).astype(np.float64)
    C = np.linalg.inv(X.T @ X + 5 * np.eye(6))
    B = np.eye(6) - C @ np.diag(1 / np.diag(C))
    fitted = EASE.fit(likes, (users, 6), regularisation=5)
    assert not np.diag(fitted.B).any()
    np.testing.assert_allclose(fitted.B, B, atol=1e-5)


def test_ease_scores_are_sums_over_the_picks() -> None:
    fitted = EASE.fit(LIKES, SHAPE, regularisation=5)
    np.testing.assert_allclose(fitted.scores(VIEWERS), PICKS @ fitted.B, atol=1e-5)


def test_ease_minimises_its_loss_among_matrices_with_a_zero_diagonal() -> None:
    def loss(B: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(((X - X @ B) ** 2).sum() + 5 * (B**2).sum())

    B = EASE.fit(LIKES, SHAPE, regularisation=5).B.astype(np.float64)
    rng = np.random.default_rng(0)
    for _ in range(10):
        step = rng.standard_normal(B.shape) * 0.01
        np.fill_diagonal(step, 0)
        assert loss(B + step) > loss(B)


def test_ease_refuses_what_it_cannot_solve() -> None:
    with pytest.raises(UsageError, match="20001 x 20001"):
        EASE.fit(LIKES, (USERS, 20_001))
    with pytest.raises(UsageError, match="greater than 0"):
        EASE.fit(LIKES, SHAPE, regularisation=0)
