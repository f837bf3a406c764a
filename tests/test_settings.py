"""Settings come from `REELWISE_*` variables and `.env`; `.env.example` lists every one with its default."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reelwise.errors import UsageError
from reelwise.settings import Settings, unknown_variables
from support.systems.platforms import posix_only

EXAMPLE = Path(__file__).parents[1] / ".env.example"
VARIABLES = Settings.variables()

pytestmark = pytest.mark.usefixtures("no_settings")


def test_the_example_lists_every_setting_and_no_other() -> None:
    head, *entries = EXAMPLE.read_text(encoding="utf-8").strip().split("\n\n")
    assert head.startswith("# ")
    assert entries == [f"# {field.description}\n# {variable}={field.default}" for variable, field in VARIABLES.items()]


def test_the_example_with_every_line_in_force_is_the_defaults() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    in_force = [line.removeprefix("# ") for line in lines if re.match("# [A-Z_]+=", line)]
    Path(".env").write_text("\n".join(in_force), encoding="utf-8")
    assert Settings() == Settings(_env_file=None)


def test_what_is_passed_wins_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("REELWISE_PORT=1\nREELWISE_HOST=file\nREELWISE_MODEL=file\nSOMETHING=else\n")
    monkeypatch.setenv("REELWISE_PORT", "2")
    monkeypatch.setenv("REELWISE_HOST", "environment")
    settings = Settings(port=3)
    assert (settings.port, settings.host, settings.model) == (3, "environment", "file")


def test_a_file_that_is_read_for_ever_is_refused() -> None:
    Path(".env").touch()
    os.truncate(".env", 1 << 40)
    with pytest.raises(UsageError, match=r"\.env: this file is longer than 64 KB"):
        Settings()


@posix_only
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: Path(path).symlink_to("/dev/zero")])
def test_what_is_not_a_file_holds_no_settings(make: Callable[[str], None]) -> None:
    make(".env")
    with pytest.raises(UsageError, match=r"\.env: this is not a file"):
        Settings()


def test_a_virtual_environment_may_be_called_like_the_file() -> None:
    Path(".env").mkdir()
    Path(".env/pyvenv.cfg").touch()
    assert Settings() == Settings(_env_file=None)


@pytest.mark.parametrize("line", ['REELWISE_API_KEYS="abc', "REELWISE_API_KEYS: abc", "REELWISE_API_KEYS = 'a' b"])
def test_a_line_that_would_be_left_out_is_refused_and_not_shown(line: str) -> None:
    Path(".env").write_text(f"# keys\n\n{line}\nREELWISE_PORT=8108\n")
    with pytest.raises(UsageError, match=r"^\.env line 3: this is not NAME=VALUE") as caught:
        Settings()
    assert "abc" not in str(caught.value)


def test_a_file_that_may_not_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    Path(".env").touch()
    monkeypatch.setattr(Path, "read_text", refuse)  # root may read everything
    with pytest.raises(UsageError, match=r"\.env: this file cannot be read \(Permission denied\)"):
        Settings()


def test_names_that_look_like_settings_and_are_not_are_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELWISE_FUZZ_SECONDS", raising=False)  # of the tests themselves
    assert unknown_variables() == []
    Path(".env").write_text("REELWISE_API_KEY=x\nreelwise_port=1\nSOMETHING=else\n")
    monkeypatch.setenv("REELWISE_PROT", "1")
    monkeypatch.setenv("REELWISE_QQ", "1")
    assert unknown_variables() == [
        "REELWISE_API_KEY is not a setting, and is ignored; did you mean REELWISE_API_KEYS?",
        "REELWISE_PROT is not a setting, and is ignored; did you mean REELWISE_PORT?",
        "REELWISE_QQ is not a setting, and is ignored.",
    ]
    assert Settings().port == 1


def test_the_admin_key_opens_nothing_else() -> None:
    with pytest.raises(UsageError, match=r"^REELWISE_API_KEYS=\*\*\*: .* REELWISE_ADMIN_KEY") as caught:
        Settings(api_keys="another-one,same-key-12345", admin_key="same-key-12345")
    assert "12345" not in str(caught.value)


@pytest.mark.parametrize("variable", ["REELWISE_WATCH", "REELWISE_MCP"])
def test_what_is_neither_true_nor_false_is_told_what_is_expected(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "maybe")
    with pytest.raises(UsageError, match=f"^{variable}=maybe: expected true or false$"):
        Settings()


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_PORT", "")
    assert Settings().port == 8000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REELWISE_PORT", "many"),
        ("REELWISE_PORT", "65536"),
        ("REELWISE_MODEL", "hf://owner"),
        ("REELWISE_LOG_LEVEL", "loud"),
        ("REELWISE_LOG_FORMAT", "xml"),
        ("REELWISE_ACCESS_LOG", "maybe"),
        ("REELWISE_ROOT_PATH", "reelwise"),
        ("REELWISE_ROOT_PATH", "/a b"),
        ("REELWISE_ROOT_PATH", "//films.example"),
        ("REELWISE_ROOT_PATH", "/films?n=1"),
        ("REELWISE_ROOT_PATH", "/kinö"),
        ("REELWISE_SELECTION_STRATEGY", "magic"),
        ("REELWISE_DATA_URL", "ftp://example.org"),
        ("REELWISE_CORS_ORIGINS", "https://*.x"),
        ("REELWISE_CORS_ORIGINS", "https://films.example:443"),
        ("REELWISE_CORS_ORIGINS", "https://films.example:99999"),
        ("REELWISE_CORS_ORIGINS", "https://films example"),
        ("REELWISE_ALLOWED_HOSTS", "films.example:8000"),
        ("REELWISE_ALLOWED_HOSTS", "*.films.example"),
        ("REELWISE_DATA_URL", "https://"),
        ("REELWISE_HOST", "a..b"),
        ("REELWISE_HOST", "x" * 70),
        ("REELWISE_WORKERS", "-1"),
        ("REELWISE_WORKERS", "9" * 30),
        ("REELWISE_KEEP_DAYS", "inf"),
        ("REELWISE_REQUEST_SECONDS", "nan"),
        ("REELWISE_REQUEST_SECONDS", "1e400"),
        ("REELWISE_REQUEST_SECONDS", "1e-300"),
        ("REELWISE_MAX_REQUESTS", "0"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_variable_and_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as caught:
        Settings()
    message = str(caught.value)
    assert message.startswith(f"{variable}={value}: ")
    assert "\n" not in message
    assert "pydantic" not in message
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    "value", ["\udc80", "a\nb", "\x1b[2J", "\x1b" * 100_000], ids=["half a letter", "lines", "escape", "long"]
)
def test_what_cannot_be_shown_is_refused_in_one_short_line(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=rf"^{variable}=") as caught:
        Settings()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("key", ["admin", "open sesame", "aaaaaaaaaaaa", "open-sesamé", "12345678\n"])
def test_a_weak_key_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(UsageError, match=r"^REELWISE_ADMIN_KEY=\*\*\*: ") as caught:
        Settings(admin_key=key)
    assert key not in str(caught.value)


def test_several_wrong_settings_are_all_named() -> None:
    with pytest.raises(UsageError, match=r"REELWISE_PORT=0.5: .*; REELWISE_ROOT_PATH=x: "):
        Settings(port=0.5, root_path="x")


def test_a_file_in_another_encoding_is_a_usage_error() -> None:
    Path(".env").write_text("REELWISE_PORT=1", encoding="utf-16")
    with pytest.raises(UsageError, match=r"\.env"):
        Settings()


def test_a_slash_at_the_end_of_an_address_is_dropped() -> None:
    settings = Settings(data_url="https://example.org/data/", root_path="/films/")
    assert (settings.data_url, settings.root_path) == ("https://example.org/data", "/films")


def test_the_key_of_tmdb_has_its_usual_name_and_is_shown_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("TMDB_API_KEY=of-the-file\n")
    assert Settings().tmdb_api_key.get_secret_value() == "of-the-file"
    monkeypatch.setenv("TMDB_API_KEY", "of-the-environment")
    assert Settings().tmdb_api_key.get_secret_value() == "of-the-environment"
    assert Settings(tmdb_api_key="passed-in").tmdb_api_key.get_secret_value() == "passed-in"
    assert "environment" not in repr(Settings())
