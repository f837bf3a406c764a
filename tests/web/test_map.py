"""The map of films: pressed, zoomed, walked with the keyboard. What it is drawn from is made up here."""

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from support.running.page import OpenPage
from support.running.web_server import WebServer
from support.systems.patience import long_test

COLUMNS = 6


def read(server: WebServer, path: str) -> Any:
    with urllib.request.urlopen(f"{server.url}/api/v1/{path}", timeout=10) as response:
        return json.load(response)


def lattice(films: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The films in rows and columns, evenly."""
    return {
        "movie_ids": [film["movieId"] for film in films],
        "x": [i % COLUMNS - 2.5 for i in range(len(films))],
        "y": [i // COLUMNS - 1.5 for i in range(len(films))],
        "titles": [film["title"] for film in films],
        "years": [film["year"] for film in films],
        "genres": [film["genres"][0] for film in films],
        "ratings": [film["ratings"] for film in films],
        "regions": [{"name": "Films of all times and of every kind", "x": 0, "y": 0}],
    }


@pytest.fixture
def films(server: WebServer) -> list[dict[str, Any]]:
    films: list[dict[str, Any]] = read(server, "movies/starter?n=24")
    return films


def routes(server: WebServer, films: list[dict[str, Any]]) -> dict[str, Any]:
    return {"**/movies/map?*": lattice(films), "**/api/v1/model": read(server, "model") | {"map": True}}


@pytest.fixture
def page(server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]) -> Page:
    page = open_page(f"{server.url}/app/map", routes=routes(server, films))
    there(page)
    return page


def there(page: Page) -> None:
    """Wait for the films to have their places."""
    expect(page.locator("#sky-frame")).to_have_attribute("aria-busy", "false")


def place(sky: Locator, column: int, row: int) -> tuple[float, float]:
    """Where on the canvas a film of the lattice is, before any zoom."""
    box = sky.bounding_box()
    assert box is not None
    return 28 + column * (box["width"] - 56) / 5, 28 + row * (box["height"] - 56) / 3


def test_a_press_opens_a_card_and_the_card_picks(page: Page, films: list[dict[str, Any]]) -> None:
    sky, card = page.locator("#sky"), page.locator("#map-card")
    x, y = place(sky, 2, 1)
    sky.hover(position={"x": x + 3, "y": y - 3})
    expect(card).to_contain_text(str(films[8]["year"]))
    expect(card.get_by_role("button")).to_have_count(0)
    sky.click(position={"x": x, "y": y})
    expect(card.get_by_role("link", name="Open the film")).to_have_attribute(
        "href", f"{server_of(page)}/app/film/{films[8]['movieId']}"
    )
    assert "m=" not in page.url
    card.get_by_role("button", name="Pick it", exact=True).click()
    expect(card.get_by_role("button", name="Unpick it")).to_be_visible()
    assert f"m={films[8]['movieId']}" in page.url
    page.locator(".top").get_by_role("link", name="Films", exact=True).click()
    expect(page).to_have_url(f"{server_of(page)}/app/?m={films[8]['movieId']}#pick")
    page.get_by_role("link", name="Map", exact=True).click()
    there(page)
    expect(page.locator("#zoom-mine")).to_be_enabled()
    x, y = place(sky, 2, 1)
    sky.click(position={"x": x, "y": y})
    card.get_by_role("button", name="Unpick it").click()
    expect(page.locator("#zoom-mine")).to_be_disabled()
    assert "m=" not in page.url
    sky.click(position={"x": x - 60, "y": y - 60})  # nothing there
    expect(card).to_be_hidden()


def server_of(page: Page) -> str:
    return page.url.split("/app/")[0]


def test_dragging_opens_nothing_and_zooming_brings_films_apart(page: Page, films: list[dict[str, Any]]) -> None:
    sky, card = page.locator("#sky"), page.locator("#map-card")
    box = sky.bounding_box()
    assert box is not None
    x, y = place(sky, 2, 1)
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + x + 40, box["y"] + y + 10, steps=4)
    page.mouse.up()
    expect(card).to_be_hidden()
    x, y = place(sky, 0, 0)
    sky.hover(position={"x": x, "y": y})
    expect(card).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    sky.hover(position={"x": x, "y": y})
    expect(card).to_be_hidden()
    page.get_by_role("button", name="Show everything").click()
    sky.hover(position={"x": x, "y": y})
    expect(card).to_contain_text(str(films[0]["year"]))


def test_the_keyboard_goes_from_film_to_film_and_into_the_card(page: Page, films: list[dict[str, Any]]) -> None:
    sky, card = page.locator("#sky"), page.locator("#map-card")
    sky.focus()
    x, y = place(sky, 2, 1)
    sky.hover(position={"x": x, "y": y})
    sky.press("ArrowRight")
    expect(card).to_contain_text(str(films[9]["year"]))
    sky.press("ArrowDown")
    expect(page.locator("#announcer")).to_contain_text(str(films[15]["year"]))
    sky.press("Enter")
    expect(card.get_by_role("button", name="Pick it", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("is picked")
    assert f"m={films[15]['movieId']}" in page.url
    page.keyboard.press("Escape")
    expect(card.get_by_role("button")).to_have_count(0)
    expect(sky).to_be_focused()
    where = "(card) => ['--x', '--y'].map((name) => parseFloat(card.style.getPropertyValue(name)))"
    before = card.evaluate(where)
    for _ in range(3):
        sky.press("+")
    expect(sky).to_have_class(re.compile("zoomed"))
    expect(card).to_contain_text(str(films[15]["year"]))
    assert card.evaluate(where) == pytest.approx(before, abs=1)


def test_a_second_pick_stands_in_the_address_as_the_page_writes_it(
    server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]
) -> None:
    one, other = films[0]["movieId"], films[1]["movieId"]
    page = open_page(f"{server.url}/app/map?m={one}", routes=routes(server, films))
    there(page)
    x, y = place(page.locator("#sky"), 1, 0)
    page.locator("#sky").click(position={"x": x, "y": y})
    page.locator("#map-card").get_by_role("button", name="Pick it", exact=True).click()
    expect(page).to_have_url(re.compile(rf"\?m={one},{other}$"))


def test_each_of_my_films_is_shown_in_turn(server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]) -> None:
    picks = [films[0]["movieId"], films[23]["movieId"]]  # in opposite corners
    page = open_page(f"{server.url}/app/map?m={picks[0]},{picks[1]}", routes=routes(server, films))
    card = page.locator("#map-card")
    for film in (films[0], films[23]):
        page.get_by_role("button", name="Next of my films").click()
        expect(card).to_contain_text(str(film["year"]))
        expect(card).to_contain_text("picked")


def test_two_fingers_zoom_and_a_tap_looks_before_it_picks(
    server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]
) -> None:
    page = open_page(
        f"{server.url}/app/map", routes=routes(server, films), has_touch=True, viewport={"width": 400, "height": 800}
    )
    sky = page.locator("#sky")
    there(page)
    x, y = place(sky, 2, 1)
    sky.tap(position={"x": x, "y": y})
    expect(page.locator("#map-card").get_by_role("button", name="Pick it", exact=True)).to_be_visible()
    assert "m=" not in page.url
    page.get_by_role("button", name="Close").click()
    box = sky.bounding_box()
    assert box is not None
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *xs: float) -> None:
        points = [{"x": box["x"] + x, "y": box["y"] + 200, "id": i} for i, x in enumerate(xs)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 180, 220)
    for apart in range(20, 120, 20):
        touch("touchMove", 180 - apart, 220 + apart)
    touch("touchEnd")
    expect(sky).to_have_class("sky zoomed")


def test_a_genre_stands_in_the_spotlight(page: Page, films: list[dict[str, Any]]) -> None:
    genre = films[0]["genres"][0]
    page.locator("#legend").get_by_role("button", name=genre, exact=True).click()
    other = next(i for i, film in enumerate(films) if film["genres"][0] != genre)
    sky, card = page.locator("#sky"), page.locator("#map-card")
    x, y = place(sky, other % COLUMNS, other // COLUMNS)
    sky.hover(position={"x": x, "y": y})
    expect(card).to_be_hidden()
    x, y = place(sky, 0, 0)
    sky.hover(position={"x": x, "y": y})
    expect(card).to_be_visible()


def test_keys_reach_a_genre_in_the_spotlight_of_which_no_film_is_well_known(
    server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]
) -> None:
    many = lattice(films * 7)
    many["movie_ids"] = list(range(1, len(many["movie_ids"]) + 1))
    many["genres"] = ["Drama"] * (len(many["genres"]) - 1) + ["Western"]
    page = open_page(f"{server.url}/app/map", routes=routes(server, films) | {"**/movies/map?*": many})
    there(page)
    page.locator("#legend").get_by_role("button", name="Western", exact=True).click()
    page.locator("#sky").press("ArrowRight")
    expect(page.locator("#map-card")).to_contain_text("Western")


def test_without_a_map_there_is_none_and_no_way_to_it(server: WebServer, open_page: OpenPage) -> None:
    without = {"**/api/v1/model": read(server, "model") | {"map": False}}
    page = open_page(f"{server.url}/app/", routes=without)
    expect(page.locator("#start .tile")).to_have_count(24)
    expect(page.get_by_role("link", name="Map", exact=True)).to_be_hidden()
    page.goto(f"{server.url}/app/map")
    expect(page.locator("#map-lead")).to_contain_text("trained without one")
    expect(page.locator("#sky")).to_be_hidden()


@long_test
def test_ten_thousand_films_are_drawn(server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]) -> None:
    many = lattice(films * 417)
    many["movie_ids"] = list(range(1, len(many["movie_ids"]) + 1))
    many["x"] = [i * 0.618 % 1 for i in many["movie_ids"]]
    many["y"] = [i * 0.414 % 1 for i in many["movie_ids"]]
    page = open_page(f"{server.url}/app/map", routes=routes(server, films) | {"**/movies/map?*": many})
    there(page)
    expect(page.locator("#map-lead")).to_contain_text("10,008 films")
    for key in "+++---":
        page.locator("#sky").press(key)
    expect(page.locator("#sky")).to_have_class("sky")
