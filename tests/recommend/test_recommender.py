import re
import weakref
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import without_histories
from reelwise.data.vocabulary import Id
from reelwise.errors import ModelError, UnknownMovie, UnknownMovies, UnknownUser, UsageError
from reelwise.recommend.choices import RankBy
from reelwise.recommend.filters import Filters
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.request import Request
from reelwise.recommend.results import Match, Recommendations
from reelwise.training.pipeline import TrainingSettings, train
from support.files.exports import LETTERBOXD, RATINGS, WATCHLIST, read
from support.models.checkerboard import checkerboard_dataset
from support.models.tiny_recommender import FILMS, HISTORIES, tiny_model, tiny_recommender

TINY = tiny_recommender()


@pytest.fixture(scope="module")
def checkerboard() -> Recommender:
    return Recommender(train(checkerboard_dataset(), TrainingSettings(evaluate=False)))


def ids(found: Recommendations) -> list[Id]:
    return [film.movie_id for film in found]


def from_selection(recommender: Recommender, picks: list[int], **options: Any) -> Recommendations:
    """As the fixed path does."""
    defaults: dict[str, Any] = {"strategy": "profile", "rank_by": "stars", "explained": False}
    return recommender.recommend(movies=picks, **defaults | options)


def test_the_best_come_first_and_nothing_that_the_user_rated() -> None:
    found = TINY.recommend(8, rank_by="stars")
    assert ids(found) == [296, 593, 1196, 7001]
    assert [film.predicted_stars for film in found] == [5.0, 4.0, 3.75, 3.0]  # 5.4 is clipped to the scale
    assert found[0].title == FILMS[296][0]
    assert found[0].tmdb_id == 680
    assert found[3].tmdb_id is None


def test_the_margin_is_the_viewers_times_the_films() -> None:
    of_user_8 = {film.movie_id: film.stars_margin for film in TINY.recommend(8)}
    assert of_user_8 == pytest.approx({296: 1.0, 593: 1.0, 1196: 1.1, 7001: 1.5})
    of_user_7 = TINY.recommend(movies=[1, 296, 593], strategy="profile")
    assert {film.movie_id: film.stars_margin for film in of_user_7} == pytest.approx({1196: 0.55, 2571: 0.5})


def test_the_margin_of_a_blend_lies_between_those_of_its_profiles() -> None:
    crime, science_fiction = (TINY.recommend(movies=[pick], n=6) for pick in (593, 1196))  # of users 7 and 9
    margins = [{film.movie_id: film.stars_margin for film in found}[7001] for found in (crime, science_fiction)]
    assert margins[0] is not None
    assert margins[1] is not None
    assert 0.5 * 1.5 < margins[0] < margins[1] < 2.0 * 1.5
    bare = Recommender(without_histories(TINY.model)).popular()
    assert {film.movie_id: film.stars_margin for film in bare}[1] == pytest.approx(0.8 * (5.25 / 3) ** 0.5, rel=0.1)


def test_similar_films_and_models_that_cannot_tell_have_no_margin() -> None:
    assert {film.stars_margin for film in TINY.similar(296)} == {None}
    assert {film.stars_margin for film in tiny_recommender(with_taste=False).popular()} == {None}
    for with_taste in (True, False):
        silent = tiny_recommender(with_taste=with_taste, with_spread=False)
        for found in (silent.recommend(8), silent.recommend(movies=[1]), silent.popular()):
            assert {film.stars_margin for film in found} == {None}


def test_n_is_respected_and_never_filled_up() -> None:
    assert ids(TINY.recommend(8, n=2, rank_by="stars")) == [296, 593]
    assert len(TINY.recommend(7, n=100)) == 6 - len(HISTORIES[7])


@pytest.mark.parametrize("user_id", [1, 10, 2**31 - 1])
def test_an_unknown_user_is_told(user_id: int) -> None:
    with pytest.raises(UnknownUser, match=f"does not know user {user_id}"):
        TINY.recommend(user_id)


def test_matching_counts_then_means_then_ids() -> None:
    assert TINY.match([1, 296, 593]) == Match(7, 3, 13 / 3)
    assert TINY.match([2571]) == Match(9, 1, 4.5)
    assert TINY.match([1, 1, 2571]) == Match(8, 2, 3.5)


