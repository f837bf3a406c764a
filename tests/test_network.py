"""What all that fetches something shares."""

from pathlib import Path

import pytest

from reelwise._network import cache_folder, is_transient, parse_retry_after
from reelwise.errors import describe_error


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_worth_another_try(status: int) -> None:
    assert is_transient(status)


@pytest.mark.parametrize("status", [200, 304, 400, 401, 403, 404, 416])
def test_what_stays_is_not(status: int) -> None:
    assert not is_transient(status)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_a_server_may_say_when_to_come_back(value: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_445_412_480.0)  # Wed, 21 Oct 2015 07:28:00 GMT
    assert parse_retry_after(value) == seconds


def test_an_error_is_one_line() -> None:
    assert describe_error(OSError("a file\n  is gone.")) == "a file is gone"
    assert describe_error(TimeoutError()) == "TimeoutError"
    assert describe_error(ValueError("x" * 999)) == "x" * 200


def test_the_cache_is_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder("models") == tmp_path / "cache" / "reelwise" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder("posters") == tmp_path / "home" / ".cache" / "reelwise" / "posters"
