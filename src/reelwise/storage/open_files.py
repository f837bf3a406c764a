"""What can be done to files that some process holds open."""

import os

CAN_BE_REPLACED = os.name != "nt"
"""Whether a folder can take another's place while files in that are mapped or open. On Windows it cannot, so that there
files of a model are read instead of mapped."""
