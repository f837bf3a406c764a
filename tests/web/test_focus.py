"""Where the keyboard goes on when what had the focus is gone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from support.running.page import ALIEN, HEAT, OpenPage, cards
from support.running.web_server import WebServer


@pytest.fixture
def page(server: WebServer, open_page: OpenPage) -> Page:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    expect(cards(page)).to_have_count(10)
    expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    return page


def title(page: Page, place: int) -> Locator:
    return cards(page).nth(place).locator("h3 a")


@pytest.mark.parametrize("does", ["dislike", "add"])
def test_after_a_card_that_goes_comes_the_next(page: Page, does: str) -> None:
    gone = title(page, 1).inner_text()
    cards(page).nth(1).locator(".actions summary").press("Enter")
    cards(page).nth(1).locator(f"[data-does={does}]").press("Enter")
    expect(page.locator("#cards h3", has_text=gone)).to_have_count(0)
    expect(title(page, 1)).to_be_focused()


def test_behind_the_film_of_a_card_that_is_gone_is_the_next(page: Page) -> None:
    title(page, 1).press("Enter")
    page.locator("#film .stars input").press("End")
    expect(cards(page)).to_have_count(10)
    page.keyboard.press("Escape")
    expect(page.locator("#film")).to_be_hidden()
    expect(title(page, 1)).to_be_focused()


def test_behind_more_like_a_film_is_its_menu(page: Page) -> None:
    menu = cards(page).nth(1).locator(".actions summary")
    menu.press("Enter")
    cards(page).nth(1).locator("[data-does=like]").press("Enter")
    expect(page.locator("#film")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()


def test_escape_closes_a_filter_and_stays_at_it(page: Page) -> None:
    years = page.locator("summary[data-of^=year]")
    years.click()
    page.get_by_label("From year").press("Escape")
    expect(page.get_by_label("From year")).to_be_hidden()
    expect(years).to_be_focused()


def clear_filters(page: Page) -> tuple[Locator, Locator]:
    return page.locator("#reset"), page.locator("#controls summary").first


def clear_all(page: Page) -> tuple[Locator, Locator]:
    return page.locator("#open-up"), page.locator("#results-title")


def start_over(page: Page) -> tuple[Locator, Locator]:
    page.locator("#picks summary").click()
    return page.locator("#clear"), page.locator("#picks summary")


@pytest.mark.parametrize(("query", "parts"), [("&to=1895", clear_filters), ("&to=1895", clear_all), ("", start_over)])
def test_a_button_that_hides_itself_leaves_the_focus_at_its_part(
    server: WebServer, page: Page, query: str, parts: Callable[[Page], tuple[Locator, Locator]]
) -> None:
    page.goto(f"{server.url}/app/?m={ALIEN}{query}")
    pressed, focused = parts(page)
    expect(pressed).to_be_visible()
    pressed.press("Enter")
    expect(focused).to_be_focused()


def test_undo_leads_back_to_where_one_was(page: Page) -> None:
    waits = cards(page).first.locator("[data-does=watchlist]")
    waits.press("Enter")
    page.locator("#toast button").press("Enter")
    expect(waits).to_be_focused()
