"""Pickles put together by hand: the pieces, and with them a collection of pickles that no model is made of.

A piece is an opcode with what follows it, as `pickletools` describes them. Code that a hostile pickle would run makes a
file named `sentinel` in the current folder, and does no other harm.
"""

import struct

START = b"\x80\x04"  # PROTO 4
STOP = b"."
NONE, TRUE, FALSE = b"N", b"\x88", b"\x89"
MARK, TUPLE, LIST, DICT = b"(", b"t", b"l", b"d"
EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT = b")", b"]", b"}"
APPEND, APPENDS, SETITEM, SETITEMS = b"a", b"e", b"s", b"u"
MEMOIZE, REDUCE, BUILD = b"\x94", b"R", b"b"


def text(string: str) -> bytes:
    """A string."""
    raw = string.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(raw)) + raw


def raw(content: bytes) -> bytes:
    """Bytes."""
    return b"C" + bytes([len(content)]) + content


def whole(number: int) -> bytes:
    """An integer."""
    return b"J" + struct.pack("<i", number)


def recall(index: int) -> bytes:
    """What was stored as number `index`."""
    return b"h" + bytes([index])


def name(module: str, of: str) -> bytes:
    """A function or class, by GLOBAL."""
    return f"c{module}\n{of}\n".encode()


def name_on_stack(module: str, of: str) -> bytes:
    """A function or class, by STACK_GLOBAL."""
    return text(module) + text(of) + b"\x93"


def call(function: bytes, *arguments: bytes) -> bytes:
    """A call of a function."""
    return function + MARK + b"".join(arguments) + TUPLE + REDUCE


def state(order: str, *others: bytes, version: int = 3) -> bytes:
    """The state of a NumPy type; by default, `others` are those of a number."""
    rest = others or (NONE, NONE, NONE, whole(-1), whole(-1), whole(0))
    return MARK + whole(version) + text(order) + b"".join(rest) + TUPLE


def numpy_type(kind: str, order: str = "<") -> bytes:
    """A NumPy type such as i8."""
    return call(name("numpy", "dtype"), text(kind), FALSE, TRUE) + state(order) + BUILD


def numpy_scalar(kind: str, value: bytes, order: str = "<", core: str = "numpy._core") -> bytes:
    """A NumPy scalar with the bytes `value`."""
    return call(name(f"{core}.multiarray", "scalar"), numpy_type(kind, order), raw(value))


def _whole_file(*pieces: bytes) -> bytes:
    return START + b"".join(pieces) + STOP


_SHELL = text("echo > sentinel")
_PYTHON = text("open('sentinel', 'w').close()")
_SCALAR = name("numpy._core.multiarray", "scalar")
_I8 = numpy_type("i8")
_ONE = struct.pack("<q", 1)
_ANY = name("numpy", "dtype")  # a function that is known, to be misused

