"""The server that assistants talk to, over whichever transport."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations

from reelwise._version import __version__
from reelwise.errors import ReelwiseError, StoreError
from reelwise.mcp.answers import ToolAnswer
from reelwise.mcp.tools import Tools
from reelwise.recommend.service import Service

INSTRUCTIONS = """\
Recommends films by what many people rated. Take the words of the person you talk to: titles as they say them, and what
they like, dislike or have seen. If a title is refused, find_film shows what is there. Say why a film is recommended,
and how sure the stars are: "4.1 ± 0.8" means that about two of three such predictions are within 0.8. The tools only
read."""

TITLES = {
    "find_film": "Find a film",
    "recommend_films": "Recommend films",
    "explain_recommendation": "Explain a recommendation",
    "recommend_together": "Recommend films to several people",
    "about_film": "About a film",
    "read_history": "Read a film site's export",
}

P = ParamSpec("P")


def build_server(service: Callable[[], Service]) -> MCPServer:
    """A server with all tools.

    Args:
        service: gives the service that answers, each time a tool is called.
    """
    tools = Tools(service)
    return MCPServer(
        "reelwise",
        title="Reelwise",
        instructions=INSTRUCTIONS,
        version=__version__,
        tools=[_strict(getattr(tools, name), title) for name, title in TITLES.items()],
        log_level="WARNING",
    )


def _strict(method: Callable[..., ToolAnswer], title: str) -> Tool:
    """The tool that a method is, which refuses arguments that it does not know in place of ignoring them."""
    tool = Tool.from_function(
        _answering(method), title=title, annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False)
    )
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters = arguments.model_json_schema()
    return tool


def _answering(tool: Callable[P, ToolAnswer]) -> Callable[P, CallToolResult]:
    """The tool, whose answer is put into words, and whose errors are shown to the assistant."""

    @wraps(tool)
    def tell(*args: P.args, **kwargs: P.kwargs) -> CallToolResult:
        try:
            answer = tool(*args, **kwargs)
        except StoreError as error:
            raise ToolError(error.public) from None
        except ReelwiseError as error:
            raise ToolError(str(error)) from None
        return CallToolResult(
            content=[TextContent(type="text", text=answer.text())], structured_content=answer.model_dump(mode="json")
        )

    return tell
