import shutil
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from reelwise.artifacts.folder import write_model
from support.models.tiny_metrics import METRICS
from support.models.tiny_recommender import tiny_model

_version_of = cache(metadata.version)


@pytest.fixture
def versions_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which packages are installed is looked up once for all tests."""
    monkeypatch.setattr(metadata, "version", _version_of)


@pytest.fixture(scope="session")
def _measured_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured") / "model"
    write_model(folder, replace(tiny_model(), metrics=METRICS))
    return folder


@pytest.fixture
def measured_folder(no_settings: None, _measured_folder: Path) -> Path:
    """The folder of a model with nothing wrong, where the default settings look for one; the test may change it."""
    return Path(shutil.copytree(_measured_folder, "model"))
