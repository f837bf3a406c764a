"""What can be set from outside: one class, read from `REELWISE_*` variables and from a `.env` file.

`.env.example` lists every setting with the sentence written here; a test compares the two.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from reelwise.errors import UsageError
from reelwise.store.location import SEED_MODEL, check_address

PREFIX = "REELWISE_"

LogLevel = Literal["critical", "error", "warning", "info", "debug", "trace"]

Server = Literal["uvicorn", "granian"]

Strategy = Literal["profile", "blend"]
"""The ways of recommending from a selection; a new one is one more word here."""

RankBy = Literal["stars", "taste"]
"""The orders in which recommendations can be asked for."""


def _model_address(address: str) -> str:
    try:
        return check_address(address)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _url_prefix(path: str) -> str:
    if path and not path.startswith("/"):
        raise ValueError("the path must start with '/', for example /reelwise")
    return path.rstrip("/")


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("the address must start with https:// or http://")
    return url.rstrip("/")


class Settings(BaseSettings):
    """Every setting with its default. What is passed in wins over the environment, and that over `.env`.

    Raises:
        UsageError: A value that cannot be meant; one line that names the variable.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    model: Annotated[str, AfterValidator(_model_address)] = "model"
    """The model that is served: a folder, hf://owner/repo, hf://owner/repo@revision, or s3://, gs:// and https://….zip."""

    seed_model: bool = False
    """Whether to serve the early project's model from its three repositories on the Hub instead."""

    watch: bool = True
    """Whether a new model in the model folder is served by itself, a second or two after it came."""

    admin_key: SecretStr = SecretStr("")
    """The secret with which POST /api/v1/model/reload may be called; without one nobody may."""

    host: str = "127.0.0.1"
    """The address that `reelwise serve` listens on; 0.0.0.0 means every network interface."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port that `reelwise serve` listens on; 0 means any free one."""

    workers: Annotated[int, Field(ge=1, le=256)] = 1
    """How many processes `reelwise serve` answers with; they share one copy of the model."""

    server: Server = "uvicorn"
    """What `reelwise serve` serves with: uvicorn, or granian, which `pip install "reelwise[granian]"` brings."""

    log_level: LogLevel = "info"
    """How much the server logs: critical, error, warning, info, debug or trace."""

    root_path: Annotated[str, AfterValidator(_url_prefix)] = ""
    """The path under which a proxy shows what `reelwise serve` serves, for example /reelwise."""

    selection_strategy: Strategy = "profile"
    """How /recommendations_from_selection recommends when the request does not say: profile or blend."""

    data_url: Annotated[str, AfterValidator(_web_address)] = "https://files.grouplens.org/datasets/movielens"
    """Where MovieLens data sets are downloaded from."""

    @property
    def model_address(self) -> str:
        """Where the model is that is served."""
        return SEED_MODEL if self.seed_model else self.model

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise UsageError("; ".join(map(_in_one_line, error.errors()))) from None
        except UnicodeDecodeError:  # what some editors and shells on Windows write
            raise UsageError(".env: this file is not UTF-8 text; save it as UTF-8") from None


def _in_one_line(fault: Any) -> str:
    """One fault that pydantic found, in words that name the variable."""
    variable = PREFIX + str(fault["loc"][0]).upper()
    message = fault["msg"].removeprefix("Value error, ")
    return f"{variable}={fault['input']}: {message}"
