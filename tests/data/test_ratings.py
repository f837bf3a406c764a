import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.ratings import Ratings, RatingScale, distinct, index_of, stable_order

LINES = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([0.5, 1.0, 3.5, 5.0]), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


def from_lines(lines: list[tuple[int, int, float, int]], timestamps: bool = True, **options: object) -> Ratings:
    users, movies, stars, times = zip(*lines, strict=True)
    return Ratings.from_columns(
        np.array(users, np.int64),
        np.array(movies, np.int64),
        np.array(stars, np.float32),
        np.array(times, np.int64) if timestamps else None,
        **options,  # type: ignore[arg-type]
    )


def as_dict(ratings: Ratings) -> dict[tuple[int, int], float]:
    seen = ratings.interactions()
    return {
        (int(ratings.user_ids[user]), int(ratings.movie_ids[movie])): float(stars)
        for user, movie, stars in zip(*seen, strict=True)
    }


@given(LINES)
def test_the_latest_timestamp_wins_then_the_last_line(lines: list[tuple[int, int, float, int]]) -> None:
    expected: dict[tuple[int, int], tuple[int, float]] = {}
    for user, movie, stars, time in lines:
        if (user, movie) not in expected or time >= expected[user, movie][0]:
            expected[user, movie] = (time, stars)
    assert as_dict(from_lines(lines)) == {pair: stars for pair, (_, stars) in expected.items()}


@given(LINES)
def test_without_timestamps_the_last_line_wins(lines: list[tuple[int, int, float, int]]) -> None:
    assert as_dict(from_lines(lines, timestamps=False)) == {(user, movie): stars for user, movie, stars, _ in lines}


@given(LINES)
def test_ids_ascend_and_rows_ascend(lines: list[tuple[int, int, float, int]]) -> None:
    ratings = from_lines(lines)
    assert ratings.user_ids.tolist() == sorted({user for user, *_ in lines})
    assert ratings.movie_ids.tolist() == sorted({movie for _, movie, *_ in lines})
    for rows in (ratings.by_user, ratings.by_movie):
        for row in range(len(rows)):
            assert (np.diff(rows[row][0]) > 0).all()


@given(LINES)
def test_by_movie_is_the_transpose_of_by_user(lines: list[tuple[int, int, float, int]]) -> None:
    ratings = from_lines(lines)
    by_user = {(user, int(movie)): stars for user in range(len(ratings.by_user))
               for movie, stars in zip(*ratings.by_user[user], strict=True)}  # fmt: skip
    by_movie = {(int(user), movie): stars for movie in range(len(ratings.by_movie))
                for user, stars in zip(*ratings.by_movie[movie], strict=True)}  # fmt: skip
    assert by_user == by_movie


def test_the_order_of_lines_does_not_matter_where_nothing_repeats() -> None:
    lines = [(user, movie, 3.0, 0) for user in range(1, 9) for movie in range(1, 9)]
    forth, back = from_lines(lines), from_lines(lines[::-1])
    assert forth.by_user.indices.tolist() == back.by_user.indices.tolist()


def test_only_known_ids_are_kept_if_so_wanted() -> None:
    ratings = from_lines(
        [(1, 1, 3.0, 0), (1, 9, 4.0, 0), (8, 1, 5.0, 0)],
        known_users=np.array([1, 2]),
        known_movies=np.array([1, 5]),
    )
    assert as_dict(ratings) == {(1, 1): 3.0}
    assert ratings.user_ids.tolist() == [1, 2]
    assert ratings.by_user.counts().tolist() == [1, 0]


def test_nothing_can_be_changed() -> None:
    ratings = from_lines([(1, 1, 3.0, 0)])
    for array in (ratings.user_ids, ratings.movie_ids, ratings.by_user.stars, ratings.by_movie.indices):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("movie_ids", [[1, 2], [2, 1]])
def test_the_columns_stay_the_callers(movie_ids: list[int]) -> None:
    stars = np.array([3.0, 3.0], np.float32)
    ratings = Ratings.from_columns(np.array([1, 1]), np.array(movie_ids), stars)
    stars[:] = 5
    assert ratings.by_user.stars.tolist() == [3, 3]


@given(
    st.lists(st.integers(1, 60) | st.integers(1, 2**31 - 1), min_size=1, unique=True),
    st.lists(st.integers(-5, 60) | st.integers(1, 2**31 - 1)),
)
def test_index_of_finds_what_is_there_and_nothing_else(ids: list[int], wanted: list[int]) -> None:
    ids.sort()
    found = index_of(np.array([*wanted, *ids], np.int64), np.array(ids, np.int64))
    assert found.tolist() == [ids.index(it) if it in ids else -1 for it in [*wanted, *ids]]


@given(st.lists(st.integers(1, 60), max_size=40), st.lists(st.integers(1, 2**31 - 1), max_size=5))
def test_distinct(small: list[int], large: list[int]) -> None:
    assert distinct(np.array(small, np.int64)).tolist() == sorted(set(small))
    assert distinct(np.array([*small, *large], np.int64)).tolist() == sorted({*small, *large})


def test_predictions_are_clipped_to_the_scale() -> None:
    assert RatingScale(1, 5).clip(np.array([0.2, 3.3, 7.0], np.float32)).tolist() == pytest.approx([1, 3.3, 5])


@given(st.lists(st.integers(0, 3) | st.integers(0, 2**63 - 1), max_size=40))
def test_the_stable_order_sorts_and_leaves_equals_in_their_order(keys: list[int]) -> None:
    expected = sorted(range(len(keys)), key=keys.__getitem__)
    assert stable_order(np.array(keys, np.int64)).tolist() == expected


def test_the_stable_order_of_the_largest_keys_that_can_be_packed_and_the_smallest_that_cannot() -> None:
    for high in (2**61 - 1, 2**61):  # three positions take two of 63 bits
        assert stable_order(np.array([high, 0, high], np.int64)).tolist() == [1, 0, 2]
