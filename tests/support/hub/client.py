"""Points the Hugging Face client at a Hub on loopback, in this process or in another."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import close_session, constants, file_download, hf_api
from huggingface_hub.utils import _http

LogIn = Callable[[str | None], None]
"""Called with a token, or with None to be nobody again."""

# The client uploads large files with `data=`, and httpx2 warns about it.
ignore_upload_warning = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def hub_environment(url: str, home: Path, token: str | None = None) -> dict[str, str]:
    """Variables for another process, to be set over the inherited ones; `home` takes cache and token."""
    return {
        "HF_ENDPOINT": url,
        "HF_HOME": str(home),
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_ASSETS_CACHE": str(home / "assets"),
        "HF_TOKEN_PATH": str(home / "token"),
        "HF_TOKEN": token or "",  # empty is none
        "HUGGING_FACE_HUB_TOKEN": "",
        "HF_OIDC_RESOURCE": "",
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def use_hub(monkeypatch: pytest.MonkeyPatch, url: str, home: Path, token: str | None = None) -> None:
    """The same for this process, where the client was imported before and has read its variables."""
    environment = hub_environment(url, home, token)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    read = {name: environment[name] for name in ("HF_HOME", "HF_HUB_CACHE", "HF_ASSETS_CACHE", "HF_TOKEN_PATH")}
    settings = read | {
        "ENDPOINT": url,
        "HUGGINGFACE_CO_URL_TEMPLATE": url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_URL_HOSTS": constants.HF_URL_HOSTS | {"127.0.0.1"},
        "HF_STORED_TOKENS_PATH": str(home / "stored_tokens"),
        "HF_HUB_OFFLINE": False,
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_DISABLE_TELEMETRY": True,
    }
    for name, setting in settings.items():
        monkeypatch.setattr(constants, name, setting)
    monkeypatch.setattr(hf_api.api, "endpoint", url)  # the one behind `huggingface_hub.create_commit` and its like
    close_session()  # the next one reads NO_PROXY


def record_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The client's waits between tries, in seconds, as they come; none is waited for."""
    waits: list[float] = []
    for module in (_http, file_download):
        monkeypatch.setattr(module, "time", SimpleNamespace(sleep=waits.append))
    return waits
