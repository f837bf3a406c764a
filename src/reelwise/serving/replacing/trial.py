"""Having a new model checked by another process, while this one answers from the old model.

Looking at all bytes and numbers of a large model takes a second of a processor. In a thread of the server, requests
would wait meanwhile for the interpreter, which one thread at a time can hold, and for the processor. A process at low
priority takes what nobody else wants.
"""

from hashlib import sha256
from pathlib import Path

from reelwise.artifacts.fingerprint import Fingerprint
from reelwise.errors import ModelError
from reelwise.serving.replacing.aside import start_aside
from reelwise.serving.telemetry.workers import shared_folder
from reelwise.storage.working_folders import locked


def have_checked(folder: Path, state: Fingerprint) -> None:
    """Have the model in `folder` checked; of several workers that ask at once, one has it done for all.

    Args:
        folder: of the model.
        state: of the folder, by which workers know that they mean the same model.

    Raises:
        ModelError: Raised when something is wrong with it.
    """
    shared = shared_folder()
    if shared is None:
        outcome = _check(folder)
    else:
        outcome = _check_for_all(folder, shared / "trial", sha256(repr(sorted(state)).encode()).hexdigest())
    if outcome:
        raise ModelError(outcome)


def _check_for_all(folder: Path, shared: Path, state: str) -> str:
    shared.mkdir(exist_ok=True)
    with locked(shared, wait=True):
        note = shared / "outcome"
        known, _, outcome = note.read_text(encoding="utf-8").partition("\n") if note.exists() else ("", "", "")
        if known != state:
            outcome = _check(folder)
            note.write_text(f"{state}\n{outcome}", encoding="utf-8")
    return outcome


def _check(folder: Path) -> str:
    """What is wrong with the model; nothing if it is good."""
    with start_aside(["reelwise.artifacts.check", str(folder)]) as process:
        said, _ = process.communicate()
    if process.returncode == 0:
        return ""
    if process.returncode == 0:
        return ""
    lines = said.strip().splitlines()
    return lines[-1] if lines else f"{folder}: the process that checked this model was killed; is memory short?"
