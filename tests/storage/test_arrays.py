"""An array is read as it was written, or refused; whatever is in the file, nothing else happens."""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from reelwise.errors import ModelError
from reelwise.storage import open_files
from reelwise.storage.arrays import ArrayFolder, map_array
from support.hostile.arrays import HOSTILE_ARRAYS, Bomb, npy
from support.systems.platforms import posix_only

CONTENT = np.arange(8, dtype="<f4").reshape(4, 2)


def refusal(path: Path, shape: tuple[int | None, ...] = (4, 2)) -> str:
    with pytest.raises(ModelError) as caught:
        ArrayFolder(path.parent).read(path.stem, "<f4", shape)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("array", [CONTENT, CONTENT.astype(">f4"), np.asfortranarray(CONTENT), CONTENT[::-1]])
def test_whatever_the_layout_it_is_written_little_endian_in_c_order(tmp_path: Path, array: np.ndarray) -> None:
    arrays = ArrayFolder(tmp_path)
    arrays.write("numbers", array)
    assert "numbers" in arrays
    np.testing.assert_array_equal(arrays.read("numbers", "<f4", (4, None)), array)


@pytest.mark.parametrize("content", HOSTILE_ARRAYS)
def test_a_hostile_file_is_refused_and_nothing_else_happens(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "numbers.npy"
    path.write_bytes(content)
    refusal(path)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["numbers.npy"]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[Bomb()]], object), "not a readable .npy array"),
        (CONTENT.astype(">f4"), "holds >f4, expected <f4"),
        (CONTENT.astype("<f8"), "holds <f8, expected <f4"),
        (np.asfortranarray(CONTENT), "expected 4 x 2, in C order"),
        (CONTENT[:3], "measures 3 x 2, expected 4 x 2"),
        (CONTENT[0], "measures 2, expected 4 x 2"),
        (np.float32(1), "measures , expected 4 x 2"),
    ],
)
def test_an_array_of_another_kind_is_refused(tmp_path: Path, array: np.ndarray, message: str) -> None:
    np.save(tmp_path / "numbers.npy", array, allow_pickle=True)
    assert message in refusal(tmp_path / "numbers.npy")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "is missing" in refusal(tmp_path / "numbers.npy")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused(tmp_path: Path, value: float) -> None:
    np.save(tmp_path / "numbers.npy", np.where(CONTENT == 3, np.float32(value), CONTENT))
    assert "holds a value that is not a finite number" in refusal(tmp_path / "numbers.npy")


@posix_only
def test_a_pipe_and_a_device_are_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "numbers.npy"
    os.mkfifo(path)
    assert "not a regular file" in refusal(path)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert "not a regular file" in refusal(path)


def test_a_hole_as_long_as_a_disk_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "numbers.npy"
    path.write_bytes(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (68719476736, 4), }", b""))
    os.truncate(path, path.stat().st_size + 16 * 68719476736)
    assert "nearly all of them are missing" in refusal(path, (None, 4))


def test_numbers_whose_products_would_not_be_finite_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "numbers.npy", CONTENT * np.float32(1e30))
    assert "holds 0 to 7e+30, expected -1e+09 to 1e+09" in refusal(tmp_path / "numbers.npy")


def test_a_new_array_is_filled_in_place(tmp_path: Path) -> None:
    arrays = ArrayFolder(tmp_path)
    created = arrays.create("numbers", "<f4", (4, 2))
    created[:] = CONTENT
    del created
    np.testing.assert_array_equal(arrays.read("numbers", "<f4", (4, 2)), CONTENT)
    assert arrays.create("nothing", "<i4", (0, 3)).shape == (0, 3)


@pytest.mark.parametrize(
    "array",
    [np.arange(0), np.zeros((0, 3), "S7"), np.zeros((2, 3, 4), "<U5"), np.ones(1, bool), np.asfortranarray(CONTENT)],
)
def test_whatever_plain_array_numpy_writes_is_read(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "plain.npy", array)
    read = map_array(tmp_path / "plain.npy")
    assert (read.dtype, read.flags.f_contiguous) == (array.dtype, array.flags.f_contiguous)
    np.testing.assert_array_equal(read, array)


def test_threads_that_read_leave_the_warnings_of_others_alone(tmp_path: Path) -> None:
    for number in range(8):
        ArrayFolder(tmp_path).write(str(number), CONTENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = [*warnings.filters]
        with ThreadPoolExecutor(4) as pool:
            for read in pool.map(lambda turn: map_array(tmp_path / f"{turn % 8}.npy"), range(800)):
                warnings.warn("of somebody else", stacklevel=1)  # would be an error
                np.testing.assert_array_equal(read, CONTENT)
        assert warnings.filters == before


@pytest.mark.parametrize("descr", ["|O", "<M8[s]", "<f4\\d", "a4"])
def test_a_header_that_numpy_would_have_to_interpret_is_refused_without_a_warning(tmp_path: Path, descr: str) -> None:
    (tmp_path / "numbers.npy").write_bytes(npy(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (4, 2), }}"))
    assert "not a readable .npy array (its header is not that of" in refusal(tmp_path / "numbers.npy")


def test_a_header_of_python_2_is_refused(tmp_path: Path) -> None:
    (tmp_path / "numbers.npy").write_bytes(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4L, 2L), }"))
    assert "not a readable .npy array (its header is not that of" in refusal(tmp_path / "numbers.npy")


def test_where_a_mapped_file_could_not_be_replaced_it_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_files, "CAN_BE_REPLACED", False)
    ArrayFolder(tmp_path).write("numbers", CONTENT)
    read = ArrayFolder(tmp_path).read("numbers", "<f4", (4, 2))
    np.testing.assert_array_equal(read, CONTENT)
    assert read.base is None
    with pytest.raises(ValueError, match="read-only"):
        read[0, 0] = 1
    np.save(tmp_path / "numbers.npy", np.asfortranarray(CONTENT))
    assert "in C order" in refusal(tmp_path / "numbers.npy")


def test_numbers_that_were_looked_at_are_not_looked_at_again_but_shapes_are(tmp_path: Path) -> None:
    holed = CONTENT.copy()
    holed[1, 1] = np.nan
    ArrayFolder(tmp_path).write("numbers", holed)
    assert "not a finite number" in refusal(tmp_path / "numbers.npy")
    checked = ArrayFolder(tmp_path, checked=True)
    np.testing.assert_array_equal(checked.read("numbers", "<f4", (4, 2)), holed)
    with pytest.raises(ModelError, match="measures 4 x 2, expected 5 x 2"):
        checked.read("numbers", "<f4", (5, 2))
