"""What the page makes of servers that ask for a key, go away, or lack something, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.running.page import ALIEN, HEAT, PHONE, OpenPage, ask, cards, chips, pick
from support.running.web_server import WebServer

Answer = Callable[[Route], None]


def test_without_a_taste_model_nothing_is_offered_that_needs_one(server: WebServer, open_page: OpenPage) -> None:
    model = ask(server, "model") | {"taste": False}
    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/api/v1/model": model})
    expect(cards(page)).to_have_count(10)
    cards(page).first.get_by_label("More", exact=True).click()
    expect(page.get_by_role("button", name="Not for me").first).to_be_visible()
    expect(page.get_by_role("button", name="More like").first).to_be_hidden()


def test_a_server_that_goes_away_and_comes_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}", viewport=PHONE)
    expect(cards(page)).to_have_count(10)
    last = cards(page).nth(9)
    last.scroll_into_view_if_needed()
    server.stop()
    last.get_by_role("button", name="Seen:").click()
    last.get_by_role("button", name="Just seen").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    expect(page.get_by_role("alert")).to_be_in_viewport()  # wherever one is
    expect(cards(page)).to_have_count(10)  # the last that was said stays
    page.locator("#results").evaluate("results => { results.ariaBusy = 'true'; }")
    expect(page.locator("#cards")).to_have_css("opacity", "1")  # and does not blink whenever it is tried again
    server.start()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(cards(page)).to_have_count(10)


def test_all_that_failed_is_asked_again_once_the_server_is_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/#pick")
    page.locator("#start .tile").first.click()
    server.stop()
    with page.expect_request("**/match"):  # who is alike is asked for beside the list
        page.get_by_role("link", name="Show my ten").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    server.start()
    expect(cards(page)).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_film_opened_while_the_server_is_away_is_filled_once_it_is_back(
    server: WebServer, open_page: OpenPage
) -> None:
    asked: list[str] = []

    def count(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/similar?*": count})
    cards(page).first.locator(".cover").click()
    expect(page.locator("#film .tile").first).to_be_visible()
    page.keyboard.press("Escape")
    server.stop()
    asked.clear()
    cards(page).nth(1).locator(".cover").click()
    with page.expect_event("requestfailed", lambda failed: "/similar" in failed.url and len(asked) > 1):
        pass  # and again
    server.start()
    expect(page.locator("#film .tile").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_search_while_the_server_is_away_is_answered_once_it_is_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    server.stop()
    page.locator("#search").fill("alie")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    server.start()
    page.locator("#search").fill("alien")
    expect(page.locator("#suggestions").get_by_role("option").first).to_contain_text("Alien")
    expect(page.get_by_role("alert")).to_have_count(0, timeout=1000)


def test_without_a_model_visitors_are_not_told_of_files_and_commands(browser: object, open_page: OpenPage) -> None:
    with WebServer(lambda: create_app(Settings(model="there-is-no-model", _env_file=None))) as server:
        page = open_page(f"{server.url}/app/")
        expect(page.get_by_role("alert")).to_contain_text("There are no films here yet.")
        expect(page.get_by_role("alert")).not_to_contain_text(re.compile("reelwise|/"))


def refuse(status: int, retry_after: str = "30", kind: str = "application/problem+json", body: str = "{}") -> Answer:
    headers = {"Retry-After": retry_after}
    return lambda route: route.fulfill(status=status, headers=headers, content_type=kind, body=body)


def test_a_server_that_is_full_for_a_moment_is_asked_again(server: WebServer, open_page: OpenPage) -> None:
    full = refuse(503, retry_after="0")
    refused: list[str] = []

    def answer(route: Route) -> None:
        asked = route.request.url
        refused.append(asked)
        full(route) if refused.count(asked) < 3 else route.continue_()

    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/api/v1/**": answer})
    expect(cards(page)).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("retry_after", ["0", "30"])
def test_a_server_with_much_to_do_is_not_said_to_have_no_films(
    server: WebServer, open_page: OpenPage, retry_after: str
) -> None:
    busy = refuse(503, retry_after=retry_after)
    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/api/v1/recommendations": busy})
    expect(page.get_by_role("alert")).to_contain_text("The server has a lot to do just now. This page tries again")
    page.unroute_all()
    expect(cards(page).locator("h3")).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_something_else_answers_for_the_server_is_no_answer(server: WebServer, open_page: OpenPage) -> None:
    portal = refuse(200, kind="text/html", body="<h1>Sign in to the network</h1>")
    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/api/v1/**": portal})
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    page.unroute_all()
    expect(cards(page).locator("h3")).to_have_count(10)


def test_a_page_of_which_a_module_does_not_come_says_so(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}#tonight", routes={"**/state/company.js": refuse(503)})
    expect(page.get_by_role("alert")).to_contain_text("Part of this page did not arrive.")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(cards(page).locator("h3")).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


def by_model(revision: str) -> Answer:
    """The server's answer, as if another model had made it."""

    def answer(route: Route) -> None:
        ours = route.fetch()
        route.fulfill(response=ours, headers=ours.headers | {"x-model-revision": revision})

    return answer


