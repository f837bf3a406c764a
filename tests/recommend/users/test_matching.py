from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Vocabulary
from reelwise.recommend.users import matching
from reelwise.recommend.users.matching import BestUser, Matcher

HISTORIES = st.dictionaries(
    st.integers(1, 8),
    st.dictionaries(st.integers(1, 6), st.sampled_from([0.5, 1.0, 3.0, 4.5, 5.0]), min_size=1),
    min_size=1,
)
EXACT = 2**40  # times which stars, as 32-bit numbers of 0.1 or more, are whole


@pytest.fixture(params=["counting", "bits"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is for few users, who are counted one by one, and for many, whose bits are added."""
    if request.param == "bits":
        monkeypatch.setattr(matching, "_FEW", 0)


def naive(histories: dict[int, dict[int, float]], picks: list[int]) -> tuple[int, int, float] | None:
    """The rule, word by word: most picked films rated, then the higher mean stars on them, then the lowest id."""
    best = None
    for user in sorted(histories):
        matched = [histories[user][movie] for movie in picks if movie in histories[user]]
        if matched:
            key = (len(matched), sum(int(EXACT * stars) for stars in matched))
            if best is None or key > best[0]:
                best = (key, user)
    return None if best is None else (best[1], best[0][0], float(Fraction(best[0][1], EXACT * best[0][0])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it is the same for every example
@given(HISTORIES, st.sets(st.integers(1, 6)))
def test_it_follows_the_rule(histories: dict[int, dict[int, float]], picks: set[int]) -> None:
    lines = [(user, movie, stars) for user, rated in histories.items() for movie, stars in rated.items()]
    users, movies, stars = zip(*lines, strict=True)
    ratings = Ratings.from_columns(np.array(users, np.int64), np.array(movies, np.int64), np.array(stars, np.float32))
    rows = [row for row, movie in enumerate(ratings.movies) if movie in picks]
    found = Matcher(ratings.by_movie, len(ratings.users)).best_user(rows)
    assert (found and (ratings.users[found.user], found.matched, found.mean_stars)) == naive(histories, sorted(picks))


def test_stars_may_be_negative_on_an_unusual_scale() -> None:
    ratings = Ratings.from_columns(np.array([1, 2, 2]), np.array([7, 7, 8]), np.array([-9, -5, -7], np.float32))
    assert Matcher(ratings.by_movie, 2).best_user([0]) == BestUser(1, 1, -5.0)


@pytest.mark.parametrize("density", [0.02, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 10, 2**24])
def test_it_follows_the_rule_among_many_users(density: float, steps: int) -> None:
    rng = np.random.default_rng(round(100 * density))
    rated = rng.random((300, 40)) < density * rng.random(40) ** 0.3
    users, movies = np.nonzero(rated)
    stars = 5 * rng.integers(1, steps + 1, len(users)) / steps
    ratings = Ratings.from_columns(
        users + 1, movies + 1, stars.astype(np.float32),
        users=Vocabulary(np.arange(1, 301)), movies=Vocabulary(np.arange(1, 41)),
    )  # fmt: skip
    matcher = Matcher(ratings.by_movie, 300)
    histories: dict[int, dict[int, float]] = {user: {} for user in range(300)}
    for user, movie, star in zip(users.tolist(), movies.tolist(), stars.astype(np.float32).tolist(), strict=True):
        histories[user][movie] = star
    for size in (1, 2, 4, 5, 8, 20, 33):
        for _ in range(3):
            picks = rng.choice(40, size, replace=False).tolist()
            assert matcher.best_user(picks) == pytest.approx(naive(histories, picks))


def test_a_film_that_nobody_rated_changes_nothing() -> None:
    ratings = Ratings.from_columns(np.array([1, 2]), np.array([7, 7]), np.array([3, 4], np.float32),
                                   movies=Vocabulary(np.array([7, 8])))  # fmt: skip
    matcher = Matcher(ratings.by_movie, 2)
    assert matcher.best_user([0, 1]) == matcher.best_user([1, 0]) == BestUser(1, 1, 4.0)
    assert matcher.best_user([1]) is None


def test_nobody_matches_no_film_and_no_history() -> None:
    nothing = np.empty(0, np.int64)
    empty = Ratings.from_columns(
        nothing,
        nothing,
        nothing.astype(np.float32),
        users=Vocabulary(np.arange(1, 4)),
        movies=Vocabulary(np.arange(1, 3)),
    )
    matcher = Matcher(empty.by_movie, 3)
    assert matcher.best_user([]) is None
    assert matcher.best_user([0, 1]) is None
