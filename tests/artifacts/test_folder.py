"""A model folder is read as it was written, or refused with one line that names the file and the fault."""

import json
import mmap
import os
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts import files
from reelwise.artifacts.check import check_model, copy_model
from reelwise.artifacts.folder import check_target, write_model
from reelwise.artifacts.model import Model
from reelwise.errors import ModelError
from reelwise.recommend.recommender import Recommender
from support.files.contents import contents
from support.hostile.arrays import Bomb
from support.models.tiny_recommender import POPULAR, complete_tiny_model, tiny_model, with_popular_lately
from support.systems.platforms import posix_only

_OTHERS = ("rating_prior_Y", "rating_scaling", "popular")  # those that the tiny model does not have
ARRAYS = [name for name in files.ARRAYS if name not in _OTHERS and not name.startswith("content_")]
FILES = [*(f"{name}.npy" for name in ARRAYS), "config.json", "metrics.json", "movies.json", "titles.sqlite"]
SOME = ["model_P.npy", "history_user_offsets.npy", "movies_titles.npy"]  # of what holds for arrays of any kind
COUNTS = {"users": 3, "movies": 7, "rated_movies": 6, "ratings": 8, "profiles": 3}


@pytest.fixture(scope="module")
def _written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("complete") / "tiny"
    write_model(folder, complete_tiny_model())
    return folder


@pytest.fixture
def folder(_written: Path, tmp_path: Path) -> Path:
    """The folder of a model that has everything; the test may change it."""
    return shutil.copytree(_written, tmp_path / "tiny")


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Recommender(Model.load(folder))
    message = str(caught.value)
    assert "\n" not in message
    return message


def change(path: Path, how: Callable[[np.ndarray], np.ndarray]) -> None:
    array = np.array(np.load(path))
    np.save(path, how(array))


