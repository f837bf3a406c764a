"""Having a new model checked by another process, while this one answers from the old model.

Looking at all bytes and numbers of a large model takes a second of a processor. In a thread of the server, requests
would wait meanwhile for the interpreter, which one thread at a time can hold, and for the processor. Another process
takes of that what nobody else wants. A server at its limit wants all of it; there the check starts anew, at a low
priority.
"""

from hashlib import sha256
from pathlib import Path
from subprocess import TimeoutExpired

from reelwise.artifacts.check import REFUSED
from reelwise.artifacts.fingerprint import Fingerprint
from reelwise.errors import ModelError
from reelwise.serving.replacing.aside import start_aside
from reelwise.serving.telemetry.workers import shared_folder
from reelwise.storage.working_folders import locked

_NICENESS = 5  # more, and a server at its limit would not get a new model for long
# Of a check for which there is a processor half of the time:
_PATIENCE = 1.0  # seconds
_SPEED = 200e6  # bytes a second


def have_checked(folder: Path, state: Fingerprint) -> None:
    """Have the model in `folder` checked; of several workers that ask at once, one has a good one checked for all.

    Args:
        folder: of the model.
        state: of the folder, by which workers know that they mean the same model.

    Raises:
        ModelError: Raised when something is wrong with it.
    """
    shared = shared_folder()
    if shared is None:
        _check(folder)
        return
    turn = shared / "trial"
    turn.mkdir(exist_ok=True)
    with locked(turn, wait=True):
        good, which = turn / "good", sha256(repr(sorted(state)).encode()).hexdigest()
        if not good.exists() or good.read_text() != which:
            _check(folder)
            good.write_text(which)


def _check(folder: Path) -> None:
    patience = _PATIENCE + sum(file.stat().st_size for file in folder.iterdir()) / _SPEED
    for niceness, seconds in ((None, patience), (_NICENESS, None)):
        with start_aside(["reelwise.artifacts.check", str(folder)], niceness) as process:
            try:
                said, _ = process.communicate(timeout=seconds)
                break
            except TimeoutExpired:
                process.kill()
    if process.returncode == REFUSED:
        raise ModelError(said.strip())
    if process.returncode != 0 and said:
        raise RuntimeError(said)
    if process.returncode != 0:
        raise ModelError(f"{folder}: the process that checked it was killed; the machine may be short of memory")
