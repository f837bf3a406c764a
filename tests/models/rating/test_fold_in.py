from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Doubles, Floats
from reelwise.errors import ModelError
from reelwise.models.queries import Queries
from reelwise.models.rating.fold_in import FoldIn
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.files.real_data import real_data
from support.models.checkerboard import DISLIKE, LOVE, checkerboard

USERS, MOVIES, K = 300, 120, 4


def low_rank() -> Interactions:
    """Ratings that follow from two numbers of each user and movie, with noise."""
    rng = np.random.default_rng(0)
    users, movies = (axis.astype(np.int32) for axis in np.nonzero(rng.random((USERS, MOVIES)) < 0.35))
    product = (rng.standard_normal((USERS, 2)) @ rng.standard_normal((2, MOVIES)))[users, movies]
    stars = np.clip(3.2 + 0.6 * product + 0.3 * rng.standard_normal(len(users)), 0.5, 5)
    return Interactions(users, movies, stars.astype(np.float32), (USERS, MOVIES))


TRAIN = low_rank()
HISTORIES = CSR.grouped(TRAIN.users, TRAIN.movies, TRAIN.stars, USERS)
MODEL = MatrixFactorization(factors=K, prior_ridge=20, seed=1).fit(TRAIN)


def parts() -> FoldIn:
    assert MODEL.fold_in_parts
    return MODEL.fold_in_parts


def prior_mean(row: int) -> Doubles:
    movies, _ = HISTORIES[row]
    Y = parts().Y
    assert Y is not None
    mean: Doubles = Y[movies].sum(axis=0, dtype=np.float64) / np.sqrt(len(movies))
    return mean


def to_normalised(embedding: Floats) -> tuple[Doubles, float]:
    """The vector p and the bias b, without the scaling of the stars."""
    mu, sigma = map(float, parts().scaling)
    return embedding[:K].astype(np.float64) / sigma, (float(embedding[K]) - mu) / sigma


def loss(row: int, p: Doubles, b: float) -> float:
    """What the module says is minimised."""
    movies, stars = HISTORIES[row]
    q, b_i = MODEL.Q[movies, :K].astype(np.float64), MODEL.Q[movies, -1] / parts().scaling.sigma
    z = (stars - parts().scaling.mu) / parts().scaling.sigma
    config = MODEL.config
    penalties = config.fold_in_ridge * np.square(p - prior_mean(row)).sum() + config.bias_damping * b**2
    return float(np.square(z - b_i - q @ p - b).sum() + penalties)


@pytest.mark.parametrize("colour", [0, 1])
def test_a_stranger_with_a_few_stars_is_predicted_right(colour: int) -> None:
    ratings = checkerboard()
    model = MatrixFactorization(
        factors=4, epochs=60, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1, seed=1
    ).fit(ratings.interactions())
    loved = ratings.movies.ids % 2 == colour
    history = CSR(np.array([0, 6]), np.arange(6, dtype=np.int32), np.where(loved[:6], LOVE, DISLIKE).astype(np.float32))
    predicted = model.score(Queries.of_strangers(history))[0]
    assert predicted[6:][loved[6:]].min() > 3.5
    assert predicted[6:][~loved[6:]].max() < 2.5


def test_folding_in_what_was_trained_with_predicts_what_was_trained() -> None:
    folded, trained = MODEL.fold_in_rows(HISTORIES) @ MODEL.Q.T, MODEL.P @ MODEL.Q.T
    assert np.corrcoef(folded.ravel(), trained.ravel())[0, 1] > 0.99
    assert np.abs(folded - trained).mean() < 0.25 * trained.std()


@pytest.mark.parametrize("row", [0, 100, 299])
def test_the_gradient_of_the_loss_is_zero_at_the_solution(row: int) -> None:
    p, b = to_normalised(MODEL.fold_in_rows(HISTORIES)[row])
    step = 1e-3
    steps = [*((direction, 0.0) for direction in np.eye(K) * step), (np.zeros(K), step)]
    slopes = [(loss(row, p + dp, b + db) - loss(row, p - dp, b - db)) / (2 * step) for dp, db in steps]
    np.testing.assert_allclose(slopes, 0, atol=1e-3)
    assert all(loss(row, p + dp, b + db) > loss(row, p, b) for dp, db in steps)


