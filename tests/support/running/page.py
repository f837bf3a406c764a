"""What somebody sees and does on the page, in a real browser."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from support.running.web_server import WebServer

OpenPage = Callable[..., Page]
"""Opens an address in a page of a browser, which lets nothing foreign through."""

ALIEN, BLADE_RUNNER, HEAT, TOY_STORY = 1214, 541, 6, 1
UNKNOWN = 2_000_000_000
"""The id of no film."""

PHONE = {"width": 390, "height": 844}
"""The window of a phone."""


def cards(page: Page) -> Locator:
    return page.locator("#cards .card")


def titles(page: Page) -> list[str]:
    """Of the cards, once those of the newest answer are there."""
    expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    return page.locator("#cards h3").all_inner_texts()


def chips(page: Page) -> Locator:
    """What was picked, above the list, whether it is open or not."""
    return page.locator("#chips b")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def pick(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Search films by title").fill(text)
    page.locator("#suggestions").get_by_role("option").first.click()


def ask(server: WebServer, path: str) -> Any:
    with urllib.request.urlopen(f"{server.url}/api/v1/{path}", timeout=10) as response:
        return json.load(response)
