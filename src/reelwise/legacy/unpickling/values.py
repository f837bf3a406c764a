"""The bytes of a pickle, and the numbers and strings in them: text in protocol 0, binary since."""

import mmap
import re
import struct

from reelwise.legacy.unpickling.numpy_scalars import Refused, value_of_scalar

LONGEST_TEXT = 1 << 20  # bytes
LONGEST_INTEGER = 16  # bytes
MOST_DIGITS = 40  # of a number written as text
MOST_NUMBERS = 1 << 18  # kept for reuse

_NUMBER = re.compile(rb"G.{8}|M..|K.|J.{4}", re.DOTALL)  # BINFLOAT, BININT2, BININT1, BININT
_NUMBERS = re.compile(rb"(?:G.{8}|M..|K.|J.{4}){1,4096}+", re.DOTALL)
_WHOLE = re.compile(rb"[+-]?\d+")
_REAL = re.compile(rb"[+-]?(\d+\.?\d*(e[+-]?\d+)?|inf|nan)")
_QUOTED = re.compile(rb"'(.*)'|\"(.*)\"", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|(.?))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\", b"'": b"'", b'"': b'"'}


class Source:
    """A file, read from front to back."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.size = len(data)
        self.position = 0
        self._known = _KnownNumbers()

    def require(self, size: int) -> None:
        """Refuse to go beyond the end of the file."""
        if size > self.size - self.position:
            raise Refused(f"needs {size} bytes more, but the file ends after {self.size - self.position}")

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        self.require(size)
        begin, self.position = self.position, self.position + size
        return self.data[begin : self.position]

    def unsigned(self, size: int) -> int:
        """An integer of `size` bytes."""
        return int.from_bytes(self.take(size), "little")

    def counted(self, size: int, most: int = LONGEST_TEXT) -> bytes:
        """As many bytes as an integer of `size` bytes says; one that was meant to be negative reads as far too many."""
        length = self.unsigned(size)
        self.require(length)
        if length > most:
            raise Refused(f"has {length} bytes, at most {most} are read")
        return self.take(length)

    def line(self) -> bytes:
        """The bytes up to the end of the line, which is passed over."""
        end = self.data.find(b"\n", self.position, self.position + LONGEST_TEXT)
        if end < 0:
            raise Refused(f"needs the end of a line within {LONGEST_TEXT} bytes, but there is none")
        return self.take(end + 1 - self.position)[:-1]

    def numbers(self) -> list[int | float]:
        """All the numbers in a row, the first of which has its opcode behind us: real files hold tens of millions."""
        row = _NUMBERS.match(self.data, self.position - 1)
        if row is None:
            raise Refused("needs more bytes than the file has left")
        self.position = row.end()
        return list(map(self._known.__getitem__, _NUMBER.findall(row[0])))


class _KnownNumbers(dict[bytes, int | float]):
    """Numbers by opcode and value: however often a file repeats one, it is one object in memory."""

    def __missing__(self, written: bytes) -> int | float:
        if len(self) >= MOST_NUMBERS:
            self.clear()
        opcode, value = written[:1], written[1:]
        number: int | float = int.from_bytes(value, "little", signed=opcode == b"J")
        if opcode == b"G":
            (number,) = struct.unpack(">d", value)
        self[written] = number
        return number


def integer(number: int) -> int:
    """`number`, if NumPy has an integer for it."""
    if not -(2**63) <= number < 2**64:
        raise Refused("holds an integer that needs more than 64 bits")
    return number


def binary_integer(raw: bytes) -> int:
    """The integer written in as many bytes as it needs."""
    return integer(int.from_bytes(raw, "little", signed=True))


def text_integer(line: bytes) -> int:
    """The integer written as text."""
    if len(line) > MOST_DIGITS or not _WHOLE.fullmatch(line):
        raise Refused(f"holds no integer of at most {MOST_DIGITS} digits")
    return integer(int(line))


def text_integer_or_flag(line: bytes) -> int:
    """The integer written as text, where 00 is False and 01 is True."""
    return line == b"01" if line in (b"00", b"01") else text_integer(line)


def text_float(line: bytes) -> float:
    """The float written as text."""
    if len(line) > MOST_DIGITS or not _REAL.fullmatch(line):
        raise Refused(f"holds no number of at most {MOST_DIGITS} digits")
    return float(line)


def text(raw: bytes) -> str:
    """The string in UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refused("holds a string that is not UTF-8") from None


def escaped_text(line: bytes) -> str:
    r"""The string in the spelling of protocol 0: Latin-1, and \u with a number for all other characters."""
    try:
        string = line.decode("raw-unicode-escape")
        string.encode()  # fails on half a character, which can be written with \u
    except UnicodeError:
        raise Refused("holds a string that is not Unicode") from None
    return string


def python2_text(raw: bytes) -> str | bytes:
    """The string of Python 2, where text and bytes were one: what is not ASCII can only be the value of a scalar."""
    return raw.decode() if raw.isascii() else value_of_scalar(raw)


def quoted_text(line: bytes) -> str | bytes:
    """The string of Python 2, written with quotes and escapes."""
    quoted = _QUOTED.fullmatch(line)
    if quoted is None:
        raise Refused("holds a string without its quotes")
    return python2_text(_ESCAPE.sub(_unescaped, quoted[1] or quoted[2] or b""))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes.fromhex(escape[1].decode())
    if escape[2] not in _ESCAPED:
        raise Refused("holds a string with an escape that Python 2 does not write")
    return _ESCAPED[escape[2]]
