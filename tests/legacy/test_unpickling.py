"""Plain data is read from every kind of pickle; everything else is refused in one line, and nothing else happens."""

import contextlib
import itertools
import math
import pickle
import pickletools
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.errors import ModelError
from reelwise.legacy import unpickling
from reelwise.legacy.mappings import read_mappings
from reelwise.legacy.unpickling import read_pickle
from support.hostile import pickles as pieces
from support.hostile.pickles import HOSTILE
from support.systems.platforms import linux_only

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
PLAIN = {dict, list, str, int, float, bool, type(None)}
INTEGERS = st.integers(-(2**63), 2**64 - 1)
SCALARS = st.none() | st.booleans() | INTEGERS | st.floats() | st.text()
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(INTEGERS | st.text(), inner, max_size=5),
    max_leaves=30,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pickles") / "some.pkl"


def read(file: Path, content: bytes) -> Any:
    file.write_bytes(content)
    return read_pickle(file)


def refusal(file: Path, content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        read(file, content)
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert message.isprintable()  # so it is one line, too
    return message


def same(one: object, other: object) -> bool:
    """Equal in values and in types, with NaN equal to itself; numbers as dict keys too."""
    return repr(one) == repr(other)


# --- what is read ---


@given(data=DATA, protocol=st.sampled_from(PROTOCOLS), by_python=st.booleans())
def test_plain_data_comes_back_as_it_was(file: Path, data: object, protocol: int, by_python: bool) -> None:
    dumps = pickle._dumps if by_python else pickle.dumps  # type: ignore[attr-defined]
    assert same(read(file, dumps(data, protocol)), data)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_large_data_comes_back_as_it_was(file: Path, protocol: int) -> None:
    ids = [*range(300), *range(65_000, 66_000), *range(2**31 - 500, 2**31 + 500)]
    data = {"ratings": {user: {movie: (movie % 10) / 2 for movie in ids} for user in range(20)}, "ids": ids}
    assert same(read(file, pickle.dumps(data, protocol)), data)


@pytest.mark.parametrize("kind", ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])
def test_numpy_scalars_become_plain_numbers(file: Path, kind: str) -> None:
    dtype = np.dtype(kind)
    if dtype.kind == "b":
        limits: list[Any] = [False, True]
    else:
        info: Any = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        limits = [info.min, info.max, 0, 1, 10]
    scalars = [dtype.type(limit) for limit in limits]
    for core, protocol in itertools.product(("numpy._core", "numpy.core"), PROTOCOLS):
        content = by_numpy_of(core, pickle.dumps(scalars, protocol))
        assert same(read(file, content), [scalar.item() for scalar in scalars]), (core, protocol)


def by_numpy_of(core: str, content: bytes) -> bytes:
    """A pickle of NumPy 2 as NumPy 1 would have written it, if `core` says so."""
    if core == "numpy._core":
        return content
    assert b"numpy._core.multiarray" in content
    content = content.replace(b"c" + b"numpy._core.", b"c" + b"numpy.core.")  # GLOBAL
    shorter = content.replace(b"\x16numpy._core.multiarray", b"\x15numpy.core.multiarray")  # SHORT_BINUNICODE
    frames = b"\x95" + struct.pack("<Q", len(content) - 11)
    return shorter.replace(frames, b"\x95" + struct.pack("<Q", len(shorter) - 11))


