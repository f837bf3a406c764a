"""The HTTP edge. `uvicorn reelwise.serving:app` and `fastapi run` start it; `create_app` builds it in Python."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from reelwise.serving.application import create_app

__all__ = ["app", "create_app"]

app: "FastAPI"


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is, and build `app` then, so that importing the package reads no setting."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reelwise.serving import application

    globals()[name] = found = application.create_app if name == "create_app" else _build_app()
    return found


def __dir__() -> list[str]:
    """The names that tools such as fastapi-cli look through, `app` included."""
    return [*globals(), *__all__]


def _build_app() -> "FastAPI":
    import logging.config

    from reelwise.errors import UsageError, edge
    from reelwise.serving.application import create_app
    from reelwise.serving.telemetry.logs import log_config
    from reelwise.settings import Settings

    try:
        settings = Settings()
        logging.config.dictConfig(log_config(settings.log_format, settings.log_level))
        return create_app(settings)
    except UsageError as error:
        # The caller is a server's command line: an invalid setting ends it with a line, not with a traceback.
        sys.stderr.write(f"reelwise: {error}\n")
        raise SystemExit(edge(error).exit_code) from None
