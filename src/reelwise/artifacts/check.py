"""Checking a model folder in a process of its own: `python -m reelwise.artifacts.check FOLDER`."""

import sys
from pathlib import Path

from reelwise.artifacts.folder import check_model
from reelwise.errors import ReelwiseError

if __name__ == "__main__":
    try:
        check_model(Path(sys.argv[1]))
    except ReelwiseError as error:
        raise SystemExit(str(error)) from None
