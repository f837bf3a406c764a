from dataclasses import astuple

import numpy as np
import numpy.typing as npt
import pytest

from reelwise.data.sample.films import SampleFilm, sample_films
from reelwise.data.sample.viewers import SimulatedRatings, simulate_ratings
from reelwise.data.types import Doubles, Mask

FILMS = sample_films()
MOVIE_IDS = np.array([film.movie_id for film in FILMS])
VIEWERS = 1600


@pytest.fixture(scope="module")
def ratings() -> SimulatedRatings:
    return simulate_ratings(FILMS)


@pytest.fixture(scope="module")
def table(ratings: SimulatedRatings) -> Doubles:
    """The stars as users × films, NaN where a viewer did not rate."""
    stars = np.full((VIEWERS, len(FILMS)), np.nan)
    stars[ratings.user_ids - 1, np.searchsorted(MOVIE_IDS, ratings.movie_ids)] = ratings.stars
    return stars


def of_genre(*genres: str) -> Mask:
    return np.array([not set(genres).isdisjoint(film.genres) for film in FILMS])


def judged(attribute: str) -> npt.NDArray[np.int64]:
    return np.array([getattr(film, attribute) for film in FILMS], np.int64)


def fans(table: Doubles, films: Mask, least: int = 5) -> Mask:
    """The viewers who gave 4.5 stars or more to at least `least` of `films`."""
    loved: Mask = (table[:, films] >= 4.5).sum(axis=1) >= least
    return loved


def same(left: SimulatedRatings, right: SimulatedRatings) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(astuple(left), astuple(right), strict=True))


def rank_correlation(left: npt.NDArray[np.generic], right: npt.NDArray[np.generic]) -> float:
    """Spearman's, 1 where both arrays put the films in the same order."""
    ranks = np.array([np.argsort(np.argsort(values, kind="stable")) for values in (left, right)], np.float64)
    centred = (ranks - ranks.mean()) / ranks[0].std()
    return float(np.mean(centred[0] * centred[1]))


# Laws


def test_columns_are_parallel_and_typed(ratings: SimulatedRatings) -> None:
    columns = (ratings.user_ids, ratings.movie_ids, ratings.stars, ratings.timestamps)
    assert [column.dtype for column in columns] == [np.int64, np.int64, np.float32, np.int64]
    assert {column.shape for column in columns} == {(len(ratings.stars),)}


def test_people_give_half_stars_to_the_films_there_are_each_once(ratings: SimulatedRatings) -> None:
    pairs = np.stack((ratings.user_ids, ratings.movie_ids))
    assert np.unique(pairs, axis=1).shape == pairs.shape
    assert np.array_equal(np.unique(ratings.user_ids), np.arange(1, VIEWERS + 1))
    assert np.array_equal(np.unique(ratings.movie_ids), MOVIE_IDS)
    assert np.array_equal(np.unique(ratings.stars), np.arange(1, 11) / 2)


def test_users_ascend_and_rate_in_the_order_of_time_what_was_out(ratings: SimulatedRatings) -> None:
    same_user = np.diff(ratings.user_ids) == 0
    assert np.all(np.diff(ratings.user_ids) >= 0)
    assert np.all(np.diff(ratings.timestamps)[same_user] > 0)
    rated_in = ratings.timestamps.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    assert rated_in.min() > max(film.year for film in FILMS)


def test_same_seed_same_ratings_and_another_seed_others(ratings: SimulatedRatings) -> None:
    assert same(simulate_ratings(FILMS), ratings)
    assert same(simulate_ratings(FILMS, 50, seed=3), simulate_ratings(FILMS, 50, seed=3))
    assert not same(simulate_ratings(FILMS, 50, seed=3), simulate_ratings(FILMS, 50, seed=4))


