"""Replacing files that a process holds open."""

import os

CAN_BE_REPLACED = os.name != "nt"
"""Whether a folder can replace another one whose files are mapped or open. On Windows it cannot, so that files of a
model are read there instead of mapped."""
