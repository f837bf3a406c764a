"""axe finds no violation in any state of the page, in light and in dark."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from support.running.page import ALIEN, UNKNOWN, OpenPage
from support.running.web_server import WebServer
from support.systems.patience import long_test

State = tuple[str, Callable[[Page], object]]


def nothing_more(page: Page) -> None:
    expect(page.locator("#start .tile")).to_have_count(24)


def results(page: Page) -> None:
    expect(page.locator("#bolder-cards .card")).to_have_count(5)
    page.locator("#favourites").scroll_into_view_if_needed()
    expect(page.locator("#strip li").first).to_be_visible()
    page.locator("#viewer").scroll_into_view_if_needed()
    expect(page.locator("#loved .tile").first).to_be_visible()
    page.locator("#picks summary").click()


def picked(page: Page) -> None:
    nothing_more(page)
    page.locator("#start .tile").nth(2).click()
    page.locator("#start .tile").nth(2).click()
    expect(page.locator(".tile-more")).to_be_visible()


def suggestions(page: Page) -> None:
    nothing_more(page)
    page.locator("#search").fill("star")
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()
    page.locator("#search").press("ArrowDown")


def no_suggestions(page: Page) -> None:
    page.locator("#search").fill("qqqqzzzz")
    expect(page.locator("#film-search .search-status")).to_contain_text("Nothing fits")


def rated(page: Page) -> None:
    cards = page.locator("#cards .card")
    expect(cards).to_have_count(10)
    cards.nth(1).get_by_role("button", name="Seen:").click()
    cards.first.get_by_role("button", name="Watchlist").click()
    expect(page.locator("#toast button")).to_be_visible()
    cards.nth(2).get_by_label("More", exact=True).click()


def no_film(page: Page) -> None:
    expect(page.locator("#open-up")).to_be_visible()


def a_film(page: Page) -> None:
    expect(page.locator("#cards .card")).to_have_count(10)
    page.locator("#cards h3 a").first.click()
    expect(page.locator("#film .tile").first).to_be_visible()


def a_note(page: Page) -> None:
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator("#cards .card")).to_have_count(10)


def steered(page: Page) -> None:
    expect(page.locator("#cards .card").first).to_be_visible()
    page.locator("summary", has_text="Genres").click()


def notebook(page: Page) -> None:
    said = {"seen": True, "liked": False, "watchlist": False, "disliked": False, "stars": 3.5, "at": 1}
    film = {"movieId": ALIEN, "title": "Alien (1979)", "year": 1979, "genres": ["Horror"]}
    content = json.dumps({"reelwise": 1, "films": [film | said]}).encode()
    page.locator("#bring-file").set_input_files({"name": "mine.json", "mimeType": "", "buffer": content})
    page.get_by_role("link", name="Mine").click()
    lines = b"Date,Name,Year,Letterboxd URI,Rating\n2024-01-01,Alien,1979,https://boxd.it/1,4\n,Soon,2031,https://boxd.it/2,3"
    page.locator("#bring-file").set_input_files({"name": "ratings.csv", "mimeType": "", "buffer": lines})
    expect(page.locator("#bring-report")).to_contain_text("found")


def together(page: Page) -> None:
    expect(page.locator("#together-cards .card")).to_have_count(10)
    page.get_by_role("button", name="Change the films of Ben").click()
    expect(page.locator("#guest-tiles [aria-pressed=true]")).to_have_count(2)


def figures(page: Page) -> None:
    expect(page.locator("figure").first).to_be_visible()
    for summary in page.locator("figure summary").all():
        summary.click()


def on_the_map(page: Page) -> None:
    sky = page.locator("#sky")
    expect(page.locator("#sky-frame")).to_have_attribute("aria-busy", "false")
    sky.press("ArrowRight")
    sky.press("Enter")
    expect(page.locator("#map-card").get_by_role("button").first).to_be_focused()


STATES: dict[str, State] = {
    "start": ("", nothing_more),
    "picked": ("", picked),
    "results": (f"?m={ALIEN},6", results),
    "suggestions": ("", suggestions),
    "no suggestions": ("", no_suggestions),
    "rated": (f"?m={ALIEN}", rated),
    "no film": (f"?m={ALIEN}&to=1895", no_film),
    "a film": (f"?m={ALIEN}", a_film),
    "unknown film": (f"?m={ALIEN},{UNKNOWN}", a_note),
    "steered": (f"?m={ALIEN}&genres=Drama&without=Comedy,Crime&balance=0.4&by=stars&from=1950", steered),
    "notebook": ("#mine", notebook),
    "together": (f"?m={ALIEN}#together?Ben=1,6:4.5", together),
    "figures": ("model", figures),
    "map": ("map?m=1", on_the_map),
}


MAIN = {"start", "results", "a film", "notebook"}


def with_map(server: WebServer) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.url}/api/v1/model", timeout=10) as response:
        model = json.load(response)
    stars = [{"stars": 3.5, "ratings": 4}, {"stars": 4.0, "ratings": 7}]
    numbers = {name: [1, 6, 541] for name in ("movie_ids", "x", "y", "years", "ratings")}
    films = numbers | {"titles": ["A (1901)", "B (1902)", "C (1903)"], "genres": ["Drama", "Comedy", None]}
    films["regions"] = [{"name": "Dramas", "x": 5, "y": 5}]
    return {"**/api/v1/model": model | {"map": True, "stars_distribution": stars}, "**/movies/map?*": films}


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds, by these rules or by all."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['help']}, {node['html'][:120]}" for one in found for node in one["nodes"]]


def violations_in_both_themes(page: Page) -> list[str]:
    """What axe finds by all rules in light, and as far as the other colours change anything in dark."""
    page.emulate_media(color_scheme="light")
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    return found + violations(page, "color-contrast")


@pytest.mark.parametrize("state", [pytest.param(state, marks=[] if state in MAIN else long_test) for state in STATES])
def test_no_state_of_the_page_shuts_anybody_out(server: WebServer, open_page: OpenPage, state: str) -> None:
    path, reach = STATES[state]
    page = open_page(f"{server.url}/app/{path}", routes=with_map(server))
    reach(page)
    assert violations_in_both_themes(page) == []


@long_test
def test_what_goes_wrong_is_told_to_everybody(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}", viewport={"width": 360, "height": 740})
    expect(page.locator("#cards .card")).to_have_count(10)
    page.route("**/recommendations", lambda route: route.abort())
    page.get_by_role("button", name="Seen:").first.click()
    page.get_by_role("button", name="Just seen").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    assert violations_in_both_themes(page) == []
    locked = {"status": 401, "content_type": "application/problem+json", "body": "{}"}
    page.unroute("**/recommendations")
    page.route("**/recommendations", lambda route: route.fulfill(**locked))
    page.reload()
    expect(page.locator("#key-dialog")).to_be_visible()
    assert violations_in_both_themes(page) == []
