"""The page in front of a model whose ids are texts, with all that may be in one."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from reelwise.recommend.recommender import Recommender
from reelwise.serving.application import create_app
from support.models.tiny_recommender import ODD_MOVIES, tiny_model_of_texts
from support.running.page import OpenPage
from support.running.served_app import served

NOTHING = {"liked": False, "watchlist": False, "disliked": False}
KEEP = """film => new Promise((done) => {
  const asked = indexedDB.open("reelwise");
  asked.onsuccess = () => {
    const change = asked.result.transaction("films", "readwrite");
    change.objectStore("films").put(film);
    change.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
PICKED = [ODD_MOVIES[movie] for movie in ODD_MOVIES if movie not in (296, 7002)]  # one is left to be recommended


@pytest.fixture(scope="module")
def url(browser: object) -> Iterator[str]:
    with served(create_app(recommender=Recommender(tiny_model_of_texts(odd=True)))) as port:
        yield f"http://127.0.0.1:{port}"


def link(*ids: str) -> str:
    """What the page's own address carries for these picks."""
    return ",".join(quote(one.replace("%", "%25").replace(",", "%2C"), safe="") for one in ids)


def test_films_are_searched_picked_shared_and_removed(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/app/")
    catalogue = tiny_model_of_texts(odd=True).catalogue
    for count, movie in enumerate(PICKED, start=1):
        page.locator("#search").fill(catalogue[movie].title)
        page.locator("#suggestions").get_by_role("option").first.click()
        expect(page.locator("#tray li")).to_have_count(count)
        assert page.evaluate("location.search") == f"?m={link(*PICKED[:count])}"
    page.get_by_role("link", name="Show my ten").click()
    expect(page.locator(".card")).to_have_count(1)  # all that is left
    shown = page.locator(".card h3").all_inner_texts()
    page.reload()
    expect(page.locator(".card h3")).to_have_text(shown)
    expect(page.locator("#notices")).to_be_empty()
    page.locator("#picks summary").click()
    for left in reversed(range(len(PICKED))):
        page.locator("#chips button").first.click()
        expect(page.locator("#chips li")).to_have_count(left)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#chips li")).to_have_count(1)


def test_a_link_with_all_of_them_brings_all_back(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/app/?m={link(*ODD_MOVIES.values())}")
    expect(page.locator("#chips li")).to_have_count(len(ODD_MOVIES))
    expect(page.locator("#notices")).to_be_empty()
    looks = {poster.get_attribute("style") for poster in page.locator("#chips film-poster").all()}
    assert len(looks) == len(ODD_MOVIES)  # each has a face of its own


def test_seen_refused_and_liked_films_and_the_closest_viewer(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/app/?m={link(ODD_MOVIES[593], ODD_MOVIES[2571])}")
    expect(page.locator(".card")).to_have_count(4)
    page.locator("#viewer").scroll_into_view_if_needed()
    expect(page.locator("#viewer-line")).to_contain_text("Viewer ü? has seen 1 of your 2 films and gave it")
    expect(page.locator("#shared")).to_contain_text("The Matrix")
    page.get_by_role("button", name="Seen:").first.click()
    page.get_by_role("button", name="Just seen").click()
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_label("More", exact=True).first.click()
    page.get_by_role("button", name="Not for me:").first.click()
    expect(page.locator(".card")).to_have_count(2)
    page.reload()
    expect(page.locator(".card")).to_have_count(2)
    title = page.locator(".card h3").first.inner_text()
    page.locator(".card h3 a").first.click()
    expect(page.locator("#film-title")).to_have_text(title)
    page.keyboard.press("Escape")
    expect(page.locator("#notices")).to_be_empty()


def test_ids_that_are_none_are_named(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/app/?m={link(ODD_MOVIES[1])},13,{'x' * 200}")
    expect(page.locator(".notice")).to_contain_text(f"2 films that this model does not know (13, {'x' * 200})")
    expect(page.locator("#chips li")).to_have_count(1)
    assert page.evaluate("location.search") == "?m=007"


def test_numbers_in_a_notebook_of_other_days_are_left_out(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/app/?m={link(ODD_MOVIES[593])}")
    expect(page.locator(".card")).not_to_have_count(0)
    page.evaluate(KEEP, {"movieId": 13, "title": "?", "genres": [], "at": 1, "stars": 5, "seen": True} | NOTHING)
    page.reload()
    expect(page.locator(".card")).not_to_have_count(0)
    expect(page.locator("#remark")).to_contain_text("1 film of yours is not known here.")
    expect(page.locator("#notices")).to_be_empty()
