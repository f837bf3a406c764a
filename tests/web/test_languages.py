"""The page speaks the language of the browser, or the one that somebody chose."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.web_server import WebServer

OpenPage = Callable[..., Page]

ALIEN = 1214


def test_a_language_is_negotiated_chosen_and_kept(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}", locale="de-AT")
    card = page.locator("#cards .card").first
    expect(card).to_contain_text("für dich")
    expect(page.locator("#cards")).to_contain_text("Science-Fiction")
    expect(page.locator("#groups button").first).to_have_text("Bekannt")
    page.get_by_label("Sprache").select_option("fr")
    expect(card).to_contain_text("pour vous")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.goto(f"{server.url}/app/model")  # the choice holds for every page
    expect(page.get_by_role("heading", level=1)).to_have_text("Est-ce que ça marche ?".replace(" ?", "\u00a0?"))
    expect(page.locator("#facts")).to_contain_text("117\u202f")  # thousands apart as in French
    assert "language" not in page.url
