from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.interactions import RatingScale
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Id, Vocabulary, as_array

Lines = list[tuple[int, int, float, int]]
"""User, movie, stars, time."""

LINES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([0.5, 1.0, 3.5, 5.0]), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


def from_lines(lines: Lines, timed: bool = True, **vocabularies: Any) -> Ratings:
    users, movies, stars, times = (np.array(column) for column in zip(*lines, strict=True))
    return Ratings.from_columns(users, movies, stars.astype(np.float32), times if timed else None, **vocabularies)


def by_ids(ratings: Ratings) -> dict[tuple[Id, Id], float]:
    """Stars by the ids of user and movie; by user and by movie there are the same."""
    columns = ratings.interactions()
    found = {
        (ratings.users[user], ratings.movies[movie]): float(stars)
        for user, movie, stars in zip(columns.users, columns.movies, columns.stars, strict=True)
    }
    assert columns.shape == (len(ratings.by_user), len(ratings.by_movie)) == (len(ratings.users), len(ratings.movies))
    assert len(found) == len(ratings) == len(columns)
    transpose = {
        (ratings.users[user], ratings.movies[movie]): float(stars)
        for movie in range(len(ratings.by_movie))
        for user, stars in zip(*ratings.by_movie[movie], strict=True)
    }
    assert transpose == found
    for rows in (ratings.by_user, ratings.by_movie):
        assert all((np.diff(rows[row][0]) > 0).all() for row in range(len(rows)))
    return found


@given(LINES)
def test_the_latest_timestamp_wins_then_the_last_line(lines: Lines) -> None:
    expected: dict[tuple[int, int], tuple[int, float]] = {}
    for user, movie, stars, time in lines:
        if (user, movie) not in expected or time >= expected[user, movie][0]:
            expected[user, movie] = (time, stars)
    ratings = from_lines(lines)
    assert by_ids(ratings) == {pair: stars for pair, (_, stars) in expected.items()}
    assert list(ratings.users) == sorted({user for user, *_ in lines})
    assert list(ratings.movies) == sorted({movie for _, movie, *_ in lines})


@given(LINES)
def test_without_timestamps_the_last_line_wins(lines: Lines) -> None:
    assert by_ids(from_lines(lines, timed=False)) == {(user, movie): stars for user, movie, stars, _ in lines}


@given(LINES, st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_only_known_ids_are_kept_if_so_wanted(lines: Lines, users: set[int], movies: set[int]) -> None:
    kept = from_lines(lines, users=Vocabulary.of(users), movies=Vocabulary.of(movies))
    everything = by_ids(from_lines(lines))
    assert by_ids(kept) == {
        pair: stars for pair, stars in everything.items() if {pair[0]} <= users and {pair[1]} <= movies
    }
    assert list(kept.users) == sorted(users)


@given(LINES, st.lists(st.integers(0, 50)))
def test_more_movies_leave_every_rating_where_it_was(lines: Lines, new: list[int]) -> None:
    ratings = from_lines(lines)
    more = ratings.with_movies(Vocabulary.of([*ratings.movies.at(slice(None)), *new]))
    assert by_ids(more) == by_ids(ratings)
    assert set(more.movies) == {*ratings.movies, *new}


@given(LINES, st.data())
def test_who_rated_nothing_and_what_nobody_rated_can_lose_their_rows(lines: Lines, data: st.DataObject) -> None:
    ratings = from_lines(lines)
    kept = ratings.where(np.array(data.draw(st.lists(st.booleans(), min_size=len(ratings), max_size=len(ratings)))))
    compact = kept.compact()
    assert by_ids(compact) == by_ids(kept)
    assert {*compact.users} == {user for user, _ in by_ids(kept)}
    assert {*compact.movies} == {movie for _, movie in by_ids(kept)}
    assert compact.times is not None
    assert kept.times is not None
    assert np.array_equal(compact.times, kept.times)


def test_a_rated_movie_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="rated movies are missing"):
        from_lines([(1, 1, 3.0, 0), (1, 2, 3.0, 0)]).with_movies(Vocabulary.of([2, 3]))


def test_ids_may_be_strings() -> None:
    users, movies = as_array(["zoë", "al", "al"]), as_array(["tt2", "tt1", "tt2"])
    ratings = Ratings.from_columns(users, movies, np.array([1, 2, 3], np.float32), scale=RatingScale(1, 10))
    assert by_ids(ratings) == {("zoë", "tt2"): 1, ("al", "tt1"): 2, ("al", "tt2"): 3}
    assert (ratings.scale, ratings.mean_stars()) == (RatingScale(1, 10), 2)


def test_nothing_can_be_changed() -> None:
    ratings = from_lines([(1, 1, 3.0, 0)])
    for array in (ratings.users.ids, ratings.movies.ids, ratings.by_user.stars, ratings.by_movie.indices):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("movie_ids", [[1, 2], [2, 1]])
def test_the_columns_stay_the_callers(movie_ids: list[int]) -> None:
    columns = np.array([1, 1]), np.array(movie_ids), np.array([3.0, 3.0], np.float32)
    ratings = Ratings.from_columns(*columns)
    for column in columns:
        column[:] = 5
    assert by_ids(ratings) == {(1, 1): 3, (1, 2): 3}


def test_predictions_are_clipped_to_the_scale() -> None:
    assert RatingScale(1, 5).clip(np.array([0.2, 3.3, 7.0], np.float32)).tolist() == pytest.approx([1, 3.3, 5])
