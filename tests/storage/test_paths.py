from pathlib import Path
from typing import Any

import pytest

from reelwise.artifacts.model import Model
from reelwise.errors import UsageError
from reelwise.models.base import Estimator
from support.models.tiny_recommender import tiny_model


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (None, "None is not a path"),
        (5, "5 is not a path"),
        ("", "'' is not a path"),
        ("a\0b", r"'a\\x00b' is not a path"),
        ("x" * 300, "a path has a name of 300 characters; name at most 255"),
    ],
)
def test_what_is_no_path_is_refused_wherever_models_are_kept(path: Any, message: str) -> None:
    for use in (tiny_model().save, Model.load, Estimator.load):
        with pytest.raises(UsageError, match=message):
            use(path)


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    tiny_model().save(str(tmp_path / "model"))
    assert len(Model.load(str(tmp_path / "model")).users) == len(tiny_model().users)
