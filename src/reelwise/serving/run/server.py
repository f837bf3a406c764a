"""Starting the server from the command line."""

import contextlib
import socket

import uvicorn

from reelwise.errors import UsageError
from reelwise.serving.run.exposure import check_exposure
from reelwise.serving.run.workers import announce, serve_with_workers, uvicorn_config
from reelwise.settings import Settings


def check_port(settings: Settings) -> None:
    """Refuse a host or port that cannot, or should not, be listened on, before any work is done.

    Raises:
        UsageError: Raised when it is such a one; it says what to do.
    """
    try:
        check_exposure(settings)
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # Windows would let two servers have one port by SO_REUSEADDR.
            probe.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {settings.host} port {settings.port} ({error.strerror or error}); "
            "choose another with --host or --port"
        ) from None


def serve_model(settings: Settings) -> None:
    """Serve until stopped; prints the address once the server answers."""
    if settings.workers > 1:
        serve_with_workers(settings)
    else:
        _serve_in_this_process(settings)


def _serve_in_this_process(settings: Settings) -> None:
    from reelwise.serving import create_app

    config = uvicorn_config(create_app(settings), settings)
    # A log for machines has the address in a line of uvicorn's; ours would be no JSON among it.
    server = (uvicorn.Server if settings.log_format == "json" else _Server)(config)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down in good order by then
        server.run()
    if not server.started:
        raise SystemExit(1)  # uvicorn has said why


class _Server(uvicorn.Server):
    """uvicorn, that says where to look once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            announce(host, port)
