"""What every model keeps to when it is asked by ids, on the checkerboard: even users like even movies."""

import inspect
import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from reelwise.data.dataset import Dataset
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import ModelError, UnknownMovie, UnknownUser, UsageError
from reelwise.models.base import Estimator, RatingPredictor
from reelwise.models.queries import Queries
from reelwise.models.registry import MODELS, model_class
from support.models.checkerboard import checkerboard, checkerboard_dataset
from support.models.small_models import IMPERSONAL, new_model

USERS, MOVIES = 60, 50
BOARD = checkerboard(USERS, MOVIES, share=0.6)
DATA = replace(
    checkerboard_dataset(USERS, MOVIES), ratings=replace(BOARD, times=np.arange(len(BOARD)) * 86_400_000_000)
)
BY_USER = {
    user: set(DATA.ratings.movies.at(DATA.ratings.by_user[row][0])) for row, user in enumerate(DATA.ratings.users)
}

WRONG: list[Any] = [None, "many", True, [], float("nan"), -1]

each_model = pytest.mark.parametrize("name", MODELS)
each_personal_model = pytest.mark.parametrize("name", [name for name in MODELS if name not in IMPERSONAL])
each_rating_model = pytest.mark.parametrize("name", ["matrix-factorization", "biases"])


@cache
def fitted(name: str) -> Any:
    """A model fitted to the board; tests leave it as it is."""
    return new_model(name).fit(DATA)


def with_string_ids(dataset: Dataset) -> Dataset:
    """The same ratings by users u01, u02, …, of movies m01, m02, …"""
    ratings = dataset.ratings
    users, movies = (
        Vocabulary.of([f"{letter}{one:02}" for one in vocabulary])
        for letter, vocabulary in (("u", ratings.users), ("m", ratings.movies))
    )
    return replace(dataset, ratings=replace(ratings, users=users, movies=movies))


@each_model
def test_a_data_set_teaches_the_same_as_its_rows(name: str) -> None:
    everybody = Queries.of_users(np.arange(USERS))
    by_rows = new_model(name).fit(DATA.ratings.interactions(timed=True))
    np.testing.assert_array_equal(fitted(name).score(everybody), by_rows.score(everybody))


@each_model
def test_the_ratings_are_referred_to_and_not_copied(name: str) -> None:
    known = fitted(name).require_ids()
    assert known.by_user is DATA.ratings.by_user
    assert known.users is DATA.ratings.users


@each_model
def test_recommendations_are_the_best_scores_without_what_the_user_rated(name: str) -> None:
    model, users = fitted(name), [7, 3, 60]
    found = model.recommend(users, n=5)
    scores = model.score(Queries.of_users(np.array(users) - 1))
    for row, user in enumerate(users):
        own = [one for one in found if one.user == user]
        assert [one.rank for one in own] == [1, 2, 3, 4, 5]
        best = max(scores[row, movie - 1] for movie in set(range(1, MOVIES + 1)) - BY_USER[user])
        assert own[0].score == best
        assert sorted(one.score for one in own)[::-1] == [one.score for one in own]
        assert not BY_USER[user] & {one.movie for one in own}
    assert [one.user for one in found[::5]] == users


@each_model
def test_a_list_ends_where_movies_do(name: str) -> None:
    found = fitted(name).recommend(1, n=10**9)
    assert sorted(one.movie for one in found) == sorted(set(range(1, MOVIES + 1)) - BY_USER[1])


@each_personal_model
def test_known_users_and_newcomers_get_their_own_colour_first(name: str) -> None:
    model = fitted(name)
    assert all(one.movie % 2 == one.user % 2 for one in model.recommend([1, 2, 3, 4], n=3))
    assert [one.movie % 2 for one in model.fold_in({1: 5, 5: 5, 11: 5}).recommend(3)] == [1, 1, 1]
    assert [one.movie % 2 for one in model.fold_in({2: 5, 4: 4.5}).recommend(3)] == [0, 0, 0]


