"""The page speaks the language of the browser, or the one that somebody chose."""

import pytest
from playwright.sync_api import Route, expect

from reelwise.serving.page.files import LANGUAGES
from support.running.page import ALIEN, OpenPage
from support.running.web_server import WebServer
from support.systems.patience import long_test


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_every_way_and_every_figure_has_room(server: WebServer, open_page: OpenPage, language: str) -> None:
    page = open_page(f"{server.url}/app/model", locale=language, viewport={"width": 390, "height": 844})
    expect(page.locator("figure").nth(5)).to_be_visible()
    ends = "all => all.map(one => one.getBoundingClientRect().right)"
    assert max(page.locator(".chart text").evaluate_all(ends)) <= 390
    page.goto(f"{server.url}/app/?m={ALIEN}#together")
    expect(page.locator("#pass-phone")).to_be_visible()
    assert max(page.locator(".top nav a:visible").evaluate_all(ends)) <= 390
    for actions in page.locator(".invite").all():
        assert max(actions.locator("button").evaluate_all(ends)) <= 390


def test_what_the_server_says_in_english_stands_in_no_other_page(server: WebServer, open_page: OpenPage) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=422, content_type="application/problem+json", body='{"detail": "too many"}')

    for language, alert in (
        ("en", "The server knows of no such thing. too many"),
        ("de", "Davon weiß der Server nichts."),
    ):
        page = open_page(f"{server.url}/app/?m={ALIEN}&language={language}", routes={"**/recommendations": refuse})
        expect(page.get_by_role("alert")).to_contain_text(alert)
    expect(page.get_by_role("alert")).not_to_contain_text("too many")


@long_test
def test_one_star_is_no_stars(server: WebServer, open_page: OpenPage) -> None:
    for language, said in {
        "en": "1 star from you",
        "de": "1 Stern von dir",
        "fr": "1,5 étoile de",
        "es": "1 estrella tuya",
    }.items():
        page = open_page(f"{server.url}/app/film/{ALIEN}", locale=language)
        stars = page.locator("#film-own .stars input")
        stars.focus()
        for _ in range(3 if language == "fr" else 2):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#toast")).to_contain_text(said)