def each(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """The files of these names, one after another; whatever is done to one is undone before the next."""
    for name in names:
        path = folder / name
        content = path.read_bytes()
        yield path
        path.unlink(missing_ok=True)
        path.write_bytes(content)


def arrays(folder: Path, *names: str) -> Iterator[Path]:
    """The files of these arrays, or of all, likewise."""
    return each(folder, [f"{name}.npy" for name in names or ARRAYS])


def test_what_is_written_is_read(folder: Path) -> None:
    written, read = complete_tiny_model(), Model.load(folder)
    assert read.config == written.config.model_copy(update={"sha256": read.config.sha256})
    assert read.catalogue == written.catalogue
    assert read.users == written.users
    assert read.histories
    assert written.histories
    assert read.ranking
    assert written.ranking
    assert read.ranking.linear
    assert written.ranking.linear
    assert read.rating.uncertainty
    assert written.rating.uncertainty
    pairs: list[tuple[np.ndarray, np.ndarray]] = [
        (read.rating.P, written.rating.P),
        (read.rating.Q, written.rating.Q),
        (read.rating.uncertainty.users, written.rating.uncertainty.users),
        (read.rating.uncertainty.movies, written.rating.uncertainty.movies),
        (read.ranking.P, written.ranking.P),
        (read.ranking.linear.base, written.ranking.linear.base),
        (read.ranking.linear.tables, written.ranking.linear.tables),
        (read.ranking.profiles.partition, written.ranking.profiles.partition),
        (read.ranking.profiles.likers.profiles, written.ranking.profiles.likers.profiles),
        (read.histories.by_user.indices, written.histories.by_user.indices),
        (read.histories.by_movie.stars, written.histories.by_movie.stars),
        (read.fitted, written.fitted),
        (read.stats.means, written.stats.means),
    ]
    for one, other in pairs:
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_the_files_are_those_of_format_2(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {*FILES, "README.md"}


def test_arrays_are_memory_mapped_and_cannot_be_changed(folder: Path) -> None:
    model = Model.load(folder)
    assert isinstance(model.rating.P.base, mmap.mmap)
    with pytest.raises(ValueError, match="read-only"):
        model.rating.P[0, 0] = 1


def test_a_missing_file_is_named(folder: Path) -> None:
    for path in each(folder, FILES):
        path.unlink()
        assert refusal(folder).startswith((f"{path}: this file is missing", f"{folder}: not a model folder"))


def test_what_another_model_left_in_the_folder_is_not_read(folder: Path, tmp_path: Path) -> None:
    left = {path.name for path in folder.iterdir()}
    lesser = replace(tiny_model(with_taste=False, with_spread=False), map=None)
    write_model(tmp_path / "lesser", replace(lesser, catalogue=replace(lesser.catalogue, tags=None)))
    shutil.copytree(tmp_path / "lesser", folder, dirs_exist_ok=True)
    read = check_model(folder)
    assert left > {path.name for path in (tmp_path / "lesser").iterdir()}
    assert (read.ranking, read.map, read.rating.uncertainty, read.catalogue.tags) == (None, None, None, None)
    copy_model(folder, tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(tmp_path / "lesser")


def test_an_array_that_the_config_does_not_list_is_refused(folder: Path) -> None:
    digests = dict(Model.load(folder).config.sha256)
    del digests["ranking_Q.npy"]
    edit_config(folder, sha256=digests)
    assert "ranking_Q.npy: config.json does not list this file" in refusal(folder)


def test_a_model_without_sha256_is_read_with_all_that_is_there(folder: Path) -> None:
    edit_config(folder, sha256={})
    assert Model.load(folder).map is not None


def test_a_truncated_file_is_named(folder: Path) -> None:
    for path in each(folder, FILES):
        path.write_bytes(path.read_bytes()[:-9] if path.suffix != ".json" else b'{"format_version": 2, ')
        assert path.name in refusal(folder)


def test_an_empty_file_is_named(folder: Path) -> None:
    for path in each(folder, [*SOME, *(name for name in FILES if not name.endswith(".npy"))]):
        path.write_bytes(b"")
        assert f"{path.name}: this file is empty" in refusal(folder)


def test_a_file_with_something_behind_its_end_is_named(folder: Path) -> None:
    for path in each(folder, SOME):
        with path.open("ab") as file:
            file.write(b"more")
        assert path.name in refusal(folder)


def test_another_dtype_is_named(folder: Path) -> None:
    for path in arrays(folder):
        change(path, lambda array: array.astype(">f8"))
        assert f"{path.name}: holds >f8, expected" in refusal(folder)


def test_another_shape_is_named(folder: Path) -> None:
    for path in arrays(folder):
        change(path, lambda array: array[None])
        assert f"{path.name}: measures" in refusal(folder)


def test_a_missing_row_is_noticed(folder: Path) -> None:
    for path in arrays(folder):
        change(path, lambda array: array[:-1])
        refusal(folder)


def test_factors_of_different_length_are_refused(folder: Path) -> None:
    change(folder / "model_Q.npy", lambda array: np.column_stack([array, array]))
    assert "model_Q.npy: measures 7 x 2, expected any x 1" in refusal(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_named(folder: Path, value: float) -> None:
    for path in arrays(folder, "model_P", "model_Q", "ranking_P", "ranking_Q"):
        change(path, lambda array: np.where(np.arange(len(array))[:, None] == 1, np.float32(value), array))
        assert f"{path.name}: holds a value that is not a finite number" in refusal(folder)


@pytest.mark.parametrize("how", [lambda ids: ids[::-1], lambda ids: ids * 0 + 5, lambda ids: ids - 10])
def test_ids_that_do_not_ascend_within_their_range_are_named(
    folder: Path, how: Callable[[np.ndarray], np.ndarray]
) -> None:
    for path in arrays(folder, "user_ids", "movie_ids"):
        change(path, how)
        assert f"{path.name}: the ids do not ascend" in refusal(folder)


@pytest.mark.parametrize(
    "how", [lambda offsets: offsets[::-1], lambda offsets: offsets + 1, lambda offsets: offsets * 2]
)
def test_impossible_offsets_are_named(folder: Path, how: Callable[[np.ndarray], np.ndarray]) -> None:
    for path in arrays(folder, "history_user_offsets", "history_movie_offsets"):
        change(path, how)
        assert f"{path.name}: the offsets do not ascend" in refusal(folder)


@pytest.mark.parametrize("shift", [-7, 7])
def test_indices_out_of_range_are_named(folder: Path, shift: int) -> None:
    for path in arrays(folder, "history_user_movies", "history_movie_users"):
        change(path, lambda array: (array + shift).astype(np.int32))
        message = refusal(folder)
        assert f"{path.name}: holds " in message
        assert message.endswith((", expected 0 to 6", ", expected 0 to 2"))


@pytest.mark.parametrize("value", [9, 0])
def test_stars_off_the_scale_are_named(folder: Path, value: float) -> None:
    for path in arrays(folder, "history_user_stars", "history_movie_stars"):
        change(path, lambda array: np.full_like(array, value))
        assert f"{path.name}: holds {value} to {value}, expected 0.5 to 5" in refusal(folder)


@pytest.mark.parametrize("rows", [[0, 1, 3], [-1, 0, 1], [0, 0, 1], [2, 1, 0]])
def test_profiles_that_are_no_users_are_named(folder: Path, rows: list[int]) -> None:
    change(folder / "ranking_profile_users.npy", lambda _: np.array(rows, np.int32))
    assert "ranking_profile_users.npy: must hold ascending numbers from 0 to 2" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "values"), [("films", [1, 7]), ("films", [2, 1]), ("films", [-1, 2]), ("picks", [-3])]
)
def test_a_linear_part_of_other_films_is_refused(folder: Path, name: str, values: list[int]) -> None:
    change(folder / f"ranking_linear_{name}.npy", lambda array: np.array(values, array.dtype))
    assert f"ranking_linear_{name}.npy: must hold ascending numbers from 0 to" in refusal(folder)


def test_fewer_likes_than_none_are_named(folder: Path) -> None:
    change(folder / "ranking_profile_likes.npy", lambda array: np.full_like(array, -1))
    assert "ranking_profile_likes.npy: holds -1 to -1, expected 0 to" in refusal(folder)


@pytest.mark.parametrize("value", [0, -1])
def test_values_that_must_be_positive_are_named(folder: Path, value: float) -> None:
    for path in arrays(folder, "ranking_profile_partition", "rating_user_std", "rating_movie_std"):
        change(path, lambda array: np.full_like(array, value))
        assert f"{path.name}: holds {value:g} to {value:g}, expected 1e-30 to" in refusal(folder)


def test_a_model_without_a_ranking_model_is_read_too(tmp_path: Path) -> None:
    write_model(tmp_path / "plain", tiny_model(with_taste=False))
    assert Model.load(tmp_path / "plain").ranking is None
    assert not list((tmp_path / "plain").glob("*ranking_*"))


def test_a_model_that_does_not_say_how_sure_it_is_is_read_too(tmp_path: Path) -> None:
    write_model(tmp_path / "silent", tiny_model(with_spread=False))
    assert Model.load(tmp_path / "silent").rating.uncertainty is None
    assert not list((tmp_path / "silent").glob("*_std.npy"))


def test_a_pickle_in_the_clothing_of_an_array_is_refused_unread(folder: Path) -> None:
    for path in each(folder, SOME):
        path.write_bytes(pickle.dumps(Bomb()))
        assert f"{path.name}: not a readable .npy array" in refusal(folder)
        np.save(path, np.array([Bomb()], object), allow_pickle=True)
        assert f"{path.name}: not a readable .npy array" in refusal(folder)


def test_a_zip_in_the_clothing_of_an_array_is_refused(folder: Path) -> None:
    with (folder / "model_P.npy").open("wb") as file:
        np.savez(file, a=np.zeros(3))
    assert "model_P.npy: not a readable .npy array" in refusal(folder)


@pytest.mark.parametrize("version", [1, 3, 0, "2", None, [2]])
def test_another_version_is_refused_with_what_to_do(folder: Path, version: object) -> None:
    edit_config(folder, format_version=version)
    message = refusal(folder)
    assert f"config.json: format_version is {version!r}" in message
    assert message.endswith("install a newer Reelwise" if version == 3 else "train the model again")


def test_a_long_version_is_not_repeated_whole(folder: Path) -> None:
    edit_config(folder, format_version=10**600)
    assert len(refusal(folder).removeprefix(str(folder))) < 250


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"counts": COUNTS | {"users": 0}}, "config.json: counts.users"),
        ({"counts": COUNTS | {"users": 4}}, "3 users, but config.json says 4"),
        ({"counts": COUNTS | {"movies": 9}}, "7 movies, but config.json says 9"),
        ({"counts": COUNTS | {"ratings": 9}}, "history_user_stars.npy: holds 8 ratings, but config.json says 9"),
        ({"dataset": {"name": "\ud800", "sha256": ""}}, "config.json"),
        ({"dataset": {"name": "a" * 1000, "sha256": ""}}, "config.json: dataset.name"),
        ({"rating_model": {"engine": "magic"}}, "config.json: rating_model.engine"),
        ({"rating_scale": "five"}, "config.json: rating_scale"),
        ({"seed": None}, "config.json: seed"),
        ({"seed": -1}, "config.json: seed"),
        ({"seed": 10**400}, "config.json"),
        ({"rating_scale": [5, 1]}, "5 to 1 is not a rating scale"),
        ({"rating_scale": [-1e300, 1e300]}, "is not a rating scale"),
        ({"counts": COUNTS | {"ratings": 10**30}}, "config.json: counts.ratings"),
        ({"trained_at": "\x1b[2J"}, "config.json: trained_at"),
    ],
)
def test_a_config_that_does_not_fit_is_named(folder: Path, changed: dict[str, object], message: str) -> None:
    edit_config(folder, **changed)
    assert message in refusal(folder)


