"""Models that take seconds to train, trained once for all processes of a test run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from reelwise.artifacts.folder import write_model
from reelwise.data.dataset import Dataset
from reelwise.training.pipeline import TrainingSettings, train


def trained_once(factory: pytest.TempPathFactory, name: str, read: Callable[[], Dataset]) -> Path:
    """The folder of the model of a data set by default settings; nobody may change it.

    Args:
        factory: of temporary folders.
        name: of the data set.
        read: reads it.
    """
    own = factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own  # a folder of each process lies in that of the run
    folder = shared / "trained" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_name(f"{name}.lock")):
        if not folder.exists():
            write_model(folder, train(read(), TrainingSettings(threads=2)))
    return folder
