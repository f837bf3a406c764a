"""Percentiles to stars."""

from hypothesis import given
from hypothesis import strategies as st

from reelwise.exports.values.scales import percentiles_to_five, to_five

scores = st.lists(st.floats(0, 100), min_size=1, max_size=60)


@given(scores)
def test_higher_scores_never_get_fewer_stars(given_scores: list[float]) -> None:
    stars = percentiles_to_five(given_scores, 100)
    by_score = [star for _, star in sorted(zip(given_scores, stars, strict=True))]
    assert by_score == sorted(by_score)
    assert all(star * 2 == int(star * 2) and 0.5 <= star <= 5 for star in stars)


def test_many_scores_get_stars_as_people_give_them_whatever_the_scale() -> None:
    stars = percentiles_to_five([60 + number / 50 for number in range(1000)], 100)
    assert stars[0] <= 1
    assert stars[500] in (3.5, 4.0)
    assert stars[-1] == 5
    assert 0.1 < sum(star == 5 for star in stars) / len(stars) < 0.2


def test_one_score_is_taken_at_its_word() -> None:
    assert percentiles_to_five([95], 100) == [5.0]
    assert percentiles_to_five([5], 100)[0] <= 2


def test_other_scales_are_stretched() -> None:
    assert [to_five(9, 10), to_five(4, 5), to_five(0.5, 10)] == [4.5, 4.0, 0.25]
