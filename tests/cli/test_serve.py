"""`reelwise serve` and `reelwise info`; servers that run are tested in tests/serving."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from reelwise.artifacts.folder import write_model
from reelwise.serving import create_app
from support.models.tiny_metrics import METRICS
from support.models.tiny_recommender import tiny_model, tiny_recommender
from support.running.command_line import CommandLine


@pytest.mark.parametrize("command", ["serve", "quickstart"])
def test_a_port_that_is_taken_is_told_before_any_work(reelwise: CommandLine, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refusal = reelwise.refusal(command, "--port", taken.getsockname()[1])
    assert "choose another with --host or --port" in refusal
    assert list(Path.cwd().iterdir()) == []


def test_info(reelwise: CommandLine, tiny_folder: Path) -> None:
    assert "not measured" in reelwise("info", "--model", tiny_folder).out
    assert json.loads(reelwise("info", "--model", tiny_folder, "--json").out)["config"]["seed"] == 0
    assert "model: there is no such model folder" in reelwise.refusal("info")


def test_info_as_json_has_the_figures_of_a_model_that_was_measured(reelwise: CommandLine, tmp_path: Path) -> None:
    write_model(tmp_path / "model", replace(tiny_model(), metrics=METRICS))
    content = json.loads(reelwise("info", "--model", tmp_path / "model", "--json").out)
    assert content["metrics"]["selections"]["blend"]["ndcg@10"] == [0.5, 0.6]


def test_the_document_for_clients_is_that_of_a_server(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    served = create_app(recommender=tiny_recommender()).openapi()
    monkeypatch.setenv("REELWISE_API_KEYS", "what-is-set-here-makes-no-difference")
    printed = reelwise("openapi").out
    assert json.loads(printed) == served
    assert printed.isascii()  # wherever the shell puts it
    assert reelwise("openapi", "--out", "openapi.json").code == 0
    assert Path("openapi.json").read_text(encoding="utf-8") == printed