_CALLS = {
    "reduce of os.system": call(name("os", "system"), _SHELL),
    "posix system": call(name("posix", "system"), _SHELL),
    "system from the stack": call(name_on_stack("os", "system"), _SHELL),
    "system from the memo": text("system") + MEMOIZE + text("os") + MEMOIZE + recall(1) + recall(0) + b"\x93",
    "a name that is never called": EMPTY_LIST + name("os", "system") + APPEND,
    "subprocess": call(name("subprocess", "getoutput"), _SHELL),
    "eval": call(name("builtins", "eval"), _PYTHON),
    "exec": call(name("builtins", "exec"), _PYTHON),
    "exec of Python 2": call(name("__builtin__", "exec"), _PYTHON),
    "getattr": call(name("builtins", "getattr"), _ANY, text("__class__")),
    "import": call(name("builtins", "__import__"), text("antigravity")),
    "open": call(name("io", "open"), text("sentinel"), text("w")),
    "copyreg": call(name("copyreg", "_reconstructor"), name("builtins", "dict"), name("builtins", "object"), NONE),
    "partial": call(name("functools", "partial"), name("os", "system"), _SHELL),
    "OrderedDict": name("collections", "OrderedDict") + EMPTY_TUPLE + REDUCE,
    "defaultdict": call(name("collections", "defaultdict"), name("builtins", "int")),
    "a set of protocol 2": call(name("__builtin__", "set"), EMPTY_LIST),
    "an array": call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), EMPTY_TUPLE, raw(b"b")),
    "an attribute of a known function": name_on_stack("numpy._core.multiarray", "scalar.__class__"),
    "a known function of another module": name("os", "scalar"),
    "a known name that is split elsewhere": name_on_stack("numpy._core", "multiarray.scalar"),
    "a look-alike letter": name("numpy", "dtypе"),  # the last letter is Cyrillic
    "a space more": name("numpy", "dtype "),
    "a name of two lines": name_on_stack("os", "system\nall is well"),
    "a name that paints the terminal": name_on_stack("os", "\x1b[2J"),
    "a name of a million letters": name_on_stack("os", "x" * 1_000_000),
    "no name": whole(1) + whole(2) + b"\x93",
    "a name that is not UTF-8": b"c\xff\nsystem\n",
    "a call of a string": call(text("os.system"), _SHELL),
    "a call of a dict": call(EMPTY_DICT, _SHELL),
    "a call without a tuple": _ANY + EMPTY_LIST + REDUCE,
    "INST": MARK + _SHELL + b"ios\nsystem\n",
    "OBJ": MARK + _ANY + _SHELL + b"o",
    "NEWOBJ": _ANY + EMPTY_TUPLE + b"\x81",
    "NEWOBJ_EX": _ANY + EMPTY_TUPLE + EMPTY_DICT + b"\x92",
    "EXT1": b"\x82\x01",
    "EXT2": b"\x83\x01\x01",
    "EXT4": b"\x84\x01\x01\x01\x01",
    "PERSID": b"Pos.system\n",
    "BINPERSID": text("os.system") + b"Q",
    "BUILD of a dict": EMPTY_DICT + EMPTY_DICT + text("__setstate__") + name("os", "system") + SETITEM + BUILD,
    "BUILD of a dict without names": EMPTY_DICT + EMPTY_DICT + BUILD,
    "BUILD of a function": _ANY + EMPTY_DICT + text("__dict__") + EMPTY_DICT + SETITEM + BUILD,
    "BUILD of a number": whole(1) + EMPTY_DICT + BUILD,
    "BUILD of a function's defaults": (
        _ANY + NONE + EMPTY_DICT + text("__defaults__") + EMPTY_DICT + SETITEM + b"\x86" + BUILD
    ),
}

_NUMPY = {
    **{
        f"a NumPy scalar {kind}": numpy_scalar(kind, _ONE)
        for kind in ("O8", "V8", "S8", "U2", "M8", "c8", "f16", "i3", "object", "<i8", "i8,i8", "")
    },
    "a type of a list": call(_ANY, EMPTY_LIST, FALSE, TRUE),
    "a type that is aligned": call(_ANY, text("i8"), TRUE, TRUE),
    "a type of nothing": _ANY + EMPTY_TUPLE + REDUCE,
    **{
        f"a state with {fault}": call(_ANY, text("i8"), FALSE, TRUE) + evil + BUILD
        for fault, evil in {
            "names": state("<", NONE, text("a"), NONE, whole(8), whole(1), whole(16)),
            "the flag of objects": state("<", NONE, NONE, NONE, whole(-1), whole(-1), whole(63)),
            "a size of its own": state("<", NONE, NONE, NONE, whole(1 << 30), whole(1), whole(0)),
            "metadata": state("<", NONE, NONE, NONE, whole(-1), whole(-1), whole(0), text("x")),
            "another version": state("<", version=4),
            "no byte order": state("|"),
            "the native byte order": state("="),
            "a dict": EMPTY_DICT + text("x") + whole(1) + SETITEM,
            "100,000 long strings": MARK + text("x" * 1_000_000) + MEMOIZE + recall(0) * 99_000 + raw(b"") + TUPLE,
        }.items()
    },
    "a state with fields": call(_ANY, text("i8"), FALSE, TRUE) + state("<", NONE, EMPTY_TUPLE, EMPTY_DICT) + BUILD,
    "a scalar without a byte order": call(_SCALAR, call(_ANY, text("i8"), FALSE, TRUE), raw(_ONE)),
    "a scalar of too few bytes": numpy_scalar("i8", _ONE[:7]),
    "a scalar of too many bytes": numpy_scalar("i4", _ONE),
    "a scalar of no bytes": numpy_scalar("b1", b"", "|"),
    "a scalar of text": call(_SCALAR, _I8, text("é" * 8)),
    "a scalar of a string as its type": call(_SCALAR, text("i8"), raw(_ONE)),
    "a scalar of three": call(_SCALAR, _I8, raw(_ONE), NONE),
    "the codec zip": call(name("_codecs", "encode"), text("x"), text("zip")),
    "the codec rot13": call(name("_codecs", "encode"), text("x"), text("rot13")),
    "a codec that is not named": call(name("_codecs", "encode"), text("x")),
    "a codec with errors": call(name("_codecs", "encode"), text("x"), text("latin1"), text("replace")),
    "letters that Latin-1 lacks": call(name("_codecs", "encode"), text("€"), text("latin1")),
    "long bytes by a codec": call(name("_codecs", "encode"), text("x" * 1_000_000), text("latin1")),
    "_codecs.decode": call(name("_codecs", "decode"), raw(b"x"), text("zip")),
    "codecs.encode": call(name("codecs", "encode"), text("x"), text("latin1")),
    "a type as the whole": _I8,
    "a function as the whole": _ANY,
    "bytes as the whole": raw(b"x"),
    "a tuple of bytes as the whole": MARK + raw(b"x") + TUPLE,
    "bytes in a dict": EMPTY_DICT + text("x") + raw(b"x") + SETITEM,
    "a type in a list": EMPTY_LIST + _I8 + APPEND,
    "long bytes": b"B" + struct.pack("<I", 9) + b"x" * 9,
}

