"""A legacy model read, written and refreshed says what the early project's code says; a broken one is refused."""

import csv
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.config import Config, DataSource, ModelCounts, RatingModelInfo
from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model, without_histories
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.digest import sha256_of
from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import DataError, ModelError, UsageError
from reelwise.legacy.files import (
    EARLY_PROJECT,
    LegacyFiles,
    read_legacy_model,
    refresh_legacy_files,
    write_legacy_files,
)
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from support.files.legacy import (
    MOVIE_IDS,
    RATINGS,
    USER_IDS,
    P,
    Q,
    legacy_mappings,
    legacy_recommendations,
    make_legacy_files,
)
from support.hostile.arrays import HOSTILE_ARRAYS, Bomb
from support.models.tiny_recommender import tiny_model

FILES = {"model_P.npy", "model_Q.npy", "model_mappings.pkl", "movies.csv"}
HEADER = "userId,movieId,rating,timestamp\n"


def refusal(files: LegacyFiles) -> str:
    with pytest.raises(ModelError) as caught:
        read_legacy_model(files)
    message = str(caught.value)
    assert "\n" not in message
    return message


def histories(ratings: Ratings) -> dict[int, dict[int, float]]:
    """User id → movie id → stars."""
    found: dict[int, dict[int, float]] = {}
    for row, user in enumerate(ratings.users.at(slice(None))):
        movies, stars = ratings.by_user[row]
        if len(movies):
            found[user] = dict(zip(ratings.movies.at(movies), stars.tolist(), strict=True))
    return found


def kept_histories(model: Model) -> dict[int, dict[int, float]]:
    assert model.histories is not None
    return histories(model.histories)


def exact_model() -> Model:
    """A model with more films than a list shows, whose predictions are exact in float32: they cannot be rounded apart.

    Some predictions are equal, and some lie off the scale.
    """
    rng = np.random.default_rng(5)
    users, movies = (np.sort(rng.choice(5000, count, replace=False) + 1) for count in (12, 40))
    seen = rng.random((12, 40)) < 0.3
    seen[0] = False  # the first user rated nothing
    user_rows, movie_rows = np.nonzero(seen)
    stars = rng.integers(1, 11, len(user_rows)) / 2
    catalogue = Catalogue.of(
        Movie(int(movie), f"Film, number {movie}", ("Drama",) if movie % 2 else (), None, 7 if movie % 3 else None)
        for movie in [*movies, 6000]
    )
    histories = Ratings.from_columns(
        users[user_rows],
        movies[movie_rows],
        stars.astype(np.float32),
        users=Vocabulary(users),
        movies=catalogue.movies,
    )
    source = DataSource(name="exact", sha256="0" * 64)
    rating = MatrixFactorization()
    rating.P = (rng.integers(0, 9, (12, 3)) / 4).astype(np.float32)
    rating.Q = np.vstack([rng.integers(-1, 6, (40, 3)) / 4, np.zeros((1, 3))]).astype(np.float32)
    return Model(
        config=Config(
            reelwise_version="0",
            dataset=source,
            histories=source,
            counts=ModelCounts(users=12, movies=41, rated_movies=40, ratings=len(histories)),
            rating_scale=MOVIELENS_SCALE,
            rating_model=RatingModelInfo(),
            seed=0,
            trained_at="2026-01-01T00:00:00+00:00",
        ),
        metrics=None,
        users=Vocabulary(users),
        catalogue=catalogue,
        rating=rating,
        ranking=None,
        histories=histories,
        fitted=np.arange(41) < 40,
        stats=MovieStats.measure(histories.by_movie),
    )


# --- reading ---


