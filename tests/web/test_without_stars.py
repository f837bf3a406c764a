"""The page in front of a model that was trained without stars shows none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from reelwise.recommend.recommender import Recommender
from reelwise.serving.application import create_app
from support.models.tiny_recommender import tiny_model_without_stars
from support.running.page import OpenPage
from support.running.served_app import served


@pytest.fixture(scope="module")
def url(browser: object) -> Iterator[str]:
    with served(create_app(recommender=Recommender(tiny_model_without_stars()))) as port:
        yield f"http://127.0.0.1:{port}/app"


def test_no_card_and_no_viewer_has_stars(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/?m=593,2571")
    expect(page.locator(".card")).to_have_count(4)
    expect(page.locator(".card .fit")).to_have_text([""] * 4)
    expect(page.get_by_role("radio", name="Stars", include_hidden=True)).to_be_hidden()
    page.locator("#viewer").scroll_into_view_if_needed()
    expect(page.locator("#viewer-line")).to_have_text("Viewer 9 has seen 1 of your 2 films.")
    expect(page.locator("#loved .tile")).to_have_count(1)
    expect(page.locator("#viewer")).not_to_contain_text("★")
    page.locator(".card h3 a").first.click()
    expect(page.locator("#film .tile").first).to_be_visible()
    expect(page.locator("#film")).not_to_contain_text("average")


def test_the_page_about_the_model_has_no_scale(url: str, open_page: OpenPage) -> None:
    page = open_page(f"{url}/model")
    expect(page.locator("#facts")).to_contain_text("none: it is only known who watched or liked what")
    expect(page.locator("#facts")).not_to_contain_text("stars")