OLD_SCALARS = {  # pickle.dumps({numpy.int64(-502): numpy.float64(4.5)}) as old versions wrote it
    "NumPy 1.26, protocol 0": (
        b"(dp0\ncnumpy.core.multiarray\nscalar\np1\n(cnumpy\ndtype\np2\n(Vi8\np3\nI00\nI01\ntp4\nRp5\n(I3\nV<\np6"
        b"\nNNNI-1\nI-1\nI0\ntp7\nbc_codecs\nencode\np8\n(V\\u000a\xfe\xff\xff\xff\xff\xff\xff\np9\nVlatin1\np10\n"
        b"tp11\nRp12\ntp13\nRp14\ng1\n(g2\n(Vf8\np15\nI00\nI01\ntp16\nRp17\n(I3\ng6\nNNNI-1\nI-1\nI0\ntp18\nbg8\n("
        b"V\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\x12@\np19\ng10\ntp20\nRp21\ntp22\nRp23\ns."
    ),
    "NumPy 1.26, protocol 2": (
        b"\x80\x02}q\x00cnumpy.core.multiarray\nscalar\nq\x01cnumpy\ndtype\nq\x02X\x02\x00\x00\x00i8q\x03\x89\x88"
        b"\x87q\x04Rq\x05(K\x03X\x01\x00\x00\x00<q\x06NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x07bc_codecs\ne"
        b"ncode\nq\x08X\x0f\x00\x00\x00\n\xc3\xbe\xc3\xbf\xc3\xbf\xc3\xbf\xc3\xbf\xc3\xbf\xc3\xbfq\tX\x06\x00\x00"
        b"\x00latin1q\n\x86q\x0bRq\x0c\x86q\rRq\x0eh\x01h\x02X\x02\x00\x00\x00f8q\x0f\x89\x88\x87q\x10Rq\x11(K\x03"
        b"h\x06NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x12bh\x08X\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x12"
        b"@q\x13h\n\x86q\x14Rq\x15\x86q\x16Rq\x17s."
    ),
    "NumPy 1.26, protocol 4": (
        b"\x80\x04\x95\xa1\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x15numpy.core.multiarray\x94\x8c\x06scalar\x94\x93"
        b"\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02i8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ"
        b"\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bC\x08\n\xfe\xff\xff\xff\xff\xff\xff\x94\x86\x94R\x94h\x03h"
        b"\x06\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03h\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bC\x08"
        b"\x00\x00\x00\x00\x00\x00\x12@\x94\x86\x94R\x94s."
    ),
    "Python 2.7 with NumPy 1.16, protocol 0": (
        b"(dp1\ncnumpy.core.multiarray\nscalar\np2\n(cnumpy\ndtype\np3\n(S'i8'\nI0\nI1\ntRp4\n(I3\nS'<'\nNNNI-1\nI"
        b"-1\nI0\ntbS'\\n\\xfe\\xff\\xff\\xff\\xff\\xff\\xff'\ntRp5\ng2\n(g3\n(S'f8'\nI0\nI1\ntRp6\n(I3\nS'<'\nNNN"
        b"I-1\nI-1\nI0\ntbS'\\x00\\x00\\x00\\x00\\x00\\x00\\x12@'\ntRp7\ns."
    ),
    "Python 2.7 with NumPy 1.16, protocol 2": (
        b"\x80\x02}q\x01cnumpy.core.multiarray\nscalar\nq\x02cnumpy\ndtype\nq\x03U\x02i8K\x00K\x01\x87Rq\x04(K\x03"
        b"U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbU\x08\n\xfe\xff\xff\xff\xff\xff\xff\x86Rq\x05h\x02h"
        b"\x03U\x02f8K\x00K\x01\x87Rq\x06(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbU\x08\x00\x00\x00"
        b"\x00\x00\x00\x12@\x86Rq\x07s."
    ),
}
PYTHON_2_TEXT = (  # cPickle.dumps of the list in the test below
    b"(dp1\nS'it\\'s \\\\ \"x\"\\n'\np2\n(lp3\nL1L\naI01\naI1099511627776\naF0.10000000000000001\naVK\xe4se \\"
    b"u20ac\np4\naNas."
)


@pytest.mark.parametrize("content", OLD_SCALARS.values(), ids=OLD_SCALARS)
def test_scalars_that_old_versions_wrote_are_read(file: Path, content: bytes) -> None:
    assert same(read(file, content), {-502: 4.5})


def test_text_that_python_2_wrote_is_read(file: Path) -> None:
    assert same(read(file, PYTHON_2_TEXT), {'it\'s \\ "x"\n': [1, True, 2**40, 0.1, "Käse €", None]})


def test_binary_strings_of_python_2_are_read(file: Path) -> None:
    scalar = pieces.call(
        pieces.name("numpy.core.multiarray", "scalar"),
        pieces.call(pieces.name("numpy", "dtype"), b"U\x02f8", pieces.whole(0), pieces.whole(1))
        + pieces.state("<")
        + pieces.BUILD,
        b"U\x08" + struct.pack("<d", -4.5),
    )
    assert same(read(file, b"\x80\x02(U\x03one" + scalar + b"d."), {"one": -4.5})


