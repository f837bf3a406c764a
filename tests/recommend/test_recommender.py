import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import without_histories
from reelwise.data.vocabulary import Id
from reelwise.errors import ModelError, UnknownMovie, UnknownMovies, UnknownUser, UsageError
from reelwise.recommend.choices import RankBy
from reelwise.recommend.filters import Filters
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.results import Match, Recommendations
from reelwise.recommend.service import Request
from reelwise.training.pipeline import TrainingSettings, train
from support.checkerboard import checkerboard_dataset
from support.tiny_recommender import FILMS, HISTORIES, tiny_model, tiny_recommender

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
        loved = [film for film in found if film.predicted_stars > 3]
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
    with pytest.raises(UnknownMovie, match="Movie 3 is not in the data set"):
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
        (Request(movies=[1], filters=Filters(n=0)), "n is 0; expected 1 or more"),
        (Request(movies=[1], filters=Filters(novelty=2.0)), "novelty is 2.0; expected a number from 0 to 1"),
        (Request(movies=[1], rank_by="fame"), "rank_by is 'fame'; there are stars and taste"),  # type: ignore[arg-type]
    ],
)
def test_an_invalid_request_is_refused(request_: Request, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TINY.service.recommend(request_)


def test_numbers_of_numpy_are_ids_and_a_text_is_no_list() -> None:
    numbers: Any = [np.int64(296)]
    assert ids(TINY.recommend(movies=numbers)) == ids(TINY.recommend(movies=[296]))
    with pytest.raises(UsageError, match=r"movies is the text 'Alien'; expected a list, such as \['Alien'\]"):
        TINY.recommend(movies="Alien")


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