@each_model
def test_newcomers_get_nothing_that_they_named_and_leave_the_model_as_it_is(name: str) -> None:
    model = fitted(name)
    before = model.recommend(1, n=3)
    newcomer = model.fold_in({1: 5, 2: 1})
    assert newcomer.history == {1: 5, 2: 1}
    assert not {1, 2} & {one.movie for one in newcomer.recommend(MOVIES)}
    assert model.recommend(1, n=3) == before


@each_model
def test_movies_that_nobody_rated_are_never_recommended(name: str) -> None:
    is_other = DATA.ratings.by_user.indices != 6  # which stays in the vocabulary, without ratings
    silent = replace(DATA, ratings=DATA.ratings.where(is_other))
    model = new_model(name).fit(silent)
    assert 7 not in [one.movie for one in model.recommend([1, 2], n=MOVIES)]
    assert 7 not in [one.movie for one in model.fold_in({1: 5}).recommend(MOVIES)]


@each_model
def test_ids_come_back_as_they_went_in(name: str) -> None:
    model = new_model(name).fit(with_string_ids(DATA))
    found, numbered = model.recommend(["u03", "u60"], n=4), fitted(name).recommend([3, 60], n=4)
    assert [(one.user, one.movie) for one in found] == [(f"u{one.user:02}", f"m{one.movie:02}") for one in numbered]
    with pytest.raises(UnknownUser, match=r"user 3 is not among .*; ids of users are strings there, such as 'u01'"):
        model.recommend(3)


@pytest.mark.parametrize("users", [[1, 2], np.array([1, 2]), np.array([1, 2], np.uint8), (1, 2), {1: "", 2: ""}])
def test_any_number_of_ids_are_taken_in_any_form(users: Any) -> None:
    assert fitted("popularity").recommend(users, n=3) == fitted("popularity").recommend([1, 2], n=3)
    assert fitted("popularity").recommend(np.int64(1), n=3) == fitted("popularity").recommend(1, n=3)
    assert len(fitted("popularity").recommend([], n=3)) == 0


@each_model
def test_what_is_unknown_is_refused_and_never_taken_for_something_else(name: str) -> None:
    model = fitted(name)
    for users in (61, -1, [1, 999], 2**40):
        with pytest.raises((UnknownUser, UsageError)):
            model.recommend(users)
    with pytest.raises(UnknownUser, match="user 61, 62, 63, 64, 65 and 5 more are not among"):
        model.recommend(range(61, 71))
    with pytest.raises(UnknownMovie, match="movie 51 is not among the ratings"):
        model.fold_in({1: 5, 51: 4})
    for wrong in ("1", None, 1.0, [1, "2"], ["1"], [True]):
        with pytest.raises((UnknownUser, UsageError)):
            model.recommend(wrong)


@each_model
@pytest.mark.parametrize("n", [0, -1, 2.5, "3", True, None])
def test_how_many_must_be_a_whole_number_from_one(name: str, n: Any) -> None:
    with pytest.raises(UsageError, match=r"n is .*; expected a whole number from 1"):
        fitted(name).recommend(1, n=n)
    with pytest.raises(UsageError, match=r"n is .*; expected a whole number from 1"):
        fitted(name).fold_in({1: 5}).recommend(n)


@pytest.mark.parametrize("stars", [9.5, 0, -1, float("nan"), float("inf"), "5", None, True])
def test_stars_off_the_scale_are_refused(stars: Any) -> None:
    with pytest.raises(UsageError, match=r"the stars of 1 are .*; expected a number from 0.5 to 5"):
        fitted("biases").fold_in({1: stars})


def test_a_history_names_stars() -> None:
    with pytest.raises(UsageError, match=r"expected movies with stars, such as \{1214: 5\}"):
        fitted("biases").fold_in([1, 2])


@each_model
def test_what_counts_for_nothing_is_said(name: str) -> None:
    model = fitted(name)
    assert model.fold_in({1: 5, 3: 4}).remarks == ()
    remarks = model.fold_in({1: 5, 3: 3.5}).remarks
    likes_alone = f"{name} learns from likes, 4 stars and more; 3 is only left out of lists"
    assert remarks == ((likes_alone,) if model.learns_from_likes else ())
    assert not model.learns_from_likes or likes_alone in repr(model.fold_in({1: 5, 3: 3.5}).recommend(2))


