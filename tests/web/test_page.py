"""The page in a real browser: pick films, get films."""

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from support.web_server import WebServer

OpenPage = Callable[..., Page]

ALIEN, BLADE_RUNNER, HEAT, TOY_STORY = 1214, 541, 6, 1
UNKNOWN = 2_000_000_000


def cards(page: Page) -> Locator:
    return page.locator(".card")


def titles(page: Page) -> list[str]:
    """Of the cards, once those of the newest answer are there."""
    expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    return page.locator(".card h3").all_inner_texts()


def chips(page: Page) -> Locator:
    return page.locator("#chips b")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def pick(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Search films by title").fill(text)
    page.locator("#suggestions").get_by_role("option").first.click()


def ask(server: WebServer, path: str) -> Any:
    with urllib.request.urlopen(f"{server.url}/api/v1/{path}", timeout=10) as response:
        return json.load(response)


def test_a_search_that_forgives_leads_to_ten_films_with_reasons(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    page.get_by_role("combobox").fill("blade runer")
    option = page.locator("#suggestions").get_by_role("option").first
    expect(option).to_contain_text("Blade Runner")
    expect(option).to_contain_text("1982")
    option.click()
    expect(chips(page)).to_have_text(["Blade Runner"])
    expect(page.locator("#count")).to_have_text("1 of 20")
    expect(cards(page)).to_have_count(10)
    assert len(set(titles(page))) == 10
    assert "Blade Runner" not in titles(page)
    first = cards(page).first
    expect(first.locator(".numbers")).to_contain_text(re.compile(r"\d\.\d\s*for you.*\d\.\d average", re.DOTALL))
    expect(page.locator(".because", has_text="Because you picked Blade Runner").first).to_be_visible()
    assert query(page) == {"m": [str(BLADE_RUNNER)]}


def test_what_a_card_shows_is_what_the_server_says(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    body = json.dumps({"movie_ids": [ALIEN, HEAT], "rank_by": "taste"}).encode()
    request = urllib.request.Request(f"{server.url}/api/v1/recommendations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        expected = json.load(response)["recommendations"]
    expect(cards(page)).to_have_count(10)
    for card, film in zip(cards(page).all(), expected, strict=True):
        expect(card.locator("h3")).to_have_attribute("title", film["title"])
        expect(card.locator(".numbers b")).to_have_text(f"{film['predicted_stars']:.1f}")
        assert [reason["title"].split(" (")[0] for reason in film["reasons"][:2]] == card.locator(
            "cite"
        ).all_inner_texts()


def test_everything_by_keyboard_alone(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    press = page.keyboard.press
    press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    while page.evaluate("document.activeElement.id") != "search":
        press("Tab")
    page.keyboard.type("alien")
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()
    expect(page.locator("#search")).to_have_attribute("aria-activedescendant", "")
    press("ArrowDown")
    press("ArrowDown")
    expect(page.locator("#suggestions").get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#search")).to_have_attribute("aria-activedescendant", "suggestion-1")
    press("ArrowUp")
    press("Enter")
    expect(chips(page)).to_have_text(["Alien"])
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("heat")
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()
    press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    press("Escape")
    expect(page.locator("#search")).to_have_value("")
    expect(cards(page)).to_have_count(10)
    before = titles(page)
    page.locator(".card button").first.focus()
    press("Tab")  # from "pick it, too" to "seen it"
    press("Enter")
    expect(page.locator(".card h3").first).not_to_have_text(before[0])
    assert page.evaluate("document.activeElement.closest('.card') !== null")
    page.get_by_role("button", name="Remove Alien").press("Enter")
    expect(chips(page)).to_have_count(0)


def test_a_pick_is_removed_and_brought_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    expect(chips(page)).to_have_text(["Alien", "Heat"])
    expect(page.locator("#undo")).to_be_disabled()
    page.get_by_role("button", name="Remove Alien").click()
    expect(chips(page)).to_have_text(["Heat"])
    expect(page.locator("#toast")).to_contain_text("Alien is no longer picked.")
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(chips(page)).to_have_text(["Alien", "Heat"])
    page.get_by_role("button", name="Start over").click()
    expect(chips(page)).to_have_count(0)
    expect(page.locator("#results")).to_be_hidden()
    page.locator("#undo").click()
    expect(chips(page)).to_have_text(["Alien", "Heat"])
    expect(cards(page)).to_have_count(10)


def test_a_link_brings_everything_back_and_so_do_reload_and_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    pick(page, "alien")
    expect(chips(page)).to_have_count(1)
    pick(page, "heat")
    expect(chips(page)).to_have_text(["Alien", "Heat"])
    page.locator("#diversity").fill("0.5")
    page.get_by_role("button", name="Comedy: allowed").click()
    expect(page.get_by_role("button", name="Comedy: wanted")).to_be_visible()
    expect(cards(page)).to_have_count(10)
    shown = titles(page)
    link = page.url
    assert query(page) == {"m": [f"{ALIEN},{HEAT}"], "variety": ["0.5"], "genres": ["Comedy"]}
    page.reload()
    expect(page.locator(".card h3")).to_have_text(shown)
    elsewhere = open_page(link)
    expect(elsewhere.locator(".card h3")).to_have_text(shown)
    expect(chips(elsewhere)).to_have_text(["Alien", "Heat"])
    expect(elsewhere.locator("#diversity")).to_have_value("0.5")
    page.go_back()
    expect(page.get_by_role("button", name="Comedy: allowed")).to_be_visible()
    page.go_back()
    expect(chips(page)).to_have_text(["Alien"])
    page.go_forward()
    expect(chips(page)).to_have_text(["Alien", "Heat"])


def test_what_is_shared_is_the_address(server: WebServer, open_page: OpenPage) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_page(f"{server.url}/app/?m={ALIEN}", permissions=permissions)
    expect(cards(page)).to_have_count(10)
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#toast")).to_contain_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_films_are_steered_by_year_genre_fame_and_order(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    expect(cards(page)).to_have_count(10)
    page.get_by_label("From year").fill("1990")
    page.get_by_label("To year").fill("1999")
    page.get_by_label("To year").press("Enter")
    page.get_by_role("button", name="Drama: allowed").click()
    page.get_by_role("button", name="Drama: wanted").click()
    expect(page.get_by_role("button", name="Drama: unwanted")).to_be_visible()
    page.get_by_label("Rated by at least").select_option("100")
    page.get_by_role("radio", name="Stars").check()
    steering = {"from": ["1990"], "to": ["1999"], "without": ["Drama"], "ratings": ["100"], "by": ["stars"]}
    assert query(page) == {"m": [f"{ALIEN},{HEAT}"]} | steering
    expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    for facts in page.locator(".card .words > .facts:not(.small)").all_inner_texts():
        assert 1990 <= int(facts[:4]) <= 1999
        assert "Drama" not in facts
    stars = [float(text) for text in page.locator(".card .numbers b").all_inner_texts()]
    assert stars == sorted(stars, reverse=True)
    page.locator("#reset").click()
    assert query(page) == {"m": [f"{ALIEN},{HEAT}"]}


def test_a_year_that_is_none_is_taken_out_again(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=1990")
    expect(cards(page)).to_have_count(10)
    page.get_by_label("From year").fill("soon")
    page.get_by_label("From year").press("Enter")
    expect(page.get_by_label("From year")).to_have_value("")
    assert query(page) == {"m": [str(ALIEN)]}


def test_where_no_film_passes_the_filters_can_be_taken_away(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=1895&to=1896")
    expect(page.locator("#results-title")).to_have_text("Nothing for tonight")
    expect(page.locator("#remark")).to_have_text("No film passes these filters.")
    page.get_by_role("button", name="Take the filters away").click()
    expect(cards(page)).to_have_count(10)


def test_suggestions_lie_over_the_films_beside_them(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/", viewport={"width": 1280, "height": 900})
    expect(page.locator("#start .tile")).to_have_count(24)
    page.get_by_role("combobox").fill("star")
    option = page.locator("#suggestions").get_by_role("option").first
    box = option.bounding_box()
    assert box is not None
    above = "([x, y]) => document.elementFromPoint(x, y).closest('#suggestions') !== null"
    assert page.evaluate(above, [box["x"] + box["width"] - 4, box["y"] + box["height"] / 2])


def test_a_search_without_result_says_so(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    page.get_by_role("combobox").fill("qqqqzzzz <b>x</b>")
    expect(page.locator(".search-status")).to_contain_text("Nothing fits “qqqqzzzz <b>x</b>”")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_a_card_can_be_picked_seen_or_refused(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    for action in ("Pick {}, too", "I have seen {}", "{} is not for me"):
        title = titles(page)[0]
        page.get_by_role("button", name=action.format(title), exact=True).click()
        expect(page.locator(".card h3").first).not_to_have_text(title)
        expect(cards(page)).to_have_count(10)
        assert title not in titles(page)
    expect(chips(page)).to_have_count(2)
    expect(page.locator("#left-out .facts")).to_have_text(["seen", "not for me"])
    assert set(query(page)) == {"m", "seen", "not"}
    page.locator("#left-out button").first.click()
    expect(page.locator("#left-out .facts")).to_have_text(["not for me"])


def test_more_like_one_film_and_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    title = titles(page)[2]
    page.get_by_role("button", name=f"More like {title}", exact=True).click()
    expect(page.locator("#results-title")).to_have_text(f"More like {title}")
    expect(cards(page).first).to_contain_text("alike")
    page.get_by_role("button", name="Back to your ten").click()
    expect(page.locator("#results-title")).to_have_text("Ten for tonight")


def test_without_a_taste_model_nothing_is_offered_that_needs_one(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(
        f"{server.url}/app/?m={ALIEN}", routes={"**/api/v1/model": ask(server, "model") | {"taste": False}}
    )
    expect(cards(page)).to_have_count(10)
    expect(page.get_by_role("button", name="I have seen").first).to_be_visible()
    expect(page.get_by_role("button", name="More like").first).to_be_hidden()
    expect(page.get_by_role("radio", name="Taste", include_hidden=True)).to_be_hidden()


def test_the_wall_picks_without_typing(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    tile = page.locator("#start .tile").nth(3)
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(chips(page)).to_have_count(1)
    expect(cards(page)).to_have_count(10)
    tile.click()
    expect(chips(page)).to_have_count(0)


def test_a_group_of_a_taste_is_picked_at_once(server: WebServer, open_page: OpenPage) -> None:
    films = ask(server, "movies?q=star&limit=3")
    groups = [{"name": "Space operas", "movies": films}, {"name": "Nothing", "movies": []}]
    page = open_page(f"{server.url}/app/", routes={"**/movies/groups": groups})
    page.get_by_role("button", name="Space operas", exact=True).click()
    expect(page.locator("#start .tile")).to_have_count(3)
    expect(page.get_by_role("button", name="Nothing")).to_have_count(0)
    page.get_by_role("button", name="Pick all of “Space operas”").click()
    expect(chips(page)).to_have_count(3)


def test_twenty_films_are_enough(server: WebServer, open_page: OpenPage) -> None:
    ids = [film["movieId"] for film in ask(server, "movies/starter?n=21")]
    page = open_page(f"{server.url}/app/?m={','.join(map(str, ids))}")
    expect(page.locator("#count")).to_have_text("20 of 20")
    page.locator("#start .tile").nth(20).click()
    expect(page.locator("#toast")).to_contain_text("20 films are enough")
    expect(chips(page)).to_have_count(20)


def test_a_link_with_an_unknown_film_says_which(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{UNKNOWN},x,-3&balance=much")
    expect(page.locator(".notice")).to_contain_text("3 films that this model does not know")
    expect(page.locator(".notice")).to_contain_text(f"({UNKNOWN}, x, -3)")
    expect(chips(page)).to_have_text(["Alien"])
    expect(cards(page)).to_have_count(10)
    assert query(page) == {"m": [str(ALIEN)]}
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".notice")).to_have_count(0)


def test_the_closest_viewer_shares_films_and_loved_others(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{BLADE_RUNNER},{HEAT}")
    expect(cards(page)).to_have_count(10)
    page.locator("#viewer").scroll_into_view_if_needed()
    expect(page.locator("#viewer-line")).to_contain_text(re.compile(r"Viewer \d+ has seen \d of your 3 films"))
    expect(page.locator("#shared cite").first).to_have_text(re.compile("Alien|Blade Runner|Heat"))
    loved = page.locator("#loved .tile").first
    title = (loved.get_attribute("title") or "").rsplit(", ", 1)[0]
    loved.click()
    expect(chips(page).last).to_have_text(title)


def test_a_server_that_goes_away_and_comes_back(mortal_server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{mortal_server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    mortal_server.stop()
    page.get_by_role("button", name="Remove Alien").click()
    page.locator("#undo").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    expect(cards(page)).to_have_count(10)  # the last that was said stays
    mortal_server.start()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(cards(page)).to_have_count(10)


def test_without_a_model_the_page_says_what_to_do(
    browser: object, tmp_path_factory: pytest.TempPathFactory, open_page: OpenPage
) -> None:
    with WebServer(tmp_path_factory.mktemp("nothing")) as server:
        page = open_page(f"{server.url}/app/")
        expect(page.get_by_role("alert")).to_contain_text("No model is loaded yet.")
        expect(page.get_by_role("alert")).to_contain_text("reelwise quickstart")


def test_simulated_viewers_are_called_so(server: WebServer, open_page: OpenPage) -> None:
    expect(open_page(f"{server.url}/app/").locator("#banner")).to_contain_text("simulated viewers")


def test_a_server_that_asks_for_a_key_gets_it_and_only_this_tab_keeps_it(
    server: WebServer, open_page: OpenPage
) -> None:
    keys: list[str | None] = []

    def locked(route: Route) -> None:
        keys.append(route.request.headers.get("authorization"))
        if keys[-1] == "Bearer open sesame":
            route.continue_()
        else:
            route.fulfill(status=401, content_type="application/problem+json", body='{"detail": "Send a key."}')

    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/api/v1/**": locked})
    page.get_by_label("Key", exact=True).fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#key")).to_have_value("")
    page.get_by_label("Key", exact=True).fill("open sesame")
    page.get_by_role("button", name="Use it").click()
    expect(cards(page)).to_have_count(10)
    assert "Bearer wrong" in keys
    assert page.evaluate("[localStorage.length, document.cookie, location.search]") == [0, "", f"?m={ALIEN}"]


def test_a_key_that_is_not_given_is_asked_for_again_on_demand(server: WebServer, open_page: OpenPage) -> None:
    def locked(route: Route) -> None:
        route.fulfill(status=401, content_type="application/problem+json", body='{"detail": "Send a key."}')

    page = open_page(f"{server.url}/app/", routes={"**/api/v1/**": locked})
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_contain_text("Without a key this server does not answer.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#key-dialog")).to_be_visible()


def test_films_leave_as_csv_for_letterboxd(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["tmdbID,imdbID,Title,Year", ",,Alien,1979"]
    assert len(lines) == 12


def test_posters_of_the_server_are_shown_where_there_are_any(server: WebServer, open_page: OpenPage) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="3"/>'

    def posters(route: Route) -> None:
        if "/1214/" in route.request.url:
            route.fulfill(content_type="image/svg+xml", body=picture)
        else:
            route.fulfill(status=404)

    routes = {"**/api/v1/model": ask(server, "model") | {"posters": True}, "**/api/v1/movies/*/poster": posters}
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}", routes=routes)
    expect(page.locator("#chips .chip").nth(0).locator("img.there")).to_have_count(1)
    expect(page.locator("#chips .chip").nth(1).locator("img")).to_have_count(0)
    expect(page.locator("#foot-tmdb")).to_contain_text("uses the TMDB API but is not endorsed or certified by TMDB")


def test_the_theme_follows_the_system_until_somebody_chooses(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Light or dark").click()
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    assert page.evaluate(background) == light
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(background) == dark


def test_on_paper_only_the_films_are_left(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    page.emulate_media(media="print")
    expect(cards(page).first.locator("h3")).to_be_visible()
    for control in ("#search", "#start", "#steering", ".actions >> nth=0", "#undo"):
        expect(page.locator(control)).to_be_hidden()


def test_on_a_phone_something_leads_to_the_films(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/", viewport={"width": 360, "height": 740})
    jump = page.locator("#jump")
    expect(page.locator("#start .tile")).to_have_count(24)
    expect(jump).to_be_hidden()
    pick(page, "alien")
    expect(page).to_have_title("Alien – Reelwise")
    jump.click()
    expect(page.locator("#results-title")).to_be_in_viewport()
    expect(jump).not_to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_is_wider_than_the_window(server: WebServer, open_page: OpenPage, width: int) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}", viewport={"width": width, "height": 800})
    expect(cards(page)).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_film_picked_before_the_server_has_said_everything_stays_picked(
    server: WebServer, open_page: OpenPage
) -> None:
    waiting: list[Route] = []
    page = open_page(f"{server.url}/app/", routes={"**/api/v1/model": lambda route: waiting.append(route)})
    pick(page, "alien")
    expect(chips(page)).to_have_text(["Alien"])
    waiting[0].continue_()
    expect(cards(page)).to_have_count(10)
    expect(chips(page)).to_have_text(["Alien"])