def test_unknown_ids_are_ignored_but_not_all_of_them() -> None:
    assert TINY.match([2571, 999_999]) == Match(9, 1, 4.5, (999_999,))
    with pytest.raises(UnknownMovies, match="none of the movie ids 4, 5 is in the data set"):
        TINY.match([4, 5])
    with pytest.raises(UnknownMovies):
        from_selection(TINY, [4])


def test_a_film_that_nobody_rated_matches_nobody() -> None:
    assert TINY.match([7002]) == Match(None, 0, None)
    assert list(from_selection(TINY, [7002])) == []


def test_a_selection_gets_what_its_best_match_would_get_without_the_selection() -> None:
    # user 9 rated 1196 and 2571; user 9's other films are 1, 296, 593, 7001
    assert ids(from_selection(TINY, [1196, 2571])) == [296, 1, 593, 7001]
    # 1 and 7001 match user 7, who rated 1, 296, 593, 7001
    assert ids(from_selection(TINY, [1, 7001])) == [2571, 1196]
    # 1 and 593 match user 7 again; 2571 is picked, too, and stays out though user 7 has not rated it
    assert ids(from_selection(TINY, [1, 2571, 593, 999])) == [1196]


def test_a_strategy_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="strategy is 'magic'"):
        from_selection(TINY, [1], strategy="magic")


def test_every_user_of_the_checkerboard_gets_films_of_the_own_colour(checkerboard: Recommender) -> None:
    for user_id in range(1, 41):
        found = checkerboard.recommend(user_id, n=3)
        assert found, user_id
        loved = [film for film in found if (film.predicted_stars or 0) > 3]
        assert all(film.movie_id % 2 == user_id % 2 for film in loved)


def test_picks_of_one_colour_lead_to_that_colour(checkerboard: Recommender) -> None:
    for picks in ([2, 4, 8], [1, 3, 9]):
        matched = checkerboard.match(picks)
        assert matched.user_id is not None
        assert matched.user_id % 2 == picks[0] % 2
        assert all(film.movie_id % 2 == picks[0] % 2 for film in from_selection(checkerboard, picks, n=2))


def test_searching_films() -> None:
    assert next(film.movie_id for film in TINY.search("the empire strikes back")) == 1196
    assert TINY.service.film(7002).year == 2002
    with pytest.raises(UnknownMovie, match="movie 3 is not in the data set"):
        TINY.service.film(3)