_CONTAINERS = {
    "a set": b"\x8f",
    "a frozenset": MARK + whole(1) + b"\x91",
    "a bytearray": b"\x96" + struct.pack("<Q", 1) + b"x",
    "a buffer": b"\x97",
    "a list that holds itself": EMPTY_LIST + MEMOIZE + recall(0) + APPEND,
    "a dict that holds itself": EMPTY_DICT + MEMOIZE + text("x") + recall(0) + SETITEM,
    "a list that holds itself by DUP": EMPTY_LIST + b"2" + APPEND,
    "a billion laughs": EMPTY_LIST + MEMOIZE + b"".join(MARK + recall(n) * 10 + LIST + MEMOIZE for n in range(9)),
    "a billion laughs of tuples": EMPTY_TUPLE
    + MEMOIZE
    + b"".join(recall(n) * 3 + b"\x87" + MEMOIZE for n in range(99)),
    "a billion laughs of tuples as a key": (
        EMPTY_DICT
        + EMPTY_TUPLE
        + MEMOIZE
        + b"".join(recall(n) * 3 + b"\x87" + MEMOIZE for n in range(99))
        + NONE
        + SETITEM
    ),
    "20,000 lists in one another": EMPTY_LIST * 20_000 + APPEND * 19_999,
    "33 lists in one another": EMPTY_LIST * 33 + APPEND * 32,
    "33 dicts in one another": (EMPTY_DICT + whole(1)) * 32 + EMPTY_DICT + SETITEM * 32,
    "lists in one another, the deepest first": EMPTY_LIST + (EMPTY_LIST * 32 + APPEND * 32) + EMPTY_LIST + APPEND,
    "1,000,000 marks": MARK * 1_000_000,
    "1,000,000 TUPLE1": NONE + b"\x85" * 1_000_000,
    "1,000,000 things on the stack": NONE * 1_000_000,
    "1,000,000 numbers on the stack": b"K\x01" * 1_000_000,
    "a list in a tuple": EMPTY_LIST + b"\x85",
    **{
        f"{kind} as a key": EMPTY_DICT + key + NONE + SETITEM
        for kind, key in {
            "float": b"G" + struct.pack(">d", 1.0),
            "bool": TRUE,
            "NoneType": NONE,
            "tuple": EMPTY_TUPLE,
            "list": EMPTY_LIST,
            "bytes": raw(b"x"),
        }.items()
    },
    "a key without a value": EMPTY_DICT + MARK + whole(1) + SETITEMS,
    "a key without a value in a dict": MARK + whole(1) + DICT,
    "an item for a dict": EMPTY_DICT + NONE + APPEND,
    "an item for nothing": NONE + APPEND,
    "a pair for a list": EMPTY_LIST + NONE + NONE + SETITEM,
    "items without a mark": EMPTY_LIST + APPENDS,
    "a tuple without a mark": TUPLE,
    "a tuple of too few": NONE + b"\x86",
    "what a mark hides": whole(1) + MARK + b"\x85",
    "POP of nothing": b"0",
    "DUP of nothing": b"2",
    "POP_MARK": MARK + b"1",
    "MEMOIZE of nothing": MEMOIZE,
    "a memo that was never stored": recall(7),
    "a memo far away": b"j\xff\xff\xff\xff",
    "a memo below zero": NONE + MEMOIZE + b"g-1\n",
    "a memo of gigabytes": NONE + b"r\xff\xff\xff\x7f",
    "a memo of gigabytes, in text": NONE + b"p2147483647\n",
    "a memo of a huge number": NONE + b"p" + b"9" * 1_000_000 + b"\n",
    "two results": NONE + NONE,
    "no result": b"",
    "an open mark": MARK + NONE,
}