def test_a_legacy_model_is_read(tmp_path: Path) -> None:
    files = make_legacy_files(tmp_path / "old")
    model = read_legacy_model(files, Catalogue.of([Movie(10, "Heat (1995)"), Movie(77, "Alien (1979)")]))
    assert list(model.users) == [3, 7, 9, 20]
    assert model.movies.at(np.flatnonzero(model.fitted)) == [10, 30, 40, 50]
    assert kept_histories(model) == {3: {10: 2.0, 50: 4.5}, 7: {30: 3.0, 50: 0.5}, 20: {10: 5.0}}
    for read, written in ((model.rating.P, P), (model.rating.Q[model.fitted], Q)):
        assert read.dtype == np.float32
        np.testing.assert_array_equal(read, written)
    assert [movie.title for movie in model.catalogue] == [
        "Heat (1995)", "Movie 30", "Movie 40", "Movie 50", "Alien (1979)"
    ]  # fmt: skip
    config = model.config
    assert (
        config.dataset == config.histories == DataSource(name="old", sha256=sha256_of(files.mappings), movielens=False)
    )
    assert config.counts == ModelCounts(users=4, movies=5, rated_movies=4, ratings=5)
    assert config.rating_model == RatingModelInfo(engine="legacy")
    assert read_legacy_model(files, name="mine").config.dataset.name == "mine"


def test_ratings_are_movielens_where_the_folder_says_so(tmp_path: Path) -> None:
    files = make_legacy_files(tmp_path / "old")
    assert read_legacy_model(files, name=EARLY_PROJECT).config.dataset.movielens
    (tmp_path / "old" / "README.txt").write_text("MovieLens, by GroupLens")
    assert read_legacy_model(files).config.dataset.movielens


def test_simulated_viewers_are_not_written_as_if_they_were_real(tmp_path: Path) -> None:
    model = read_legacy_model(make_legacy_files(tmp_path / "old"))
    simulated = model.config.dataset.model_copy(update={"simulated": True})
    config = model.config.model_copy(update={"dataset": simulated})
    with pytest.raises(UsageError, match="this model has simulated viewers"):
        write_legacy_files(replace(model, config=config), tmp_path / "new")


def test_the_current_folder_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = read_legacy_model(make_legacy_files(tmp_path / "old"))
    monkeypatch.chdir(tmp_path / "old")
    with pytest.raises(ModelError, match="it is or holds the current folder; run this in another one"):
        write_legacy_files(model, Path())


def test_what_is_read_can_be_kept_as_a_model_folder(tmp_path: Path) -> None:
    model = read_legacy_model(make_legacy_files(tmp_path / "old"))
    write_model(tmp_path / "model", model)
    kept = Model.load(tmp_path / "model")
    assert kept_histories(kept) == kept_histories(model)
    np.testing.assert_array_equal(kept.rating.P, model.rating.P)


