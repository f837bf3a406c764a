from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions
from reelwise.errors import ModelError
from reelwise.models.config import WeightedALSConfig
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS
from support.models.checkerboard import checkerboard
from support.models.memory_store import MemoryStore

if TYPE_CHECKING:
    from reelwise.progress import FitProgress

CONFIG = WeightedALSConfig(factors=4, iterations=10)
RATINGS = checkerboard(users=60, movies=40, share=0.4)
TRAIN = RATINGS.interactions()
USERS, MOVIES = TRAIN.shape
SAME_COLOUR = RATINGS.users.ids[:, None] % 2 == RATINGS.movies.ids % 2


def new(**options: Any) -> WeightedALS:
    return WeightedALS(CONFIG, **{"seed": 1, **options})


@pytest.fixture(scope="module")
def model() -> WeightedALS:
    return new().fit(TRAIN)


def to_histories(*histories: dict[int, float]) -> CSR:
    """Stars by row of the movie."""
    rows = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    movies, stars = (
        np.array([one for history in histories for one in part(history)]) for part in (dict.keys, dict.values)
    )
    return CSR.grouped(rows, movies.astype(np.int32), stars.astype(np.float32), len(histories))


def test_what_is_liked_by_the_same_people_scores_higher_rated_or_not(model: WeightedALS) -> None:
    scores = model.score(Queries.of_users(np.arange(USERS)))
    assert scores[SAME_COLOUR].mean() > 3 * np.abs(scores[~SAME_COLOUR]).mean()
    for user in range(USERS):
        assert scores[user][SAME_COLOUR[user]].mean() > 2 * scores[user][~SAME_COLOUR[user]].mean()


def test_the_loss_falls_with_every_iteration() -> None:
    losses: list[float] = []

    def measure(_: int, model: WeightedALS) -> bool:
        scores = model.P @ model.Q.T
        targets = np.interp(TRAIN.stars, [1, 5], [0.2, 1.1])  # of the lowest and the highest stars
        losses.append(float(((targets - scores[TRAIN.users, TRAIN.movies]) ** 2).sum() + 0.3 * (scores**2).sum()))
        return True

    new().fit(TRAIN, keep_going=measure)
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == CONFIG.iterations


@pytest.mark.parametrize("threads", [2, 5])
def test_the_result_depends_on_the_seed_alone(model: WeightedALS, threads: int) -> None:
    many = new(threads=threads).fit(TRAIN)
    assert (model.P.tobytes(), model.Q.tobytes()) == (many.P.tobytes(), many.Q.tobytes())
    assert not np.array_equal(model.P, new(seed=2).fit(TRAIN).P)


def test_the_result_does_not_depend_on_how_many_processors_blas_finds() -> None:
    generator = np.random.default_rng(1)
    users, movies = (generator.integers(0, count, 20_000, dtype=np.int32) for count in (300, 4000))
    train = Interactions(
        users, movies, generator.choice(np.array([1, 5], np.float32), 20_000), (300, 4000), MOVIELENS_SCALE
    )
    vectors = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            model = WeightedALS(factors=64, iterations=2, seed=1).fit(train)
        vectors.append((model.P.tobytes(), model.Q.tobytes()))
    assert vectors[0] == vectors[1]


def test_a_start_that_is_near_the_end_saves_iterations(model: WeightedALS) -> None:
    end, before = model.P @ model.Q.T, (model.P.tobytes(), model.Q.tobytes())
    near, far = (new(seed=2).fit(TRAIN, iterations=1, start=start) for start in ((model.P, model.Q), None))
    assert 10 * np.abs(near.P @ near.Q.T - end).mean() < np.abs(far.P @ far.Q.T - end).mean()
    assert (model.P.tobytes(), model.Q.tobytes()) == before


def test_training_ends_when_it_is_told_to() -> None:
    iterations: list[int] = []
    ended = new().fit(TRAIN, on_iteration=lambda done, _: iterations.append(done), keep_going=lambda done, _: done < 3)
    assert iterations == [1, 2, 3]
    assert ended.P.tobytes() == new().fit(TRAIN, iterations=3).P.tobytes()


def test_progress_ends_at_as_many_iterations_as_are_wanted() -> None:
    steps: list[FitProgress] = []
    new().fit(TRAIN, iterations=2, progress=steps.append)
    assert [(step.done, step.total) for step in steps] == [(1, 2), (2, 2)]


def test_vectors_are_as_long_as_suits_the_number_of_users() -> None:
    few = checkerboard(users=150, movies=12).interactions()
    assert WeightedALS(iterations=1).fit(few).Q.shape == (12, 16)


def test_who_and_what_has_no_ratings_gets_a_zero_vector() -> None:
    model = new(factors=3).fit(replace(TRAIN, shape=(USERS + 1, MOVIES + 1)))
    assert model.P.shape == (USERS + 1, 3)
    assert not model.P[-1].any()
    assert not model.Q[-1].any()


LIKED = {1: 5.0, 3: 4.0, 5: 5.0}  # row 1 is movie 2


