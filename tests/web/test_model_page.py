"""The page about the model draws what the server says of it, and nothing else."""

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.running.page import OpenPage
from support.running.web_server import WebServer

GIVEN = [{"stars": 1.0, "ratings": 10}, {"stars": 1.5, "ratings": 0}, {"stars": 5.0, "ratings": 30}]


@pytest.fixture
def model(server: WebServer) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.url}/api/v1/model", timeout=10) as response:
        model: dict[str, Any] = json.load(response)
    return model | {"stars_distribution": GIVEN}


def rows(page: Page, title: str) -> list[str]:
    """The table of a figure, line by line."""
    figure = page.locator("figure", has=page.get_by_role("heading", name=title))
    figure.locator("summary").click()
    return [line.replace("\t", " ") for line in figure.locator("tbody tr").all_inner_texts()]


def test_every_figure_is_a_picture_and_a_table(server: WebServer, open_page: OpenPage, model: dict[str, Any]) -> None:
    page = open_page(f"{server.url}/app/model", routes={"**/api/v1/model": model})
    expect(page.locator("figure")).to_have_count(7)
    for picture in page.locator("figure svg").all():
        assert picture.get_attribute("role") == "img"
        assert len(picture.locator("desc").text_content() or "") > 20
    selections, stars = model["metrics"]["selections"], model["metrics"]["stars"]
    ranking = rows(page, "Does it find films they went on to like?")
    beside = [selections[name] for name in ("blend", "popularity", "well_known") if name in selections]
    for picks, line, *figures in zip(selections["picks"], ranking, *(one["ndcg@10"] for one in beside), strict=True):
        assert line == " ".join([str(picks), *(f"{figure:.3f}" for figure in figures)])
    different = selections["blend"]["distinct@10"]
    assert [line.split()[1] for line in rows(page, "Does everybody get the same ten?")] == [f"{n:,}" for n in different]
    expect(page.locator("#short li").first).to_contain_text(f"{stars['model']['mae']:.2f} stars off")
    expect(page.locator("#short li")).to_have_count(4)
    expect(page.locator("#outcomes")).to_be_hidden()
    assert f"Reelwise {stars['model']['rmse']:.3f}" in rows(page, "How far off are the stars?")
    assert len(rows(page, "How it learned")) == len(stars["validation_rmse"])
    assert rows(page, "What viewers give") == ["1 25%", "1.5 0%", "5 75%"]
    expect(page.locator("#facts")).to_contain_text(model["revision"])
    expect(page.locator("#facts")).to_contain_text(model["dataset"])
    expect(page.locator("#banner")).to_be_visible()


def test_an_unmeasured_model_has_no_figures(server: WebServer, open_page: OpenPage, model: dict[str, Any]) -> None:
    answer = model | {"metrics": {}, "stars_distribution": []}
    page = open_page(f"{server.url}/app/model", routes={"**/api/v1/model": answer})
    expect(page.locator("#short")).to_contain_text("trained without being measured")
    expect(page.locator("figure")).to_have_count(0)
    expect(page.locator("#facts")).to_contain_text(model["revision"])


def test_a_figure_of_zeros_is_drawn(server: WebServer, open_page: OpenPage, model: dict[str, Any]) -> None:
    selections = model["metrics"]["selections"]
    zeros = [0.0] * len(selections["picks"])
    none = {
        name: one | {"ndcg@10": zeros} if "ndcg@10" in one else one
        for name, one in selections.items()
        if isinstance(one, dict)
    }
    answer = model | {"metrics": model["metrics"] | {"selections": selections | none}}
    page = open_page(f"{server.url}/app/model", routes={"**/api/v1/model": answer})
    expect(page.locator("figure").nth(5)).to_be_visible()
    assert "NaN" not in page.locator("#charts").inner_html()


def test_what_people_did_is_told_where_it_is_known(
    server: WebServer, open_page: OpenPage, model: dict[str, Any]
) -> None:
    figures = {"different_films": 30, "clicked": 0.25, "watched": 0.1, "liked": 0.05}
    shown = [
        {"revision": "new", "balance": 0.3, "shown": 300} | figures,
        {"revision": "old", "balance": None, "shown": 100} | figures | {"clicked": 0.05},
    ]
    page = open_page(f"{server.url}/app/model", routes={"**/api/v1/model": model | {"shown": shown}})
    expect(page.locator("#outcomes-line")).to_have_text(
        "Of 400 films shown, 20% were opened, 10% watched and 5% liked within a week."
    )
    expect(page.locator("#outcomes tbody tr")).to_have_text(["new0.303003025%10%5%", "old–100305%10%5%"])


def test_one_leads_to_the_films_and_back(server: WebServer, open_page: OpenPage) -> None:
    page = open_page(f"{server.url}/app/model")
    page.get_by_role("link", name="Films", exact=True).click()
    expect(page.locator("#start .tile")).to_have_count(24)
    page.locator(".top").get_by_role("link", name="How good is this?").click()
    expect(page).to_have_url(f"{server.url}/app/model")
    expect(page.locator("figure").first).to_be_visible()
