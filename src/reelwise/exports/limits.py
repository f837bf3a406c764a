"""Limits on the size of people's files."""

MAX_BYTES = 8 << 20
"""The most bytes that a file may have as it is given; those of a folder together."""

MAX_UNPACKED, MAX_UNPACKED_FILE = 64 << 20, 16 << 20
"""The most bytes of all files of an archive together, and of each."""

MAX_ROWS, MAX_LINES = 50_000, 500_000
"""The most rows of all files together, and lines of each: what people write takes several lines of a row."""