@pytest.mark.parametrize(("order", "layout"), [("<", "<h"), (">", ">h")])
def test_byte_orders_are_heeded(file: Path, order: str, layout: str) -> None:
    assert read(file, pieces.numpy_scalar("i2", struct.pack(layout, 258), order) + b".") == 258


@given(data=st.data(), kind=st.sampled_from(["i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8"]))
def test_scalars_of_any_bytes_are_what_numpy_says(file: Path, data: st.DataObject, kind: str) -> None:
    order = data.draw(st.sampled_from("<>"))
    value = data.draw(st.binary(min_size=int(kind[1]), max_size=int(kind[1])))
    expected = np.frombuffer(value, order + kind)[0].item()
    assert same(read(file, pieces.numpy_scalar(kind, value, order) + b"."), expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"I-5\n.", -5),
        (b"I00\n.", False),
        (b"I01\n.", True),
        (b"I1\n.", 1),
        (b"L18446744073709551615L\n.", 2**64 - 1),
        (b"L-9223372036854775808\n.", -(2**63)),
        (b"\x8a\x00.", 0),
        (b"F-1e-07\n.", -1e-07),
        (b"Finf\n.", math.inf),
        (b"V\\u20ac\xe4\n.", "€ä"),
        (rb"S'\x41\t\'\"\\'" + b"\n.", "A\t'\"\\"),
        (b"(I1\nI2\nl.", [1, 2]),
        (b"(I1\nI2\nd.", {1: 2}),
    ],
)
def test_each_spelling_is_read(file: Path, content: bytes, expected: object) -> None:
    assert same(read(file, content), expected)


def test_the_file_is_left_alone(file: Path) -> None:
    content = pickle.dumps([1])
    read(file, content)
    file.unlink()  # not held open, either
    file.write_bytes(content)
    assert file.read_bytes() == content


def test_progress_is_reported_every_few_megabytes(file: Path) -> None:
    content = pickle.dumps([dict.fromkeys(range(100_000), 0.5) for _ in range(8)])
    file.write_bytes(content)
    reports: list[tuple[int, int]] = []
    read_pickle(file, on_progress=lambda done, total: reports.append((done, total)))
    assert len(reports) >= 2
    assert {total for _, total in reports} == {len(content)}
    steps = np.diff([0, *(done for done, _ in reports), len(content)])
    assert (steps > 0).all()
    assert steps.max() < 6 << 20


# --- what is refused ---

_events: list[str] | None = None


def _listen(event: str, _: tuple[Any, ...]) -> None:
    if _events is not None and threading.current_thread() is threading.main_thread():
        _events.append(event)


sys.addaudithook(_listen)


@contextlib.contextmanager
def events() -> Iterator[list[str]]:
    """What Python's audit hooks report meanwhile: every import, exec, file opened, process started and so on."""
    global _events
    _events = collected = list[str]()
    try:
        yield collected
    finally:
        _events = None


@pytest.mark.parametrize("name", ["reduce of os.system", "system from the stack", "subprocess", "eval", "exec"])
def test_the_collection_would_do_harm_if_it_were_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with events() as happened:
        pickle.loads(HOSTILE[name])
    assert "pickle.find_class" in happened
    assert Path("sentinel").exists()