def test_a_movie_that_nobody_rated_says_nothing_of_a_newcomer() -> None:
    silent = replace(DATA, ratings=DATA.ratings.where(DATA.ratings.by_user.indices != 6))
    assert new_model("biases").fit(silent).fold_in({7: 5, 1: 4}).remarks == (
        "nobody rated 7 in training, so that says nothing",
    )


@each_model
def test_help_shows_every_hyper_parameter_with_its_default(name: str) -> None:
    kind = model_class(name)
    shown = {parameter.name: parameter.default for parameter in inspect.signature(kind).parameters.values()}
    assert vars(kind.config_type()).items() <= shown.items()
    assert "hyperparameters" not in shown


@each_model
def test_whoever_checks_types_sees_every_hyper_parameter(name: str) -> None:
    kind = model_class(name)
    named = get_type_hints(kind.__init__).get("hyperparameters", Any)
    declared = get_type_hints(get_args(named)[0]) if named is not Any else {}
    assert declared == get_type_hints(kind.config_type)


@each_model
def test_a_wrong_name_is_told_the_right_one(name: str) -> None:
    for known in get_type_hints(model_class(name).config_type):
        with pytest.raises(UsageError, match=f"has no hyper-parameter '{known}_'; did you mean {known}"):
            model_class(name)(**{f"{known}_": 1})


@each_model
def test_fit_refuses_an_option_that_there_is_not(name: str) -> None:
    for known in [*inspect.signature(new_model(name).fit_rows).parameters][1:] or ["start"]:
        mistaken = dict[str, Any]({f"{known}_": 1})
        wanted = rf"\.fit has no option '{known}_'; (did you mean {known}\?|there are none)"
        with pytest.raises(UsageError, match=wanted):
            new_model(name).fit(DATA, **mistaken)


@each_model
def test_a_model_that_knows_rows_alone_is_not_asked_by_ids(name: str) -> None:
    model: Any = new_model(name)
    for ask, question in ((model.recommend, 1), (model.fold_in, {1: 5}), (model.save, "nowhere")):
        with pytest.raises(UsageError, match="knows no ids; fit it to a Dataset first"):
            ask(question)
    model.fit(DATA).recommend(1)
    model.fit(DATA.ratings.interactions(timed=True))
    with pytest.raises(UsageError, match="knows no ids"):
        model.recommend(1)


@each_model
def test_what_is_no_data_set_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"fit takes a Dataset, not dict; Dataset.from_frame makes one"):
        new_model(name).fit({"user": [1]})  # type: ignore[arg-type]
    nothing = DATA.ratings.interactions().where(np.zeros(len(DATA.ratings), np.bool_))
    with pytest.raises(UsageError, match="there are no ratings to learn from"):
        new_model(name).fit(nothing)


@each_model
def test_a_saved_model_answers_as_before(name: str, tmp_path: Path) -> None:
    model = fitted(name)
    model.save(tmp_path / "one")
    for loaded in (type(model).load(str(tmp_path / "one")), Estimator.load(tmp_path / "one")):
        assert type(loaded) is type(model)
        assert loaded.config == model.config
        assert [getattr(loaded, option) for option in model.options] == [
            getattr(model, option) for option in model.options
        ]
        assert repr(loaded) == repr(model)
        assert loaded.recommend([5, 6]) == model.recommend([5, 6])
        assert loaded.fold_in({3: 5}).recommend(3) == model.fold_in({3: 5}).recommend(3)
    Estimator.load(tmp_path / "one").save(tmp_path / "one")  # in its own place
    assert Estimator.load(tmp_path / "one").recommend(9) == model.recommend(9)