def test_a_written_model_answers_alike(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    opened = Recommender.load(tmp_path / "model")
    assert opened.recommend(8, rank_by="stars") == TINY.recommend(8, rank_by="stars")
    assert opened.match([1, 296]) == TINY.match([1, 296])
    assert replace(opened.description, revision="") == replace(TINY.description, revision="")
    with pytest.raises(ModelError):
        Recommender.load(tmp_path / "nothing")


@pytest.mark.parametrize("rank_by", ["stars", "taste"])
def test_a_plain_list_is_the_detailed_one_without_reasons_and_margins(rank_by: RankBy) -> None:
    detailed = TINY.recommend(8, rank_by=rank_by)
    for _ in range(2):  # the second time it is at hand
        plain = TINY.recommend(8, rank_by=rank_by, explained=False)
        assert plain.films == tuple(
            film._replace(reasons=(), stars_margin=None, score=film.score if rank_by == "taste" else None)
            for film in detailed
        )
    assert len(TINY.recommend(8, n=1, explained=False)) == 1
    without_best = TINY.recommend(8, exclude=[plain[0].movie_id], rank_by=rank_by, explained=False)
    assert without_best.films == plain.films[1:]


def test_a_profile_is_recommended_what_its_user_is_but_no_picks() -> None:
    picks = [1, 2571, 593]  # users 7 and 8 rated two of them each, user 7 with more stars
    of_the_user = [film.movie_id for film in TINY.recommend(7)]
    assert of_the_user == [2571, 1196]
    for explained in (True, False):
        for n in (1, 10):
            found = TINY.recommend(movies=picks, strategy="profile", n=n, explained=explained)
            assert [(film.movie_id, film.source) for film in found] == [(1196, "profile")]


def test_nothing_keeps_a_recommender_that_nobody_uses() -> None:
    recommender = tiny_recommender()
    recommender.recommend(8, explained=False)
    recommender.recommend(movies=[1])
    gone = weakref.ref(recommender)
    del recommender
    assert gone() is None


def test_a_part_of_a_history_is_cut_from_the_whole() -> None:
    whole = TINY.history(7)
    assert [stars for _, stars in whole] == [5.0, 4.0, 4.0, 2.0]
    assert TINY.history(7, limit=2) == whole[:2]
    assert TINY.service.history(7, among=[7001, 1, 2571]) == [whole[0], whole[3]]
    assert TINY.service.history(7, among=[]) == []


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(), "name either a user, or at least one film"),
        (Request(user=7, movies=[1]), "name either a user, or at least one film"),
        (Request(movies=[1], disliked=[1]), "movie id 1 is named both as liked and as disliked"),
        (Request(stars={1: 9.5}), "stars: movie 1 has 9.5, but the rating scale is 0.5 to 5"),
        (Request(movies=[1], filters=Filters(n=0)), "n is 0; expected a whole number, 1 to 100"),
        (Request(movies=[1], filters=Filters(balance=2.0)), "balance is 2.0; expected a number from 0 to 1"),
        (Request(movies=[1], rank_by="fame"), "rank_by is 'fame'; expected stars or taste"),  # type: ignore[arg-type]
    ],
)
def test_an_invalid_request_is_refused(request_: Request, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TINY.service.recommend(request_)


SELECTIONS: list[Any] = [
    [296, 2571],
    (2571, 296),
    {296: 0, 2571: 0}.keys(),
    np.array([296, 2571]),
    np.array([296.0, 2571.0]),
    [np.int64(296), np.uint16(2571)],
    ["Pulp Fiction", "The Matrix"],
    np.array(["Pulp Fiction", "The Matrix"]),
    [296, "the matirx"],
    ["tmdb:680", "tmdb:603"],
    ["296", "2571"],
    pl.Series([296, 2571]),
    (movie for movie in (296, 2571)),
]


@pytest.mark.parametrize("movies", SELECTIONS)
def test_films_are_named_by_ids_titles_and_numbers_elsewhere_in_whatever_holds_them(movies: Any) -> None:
    found = TINY.recommend(movies=movies)
    assert found == TINY.recommend(movies=[296, 2571])
    assert {film.movie_id for film in found.named} == {296, 2571}


SINGLE: list[Any] = [296, np.int64(296), np.array(296), "Pulp Fiction", "tmdb:680"]


def test_one_film_needs_no_list() -> None:
    for one in SINGLE:
        assert ids(TINY.recommend(movies=one)) == ids(TINY.recommend(movies=[296]))


def test_titles_go_wherever_ids_go() -> None:
    by_id = TINY.recommend(stars={1: 5, 296: 1}, movies=[2571], disliked=[593], exclude=[1196])
    by_title = TINY.recommend(
        stars={"Toy Story": 5, "pulp ficton": float(np.float32(1))},
        movies="The Matrix",
        disliked="Silence of the Lambs",
        exclude=["The Empire Strikes Back"],
    )
    assert ids(by_title) == ids(by_id) == [7001]
    assert [(film.given, film.movie_id, film.counts_as) for film in by_title.named] == [
        ("The Matrix", 2571, "like"),
        ("Toy Story", 1, "like"),
        ("Silence of the Lambs", 593, "dislike"),
        ("pulp ficton", 296, "dislike"),
        ("The Empire Strikes Back", 1196, "excluded"),
    ]
    assert ids(TINY.popular(exclude="Toy Story")) == ids(TINY.popular(exclude=[1]))
    assert TINY.match("Toy Story") == TINY.match([1])
    assert ids(TINY.similar("The Matrix")) == ids(TINY.similar(2571)) == ids(TINY.similar("tmdb:603"))
    assert TINY.recommend("7").films == TINY.recommend(np.int64(7)).films == TINY.recommend(7.0).films  # type: ignore[arg-type]


def test_an_answer_tells_what_became_of_each_film_that_was_named() -> None:
    found = TINY.recommend(movies=["matirx", 7002, 999999], stars={1: 3.0}, exclude=[5])
    assert [tuple(film) for film in found.named] == [
        ("matirx", 2571, "Matrix, The (1999)", "like", None),
        (7002, 7002, "A Film That Nobody Rated (2002)", "nothing", "nobody rated it"),
        (1, 1, "Toy Story (1995)", "nothing", "these stars are neither a like nor a dislike"),
    ]
    assert found.unknown_ids == (5, 999999)
    assert found.notes == [
        "matirx matched Matrix, The (1999)",
        "A Film That Nobody Rated (2002) is ignored: nobody rated it",
        "Toy Story (1995) is ignored: these stars are neither a like nor a dislike",
        "not in the data set: 5, 999999",
    ]
    by_profile = TINY.recommend(movies=[1], disliked=[593], strategy="profile")
    assert [film.why for film in by_profile.named] == [None, "only a blend takes dislikes into account"]
    assert [film.why for film in TINY.match([1, 7002]).named] == [None, "nobody rated it"]
    assert [film.why for film in TINY.similar(7002).named] == ["nobody rated it"]


def test_a_title_that_fits_nothing_well_is_no_other_film() -> None:
    with pytest.raises(
        UnknownMovies, match=r"anything like 'Toy Store Wars' \(did you mean .*Toy Story \(1995\)"
    ) as raised:
        TINY.recommend(movies=["The Matrix", "Toy Store Wars", "zzzz"])
    assert "Toy Story (1995)" in raised.value.suggestions
    with pytest.raises(UnknownMovies, match="no film is called anything like '111"):
        TINY.recommend(movies=["1" * 5000])


WHO: list[tuple[dict[str, Any], str]] = [
    ({}, "name either a user, or at least one film"),
    ({"user": 7, "movies": [1]}, "name either a user, or at least one film"),
    ({"user": True}, "user: True is not an id; expected the id of a user"),
    ({"user": [7]}, "user: [7] is not an id"),
    ({"user": 7.5}, "user: 7.5 is not an id"),
    ({"user": -7}, "user: -7 is not an id"),
    ({"movies": [None]}, "movies: None is not an id; expected an id, a title, imdb:tt0114709 or tmdb:862"),
    ({"movies": [True]}, "movies: True is not an id"),
    ({"movies": [1.5]}, "movies: 1.5 is not an id"),
    ({"movies": [-1]}, "movies: -1 is not an id"),
    ({"movies": [float("nan")]}, "movies: nan is not an id"),
    ({"movies": [[1, 2]]}, "movies: [1, 2] is not an id"),
    ({"movies": [b"Alien"]}, "movies: b'Alien' is not an id"),
    ({"movies": ["imdb:Alien"]}, "'imdb:Alien' names no film; expected a number such as imdb:tt0114709"),
    ({"movies": None}, "movies is None; expected a list of ids or titles"),
    ({"movies": {1: 5}}, "movies is of type dict; expected a list of ids or titles"),
    ({"disliked": [None]}, "disliked: None is not an id"),
    ({"movies": [1], "exclude": [None]}, "exclude: None is not an id"),
    ({"stars": [(1, 5)]}, "stars is of type list; expected stars by film, such as {318: 4.5}"),
    ({"stars": pd.DataFrame({1: [5]})}, "stars is of type DataFrame; expected stars by film"),
    ({"movies": pd.DataFrame({1: [5]})}, "movies is of type DataFrame; expected a list of ids or titles"),
    ({"stars": {1: 9.5}}, "stars: movie 1 has 9.5, but the rating scale is 0.5 to 5"),
    ({"stars": {1: 0}}, "stars: movie 1 has 0, but the rating scale is 0.5 to 5"),
    ({"stars": {1: 5.0000001}}, "stars: movie 1 has 5.0000001, but the rating scale is 0.5 to 5"),
    ({"stars": {1: float("nan")}}, "stars: movie 1 has nan, but the rating scale"),
    ({"stars": {1: "5"}}, "stars: movie 1 has '5'; expected a number from 0.5 to 5"),
    ({"stars": {1: None}}, "stars: movie 1 has None; expected a number"),
    ({"stars": {1: 10**400}}, "stars: movie 1 has 1e+300, but the rating scale is 0.5 to 5"),
    ({"stars": {1: True}}, "stars: movie 1 has True; expected a number"),
    ({"stars": {None: 5}}, "stars: None is not an id"),
    ({"stars": {1: 5, "Toy Story": 5}}, "stars: the same film is named twice"),
    ({"movies": [1], "disliked": ["Toy Story"]}, "movie id 1 is named both as liked and as disliked"),
]
LISTS: list[tuple[dict[str, Any], str]] = [
    ({"n": 0}, "n is 0; expected a whole number, 1 to 100"),
    ({"n": -1}, "n is -1; expected a whole number, 1 to 100"),
    ({"n": 2.5}, "n is 2.5; expected a whole number, 1 to 100"),
    ({"n": True}, "n is True; expected a whole number, 1 to 100"),
    ({"n": "5"}, "n is '5'; expected a whole number, 1 to 100"),
    ({"rank_by": "fame"}, "rank_by is 'fame'; expected stars or taste"),
    ({"filters": {"n": 5}}, "filters is of type dict; expected Filters"),
    ({"filters": Filters(n=0)}, "n is 0; expected a whole number, 1 to 100"),
    ({"filters": Filters(balance=2.0)}, "balance is 2.0; expected a number from 0 to 1"),
    ({"filters": Filters(diversity=-0.1)}, "diversity is -0.1; expected a number from 0 to 1"),
    ({"filters": Filters(balance=float("nan"))}, "balance is nan; expected a number from 0 to 1"),
    ({"filters": Filters(balance=np.float64(2))}, "balance is 2.0; expected a number from 0 to 1"),
    ({"filters": Filters(min_ratings=-1)}, "min_ratings is -1; expected a whole number, 0 to 2147483647"),
    ({"filters": Filters(min_ratings=1.5)}, "min_ratings is 1.5; expected a whole number, 0 to 2147483647"),  # type: ignore[arg-type]
    ({"filters": Filters(year_min=99)}, "year_min is 99; expected a year from 1800 to 2200"),
    ({"filters": Filters(year_max="1999")}, "year_max is '1999'; expected a year"),  # type: ignore[arg-type]
    ({"filters": Filters(genres="Crime")}, "genres is 'Crime'; expected names of genres"),  # type: ignore[arg-type]
    ({"filters": Filters(genres=np.array(["Crime", "Drama"]))}, "genres is array"),  # type: ignore[arg-type]
    ({"filters": Filters(year_min=np.array([1999, 2000]))}, "year_min is array"),  # type: ignore[arg-type]
    ({"filters": Filters(genres=("Nonsense",))}, "no film has the genre 'nonsense'"),
]


@pytest.mark.parametrize(("arguments", "message"), WHO)
def test_who_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        TINY.recommend(**arguments)


@pytest.mark.parametrize(("arguments", "message"), LISTS)
def test_what_no_list_can_be_like(arguments: dict[str, Any], message: str) -> None:
    for ask in (partial(TINY.recommend, 7), partial(TINY.recommend, movies=[1]), TINY.popular):
        with pytest.raises(UsageError, match=re.escape(message)):
            ask(**arguments)


def test_how_many_is_checked_wherever_it_is_said() -> None:
    asking: list[tuple[str, Any]] = [
        ("n", partial(TINY.similar, 1)),
        ("n", TINY.starter),
        ("limit", partial(TINY.history, 7)),
        ("limit", partial(TINY.search, "alien")),
    ]
    for name, ask in asking:
        for invalid in (0, -1, 1.5, "3", True):
            with pytest.raises(UsageError, match=f"{name} is {invalid!r}; expected a whole number, 1 to "):
                ask(invalid)
    assert len(TINY.recommend(7, n=100)) == 2
    assert len(TINY.similar(1, 100)) > 0


def test_where_nobody_rated_what_is_named_the_popular_films_will_do_if_asked_for() -> None:
    found = TINY.service.recommend(Request(movies=[7002, 5], or_popular=True))
    assert {film.source for film in found} == {"popular"}
    assert found.unknown_ids == (5,)
    with pytest.raises(UnknownMovies):
        TINY.service.recommend(Request(movies=[5]))


def test_a_match_in_detail_tells_what_is_shared_and_what_else_is_loved() -> None:
    found = TINY.service.match_in_detail([1, 7001, 4])
    assert found.match == Match(7, 2, 3.5, (4,))
    assert [(rated.film.movie_id, rated.stars) for rated in found.shared] == [(1, 5.0), (7001, 2.0)]
    assert [rated.film.movie_id for rated in found.also_loved] == [296, 593]
    assert TINY.service.match_in_detail([7002]).shared == ()


FILMS_LOOKED_UP: list[Any] = [
    1,
    np.int64(1),
    "Toy Story",
    "tmdb:862",
    {"tmdbId": 862},
    {"tmdbId": "862", "title": "Pulp Fiction"},
    {"title": "Toy Story", "year": 1996},
    {"imdbId": "tt0000007", "title": "toy stroy"},
]


def test_films_are_looked_up_by_whatever_is_known_of_them() -> None:
    found = TINY.resolve(FILMS_LOOKED_UP)
    assert [one.film and one.film.movie_id for one in found] == [1] * len(FILMS_LOOKED_UP)
    assert [one.by for one in found] == ["id", "id", "title", "tmdb", "tmdb", "tmdb", "title", "title"]
    (missed,) = TINY.resolve({"title": "Toy Story", "year": 2010})
    assert (missed.film, missed.by) == (None, None)
    assert [film.movie_id for film in missed.nearest] == [1]
    assert TINY.resolve([5, "tmdb:1"]) == [(None, None, ())] * 2


@pytest.mark.parametrize(
    ("film", "message"),
    [
        (None, "films: None is not an id"),
        (-1, "films: -1 is not an id"),
        ({}, "{} names no film; expected some of imdbId, tmdbId and title"),
        ({"year": 1995}, "names no film"),
        ({"title": "Heat", "director": "Mann"}, "names no film"),
        ({"title": 5}, "title is 5; expected a title"),
        ({"title": "Heat", "year": "1995"}, "year is '1995'; expected a year from 1800 to 2200"),
        ({"imdbId": "Heat"}, "'imdb:Heat' names no film"),
    ],
)
def test_what_says_nothing_of_a_film(film: Any, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        TINY.resolve([film])


def test_nobody_matches_no_films() -> None:
    with pytest.raises(UsageError, match="name at least one film"):
        TINY.match([])


def test_a_history_out_of_a_file_says_who_it_is() -> None:
    history = read(LETTERBOXD)  # loves Pulp Fiction, not The Matrix, likes Toy Story, wants to see another
    found = TINY.recommend(history=history, n=10)
    assert {film.movie_id: film.counts_as for film in found.named if film.counts_as in {"like", "dislike"}} == {
        296: "like", 1: "like", 2571: "dislike"
    }  # fmt: skip
    assert set(ids(found)) == {593, 1196, 7001}  # what is on the watchlist may come
    matched = TINY.match_history(history)
    assert ids(TINY.recommend(history=matched, n=10)) == ids(found)
    assert ids(TINY.recommend(history=matched, exclude=[593], n=10)) == [one for one in ids(found) if one != 593]


def test_a_history_without_an_opinion_and_one_beside_films_are_refused() -> None:
    with pytest.raises(UsageError, match="says what was watched or listed, but not what is thought of it"):
        TINY.recommend(history=read(WATCHLIST, "watchlist.csv"))
    for more in ({"user": 7}, {"movies": [1]}, {"stars": {1: 5}}, {"disliked": "Alien"}):
        with pytest.raises(UsageError, match="history says who it is"):
            TINY.recommend(history=read(RATINGS), **more)
    with pytest.raises(UsageError, match="expected what read_history returns"):
        TINY.recommend(history="letterboxd.zip")  # type: ignore[arg-type]
