"""The command that assistants start: mcp."""

import sys
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import typer

from reelwise.cli.models import open_service
from reelwise.cli.options import ModelOption
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from reelwise.recommend.service import Service

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise mcp --model hf://owner/repo[/bold]")
def mcp(model: ModelOption = None) -> None:
    """Answer an assistant, which starts this command, by the Model Context Protocol on standard input and output.

    The model is opened when it is first asked; if that fails, the assistant gets the reason.
    """
    from reelwise.mcp.server import build_server

    if sys.stdin is None or sys.stdout is None:
        raise UsageError("standard input or output is closed, and the assistant speaks there; leave both open")
    lock, open_once = Lock(), cache(open_service)

    def service() -> "Service":
        with lock:  # tools are called in threads
            return open_once(model)

    build_server(service).run("stdio")
