"""What tests of replacing a model share."""

import pytest

from reelwise.artifacts.check import check_model
from reelwise.serving import model_manager


@pytest.fixture
def checked_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process does to a new model, see `test_trial.py`, in a hundredth of the time."""
    monkeypatch.setattr(model_manager, "have_checked", lambda folder, _state: check_model(folder))
