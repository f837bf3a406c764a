"""What compiles the kernels may be told nonsense by its environment."""

import importlib
import sys

import pytest

from reelwise.errors import EngineError
from reelwise.models import compiled


class Broken:
    """Finds numba as it is where one of its variables means nothing."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "numba":
            raise ValueError("Number of threads specified must be > 0.")


def test_variables_that_mean_nothing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, compiled.__name__)
    monkeypatch.delitem(sys.modules, "numba")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(EngineError, match=r"numba failed to start .* NUMBA_\* environment variables"):
        importlib.import_module(compiled.__name__)
