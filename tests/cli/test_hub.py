"""push, pull, and every command that takes the model from elsewhere."""

import json
from pathlib import Path

import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model, without_histories
from support.files.contents import contents
from support.hub.client import ignore_upload_warning
from support.hub.server import HubServer
from support.models.tiny_recommender import tiny_model
from support.running.command_line import CommandLine

pytestmark = [ignore_upload_warning, pytest.mark.usefixtures("logged_in")]
MINE = "alice/films"


def without_card(folder: Path) -> dict[str, bytes]:
    return {path: content for path, content in contents(folder).items() if path != "README.md"}


def test_what_is_pushed_is_pulled(reelwise: CommandLine, hub: HubServer, small_folder: Path) -> None:
    pushed = reelwise("push", MINE, "--model", small_folder)
    assert pushed.code == 0
    assert pushed.out.strip().startswith(f"{hub.url}/{MINE}/commit/")
    assert "Next: reelwise serve --model hf://alice/films" in pushed.err
    pulled = reelwise("pull", MINE, "--out", "mine")
    assert (pulled.code, pulled.out) == (0, "mine\n")
    assert without_card(Path("mine")) == without_card(small_folder)


def test_what_is_there_already_is_said_so_and_no_bars_of_the_client_are_drawn(
    reelwise: CommandLine, hub: HubServer, small_folder: Path
) -> None:
    first, again = (reelwise("push", MINE, "--model", small_folder) for _ in range(2))
    assert first.err.startswith("Published as hf://alice/films, commit ")
    assert again.err.startswith("Nothing is new in it: this model is there already as hf://alice/films, commit ")
    assert (again.code, again.out) == (0, first.out)


def test_pull_replaces_a_model_and_nothing_else(reelwise: CommandLine, hub: HubServer, small_folder: Path) -> None:
    reelwise("push", MINE, "--model", small_folder)
    write_model(Path("mine"), tiny_model(simulated=True))
    assert reelwise("pull", MINE, "--out", "mine").code == 0
    assert not Model.load(Path("mine")).config.dataset.simulated
    Path("photos").mkdir()
    Path("photos/cat.jpg").write_bytes(b"cat")
    hub.seen.clear()
    refused = reelwise("pull", MINE, "--out", "photos")
    assert refused.code == 2
    assert "holds something that is not a model" in refused.err
    assert not hub.seen


def test_what_is_no_repository_is_refused_as_what_was_said(reelwise: CommandLine) -> None:
    assert reelwise.refusal("pull", "films").startswith("reelwise: 'hf://films' is not a model on the Hub")


def test_a_pull_that_fails_leaves_the_old_model(reelwise: CommandLine, hub: HubServer, small_folder: Path) -> None:
    reelwise("push", MINE, "--model", small_folder)
    hub.add(MINE, {"model_P.npy": b"\x93NUMPY"})
    write_model(Path("mine"), tiny_model(simulated=True))
    before = without_card(Path("mine"))
    outcome = reelwise("pull", MINE, "--out", "mine")
    assert outcome.code == 2
    assert "model_P.npy changed since the model was written" in outcome.err
    assert without_card(Path("mine")) == before


def test_push_can_leave_histories_out_and_says_what_remains(
    reelwise: CommandLine, hub: HubServer, tiny_folder: Path
) -> None:
    reelwise("push", MINE, "--model", tiny_folder)
    outcome = reelwise("push", MINE, "--model", tiny_folder, "--no-histories")
    assert "earlier commits still hold them" in outcome.err
    assert not [name for name in hub.files(MINE) if name.startswith("history_")]


def test_push_keeps_a_card_that_somebody_edited(reelwise: CommandLine, hub: HubServer, small_folder: Path) -> None:
    hub.add(MINE, {"README.md": b"# Mine\n"})
    assert "--overwrite-card replaces it" in reelwise("push", MINE, "--model", small_folder).err
    assert hub.files(MINE)["README.md"] == b"# Mine\n"
    assert reelwise("push", MINE, "--model", small_folder, "--overwrite-card").code == 0
    assert b"library_name: reelwise" in hub.files(MINE)["README.md"]


def test_push_to_a_branch_or_as_a_pull_request(reelwise: CommandLine, hub: HubServer, small_folder: Path) -> None:
    hub.add(MINE, {"README.md": b"# Mine\n"})
    assert reelwise("push", MINE, "--model", small_folder, "--revision", "v2").code == 0
    assert "config.json" in hub.files(MINE, "v2")
    assert reelwise("push", MINE, "--model", small_folder, "--create-pr").code == 0
    assert "config.json" in hub.files(MINE, "refs/pr/1")
    assert "config.json" not in hub.files(MINE)
    twice = reelwise("push", f"{MINE}@v2", "--model", small_folder, "--revision", "v3")
    assert (twice.code, "say one of them" in twice.err) == (2, True)
    assert "'hf://alice/films@bad branch'" in reelwise.refusal("push", MINE, "--revision", "bad branch")


def test_push_warns_of_ratings_that_may_not_be_passed_on(
    reelwise: CommandLine, hub: HubServer, tiny_folder: Path
) -> None:
    config = json.loads((tiny_folder / "config.json").read_text())
    config["dataset"]["name"] = "ml-1m"
    (tiny_folder / "config.json").write_text(json.dumps(config))
    assert "may not be redistributed" in reelwise("push", MINE, "--model", tiny_folder).err
    assert "may not be redistributed" not in reelwise("push", MINE, "--model", tiny_folder, "--no-histories").err


def test_push_says_what_is_wrong_in_one_line(reelwise: CommandLine, hub: HubServer, small_folder: Path) -> None:
    outcome = reelwise("push", "bob/films", "--model", small_folder)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith("reelwise: hf://bob/films: ")
    elsewhere = reelwise("push", MINE, "--model", "hf://alice/other")
    assert elsewhere.code == 2
    assert "fetch it with `reelwise pull`" in elsewhere.err
    assert reelwise("push", "films", "--model", small_folder).code == 2


def test_other_commands_take_a_model_from_the_hub(reelwise: CommandLine, hub: HubServer, tiny_folder: Path) -> None:
    reelwise("push", MINE, "--model", tiny_folder)
    address = f"hf://{MINE}"
    recommended = json.loads(reelwise("recommend", "--movies", 296, "--model", address, "--json").out)
    assert recommended[0]["movie_id"] == 593
    assert "User 7" in reelwise("match", "--movies", "1,296", "--model", address).out
    assert json.loads(reelwise("info", "--model", address, "--json").out)["config"]["dataset"]["name"] == "tiny"
    for near_miss in (MINE, f"https://huggingface.co/{MINE}"):
        missed = reelwise("info", "--model", near_miss)
        assert (missed.code, missed.err.strip().endswith(f" hf://{MINE}")) == (2, True)
    refused = reelwise("preprocess", "--model", address, "--ratings", "ratings.csv")
    assert (refused.code, "takes a folder of this machine" in refused.err) == (2, True)


def test_nobody_can_be_asked_about_without_histories(reelwise: CommandLine, tmp_path: Path) -> None:
    write_model(tmp_path / "bare", without_histories(tiny_model()))
    bare = ("--model", tmp_path / "bare")
    assert reelwise("recommend", "--movies", 296, *bare).code == 0
    assert "published without its users" in reelwise("recommend", "--user", 7, *bare).err
    assert "published without its users" in reelwise("recommend", "--all", "--out", "all.parquet", *bare).err
    assert "left out" in reelwise("info", *bare).out
    assert "Nobody rated" in reelwise("match", "--movies", 296, *bare).out
