"""The page in a real browser: pick films, get films."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Route, expect

from support.running.page import (
    ALIEN,
    BLADE_RUNNER,
    HEAT,
    PHONE,
    UNKNOWN,
    OpenPage,
    ask,
    cards,
    chips,
    pick,
    query,
    titles,
)
from support.running.web_server import WebServer


def with_reasons(route: Route) -> None:
    """The server's films, each as if Alien carried it."""
    answer = route.fetch().json()
    for film in answer["recommendations"]:
        film["reasons"] = [{"movieId": ALIEN, "title": "Alien (1979)", "share": 0.31}]
    route.fulfill(json=answer)


def test_a_search_that_forgives_leads_to_ten_films_with_reasons(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/", routes={"**/recommendations": with_reasons})
    expect(page.locator("#start .tile")).to_have_count(24)
    page.locator("#search").fill("blade runer")
    option = page.locator("#suggestions").get_by_role("option").first
    expect(option).to_contain_text("Blade Runner")
    expect(option).to_contain_text("1982")
    option.click()
    expect(page.locator("#start")).to_be_visible()  # the wall stays
    expect(page.locator("#tray")).to_contain_text("1 film picked. 2 more make the list yours.")
    page.get_by_role("link", name="Show my ten").click()
    expect(page.locator("#count")).to_have_text("1 of 20")
    expect(cards(page)).to_have_count(10)
    assert len(set(titles(page))) == 10
    assert "Blade Runner" not in titles(page)
    expect(cards(page).first.locator(".fit")).to_have_text(re.compile(r"^\d\.\d ★ for you, likely \d(\.\d)? to \d"))
    expect(cards(page).first.locator(".because")).to_have_text("Because you like Alien")
    assert query(page) == {"m": [str(BLADE_RUNNER)]}


def test_what_a_card_shows_is_what_the_server_says(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    body = json.dumps({"movie_ids": [ALIEN, HEAT], "rank_by": "taste", "n": 30}).encode()
    request = urllib.request.Request(f"{server.url}/api/v1/recommendations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)["recommendations"]
    carried = [film for film in answer if film["reasons"]]
    expected = (carried if len(carried) >= 10 else answer)[:10]
    expect(cards(page)).to_have_count(10)
    for card, film in zip(cards(page).all(), expected, strict=True):
        expect(card.locator("h3 a")).to_have_attribute("title", film["title"])
        expect(card.locator(".fit")).to_contain_text(f"{film['predicted_stars']:.1f} ★")
        assert [reason["title"].split(" (")[0] for reason in film["reasons"][:2]] == card.locator(
            "cite"
        ).all_inner_texts()
    expect(page.locator("#bolder-cards .card")).to_have_count(5)
    bolder = page.locator("#bolder-cards h3").all_inner_texts()
    assert not set(bolder) & set(titles(page))
    known = {film["title"]: film["ratings"] for film in [*expected, *ask(server, "movies/starter?n=100")]}
    usual = sorted(film["ratings"] for film in expected)[5]
    full = [str(link.get_attribute("title")) for link in page.locator("#bolder-cards h3 a").all()]
    assert all(known[title] < usual for title in full if title in known)  # less known than the ten


def test_everything_by_keyboard_alone(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={HEAT}")
    expect(cards(page)).to_have_count(10)
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
    expect(page.locator("#search")).to_have_attribute("aria-activedescendant", "suggestions-1")
    press("ArrowUp")
    press("Enter")
    expect(chips(page)).to_have_text(["Heat", "Alien"])
    page.keyboard.type("toy")
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()
    press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    press("Escape")
    before = titles(page)
    for _ in range(5):
        press("Tab")
    expect(cards(page).first.locator("[data-does=watchlist]")).to_be_focused()  # five Tabs from search
    press("Tab")
    press("Enter")
    for _ in range(8):
        press("ArrowRight")
    press("Enter")
    expect(page.locator("#toast")).to_contain_text(f"{before[0]}: 4 stars from you.")
    expect(page.locator("#cards h3").first).not_to_have_text(before[0])
    assert page.evaluate("document.activeElement.closest('.card') !== null")
    page.locator("#picks summary").focus()
    press("Enter")
    for _ in range(2):
        press("Tab")
    press("Enter")  # removes Heat
    expect(chips(page)).to_have_text(["Alien"])
    expect(page.get_by_role("button", name="Remove Alien")).to_be_focused()


def test_three_quick_presses_are_three_picks_and_a_second_one_offers_stars(
    server: WebServer, open_page: OpenPage
) -> None:
    page = open_page(f"{server.url}/app/", viewport=PHONE)
    tiles = page.locator("#start .tile")
    tiles.nth(14).scroll_into_view_if_needed()
    top = page.evaluate("scrollY")
    for i in (12, 13, 14):
        tiles.nth(i).click()
    expect(page.locator("#tray li")).to_have_count(3)
    assert page.evaluate("scrollY") == top
    tiles.nth(13).click()
    more = page.locator(".tile-more")
    box = more.locator(".stars").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.71, box["y"] + box["height"] / 2)  # the first half of the fourth
    expect(page.locator("#toast")).to_contain_text("3.5 stars from you.")
    expect(more).to_have_count(0)
    tiles.nth(13).click()
    more.get_by_role("button", name="Not this one").click()
    expect(page.locator("#tray li")).to_have_count(2)
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#tray li")).to_have_count(3)


def test_undo_takes_back_what_it_names(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    refused, other = titles(page)[:2]
    cards(page).first.get_by_label("More", exact=True).click()
    page.get_by_role("button", name=f"Not for me: {refused}", exact=True).click()
    expect(page.locator("#toast")).to_contain_text(f"{refused}: not for you.")
    expect(page.locator("#cards h3").first).not_to_have_text(refused)
    page.locator("#cards h3 a", has_text=other).first.click()  # something else in between
    expect(page.locator("#film")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_have_text("Undone.")
    expect(page.locator("#cards h3").first).to_have_text(refused)
    expect(chips(page)).to_have_text(["Alien"])


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["desk", "phone"])
def test_what_is_told_can_be_undone_on_a_films_page(
    server: WebServer, open_page: OpenPage, viewport: dict[str, int]
) -> None:
    page = open_page(f"{server.url}/app/film/{ALIEN}?m={HEAT}", viewport=viewport)
    film = page.locator("#film")
    expect(film.locator(".fit")).to_contain_text("★ for you")
    film.get_by_role("button", name="Not for me").click()
    expect(film.locator(".fit")).to_be_hidden()  # what was said is not predicted
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(film.get_by_role("button", name="Not for me")).to_have_attribute("aria-pressed", "false")
    expect(film.locator(".fit")).to_be_visible()
    film.get_by_role("button", name="Watchlist").click()
    page.keyboard.press("Escape")
    page.locator("#toast").get_by_role("button", name="Undo").click()  # and after it
    expect(page.locator("#toast")).to_have_text("Undone.")


def test_a_films_page_opened_by_its_address_asks_once(server: WebServer, open_page: OpenPage) -> None:
    asked: list[str] = []

    def hear(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page = open_page(f"{server.url}/app/film/{ALIEN}?m={HEAT}", routes={"**/similar?*": hear})
    expect(page.locator("#film .tile").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(asked) == 1


def test_a_link_brings_everything_back_and_so_do_reload_and_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    pick(page, "heat")
    expect(chips(page)).to_have_text(["Alien", "Heat"])
    page.locator("summary", has_text="Variety").click()
    page.locator("#diversity").fill("0.5")
    page.locator("summary", has_text="Genres").click()
    page.get_by_role("button", name="Comedy: allowed").click()
    expect(page.get_by_role("button", name="Comedy: wanted")).to_be_visible()
    shown = titles(page)
    expect(page.locator("#is-genres")).to_have_text("Comedy")
    assert query(page) == {"m": [f"{ALIEN},{HEAT}"], "variety": ["0.5"], "genres": ["Comedy"]}
    elsewhere = open_page(page.url)
    expect(elsewhere.locator("#cards h3")).to_have_text(shown)
    expect(elsewhere.locator("#diversity")).to_have_value("0.5")
    page.go_back()
    expect(page.locator("#is-genres")).to_have_text("")
    page.go_back()
    expect(chips(page)).to_have_text(["Alien"])
    page.go_forward()
    expect(chips(page)).to_have_text(["Alien", "Heat"])


def test_what_is_shared_are_picks_and_filters(server: WebServer, open_page: OpenPage) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=1980#tonight", permissions=permissions)
    expect(cards(page)).to_have_count(10)
    cards(page).first.get_by_role("button", name="Watchlist").click()
    page.get_by_label("Share, save, print").click()
    page.get_by_role("button", name="Share picks and filters").click()
    expect(page.locator("#toast")).to_contain_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/app/?m={ALIEN}&from=1980"


def test_films_are_steered_by_year_genre_fame_and_order(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    expect(cards(page)).to_have_count(10)
    page.locator("summary", has_text="Years").click()
    page.get_by_label("From year").fill("1999")
    page.get_by_label("To year").fill("1990")  # the other way round, too
    page.get_by_label("To year").press("Enter")
    expect(page.locator("#is-years")).to_have_text("1990–1999")
    page.get_by_label("To year").press("Escape")
    expect(page.get_by_label("To year")).to_be_hidden()
    page.locator("summary", has_text="Genres").click()
    page.get_by_role("button", name="Drama: allowed").click()
    page.get_by_role("button", name="Drama: wanted").click()
    page.locator("#controls summary", has_text="More").click()
    page.get_by_label("Rated by at least").select_option("100")
    page.get_by_role("radio", name="Stars").check()
    steering = {"from": ["1990"], "to": ["1999"], "without": ["Drama"], "ratings": ["100"], "by": ["stars"]}
    assert query(page) == {"m": [f"{ALIEN},{HEAT}"]} | steering
    titles(page)
    for facts in page.locator("#cards .facts").all_inner_texts():
        assert 1990 <= int(facts[:4]) <= 1999
        assert "Drama" not in facts
    stars = [float(text[:3]) for text in page.locator("#cards .fit").all_inner_texts()]
    assert stars == sorted(stars, reverse=True)
    page.locator("#reset").click()
    assert query(page) == {"m": [f"{ALIEN},{HEAT}"]}


def test_years_are_taken_as_they_are_typed_one_after_the_other(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=1950&to=1960")
    expect(cards(page)).not_to_have_count(0)
    page.locator("summary[data-of^=year]").click()
    page.get_by_label("From year").select_text()
    for typed in ("1980", "1990"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    expect(page.locator("#is-years")).to_have_text("1980–1990")
    page.get_by_label("From year").fill("1999")
    page.get_by_label("To year").focus()
    page.locator("#genres").evaluate("() => document.activeElement.blur()")  # both are left
    expect(page.locator("#is-years")).to_have_text("1990–1999")


def test_where_the_films_end_is_said_of_later_years_and_of_titles_that_are_not_here(
    server: WebServer, open_page: OpenPage
) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=2031")
    expect(page.locator("#remark")).to_have_text(re.compile(r"^The films here end in \d{4}\.$"))
    found = page.locator("#suggestions")
    page.locator("#search").fill("ali")
    expect(found.get_by_role("option").first).to_contain_text("Alien")
    expect(found).to_have_attribute("data-ends", "")
    page.locator("#search").fill("aleins")
    expect(found).to_have_attribute("data-ends", re.compile("^The films here end in"))


def test_what_is_no_year_stays_and_is_told(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    page.locator("summary[data-of^=year]").click()
    year = page.get_by_label("From year")
    for text in ("95", "abcd"):
        year.fill(text)
        year.press("Enter")
        expect(year).to_have_value(text)
        assert year.evaluate("(field) => field.matches(':invalid')")
        assert year.get_attribute("title") == "A year such as 1995"
    year.fill("1995")
    year.press("Enter")
    expect(page.locator("#is-years")).to_have_text("from 1995")


def test_the_menu_closes_once_something_of_it_is_done(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    page.locator(".tools summary").click()
    with page.expect_download():
        page.locator("[data-act=save]").click()
    expect(page.locator("[data-act=save]")).to_be_hidden()


def test_where_no_film_passes_the_filters_can_be_taken_away(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=1895&to=1896")
    expect(page.locator("#results-title")).to_have_text("Nothing for tonight")
    expect(page.locator("#remark")).to_have_text("No film passes these filters.")
    page.locator("#open-up").click()
    expect(cards(page)).to_have_count(10)


def test_a_search_without_result_says_where_the_films_end(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    newest = ask(server, "model")["catalogue_ends"]
    page.locator("#search").fill("qqqqzzzz <b>x</b>")
    expect(page.locator("#film-search .search-status")).to_contain_text("Nothing fits “qqqqzzzz <b>x</b>”")
    expect(page.locator("#film-search .search-status")).to_contain_text(f"The films here end in {newest}.")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_enter_takes_the_best_match_for_what_is_typed_however_fast(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    expect(page.locator("#start .tile")).to_have_count(24)
    second = str(ask(server, "movies?q=aliens&limit=1")[0]["title"]).split(" (")[0]
    assert second == "Aliens"
    search = page.locator("#search")
    search.fill("alien")
    expect(page.locator("#suggestions").get_by_role("option").first).to_contain_text("Alien")
    search.press_sequentially("s")
    search.press("Enter")  # the list is still that of what was typed before
    expect(chips(page)).to_have_text([second])
    search.fill("gladiator")
    search.press("Enter")  # there is no list yet
    expect(chips(page)).to_have_text([second, "Gladiator"])
    page.route("**/movies?*q=heat", lambda route: None)  # whose answer takes long
    search.fill("heat")
    search.press("Enter")
    search.fill("")  # never mind
    page.unroute_all()
    search.fill("heat")
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()
    expect(chips(page)).to_have_count(2)


def test_a_film_has_a_page_of_its_own(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}", routes={"**/recommendations": with_reasons})
    expect(cards(page)).to_have_count(10)
    title = titles(page)[1]
    cards(page).nth(1).locator(".cover").click()
    film = page.locator("#film")
    expect(film.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(film).to_contain_text("★ for you, likely")
    expect(film.locator(".reasons")).to_have_text("Alien31%")
    expect(film.get_by_role("img", name=re.compile(r"[\d,]+ ratings?, \d\.\d on average, most often"))).to_be_visible()
    assert re.search(rf"/app/film/\d+\?m={ALIEN}$", page.url)
    expect(page).to_have_title(f"{title} – Reelwise")
    alike = film.locator(".tile").first
    name = str(alike.get_attribute("aria-label")).rsplit(", ", 1)[0]
    alike.click()
    expect(film.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.go_back()
    page.reload()  # it opens at its own address, too
    expect(film.get_by_role("heading", name=title, exact=True)).to_be_visible()
    film.get_by_role("button", name="Pick", exact=True).click()
    expect(film.get_by_role("button", name="Pick", exact=True)).to_have_attribute("aria-pressed", "true")
    film.get_by_role("button", name="Close").click()
    expect(film).to_be_hidden()
    expect(chips(page)).to_have_text(["Alien", title])
    assert page.url.startswith(f"{server.url}/app/?m=")


def test_more_like_a_film_obeys_the_filters(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&from=1990")
    expect(cards(page)).to_have_count(10)
    cards(page).first.get_by_label("More", exact=True).click()
    cards(page).first.get_by_role("button", name="More like").click()
    film = page.locator("#film")
    expect(film).to_contain_text("Your filters apply here, too.")
    years = [int(str(tile.get_attribute("aria-label"))[-4:]) for tile in film.locator(".tile").all()]
    assert years
    assert min(years) >= 1990


def test_a_group_of_a_taste_is_picked_at_once(server: WebServer, open_page: OpenPage) -> None:
    films = ask(server, "movies?q=star&limit=3")
    groups = [{"name": "Space operas", "movies": films}, {"name": "Nothing", "movies": []}]
    page = open_page(f"{server.url}/app/", routes={"**/movies/groups": groups})
    page.get_by_role("button", name="Space operas", exact=True).click()
    expect(page.locator("#start .tile")).to_have_count(3)
    expect(page.get_by_role("button", name="Nothing")).to_have_count(0)
    page.get_by_role("button", name="Pick all of “Space operas”").click()
    expect(page.locator("#tray")).to_contain_text("3 films picked")


def test_a_surprise_is_a_film(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/")
    page.get_by_role("button", name="Surprise me with a film").click()
    expect(page.locator("#film-title")).not_to_be_empty()
    expect(chips(page)).to_have_count(0)


def test_twenty_films_are_enough(server: WebServer, open_page: OpenPage) -> None:
    ids = [film["movieId"] for film in ask(server, "movies/starter?n=21")]
    page = open_page(f"{server.url}/app/?m={','.join(map(str, ids))}#pick")
    expect(page.locator("#tray li")).to_have_count(20)
    page.locator("#start .tile").nth(20).click()
    expect(page.locator("#toast")).to_contain_text("20 films are enough")
    expect(page.locator("#tray li")).to_have_count(20)


def test_a_link_with_an_unknown_film_says_which(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{UNKNOWN},x,-3&balance=much")
    expect(page.locator(".notice")).to_contain_text("3 films that this model does not know")
    expect(page.locator(".notice")).to_contain_text(f"({UNKNOWN}, x, -3)")
    expect(chips(page)).to_have_text(["Alien"])
    expect(cards(page)).to_have_count(10)
    assert query(page) == {"m": [str(ALIEN)]}
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".notice")).to_have_count(0)


def test_a_link_with_an_unknown_genre_says_which(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&genres=sci-fi,Foo&without=Bar")
    expect(page.locator(".notice")).to_contain_text("2 genres that this model does not know (Foo, Bar)")
    expect(cards(page)).to_have_count(10)
    assert query(page) == {"m": [str(ALIEN)], "genres": ["Sci-Fi"]}


def test_the_closest_viewer_shares_films_and_loved_others(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{BLADE_RUNNER},{HEAT}")
    expect(cards(page)).to_have_count(10)
    page.locator("#viewer").scroll_into_view_if_needed()
    expect(page.locator("#viewer-line")).to_contain_text(re.compile(r"Viewer \d+ has seen \d of your 3 films"))
    expect(page.locator("#shared cite").first).to_have_text(re.compile("Alien|Blade Runner|Heat"))
    loved = page.locator("#loved .tile").first
    title = (loved.get_attribute("title") or "").rsplit(", ", 1)[0]
    loved.click()
    expect(page.locator("#film-title")).to_have_text(title)


def test_the_ten_leave_as_csv_for_letterboxd(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    expect(cards(page)).to_have_count(10)
    page.get_by_label("Share, save, print").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "tmdbID,imdbID,Title,Year"
    assert [line.split(",")[2] for line in lines[1:]] == titles(page)
