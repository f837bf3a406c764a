"""Where things stand on the page, on every screen, in either theme, and on paper."""

import pytest
from playwright.sync_api import expect

from support.running.page import ALIEN, HEAT, PHONE, OpenPage, cards
from support.running.web_server import WebServer
from support.systems.patience import long_test
from support.systems.slow_network import SHIFTS, SLOW_3G


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, PHONE], ids=["desktop", "phone"])
def test_the_list_with_its_first_actions_is_in_sight_and_nothing_moves(
    server: WebServer, open_page: OpenPage, size: dict[str, int]
) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}", viewport=size, new=True)
    expect(cards(page)).to_have_count(10)
    expect(cards(page).first.locator("h3")).to_be_in_viewport(ratio=1)
    expect(cards(page).first.locator("[data-does=seen]")).to_be_in_viewport(ratio=1)
    assert page.evaluate(SHIFTS) <= 0.05
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize(
    "size", [pytest.param({"width": 1280, "height": 720}, marks=long_test), PHONE], ids=["desktop", "phone"]
)
@pytest.mark.parametrize(
    ("path", "part"),
    [
        pytest.param("", "#start .tile >> nth=23", marks=long_test),
        pytest.param(f"?m={ALIEN}", "#cards .card >> nth=9", marks=long_test),
        pytest.param(f"film/{ALIEN}", "#film .histogram", marks=long_test),
        (f"?m={ALIEN}#together?Anna={HEAT}", "#together-cards .card >> nth=9"),
    ],
    ids=["start", "list", "film", "together"],
)
def test_nothing_moves_on_a_slow_network_either(
    server: WebServer, open_page: OpenPage, path: str, part: str, size: dict[str, int]
) -> None:
    page = open_page(f"{server.url}/app/static/", viewport=size, new=True)  # nothing of the page
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(f"{server.url}/app/{path}", wait_until="commit")
    page.locator(part).wait_for(timeout=60_000)
    page.evaluate("document.fonts.ready")
    assert page.evaluate(SHIFTS) <= 0.05


def test_suggestions_stay_in_the_window_and_lie_over_the_films(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/", viewport={"width": 1280, "height": 720})
    expect(page.locator("#start .tile")).to_have_count(24)
    page.locator("#search").fill("star")
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()
    box = page.locator("#suggestions").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 720
    above = "([x, y]) => document.elementFromPoint(x, y).closest('#suggestions') !== null"
    assert page.evaluate(above, [box["x"] + box["width"] - 20, box["y"] + 30])


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
    for control in ("#search", "#start", "#controls", ".actions >> nth=0", "#picks"):
        expect(page.locator(control)).to_be_hidden()
    page.goto(f"{server.url}/app/model")
    page.locator("#theme").evaluate("(button) => button.click()")  # whatever was chosen
    expect(page.locator("nav")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_nothing_is_wider_than_the_window(server: WebServer, open_page: OpenPage) -> None:
    def fits(*views: str) -> None:
        for width in (320, 768, 2560):
            page.set_viewport_size({"width": width, "height": 800})
            for view in views:
                page.evaluate(f"location.hash = '{view}'")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, view

    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}")
    expect(cards(page)).to_have_count(10)
    fits("tonight", "pick", "together", "mine")
    page.goto(f"{server.url}/app/model")
    expect(page.locator("figure").first).to_be_visible()
    fits("")


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
@pytest.mark.parametrize(("width", "height", "most"), [(390, 844, 120), (720, 450, 80)], ids=["phone", "low"])
def test_the_tray_takes_two_rows_at_most_and_covers_nothing(
    server: WebServer, open_page: OpenPage, language: str, width: int, height: int, most: int
) -> None:
    size = {"width": width, "height": height}
    page = open_page(f"{server.url}/app/?m={ALIEN},{HEAT}&language={language}#together?Anna={HEAT}", viewport=size)
    expect(page.locator("#members b")).to_have_text("Anna")
    page.evaluate("location.hash = 'pick'")
    expect(page.locator("#start .tile")).to_have_count(24)
    expect(page.locator("#tray-together")).to_be_visible()
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    tray, foot = page.locator("#tray").bounding_box(), page.locator(".foot").bounding_box()
    assert tray is not None
    assert foot is not None
    assert tray["height"] <= most
    assert foot["y"] + foot["height"] <= tray["y"] + 1
    page.evaluate("document.getElementById('toast').append(document.createElement('p'))")
    toast = page.locator(".messages").bounding_box()
    assert toast is not None
    assert toast["y"] + toast["height"] <= tray["y"]


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, PHONE], ids=["desktop", "phone"])
def test_each_part_is_shown_from_the_top(server: WebServer, open_page: OpenPage, size: dict[str, int]) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}#together", viewport=size)
    expect(page.locator("#my-films")).not_to_be_empty()
    assert page.evaluate("scrollY") == 0
    page.locator("nav [data-view=pick]").click()
    expect(page.locator("#start .tile")).to_have_count(24)
    page.evaluate("scrollTo(0, 400)")
    page.locator("#tray .button").click()
    expect(cards(page)).to_have_count(10)
    page.wait_for_function("scrollY === 0")


def test_what_is_pressed_can_be_read_under_the_pointer(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&genres=Drama")
    pressed = cards(page).first.locator("[data-does=watchlist]")
    pressed.click()
    page.locator("summary[data-of^=genres]").click()
    for pill in (page.locator("#genres [data-mood=genreOnly]"), pressed):
        colour = "(node) => getComputedStyle(node).color"
        page.mouse.move(0, 0)
        before = pill.evaluate(colour)
        pill.hover(force=True)
        assert pill.evaluate(colour) == before


def test_what_is_chosen_shows_in_the_colours_of_the_reader(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}&genres=Drama", forced_colors="active")
    page.locator("summary[data-of^=genres]").click()
    looks = "(node) => ['background-color', 'border-bottom-width'].map((name) => getComputedStyle(node)[name])"
    for chosen, other in (
        ("#genres [data-mood=genreOnly]", "#genres [data-mood=genreAny]"),
        (".filters summary.set", ".filters summary:not(.set)"),
        ("nav [aria-current]", "nav a:not([aria-current])"),
    ):
        assert page.locator(chosen).first.evaluate(looks) != page.locator(other).first.evaluate(looks), chosen


def test_the_icon_stays_when_a_film_is_opened(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/?m={ALIEN}")
    icon = "document.querySelector('[rel=icon]').href"
    before = page.evaluate(icon)
    cards(page).first.locator("h3 a").click()
    expect(page.locator("#film")).to_be_visible()
    assert page.evaluate(icon) == before


def test_the_link_to_where_one_is_is_in_sight(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/model?language=de", viewport={"width": 320, "height": 700})
    expect(page.locator("nav [aria-current]")).to_be_in_viewport(ratio=0.95)