def test_strangers_get_what_they_like_and_what_they_do_not_like_plays_no_part(model: WeightedALS) -> None:
    histories = to_histories(LIKED, {**LIKED, 0: 1.0, 2: 3.0}, {0: 5.0})
    even, same, odd = model.score(Queries.of_strangers(histories))
    assert set(np.argsort(-even)[:15] % 2) == {1}
    assert set(np.argsort(-odd)[:15] % 2) == {0}
    np.testing.assert_allclose(same, even, atol=1e-6)


def test_histories_are_folded_in_together_as_one_by_one(model: WeightedALS) -> None:
    histories = to_histories({7: 5}, LIKED, {}, {0: 4, 2: 5, 4: 5}, {1: 2}, dict.fromkeys(range(30), 5), {8: 4})
    alone = np.concatenate([model.fold_in_rows(histories.part(row, row + 1)) for row in range(len(histories))])
    np.testing.assert_allclose(model.fold_in_rows(histories), alone, atol=1e-5)
    assert model.fold_in_rows(CSR.empty(0)).shape == (0, 4)


def test_histories_without_likes_give_what_active_profiles_like(model: WeightedALS) -> None:
    profiles = model.profiles
    weights = (profiles.likes + 5) ** model.blend_config.activity_exponent_for(len(profiles.likes))
    expected = weights / weights.sum() @ model.P[profiles.users]
    for histories in (to_histories({}, {2: 1.0, 4: 3.5}), CSR.empty(2)):
        np.testing.assert_allclose(model.fold_in_rows(histories), [expected, expected], atol=1e-5)


def test_people_are_folded_in_even_if_nobody_ever_liked_anything() -> None:
    model = new().fit(TRAIN.with_stars(np.minimum(TRAIN.stars, 3)))
    assert np.isfinite(model.fold_in_rows(to_histories({}, LIKED))).all()


def test_centred_embeddings_are_what_is_left_without_the_average_user(model: WeightedALS) -> None:
    centred, average = model.centred_embeddings(), model.P.mean(axis=0)
    np.testing.assert_allclose(centred @ average, 0, atol=1e-5)
    np.testing.assert_allclose(model.Q - centred, np.outer(model.Q @ average, average) / (average @ average), atol=1e-5)
    np.testing.assert_array_equal(model.centred_embeddings(np.array([3, 1])), centred[[3, 1]])
    similarities = model.similarities(4)
    assert similarities[4] == pytest.approx(1, abs=1e-4)
    cosines = centred @ centred[4] / (np.linalg.norm(centred, axis=1) * np.linalg.norm(centred[4]))
    np.testing.assert_allclose(similarities, cosines, atol=1e-4)


def test_what_is_saved_is_loaded(model: WeightedALS) -> None:
    store, again = MemoryStore(), MemoryStore()
    model.save_arrays(store)
    loaded = WeightedALS(CONFIG).load_arrays(store, TRAIN.scale)
    loaded.save_arrays(again)
    assert {name: array.tobytes() for name, array in store.items()} == {n: a.tobytes() for n, a in again.items()}
    histories = to_histories(LIKED, {}, {7: 5})
    np.testing.assert_array_equal(loaded.fold_in_rows(histories), model.fold_in_rows(histories))
    np.testing.assert_array_equal(loaded.similarities(4), model.similarities(4))
    np.testing.assert_array_equal(loaded.prior_precision, model.prior_precision)
    for name in store:
        broken = MemoryStore(store)
        del broken[name]
        with pytest.raises(ModelError, match=name):
            WeightedALS(CONFIG).load_arrays(broken)


def test_more_movies_leave_every_answer_as_it_was(model: WeightedALS) -> None:
    places, histories = np.arange(0, 2 * MOVIES, 2, dtype=np.int32), to_histories(LIKED, {}, {7: 5})
    more = model.with_movies(places, 2 * MOVIES)
    moved = histories.spread_columns(places)
    np.testing.assert_allclose(more.fold_in_rows(moved), model.fold_in_rows(histories), atol=1e-5)
    np.testing.assert_allclose(more.similarities(8)[places], model.similarities(4), atol=1e-6)
    assert not more.score(Queries.of_strangers(moved))[:, 1::2].any()


def test_nameless_profiles_serve_strangers_much_alike_and_know_nobodys_likes(model: WeightedALS) -> None:
    anonymous, histories = model.without_histories(), to_histories(LIKED, {}, {0: 5})
    assert len(anonymous.P) == len(anonymous.profiles.users) == len(model.profiles.users)
    assert not len(anonymous.profiles.likers.profiles)
    np.testing.assert_array_equal(anonymous.similarities(4), model.similarities(4))
    scores = anonymous.score(Queries.of_strangers(histories))
    assert [set(np.argsort(-one)[:15] % 2) for one in scores[[0, 2]]] == [{1}, {0}]
    np.testing.assert_allclose(scores[1], model.score(Queries.of_strangers(histories))[1], atol=1e-5)


def test_the_same_model_blends_in_another_way(model: WeightedALS) -> None:
    other = model.with_blend(replace(model.blend_config, inverse_temperatures=(0.1,) * 5))
    histories = to_histories(LIKED)
    assert other.P is model.P
    assert not np.allclose(other.fold_in_rows(histories), model.fold_in_rows(histories))
