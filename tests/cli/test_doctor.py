"""`reelwise doctor` shows the findings, ends with 0 or 1, and never shows a token."""

import json
import socket
from pathlib import Path

import pytest

from support.files.contents import contents
from support.hub.client import LogIn
from support.hub.server import HubServer
from support.running.command_line import CommandLine

TOKEN = "hf_do_not_tell"


@pytest.fixture(autouse=True)
def _all_is_well(
    reelwise: CommandLine,
    measured_folder: Path,
    versions_known: None,
    hub: HubServer,
    log_in: LogIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A token is set, a port is free, and a model is where it is looked for."""
    monkeypatch.setenv("REELWISE_PORT", "0")
    hub.token = TOKEN
    log_in(TOKEN)


def states(output: str) -> dict[str, str]:
    """The worst state of each area."""
    ranks = ["good", "warning", "bad"]
    worst: dict[str, str] = {}
    for finding in json.loads(output):
        worst[finding["area"]] = max(worst.get(finding["area"], "good"), finding["state"], key=ranks.index)
    return worst


def test_all_is_well(reelwise: CommandLine) -> None:
    outcome = reelwise("doctor")
    assert outcome.code == 0
    heading, *rows = outcome.out.partition("\n\n")[0].splitlines()
    assert heading.split() == ["area", "what"]
    assert all(row.startswith(("✓", "   ")) for row in rows)  # a long one goes on in the next line
    assert outcome.out.endswith("\n\nNothing to fix.\n")


def test_warnings_end_with_0_and_say_what_to_do(reelwise: CommandLine, hub: HubServer) -> None:
    hub.stop()
    outcome = reelwise("doctor")
    assert outcome.code == 0
    assert outcome.out.endswith("\n\nTo fix:\n! Hub: check the network and HF_ENDPOINT\n")


def test_what_must_be_mended_ends_with_1_in_the_order_of_the_findings(reelwise: CommandLine, log_in: LogIn) -> None:
    log_in("hf_wrong")
    outcome = reelwise("doctor", "--model", "nowhere")
    assert outcome.code == 1
    assert "✗  model         nowhere: there is no such model folder" in outcome.out
    fixes = outcome.out.partition("To fix:\n")[2].splitlines()
    assert [fix.partition(":")[0] for fix in fixes] == ["✗ model", "✗ Hub"]


def test_json_is_all_there_is_on_stdout(reelwise: CommandLine) -> None:
    outcome = reelwise("doctor", "--json", "--model", "nowhere")
    assert outcome.code == 1
    assert states(outcome.out) == {
        "installation": "good", "settings": "good", "model": "bad", "port": "good", "Hub": "good"
    }  # fmt: skip
    assert all(list(finding) == ["area", "state", "what", "fix"] for finding in json.loads(outcome.out))


def test_a_port_that_is_taken_is_told(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("REELWISE_PORT", str(port))
        outcome = reelwise("doctor")
    assert outcome.code == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in outcome.out
    assert "✗ port: choose another with --host or --port" in outcome.out


def test_a_wrong_setting_is_a_finding_among_others(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_PORT", "many")
    outcome = reelwise("doctor", "--json")
    assert outcome.code == 1
    assert states(outcome.out) == {"installation": "good", "settings": "bad", "Hub": "good"}
    assert outcome.err == ""


def test_a_model_on_the_hub_is_fetched(reelwise: CommandLine, hub: HubServer) -> None:
    hub.add("alice/films", contents(Path("model")), private=True)
    outcome = reelwise("doctor", "--model", "hf://alice/films")
    assert outcome.code == 0
    assert "hf://alice/films: tiny, 3 users" in outcome.out


@pytest.mark.parametrize("accepted", [True, False])
def test_the_token_is_never_shown(reelwise: CommandLine, hub: HubServer, accepted: bool) -> None:
    hub.token = TOKEN if accepted else "hf_another"
    for arguments in ((), ("--json", "--model", "hf://alice/films")):
        outcome = reelwise("doctor", *arguments)
        assert any(seen.headers["Authorization"] == f"Bearer {TOKEN}" for seen in hub.requests("whoami"))
        assert TOKEN not in outcome.out + outcome.err
        hub.seen.clear()
