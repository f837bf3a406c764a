"""Starting the server from the command line."""

import contextlib
import socket

import uvicorn

from reelwise.api import create_app
from reelwise.cli.terminal import say
from reelwise.errors import UsageError
from reelwise.settings import Settings


def check_port(settings: Settings) -> None:
    """Refuse a host or port that cannot be listened on, before any work is done.

    Raises:
        UsageError: saying what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {settings.host} port {settings.port} ({error.strerror or error}); "
            "choose another with --host or --port"
        ) from None


def serve_model(settings: Settings) -> None:
    """Serve until stopped; prints the addresses once the server answers."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        root_path=settings.root_path,
    )
    server = _Server(config)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down in good order by then
        server.run()
    if not server.started:
        raise SystemExit(1)  # uvicorn has said why


class _Server(uvicorn.Server):
    """uvicorn, that says where to look once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - an address to show, not to bind
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        say(f"Reelwise answers at {address}/ : pick films at {address}/app/ , see the API at {address}/docs")