@each_model
def test_a_pickled_model_answers_as_before(name: str) -> None:
    model = fitted(name)
    model.fold_in({1: 5}).recommend(1)  # whatever is worked out on the way is not in the way
    assert pickle.loads(pickle.dumps(model)).recommend([5, 6]) == model.recommend([5, 6])


@each_model
def test_hyper_parameters_are_named_and_checked(name: str) -> None:
    kind = model_class(name)
    with pytest.raises(UsageError, match=f"^{name} has no hyper-parameter 'factorz'"):
        kind(factorz=3)
    for parameter, value in vars(kind.config_type()).items():
        for wrong in WRONG[(value is None) :]:  # which is a value of its own where the data decide
            with pytest.raises(UsageError, match=parameter):
                kind(**{parameter: wrong})
        given = np.int64(value) if isinstance(value, int) else value
        assert getattr(kind(**{parameter: given}).config, parameter) == value


@each_rating_model
def test_predictions_are_those_of_the_rows_in_the_order_asked(name: str) -> None:
    model, pairs = fitted(name), [(60, 1), (1, 50), (1, 1)]
    found = model.predict(pairs)
    assert [(one.user, one.movie) for one in found] == pairs
    users, movies = (np.array(ids) - 1 for ids in zip(*pairs, strict=True))
    np.testing.assert_array_equal(found.column("stars"), model.predict_rows(users, movies))
    assert found.unknown_users == found.unknown_movies == 0


@each_rating_model
def test_unknown_users_and_movies_are_predicted_from_the_rest_and_counted(name: str) -> None:
    model = fitted(name)
    assert isinstance(model, RatingPredictor)
    every_user = np.mean([one.stars for one in model.predict([(user, 4) for user in range(1, USERS + 1)])])
    found = model.predict([(999, 4), (2, 999), (999, 999), (2, 4)])
    assert found[0].stars == pytest.approx(every_user, abs=0.6)
    assert found[2].stars == pytest.approx(DATA.ratings.mean_stars(), abs=0.1)
    assert (found.unknown_users, found.unknown_movies) == (2, 2)
    assert [one.std for one in found[:3]] == [None, None, None]
    assert "2 of 4 pairs have a user that the model does not know" in repr(found)


@each_rating_model
def test_a_data_set_and_a_frame_are_pairs_too(name: str) -> None:
    import polars as pl

    model, frame = fitted(name), DATA.to_polars()
    expected = model.predict(list(zip(frame["user"], frame["movie"], strict=True)))
    assert model.predict(DATA) == expected
    assert model.predict(frame) == expected
    assert expected.to_polars().select("user", "movie").equals(frame.select("user", "movie"))
    assert model.predict(frame.rename({"user": "userId", "movie": "item_id"}).to_arrow()) == expected
    with pytest.raises(UsageError, match="no column for the movie among 'user', 'x'; call its columns user and movie"):
        model.predict(pl.DataFrame({"user": [1], "x": [1]}))


@each_rating_model
def test_pandas_is_taken_and_given(name: str) -> None:
    pandas = pytest.importorskip("pandas")
    found = fitted(name).predict(pandas.DataFrame({"user": [3, 1], "movie": [2, 5], "more": ["a", "b"]}))
    assert found == fitted(name).predict([(3, 2), (1, 5)])
    assert found.to_pandas()["movie"].tolist() == [2, 5]
    assert fitted(name).recommend(pandas.Series([3, 1]), n=2) == fitted(name).recommend([3, 1], n=2)


def test_whole_numbers_that_a_frame_keeps_as_floats_are_ids() -> None:
    model = fitted("popularity")
    assert model.recommend(np.array([1.0, 2.0]), n=3) == model.recommend([1, 2], n=3)
    for users, message in (([1.0, 2.5], "row 2 has 2.5, which cannot be an id"), ([1.0, np.nan], "row 2 has no id")):
        with pytest.raises(UsageError, match=message):
            model.recommend(np.array(users), n=3)


@each_rating_model
@pytest.mark.parametrize("pairs", [[1, 2], 7, None, "ab", ["ab", "cd"], [(1, 2, 3)], [(1, None)], [(1.5, 2)]])
def test_what_is_no_pair_is_refused(name: str, pairs: Any) -> None:
    with pytest.raises(UsageError, match="expected"):
        fitted(name).predict(pairs)