@pytest.mark.parametrize("seed", range(4))
def test_rows_may_stand_in_any_order(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    users, movies = rng.permutation(len(P)), rng.permutation(len(Q))
    mappings = legacy_mappings([USER_IDS[row] for row in users], [MOVIE_IDS[row] for row in movies])
    model = read_legacy_model(make_legacy_files(tmp_path / "shuffled", mappings, (P[users], Q[movies])))
    ordered = read_legacy_model(make_legacy_files(tmp_path / "ordered"))
    np.testing.assert_array_equal(model.rating.P, ordered.rating.P)
    np.testing.assert_array_equal(model.rating.Q, ordered.rating.Q)
    assert list(model.movies) == list(ordered.movies)
    assert kept_histories(model) == kept_histories(ordered)


@pytest.mark.parametrize("user", [3, 7, 9, 20])
def test_recommendations_are_those_of_the_early_projects_code(tmp_path: Path, user: int) -> None:
    files = make_legacy_files(tmp_path, legacy_mappings((20, 3, 9, 7), (50, 10, 40, 30)))
    model = read_legacy_model(files)
    ours = [(film.movie_id, film.predicted_stars) for film in Recommender(model).recommend(user, rank_by="stars")]
    assert ours == [(movie, min(max(score, 0.5), 5.0)) for movie, score in legacy_recommendations(tmp_path, user)]


def test_reading_reports_progress(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    read_legacy_model(make_legacy_files(tmp_path), on_step=lambda *step: steps.append(step))
    assert steps[-1] == ("checking the ratings", 3, 3)


def test_another_scale_can_be_said(tmp_path: Path) -> None:
    files = make_legacy_files(tmp_path, legacy_mappings(ratings=[(3, 50, 9.0)]))
    assert "expected stars from 0.5 to 5" in refusal(files)
    model = read_legacy_model(files, scale=RatingScale(1, 10))
    assert model.rating.scale == model.scale == (1, 10)
    assert kept_histories(model) == {3: {50: 9.0}}


@pytest.mark.parametrize("name", ["model_P.npy", "model_Q.npy", "model_mappings.pkl"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    files = make_legacy_files(tmp_path)
    (tmp_path / name).unlink()
    assert name in refusal(files)
    with pytest.raises(ModelError, match=f"{name} missing; a legacy model is model_P.npy, model_Q.npy and"):
        LegacyFiles.in_folder(tmp_path)
    with pytest.raises(ModelError, match="nowhere: there is no such folder"):
        LegacyFiles.in_folder(tmp_path / "nowhere")


def test_before_preprocessing_it_says_what_to_run(tmp_path: Path) -> None:
    files = make_legacy_files(tmp_path, legacy_mappings(ratings=None))
    assert f"pkl: user_ratings is missing; run `reelwise preprocess` on {tmp_path} first" in refusal(files)


# --- the matrices ---


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
def test_both_precisions_are_read(tmp_path: Path, dtype: str) -> None:
    model = read_legacy_model(make_legacy_files(tmp_path, factors=(P.astype(dtype), Q.astype(dtype))))
    np.testing.assert_array_equal(model.rating.P, P)
    np.testing.assert_array_equal(model.rating.Q, Q)


def test_matrices_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    assert "model_Q.npy: has 1 factors, but" in refusal(make_legacy_files(tmp_path, factors=(P, Q[:, :1])))
    message = refusal(make_legacy_files(tmp_path, factors=(P[1:], Q)))
    assert "model_mappings.pkl: userId_to_index has 4 entries, but" in message
    assert "model_P.npy has 3 rows" in message
    message = refusal(make_legacy_files(tmp_path, factors=(P, np.vstack([Q, Q]))))
    assert "model_mappings.pkl: movieId_to_index has 4 entries, but" in message
    assert "model_Q.npy has 8 rows" in message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, -1.1e9])
def test_a_value_that_no_model_learns_is_named(tmp_path: Path, value: float) -> None:
    broken = Q.copy()
    broken[2, 1] = value
    message = refusal(make_legacy_files(tmp_path, factors=(P, broken)))
    assert f"model_Q.npy: row 2, column 1 holds {value}, expected -1e+09 to 1e+09" in message


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[Bomb()]], object), "not a readable .npy array"),
        (P.astype(">f8"), "holds >f8, expected <f8 or <f4"),
        (P.astype(">f4"), "holds >f4"),
        (P.astype("<f2"), "holds <f2"),
        (P.astype("<i8"), "holds <i8"),
        (P.astype("<c16"), "holds <c16"),
        (P.astype("U3"), "holds <U3"),
        (np.array([[1.0]], [("a", "<f8")]), "not a readable .npy array"),
        (np.asfortranarray(P), "is in Fortran order"),
        (P[0], "measures 2, expected rows x factors"),
        (P[None], "measures 1 x 4 x 2"),
        (np.float64(1.0), "measures , expected"),
        (P[:0], "measures 0 x 2"),
        (P[:, :0], "measures 4 x 0"),
    ],
)
def test_an_array_of_another_kind_is_refused(tmp_path: Path, array: np.ndarray, message: str) -> None:
    files = make_legacy_files(tmp_path)
    np.save(files.P, array, allow_pickle=True)
    assert f"model_P.npy: {message}" in refusal(files)


@pytest.mark.parametrize("content", HOSTILE_ARRAYS)
def test_a_hostile_array_is_refused_and_nothing_else_happens(tmp_path: Path, content: bytes) -> None:
    files = make_legacy_files(tmp_path)
    files.P.write_bytes(content)
    assert "model_P.npy: " in refusal(files)
    assert files.P.read_bytes() == content


# --- hostile mappings ---


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("where", ["everything", "a value", "user_ratings"])
def test_pickled_code_is_refused_unrun(tmp_path: Path, protocol: int, where: str) -> None:
    mappings = legacy_mappings()
    hostile = {"everything": Bomb(), "a value": {**mappings, "x": Bomb()}, "user_ratings": {0: {0: Bomb()}}}[where]
    files = make_legacy_files(tmp_path)
    files.mappings.write_bytes(pickle.dumps(hostile, protocol))
    assert "exec" in refusal(files)


