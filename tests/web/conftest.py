"""A real browser in front of a real server; without a browser these tests are skipped."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright

from reelwise.data.sample.dataset import read_sample
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.trained import trained_once
from support.running.page import OpenPage
from support.running.web_server import WebServer

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
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> WebServer:
    """Not started yet; its model is trained on the built-in sample."""
    model = trained_once(tmp_path_factory, "sample", read_sample)
    return WebServer(lambda: create_app(Settings(model=str(model), watch=False, _env_file=None)))


@pytest.fixture(scope="module")
def server(browser: Browser, sample_server: WebServer) -> Iterator[WebServer]:
    """With the sample; a test that stops it has to start it again."""
    with sample_server:
        yield sample_server


USUAL = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def usual_page(browser: Browser) -> Iterator[Page]:
    """A page that one test after the other takes, because a new one is twice the work."""
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture
def open_page(browser: Browser, usual_page: Page) -> Iterator[OpenPage]:
    """Opens an address in a browser of its own, with options of Playwright's context.

    The first one of a test is the usual page, as if nobody had used it; but not with other options than `viewport`,
    with a script, or where it shall be `new`, with nothing in its cache.
    In the end nothing was asked of a foreign origin, no script failed, and nothing broke the content security policy.
    """
    foreign: list[str] = []
    faults: list[str] = []
    used: list[Page] = []
    with ExitStack() as leaving:

        def open_page(
            url: str, routes: dict[str, Any] | None = None, init_script: str = "", new: bool = False, **options: Any
        ) -> Page:
            origin = url.split("/app/")[0]
            if new or init_script or used or options.keys() - USUAL.keys():
                context = browser.new_context(**{"reduced_motion": "reduce"} | USUAL | options)
                leaving.callback(context.close)
                context.add_init_script(init_script)
                page = context.new_page()
            else:
                page = usual_page
                page.set_viewport_size((USUAL | options)["viewport"])
                leaving.callback(forget, page, origin)
            used.append(page)
            page.set_default_timeout(PATIENCE)
            listening: dict[Any, Any] = {
                "request": lambda request: None if at_home(request.url, origin) else foreign.append(request.url),
                "pageerror": lambda error: faults.append(str(error)),
                "console": lambda line: faults.append(line.text) if "Security Policy" in line.text else None,
            }
            for event, hear in listening.items():
                page.on(event, hear)
                leaving.callback(page.remove_listener, event, hear)
            for path, answer in (routes or {}).items():
                page.route(path, answer if callable(answer) else answering(answer))
            page.goto(url)
            return page

        yield open_page
    assert foreign == []
    assert faults == []


def forget(page: Page, origin: str) -> None:
    """Have the page be as if nobody had used it, but for what it keeps of the server's files."""
    page.unroute_all(behavior="ignoreErrors")
    if page.url.startswith(f"{origin}/"):
        page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    page.emulate_media(media="null", color_scheme="null", reduced_motion="reduce")
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    session.detach()


def answering(answer: Any) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=answer)


def at_home(url: str, origin: str) -> bool:
    return url.startswith((f"{origin}/", f"blob:{origin}/"))
