"""The map of films: pressed, zoomed, walked with the keyboard. What it is drawn from is made up here."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from support.web_server import WebServer

OpenPage = Callable[..., Page]

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
    }


@pytest.fixture
def films(server: WebServer) -> list[dict[str, Any]]:
    films: list[dict[str, Any]] = read(server, "movies/starter?n=24")
    return films


@pytest.fixture
def page(server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]) -> Page:
    routes = {"**/movies/map?*": lattice(films), "**/api/v1/model": read(server, "model") | {"map": True}}
    page = open_page(f"{server.url}/app/", routes=routes)
    expect(page.locator("#map")).to_be_visible()
    page.locator("#sky").scroll_into_view_if_needed()
    return page


def place(sky: Locator, column: int, row: int) -> tuple[float, float]:
    """Where on the canvas a film of the lattice is, before any zoom."""
    box = sky.bounding_box()
    assert box is not None
    return 28 + column * (box["width"] - 56) / 5, 28 + row * (box["height"] - 56) / 3


def name(film: dict[str, Any]) -> str:
    return str(film["title"]).rsplit(" (", 1)[0]


def test_a_film_says_what_it_is_and_is_picked_by_a_press(page: Page, films: list[dict[str, Any]]) -> None:
    sky = page.locator("#sky")
    x, y = place(sky, 2, 1)
    sky.hover(position={"x": x + 3, "y": y - 3})
    expect(page.locator("#map-card")).to_contain_text(str(films[8]["year"]))
    sky.click(position={"x": x, "y": y})
    expect(page.locator("#chips li")).to_have_count(1)
    assert f"m={films[8]['movieId']}" in page.url
    sky.click(position={"x": x + 60, "y": y + 60})  # nothing there
    sky.click(position={"x": x, "y": y})
    expect(page.locator("#chips li")).to_have_count(0)


def test_dragging_picks_nothing(page: Page) -> None:
    sky = page.locator("#sky")
    box = sky.bounding_box()
    assert box is not None
    x, y = place(sky, 2, 1)
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + x + 40, box["y"] + y + 10, steps=4)
    page.mouse.up()
    expect(page.locator("#chips li")).to_have_count(0)


def test_zooming_in_brings_films_apart_and_all_back(page: Page, films: list[dict[str, Any]]) -> None:
    sky, card = page.locator("#sky"), page.locator("#map-card")
    x, y = place(sky, 0, 0)
    sky.hover(position={"x": x, "y": y})
    expect(card).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    sky.hover(position={"x": x, "y": y})
    expect(card).to_be_hidden()
    page.get_by_role("button", name="Show everything").click()
    sky.hover(position={"x": x, "y": y})
    expect(card).to_contain_text(str(films[0]["year"]))


def test_the_keyboard_goes_from_film_to_film(page: Page, films: list[dict[str, Any]]) -> None:
    sky, card = page.locator("#sky"), page.locator("#map-card")
    sky.focus()
    x, y = place(sky, 2, 1)
    sky.hover(position={"x": x, "y": y})
    sky.press("ArrowRight")
    expect(card).to_contain_text(str(films[9]["year"]))
    sky.press("ArrowDown")
    expect(page.locator("#announcer")).to_contain_text(str(films[15]["year"]))
    sky.press("Enter")
    expect(page.locator("#chips li")).to_have_count(1)
    assert f"m={films[15]['movieId']}" in page.url
    sky.press("+")
    sky.press("0")
    sky.press("Tab")
    expect(page.get_by_role("button", name="Zoom in")).to_be_focused()


def test_two_fingers_zoom(server: WebServer, open_page: OpenPage, films: list[dict[str, Any]]) -> None:
    routes = {"**/movies/map?*": lattice(films), "**/api/v1/model": read(server, "model") | {"map": True}}
    page = open_page(f"{server.url}/app/", routes=routes, has_touch=True, viewport={"width": 400, "height": 800})
    sky = page.locator("#sky")
    sky.scroll_into_view_if_needed()
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
    expect(page.locator("#chips li")).to_have_count(0)


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


def test_without_a_map_there_is_none(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/", routes={"**/api/v1/model": read(server, "model") | {"map": False}})
    expect(page.locator("#start .tile")).to_have_count(24)
    expect(page.locator("#map")).to_be_hidden()


def test_ten_thousand_films_are_drawn_in_a_moment(server: WebServer, open_page: OpenPage) -> None:
    many = lattice(read(server, "movies/starter?n=24") * 417)
    many["movie_ids"] = list(range(1, len(many["movie_ids"]) + 1))
    many["x"] = [i * 0.618 % 1 for i in many["movie_ids"]]
    many["y"] = [i * 0.414 % 1 for i in many["movie_ids"]]
    routes = {"**/movies/map?*": many, "**/api/v1/model": read(server, "model") | {"map": True}}
    page = open_page(f"{server.url}/app/", routes=routes)
    expect(page.locator("#map-lead")).to_contain_text("10,008 films")
    page.locator("#sky").scroll_into_view_if_needed()
    started = time.perf_counter()
    for key in "+++---":
        page.locator("#sky").press(key)
    assert time.perf_counter() - started < 10  # seconds on a busy machine