def test_histories_do_not_depend_on_each_other_nor_on_their_order() -> None:
    rng = np.random.default_rng(1)
    rows = np.array([7, 3, 250])
    some = HISTORIES.take(rows)
    np.testing.assert_array_equal(MODEL.fold_in_rows(some), MODEL.fold_in_rows(HISTORIES)[rows])
    shuffled = np.concatenate(
        [rng.permutation(np.arange(*ends)) for ends in zip(some.offsets, some.offsets[1:], strict=False)]
    )
    again = CSR(some.offsets, some.indices[shuffled], some.stars[shuffled])
    np.testing.assert_allclose(MODEL.fold_in_rows(again), MODEL.fold_in_rows(some), atol=1e-5)


def test_an_empty_history_gives_the_mean() -> None:
    (embedding,) = MODEL.fold_in_rows(CSR.empty(1))
    assert embedding.tolist() == [0] * K + [parts().scaling.mu, 1]
    np.testing.assert_allclose(embedding @ MODEL.Q.T, TRAIN.stars.mean() + MODEL.Q[:, -1], atol=1e-5)
    assert MODEL.fold_in_rows(CSR.empty(0)).shape == (0, K + 2)


def test_a_heavy_prior_leaves_nothing_but_the_prior_mean() -> None:
    distances = []
    for ridge in (1.0, 12.0, 100.0, 1e6):
        embeddings = parts().embed(MODEL.Q, HISTORIES, replace(MODEL.config, fold_in_ridge=ridge, bias_damping=ridge))
        p, b = to_normalised(embeddings[5])
        distances.append(float(np.linalg.norm(p - prior_mean(5)) + abs(b)))
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 1e-3


def test_a_known_user_among_strangers_keeps_the_trained_row() -> None:
    queries = Queries(np.array([5, -1, 9], np.int32), HISTORIES.take(np.array([0, 1, 2])))
    embeddings = MODEL.embed(queries)
    np.testing.assert_array_equal(embeddings[[0, 2]], MODEL.P[[5, 9]])
    np.testing.assert_array_equal(embeddings[1], MODEL.fold_in_rows(HISTORIES)[1])
    np.testing.assert_array_equal(MODEL.embed(queries.part(1, 3)), embeddings[1:])
    assert [picks.tolist() for picks in queries.picks()] == [HISTORIES[row][0].tolist() for row in range(3)]


def test_a_model_without_what_it_takes_says_so() -> None:
    model = MatrixFactorization()
    with pytest.raises(ModelError, match="train it again"):
        model.fold_in_rows(HISTORIES)


def test_real_people_are_predicted_better_the_more_they_rated_and_soon_better_than_by_biases() -> None:
    ratings = read_dataset(real_data("ml-latest-small")).ratings
    everything, rng = ratings.interactions(), np.random.default_rng(1)
    viewers = rng.choice(np.flatnonzero(ratings.by_user.counts() >= 60), 100, replace=False)
    train = everything.where(~np.isin(everything.users, viewers))
    model = MatrixFactorization(threads=2).fit(train, epochs=30)
    mean = train.stars.mean()
    of_movies = np.bincount(train.movies, train.stars - mean, len(ratings.movies)) / (train.counts_by_movie() + 5)

    def rmse(given: int) -> tuple[float, float]:
        """Of fold-in and of biases, on all but the first 50 of each viewer's ratings in a random order."""
        errors = []
        for viewer in viewers:
            movies, stars = ratings.by_user[viewer]
            order = np.random.default_rng(viewer).permutation(len(movies))
            movies, stars = movies[order], stars[order]
            embedding = model.fold_in_rows(CSR(np.array([0, given]), movies[:given], stars[:given]))[0]
            bias = (stars[:given] - mean - of_movies[movies[:given]]).sum() / (given + 5)
            predicted = model.Q[movies[50:]] @ embedding, (mean + bias + of_movies[movies[50:]])
            errors.append([np.square(ratings.scale.clip(one) - stars[50:]) for one in predicted])
        of_both = np.concatenate(errors, axis=1)
        return tuple(np.sqrt(of_both.mean(axis=1)))

    (after_5, _), (after_20, _), (after_50, biases) = (rmse(given) for given in (5, 20, 50))
    assert after_50 < after_20 - 0.02 < after_5 - 0.06
    assert after_50 < 0.99 * biases