@pytest.mark.parametrize("films", [FILMS[:1], FILMS[:7]])
def test_with_few_films_everybody_rates_all(films: tuple[SampleFilm, ...]) -> None:
    ratings = simulate_ratings(films, viewers=5)
    assert len(ratings.stars) == 5 * len(films)
    assert set(ratings.movie_ids.tolist()) == {film.movie_id for film in films}


# Looks like MovieLens from afar


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_size_and_spread(seed: int) -> None:
    ratings = simulate_ratings(FILMS, seed=seed)
    counts = np.bincount(ratings.user_ids)[1:]
    assert 100_000 <= len(ratings.stars) <= 140_000
    assert 20 <= counts.min() < counts.max() <= 250
    assert np.median(counts) < counts.mean(), "a few viewers rate very much"
    assert ratings.stars.mean() == pytest.approx(3.5, abs=0.15)
    assert ratings.stars.std() == pytest.approx(1.0, abs=0.15)


# Orders


def test_popular_films_get_more_ratings(table: Doubles) -> None:
    assert rank_correlation(judged("popularity"), (~np.isnan(table)).sum(axis=0)) > 0.8


def test_better_films_get_more_stars(table: Doubles) -> None:
    assert rank_correlation(judged("quality"), np.nanmean(table, axis=0)) > 0.4


def test_viewers_differ_more_by_taste_than_by_generosity(table: Doubles) -> None:
    """One viewer's means for two genres lie further apart than two viewers' overall means."""
    family, horror = of_genre("Animation", "Children"), of_genre("Horror")
    enough = ((~np.isnan(table[:, family])).sum(axis=1) >= 5) & ((~np.isnan(table[:, horror])).sum(axis=1) >= 5)
    own_difference = np.nanmean(table[enough][:, family], axis=1) - np.nanmean(table[enough][:, horror], axis=1)
    assert own_difference.std() > np.nanmean(table[enough], axis=1).std()


@pytest.mark.parametrize(
    ("loved", "other"),
    [
        (("Animation", "Children"), ("Horror",)),
        (("Sci-Fi",), ("Romance",)),
        (("Horror",), ("Animation", "Children")),
        (("Romance",), ("Sci-Fi",)),
        (("Crime", "Film-Noir"), ("Romance",)),
        (("War", "Western"), ("Horror",)),
    ],
)
def test_who_loves_some_films_of_a_genre_prefers_its_others(
    table: Doubles, loved: tuple[str, ...], other: tuple[str, ...]
) -> None:
    """Fans are found on one half of the genre's films and judged by the other half."""
    positions = np.arange(len(FILMS))
    genre = of_genre(*loved) & ~of_genre(*other)
    rest = of_genre(*other) & ~of_genre(*loved)
    chosen = fans(table, genre & (positions % 2 == 0), least=3)
    assert chosen.sum() >= 20
    liked, passed = (np.nanmean(table[chosen][:, films]) for films in (genre & (positions % 2 == 1), rest))
    assert liked > passed + 0.3


def test_who_loves_old_films_prefers_other_old_films(table: Doubles) -> None:
    old = judged("year") < 1965
    odd = np.arange(len(FILMS)) % 2 == 1
    chosen = fans(table, old & ~odd)
    assert chosen.sum() >= 20
    assert np.nanmean(table[chosen][:, old & odd]) > np.nanmean(table[chosen][:, ~old]) + 0.3


def test_people_watch_what_they_like(table: Doubles) -> None:
    family = of_genre("Animation", "Children")
    chosen = fans(table, family)
    watched = ~np.isnan(table)
    share = [watched[group][:, family].sum() / watched[group].sum() for group in (chosen, ~chosen)]
    assert share[0] > 1.5 * share[1]


def test_fans_have_not_seen_everything_of_their_kind(table: Doubles) -> None:
    """Otherwise nothing of it would be left to recommend."""
    family = of_genre("Animation", "Children")
    unseen = np.isnan(table[fans(table, family)][:, family]).sum(axis=1)
    assert np.median(unseen) >= 20
