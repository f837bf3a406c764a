"""Real MovieLens data, where there is some: in the folder that REELWISE_TEST_DATA names, or beside the project."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("REELWISE_TEST_DATA", Path(__file__).parents[3].parent / "shared" / "data"))


def real_data(name: str) -> Path:
    """The folder of a real data set; skips the test where it is not there."""
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"needs MovieLens {name} in {FOLDER} (set REELWISE_TEST_DATA)")
    return folder
