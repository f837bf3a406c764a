"""What is one's own stays on the device: stars, seen, watchlist, not for me; brought, saved, read again, forgotten."""

import json
import re
import time
from pathlib import Path
from typing import Any

import jwt
from playwright.sync_api import Page, Route, expect

from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_model
from support.running.page import OpenPage
from support.running.served_app import served
from support.running.web_server import WebServer

ALIEN, HEAT, MATRIX = 1214, 6, 2571
EVERYTHING = """() => new Promise((done) => {
  const asked = indexedDB.open("reelwise");
  asked.onsuccess = () => {
    const all = asked.result.transaction("films").objectStore("films").getAll();
    all.onsuccess = () => { asked.result.close(); done(all.result); };
  };
})"""
FULL = """() => {
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
FORBIDDEN = (
    """Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("", "SecurityError"); } });"""
)


def on_device(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(EVERYTHING)
    return sorted(found, key=lambda film: str(film["movieId"]))


def read_file(page: Page, name: str, content: str) -> None:
    page.locator("#bring-file").set_input_files({"name": name, "mimeType": "", "buffer": content.encode()})


def film(movie: int) -> dict[str, Any]:
    return {
        "movieId": movie,
        "title": f"A film {movie} (1999)",
        "year": 1999,
        "genres": ["Drama"],
        "imdbId": None,
        "tmdbId": None,
    }


def saved(stars: int) -> str:
    said = {"seen": True, "liked": False, "watchlist": False, "disliked": False}
    films = [film(i) | said | {"stars": 0.5 + i % 10 / 2, "at": i} for i in range(1, stars + 1)]
    return json.dumps({"reelwise": 1, "films": films})


def look_up(route: Route) -> None:
    """The films of `saved`, as if the server had them."""
    wanted = (route.request.post_data_json or {})["movies"]
    found = [film(int(one["title"].split()[2])) | {"ratings": 10, "mean_stars": 3.0} for one in wanted]
    route.fulfill(json={"movies": [{"film": one, "by": "title", "nearest": []} for one in found]})


HAS_THEM = {"**/movies/resolve": look_up}


def test_what_one_says_of_films_is_kept_and_asked_with_and_forgotten(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    cards = page.locator("#cards .card")
    expect(cards).to_have_count(10)
    waiting, refused = page.locator("#cards h3").all_inner_texts()[:2]
    cards.first.get_by_role("button", name="Watchlist").click()
    expect(cards.first.get_by_role("button", name="Watchlist")).to_have_attribute("aria-pressed", "true")
    cards.nth(1).get_by_label("More", exact=True).click()
    with page.expect_request("**/recommendations") as asked:
        cards.nth(1).get_by_role("button", name="Not for me").click()
    assert len((asked.value.post_data_json or {})["disliked_ids"]) == 1
    assert page.evaluate("location.search") == f"?m={ALIEN}"  # nothing of it is in the address
    page.reload()
    page.get_by_role("link", name="Mine").click()
    lists = page.locator("#mine-lists section")
    expect(lists.filter(has_text="Watchlist")).to_contain_text(waiting)
    expect(lists.filter(has_text="Not for me")).to_contain_text(refused)
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator("#mine-none")).to_be_visible()
    assert on_device(page) == []
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(lists.filter(has_text="Watchlist")).to_contain_text(waiting)


def test_a_list_has_ten_more_than_what_waits_since_an_earlier_visit(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    titles = page.locator("#cards h3")
    expect(titles).to_have_count(10)
    waiting = titles.first.inner_text()
    page.locator("#cards").get_by_role("button", name="Watchlist").first.click()
    expect(page.locator("#toast")).to_contain_text("on your watchlist")
    expect(titles.first).to_have_text(waiting)  # it stays while one looks
    page.reload()
    expect(titles).to_have_count(10)
    assert waiting not in titles.all_inner_texts()
    page.goto(f"{server.url}/app/#mine")
    expect(page.locator("#mine-lists section").first).to_contain_text(waiting)


def test_a_thousand_ratings_come_leave_and_come_back_the_same(
    server: WebServer, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{server.url}/app/#mine", routes=HAS_THEM)
    expect(page.locator("#mine-save")).to_be_hidden()
    read_file(page, "reelwise.json", saved(1000))
    expect(page.locator("#toast")).to_contain_text("1,000 films are in your notebook now.")
    first = on_device(page)
    assert len(first) == 1000
    page.goto(f"{server.url}/app/#mine")
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator("#mine-none")).to_be_visible()
    page.locator("#bring-file").set_input_files(download.value.path())
    expect(page.locator("#toast")).to_contain_text("1,000 films")
    assert on_device(page) == first


def test_what_was_saved_at_another_server_is_found_by_what_it_is(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/#mine")
    said: dict[str, Any] = {
        "genres": [],
        "imdbId": None,
        "tmdbId": None,
        "seen": True,
        "liked": False,
        "watchlist": False,
        "disliked": False,
    }
    alien = {"movieId": MATRIX, "title": "Alien (1979)", "year": 1979, "stars": 5, "at": 1} | said
    nowhere = {"movieId": HEAT, "title": "A Film of Tomorrow (2031)", "year": 2031, "stars": 1, "at": 2} | said
    read_file(page, "reelwise.json", json.dumps({"reelwise": 1, "films": [alien, nowhere]}))
    report = page.locator("#bring-report")
    expect(report).to_contain_text("1 of 2 found")
    expect(report).to_contain_text("A Film of Tomorrow (2031)")
    page.get_by_role("button", name="Keep them").click()
    expect(page.locator("#toast")).to_contain_text("1 film is in your notebook now.")
    assert [(one["movieId"], one["title"], one["stars"]) for one in on_device(page)] == [(ALIEN, "Alien (1979)", 5)]


def test_of_many_films_everything_is_learnt_though_the_server_is_busy(server: WebServer, open_page: OpenPage) -> None:
    row = {"stars": 4, "kinds": ["rating"], "when": None, "line": 2, "file": ""}
    matched = [{"movieId": i, "title": film(i)["title"]} | row for i in range(1, 451)]
    nothing: dict[str, Any] = {name: [] for name in ("ambiguous", "unknown", "not_films", "unreadable", "notes")}
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        look_up(route) if len(asked) % 2 == 0 else route.fulfill(status=503, headers={"Retry-After": "0"})

    histories = nothing | {"matched": matched, "catalogue_ends": 2018}
    page = open_page(f"{server.url}/app/#mine", routes={"**/histories?*": histories, "**/movies/resolve": answer})
    read_file(page, "ratings.csv", "anything")
    page.get_by_role("button", name="Keep them").click()
    expect(page.locator("#toast")).to_contain_text("450 films are in your notebook now.")
    assert [one["genres"] for one in on_device(page)] == [["Drama"]] * 450
    assert len(asked) == 6


def test_an_export_is_matched_chosen_from_and_becomes_the_list(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/#mine")
    lines = ["Date,Name,Year,Letterboxd URI,Rating", "2024-01-01,Alien,1979,https://boxd.it/1,4.5"]
    lines += ["2024-01-02,Heat,1995,https://boxd.it/2,3", "2024-01-03,A Film of Tomorrow,2031,https://boxd.it/3,5"]
    read_file(page, "ratings.csv", "\n".join(lines))
    report = page.locator("#bring-report")
    expect(report).to_contain_text("2 of 3 found")
    expect(report).to_contain_text("1 is newer than the films here")
    with page.expect_request("**/recommendations") as asked:
        page.get_by_role("button", name="Keep them").click()
    assert (asked.value.post_data_json or {})["stars"] == {str(ALIEN): 4.5, str(HEAT): 3}
    expect(page.locator("#cards .card")).to_have_count(10)
    expect(page.locator("#picks-line")).to_have_text("2 films you rated")
    assert page.evaluate("location.search") == ""


def test_what_may_mean_several_films_is_chosen(server: WebServer, open_page: OpenPage) -> None:
    said = {"stars": 4, "kinds": ["rating"], "when": None, "line": 2, "file": ""}
    candidates = [{"movieId": ALIEN, "title": "Alien (1979)"}, {"movieId": HEAT, "title": "Heat (1995)"}]
    row = {"title": "Rope", "year": None, "form": "film", "candidates": candidates} | said
    nothing: dict[str, Any] = {name: [] for name in ("matched", "unknown", "not_films", "unreadable", "notes")}
    answer = nothing | {"ambiguous": [row], "catalogue_ends": 2018}
    page = open_page(f"{server.url}/app/#mine", routes={"**/histories?*": answer})
    read_file(page, "ratings.csv", "anything")
    expect(page.get_by_role("button", name="Keep them")).to_be_disabled()
    page.get_by_label("Rope").select_option(str(HEAT))
    page.get_by_role("button", name="Keep them").click()
    expect(page.locator("#toast")).to_contain_text("1 film is in your notebook now.")
    assert [(film["movieId"], film["stars"]) for film in on_device(page)] == [(HEAT, 4)]


def test_where_a_file_says_nothing_there_is_nothing_to_keep(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/#mine")
    report = page.locator("#bring-report")
    read_file(page, "ratings.csv", "Date,Name,Year,Letterboxd URI,Rating\n2024-01-03,A Film of Tomorrow,2031,x,5")
    expect(report).to_contain_text("There is nothing in this file to keep")
    expect(page.get_by_role("button", name="Keep them")).to_be_disabled()
    page.get_by_role("button", name="Not now").click()
    read_file(page, "reelwise.json", saved(0))
    expect(report).to_have_text(re.compile("^There is nothing in this file to keep"))
    expect(page.locator("#notebook")).to_be_visible()


def test_more_films_than_the_server_leaves_out_are_no_failure(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}#mine", routes=HAS_THEM)
    with page.expect_response(lambda answer: '"balance":0.9' in (answer.request.post_data or "")) as bolder:
        read_file(page, "reelwise.json", saved(7200))
    assert bolder.value.ok
    expect(page.locator("#cards .card")).to_have_count(10)


def test_a_file_that_is_none_changes_nothing(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/#mine", routes=HAS_THEM)
    read_file(page, "reelwise.json", saved(2))
    expect(page.locator("#toast")).to_contain_text("2 films")
    page.goto(f"{server.url}/app/#mine")
    before = on_device(page)
    for name, content, message in (
        ("reelwise.json", saved(3)[:-40], "is damaged. Nothing was changed."),
        ("reelwise.json", saved(3).replace('"stars": 1.5', '"stars": 99'), "Film 2 in this file is damaged."),
        ("letter.txt", "Dear all,", "letter.txt"),
        ("ratings.zip", "PK broken", "ratings.zip"),
    ):
        read_file(page, name, content)
        expect(page.locator("#bring-report")).to_contain_text(message)
        assert on_device(page) == before, message


def test_a_device_that_is_full_says_so_and_nothing_is_lost(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}", routes=HAS_THEM)
    expect(page.locator("#cards .card")).to_have_count(10)
    waiting = page.locator("#cards").get_by_role("button", name="Watchlist")
    waiting.nth(0).click()
    expect(page.locator("#toast")).to_contain_text("on your watchlist")
    before = on_device(page)
    page.evaluate(FULL)
    waiting.nth(1).click()
    expect(page.get_by_role("alert")).to_contain_text("This device took nothing more")
    page.get_by_role("link", name="Mine").click()
    expect(page.locator("#mine-lists section").first).to_contain_text("Watchlist 2")
    read_file(page, "reelwise.json", saved(1000))
    expect(page.locator("#toast")).to_contain_text("1,000 films")
    page.get_by_role("link", name="Mine").click()
    with page.expect_download() as download:  # what the device does not take, a file does
        page.get_by_role("button", name="Save to a file").click()
    films = json.loads(download.value.path().read_text(encoding="utf-8"))["films"]
    assert {film["movieId"] for film in films} >= set(range(1, 1001))
    page.reload()
    expect(page.locator("#mine-lists section").first).to_contain_text("Watchlist 1")
    assert on_device(page) == before


def test_without_storage_the_page_works_and_says_what_that_means(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}", init_script=FORBIDDEN)
    expect(page.locator("#cards .card")).to_have_count(10)
    page.get_by_role("link", name="Mine").click()
    expect(page.locator("#mine-unkept")).to_contain_text("This browser keeps nothing once the page is closed.")


def test_favourites_take_stars_and_make_room(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(page.locator("#cards h3")).to_have_count(10)
    page.locator("#favourites").scroll_into_view_if_needed()
    strip = page.locator("#strip li")
    expect(strip).to_have_count(8)
    first, second = page.locator("#strip a:not(.tile)").all_inner_texts()[:2]
    box = strip.first.locator(".stars").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    expect(page.locator("#toast")).to_contain_text(f"{first}: 5 stars from you.")
    strip.first.get_by_role("button", name="Not seen").click()
    expect(page.locator("#strip")).not_to_contain_text(second)
    expect(strip).to_have_count(8)
    assert [film["stars"] for film in on_device(page)] == [5]


def test_a_phone_is_passed_and_a_link_brings_everybody_there_and_back(server: WebServer, open_page: OpenPage) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_page(f"{server.url}/app/?m={ALIEN}#together", permissions=permissions)
    expect(page.locator("#together-remark")).to_contain_text("a list for all takes two")
    page.get_by_role("button", name="Add somebody").click()
    guest = page.locator("#guest")
    guest.get_by_label("Name", exact=True).fill("Ben & Co, <b>")
    guest.get_by_role("button", name="Done").click()
    expect(page.locator("#guest-status")).to_have_text("Press at least one film.")
    guest.locator(".tile").nth(2).click()
    guest.get_by_role("combobox").fill("heat")
    with page.expect_request("**/groups/recommendations") as asked:
        guest.get_by_role("option").first.click()
        guest.get_by_role("button", name="Done").click()
    members = (asked.value.post_data_json or {})["members"]
    assert [member["name"] for member in members] == ["You", "Ben & Co, <b>"]
    assert members[0]["movie_ids"] == [ALIEN]
    assert len(members[1]["movie_ids"]) == 2
    cards = page.locator("#together-cards .card")
    expect(cards).to_have_count(10)
    expect(cards.first.locator(".fit .opinion")).to_have_text(
        [re.compile(r"You \d\.\d ★"), re.compile(r"<b> \d\.\d ★")]
    )
    expect(cards.first.locator(".because")).to_contain_text("because of")
    titles = page.locator("#together-cards h3").all_inner_texts()

    page.get_by_role("button", name="Send a link").click()
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send a link").click()
    expect(page.locator("#toast")).to_contain_text("The link is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.split("#")[0] == f"{server.url}/app/"  # nothing of it reaches a server

    other = open_page(link, viewport={"width": 390, "height": 844})
    expect(other.locator("#toast")).to_contain_text("With you now: Anna and Ben & Co, <b>.")
    expect(other.locator("#together-cards h3")).to_have_text(titles)
    expect(other.locator("#together-remark")).to_contain_text("Now you")
    other.reload()  # the phone remembers them, the address does not
    expect(other.locator("#members b")).to_have_text(["Anna", "Ben & Co, <b>"])
    assert other.evaluate("location.hash") == "#together"
    other.get_by_role("button", name="Leave out Anna").click()
    expect(other.locator("#together-cards .card")).to_have_count(0)

    page.goto(f"{server.url}/app/")
    senseless = "Cleo=1,1,x%2Cy,-3,1999999999,999999999999&%E0=3&=4&Dan="
    page.goto(f"{link}&{senseless}")  # as it comes back, and more
    expect(page.locator("#members b")).to_have_text(["Ben & Co, <b>", "Cleo"])
    assert page.evaluate("location.search") == f"?m={ALIEN}"  # what Anna herself had picked
    expect(page.locator("#together-remark")).to_have_text("4 films of Cleo are not known here.")
    expect(page.locator("#together-cards .card").first.locator(".fit .opinion")).to_have_count(3)


def test_whoever_enters_the_name_of_another_is_that_one(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={HEAT}#together?Anna={ALIEN}&Ben={MATRIX}")
    expect(page.locator("#members b")).to_have_text(["Anna", "Ben"])
    with page.expect_request(
        lambda one: "/groups/" in one.url and '"name":"You"' not in (one.post_data or "")
    ) as asked:
        page.get_by_label("Your name").fill("Ben")
        page.get_by_label("Your name").press("Enter")
    assert [one["name"] for one in (asked.value.post_data_json or {})["members"]] == ["Ben", "Anna"]
    expect(page.locator("#members b")).to_have_text(["Anna"])
    expect(page.locator("#together-cards .card")).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_link_of_eight_loses_nobody_unseen(server: WebServer, open_page: OpenPage) -> None:
    names = ["Anna", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Zoë"]
    link = f"{server.url}/app/#together?" + "&".join(f"{name}={HEAT}" for name in names[:-1]) + f"&Zo%C3%AB={ALIEN}"
    page = open_page(link)
    expect(page.locator("#members b")).to_have_text(names)
    expect(page.locator("#together-cards .card")).to_have_count(10)
    page.get_by_label("Your name").fill("Zoë")
    page.get_by_label("Your name").press("Enter")
    expect(page.locator("#members b")).to_have_text(names[:-1])
    expect(page.locator("#my-films")).to_have_text("1 film")
    other = open_page(link.replace("/app/", f"/app/?m={MATRIX}"))
    expect(other.locator("#toast")).to_contain_text("There is no room for Zoë")
    expect(other.locator("#members b")).to_have_text(names[:-1])


def test_people_who_join_in_two_tabs_are_all_there(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}#together")
    expect(page.get_by_role("button", name="Add somebody")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{server.url}/app/#together?Ben={HEAT}")
    expect(page.locator("#members b")).to_have_text(["Ben"])
    page.goto(f"{server.url}/app/#together?Cleo={MATRIX}")
    expect(other.locator("#members b")).to_have_text(["Ben", "Cleo"])
    other.close()


def test_for_whom_a_site_vouches_the_server_keeps_it(browser: object, open_page: OpenPage, tmp_path: Path) -> None:
    secret, key = "a-secret-that-is-known-to-the-site-1", "open-sesame-open-sesame"
    claims = {"sub": "alice", "aud": "reelwise", "exp": int(time.time()) + 600}
    settings = Settings(store=f"sqlite:///{tmp_path}/live.db", user_secret=secret, api_keys=key, _env_file=None)
    with served(create_app(settings, Recommender(tiny_model()))) as port:
        address = f"http://127.0.0.1:{port}/app"
        page = open_page(f"{address}/film/{MATRIX}#user={jwt.encode(claims, secret, algorithm='HS256')}")
        page.locator("#film").get_by_role("button", name="Watchlist").click()
        expect(page.locator("#toast")).to_contain_text("The Matrix is on your watchlist.")
        assert page.evaluate("location.hash") == ""
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Mine").click()
        expect(page.locator("#mine-lead")).to_contain_text("This site keeps it for you, as alice.")
        expect(page.locator("#mine-lists section").filter(has_text="Watchlist")).to_contain_text("The Matrix")
        page.reload()  # the tab remembers who it is, the server what was said
        expect(page.locator("#mine-lists section").filter(has_text="Watchlist")).to_contain_text("The Matrix")
        assert page.evaluate("indexedDB.databases()") == []
        stranger = open_page(f"{address}/#user=abc.def.ghi")
        expect(stranger.locator("#key-dialog")).to_be_visible()


def test_what_a_site_keeps_is_said_to_be_forgotten_once_it_is(
    browser: object, open_page: OpenPage, tmp_path: Path
) -> None:
    secret, waiting = "a-secret-that-is-known-to-the-site-1", list[Route]()
    claims = {"sub": "alice", "aud": "reelwise", "exp": int(time.time()) + 600}
    settings = Settings(store=f"sqlite:///{tmp_path}/live.db", user_secret=secret, _env_file=None)
    with served(create_app(settings, Recommender(tiny_model()))) as port:
        token = jwt.encode(claims, secret, algorithm="HS256")
        page = open_page(f"http://127.0.0.1:{port}/app/film/{MATRIX}#user={token}")
        page.locator("#film").get_by_role("button", name="Watchlist").click()
        expect(page.locator("#toast")).to_contain_text("The Matrix is on your watchlist.")
        page.goto(f"http://127.0.0.1:{port}/app/#mine")
        forget, toast = page.get_by_role("button", name="Forget everything"), page.locator("#toast")
        expect(forget).to_be_visible()
        page.route("**/me/films", lambda route: waiting.append(route))
        with page.expect_request("**/me/films"):
            forget.click()
        expect(page.locator("#mine-none")).to_be_visible()
        expect(toast).not_to_contain_text("Everything is forgotten.")
        waiting[0].continue_()
        expect(toast).to_contain_text("Everything is forgotten.")
        page.unroute_all()
        page.route("**/me/films", lambda route: route.fulfill(status=500, json={"detail": "no"}))
        toast.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("alert")).to_contain_text("This site did not take the last change")
        expect(toast).not_to_contain_text("Undone.")
