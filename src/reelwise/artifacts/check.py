"""Checking a model folder in a process of its own: `python -m reelwise.artifacts.check FOLDER`."""

import sys
from pathlib import Path

from reelwise.artifacts.folder import check_model
from reelwise.errors import ReelwiseError

REFUSED = 3
"""The code that it ends with where it says what is wrong with the model."""

if __name__ == "__main__":
    try:
        check_model(Path(sys.argv[1]))
    except ReelwiseError as error:
        sys.stdout.write(f"{error}\n")
        raise SystemExit(REFUSED) from None
