"""People with some ratings given: who they are, which come first, and how good a list is for them."""

import numpy as np

from reelwise.evaluation.validation.people import HeldOutPerson, draw_people, halve, measure_list
from support.models.checkerboard import checkerboard

RATINGS = checkerboard(users=40, movies=60, share=0.5).interactions()
EVERYBODY = np.arange(40)


def test_what_is_given_and_what_is_left_are_all_that_somebody_rated() -> None:
    people = list(draw_people(RATINGS, EVERYBODY, 8, seed=1))
    counts = RATINGS.counts_by_user()
    assert [person.user for person in people] == np.flatnonzero(counts >= 18).tolist()
    for person in people:
        assert len(person.movies) == len(person.stars) == 8
        own = RATINGS.users == person.user
        both = dict(zip([*person.movies, *person.rest], [*person.stars, *person.rest_stars], strict=True))
        assert both == dict(zip(RATINGS.movies[own], RATINGS.stars[own], strict=True))


def test_chance_decides_by_the_seed_and_more_are_the_same_and_others() -> None:
    first, again, other = (next(draw_people(RATINGS, EVERYBODY, 8, seed=seed)) for seed in (1, 1, 2))
    assert first.movies.tolist() == again.movies.tolist() != other.movies.tolist()
    assert next(draw_people(RATINGS, EVERYBODY, 4, seed=1)).movies.tolist() == first.movies[:4].tolist()


def test_in_the_order_of_time_the_oldest_are_given() -> None:
    times = np.arange(len(RATINGS))[::-1].astype(np.int64)
    for person in draw_people(RATINGS, EVERYBODY, 8, seed=1, times=times):
        assert person.movies.tolist() == RATINGS.movies[RATINGS.users == person.user][::-1][:8].tolist()


def test_half_of_each_is_held_out() -> None:
    held_out, people = halve(RATINGS, np.array([3, 5]), seed=1)
    assert held_out.sum() == sum(len(person.rest) for person in people)
    assert set(RATINGS.users[held_out].tolist()) == {3, 5}
    for person in people:
        assert len(person.rest) - len(person.movies) in (0, 1)
        left = RATINGS.movies[held_out & (RATINGS.users == person.user)]
        assert sorted(person.rest.tolist()) == left.tolist()


def test_a_list_is_as_good_as_its_likes_stand_high_and_what_is_given_is_never_on_it() -> None:
    person = HeldOutPerson(0, np.array([0]), np.array([5.0]), np.array([1, 2, 3]), np.array([5.0, 1.0, 4.0]))
    scores = np.zeros(30, np.float32)
    scores[[0, 1, 3]] = 3, 2, 1
    assert measure_list(scores, person, RATINGS.scale) == 1
    scores[2] = 5  # a dislike comes first
    gains = 1 / np.log2([2, 3, 4])
    assert np.isclose(measure_list(scores, person, RATINGS.scale), (gains[1] + gains[2]) / (gains[0] + gains[1]))
    assert measure_list(-scores, person, RATINGS.scale) == 0
