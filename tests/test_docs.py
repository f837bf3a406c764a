"""The pages under docs/ say what is true."""

import re
from pathlib import Path

import pytest

from reelwise.artifacts.folder import read_model, write_model
from reelwise.data.sample.dataset import read_sample
from reelwise.training.pipeline import TrainingSettings, train
from support.tiny_recommender import tiny_model

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_about_python_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(tmp_path / "model", train(read_sample(), TrainingSettings(threads=2)))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "python.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    printed = capsys.readouterr().out
    assert len(blocks) >= 7
    assert re.search(
        r"^\d\.\d\d ± \d\.\d\d  .* \(\d{4}\)  \(because of .*(Alien|Blade Runner)", printed, flags=re.MULTILINE
    )
    assert "of the score is due to" in printed
    assert read_model(tmp_path / "another-model").config.seed == 7


def test_the_page_about_the_model_folder_names_every_file(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    page = (DOCS / "model-folder.md").read_text(encoding="utf-8")
    for file in (tmp_path / "model").iterdir():
        assert f"`{file.name}`" in page
