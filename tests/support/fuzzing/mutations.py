"""Ways to spoil bytes, text, JSON and arrays, each by what it is made of."""

import io
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from support.hostile.arrays import HOSTILE_ARRAYS
from support.hostile.requests import VALUES

Choose = random.Random

FIELDS = [
    *["", " ", "0", "-0", "-1", "1e400", "-1e400", "1e-400", "NaN", "inf", "null", "None", "1.5", "0x10", "٣", "1_000"],
    *["9" * 19, "9" * 30, "9" * 5000, "2147483648", "9223372036854775808", "1" + "0" * 300, "0." + "0" * 400 + "1"],
    *['"', '""', '"""', "'", "\\", "=1+1", "a,b", "\x00", "\x1b[2J", "\u202e", "\ufeff", "\x85", "\u2028", "😀"],
    *["x" * 1000, "x" * 140_000, "2024-01-01", "2024-13-45", "99999-01-01", "01/02/03", "true", "[1]", "{}", "<b>"],
]
"""What may stand in a field of a table."""

_EXTREMES = [np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 1e30, -1e30, 1e19, 1e-45, -0.0, 0.0, -1.0, 1.0, 7.0, 1000.0]
_DTYPES = ["<f4", "<f8", ">f4", "<f2", "<i4", "<i8", ">i8", "<u8", "|u1", "|b1", "<c16", "<U3", "|S5", "<M8[s]"]


def spoil_bytes(choose: Choose, content: bytes) -> bytes:
    """Bytes changed, cut, doubled, left out or put in, here and there."""
    spoilt = bytearray(content)
    for _ in range(choose.choice((1, 1, 2, 8))):
        at, length = choose.randrange(len(spoilt) + 1), choose.choice((1, 1, 2, 4, 100))
        part = spoilt[at : at + length]
        spoilt[at : at + length] = choose.choice(
            (choose.randbytes(len(part)), b"", part * 2, b"\x00" * length, b"\xff" * length, bytes(reversed(part)))
        )
    return bytes(spoilt[: choose.randrange(len(spoilt) + 1)] if choose.random() < 0.1 else spoilt)


def spoil_table(choose: Choose, text: str, separator: str = ",") -> str:
    """A table with other fields, too many or too few of them, and lines twice, in another order, or not ending."""
    lines = [line.split(separator) for line in text.splitlines()]
    for _ in range(choose.choice((1, 1, 2, 5))):
        at = choose.randrange(len(lines))
        match choose.randrange(8):
            case 0 | 1 | 2 | 3:
                if lines[at]:
                    lines[at][choose.randrange(len(lines[at]))] = choose.choice(FIELDS)
            case 4:
                lines[at] = lines[at][: choose.randrange(len(lines[at]) + 1)] + choose.choice(([], ["x"] * 3))
            case 5:
                lines.insert(at, list(choose.choice(lines)))
            case 6:
                del lines[at + 1 :]
            case _:
                field = choose.choice(FIELDS)
                lines.insert(at, [field] * choose.choice((1, 4, 1 if len(field) > 1000 else 1000)))
    end = choose.choice(("\n", "\n", "\n", "\r\n", "\r", "\n\n", ""))
    whole = end.join(separator.join(line) for line in lines) + choose.choice((end, end, end, "", '"'))
    return whole[: choose.randrange(len(whole) + 1)] if choose.random() < 0.1 else whole


def spoil_json(choose: Choose, tree: Any) -> bytes:
    """A JSON value with another one somewhere in it, or without something, or with something more."""
    tree, mark = json.loads(json.dumps(tree)), "\x01"
    for _ in range(choose.choice((1, 1, 2))):
        parent, key = choose.choice(list(_places(tree)) or [(None, None)])
        match choose.randrange(6):
            case _ if parent is None:
                tree = mark
            case 0:
                del parent[key]
            case 1 if isinstance(parent, dict):
                parent[choose.choice(("", "__proto__", "\ud800", "x" * 1000, "a\nb"))] = mark
            case 2:
                parent[key] = [parent[key]]
            case _:
                parent[key] = mark
    before, *after = json.dumps(tree).split(json.dumps(mark))
    return (before + "".join(choose.choice(VALUES) + part for part in after)).encode()


def _places(tree: Any) -> "list[tuple[Any, Any]]":
    """Each place of a value in a tree, as what it is in and its key or index."""
    if not isinstance(tree, dict | list):
        return []
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    return [place for key in keys for place in [(tree, key), *_places(tree[key])]]


def spoil_array(choose: Choose, content: bytes) -> bytes:
    """A `.npy` file of other values, another shape, order or type; or one that is none."""
    if choose.random() < 0.1:
        return choose.choice(HOSTILE_ARRAYS)
    if choose.random() < 0.15:
        return spoil_bytes(choose, content[:128]) + content[128:]
    if choose.random() < 0.1:
        return spoil_bytes(choose, content)
    array = np.load(io.BytesIO(content))
    with np.errstate(all="ignore"), suppress(OverflowError, TypeError, ValueError):  # of what cannot be of that type
        return to_npy(choose.choice(_SPOILERS)(choose, array))
    return spoil_bytes(choose, content)


def to_npy(array: npt.NDArray[Any]) -> bytes:
    """An array as a `.npy` file, in whatever order it is."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _set_some(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    spoilt = np.array(array)
    for _ in range(choose.choice((1, 1, 3)) if spoilt.size else 0):
        spoilt.flat[choose.randrange(spoilt.size)] = _extreme(choose, array)
    return spoilt


def _set_all(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.full_like(array, _extreme(choose, array))


def _set_row(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    spoilt = np.array(array)
    if spoilt.size and spoilt.ndim:
        spoilt[choose.randrange(len(spoilt))] = _extreme(choose, array)
    return spoilt


def _extreme(choose: Choose, array: npt.NDArray[Any]) -> Any:
    if array.dtype.kind == "f":
        return np.float64(choose.choice(_EXTREMES)).astype(array.dtype)
    if array.dtype.kind in "iu":
        limits = np.iinfo(array.dtype)
        near = [limits.min, limits.max, 0, 1, len(array) if array.ndim else 2, *(array.ravel()[:1].tolist())]
        return choose.choice([*near, max(-1, limits.min), near[4] + 1])
    if array.dtype.kind == "S":
        return choose.choice((b"", b"\xff", b"x", b"\x00\x00a", b"zzzz"))
    return choose.random() < 0.5


def _scale(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if array.dtype.kind not in "fiu":
        return array
    return (array * choose.choice((-1, 2, 1000, 1e10, 1e30, 0))).astype(array.dtype)


def _shuffle(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array[::-1] if choose.random() < 0.5 else np.random.default_rng(choose.randrange(99)).permutation(array)


def _resize(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    rows = choose.choice((0, 1, len(array) - 1, len(array) + 1, 2 * len(array)))
    return np.resize(array, (max(rows, 0), *array.shape[1:]))


def _reshape(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    shapes = [array.T, array[None], array[..., None], array.ravel(), array[..., :0], array[:1].ravel()[:1].reshape(())
              if array.size else array, np.asfortranarray(array), np.repeat(array, 3, axis=-1)]  # fmt: skip
    return choose.choice(shapes)


def _retype(choose: Choose, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array.astype(choose.choice(_DTYPES))


_SPOILERS: list[Callable[[Choose, npt.NDArray[Any]], npt.NDArray[Any]]] = [
    *[_set_some] * 5, *[_set_row] * 2, *[_set_all] * 2, *[_scale] * 2, _shuffle, _resize, _reshape, _retype,
]  # fmt: skip
