"""The settings: one class, read from `REELWISE_*` variables and from a `.env` file.

`.env.example` lists every setting with the sentence written here; a test compares the two.
"""

import os
import re
import stat
from difflib import get_close_matches
from io import StringIO
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv.parser import parse_stream
from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from reelwise.data.published import BASE_URL
from reelwise.errors import UsageError
from reelwise.live.address import check_store_address
from reelwise.recommend.choices import Strategy
from reelwise.remote.addresses import check_address, redact_address

PREFIX = "REELWISE_"

LogLevel = Literal["critical", "error", "warning", "info", "debug", "trace"]

LogFormat = Literal["text", "json"]

Updating = Literal["off", "auto"]

_FILE = ".env"
_LARGEST_FILE = 64 << 10  # bytes
_NAME = r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?"
_SHORTEST_SECRET, _FEWEST_CHARACTERS = 8, 5
_MOST_SHOWN = 100  # characters of a wrong value
_SHORTEST_SIGNING = 32


def words(text: str) -> tuple[str, ...]:
    """The parts of `text` between commas."""
    return tuple(word for word in map(str.strip, text.split(",")) if word)


def _model_address(address: str) -> str:
    try:
        return check_address(address)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _store_address(address: SecretStr) -> SecretStr:
    try:
        return SecretStr(check_store_address(address.get_secret_value()))
    except UsageError as error:
        raise ValueError(str(error)) from None


def _host(host: str) -> str:
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError("this is not a valid host name or IP address") from None
    return host


