"""Pickles put together by hand: the pieces, and with them a collection of pickles that must be refused.

A piece is an opcode with what follows it, as `pickletools` describes them. Code that a hostile pickle would run makes a
file named `sentinel` in the current folder, and does no other harm.
"""

import struct
from typing import NamedTuple

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


class Hostile(NamedTuple):
    """A pickle that must be refused, and what the refusal must say."""

    content: bytes
    refusal: str


def _whole_file(*pieces: bytes) -> bytes:
    return START + b"".join(pieces) + STOP


_SHELL = text("echo > sentinel")
_PYTHON = text("open('sentinel', 'w').close()")
_SCALAR = name("numpy._core.multiarray", "scalar")
_I8 = numpy_type("i8")
_ONE = struct.pack("<q", 1)
_ANY = name("numpy", "dtype")  # a function that is known, to be misused

_CALLS = {
    "reduce of os.system": (call(name("os", "system"), _SHELL), "wants to call os.system; only dicts"),
    "posix system": (call(name("posix", "system"), _SHELL), "wants to call posix.system"),
    "system from the stack": (call(name_on_stack("os", "system"), _SHELL), "STACK_GLOBAL wants to call os.system"),
    "system from the memo": (
        text("system") + MEMOIZE + text("os") + MEMOIZE + recall(1) + recall(0) + b"\x93",
        "STACK_GLOBAL wants to call os.system",
    ),
    "a name that is never called": (EMPTY_LIST + name("os", "system") + APPEND, "wants to call os.system"),
    "subprocess": (call(name("subprocess", "getoutput"), _SHELL), "wants to call subprocess.getoutput"),
    "eval": (call(name("builtins", "eval"), _PYTHON), "wants to call builtins.eval"),
    "exec": (call(name("builtins", "exec"), _PYTHON), "wants to call builtins.exec"),
    "exec of Python 2": (call(name("__builtin__", "exec"), _PYTHON), "wants to call __builtin__.exec"),
    "getattr": (call(name("builtins", "getattr"), _ANY, text("__class__")), "wants to call builtins.getattr"),
    "import": (call(name("builtins", "__import__"), text("antigravity")), "wants to call builtins.__import__"),
    "open": (call(name("io", "open"), text("sentinel"), text("w")), "wants to call io.open"),
    "copyreg": (
        call(name("copyreg", "_reconstructor"), name("builtins", "dict"), name("builtins", "object"), NONE),
        "wants to call copyreg._reconstructor",
    ),
    "partial": (call(name("functools", "partial"), name("os", "system"), _SHELL), "wants to call functools.partial"),
    "OrderedDict": (name("collections", "OrderedDict") + EMPTY_TUPLE + REDUCE, "wants to call collections.OrderedDict"),
    "defaultdict": (
        call(name("collections", "defaultdict"), name("builtins", "int")),
        "wants to call collections.defaultdict",
    ),
    "a set of protocol 2": (call(name("__builtin__", "set"), EMPTY_LIST), "wants to call __builtin__.set"),
    "an array": (
        call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), EMPTY_TUPLE, raw(b"b")),
        "wants to call numpy._core.multiarray._reconstruct",
    ),
    "an attribute of a known function": (
        name_on_stack("numpy._core.multiarray", "scalar.__class__"),
        "wants to call numpy._core.multiarray.scalar.__class__",
    ),
    "a known function of another module": (name("os", "scalar"), "wants to call os.scalar"),
    "a known name that is split elsewhere": (name_on_stack("numpy._core", "multiarray.scalar"), "wants to call numpy"),
    "a look-alike letter": (name("numpy", "dtypе"), "wants to call numpy.dtypе"),  # the last letter is Cyrillic
    "a space more": (name("numpy", "dtype "), "wants to call numpy.dtype ;"),
    "a name of two lines": (name_on_stack("os", "system\nall is well"), r"wants to call os.system\nall is well"),
    "a name that paints the terminal": (name_on_stack("os", "\x1b[2J"), r"wants to call os.\x1b[2J"),
    "a name of a million letters": (name_on_stack("os", "x" * 1_000_000), "wants to call os.xxx"),
    "no name": (whole(1) + whole(2) + b"\x93", "STACK_GLOBAL finds no names, but int and int"),
    "a name that is not UTF-8": (b"c\xff\nsystem\n", "GLOBAL holds a string that is not UTF-8"),
    "a call of a string": (call(text("os.system"), _SHELL), "REDUCE wants to call str with tuple"),
    "a call of a dict": (call(EMPTY_DICT, _SHELL), "REDUCE wants to call dict"),
    "a call without a tuple": (_ANY + EMPTY_LIST + REDUCE, "REDUCE wants to call Function with list"),
    "INST": (MARK + _SHELL + b"ios\nsystem\n", "INST is not read"),
    "OBJ": (MARK + _ANY + _SHELL + b"o", "OBJ is not read"),
    "NEWOBJ": (_ANY + EMPTY_TUPLE + b"\x81", "NEWOBJ is not read"),
    "NEWOBJ_EX": (_ANY + EMPTY_TUPLE + EMPTY_DICT + b"\x92", "NEWOBJ_EX is not read"),
    "EXT1": (b"\x82\x01", "EXT1 is not read"),
    "EXT2": (b"\x83\x01\x01", "EXT2 is not read"),
    "EXT4": (b"\x84\x01\x01\x01\x01", "EXT4 is not read"),
    "PERSID": (b"Pos.system\n", "PERSID is not read"),
    "BINPERSID": (text("os.system") + b"Q", "BINPERSID is not read"),
    "BUILD of a dict": (
        EMPTY_DICT + EMPTY_DICT + text("__setstate__") + name("os", "system") + SETITEM + BUILD,
        "wants to call os.system",
    ),
    "BUILD of a dict without names": (EMPTY_DICT + EMPTY_DICT + BUILD, "BUILD wants to change dict"),
    "BUILD of a function": (
        _ANY + EMPTY_DICT + text("__dict__") + EMPTY_DICT + SETITEM + BUILD,
        "BUILD wants to change Function",
    ),
    "BUILD of a number": (whole(1) + EMPTY_DICT + BUILD, "BUILD wants to change int"),
}

