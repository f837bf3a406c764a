"""Checking all of a model folder, here or in a process of its own: `python -m reelwise.artifacts.check FOLDER`."""

import shutil
import sys
from pathlib import Path

from reelwise.artifacts.files import CARD, LARGEST_CARD
from reelwise.artifacts.folder import check_target
from reelwise.artifacts.integrity import check_integrity, names_of
from reelwise.artifacts.model import Model
from reelwise.artifacts.probe import probe
from reelwise.errors import ModelError, ReelwiseError
from reelwise.storage.arrays import require_regular
from reelwise.storage.atomic import replacing

REFUSED = 3
"""The code that it ends with where it says what is wrong with the model."""


def check_model(folder: Path) -> Model:
    """Read the model in `folder`, check all of its bytes, and ask it once.

    Raises:
        ModelError: Raised when there is no model, or it is invalid, fails to answer, or changed since it was written.
    """
    model = Model.load(folder)
    check_integrity(folder, model.config.sha256)
    probe(model)
    return model


def copy_model(source: Path, target: Path) -> Model:
    """Check all of the model in `source`, then copy it to `target`, in place of a model that is there.

    Raises:
        ModelError: Raised when the model is broken or changed, or cannot be written there.
    """
    check_target(target)
    model = check_model(source)
    try:
        with replacing(target) as fresh:
            for name in names_of(model.config.sha256):
                if (source / name).exists():
                    require_regular(source / name, LARGEST_CARD if name == CARD else None)
                    shutil.copyfile(source / name, fresh / name)
    except OSError as error:
        raise ModelError(f"{target}: the model cannot be written there ({error.strerror or error})") from error
    return model


if __name__ == "__main__":
    try:
        check_model(Path(sys.argv[1]))
    except ReelwiseError as error:
        sys.stdout.write(f"{error}\n")
        raise SystemExit(REFUSED) from None
