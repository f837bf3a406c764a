"""The doctor finds what is wrong, says how to fix it, and outlives whatever it finds."""

import errno
import os
import platform
import shutil
import sqlite3
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from huggingface_hub import constants, snapshot_download

from reelwise.artifacts.config import read_config
from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model, without_histories
from reelwise.cli.diagnosis import Finding, diagnose
from reelwise.errors import UsageError
from reelwise.settings import Settings
from support.files.contents import contents
from support.hub.client import LogIn
from support.hub.server import Fault, HubServer
from support.models.tiny_metrics import METRICS
from support.models.tiny_recommender import tiny_model

pytestmark = pytest.mark.usefixtures("no_settings", "versions_known", "hub")
REPOSITORY, ADDRESS = "alice/films", "hf://alice/films"
WELL = replace(tiny_model(), metrics=METRICS)


@pytest.fixture(autouse=True)
def _free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else runs here, the port is free, unless the test says otherwise."""
    monkeypatch.setattr("reelwise.serving.run.server.check_port", lambda _: None)


def findings(**settings: Any) -> list[Finding]:
    return list(diagnose(lambda: Settings(**settings), lambda *_: None))


def of(area: str, state: str, **settings: Any) -> list[Finding]:
    return [finding for finding in findings(**settings) if (finding.area, finding.state) == (area, state)]


def the_only(state: str, **settings: Any) -> Finding:
    """The one finding that is not good, of this state."""
    (found,) = [finding for finding in findings(**settings) if finding.state != "good"]
    assert found.state == state
    return found


def put_on_hub(hub: HubServer, folder: Path) -> str:
    return hub.add(REPOSITORY, contents(folder))


def test_all_is_well(measured_folder: Path, hub: HubServer) -> None:
    found = findings()
    assert {finding.state for finding in found} == {"good"}
    assert {finding.area for finding in found} == {"installation", "settings", "model", "port", "Hub"}
    assert {finding.fix for finding in found} == {""}
    told = "\n".join(finding.what for finding in found)
    assert f"Python {platform.python_version()}" in told
    assert f"numpy {np.__version__}" in told
    assert "model: tiny, 3 users, 6 movies, 8 ratings, trained at 2026-01-01" in told
    assert f"{hub.url} answers; there is no token" in told
    assert "127.0.0.1 port 8000 is free" in told


# The installation. ---------------------------------------------------------------------------------------------------


def pretend_version(monkeypatch: pytest.MonkeyPatch, package: str, pretended: str | None) -> None:
    """That this version of the package is installed; None is no version at all."""

    real = metadata.version

    def version(name: str) -> str:
        if name != package:
            return real(name)
        if pretended is None:
            raise metadata.PackageNotFoundError(name)
        return pretended

    monkeypatch.setattr(metadata, "version", version)


def test_a_missing_package_is_found_with_the_command_that_installs_it(
    measured_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_version(monkeypatch, "rapidfuzz", None)
    found = the_only("bad")
    assert found.what == "rapidfuzz is missing"
    assert found.fix.startswith('python3 -m pip install "rapidfuzz>=')


def test_what_training_alone_takes_may_be_missing_as_in_the_image_for_serving(
    measured_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_version(monkeypatch, "polars", None)
    found = the_only("warning")
    assert found.what == "polars is missing; serving does without"
    assert found.fix.startswith('python3 -m pip install "polars>=')


def test_a_package_that_is_too_old_is_found(measured_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_version(monkeypatch, "uvicorn", "0.1")
    found = the_only("bad")
    assert found.what.startswith("uvicorn 0.1 is there, but >=")
    assert found.fix.startswith('python3 -m pip install "uvicorn[standard]>=')


def test_an_optional_extra_may_be_missing(measured_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_version(monkeypatch, "matplotlib", None)
    found = findings()
    assert {finding.state for finding in found} == {"good"}
    said = [finding.what for finding in found]
    assert "the optional extra 'plot' is not there, without matplotlib" in said
    assert not [what for what in said if "'test'" in what or "'peers'" in what]  # which only developers need


def test_an_extra_of_what_an_extra_requires_is_looked_for(
    measured_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_version(monkeypatch, "opentelemetry-sdk", None)
    (said,) = [finding.what for finding in findings() if "'otel'" in finding.what]
    assert said.startswith("the optional extra 'otel' is not there, without ")
    assert "opentelemetry-sdk" in said


def test_a_python_that_is_too_old_is_found(measured_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: "3.10.2")
    assert the_only("bad").fix == "take a Python >=3.11"


def test_packages_that_cannot_be_imported_are_found_and_the_other_checks_go_on(
    measured_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("numba", "packaging.requirements", "reelwise.artifacts.model", "huggingface_hub"):
        monkeypatch.setitem(sys.modules, name, None)
    found = findings()
    bad = [finding for finding in found if finding.state == "bad"]
    assert [finding.area for finding in bad] == ["installation"] * 2 + ["model"] + ["Hub"] * 2
    assert all("install Reelwise again" in finding.fix for finding in bad)
    assert ("port", "good") in [(finding.area, finding.state) for finding in found]


def test_an_sqlite_without_full_text_search_is_found(measured_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        def execute(self, statement: str) -> None:
            raise sqlite3.OperationalError("no such module: fts5")

        def close(self) -> None: ...

    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: Bare())
    assert "lacks FTS5" in the_only("bad").what


# Settings and port. --------------------------------------------------------------------------------------------------


def test_settings_that_cannot_be_meant_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_PORT", "many")
    Path(".env").write_text("REELWISE_LOG_LEVEL=loud\n")
    found = the_only("bad")
    assert found.area == "settings"
    assert "REELWISE_PORT=many" in found.what
    assert "REELWISE_LOG_LEVEL=loud" in found.what
    assert ".env" in found.fix


def test_settings_that_cannot_be_read_are_a_finding(measured_folder: Path) -> None:
    def closed() -> Settings:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), ".env")

    found = [finding for finding in diagnose(closed, lambda *_: None) if finding.state == "bad"]
    assert [(finding.area, ".env" in finding.what) for finding in found] == [("settings", True)]


def test_what_is_set_from_outside_is_named(measured_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_LOG_LEVEL", "debug")
    (found,) = of("settings", "good", port=0)
    assert found.what.endswith("set from outside: log_level, port")


def test_a_port_that_is_taken_is_found(measured_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(settings: Settings) -> None:
        raise UsageError(f"cannot listen on port {settings.port} (in use); choose another")

    monkeypatch.setattr("reelwise.serving.run.server.check_port", taken)
    assert the_only("bad") == Finding("port", "bad", "cannot listen on port 8000 (in use)", "choose another")


def test_a_check_that_breaks_down_is_a_finding_and_the_others_go_on(
    measured_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(settings: Settings) -> None:
        raise RuntimeError("no sockets\nhere")

    monkeypatch.setattr("reelwise.serving.run.server.check_port", broken)
    found = findings()
    assert [finding.what for finding in found if finding.state != "good"] == ["RuntimeError: no sockets here"]
    assert {finding.area for finding in found} == {"installation", "settings", "model", "port", "Hub"}


# The model. ----------------------------------------------------------------------------------------------------------


def test_no_model_is_found_with_the_ways_to_get_one() -> None:
    found = the_only("bad")
    assert found.what == "model: there is no such model folder"
    assert all(way in found.fix for way in ("reelwise quickstart", "reelwise train", "reelwise pull", "--model"))


def test_a_broken_array_is_found(measured_folder: Path) -> None:
    (measured_folder / "model_Q.npy").write_bytes(b"\x93NUMPY")
    found = the_only("bad")
    assert found.what.startswith(f"{measured_folder / 'model_Q.npy'}: not a readable .npy array")
    assert "reelwise train" in found.fix


def test_an_array_that_changed_but_reads_well_is_found(measured_folder: Path) -> None:
    np.save(measured_folder / "model_Q.npy", np.load(measured_folder / "model_Q.npy") + np.float32(0.01))
    found = the_only("bad")
    assert "model_Q.npy changed since the model was written" in found.what
    assert found.fix == "fetch or train the model again"


def test_a_model_without_sha256_is_a_warning(measured_folder: Path) -> None:
    config = read_config(measured_folder / "config.json").model_copy(update={"sha256": {}})
    (measured_folder / "config.json").write_text(config.model_dump_json())
    assert "an older Reelwise wrote it" in the_only("warning").what


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (replace(tiny_model(simulated=True), metrics=METRICS), "simulated"),
        (replace(tiny_model(with_taste=False), metrics=METRICS), "no ranking model"),
        (without_histories(WELL), "no histories"),
        (tiny_model(), "not measured"),
    ],
)
def test_what_a_model_lacks_is_a_warning(model: Model, what: str) -> None:
    write_model(Path("model"), model)
    found = the_only("warning")
    assert what in found.what
    assert found.fix


def test_without_histories_all_is_well_if_selections_are_blended_anyway() -> None:
    write_model(Path("model"), without_histories(WELL))
    assert {finding.state for finding in findings(selection_strategy="blend")} == {"good"}


def test_a_model_on_the_hub_is_fetched_and_checked(hub: HubServer, measured_folder: Path) -> None:
    commit = put_on_hub(hub, measured_folder)
    received: list[int] = []
    found = list(diagnose(lambda: Settings(model=ADDRESS), lambda done, total: received.append(done)))
    assert {finding.state for finding in found} == {"good"}
    (cached,) = [finding.what for finding in found if "is in the cache now" in finding.what]
    assert cached.startswith(ADDRESS)
    assert cached.endswith(commit)
    assert received


def test_a_cached_model_is_a_warning_if_the_hub_is_away(hub: HubServer, measured_folder: Path) -> None:
    put_on_hub(hub, measured_folder)
    findings(model=ADDRESS)
    hub.stop()
    assert of("model", "bad", model=ADDRESS) == []
    (found,) = of("model", "warning", model=ADDRESS)
    assert "in the cache instead" in found.what


def test_a_model_that_is_nowhere_is_bad(hub: HubServer) -> None:
    (found,) = of("model", "bad", model=ADDRESS)
    assert "no such repository" in found.what or "does not show it to you" in found.what
    hub.stop()
    (found,) = of("model", "bad", model=ADDRESS)
    assert (found.what.split(" (")[0], found.fix) == (
        f"{ADDRESS}: {hub.url} cannot be reached",
        "check the network and HF_ENDPOINT",
    )


def test_secrets_in_the_address_of_a_model_are_not_told(monkeypatch: pytest.MonkeyPatch, measured_folder: Path) -> None:
    address = "https://eve:pass@example.org/model.zip?signature=hush"
    monkeypatch.setattr("reelwise.cli.diagnosis.obtain_folder", lambda *_: measured_folder)
    told = "\n".join(finding.what for finding in findings(model=address))
    assert "https://example.org/model.zip is in the cache now" in told
    assert "pass@" not in told
    assert "hush" not in told


# The Hub. ------------------------------------------------------------------------------------------------------------


def test_for_a_model_of_ones_own_the_hub_may_be_away(measured_folder: Path, hub: HubServer) -> None:
    hub.stop()
    found = the_only("warning")
    assert f"{hub.url} cannot be reached" in found.what
    assert found.fix == "check the network and HF_ENDPOINT"


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault(status=503), "answered 503"),
        (Fault(status=200, body=b"<html>Please log in</html>"), "does not answer as the Hub does"),
        (Fault(drop=True), "cannot be reached"),
    ],
)
def test_a_hub_that_is_ill_is_a_warning(measured_folder: Path, hub: HubServer, fault: Fault, what: str) -> None:
    hub.fault("whoami", fault)
    assert what in the_only("warning").what


def test_a_password_in_the_address_of_the_hub_is_not_told(
    measured_folder: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", hub.url.replace("//", "//eve:pass@"))
    assert any(f"{hub.url} " in finding.what for finding in findings())
    hub.stop()
    assert f"{hub.url} cannot be reached" in the_only("warning").what


def test_a_hub_that_does_not_answer_is_waited_for_only_shortly(
    measured_folder: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelwise.cli.diagnosis._PATIENCE", 0.1)
    hub.fault("whoami", Fault(delay=0.5))
    assert "cannot be reached" in the_only("warning").what


@pytest.mark.usefixtures("logged_in")
def test_a_token_is_told_by_the_name_of_its_owner_only(measured_folder: Path, hub: HubServer) -> None:
    found = findings()
    assert f"{hub.url} answers; the token is that of {hub.user}" in [finding.what for finding in found]
    assert hub.token not in repr(found)


def test_a_token_that_is_refused_is_bad(measured_folder: Path, log_in: LogIn) -> None:
    log_in("hf_wrong")
    found = the_only("bad")
    assert "refuses the token" in found.what
    assert "HF_TOKEN" in found.fix
    assert "hf_wrong" not in repr(found)


@pytest.mark.parametrize(
    ("token", "model"), [("hf_se\x0ccret", "model"), ("hf_se cret", ADDRESS), ("hf_secrét", ADDRESS)]
)
def test_a_token_that_cannot_be_one_is_bad_and_not_told(
    measured_folder: Path, tmp_path: Path, token: str, model: str
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text(token, encoding="utf-8")
    found = findings(model=model)
    bad = [finding.what for finding in found if (finding.area, finding.state) == ("Hub", "bad")]
    assert bad == ["the token contains characters that tokens never have"]
    assert "hf_se" not in repr(found)


def test_offline_mode_is_a_warning_and_respected(
    measured_folder: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    found = the_only("warning")
    assert (found.area, found.fix) == ("Hub", "unset it to fetch or publish models")
    assert not hub.seen


def test_offline_a_model_on_the_hub_must_be_in_the_cache(
    hub: HubServer, measured_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_hub(hub, measured_folder)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    (found,) = of("model", "bad", model=ADDRESS)
    assert "HF_HUB_OFFLINE is set" in found.what
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    snapshot_download(REPOSITORY)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert of("model", "bad", model=ADDRESS) == []


def test_a_disk_that_is_nearly_full_is_a_warning(
    measured_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=250_000_000))
    found = the_only("warning")
    assert f"{tmp_path / 'home' / 'hub'}, on a disk with 0.2 GB free" in found.what
    assert "HF_HOME" in found.fix
