"""How large what people give may be."""

MAX_BYTES = 8 << 20
"""The most bytes that a file may have as it is given; those of a folder together."""

MAX_UNPACKED, MAX_UNPACKED_FILE = 64 << 20, 16 << 20
"""The most bytes of all files of an archive together, and of each."""

MAX_ROWS = 100_000
"""The most rows of all files together."""
