from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.ratings import Ratings
from reelwise.recommender.matching import BestUser, best_user

HISTORIES = st.dictionaries(
    st.integers(1, 8),
    st.dictionaries(st.integers(1, 6), st.sampled_from([0.5, 1.0, 3.0, 4.5, 5.0]), min_size=1),
    min_size=1,
)


def naive(histories: dict[int, dict[int, float]], picks: list[int]) -> tuple[int, int, float] | None:
    """The rule, word by word: most picked films rated, then the higher mean stars on them, then the lowest id."""
    best = None
    for user in sorted(histories):
        matched = [Fraction(histories[user][movie]) for movie in picks if movie in histories[user]]
        if matched:
            key = (len(matched), sum(matched) / len(matched))
            if best is None or key > best[0]:
                best = (key, user)
    return None if best is None else (best[1], best[0][0], float(best[0][1]))


@given(HISTORIES, st.sets(st.integers(1, 6)))
def test_it_follows_the_rule(histories: dict[int, dict[int, float]], picks: set[int]) -> None:
    lines = [(user, movie, stars) for user, rated in histories.items() for movie, stars in rated.items()]
    users, movies, stars = zip(*lines, strict=True)
    ratings = Ratings.from_columns(np.array(users, np.int64), np.array(movies, np.int64), np.array(stars, np.float32))
    rows = [row for row, movie in enumerate(ratings.movie_ids) if movie in picks]
    found = best_user(ratings.by_movie, np.array(rows, np.int64), len(ratings.user_ids))
    assert (found and (int(ratings.user_ids[found.user]), found.matched, found.mean_stars)) == naive(
        histories, sorted(picks)
    )


def test_stars_may_be_negative_on_an_unusual_scale() -> None:
    ratings = Ratings.from_columns(np.array([1, 2, 2]), np.array([7, 7, 8]), np.array([-9, -5, -7], np.float32))
    assert best_user(ratings.by_movie, np.array([0]), 2) == BestUser(1, 1, -5.0)
