"""`reelwise tune` searches, goes on, and `reelwise train --config` takes what it found."""

import json
from pathlib import Path

from reelwise.artifacts.folder import read_model
from support.command_line import CommandLine


def test_what_is_found_is_trained_with(reelwise: CommandLine, ratings_folder: Path) -> None:
    tuned = reelwise("tune", "--data", ratings_folder, "--attempts", 3, "--threads", 1)
    assert (tuned.code, tuned.out) == (0, "tuned.json\n")
    assert "on test ratings, with the defaults" in tuned.err
    assert tuned.err.count(" done ") + tuned.err.count(" stopped ") == 3
    chosen = json.loads(Path("tuned.json").read_text())["stars"] | {"factors": 5}
    Path("mine.json").write_text(json.dumps({"stars": chosen}))
    trained = reelwise("train", "--data", ratings_folder, "--config", "mine.json", "--epochs", 2, "--no-evaluate")
    assert trained.code == 0
    used = read_model(Path("model")).config.stars_model
    assert (used["factors"], used["epochs"]) == (5, 2)  # an option wins over the file
    assert used["regularisation"] == chosen["regularisation"]


def test_a_second_call_goes_on(reelwise: CommandLine, ratings_folder: Path) -> None:
    reelwise("tune", "--data", ratings_folder, "--attempts", 2, "--out", "found.json")
    again = reelwise("tune", "--data", ratings_folder, "--attempts", 3, "--out", "found.json")
    assert "found.journal holds 2 attempts on these ratings; going on from there." in again.err
    assert json.loads(Path("found.json").read_text())["tuned"]["attempts"] == 3


def test_a_wrong_place_is_told_before_any_work(reelwise: CommandLine, ratings_folder: Path) -> None:
    outcome = reelwise("tune", "--data", ratings_folder, "--out", "nowhere/found.json")
    assert outcome.code == 2
    assert "name a file in a folder that exists" in outcome.err
    assert not Path("nowhere").exists()


def test_settings_that_cannot_be_meant_are_told(reelwise: CommandLine, ratings_folder: Path) -> None:
    Path("bad.json").write_text('{"stars": {"factors": 0}}')
    outcome = reelwise("train", "--data", ratings_folder, "--config", "bad.json")
    assert outcome.code == 2
    assert outcome.err.endswith("reelwise: bad.json: stars: factors is 0; expected 1 to 10000\n")
