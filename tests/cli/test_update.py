"""`reelwise update` and `reelwise rollback`."""

import errno
import os
from pathlib import Path

import pytest

from reelwise.artifacts.model import Model
from reelwise.live.events import Event
from reelwise.live.store import Store
from support.running.command_line import CommandLine

ADDRESS = "sqlite:///live.db"


@pytest.fixture
def model(reelwise: CommandLine, ratings_folder: Path) -> Path:
    """A model of the checkerboard in the working folder."""
    short = ["--no-evaluate", "--factors", "4", "--epochs", "5"]
    assert reelwise("train", "--data", ratings_folder, "--out", "model", *short).code == 0
    return Path("model")


def revision(folder: Path) -> str:
    return Model.load(folder).description.revision


def test_what_users_told_is_learnt_and_taken_back(reelwise: CommandLine, model: Path) -> None:
    assert "--store" in reelwise.refusal("update")
    assert "no model to go back to" in reelwise.refusal("rollback")
    store = Store(ADDRESS)
    store.record([Event("al", movie, "rating", 5.0 if movie % 2 else 1.0) for movie in range(1, 21)])
    store.close()
    before = revision(model)
    done = reelwise("update", "--store", ADDRESS, "--threads", 1)
    assert done.code == 0
    assert "20 ratings of" in done.err
    assert f"Revision {revision(model)} takes the place of {before}" in done.err
    assert "al" in Model.load(model).users
    assert "nothing to learn" in reelwise("update", "--store", ADDRESS).err
    back = reelwise("rollback", "--store", ADDRESS)
    assert (back.code, revision(model)) == (0, before)
    assert reelwise("rollback").code == 0
    assert revision(model) != before


def test_a_folder_that_cannot_be_written_is_told_before_any_work(
    reelwise: CommandLine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("reelwise.artifacts.folder.check_place", read_only)
    for command in (("update", "--store", ADDRESS), ("preprocess", "--ratings", "none.csv")):
        assert "model: the model cannot be written there (Read-only file system)" in reelwise.refusal(*command)


def test_a_refusal_ends_with_1(reelwise: CommandLine, model: Path) -> None:
    store = Store(ADDRESS)
    upside_down = [
        Event(user, movie, "rating", 3.0 + (-1) ** (movie * user // 7))
        for movie in range(1, 11)
        for user in range(50, 80)
    ]
    store.record(upside_down)
    store.close()
    before = revision(model)
    refused = reelwise("update", "--store", ADDRESS, "--threads", 1)
    assert (refused.code, refused.out) == (1, "")
    assert "the update is refused" in refused.err
    assert revision(model) == before


def test_a_model_that_is_elsewhere_cannot_be_updated(reelwise: CommandLine) -> None:
    for command in ("update", "rollback"):
        assert "takes a folder of this machine" in reelwise.refusal(command, "--model", "hf://a/b", "--store", ADDRESS)