def test_hostile_mappings_are_refused_and_nothing_else_happens(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(file, b"V\n.")  # what Python itself loads on first use is loaded
    monkeypatch.chdir(tmp_path)
    for name, content in HOSTILE.items():
        file.write_bytes(content)
        tracemalloc.start()
        began = time.process_time()
        try:
            with events() as happened, pytest.raises(ModelError) as caught:
                read_mappings(file, lambda *_: None)
            assert tracemalloc.get_traced_memory()[1] < 64 << 20, name
            assert time.process_time() - began < 20, name  # a bound on hanging, not a measure of speed
        finally:
            tracemalloc.stop()
        message = str(caught.value)
        assert message.startswith(f"{file}: "), name
        assert message.isprintable(), name
        assert len(message) < 1000, name
        assert set(happened) <= {"open", "mmap.__new__", "builtins.id"}, name
        assert happened.count("open") <= 1, name
        assert not list(tmp_path.iterdir()), name


HARMLESS = {
    "a scalar of text", "a list that holds itself", "a dict that holds itself", "a billion laughs",
    "20,000 lists in one another", "33 lists in one another", "33 dicts in one another",
    "lists in one another, the deepest first", "1,000,000 things on the stack", "1,000,000 numbers on the stack",
    "two results", "an open mark", "a long string", "half a character", "half a character, escaped",
    "two halves, escaped", "a string of Python 2 that is not ASCII", "a long string of Python 2 that is not ASCII",
}  # fmt: skip


def test_what_is_only_unusual_is_read_as_plain_data(file: Path) -> None:
    """Such a pickle takes up little memory; it is no mappings, but that is for others to say."""
    assert {name for name, content in HOSTILE.items() if is_plain(file, content)} == HARMLESS


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("reduce of os.system", "it wants to call 'os.system'"),
        ("system from the stack", "it wants to call 'os.system'"),
        ("a look-alike letter", "it wants to call 'numpy.dtypе'"),  # the last letter is Cyrillic
        ("a name of two lines", r"it wants to call 'os.system\nall is well'"),
        ("a name that paints the terminal", r"it wants to call 'os.\x1b[2J'"),
        ("a NumPy scalar O8", "it calls numpy.dtype with"),
        ("a state with names", "it gives numpy.dtype i8 a state"),
        ("a codec that is not named", "it calls _codecs.encode with"),
        ("a scalar of three", "it calls numpy.core.multiarray.scalar with"),
        ("BUILD of a function's defaults", "it sets the state of a function"),
        ("bytes in a dict", "it holds bytes as a value"),
        ("float as a key", "it holds float as a key"),
        ("NEWOBJ", "NEWOBJ at byte 16 is unexpected"),
        ("a web page", "0x3c at byte 0 is unexpected"),
        ("no STOP", "the end of the file at byte 3 is unexpected"),
        ("a second pickle behind the first", "STOP at byte 3 is unexpected"),
    ],
)
def test_what_is_wrong_is_named(file: Path, name: str, called: str) -> None:
    assert f"{file}: this pickle is refused: {called}" in refusal(file, HOSTILE[name])


class Anything:
    """A class of one's own."""


@pytest.mark.parametrize(
    "thing",
    [{1, 2}, frozenset("ab"), b"bytes", bytearray(b"x"), 1j, range(3), print, Anything, Anything(), np.zeros(3),
     np.dtype("i8"), np.str_("x"), np.complex128(1), np.datetime64("2000-01-01"), np.longdouble(1), 2**67, (), (1, 2),
     {None: 1}, {1.0: 1}, {True: 1}, {(1,): 1}, {np.float64(1): 1}, {np.bool_(True): 1}],
)  # fmt: skip
def test_all_that_is_not_plain_data_is_refused(file: Path, thing: object) -> None:
    for protocol, whole in itertools.product(PROTOCOLS, (thing, {"a": [thing]})):
        assert "this pickle is refused" in refusal(file, pickle.dumps(whole, protocol)), protocol


def test_opcodes_that_plain_data_does_without_are_refused(file: Path) -> None:
    scanned = {
        opcode.name
        for opcode in pickletools.opcodes
        if f"{opcode.name} at byte 0" not in refusal(file, opcode.code.encode("latin-1") + b"\x01" * 7 + b"\n\n")
    }
    assert not scanned & {
        "POP", "POP_MARK", "DUP", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID",
        "EMPTY_SET", "ADDITEMS", "FROZENSET", "BYTEARRAY8", "NEXT_BUFFER", "READONLY_BUFFER",
    }  # fmt: skip


SAMPLE = {"index": {np.int64(3): 0}, "text": ["ä" * 130, "x"], "ratings": {7: {300: 4.5, 70_000: -1}}, "big": 2**63}
VALID = [
    *(pickle.dumps(SAMPLE, protocol) for protocol in PROTOCOLS),
    b"(dS'a\\n'\n(lp1\nL5L\naF0.5\naI01\nasU\x01bU\x01cs.",
    pieces.START + pieces.numpy_scalar("f4", b"\0\0\0\0", ">", "numpy.core") + b".",
]