# --- writing ---


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    write_legacy_files(exact_model(), tmp_path / "export")
    return tmp_path / "export"


def test_the_early_projects_code_recommends_from_an_export_what_we_recommend(exported: Path) -> None:
    model = exact_model()
    recommender = Recommender(model)
    off_the_scale = 0
    with TestClient(create_app(recommender=recommender)) as client:
        for user in model.users.at(model.known_users()):
            theirs = legacy_recommendations(exported, user)
            off_the_scale += sum(not 0.5 <= score <= 5.0 for _, score in theirs)
            shown = [(movie, round(min(max(score, 0.5), 5.0), 3)) for movie, score in theirs]
            assert len(shown) == 10
            ours = recommender.recommend(user, n=10, rank_by="stars")
            assert [(film.movie_id, round(film.predicted_stars or 0, 3)) for film in ours] == shown
            answer = client.get(f"/recommendations/{user}").json()
            assert [(film["movieId"], film["score"]) for film in answer] == shown
    assert off_the_scale


def test_importing_an_export_gives_the_same_model(exported: Path) -> None:
    written = exact_model()
    read = read_legacy_model(LegacyFiles.in_folder(exported), written.catalogue)
    np.testing.assert_array_equal(read.rating.P, written.rating.P)
    np.testing.assert_array_equal(read.rating.Q, written.rating.Q)
    assert read.histories is not None
    assert written.histories is not None
    for one, other in (
        (read.histories.by_user, written.histories.by_user),
        (read.histories.by_movie, written.histories.by_movie),
    ):
        np.testing.assert_array_equal(one.offsets, other.offsets)
        np.testing.assert_array_equal(one.indices, other.indices)
        np.testing.assert_array_equal(one.stars, other.stars)
    assert list(read.users) == list(written.users)
    assert list(read.movies) == list(written.movies)
    assert read.catalogue == written.catalogue


def test_an_export_holds_the_four_files_and_plain_numbers(exported: Path) -> None:
    assert {path.name for path in exported.iterdir()} == FILES
    assert np.load(exported / "model_P.npy").dtype == np.float32
    raw = (exported / "model_mappings.pkl").read_bytes()
    assert raw[:2] == b"\x80\x04"
    mappings = pickle.loads(raw)
    model = exact_model()
    users, movies = list(model.users), model.movies.at(np.flatnonzero(model.fitted))
    assert list(mappings["userId_to_index"].items()) == list(zip(users, range(12), strict=True))
    assert list(mappings["movieId_to_index"].items()) == list(zip(movies, range(40), strict=True))
    assert list(mappings["index_to_userId"].items()) == list(enumerate(users))
    assert list(mappings["index_to_movieId"].items()) == list(enumerate(movies))
    assert list(mappings["user_ratings"]) == list(range(1, 12))  # the first user rated nothing
    by_id = {users[user]: {movies[m]: s for m, s in rated.items()} for user, rated in mappings["user_ratings"].items()}
    assert by_id == kept_histories(model)
    entries = [entry for rated in mappings["user_ratings"].values() for entry in rated.items()]
    assert {(type(movie), type(stars)) for movie, stars in entries} == {(int, float)}


