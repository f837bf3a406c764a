"""The HTTP edge. `uvicorn reelwise.api:app` and `fastapi run` start it; `create_app` builds it in Python."""

import logging.config
import sys
from typing import Any

from reelwise.api.application import create_app
from reelwise.api.observing.logs import log_config
from reelwise.errors import UsageError, edge
from reelwise.settings import Settings

__all__ = ["app", "create_app"]


def __getattr__(name: str) -> Any:
    """Build `app` when a server first asks for it, so that importing the package reads no setting."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        settings = Settings()
        logging.config.dictConfig(log_config(settings.log_format, settings.log_level))
        application = create_app(settings, alone=True)
    except UsageError as error:
        # The one who asks is a server's command line: a wrong setting ends it with a line, not with a traceback.
        sys.stderr.write(f"reelwise: {error}\n")
        raise SystemExit(edge(error).exit_code) from None
    globals()["app"] = application
    return application


def __dir__() -> list[str]:
    """The names that tools such as fastapi-cli look through, `app` included."""
    return [*globals(), "app"]
