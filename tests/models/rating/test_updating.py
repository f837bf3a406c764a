from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out
from reelwise.data.types import Indices
from reelwise.models.config import UpdateConfig
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.updating import OlderRows, take_rows

if TYPE_CHECKING:
    from reelwise.models.rating.epochs import Epoch

USERS, MOVIES = 300, 120
OLD_USERS, OLD_MOVIES = 240, 100


class Story(NamedTuple):
    """Ratings of two tastes: those of the beginning, and all, with as many users and movies each, but for a test."""

    before: Interactions
    now: Interactions
    test: Interactions


def story() -> Story:
    """The first users rate the first movies; then newcomers of both kinds, and more by the first, too."""
    rng = np.random.default_rng(0)
    tastes, centred_embeddings = rng.standard_normal((USERS, 2)), rng.standard_normal((MOVIES, 2))
    users, movies = (axis.astype(np.int32) for axis in np.nonzero(rng.random((USERS, MOVIES)) < 0.35))
    stars = 3.2 + 0.6 * (tastes @ centred_embeddings.T)[users, movies] + 0.3 * rng.standard_normal(len(users))
    everything = Interactions(users, movies, np.clip(stars, 0.5, 5).astype(np.float32), (USERS, MOVIES))
    now, test = hold_out(everything, 0.2, seed=1)
    early = now.where((rng.random(len(now)) < 0.8) & (now.users < OLD_USERS) & (now.movies < OLD_MOVIES))
    return Story(replace(early, shape=(OLD_USERS, OLD_MOVIES)), now, test)


def find_rows(old: int, now: int) -> Indices:
    rows = np.arange(now, dtype=np.int32)
    return np.where(rows < old, rows, -1).astype(np.int32)


STORY = story()
OLDER = OlderRows(find_rows(OLD_USERS, USERS), find_rows(OLD_MOVIES, MOVIES))
OLD = MatrixFactorization(factors=4, user_regularisation=0.4, movie_regularisation=0.6, prior_ridge=20, seed=1).fit(
    STORY.before
)


def update(
    train: Interactions = STORY.now,
    older: OlderRows = OLDER,
    config: UpdateConfig | None = None,
    on_epoch: Any = lambda _: None,
    **changes: Any,
) -> MatrixFactorization:
    """The update of the old model, with another step size or other threads if so wanted."""
    old = MatrixFactorization(replace(OLD.config, learning_rate=changes.pop("learning_rate", 0.03)), seed=1, **changes)
    old.P, old.Q = OLD.P, OLD.Q
    return old.update(train, older, config or UpdateConfig(), on_epoch)


def rmse(model: MatrixFactorization, test: Interactions) -> float:
    return float(np.sqrt(np.mean(np.square(model.predict_rows(test.users, test.movies) - test.stars))))


def test_an_updated_model_is_better_than_the_old_one_and_about_as_good_as_one_from_scratch() -> None:
    scratch, model = MatrixFactorization(OLD.config, seed=1).fit(STORY.now), update()
    known = STORY.test.where((STORY.test.users < OLD_USERS) & (STORY.test.movies < OLD_MOVIES))
    assert rmse(model, known) < 0.98 * rmse(OLD, known)
    assert rmse(model, known) < 1.03 * rmse(scratch, known)
    assert rmse(model, STORY.test) < 1.05 * rmse(scratch, STORY.test)


@pytest.mark.parametrize("side", ["users", "movies"])
def test_newcomers_are_predicted_far_better_than_by_the_mean(side: str) -> None:
    first = {"users": OLD_USERS, "movies": OLD_MOVIES}[side]
    new = STORY.test.where(getattr(STORY.test, side) >= first)
    assert rmse(update(), new) < 0.7 * np.std(new.stars)


def test_without_a_step_nothing_moves_though_the_mean_does() -> None:
    model = update(learning_rate=0.0)
    assert abs(STORY.now.stars.mean() - STORY.before.stars.mean()) > 1e-3
    np.testing.assert_allclose(model.P[:OLD_USERS] @ model.Q[:OLD_MOVIES].T, OLD.P @ OLD.Q.T, atol=1e-5)


def test_newcomers_start_at_what_is_expected_of_them() -> None:
    model = update(learning_rate=0.0)
    vectors, biases = model.P[OLD_USERS:, :-2], model.P[OLD_USERS:, -2]
    assert np.linalg.norm(vectors, axis=1).min() > 0
    np.testing.assert_allclose(biases, STORY.now.stars.mean(), atol=1e-5)


def test_predictions_hardly_move_where_nothing_is_new() -> None:
    same = OlderRows(np.arange(OLD_USERS, dtype=np.int32), np.arange(OLD_MOVIES, dtype=np.int32))
    model = update(STORY.before, same)
    predicted = OLD.P @ OLD.Q.T
    assert 0 < (model.P @ model.Q.T - predicted).std() < 0.05 * predicted.std()


def test_rows_are_found_wherever_they_were() -> None:
    backwards = OLD_USERS - 1 - np.arange(OLD_USERS, dtype=np.int32)
    train = replace(STORY.before, users=backwards[STORY.before.users])
    model = update(train, OlderRows(backwards, np.arange(OLD_MOVIES, dtype=np.int32)), learning_rate=0.0)
    np.testing.assert_allclose(model.P[::-1] @ model.Q.T, OLD.P @ OLD.Q.T, atol=1e-5)


def test_a_copy_has_zeros_for_newcomers() -> None:
    rows = np.array([[1, 2], [3, 4]], np.float32)
    assert take_rows(rows, np.array([-1, 1, 0, -1], np.int32)).tolist() == [[0, 0], [3, 4], [1, 2], [0, 0]]


@pytest.mark.parametrize("threads", [2, 5])
def test_the_result_depends_on_the_seed_alone(threads: int) -> None:
    one, many = update(), update(threads=threads)
    assert one.P.tobytes() == many.P.tobytes()
    assert one.Q.tobytes() == many.Q.tobytes()


def test_the_old_model_is_left_as_it_is() -> None:
    before = OLD.P.tobytes(), OLD.Q.tobytes()
    update()
    assert (OLD.P.tobytes(), OLD.Q.tobytes()) == before


def test_each_pass_is_reported_newcomers_first() -> None:
    epochs: list[Epoch] = []
    update(config=UpdateConfig(newcomer_passes=2, passes=1), on_epoch=epochs.append)
    new = ((STORY.now.users >= OLD_USERS) | (STORY.now.movies >= OLD_MOVIES)).sum()
    assert [(epoch.number, epoch.total, epoch.ratings, epoch.rmse) for epoch in epochs] == [
        (1, 3, new, None), (2, 3, new, None), (3, 3, len(STORY.now), None),
    ]  # fmt: skip


def test_an_updated_model_folds_strangers_in_about_as_well_as_one_from_scratch() -> None:
    given, rest = hold_out(STORY.now, 0.5, seed=2)
    histories = CSR.grouped(given.users, given.movies, given.stars, USERS)

    def error(model: MatrixFactorization) -> float:
        scores = model.fold_in_rows(histories) @ model.Q.T
        return float(np.sqrt(np.mean(np.square(scores[rest.users, rest.movies] - rest.stars))))

    assert error(update()) < 1.05 * error(MatrixFactorization(OLD.config, seed=1).fit(STORY.now))


def test_divergence_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="diverged"):
        update(learning_rate=100.0)
