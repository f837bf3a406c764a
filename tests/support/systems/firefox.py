"""A real Firefox without a window, told what to do by WebDriver BiDi (w3.org/TR/webdriver-bidi)."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE = 60.0  # seconds for one answer, because others may use the processor, too

PROGRAM = shutil.which("firefox") or shutil.which("firefox-esr")
"""Where Firefox is; None where there is none."""


class Tab:
    """The only tab of a Firefox. `faults` are the errors of its scripts so far."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0
        self._context = ""
        self.faults: list[str] = []

    async def begin(self, width: int, height: int) -> None:
        """Take the tab that there is, and give it a size in pixels."""
        await self._tell("session.new", capabilities={})
        await self._tell("session.subscribe", events=["log.entryAdded"])
        self._context = (await self._tell("browsingContext.getTree"))["contexts"][0]["context"]
        size = {"width": width, "height": height}
        await self._tell("browsingContext.setViewport", context=self._context, viewport=size)

    async def open(self, url: str) -> None:
        """Go there, until it is loaded."""
        await self._tell("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def ask(self, expression: str) -> Any:
        """What an expression of JavaScript is, as JSON has it; a promise is waited for."""
        script = f"(async () => JSON.stringify(await ({expression}) ?? null))()"
        target = {"context": self._context}
        found = await self._tell("script.evaluate", expression=script, target=target, awaitPromise=True)
        assert found["type"] == "success", (expression, found)
        return json.loads(found["result"]["value"])

    async def until(self, condition: str) -> None:
        """Wait until an expression is true."""
        looking = f"const look = () => (({condition}) ? done() : setTimeout(look, 50)); look();"
        await self.ask(f"new Promise((done) => {{ {looking} }})")

    async def _tell(self, method: str, **params: Any) -> Any:
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json(timeout=PATIENCE)
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.faults.append(answer["params"]["text"])
            elif answer.get("id") == self._asked:
                assert answer["type"] == "success", (method, answer)
                return answer["result"]


@asynccontextmanager
async def firefox(width: int = 1280, height: int = 900) -> AsyncIterator[Tab]:
    """A fresh one, with one tab of a size in pixels."""
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory() as profile:
        command = [PROGRAM, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
        try:
            address = await asyncio.wait_for(_address(Path(profile)), PATIENCE)
            async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
                tab = Tab(socket)
                await tab.begin(width, height)
                yield tab
        finally:
            process.terminate()
            await process.wait()


async def _address(profile: Path) -> str:
    """Where it listens, as it writes down once it does."""
    while True:
        try:
            said = json.loads((profile / "WebDriverBiDiServer.json").read_text(encoding="utf-8"))
            return f"ws://{said['ws_host']}:{said['ws_port']}/session"
        except (OSError, ValueError):
            await asyncio.sleep(0.05)