@each_model
def test_only_a_model_of_stars_predicts_for_newcomers(name: str) -> None:
    newcomer = fitted(name).fold_in({1: 5, 2: 1, 3: 5, 4: 1})
    if not isinstance(fitted(name), RatingPredictor):
        with pytest.raises(UsageError, match=f"{name} ranks movies and predicts no stars"):
            newcomer.predict([5])
        return
    found = newcomer.predict([5, 6])
    assert [one.movie for one in found] == [5, 6]
    assert all(DATA.ratings.scale.low <= one.stars <= DATA.ratings.scale.high for one in found)
    with pytest.raises(UnknownMovie, match="movie 999 is not among"):
        newcomer.predict([5, 999])


@pytest.mark.parametrize("name", ["matrix-factorization", "weighted-als", "EASE"])
def test_similar_movies_are_of_the_same_colour(name: str) -> None:
    found = fitted(name).similar(8, n=5)
    assert [one.rank for one in found] == [1, 2, 3, 4, 5]
    assert all(one.movie % 2 == 0 and one.movie != 8 for one in found)
    assert all(one.score <= 1 for one in found)
    with pytest.raises(UnknownMovie, match="movie 99 is not among"):
        fitted(name).similar(99)


@pytest.mark.parametrize("name", ["popularity", "biases"])
def test_a_model_without_likeness_says_so(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} does not say which movies are alike"):
        fitted(name).similar(8)


@pytest.mark.parametrize("name", ["matrix-factorization", "weighted-als"])
def test_newcomers_have_an_embedding_where_the_model_has_vectors(name: str) -> None:
    model = fitted(name)
    assert model.fold_in({1: 5}).embedding.shape == (model.Q.shape[1],)
    with pytest.raises(UsageError, match="popularity has no vectors"):
        _ = fitted("popularity").fold_in({1: 5}).embedding


def test_validation_ratings_tell_how_sure_predictions_are() -> None:
    train, validation = DATA.split_ratings(test=0.1, seed=1)
    model = new_model("matrix-factorization").fit(train, validation=validation)
    assert all(one.std > 0 for one in model.predict(validation))  # type: ignore[attr-defined]
    share: Any = new_model("matrix-factorization").fit(DATA, validation=0.1)
    assert all(one.std > 0 for one in share.predict(DATA))
    assert not BY_USER[1] & {one.movie for one in share.recommend(1, n=MOVIES)}
    for wrong in (0, 1, 1.5, float("nan"), -0.1, True, "x", [1]):
        with pytest.raises(UsageError, match=r"validation is .*; expected a share of the ratings above 0 and below 1"):
            new_model("matrix-factorization").fit(DATA, validation=wrong)
    with pytest.raises(UsageError, match="too few ratings to hold some out for validation"):
        new_model("matrix-factorization").fit(DATA, validation=1e-6)
    unsure = fitted("matrix-factorization").predict([(1, 1)])
    assert unsure[0].std is None
    assert "fit(train, validation=0.05)" in repr(unsure)
    strange = with_string_ids(validation)
    with pytest.raises(UsageError, match=r"are by users or of movies that .* does not have"):
        new_model("matrix-factorization").fit(train, validation=strange)


@each_rating_model
def test_implicit_feedback_has_no_stars_to_learn(name: str) -> None:
    with pytest.raises(UsageError, match=r"has no stars for .* to learn; fit a model that ranks"):
        new_model(name).fit(replace(DATA, implicit=True))


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ModelError, match="this folder holds something other than an estimator"):
        fitted("popularity").save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(ModelError, match="there is no estimator"):
        Estimator.load(tmp_path)
    with pytest.raises(ModelError, match="there is no estimator"):
        Estimator.load(tmp_path / "missing")


