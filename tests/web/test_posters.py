"""Posters from a TMDB on loopback come over the drawn ones, on a server that asks for a key, too."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from reelwise.serving import create_app
from reelwise.serving.posters import tmdb
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.running.page import OpenPage
from support.running.served_app import served
from support.running.web_server import WebServer
from support.servers.tmdb import KEY, TMDBServer

TOY_STORY, PULP_FICTION, MATRIX = 1, 296, 2571
OUR_KEY = "open-sesame-open-sesame"
DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="71" height="30"/>'
OFFERS = "https://www.themoviedb.org/movie/862/watch"
TOY = {
    "poster_path": "/toy.png",
    "overview": "Toys come to life.",
    "runtime": 81,
    "credits": {"crew": [{"name": "John Lasseter", "job": "Director"}]},
    "watch/providers": {
        "results": {
            "US": {"link": f"{OFFERS}?locale=US", "flatrate": [{"provider_name": "A Service"}]},
            "DE": {"link": f"{OFFERS}?locale=DE", "rent": [{"provider_name": "Ein Laden"}]},
        }
    },
}

LOADS = """address => new Promise((done) => Object.assign(new Image(), {
  onload: () => done(true), onerror: () => done(false), src: `${address}#again`,
}))"""


@pytest.fixture
def tmdb_server(no_settings: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TMDBServer]:
    """Toy Story and The Matrix have a poster there, Pulp Fiction has none."""
    films: dict[int, object] = {862: "/toy.png", 603: "/matrix.png", 680: None}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with TMDBServer(
        films, dict.fromkeys(("/toy.png", "/matrix.png"), ("image/png", DOT)) | {"/logo.svg": ("image/svg+xml", LOGO)}
    ) as server:
        server.details = {(862, "en"): TOY}
        monkeypatch.setattr(tmdb, "API", f"{server.url}/3")
        monkeypatch.setattr(tmdb, "PICTURES", f"{server.url}/t/p")
        monkeypatch.setattr(tmdb, "LOGO", f"{server.url}/t/p/site/logo.svg")
        yield server


def has_poster(page: Page, movie: int) -> None:
    """The pick at this place shows a poster that is a picture, whole."""
    image = page.locator("#chips li").nth(movie).locator("img.there")
    expect(image).to_have_count(1)
    assert image.evaluate("image => image.naturalWidth") == 1


def test_posters_are_shown_where_films_have_some(browser: object, tmdb_server: TMDBServer, open_page: OpenPage) -> None:
    with served(create_app(Settings(tmdb_api_key=KEY, _env_file=None), tiny_recommender())) as port:
        page = open_page(f"http://127.0.0.1:{port}/app/?m={TOY_STORY},{PULP_FICTION}")
        page.locator("#picks summary").click()
        has_poster(page, 0)
        expect(page.locator("#chips li").nth(1).locator("img")).to_have_count(0)
        expect(page.locator("#foot-tmdb")).to_contain_text("uses the TMDB API but is not endorsed or certified by TMDB")
        page.locator("#foot-tmdb").scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('#foot-tmdb img').naturalWidth === 71")
        page.locator("#chips a").first.click()
        about = page.locator("#film-about")
        expect(about).to_contain_text("Toys come to life.")
        expect(about).to_contain_text("1 h 21 min · directed by John Lasseter")
        expect(about).to_contain_text("With a subscription: A Service")  # in the country of the browser
        about.get_by_label("Country").select_option("DE")
        expect(about).to_contain_text("To rent: Ein Laden")
        for said in ("data from JustWatch", "uses the TMDB API but is not endorsed or certified by TMDB"):
            expect(about).to_contain_text(said)
        expect(about.get_by_role("link", name="All offers at TMDB")).to_have_attribute("href", f"{OFFERS}?locale=DE")
        page.locator("#film .tile").first.click()
        expect(page.locator("#film-title")).not_to_have_text("Toy Story")
        expect(about).to_be_empty()  # nothing is known of that film
        page.goto(f"http://127.0.0.1:{port}/app/film/{PULP_FICTION}")
        expect(page.locator(".tags li")).to_have_text(["quirky", "Quentin Tarantino"])


def test_of_two_countries_chosen_the_later_one_is_shown(
    browser: object, tmdb_server: TMDBServer, open_page: OpenPage
) -> None:
    waiting: list[Route] = []
    with served(create_app(Settings(tmdb_api_key=KEY, _env_file=None), tiny_recommender())) as port:
        page = open_page(f"http://127.0.0.1:{port}/app/film/{TOY_STORY}")
        about = page.locator("#film-about")
        expect(about).to_contain_text("With a subscription: A Service")
        page.route("**/details?country=DE", lambda route: waiting.append(route))
        with page.expect_request("**/details?country=DE"):
            about.get_by_label("Country").select_option("DE")
        about.get_by_label("Country").evaluate(
            "(select) => { select.value = 'US'; select.dispatchEvent(new Event('change')); }"
        )
        page.wait_for_load_state("networkidle")
        waiting[0].continue_()
        page.wait_for_load_state("networkidle")
        expect(about.get_by_label("Country")).to_have_value("US")
        expect(about).to_contain_text("With a subscription: A Service")


def test_a_server_with_keys_shows_them_to_those_who_have_one(
    browser: object, tmdb_server: TMDBServer, open_page: OpenPage
) -> None:
    settings = Settings(tmdb_api_key=KEY, api_keys=OUR_KEY, _env_file=None)
    with served(create_app(settings, tiny_recommender())) as port:
        page = open_page(f"http://127.0.0.1:{port}/app/?m={TOY_STORY},{PULP_FICTION},{MATRIX}")
        page.get_by_label("Key", exact=True).fill(OUR_KEY)
        page.get_by_role("button", name="Use it").click()
        page.locator("#picks summary").click()
        has_poster(page, 0)
        has_poster(page, 2)
        expect(page.locator("#chips li").nth(1).locator("img")).to_have_count(0)
        # The copies are given back once they are shown, and TMDB never hears of our key.
        address = page.locator("#chips img").first.get_attribute("src") or ""
        assert address.startswith("blob:")
        assert page.evaluate(LOADS, address) is False
    assert not [seen for seen in tmdb_server.seen if OUR_KEY in f"{seen.path} {seen.headers}"]


def test_the_narrow_letters_are_capitals(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    styles = page.locator("#start .lettering").evaluate_all(
        "all => all.map(getComputedStyle).map(one => [one.fontFamily.split(',')[0], one.textTransform])"
    )
    narrow = [capitals for family, capitals in styles if "Narrow" in family]
    assert len(narrow) > 3
    assert set(narrow) == {"uppercase"}  # the font has no others


def test_a_title_never_lies_on_its_picture(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    covers = """all => all.map(one => {
      const [poster, title] = [one, one.querySelector(".lettering")];
      const isWide = title.clientWidth === poster.clientWidth;
      return isWide && getComputedStyle(title).backgroundColor === getComputedStyle(poster).backgroundColor;
    })"""
    assert set(page.locator("#start film-poster").evaluate_all(covers)) == {True}
