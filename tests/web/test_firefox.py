"""The main way through the page in a real Firefox; without one this is skipped."""

import asyncio
from collections.abc import Iterator

import pytest

from support.running.web_server import WebServer
from support.systems.firefox import PROGRAM, firefox
from support.systems.patience import long_test

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Firefox")

ALL = "[...document.querySelectorAll('{}')]"
FIT = r"/^\d\.\d ★ for you, likely \d/"


@pytest.fixture
def server(sample_server: WebServer) -> Iterator[WebServer]:
    with sample_server:
        yield sample_server


@long_test
def test_films_are_picked_listed_rated_kept_and_found_on_the_map(server: WebServer) -> None:
    asyncio.run(walk(f"{server.url}/app/"))


async def walk(address: str) -> None:
    async with firefox() as tab:
        await tab.open(address)
        await tab.until(f"{ALL.format('#start .tile')}.length === 24")
        await tab.ask(f"{ALL.format('#start .tile')}.slice(0, 3).forEach((one) => one.click())")
        await tab.until("document.getElementById('tray-words').textContent === '3 films picked'")
        await tab.ask("document.querySelector('#tray .button').click()")
        await tab.until(f"{ALL.format('#cards .card')}.length === 10")
        assert await tab.ask(f"{ALL.format('#cards .fit')}.every((one) => {FIT}.test(one.textContent))")
        assert await tab.ask("document.querySelector('#cards film-poster').clientWidth > 80")

        title = await tab.ask("document.querySelector('#cards h3').textContent")
        await tab.ask("document.querySelector('#cards [data-does=seen]').click()")
        stars = "document.querySelector('.rate input')"
        await tab.ask(f"{stars}.value = 9")
        await tab.ask(f"{stars}.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter' }}))")
        await tab.until(f"document.querySelector('#cards h3').textContent !== {title!r}")
        assert "4.5 stars from you" in await tab.ask("document.getElementById('toast').textContent")

        await tab.ask("document.querySelector('#cards h3 a').click()")
        await tab.until("document.querySelector('#film[open] .histogram') !== null")
        assert "/app/film/" in await tab.ask("location.pathname")

        await tab.open(f"{address}#mine")  # it is kept on the device
        await tab.until("document.querySelector('#mine-lists section:not([hidden]) .chip') !== null")
        assert title in await tab.ask("document.getElementById('mine-lists').textContent")
        await tab.open(f"{address}map")
        await tab.until("document.getElementById('sky-frame').ariaBusy === 'false'")
        await tab.open(f"{address}model")
        await tab.until(f"{ALL.format('figure')}.length > 3")
        assert tab.faults == []
