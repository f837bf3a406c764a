"""A real browser in front of a real server; without a browser these tests are skipped."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect, sync_playwright

from reelwise.data.sample.dataset import read_sample
from support.trained import trained_once
from support.web_server import WebServer

PATIENCE = 10_000  # milliseconds for what takes a few, because others may use the processor, too
# the shell, without what nobody sees, takes a fifth less of the processor
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: while it is open, an event loop runs, and other tests could not run one of theirs."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error:
            pytest.skip("there is no Chromium")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `model` is trained on the built-in sample."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(trained_once(tmp_path_factory, "sample", read_sample), folder / "model")
    return folder


@pytest.fixture(scope="module")
def server(browser: Browser, sample_folder: Path) -> Iterator[WebServer]:
    """One for all tests of a module that leave it alone."""
    with WebServer(sample_folder) as server:
        yield server


@pytest.fixture
def mortal_server(browser: Browser, sample_folder: Path) -> Iterator[WebServer]:
    """One that the test may stop."""
    with WebServer(sample_folder) as server:
        yield server


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens an address in a browser of its own, with options of Playwright's context.

    In the end nothing was asked of a foreign origin, no script failed, and nothing broke the content security policy.
    """
    contexts: list[BrowserContext] = []
    foreign: list[str] = []
    faults: list[str] = []

    def open_page(url: str, routes: dict[str, Any] | None = None, init_script: str = "", **options: Any) -> Page:
        origin = url.split("/app/")[0]
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(init_script)
        page = context.new_page()
        page.on("request", lambda request: None if at_home(request.url, origin) else foreign.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Security Policy" in line.text else None)
        for path, answer in (routes or {}).items():
            page.route(path, answer if callable(answer) else answering(answer))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []
    assert faults == []


def answering(answer: Any) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=answer)


def at_home(url: str, origin: str) -> bool:
    return url.startswith((f"{origin}/", f"blob:{origin}/"))
