"""Films for several people: the choice beside one that goes through all films, and the answers of the tiny model."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.artifacts.model import without_histories
from reelwise.data.types import Floats
from reelwise.errors import UnknownMovies, UnknownUser, UsageError
from reelwise.models.top_n import normalise
from reelwise.recommend.filters import Filters
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.together import choose_together
from support.files.exports import LETTERBOXD, read
from support.models.tiny_recommender import tiny_model, tiny_model_without_stars, tiny_recommender

TINY = tiny_recommender()
NOTHING = np.empty(0, np.intp)
CRIME: dict[str, Any] = {"name": "Ann", "movies": ["Pulp Fiction"]}
SPACE: dict[str, Any] = {"name": "Bo", "movies": [2571]}


def choose_slowly(fits: Floats, n: int, refused: set[int]) -> list[int]:
    """Every film at every place, by the equation."""
    chosen: list[int] = []
    worth, fits = np.zeros(len(fits)), fits**2
    for place in range(n):
        left = [film for film in range(fits.shape[1]) if film not in refused and film not in chosen]
        value = fits.mean(axis=0)
        if place:
            value = 0.85 * value + 0.15 * fits[np.argmin(worth)]
        chosen.append(max(left, key=lambda film: (value[film], -film)))
        worth += fits[:, chosen[-1]] / np.log2(place + 2)
    return chosen


@given(st.integers(2, 8), st.integers(1, 12), st.integers(0, 10**6))
def test_looking_at_few_films_finds_what_looking_at_all_finds(members: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    fits = rng.random((members, 60)).astype(np.float32)
    refused = rng.choice(60, 20, replace=False)
    assert choose_together(fits, n, refused).tolist() == choose_slowly(fits, n, set(refused.tolist()))


def test_who_has_had_least_is_next() -> None:
    # films 0 to 4 are for the first two, 5 to 9 for the third
    fits = np.full((3, 10), 0.3, np.float32)
    fits[:2, :5], fits[2, 5:] = 0.9, 1.1
    assert choose_together(fits, 4, NOTHING, share=0).tolist() == [0, 1, 2, 3]
    assert choose_together(fits, 4, NOTHING).tolist() == [0, 5, 6, 1]


def test_variety_goes_round_the_kinds() -> None:
    fits = np.tile(np.linspace(1, 0.9, 12, dtype=np.float32), (2, 1))
    kinds = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0)
    alike = choose_together(fits, 3, NOTHING)
    varied = choose_together(fits, 3, NOTHING, diversity=0.9, vectors_of=kinds.__getitem__)
    assert alike.tolist() == [0, 1, 2]
    assert varied.tolist() == [0, 4, 8]


def test_one_is_as_good_as_the_ten_best() -> None:
    scores = np.arange(20, dtype=np.float32)
    assert normalise(scores, np.array([19, 18])).max() == pytest.approx(19 / np.arange(8, 18).mean())
    assert not normalise(-scores, NOTHING).any()  # nothing fits, so this person has no say


def test_neither_what_a_member_has_seen_nor_what_one_names_is_shown() -> None:
    found = TINY.recommend_together([CRIME, {"user": 9}], n=6)
    assert {film.movie_id for film in found} == {1, 593, 7001}  # 9 rated 1196 and 2571, and nobody 7002
    assert [one.name for one in found[0].members] == ["Ann", "member 2"]
    assert [one.source for one in found.members] == ["blend", "known user"]
    assert not TINY.recommend_together([CRIME, SPACE], exclude=[1, 593, 1196], n=1).films[0].title.startswith("Toy")


def test_the_order_of_the_members_makes_no_difference() -> None:
    members = [CRIME, SPACE, {"stars": {1: 5, 7001: 1}}]
    one, other = TINY.recommend_together(members), TINY.recommend_together(members[::-1])
    assert [film.movie_id for film in one] == [film.movie_id for film in other]


def test_a_film_tells_each_what_that_one_would_be_told_alone() -> None:
    together = TINY.recommend_together([CRIME, SPACE], n=3)
    for place, member in enumerate((CRIME, SPACE)):
        alone = {film.movie_id: film for film in TINY.recommend(movies=member["movies"])}
        for film in together:
            told, own = film.members[place], alone[film.movie_id]
            assert (told.predicted_stars, told.stars_margin) == pytest.approx((own.predicted_stars, own.stars_margin))
            assert told.reason == (own.reasons[0] if own.reasons else None)
            assert told.fit > 0


def test_nobody_below_holds_for_everybody() -> None:
    found = TINY.recommend_together([CRIME, SPACE], nobody_below=4)
    assert {film.movie_id for film in found} == {1, 593}
    assert {film.movie_id for film in TINY.recommend_together([CRIME, SPACE])} == {1, 593, 1196, 7001}
    assert not TINY.recommend_together([CRIME, SPACE], nobody_below=4.5)


def test_filters_candidates_and_the_order_by_stars() -> None:
    members = [CRIME, {"movies": ["A Film Without Links"]}]
    assert [film.movie_id for film in TINY.recommend_together(members, filters=Filters(year_max=1990))] == [1196]
    assert [film.movie_id for film in TINY.recommend_together(members, only=[593])] == [593]
    by_stars = TINY.recommend_together(members, rank_by="stars")
    assert [film.movie_id for film in by_stars] == [2571, 1, 593, 1196]
    best = TINY.recommend_together(members, filters=Filters(n=2, diversity=1))
    assert len({film.genres for film in best}) == 2


def test_models_that_know_less() -> None:
    bare = Recommender(without_histories(tiny_model())).recommend_together([CRIME, SPACE])
    assert len(bare) == 4
    by_stars = tiny_recommender(with_taste=False).recommend_together([CRIME, {"user": 8}])
    assert by_stars.films
    assert {one.source for one in by_stars.members} == {"profile", "known user"}
    silent = Recommender(tiny_model_without_stars())
    assert {one.predicted_stars for film in silent.recommend_together([CRIME, SPACE]) for one in film.members} == {None}
    with pytest.raises(UsageError, match="predicts none; leave nobody_below out"):
        silent.recommend_together([CRIME, SPACE], nobody_below=3)


def test_a_member_may_bring_a_history() -> None:
    history = read(LETTERBOXD)
    found = TINY.recommend_together([CRIME, {"history": history}])
    seen = set(TINY.match_history(history).seen)
    assert seen
    assert seen.isdisjoint(film.movie_id for film in found)
    with pytest.raises(UsageError, match="member 2: history says who it is"):
        TINY.recommend_together([CRIME, {"history": history, "movies": [1]}])


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([CRIME], "a group of 1; expected 2 to 8 members"),
        ([CRIME, CRIME], "two members are called 'Ann'"),
        ([CRIME, {"name": "Bo"}], "Bo: name either a user, or at least one film"),
        ([CRIME, {"name": ""}], "the name of a member is a string of 0 characters"),
        ([CRIME, {"film": 1}], "a member has 'film'; choose from name, user, movies"),
        ([CRIME, [1]], "is not a member; expected a dict"),
        ([CRIME, {"stars": {1: 9}}], "member 2: stars: movie 1 has 9, but the rating scale is 0.5 to 5"),
    ],
)
def test_what_is_no_group_is_refused(members: list[Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TINY.recommend_together(members)


def test_what_is_unknown_says_whose_it_is() -> None:
    with pytest.raises(UnknownUser, match="Bo: the model does not know user 77"):
        TINY.recommend_together([CRIME, {"name": "Bo", "user": 77}])
    with pytest.raises(UnknownMovies, match="Bo: no film is called anything like 'Toy Stury Ninety'") as refused:
        TINY.recommend_together([CRIME, {"name": "Bo", "movies": ["Toy Stury Ninety"]}])
    assert refused.value.suggestions == ("Toy Story (1995)",)


def test_as_a_table_and_as_a_frame() -> None:
    found = TINY.recommend_together([CRIME, SPACE], n=1)
    film, note = repr(found).splitlines()
    assert film == "4.00 ± 0.67  4.00 ± 1.65  Silence of the Lambs, The (1991)  (Ann because of Pulp Fiction (1994))"
    assert note == "(Ann: Pulp Fiction matched Pulp Fiction (1994))"
    frame = found.to_polars()
    assert frame["members"].to_list()[0][0]["reason"] == "Pulp Fiction (1994)"