_NUMPY = {
    **{
        f"a NumPy scalar {kind}": (numpy_scalar(kind, _ONE), f"REDUCE wants to call numpy.dtype with ('{kind}'")
        for kind in ("O8", "V8", "S8", "U2", "M8", "c8", "f16", "i3", "object", "<i8", "i8,i8", "")
    },
    "a type of a list": (call(_ANY, EMPTY_LIST, FALSE, TRUE), "TUPLE finds list in a tuple"),
    "a type that is aligned": (call(_ANY, text("i8"), TRUE, TRUE), "wants to call numpy.dtype with ('i8', True, True)"),
    "a type of nothing": (_ANY + EMPTY_TUPLE + REDUCE, "wants to call numpy.dtype with ()"),
    **{
        f"a state with {fault}": (
            call(_ANY, text("i8"), FALSE, TRUE) + evil + BUILD,
            "BUILD wants to give numpy.dtype i8 the state",
        )
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
    "a state with fields": (
        call(_ANY, text("i8"), FALSE, TRUE) + state("<", NONE, EMPTY_TUPLE, EMPTY_DICT) + BUILD,
        "TUPLE finds dict and tuple in a tuple",
    ),
    "a scalar without a byte order": (
        call(_SCALAR, call(_ANY, text("i8"), FALSE, TRUE), raw(_ONE)),
        "REDUCE wants a NumPy scalar i8 whose byte order is not told",
    ),
    "a scalar of too few bytes": (numpy_scalar("i8", _ONE[:7]), "REDUCE wants a NumPy scalar i8 of 7 bytes"),
    "a scalar of too many bytes": (numpy_scalar("i4", _ONE), "REDUCE wants a NumPy scalar i4 of 8 bytes"),
    "a scalar of no bytes": (numpy_scalar("b1", b"", "|"), "REDUCE wants a NumPy scalar b1 of 0 bytes"),
    "a scalar of text": (
        call(_SCALAR, _I8, text("é" * 8)),
        "REDUCE wants to call numpy.core.multiarray.scalar with (NumPyType",
    ),
    "a scalar of a string as its type": (call(_SCALAR, text("i8"), raw(_ONE)), "scalar with ('i8', b'"),
    "a scalar of three": (call(_SCALAR, _I8, raw(_ONE), NONE), "REDUCE wants to call numpy.core.multiarray.scalar"),
    "the codec zip": (call(name("_codecs", "encode"), text("x"), text("zip")), "_codecs.encode with ('x', 'zip')"),
    "the codec rot13": (call(name("_codecs", "encode"), text("x"), text("rot13")), "encode with ('x', 'rot13')"),
    "a codec that is not named": (call(name("_codecs", "encode"), text("x")), "_codecs.encode with ('x',)"),
    "a codec with errors": (
        call(name("_codecs", "encode"), text("x"), text("latin1"), text("replace")),
        "_codecs.encode with ('x', 'latin1', 'replace')",
    ),
    "letters that Latin-1 lacks": (call(name("_codecs", "encode"), text("€"), text("latin1")), "_codecs.encode with"),
    "long bytes by a codec": (
        call(name("_codecs", "encode"), text("x" * 1_000_000), text("latin1")),
        "REDUCE holds 1000000 bytes; bytes are read only as the value of a NumPy scalar",
    ),
    "_codecs.decode": (call(name("_codecs", "decode"), raw(b"x"), text("zip")), "wants to call _codecs.decode"),
    "codecs.encode": (call(name("codecs", "encode"), text("x"), text("latin1")), "wants to call codecs.encode"),
    "a type as the whole": (_I8, "STOP finds NumPyType as the whole"),
    "a function as the whole": (_ANY, "STOP finds Function as the whole"),
    "bytes as the whole": (raw(b"x"), "STOP finds bytes as the whole"),
    "a tuple of bytes as the whole": (MARK + raw(b"x") + TUPLE, "STOP finds Arguments as the whole"),
    "bytes in a dict": (EMPTY_DICT + text("x") + raw(b"x") + SETITEM, "SETITEM finds bytes in a container"),
    "a type in a list": (EMPTY_LIST + _I8 + APPEND, "APPEND finds NumPyType in a container"),
    "long bytes": (b"B" + struct.pack("<I", 9) + b"x" * 9, "BINBYTES holds 9 bytes; bytes are read only as"),
}

_CONTAINERS = {
    "a set": (b"\x8f", "EMPTY_SET is not read"),
    "a frozenset": (MARK + whole(1) + b"\x91", "FROZENSET is not read"),
    "a bytearray": (b"\x96" + struct.pack("<Q", 1) + b"x", "BYTEARRAY8 is not read"),
    "a buffer": (b"\x97", "NEXT_BUFFER is not read"),
    "a list that holds itself": (
        EMPTY_LIST + MEMOIZE + recall(0) + APPEND,
        "BINGET puts one list into two places, which is not read",
    ),
    "a dict that holds itself": (
        EMPTY_DICT + MEMOIZE + text("x") + recall(0) + SETITEM,
        "BINGET puts one dict into two places",
    ),
    "a list that holds itself by DUP": (EMPTY_LIST + b"2" + APPEND, "DUP is not read"),
    "a billion laughs": (
        EMPTY_LIST + MEMOIZE + b"".join(MARK + recall(n) * 10 + LIST + MEMOIZE for n in range(9)),
        "BINGET puts one list into two places",
    ),
    "a billion laughs of tuples": (
        EMPTY_TUPLE + MEMOIZE + b"".join(recall(n) * 3 + b"\x87" + MEMOIZE for n in range(99)),
        "TUPLE3 finds tuple in a tuple",
    ),
    "100,000 lists in one another": (EMPTY_LIST * 100_000 + APPEND * 99_999, "nests containers more than 32 deep"),
    "33 lists in one another": (EMPTY_LIST * 33 + APPEND * 32, "APPEND nests containers more than 32 deep"),
    "33 dicts in one another": (
        (EMPTY_DICT + whole(1)) * 32 + EMPTY_DICT + SETITEM * 32,
        "SETITEM nests containers more than 32 deep",
    ),
    "lists in one another, the deepest first": (
        EMPTY_LIST + (EMPTY_LIST * 32 + APPEND * 32) + EMPTY_LIST + APPEND,
        "nests containers more than 32 deep",
    ),
    "1,000,000 marks": (MARK * 1_000_000, "MARK comes after 32 others that are open"),
    "1,000,000 TUPLE1": (NONE + b"\x85" * 1_000_000, "TUPLE1 finds tuple in a tuple"),
    "1,000,000 things on the stack": (NONE * 1_000_000, "NONE puts more than 100000 things on the stack"),
    "1,000,000 numbers on the stack": (b"K\x01" * 1_000_000, "BININT1 puts more than 100000 things on the stack"),
    "a list in a tuple": (EMPTY_LIST + b"\x85", "TUPLE1 finds list in a tuple"),
    **{
        f"{kind} as a key": (EMPTY_DICT + key + NONE + SETITEM, f"SETITEM finds {kind} as a key")
        for kind, key in {
            "float": b"G" + struct.pack(">d", 1.0),
            "bool": TRUE,
            "NoneType": NONE,
            "tuple": EMPTY_TUPLE,
            "list": EMPTY_LIST,
            "bytes": raw(b"x"),
        }.items()
    },
    "a key without a value": (EMPTY_DICT + MARK + whole(1) + SETITEMS, "SETITEMS finds 1 things, an odd number"),
    "a key without a value in a dict": (MARK + whole(1) + DICT, "DICT finds 1 things, an odd number"),
    "an item for a dict": (EMPTY_DICT + NONE + APPEND, "APPEND finds no list to add to, but dict"),
    "an item for nothing": (NONE + APPEND, "APPEND finds nothing on the stack"),
    "a pair for a list": (EMPTY_LIST + NONE + NONE + SETITEM, "SETITEM finds no dict to add to, but list"),
    "items without a mark": (EMPTY_LIST + APPENDS, "APPENDS finds no MARK on the stack"),
    "a tuple without a mark": (TUPLE, "TUPLE finds no MARK on the stack"),
    "a tuple of too few": (NONE + b"\x86", "TUPLE2 needs 2 things on the stack, but finds 1"),
    "what a mark hides": (whole(1) + MARK + b"\x85", "TUPLE1 needs 1 things on the stack, but finds 0"),
    "POP of nothing": (b"0", "POP is not read"),
    "DUP of nothing": (b"2", "DUP is not read"),
    "POP_MARK": (MARK + b"1", "POP_MARK is not read"),
    "MEMOIZE of nothing": (MEMOIZE, "MEMOIZE finds nothing on the stack"),
    "a memo that was never stored": (recall(7), "BINGET asks for number 7 of the memo, which was never stored"),
    "a memo far away": (b"j\xff\xff\xff\xff", "LONG_BINGET asks for number 4294967295 of the memo"),
    "a memo below zero": (NONE + MEMOIZE + b"g-1\n", "GET asks for number -1 of the memo"),
    "a memo of a huge number": (NONE + b"p" + b"9" * 1_000_000 + b"\n", "PUT holds no integer of at most 40 digits"),
    "two results": (NONE + NONE, "STOP finds 2 things above 0 marks on the stack, not one"),
    "no result": (b"", "STOP finds 0 things above 0 marks"),
    "an open mark": (MARK + NONE, "STOP finds 1 things above 1 marks"),
}

_VALUES = {
    **{
        f"{opcode} beyond the end": (code + length + b"short", f"{opcode} needs ")
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
    "a frame one byte too long": (b"\x95" + struct.pack("<Q", 3) + NONE, "FRAME needs 3 bytes more, but the file ends"),
    "a long string": (text("x" * ((1 << 20) + 1)), "BINUNICODE has 1048577 bytes, at most 1048576 are read"),
    "a long integer": (b"\x8a\x11" + b"\x01" * 17, "LONG1 has 17 bytes, at most 16 are read"),
    "an integer beyond 64 bits": (b"\x8a\x0a" + b"\x01" * 10, "LONG1 holds an integer that needs more than 64 bits"),
    "an integer below 64 bits": (b"\x8a\x09" + b"\xff" * 8 + b"\xfe", "LONG1 holds an integer that needs more than"),
    "an integer of many digits": (b"L" + b"9" * 1_000_000 + b"L\n", "LONG holds no integer of at most 40 digits"),
    "an integer of 30 digits": (b"L" + b"9" * 30 + b"L\n", "LONG holds an integer that needs more than 64 bits"),
    "an integer with underscores": (b"I1_0\n", "INT holds no integer"),
    "an integer in hexadecimal": (b"I0x10\n", "INT holds no integer"),
    "an integer of other digits": ("I１\n".encode(), "INT holds no integer"),
    "an integer of nothing": (b"I\n", "INT holds no integer"),
    "a float of words": (b"Fone\n", "FLOAT holds no number"),
    "a float of many digits": (b"F" + b"1" * 1_000_000 + b"\n", "FLOAT holds no number of at most 40 digits"),
    "a line without an end": (b"V" + b"x" * 2_000_000, "UNICODE needs the end of a line within 1048576 bytes"),
    "a string that is not UTF-8": (b"\x8c\x01\xff", "SHORT_BINUNICODE holds a string that is not UTF-8"),
    "half a character": (text("\ud800"), "BINUNICODE holds a string that is not UTF-8"),
    "half a character, escaped": (b"V\\ud800\n", "UNICODE holds a string that is not Unicode"),
    "two halves, escaped": (b"V\\ud83d\\ude00\n", "UNICODE holds a string that is not Unicode"),
    "a character beyond Unicode": (b"V\\U00110000\n", "UNICODE holds a string that is not Unicode"),
    "an escape that breaks off": (b"V\\u12\n", "UNICODE holds a string that is not Unicode"),
    "a string of Python 2 without quotes": (b"Sx\n", "STRING holds a string without its quotes"),
    "a string of Python 2 with one quote": (b"S'\n", "STRING holds a string without its quotes"),
    "a string of Python 2 with a strange escape": (b"S'\\q'\n", "STRING holds a string with an escape"),
    "a string of Python 2 that is not ASCII": (b"S'\\xff'\n", "STOP finds bytes as the whole"),
    "a long string of Python 2 that is not ASCII": (b"S'\\xff12345678'\n", "STRING holds 9 bytes; bytes are read only"),
    "protocol 6": (b"\x80\x06" + NONE, "PROTO announces protocol 6, but 0 to 5 are read"),
    "a byte that is no opcode": (b"\xff", "the byte 0xff is not read"),
    "a number cut off by the end": (b"G\0\0\0\0\0\0", "BINFLOAT needs more bytes than the file has left"),
}

_FILES = {
    "something behind STOP": Hostile(_whole_file(NONE) + b"more", "STOP is followed by 4 bytes more"),
    "a second pickle behind the first": Hostile(_whole_file(NONE) * 2, "STOP is followed by 4 bytes more"),
    "no STOP": Hostile(START + NONE, "ends at byte 3 without STOP"),
    "no more than the protocol": Hostile(START, "ends at byte 2 without STOP"),
    "nothing": Hostile(b"", "the file is empty"),
    "a web page": Hostile(b"<!DOCTYPE html>", "refused at byte 0: the byte 0x3c is not read"),
    "a pointer to a large file": Hostile(b"version https://git-lfs.github.com/spec/v1\n", "the byte 0x76 is not read"),
    "a zip, as PyTorch writes": Hostile(b"PK\x03\x04", "PERSID is not read"),
    "an array": Hostile(b"\x93NUMPY\x01\x00", "refused at byte 0: STACK_GLOBAL needs 2 things"),
    "a pickle packed with gzip": Hostile(b"\x1f\x8b\x08", "the byte 0x1f is not read"),
}

HOSTILE: dict[str, Hostile] = _FILES | {
    what: Hostile(_whole_file(pieces), refusal)
    for what, (pieces, refusal) in (_CALLS | _NUMPY | _CONTAINERS | _VALUES).items()
}