@pytest.mark.parametrize("content", VALID)
def test_a_file_that_is_cut_off_is_refused_wherever_it_is(file: Path, content: bytes) -> None:
    read(file, content)
    for length in range(len(content)):
        refusal(file, content[:length])


def test_what_is_no_file_is_refused(file: Path) -> None:
    for path in (file.parent, file.parent / "missing.pkl"):
        with pytest.raises(ModelError, match="there is no such file"):
            read_pickle(path)


def test_there_is_an_end_to_what_is_built(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pickle.dumps([{} for _ in range(100)])
    read(file, content)
    monkeypatch.setattr(unpickling, "MOST_CONTAINERS", 100)
    assert "EMPTY_DICT at byte" in refusal(file, content)
    monkeypatch.setattr(unpickling, "LARGEST_FILE", 100)
    assert "the file is empty, or larger than" in refusal(file, content)


def test_the_opcodes_that_are_checked_are_those_that_are_read(file: Path) -> None:
    """From a file, Python forgets the rest of a frame that ends within an opcode; it would read None here."""
    frame = pieces.NONE * 200_000 + b"J\0\0"
    content = pieces.START + b"\x95" + struct.pack("<Q", len(frame)) + frame + b"\0\0" + b"\x8c\x02N." + b"."
    assert read(file, content) == "N."


@linux_only
def test_too_little_memory_is_reported(file: Path) -> None:
    file.write_bytes(b"N" + pieces.MEMOIZE * 10_000_000 + b".")
    script = (
        "import pathlib, resource, sys; from reelwise.legacy.unpickling import read_pickle\n"
        "resource.setrlimit(resource.RLIMIT_AS, (130 << 20,) * 2)\n"
        "try: read_pickle(pathlib.Path(sys.argv[1]))\n"
        "except Exception as error: print(repr(error))"
    )
    done = subprocess.run([sys.executable, "-c", script, file], capture_output=True, text=True, check=True)
    assert "this machine has too little memory" in done.stdout


# --- whatever the bytes ---


def is_plain(file: Path, content: bytes) -> bool:
    """Whether `content` is read, as plain data; else it must be refused."""
    try:
        unseen = [read(file, content)]
    except ModelError:
        return False
    seen = set[int]()
    while unseen:
        thing = unseen.pop()
        assert type(thing) in PLAIN
        if type(thing) in (dict, list) and id(thing) not in seen:
            seen.add(id(thing))
            unseen += thing if type(thing) is list else thing.values()
            assert type(thing) is list or {type(key) for key in thing} <= {str, int}
    return True


@given(content=st.binary(max_size=200))
def test_random_bytes_are_refused_or_plain(file: Path, content: bytes) -> None:
    is_plain(file, content)


PIECES = [
    *(bytes([code]) for code in range(256)),
    *(pieces.text(word) for word in ("", "i8", "latin1", "<", "numpy", "dtype")),
    pieces.raw(b"12345678"), pieces.whole(-1), pieces.recall(0), pieces.recall(1), b"K\x01", b"M\x01\x01",
    b"G\x00\x00\x00\x00\x00\x00\x00\x00", pieces.name("numpy", "dtype"), pieces.numpy_type("i8"), pieces.state("<"),
    pieces.name("numpy._core.multiarray", "scalar"), pieces.numpy_scalar("u1", b"1", "|"), b"I01\n", b"F1.5\n",
    b"S'x'\n",
]  # fmt: skip


@given(opcodes=st.lists(st.sampled_from(PIECES), max_size=40))
def test_random_opcodes_are_refused_or_plain(file: Path, opcodes: list[bytes]) -> None:
    is_plain(file, b"".join(opcodes) + b".")


@given(data=st.data())
def test_changed_pickles_are_refused_or_plain(file: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(VALID)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        width = data.draw(st.integers(0, 4))
        content[at : at + width] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=4))
    is_plain(file, bytes(content))