def test_a_model_of_another_class_is_not_loaded(tmp_path: Path) -> None:
    fitted("popularity").save(tmp_path / "popularity")
    with pytest.raises(ModelError, match="Biases does not read models called popularity; load it by its own class"):
        model_class("biases").load(tmp_path / "popularity")


@pytest.mark.parametrize("fault", ["missing", "short", "rows", "no json", "options", "scale"])
def test_a_broken_folder_is_one_model_error(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    fitted("weighted-als").save(folder)
    json = folder / "estimator.json"
    if fault == "missing":
        (folder / "ranking_Q.npy").unlink()
    elif fault == "short":
        np.save(folder / "user_ids.npy", np.arange(1, USERS))
    elif fault == "rows":
        np.save(folder / "ranking_P.npy", np.load(folder / "ranking_P.npy")[:3])
    elif fault == "no json":
        json.write_text("[" * 100_000)
    elif fault == "options":
        json.write_text(json.read_text().replace('"factors": 4', '"factors": -4'))
    else:
        json.write_text(json.read_text().replace("0.5,", "7.5,"))
    with pytest.raises(ModelError, match=str(folder)):
        Estimator.load(folder)


@pytest.mark.parametrize(
    ("model", "name", "change"),
    [
        ("weighted-als", "ranking_profile_users", lambda array: array - 1),
        ("weighted-als", "ranking_profile_partition", lambda array: -array),
        ("weighted-als", "ranking_likers_profiles", lambda array: array + 1),
        ("weighted-als", "ranking_likers_offsets", lambda array: array[::-1]),
        ("weighted-als", "ranking_fame", lambda array: array * 0),
        ("matrix-factorization", "rating_scaling", lambda array: array * 0),
        ("EASE", "ease_likes_offsets", lambda array: array[::-1]),
        ("linear-for-n", "linear_films", lambda array: array + 100),
    ],
)
def test_an_array_of_impossible_numbers_is_named(
    model: str, name: str, change: Callable[[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    fitted(model).save(tmp_path / "model")
    path = tmp_path / "model" / f"{name}.npy"
    np.save(path, change(np.load(path)))
    with pytest.raises(ModelError, match=str(path)):
        Estimator.load(tmp_path / "model")


@pytest.mark.parametrize("name", ["popularity", "popular-lately", "EASE", "user-kNN"])
def test_models_of_likes_refuse_ratings_without_any(name: str) -> None:
    lukewarm = DATA.ratings.interactions(timed=True).with_stars(np.full(len(BOARD), 3, np.float32))
    with pytest.raises(UsageError, match=r"no rating reaches 4 stars on the scale of 0\.5 to 5"):
        new_model(name).fit(lukewarm)


def test_of_implicit_feedback_somebody_new_just_names_movies() -> None:
    model = new_model("weighted-als").fit(replace(DATA, implicit=True))
    watched = model.fold_in([2, 4])
    assert watched.remarks == ()
    assert watched.recommend(3) == model.fold_in({2: 1, 4: 1}).recommend(3)
    assert watched.recommend(3) == fitted("weighted-als").fold_in({2: 5, 4: 5}).recommend(3)
    with pytest.raises(UsageError, match="expected movies with stars"):
        model.fold_in("24")


def test_predictions_for_ids_of_another_kind_say_of_which_kind_ids_are() -> None:
    (remark,) = fitted("biases").predict([("1", 2), ("3", 4)]).remarks[:1]
    assert "2 of 2 pairs have a user that the model does not know" in remark
    assert remark.endswith("ids of users are whole numbers there, such as 1")


def test_a_user_without_ratings_is_named_as_the_data_do() -> None:
    ratings = DATA.ratings.where(DATA.ratings.interactions().users != 0)
    with pytest.raises(UnknownUser, match="user 1 has no rating"):
        new_model("popularity").fit(replace(DATA, ratings=ratings)).recommend([1])


def test_a_weighted_als_can_be_pickled_that_was_asked() -> None:
    model: Any = new_model("weighted-als").fit(DATA)
    vector = model.blend.select([1, 2]).vector
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.blend.select([1, 2]).vector, vector)
