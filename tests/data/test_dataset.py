"""The front door for data: what a data set says of itself, and how it is split."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reelwise as rw
from reelwise.data.dataset import Dataset
from reelwise.data.likes import likes_of
from reelwise.data.splitting import choose_latest
from reelwise.errors import DataError, UsageError
from reelwise.evaluation.splitting import Selections

Pairs = dict[tuple[object, object], float]


def dataset(users: int = 40, movies: int = 30, times: bool = True) -> Dataset:
    """Ratings with text as ids, on a scale of 1 to 10, in the order of nothing."""
    rng = np.random.default_rng(3)
    pairs = rng.permutation([(user, movie) for user in range(users) for movie in range(movies)])[: users * movies // 2]
    columns = {
        "user": [f"u{user}" for user, _ in pairs],
        "movie": [f"tt{movie}" for _, movie in pairs],
        "rating": rng.integers(1, 11, len(pairs)),
        "time": rng.integers(1_700_000_000, 1_800_000_000, len(pairs)),
    }
    return Dataset.from_frame(columns, time=None if times else "")


def pairs_of(data: Dataset) -> Pairs:
    frame = data.to_polars()
    return dict(zip(zip(frame["user"], frame["movie"], strict=True), frame["rating"], strict=True))


def test_the_front_door_opens_on_the_same() -> None:
    assert rw.Dataset is Dataset
    assert {"Dataset", "read_dataset", "load_movielens"} <= set(rw.__all__)


@pytest.mark.parametrize("by", ["random", "time"])
def test_ratings_are_parted_and_users_and_movies_stay(by: str) -> None:
    data = dataset()
    train, test = data.split_ratings(test=0.2, seed=7, by=by)  # type: ignore[arg-type]
    assert {**pairs_of(train), **pairs_of(test)} == pairs_of(data)
    assert len(train.ratings) + len(test.ratings) == len(data.ratings)
    assert len(test.ratings) == pytest.approx(0.2 * len(data.ratings), abs=2)
    for part in (train, test):
        assert part.ratings.users == data.ratings.users
        assert part.ratings.movies == data.ratings.movies
        assert part.ratings.times is not None
        assert part.catalogue is data.catalogue


def test_by_time_everything_after_a_moment_is_to_test_with() -> None:
    train, test = dataset().split_ratings(test=0.3, by="time")
    assert train.ratings.times is not None
    assert test.ratings.times is not None
    assert train.ratings.times.max() < test.ratings.times.min()


@given(st.lists(st.integers(0, 9), min_size=2).filter(lambda times: len(set(times)) > 1), st.floats(0.01, 0.99))
def test_ratings_of_the_same_moment_are_never_parted_and_no_part_is_empty(times: list[int], share: float) -> None:
    moments = np.array(times)
    latest = choose_latest(moments, share)
    assert 0 < latest.sum() < len(times)
    assert moments[~latest].max() < moments[latest].min()


def test_the_seed_decides_which_ratings() -> None:
    data = dataset()
    first, again, other = (pairs_of(data.split_ratings(seed=seed)[1]) for seed in (1, 1, 2))
    assert first == again != other


def test_people_are_held_out_whole() -> None:
    data = dataset()
    train, viewers = data.split_users(test=10, given=2, seed=5)
    held_out = set(viewers.users)
    assert len(viewers) == len(held_out) == 10
    assert held_out.isdisjoint(train.ratings.users)
    assert held_out | set(train.ratings.users) == set(data.ratings.users)
    assert train.ratings.movies == viewers.movies == data.ratings.movies
    assert pairs_of(train) == {pair: stars for pair, stars in pairs_of(data).items() if pair[0] not in held_out}
    likes = {pair: stars for pair, stars in pairs_of(data).items() if stars >= 8}
    for row, user in enumerate(viewers.users):
        movies, stars_shown = viewers.shown[row]
        shown = dict(zip(viewers.movies.at(movies), stars_shown, strict=True))
        targets = viewers.movies.at(viewers.targets[row][0])
        assert len(shown) == 2
        assert len(targets) >= 1
        assert {movie for liker, movie in likes if liker == user} == {*shown, *targets}
        assert all(likes[user, movie] == stars for movie, stars in shown.items())


def test_people_are_those_that_evaluation_would_hold_out() -> None:
    data = dataset()
    ratings = data.ratings.interactions()
    _, viewers = data.split_users(test=10, given=3, seed=5)
    split = Selections.split(ratings, seed=5, test_users=10, validation_users=0, min_likes=4, picks=[3])
    np.testing.assert_array_equal(viewers.shown.indices, split.test[3].queries.histories.indices)
    np.testing.assert_array_equal(viewers.targets.indices, split.test[3].targets.indices)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda data: data.split_ratings(test=0), "test is 0; expected a share of the ratings above 0 and below 1"),
        (lambda data: data.split_ratings(test=500), "test is 500; expected a share"),
        (lambda data: data.split_ratings(test=0.0001), "0.0001 of 600 ratings leaves nothing"),
        (lambda data: data.split_ratings(by="user"), 'by is \'user\'; expected "random" or "time"'),
        (
            lambda data: replace(data, ratings=replace(data.ratings, times=None)).split_ratings(by="time"),
            "has no times",
        ),
        (lambda data: data.split_ratings(test="x"), "test is 'x'; expected a share"),
        (lambda data: data.split_ratings(test=None), "test is None; expected a share"),
        (lambda data: data.split_ratings(seed=-1), "the seed is -1; expected a whole number from 0"),
        (lambda data: data.split_ratings(seed="a"), "the seed is 'a'; expected a whole number from 0"),
        (lambda data: data.split_users(test=10, seed=1.5), "the seed is 1.5; expected a whole number from 0"),
        (lambda data: data.split_users(test=0), "test is 0; expected a whole number from 1"),
        (lambda data: data.split_users(test=2.5), "test is 2.5; expected a whole number from 1"),
        (lambda data: data.split_users(test=10, given=1.5), "given is 1.5; expected a whole number from 1"),
        (lambda data: data.split_users(test=10, given=True), "given is True; expected a whole number from 1"),
        (lambda data: data.split_users(test=10, min_likes="x"), "min_likes is 'x'; expected a whole number from 1"),
        (lambda data: data.split_users(test=1000), "1000 users cannot be held out: only"),
        (
            lambda data: data.split_users(test=2, given=29),
            "2 users cannot be held out: only 0 of 40 have 30 ratings of 8",
        ),
        (lambda data: choose_latest(np.ones(5, np.int64), 0.5), "all ratings are of the same moment"),
    ],
)
def test_what_cannot_be_split_is_refused(split: object, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        split(dataset())  # type: ignore[operator]
    assert message in str(refused.value)


def test_everybody_cannot_be_held_out() -> None:
    data = Dataset.from_frame({"user": [1, 1, 2, 2], "movie": [1, 2, 1, 2], "rating": [5, 5, 5, 5]})
    with pytest.raises(UsageError, match="2 people are all there are"):
        data.split_users(test=2, given=1)


def test_it_says_what_it_holds() -> None:
    data = Dataset.from_frame(
        {"who": ["<b>", "al"], "movie": [1, 1], "rating": [2, 9], "time": [1_795_953_600, 1_796_040_000]},
        user="who",
        name="<mine>",
    )
    assert repr(data) == (
        "Dataset('<mine>': 2 ratings by 2 users of 1 movies, stars 1 to 10, 2026-11-29 to 2026-11-30)"
    )
    page = data._repr_html_()
    assert "&lt;mine&gt;" in page
    assert "user from who (text)" in page
    assert "no stars" in repr(Dataset.from_frame({"user": [1], "movie": [2]}))


def test_films_of_a_frame_are_called_by_their_titles() -> None:
    films = pl.DataFrame({"id": ["b", "a"], "title": ["Heat", "Alien (1979)"], "genres": [["Crime"], None]})
    data = Dataset.from_frame({"user": [1, 1], "movie": ["a", "c"], "rating": [3, 4]}, films=films)
    assert [(movie.movie_id, movie.title, movie.genres) for movie in data.catalogue] == [
        ("a", "Alien (1979)", ()),
        ("b", "Heat", ("Crime",)),
        ("c", "c", ()),
    ]


NO_FRAMES = [None, "ratings.csv", [1, 2], np.zeros(3), pl.DataFrame, pl.Series([1]), {"user": [1, 2], "movie": [1]}]


@pytest.mark.parametrize("frame", NO_FRAMES)
def test_what_is_no_frame_is_refused(frame: object) -> None:
    with pytest.raises(UsageError, match=r"expected a data frame, not|cannot be read as a frame"):
        Dataset.from_frame(frame)


@pytest.mark.parametrize("name", [None, 5])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(UsageError, match=f"name is {name}; expected a text"):
        Dataset.from_frame({"user": [1], "movie": [2], "rating": [3]}, name=name)  # type: ignore[arg-type]


def test_data_sets_and_viewers_are_equal_to_themselves_alone() -> None:
    one, other = dataset(), replace(dataset())
    assert [one == one, one == other, len({one, other})] == [True, False, 2]
    viewers, others = one.split_users(test=2)[1], one.split_users(test=2)[1]
    assert [viewers == viewers, viewers == others, len({viewers, others})] == [True, False, 2]


@pytest.mark.parametrize("scale", [(5, 1), (1,), "1:5", (float("nan"), 5), (0, 1e9), 5])
def test_what_is_no_scale_is_refused(scale: object) -> None:
    with pytest.raises(UsageError, match="scale is"):
        Dataset.from_frame({"user": [1], "movie": [2], "rating": [3]}, scale=scale)  # type: ignore[arg-type]


def test_likes_of_implicit_feedback_are_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_text("user,movie\nal,1\nal,2\nal,2\nbo,1\n")
    data = rw.read_dataset(tmp_path / "seen.csv")
    assert data.implicit
    assert len(likes_of(data.ratings.interactions())) == len(data.ratings) == 3
    assert data.duplicates == 1
    assert data.name == "seen.csv"
    assert data.to_polars().columns == ["user", "movie"]


def test_of_two_ratings_the_latest_counts(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("user,movie,rating,time\n1,1,3,9\n1,1,4,7\n")
    ratings = rw.read_dataset(tmp_path).ratings
    assert ratings.times is not None
    assert ratings.times.tolist() == [9_000_000]
    assert ratings.by_user.stars.tolist() == [3]


def test_the_ratings_of_the_sample_are_of_our_time() -> None:
    times = rw.read_sample().to_polars()["time"]
    assert times.is_between(datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)).all()


def test_a_data_set_that_is_there_is_not_downloaded(tmp_path: Path) -> None:
    (tmp_path / "ml-1m").mkdir()
    (tmp_path / "ml-1m" / "ratings.dat").write_text("1::2::3::4\n")
    assert len(rw.load_movielens("ml-1m", tmp_path, base_url="http://127.0.0.1:9").ratings) == 1
    with pytest.raises(UsageError, match="no data set is called 'ml-2m'"):
        rw.load_movielens("ml-2m", tmp_path)


def test_columns_that_are_said_must_be_there() -> None:
    with pytest.raises(DataError, match="no column 'who' among 'user', 'movie'"):
        Dataset.from_frame({"user": [1], "movie": [2]}, user="who")