_VALUES = {
    **{
        f"{opcode} beyond the end": code + length + b"short"
        for opcode, code, length in [
            ("BINUNICODE8", b"\x8d", b"\xff" * 8),
            ("BINUNICODE", b"X", b"\xff" * 4),
            ("SHORT_BINUNICODE", b"\x8c", b"\xff"),
            ("BINBYTES8", b"\x8e", struct.pack("<Q", 1 << 40)),
            ("BINBYTES", b"B", b"\xff" * 4),
            ("SHORT_BINBYTES", b"C", b"\xff"),
            ("BINSTRING", b"T", struct.pack("<i", -1)),
            ("SHORT_BINSTRING", b"U", b"\xff"),
            ("LONG1", b"\x8a", b"\xff"),
            ("LONG4", b"\x8b", struct.pack("<i", -(2**31))),
            ("FRAME", b"\x95", struct.pack("<Q", 2**63)),
        ]
    },
    "a frame one byte too long": b"\x95" + struct.pack("<Q", 3) + NONE,
    "a long string": text("x" * ((1 << 20) + 1)),
    "a long integer": b"\x8a\x11" + b"\x01" * 17,
    "an integer beyond 64 bits": b"\x8a\x0a" + b"\x01" * 10,
    "an integer below 64 bits": b"\x8a\x09" + b"\xff" * 8 + b"\xfe",
    "an integer of many digits": b"L" + b"9" * 1_000_000 + b"L\n",
    "an integer of 30 digits": b"L" + b"9" * 30 + b"L\n",
    "an integer with underscores": b"I1_0\n",
    "an integer in hexadecimal": b"I0x10\n",
    "an integer of other digits": "I１\n".encode(),
    "an integer of nothing": b"I\n",
    "a float of words": b"Fone\n",
    "a float of many digits": b"F" + b"1" * 1_000_000 + b"\n",
    "a line without an end": b"V" + b"x" * 2_000_000,
    "a string that is not UTF-8": b"\x8c\x01\xff",
    "half a character": text("\ud800"),
    "half a character, escaped": b"V\\ud800\n",
    "two halves, escaped": b"V\\ud83d\\ude00\n",
    "a character beyond Unicode": b"V\\U00110000\n",
    "an escape that breaks off": b"V\\u12\n",
    "a string of Python 2 without quotes": b"Sx\n",
    "a string of Python 2 with one quote": b"S'\n",
    "a string of Python 2 with a strange escape": b"S'\\q'\n",
    "a string of Python 2 that is not ASCII": b"S'\\xff'\n",
    "a long string of Python 2 that is not ASCII": b"S'\\xff12345678'\n",
    "protocol 6": b"\x80\x06" + NONE,
    "a byte that is no opcode": b"\xff",
    "a number cut off by the end": b"G\0\0\0\0\0\0",
}

_FILES = {
    "something behind STOP": _whole_file(NONE) + b"more",
    "a second pickle behind the first": _whole_file(NONE) * 2,
    "no STOP": START + NONE,
    "no more than the protocol": START,
    "nothing": b"",
    "a web page": b"<!DOCTYPE html>",
    "a pointer to a large file": b"version https://git-lfs.github.com/spec/v1\n",
    "a zip, as PyTorch writes": b"PK\x03\x04",
    "an array": b"\x93NUMPY\x01\x00",
    "a pickle packed with gzip": b"\x1f\x8b\x08",
}

HOSTILE = _FILES | {what: _whole_file(pieces) for what, pieces in (_CALLS | _NUMPY | _CONTAINERS | _VALUES).items()}