def test_the_films_of_an_export_have_the_columns_the_early_project_reads(exported: Path) -> None:
    with (exported / "movies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["movieId", "title", "genres", "tmdbId"]
    for row, movie in zip(rows, exact_model().catalogue, strict=True):
        assert row == {
            "movieId": str(movie.movie_id),
            "title": movie.title,
            "genres": "Drama" if movie.genres else "(no genres listed)",
            "tmdbId": str(movie.tmdb_id or ""),
        }


def test_only_legacy_files_are_replaced(tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old")
    write_legacy_files(tiny_model(), tmp_path / "old")
    assert read_legacy_model(LegacyFiles.in_folder(tmp_path / "old")).users == Vocabulary.of([7, 8, 9])
    write_model(tmp_path / "model", tiny_model())
    with pytest.raises(ModelError, match=r"model: holds .*, which is not a legacy file; name another folder"):
        write_legacy_files(tiny_model(), tmp_path / "model")
    Model.load(tmp_path / "model")
    (tmp_path / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(ModelError, match="this is a file"):
        write_legacy_files(tiny_model(), tmp_path / "cat.jpg")


def test_a_failure_leaves_the_old_export(tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pickle, "dump", full)
    with pytest.raises(ModelError, match=r"cannot be written there \(No space left on device\)"):
        write_legacy_files(tiny_model(), exported)
    assert [path.name for path in tmp_path.iterdir()] == ["export"]
    assert len(np.load(exported / "model_P.npy")) == 12


def test_a_model_without_histories_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no histories"):
        write_legacy_files(without_histories(tiny_model()), tmp_path / "export")
    assert not (tmp_path / "export").exists()


# --- refreshing ---


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    lines = "9,40,3.5,1\n7,10,1.0,9\n7,10,5.0,2\n888,10,2.0,3\n888,777,2.0,3\n9,777,2.0,3\n"
    path.write_text(HEADER + lines)
    return path


@pytest.mark.parametrize("before", [None, RATINGS])
def test_refreshing_replaces_the_histories_and_nothing_else(
    tmp_path: Path, ratings: Path, before: list[tuple[int, int, float]] | None
) -> None:
    mappings = legacy_mappings((20, 3, 9, 7), (50, 10, 40, 30), before)
    files = make_legacy_files(tmp_path / "old", mappings)
    files.mappings.chmod(0o640)
    factors = files.P.read_bytes(), files.Q.read_bytes()
    left_out = refresh_legacy_files(tmp_path / "old", ratings)
    assert (left_out.users, left_out.movies, left_out.ratings) == (1, 1, 3)
    refreshed = pickle.loads(files.mappings.read_bytes())
    assert refreshed["user_ratings"] == {2: {2: 3.5}, 3: {1: 1.0}}  # of two ratings the latest
    assert refreshed["index_to_userId"] == {0: 20, 1: 3, 2: 9, 3: 7}
    for key in ("userId_to_index", "movieId_to_index", "index_to_movieId"):
        assert refreshed[key] == mappings[key]
    assert (files.P.read_bytes(), files.Q.read_bytes()) == factors
    assert {path.name for path in (tmp_path / "old").iterdir()} == FILES - {"movies.csv"}
    assert files.mappings.stat().st_mode & 0o777 == 0o640
    assert kept_histories(read_legacy_model(files)) == {7: {10: 1.0}, 9: {40: 3.5}}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("888,777,2.0,3\n", "none of its ratings is by a user and of a movie that the model knows"),
        ("9,40,9.0,1\n", "line 2: rating 9.0 lies outside 0.5 to 5"),
    ],
)
def test_ratings_that_are_of_no_use_change_nothing(tmp_path: Path, ratings: Path, lines: str, message: str) -> None:
    files = make_legacy_files(tmp_path / "old")
    before = files.mappings.read_bytes()
    ratings.write_text(HEADER + lines)
    with pytest.raises(DataError, match=message):
        refresh_legacy_files(tmp_path / "old", ratings)
    assert files.mappings.read_bytes() == before


def test_a_failure_leaves_the_old_mappings(tmp_path: Path, ratings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = make_legacy_files(tmp_path / "old")
    before = files.mappings.read_bytes()

    def full(_: object, file: object, **__: object) -> None:
        file.write(b"half of it")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pickle, "dump", full)
    with pytest.raises(UsageError, match=r"model_mappings.pkl cannot be written \(No space left on device\)"):
        refresh_legacy_files(tmp_path / "old", ratings)
    assert files.mappings.read_bytes() == before
    assert {path.name for path in (tmp_path / "old").iterdir()} == FILES - {"movies.csv"}


def test_a_folder_without_mappings_cannot_be_refreshed(tmp_path: Path, ratings: Path) -> None:
    with pytest.raises(ModelError, match=r"model_mappings\.pkl"):
        refresh_legacy_files(tmp_path, ratings)
