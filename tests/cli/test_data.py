"""`reelwise data` lists, downloads and looks into data sets."""

import socket
from pathlib import Path

import pytest

from reelwise.data.published import PUBLISHED
from support.running.command_line import CommandLine


def test_list_names_every_set(reelwise: CommandLine) -> None:
    out = reelwise("data", "list").out
    assert all(dataset.name in out for dataset in PUBLISHED)


def test_info(reelwise: CommandLine, ratings_folder: Path) -> None:
    out = reelwise("data", "info", ratings_folder).out
    assert "31, of which 30 are rated" in out
    assert "Film 1" in out


def test_get_says_what_is_wrong(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reelwise("data", "get", "ml-7").code == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers there
        monkeypatch.setenv("REELWISE_DATA_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        outcome = reelwise("data", "get", "ml-100k")
    assert outcome.code == 1
    assert "could not reach" in outcome.err
    assert not (Path("data") / "ml-100k").exists()