@pytest.mark.parametrize("content", [b"[]", b"7", b"\xff"])
def test_json_that_is_no_object_is_named(folder: Path, content: bytes) -> None:
    (folder / "metrics.json").write_bytes(content)
    assert "metrics.json" in refusal(folder)
    (folder / "config.json").write_bytes(content)
    assert "config.json" in refusal(folder)


@posix_only
def test_json_that_is_deep_large_or_not_a_file_is_named(folder: Path) -> None:
    for name in ("config.json", "metrics.json", "movies.json"):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(b"[" * 200_000)
        assert f"{name}: not a readable JSON file" in refusal(folder)
        path.write_bytes(b'{"a": "' + b" " * (17 << 20) + b'"}')
        assert f"{name}: 17,825,801 bytes long, at most" in refusal(folder)
        path.unlink()
        os.mkfifo(path)
        assert f"{name}: not a regular file" in refusal(folder)
        path.unlink()
        path.write_bytes(content)
    Model.load(folder)


@pytest.mark.parametrize(
    "content",
    [
        *[b'{"seed": 1, "stars": []}', b'{"seed": 1, "stars": {"validation_rmse": "low"}}', b'{"seed": "one"}', b"{}x"],
        *[
            b'{"seed": 1' + b"0" * 30 + b"}",
            b'{"seed": 1, "stars": {"ratings": 1' + b"0" * 400 + b"}}",
            b'{"seed": NaN}',
        ],
    ],
)
def test_figures_that_are_none_are_named(folder: Path, content: bytes) -> None:
    (folder / "metrics.json").write_bytes(content)
    assert "metrics.json: " in refusal(folder)