def test_a_page_that_is_open_learns_of_another_model(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    newer = ask(server, "model") | {"dataset": "what people said since"}
    page.route("**/api/v1/model", lambda route: route.fulfill(json=newer))
    page.route("**/recommendations", by_model("newer"))
    cards(page).first.get_by_label("More", exact=True).click()
    page.get_by_role("button", name="Not for me:").first.click()
    expect(page.locator("#foot-data")).to_contain_text("what people said since")
    page.route("**/api/v1/model", lambda route: route.fulfill(json=newer | {"rating_scale": {"low": 1, "high": 10}}))
    page.route("**/recommendations", by_model("newest"))
    with page.expect_navigation():  # nothing on the page is of use to a model with other stars
        page.get_by_role("button", name="Undo").click()
    with page.expect_request(lambda one: '"stars":{"' in (one.post_data or "")) as asked:
        cards(page).first.get_by_role("button", name="Seen:").click()
        cards(page).first.locator(".rate input").press("End")
        page.keyboard.press("Enter")
    assert list((asked.value.post_data_json or {})["stars"].values()) == [10]


def test_simulated_viewers_are_called_so(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#banner")).to_contain_text("Simulated viewers")
    expect(page.locator(".foot")).to_contain_text("real films, but simulated viewers")


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
    dialog = page.locator("#key-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    page.get_by_label("Key", exact=True).fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#key")).to_have_value("")
    expect(dialog.get_by_role("alert")).to_contain_text("The server did not accept that key.")
    page.get_by_label("Key", exact=True).fill("open sesame")
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(10)
    assert "Bearer wrong" in keys
    assert page.evaluate("[localStorage.length, document.cookie, location.search]") == [0, "", f"?m={ALIEN}"]


def test_a_key_that_is_not_given_is_asked_for_again_on_demand(server: WebServer, open_page: OpenPage) -> None:
    def locked(route: Route) -> None:
        route.fulfill(status=401, content_type="application/problem+json", body='{"detail": "Send a key."}')

    page = open_page(f"{server.url}/app/", routes={"**/api/v1/**": locked})
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_contain_text("Without a key this server does not answer.")
    expect(page.get_by_role("alert")).not_to_contain_text("Send a key.")  # which is said to programs
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#key-dialog")).to_be_visible()


def test_posters_of_the_server_are_shown_where_there_are_any(server: WebServer, open_page: OpenPage) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="3"/>'

    def posters(route: Route) -> None:
        if "/1214/" in route.request.url:
            route.fulfill(content_type="image/svg+xml", body=picture)
        else:
            route.fulfill(status=404)

    routes = {"**/api/v1/model": ask(server, "model") | {"posters": True}, "**/api/v1/movies/*/poster": posters}
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}", routes=routes)
    page.locator("#picks summary").click()
    expect(page.locator("#chips .chip").nth(0).locator("img.there")).to_have_count(1)
    expect(page.locator("#chips .chip").nth(1).locator("img")).to_have_count(0)
    expect(page.locator("#foot-tmdb")).to_contain_text("uses the TMDB API but is not endorsed or certified by TMDB")


def test_a_film_picked_before_the_server_has_said_everything_stays_picked(
    server: WebServer, open_page: OpenPage
) -> None:
    waiting: list[Route] = []
    page = open_page(f"{server.url}/app/", routes={"**/api/v1/model": lambda route: waiting.append(route)})
    pick(page, "alien")
    expect(chips(page)).to_have_text(["Alien"])
    page.get_by_role("link", name="Show my ten").click()
    waiting[0].continue_()
    expect(cards(page).locator("h3")).to_have_count(10)
    expect(chips(page)).to_have_text(["Alien"])
