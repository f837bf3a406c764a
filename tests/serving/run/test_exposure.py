"""`reelwise serve` is seen from other machines only with keys, or when told to be."""

from typing import Any

import pytest
import uvicorn

from reelwise.errors import UsageError
from reelwise.serving.run.exposure import check_exposure
from reelwise.serving.run.server import serve_model
from reelwise.settings import Settings
from support.running.command_line import CommandLine


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that a server was started with."""
    served: list[Settings] = []
    monkeypatch.setattr("reelwise.serving.run.server.serve_model", served.append)
    return served


@pytest.mark.parametrize("command", ["serve", "quickstart"])
def test_without_keys_another_address_is_refused_before_any_work(
    reelwise: CommandLine, served: list[Settings], command: str
) -> None:
    outcome = reelwise(command, "--host", "0.0.0.0", "--port", "0")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    for word in ("0.0.0.0", "REELWISE_API_KEYS", "--insecure"):
        assert word in outcome.err
    assert not served


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--insecure"], {}),
        ([], {"REELWISE_INSECURE": "true"}),
        ([], {"REELWISE_API_KEYS": "a-key"}),
    ],
)
def test_with_keys_or_when_told_so_it_starts(
    reelwise: CommandLine,
    served: list[Settings],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environment: dict[str, str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert reelwise("serve", "--host", "0.0.0.0", "--port", "0", *options).code == 0
    assert [settings.host for settings in served] == ["0.0.0.0"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_this_machine_alone_needs_no_keys(host: str) -> None:
    check_exposure(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "10.0.0.1", "8.8.8.8"])
def test_every_other_address_needs_keys(host: str) -> None:
    settings: dict[str, Any] = {"host": host}
    with pytest.raises(UsageError):
        check_exposure(Settings(**settings))
    check_exposure(Settings(**settings, api_keys="a-key"))


def test_the_server_believes_the_proxies_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    believed: list[object] = []

    def run(server: uvicorn.Server) -> None:
        believed.append(server.config.forwarded_allow_ips)
        server.started = True

    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve_model(Settings(trusted_proxies="10.0.0.0/8"))
    assert believed == ["10.0.0.0/8"]


@pytest.mark.parametrize("proxies", ["proxy.example", "10.0.0.1/8", "127.0.0.1,10.0.0.256"])
def test_what_is_no_address_is_a_usage_error(proxies: str) -> None:
    with pytest.raises(UsageError, match="neither an address nor a network"):
        Settings(trusted_proxies=proxies)
