"""An array is read as it was written, or refused; whatever is in the file, nothing else happens."""

from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts.arrays import read_array, write_array
from reelwise.errors import ModelError
from support.hostile_arrays import HOSTILE_ARRAYS, Bomb

CONTENT = np.arange(8, dtype="<f4").reshape(4, 2)


def refusal(path: Path, shape: tuple[int | None, ...] = (4, 2)) -> str:
    with pytest.raises(ModelError) as caught:
        read_array(path, "<f4", shape)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("array", [CONTENT, CONTENT.astype(">f4"), np.asfortranarray(CONTENT), CONTENT[::-1]])
def test_whatever_the_layout_it_is_written_little_endian_in_c_order(tmp_path: Path, array: np.ndarray) -> None:
    write_array(tmp_path / "it.npy", array)
    np.testing.assert_array_equal(read_array(tmp_path / "it.npy", "<f4", (4, None)), array)


@pytest.mark.parametrize("content", HOSTILE_ARRAYS)
def test_a_hostile_file_is_refused_and_nothing_else_happens(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "it.npy"
    path.write_bytes(content)
    refusal(path)
    assert path.read_bytes() == content
    assert [it.name for it in tmp_path.iterdir()] == ["it.npy"]


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
    np.save(tmp_path / "it.npy", array, allow_pickle=True)
    assert message in refusal(tmp_path / "it.npy")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "is missing" in refusal(tmp_path / "it.npy")
