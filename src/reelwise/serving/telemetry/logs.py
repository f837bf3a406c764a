"""Logs: one line for each request, and everything that this process logs in one format.

`text` is for people and looks like uvicorn's own lines. `json` is for machines: one object a line, tracebacks included.
No header and no query string is ever logged: they may hold keys, and what somebody typed.
"""

import logging
import logging.config
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from uvicorn.logging import DefaultFormatter

from reelwise.serving.telemetry.observation import Observation, find_current

if TYPE_CHECKING:
    from starlette.types import Scope
    from structlog.typing import EventDict

    from reelwise.settings import LogFormat, LogLevel

access = logging.getLogger("reelwise.access")

QUIET = ("/metrics", "/health/live", "/health/ready")
"""Routes that are asked every few seconds by machines; their requests are logged at the level debug only."""

_ACCESS_LINE = (
    '%(client)s - "%(method)s %(path)s" %(status)d in %(milliseconds).2f ms '
    "[route %(route)s, model %(model)s, request %(request_id)s]"
)


def log_request(scope: "Scope", route: str, seconds: float, observation: Observation) -> None:
    """Log a request that has been answered."""
    level = logging.DEBUG if route in QUIET else logging.INFO
    if access.isEnabledFor(level):
        client = scope.get("client")
        fields = {
            "client": quote(client[0], safe=":%") if client else None,  # which may be what a proxy was told
            "method": scope["method"],
            "path": quote(scope["path"]),  # a line break in it must not begin a line of the log
            "route": route,
            "status": observation.status,
            "milliseconds": round(1000 * seconds, 3),
            "model": observation.model.revision,
            "request_id": observation.request_id,
        }
        access.log(level, _ACCESS_LINE, fields)


def log_config(log_format: "LogFormat", level: "LogLevel") -> dict[str, Any]:
    """What `logging.config.dictConfig` and `uvicorn.Config(log_config=…)` take.

    The level is that of our own loggers; those of the server follow the server's.
    """
    formatter = {"text": TextFormatter, "json": json_formatter}[log_format]
    own_level = "DEBUG" if level == "trace" else level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"all": {"()": formatter}},
        "handlers": {"all": {"class": "logging.StreamHandler", "formatter": "all", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["all"], "level": "WARNING"},
        "loggers": {
            "reelwise": {"level": own_level},
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": False},  # ours says more
        },
    }


class TextFormatter(DefaultFormatter):
    """uvicorn's lines; what is logged while a request is answered names the request."""

    def __init__(self) -> None:
        super().__init__("%(levelprefix)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line, without a traceback."""
        line = super().formatMessage(record)
        observation = find_current()
        if observation is None or record.name == access.name:
            return line
        return f"{line.rstrip()} [request {observation.request_id}]"


def json_formatter() -> logging.Formatter:
    """A formatter that makes one JSON object of each record."""
    from structlog.processors import ExceptionRenderer, JSONRenderer, TimeStamper
    from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
    from structlog.tracebacks import ExceptionDictTransformer

    return ProcessorFormatter(
        foreign_pre_chain=[TimeStamper("iso", utc=True), add_log_level, add_logger_name, _add_fields],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # variables may hold secrets
            JSONRenderer(ensure_ascii=False),
        ],
        pass_foreign_args=True,  # the fields of a request
    )


def _add_fields(_logger: Any, _method: str, event: "EventDict") -> "EventDict":
    arguments = event.pop("positional_args")
    if event["logger"] == access.name:
        event.update(arguments, event="request")
        return event
    event["event"] = event["event"].rstrip()
    if (observation := find_current()) is not None:
        event["request_id"] = observation.request_id
    return event
