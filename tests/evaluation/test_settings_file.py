"""Hyper-parameters in a file are taken as they are, or refused by name."""

import json
from pathlib import Path

import pytest

from reelwise.errors import UsageError
from reelwise.evaluation.settings_file import read_settings
from reelwise.models.config import MatrixFactorizationConfig


def written(folder: Path, content: object) -> Path:
    path = folder / "settings.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_what_is_there_counts_and_the_rest_has_its_default(tmp_path: Path) -> None:
    path = written(tmp_path, {"rating": {"factors": 8, "learning_rate": 0.01}, "tuned": {"attempts": 3}})
    assert read_settings(path) == MatrixFactorizationConfig(factors=8, learning_rate=0.01)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a readable JSON file"),
        ("[" * 200_000, "not a readable JSON file"),
        ([], "not a JSON object"),
        ({"stars": {}}, 'expected {"rating"'),
        ({"rating": {}, "ranking": {"factors": 8}}, "there is nothing called 'ranking'"),
        ({"rating": {"factor": 8}}, "there is no setting 'factor'; choose one of factors, "),
        ({"rating": {"factors": "8"}}, "rating.factors: Input should be a valid integer"),
        ({"rating": {"factors": 0}}, "factors is 0; expected 1 to 10000"),
        ({"rating": {"user_regularisation": -1}}, "user_regularisation is -1"),
        ({"rating": {"learning_rate": float("inf")}}, "not a readable JSON file"),
    ],
)
def test_invalid_settings_are_refused_in_one_line(tmp_path: Path, content: object, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_settings(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json: this file is missing"):
        read_settings(tmp_path / "none.json")