def test_titles_that_are_no_text_and_genres_that_are_none_are_named(folder: Path) -> None:
    change(folder / "movies_genres.npy", lambda array: array + np.int32(100))
    assert "movies_genres.npy: holds an index outside 0 to" in refusal(folder)
    change(folder / "movies_titles.npy", lambda array: array | np.uint8(0x80))
    assert "movies_titles.npy: not UTF-8 text" in refusal(folder)


def test_a_sketch_that_leads_astray_is_named(folder: Path) -> None:
    change(folder / "sketch_rating_order.npy", lambda array: array + np.int32(5))
    assert "sketch_rating_order.npy: holds 5 to 10, expected 0 to 6" in refusal(folder)


def test_bars_of_stars_that_do_not_add_up_to_the_ratings_are_named(folder: Path) -> None:
    assert Recommender(Model.load(folder)).service.stars_histogram == tiny_model().scale.histogram(
        Model.load(folder).histories.by_user.stars  # type: ignore[union-attr]
    )
    change(folder / "histogram.npy", lambda table: table[:-1])
    assert "histogram.npy: counts" in refusal(folder)
    (folder / "histogram.npy").unlink()
    assert "histogram.npy: this file is missing" in refusal(folder)


def test_likers_who_are_no_profiles_are_named(folder: Path) -> None:
    change(folder / "ranking_likers_profiles.npy", lambda array: array + np.int32(5))
    assert "ranking_likers_profiles.npy: holds 5 to 7, expected 0 to 2" in refusal(folder)


