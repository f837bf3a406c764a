"""The server as a process that an assistant starts, and as a path of the HTTP server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from fastapi.testclient import TestClient

from reelwise.errors import UsageError
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.running.command_line import CommandLine
from support.running.processes import environment
from support.running.served_app import served

if TYPE_CHECKING:  # the SDK takes a second, of every process that collects tests
    from collections.abc import Awaitable, Callable

    from mcp import Client

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "find_film", "arguments": {"title": "x"}}}
HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}


def ask(server: Any, work: "Callable[[Client], Awaitable[object]]", **options: Any) -> None:
    from mcp import Client

    async def talk() -> None:
        async with Client(server, **options) as client:
            await work(client)

    anyio.run(talk)


async def find_the_matrix(client: "Client") -> None:
    called = await client.call_tool("find_film", {"title": "matrix"})
    assert called.structured_content is not None
    assert [film["id"] for film in called.structured_content["films"]] == [2571]


def test_over_http_by_the_old_and_the_new_protocol() -> None:
    with served(create_app(Settings(mcp=True), tiny_recommender())) as port:
        ask(f"http://127.0.0.1:{port}/mcp", find_the_matrix)
        ask(f"http://127.0.0.1:{port}/mcp", find_the_matrix, mode="legacy")


def test_keys_count_as_elsewhere() -> None:
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    with served(create_app(Settings(mcp=True, api_keys="abc"), tiny_recommender())) as port:
        address = f"http://127.0.0.1:{port}/mcp"
        assert httpx2.post(address, json=CALL, headers=HEADERS, verify=False).status_code == 401

        async def with_a_key() -> None:
            async with (
                httpx2.AsyncClient(headers={"Authorization": "Bearer abc"}) as http,
                Client(streamable_http_client(address, http_client=http)) as client,
            ):
                await find_the_matrix(client)

        anyio.run(with_a_key)


def test_guards_hosts_and_the_way_to_ask() -> None:
    settings = Settings(mcp=True, allowed_hosts="films.example.org", cors_origins="https://page.example")
    with TestClient(create_app(settings, tiny_recommender()), base_url="http://films.example.org") as client:
        answered = client.post("/mcp", json=CALL, headers=HEADERS)
        assert answered.status_code == 200
        assert not answered.json()["result"]["isError"]
        assert answered.headers["x-model-revision"]
        assert "mcp-session-id" not in answered.headers
        assert client.post("/mcp", json=CALL, headers={**HEADERS, "Host": "evil.example.org"}).status_code == 421
        assert client.post("/mcp", json=CALL, headers={**HEADERS, "Origin": "http://evil.test"}).status_code == 403
        for origin in ("http://films.example.org", "https://page.example"):
            assert client.post("/mcp", json=CALL, headers={**HEADERS, "Origin": origin}).status_code == 200
        assert client.post("/mcp", content=b"x" * (1 << 21), headers=HEADERS).status_code == 413
        listening = client.get("/mcp", headers=HEADERS)
        assert (listening.status_code, listening.headers["allow"]) == (405, "POST")
        assert "/mcp" not in client.get("/openapi.json").json()["paths"]


def test_without_a_model_and_without_the_setting() -> None:
    with TestClient(create_app(Settings(mcp=True, model="there-is-no-model")), base_url="http://localhost") as client:
        result = client.post("/mcp", json=CALL, headers=HEADERS).json()["result"]
        assert result["isError"]
        assert "there-is-no-model" in result["content"][0]["text"]
    with TestClient(create_app(Settings(), tiny_recommender()), base_url="http://localhost") as client:
        assert client.post("/mcp", json=CALL, headers=HEADERS).status_code == 404


@pytest.mark.slow
def test_as_a_process_that_an_assistant_starts(tiny_folder: Path) -> None:
    from mcp import StdioServerParameters

    words = ["-m", "reelwise", "mcp", "--model", str(tiny_folder)]
    ask(StdioServerParameters(command=sys.executable, args=words, env=environment()), find_the_matrix)


def test_where_the_package_is_missing_it_is_told(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reelwise.mcp.server", None)
    with pytest.raises(UsageError, match=r"pip install \"reelwise\[mcp\]\""):
        create_app(Settings(mcp=True), tiny_recommender())
    assert "this command needs the package" in reelwise("mcp").err


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_a_closed_stream_is_told(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    with monkeypatch.context() as closed:
        closed.setattr(sys, stream, None)
        outcome = reelwise("mcp")
    assert outcome.code == 2
    assert "standard input or output is closed" in outcome.err
