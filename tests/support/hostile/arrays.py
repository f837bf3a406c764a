"""Files that are called arrays and are none, or say of themselves what cannot be: they may do nothing but fail."""

import pickle
import struct


class Bomb:
    """Unpickling it would raise AssertionError."""

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, ("raise AssertionError('the pickle was loaded')",))


def npy(header: str, body: bytes = b"\0" * 64, version: int = 1) -> bytes:
    """A .npy file with just that header."""
    raw = header.encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(raw)) + raw + body


def described(shape: str, fortran: str = "False") -> str:
    return f"{{'descr': '<f8', 'fortran_order': {fortran}, 'shape': {shape}, }}\n"


HOSTILE_ARRAYS = [
    b"",
    b"\x93NUMPY",
    npy(described("(4, 2)"))[:40],
    npy(described("(4, 2)"), b"\0" * 63),
    npy(described("(4, 2)"), b"\0" * 65),
    npy(described("(4, 2)"), version=9),
    npy(described("(4, 2)") + " " * 20_000),
    npy(described("(4, 2)") + " " * 1_000_000, version=2),
    b"\x93NUMPY\x02\0\xff\xff\xff\xff" + b" " * 100,
    npy(described("(-4, 2)")),
    npy(described("(-4, -2)")),
    npy(described("(4611686018427387904, 4)")),
    npy(described("(4, 1000000000000000)")),
    npy(described(f"({10**30}, 2)")),
    npy(described(f"({'9' * 5000}, 2)")),
    npy(described("(True, 2)")),
    npy(described("(4.0, 2)")),
    npy(described("(4, 2)", fortran="__import__('os').abort()")),
    npy("-" * 9000 + "1"),
    npy("(" * 5000),
    npy("{'descr': '<f8"),
    npy("{[]: 1}"),
    npy("{'descr': (), 'fortran_order': False, 'shape': (4, 2), }"),
    npy("{'descr': " + "[" * 90 + "]" * 90 + ", 'fortran_order': False, 'shape': (4, 2), }"),
    npy("{'descr': '<M8[zz]', 'fortran_order': False, 'shape': (4, 2), }"),
    npy("{'descr': '|O', 'fortran_order': False, 'shape': (4, 2), }"),
    pickle.dumps(Bomb()),
    b"PK\x03\x04" + b"\0" * 100,
]