def test_what_cannot_be_read_back_does_not_take_a_models_place(folder: Path) -> None:
    before = Model.load(folder).description
    broken = tiny_model()
    broken.rating.Q[5, 0] = np.nan
    with pytest.raises(ModelError, match="the model is not written, because it could not be read back"):
        write_model(folder, broken)
    assert Model.load(folder).description == before
    assert [path.name for path in folder.parent.iterdir()] == ["tiny"]


def test_no_folder_and_no_model_are_told_apart(tmp_path: Path) -> None:
    assert "there is no such model folder" in refusal(tmp_path / "nowhere")
    assert "there is no config.json in it" in refusal(tmp_path)
    assert "cannot be read (File name too long)" in refusal(tmp_path / ("x" * 300))


def test_only_a_model_or_nothing_is_replaced(tmp_path: Path, folder: Path) -> None:
    check_target(tmp_path / "new")
    check_target(folder)
    (tmp_path / "photos").mkdir()
    check_target(tmp_path / "photos")
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(ModelError, match="holds something that is not a model"):
        write_model(tmp_path / "photos", tiny_model())
    with pytest.raises(ModelError, match="this is a file"):
        write_model(tmp_path / "photos" / "cat.jpg", tiny_model())
    (tmp_path / "photos" / "config.json").write_text('{"name": "an album"}')
    for place in (tmp_path / "photos", tmp_path / "nowhere" / ".." / "photos"):
        with pytest.raises(ModelError, match="holds something that is not a model"):
            write_model(place, tiny_model())
    assert {file.name for file in (tmp_path / "photos").iterdir()} == {"cat.jpg", "config.json"}


def test_a_broken_model_can_be_replaced(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    check_target(folder)


def edit_config(folder: Path, **changed: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def test_the_map_is_read_as_it_was_written(folder: Path) -> None:
    written, read = tiny_model().map, Model.load(folder).map
    assert written is not None
    assert read is not None
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, written)


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        (lambda array: array[:, :1], "measures 7 x 1, expected 7 x 2"),
        (lambda array: array * np.float32(np.nan), "not a finite number"),
        (lambda array: array * np.float32(2), ", expected -1.001 to 1.001"),
    ],
)
def test_a_broken_map_is_named(folder: Path, how: Callable[[np.ndarray], np.ndarray], fault: str) -> None:
    change(folder / "map.npy", how)
    message = refusal(folder)
    assert message.startswith(f"{folder / 'map.npy'}: ")
    assert fault in message


def test_what_was_popular_lately_comes_back_where_it_is_shown(tmp_path: Path) -> None:
    write_model(tmp_path / "model", with_popular_lately(tiny_model()))
    read = Model.load(tmp_path / "model")
    assert read.popular is not None
    np.testing.assert_array_equal(read.popular, POPULAR)
    change(tmp_path / "model" / "popular.npy", lambda shares: 2 * shares)
    assert "popular.npy" in refusal(tmp_path / "model")


def test_texts_that_were_checked_are_not_decoded_again(folder: Path) -> None:
    change(folder / "movies_titles.npy", lambda array: array | np.uint8(0x80))
    Model.load(folder, checked=True)
    with pytest.raises(ModelError, match=r"movies_titles\.npy: not UTF-8 text"):
        Model.load(folder)