def _url_prefix(path: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*/?", path):
        raise ValueError("this is not the path of a URL; expected one that starts with '/', for example /reelwise")
    return path.rstrip("/")


def _web_address(url: str) -> str:
    if not re.match(r"https?://[^/?#]", url):
        raise ValueError("the address must start with https:// or http://, and then name a host")
    return url.rstrip("/")


def _secret_words(keys: SecretStr) -> SecretStr:
    text = keys.get_secret_value()
    if text and not words(text):
        raise ValueError("there is no key between the commas")
    for key in words(text):
        _secret(SecretStr(key))
    return keys


def _secret(key: SecretStr) -> SecretStr:
    if not re.fullmatch("[!-~]*", key.get_secret_value()):
        raise ValueError("a key consists of ASCII letters, digits and punctuation, without spaces")
    return key


def _strong_secret(key: SecretStr) -> SecretStr:
    text = _secret(key).get_secret_value()
    if text and (len(text) < _SHORTEST_SECRET or len(set(text)) < _FEWEST_CHARACTERS):
        raise ValueError(
            f"this key could be guessed; take {_SHORTEST_SECRET} different letters and digits at least, such as "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` makes"
        )
    return key


def _long_secret(key: SecretStr) -> SecretStr:
    if 0 < len(key.get_secret_value()) < _SHORTEST_SIGNING:
        raise ValueError(f"a signing secret needs at least {_SHORTEST_SIGNING} characters")
    return _strong_secret(key)


def _origins(origins: str) -> str:
    for origin in words(origins.lower()):
        found = re.fullmatch(rf"\*|(https?)://({_NAME}|\[[0-9a-f:.]+\])(?::(\d{{1,5}}))?", origin)
        if not found:
            raise ValueError(f"{origin} is not an origin; expected scheme and host alone, such as https://example.org")
        if found[3] and (int(found[3]) > 65535 or found[3] == {"http": "80", "https": "443"}[found[1]]):
            raise ValueError(f"no browser sends {origin} as an origin; leave out the port {found[3]}")
    return origins.lower()  # as browsers send them


def _country(code: str) -> str:
    if not re.fullmatch(r"([A-Za-z]{2})?", code):
        raise ValueError("a country is two letters, such as DE")
    return code.upper()


def _hosts(hosts: str) -> str:
    for host in words(hosts.lower()):
        if not re.fullmatch(rf"\*|{_NAME}", host):
            raise ValueError(
                f"{host} is not a host name; expected names alone, without port, such as films.example.org"
            )
    return hosts


def _proxies(proxies: str) -> str:
    for proxy in () if proxies == "*" else words(proxies):
        try:
            ip_network(proxy)
        except ValueError:
            raise ValueError(f"{proxy} is neither an address nor a network, such as 10.0.0.7 or 10.0.0.0/8") from None
    return proxies


class Settings(BaseSettings):
    """Every setting with its default. What is passed in wins over the environment, and that over `.env`.

    Raises:
        UsageError: Raised when a value is invalid; one line that names the variable.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    model: Annotated[str, AfterValidator(_model_address)] = "model"
    """The model that is served: a folder, hf://owner/repo[@revision], s3://, gs:// and https://….zip, or legacy:."""

    watch: bool = True
    """Whether a new model in the model folder is picked up while the server runs, within a second or two."""

    store: Annotated[SecretStr, AfterValidator(_store_address)] = SecretStr("")
    """Where the live store is: sqlite:///FILE or postgresql+psycopg://…; without one nothing is learnt from users."""

    keep_days: Annotated[int, Field(ge=8, le=3650)] = 90
    """How many days the live store keeps which films were shown and clicked, and the ids of events; the rest stays."""

    update: Updating = "off"
    """Whether the server updates the model from the live store by itself: auto or off."""

    admin_key: Annotated[SecretStr, AfterValidator(_strong_secret)] = SecretStr("")
    """The secret for reloading, films and erasing users; it opens nothing else, and without one nobody may."""

    user_secret: Annotated[SecretStr, AfterValidator(_long_secret)] = SecretStr("")
    """The secret by which a site signs who a visitor is, for a notebook in the live store; at least 32 characters."""

    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    """The address that `reelwise serve` listens on; 0.0.0.0 means every network interface."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port that `reelwise serve` listens on; 0 means any free one."""

    workers: Annotated[int, Field(ge=1, le=256)] = 1
    """How many processes `reelwise serve` answers with; they share one copy of the model."""

    log_level: LogLevel = "info"
    """How much the server logs: critical, error, warning, info, debug or trace."""

    log_format: LogFormat = "text"
    """What the server's log looks like: text for people, or json, one object a line, for machines."""

    access_log: bool = True
    """Whether the server logs a line for each request."""

    root_path: Annotated[str, AfterValidator(_url_prefix)] = ""
    """The path under which a proxy shows what `reelwise serve` serves, for example /reelwise."""

    request_seconds: Annotated[float, Field(ge=0.01, le=3600, allow_inf_nan=False)] = 10
    """How many seconds a request may take: to send its body and be worked on."""

    max_requests: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    """How many requests a process works on at once; further ones are answered 503 with `Retry-After: 1`."""

    api_keys: Annotated[SecretStr, AfterValidator(_secret_words)] = SecretStr("")
    """The keys, separated by commas, one of which a request must send; without any, no key is asked for."""

    insecure: bool = False
    """Whether `reelwise serve` may listen on other addresses than this machine's own without keys."""

    allowed_hosts: Annotated[str, AfterValidator(_hosts)] = ""
    """The names that clients may call the server by, separated by commas: films.example; * means any, as keys do."""

    cors_origins: Annotated[str, AfterValidator(_origins)] = ""
    """The origins whose pages may ask from a browser, separated by commas: https://example.org; * means all."""

    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = "127.0.0.1"
    """The proxies trusted to say who the client is: addresses or networks, separated by commas; * means all."""

    mcp: bool = False
    """Whether assistants are answered at /mcp, by the Model Context Protocol; needs `reelwise[mcp]`."""

    selection_strategy: Strategy = "profile"
    """How /recommendations_from_selection recommends when the request does not say: profile or blend."""

    data_url: Annotated[str, AfterValidator(_web_address)] = BASE_URL
    """Where MovieLens data sets are downloaded from."""

    tmdb_api_key: Annotated[SecretStr, AfterValidator(_secret), Field(validation_alias="TMDB_API_KEY")] = SecretStr("")
    """The key with which posters and details of films are fetched from TMDB; without one the page draws its own."""

    country: Annotated[str, AfterValidator(_country)] = ""
    """The country whose streaming services a film's page shows where a visitor's browser names none, such as DE."""

    @field_validator("*", mode="before")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        if isinstance(value, str) and not value.isprintable():
            raise ValueError("contains unprintable characters, such as a line break; remove them")
        return value

    @field_validator("api_keys")
    @classmethod
    def _apart(cls, keys: SecretStr, others: ValidationInfo) -> SecretStr:
        admin_key = others.data.get("admin_key")
        if admin_key and admin_key.get_secret_value() in words(keys.get_secret_value()):
            raise ValueError("one of these keys is that of REELWISE_ADMIN_KEY, too; take another one for either")
        return keys

    @classmethod
    def variables(cls) -> dict[str, FieldInfo]:
        """The field that each environment variable sets."""
        fields = cls.model_fields.items()
        return {str(field.validation_alias or PREFIX + name.upper()): field for name, field in fields}

    @property
    def known_api_keys(self) -> tuple[str, ...]:
        """The keys one by one."""
        return words(self.api_keys.get_secret_value())

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """The names one by one. A stranger's page has no key, so where there are keys any name will do by default."""
        return words(self.allowed_hosts) or (("*",) if self.known_api_keys else ())

    @property
    def known_cors_origins(self) -> tuple[str, ...]:
        """The origins one by one."""
        return words(self.cors_origins)

    def __init__(self, **values: Any) -> None:
        _names_in(Path(_FILE))
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise UsageError("; ".join(map(_in_one_line, error.errors()))) from None


def unknown_variables() -> list[str]:
    """A sentence about each variable, or line of `.env`, that looks like a setting and is not."""
    known = [name.removeprefix(PREFIX) for name in Settings.variables()]
    names = {name.upper() for name in (*os.environ, *_names_in(Path(_FILE)))}
    found = sorted(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))
    return [_unknown(name, get_close_matches(name, known, 1)) for name in found if name not in known]


def _unknown(name: str, meant: list[str]) -> str:
    question = f"; did you mean {PREFIX}{meant[0]}?" if meant else "."
    return f"{PREFIX}{name[:_MOST_SHOWN]} is not a setting, and is ignored{question}"


def _names_in(path: Path) -> list[str]:
    """The names in a file of settings; none where there is no file.

    Raises:
        UsageError: Raised when it is not a file, or is too long, or a line of it cannot be read and would be left out.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            if (path / "pyvenv.cfg").exists():  # a virtual environment may be called .env
                return []
            raise UsageError(f"{path}: this is not a file, and settings are read from one; remove it, or set variables")
        if status.st_size > _LARGEST_FILE:
            raise UsageError(f"{path}: this file is longer than {_LARGEST_FILE >> 10} KB, so it holds no settings")
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UsageError(f"{path}: this file cannot be read ({error.strerror}); allow it with chmod or chown") from None
    except UnicodeDecodeError:  # what some editors and shells on Windows write
        raise UsageError(f"{path}: this file is not UTF-8 text; save it as UTF-8") from None
    lines = [*parse_stream(StringIO(text))]
    for line in lines:
        if line.error:
            before = line.original.string[: -len(line.original.string.lstrip())]
            number = line.original.line + before.count("\n")
            raise UsageError(
                f"{path} line {number}: this is not NAME=VALUE; check its quotes, and put # before a comment"
            )
    return [line.key for line in lines if line.key]


def _in_one_line(fault: Any) -> str:
    """One fault that pydantic found, in words that name the variable."""
    place = str(fault["loc"][0])
    name, field = next(
        (name, field)
        for name, field in Settings.variables().items()
        if place in (name, name.removeprefix(PREFIX).lower())
    )
    value = "***" if field.annotation is SecretStr else redact_address(str(fault["input"]))
    shown = value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}…"
    wrong = "expected true or false" if fault["type"] == "bool_parsing" else fault["msg"].removeprefix("Value error, ")
    return f"{name}={shown}: {wrong}"
