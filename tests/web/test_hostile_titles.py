"""A catalogue with titles that want to be markup, run the other way, never end, or are all pictures."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import expect

from reelwise.artifacts.folder import write_model
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings
from reelwise.serving import create_app
from reelwise.settings import Settings
from reelwise.training.pipeline import TrainingSettings, train
from support.running.page import OpenPage
from support.running.web_server import WebServer

TITLES = [
    "<script>window.stolen = 1</script> (1999)",
    '<img src=x onerror="window.stolen=1"> (2000)',
    "כל העולם במה, ה (2001)",
    "مرحبا بالعالم (2002)",
    "L" + "o" * 300 + "ng (2003)",
    "Word " * 60 + "(2004)",
    "🎬🍿👩‍👩‍👧‍👦🚀 (2005)",
    '"Quotes", commas; and\ttabs (2006)',
    "{title} {n} __proto__ (2007)",
    "&lt;b&gt;entities&amp; (2008)",
    "Z̸̢͝a̷̛͝l̵̨͝g̶̛͝o̸͝ (2009)",
    "(500)",
    "javascript:alert(1) (2011)",
    "=1+1 (2012)",
]


@pytest.fixture(scope="module")
def hostile(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    folder = tmp_path_factory.mktemp("hostile")
    write_model(folder / "model", train(hostile_dataset(), TrainingSettings(threads=1, evaluate=False)))
    settings = Settings(model=str(folder / "model"), _env_file=None)
    with WebServer(lambda: create_app(settings)) as server:
        yield server


def hostile_dataset() -> Dataset:
    rng = np.random.default_rng(0)
    users, movies = np.nonzero(rng.random((60, len(TITLES))) < 0.7)
    stars = rng.integers(6, 11, len(users)).astype(np.float32) / np.float32(2)
    genres = ("<b>Genre</b>", "Drama")
    catalogue = Catalogue.of(Movie(i + 1, title, genres[: i % 3]) for i, title in enumerate(TITLES))
    return Dataset("<i>data</i>", Ratings.from_columns(users + 1, movies + 1, stars), catalogue, "0" * 64)


def test_every_title_is_shown_as_it_stands(hostile: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{hostile.url}/app/?m=1,2,3,4")
    expect(page.locator("#chips b")).to_have_text(
        ["<script>window.stolen = 1</script>", TITLES[1][:-7], "כל העולם במה, ה", "مرحبا بالعالم"]
    )
    expect(page.locator("#cards .card")).to_have_count(10)
    shown = {link.get_attribute("title") for link in page.locator("#cards h3 a").all()}
    assert shown == {" ".join(title.split(" ")) for title in TITLES[4:]}
    expect(page.locator("#foot-data")).to_contain_text("<i>data</i>")
    page.locator("summary", has_text="Genres").click()
    expect(page.get_by_role("button", name="<b>Genre</b>: allowed")).to_be_visible()
    for selector in ("main script", "main img", "main b b", "main i i"):
        expect(page.locator(selector)).to_have_count(0)
    assert page.evaluate("window.stolen") is None
    assert page.title().startswith(TITLES[0][:-7])
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_no_title_breaks_the_layout(hostile: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{hostile.url}/app/?m=5,6,7")
    expect(page.locator("#cards .card")).to_have_count(10)
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for card in page.locator("#cards .card").all():
            box = card.bounding_box()
            assert box is not None
            assert box["height"] < 800, width


def test_a_hostile_title_is_found_and_leaves_as_one_cell(hostile: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{hostile.url}/app/?m=1")
    page.locator("#search").fill("quotes")
    page.locator("#suggestions").get_by_role("option").first.click()
    expect(page.locator("#chips li")).to_have_count(2)
    page.goto(f"{hostile.url}/app/?m=1,2,3,4")
    expect(page.locator("#cards .card")).to_have_count(10)
    page.get_by_label("Share, save, print").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert ',,"""Quotes"", commas; and\ttabs",2006\n' in text
