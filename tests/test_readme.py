"""The README, and the page about HTTP, say what is true: their requests get the answers that they show."""

import json
import re
import shlex
import tomllib
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from reelwise.data.readers.movielens import read_dataset
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from support.files.real_data import real_data
from support.models.trained import trained_once

ROOT = Path(__file__).parents[1]
PAGES = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/reference/http.md")]
README = PAGES[0]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    read = partial(read_dataset, real_data("ml-latest-small"))
    return TestClient(create_app(recommender=Recommender.load(trained_once(tmp_path_factory, "ml-latest-small", read))))


def answers() -> list[tuple[str, str]]:
    """Each curl command and the JSON that follows it."""
    return [
        shown
        for page in PAGES
        for shown in re.findall(r"```sh\n(curl [^`]*?)\n```\n```json\n(.*?)\n```", page, flags=re.DOTALL)
    ]


def ask(client: TestClient, command: str) -> Any:
    words = shlex.split(command)
    (url,) = [word for word in words if word.startswith("http")]
    path = urlsplit(url)._replace(scheme="", netloc="").geturl()
    if "-d" not in words:
        return client.get(path).json()
    return client.post(path, content=words[words.index("-d") + 1], headers={"Content-Type": "application/json"}).json()


def test_the_four_paths_and_four_more_are_shown() -> None:
    assert len(answers()) == 8


@pytest.mark.xdist_group("answers shown")
@pytest.mark.parametrize(("command", "shown"), answers())
def test_the_shown_answer_is_the_true_one(client: TestClient, command: str, shown: str) -> None:
    expected, got = json.loads(shown), ask(client, command)
    if isinstance(expected, list):  # the last digits depend on the processor, so near ties may change places
        offered = {film["movieId"]: film for film in ask(client, command.replace("?n=3", "?n=30"))}
        assert [len(expected), len(got)] == [3, 3]
        got = [offered[film["movieId"]] for film in expected]
    assert got == nearly(expected)


def nearly(shown: Any) -> Any:
    """What is shown, with numbers to two digits; revisions and what lists are called, which are new each time, any."""
    if isinstance(shown, dict):
        return {
            name: ANY if name in ("revision", "recommendation_id") else nearly(value) for name, value in shown.items()
        }
    if isinstance(shown, list):
        return [nearly(value) for value in shown]
    return pytest.approx(shown, abs=0.02) if isinstance(shown, float) else shown


def test_it_is_short_and_shows_how_to_install_and_to_test() -> None:
    assert len(README.splitlines()) <= 120
    assert "python3 -m pip install . && python3 -m reelwise quickstart" in README
    assert 'python3 -m pip install -e ".[test]" && python3 -m pytest' in README


def test_its_comparison_is_that_of_the_page_which_names_the_sources() -> None:
    """Of each row the cells that say no more than yes or no."""
    page = (ROOT / "docs/explanation/comparison.md").read_text(encoding="utf-8")
    short, long = (
        [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", text, re.M)]
        for text in (README, page)
    )
    tools = ["gorse", "implicit", "LensKit", "Surprise", "RecTools"]
    told = {row[0]: row[1:] for row in short if len(row) == 7}
    sourced = {row[0]: row[1:] for row in long}
    assert told[""] == sourced[""] == ["Reelwise", *tools]
    pairs = {
        "predicts stars": "predicts stars",
        "… and says how sure it is": "says how sure a prediction is",
        "says which of your films are the reason": "says which of somebody's films are the reason",
        "takes somebody new without training": "somebody new, at once and without training",
        "recommends to several people at once": "several people at once",
        "serves over HTTP, and learns from what users do": "learns from what users do while it serves",
        "has a page for those who look for films": "a page",
        "neural networks": "models of neural networks or of sequences",
        "anything other than films": "for",
    }
    assert [*told][1:] == ["---", *pairs]
    for row, source in pairs.items():
        for tool, cell, cited in zip(["Reelwise", *tools], told[row], sourced[source], strict=True):
            absent = cited.startswith(("–", "no", "films", "for operators", "widgets", "rows can be"))
            assert (cell == "–") == absent, (row, tool, cited)
    sources = {int(number) for number in re.findall(r"^(\d+)\. \w+: \[", page, re.M)}
    cited_numbers = {int(number) for number in re.findall(r"\[(\d+)\]", page)}
    assert sources == cited_numbers == {*range(1, len(sources) + 1)}


def test_requirements_pin_everything_that_running_needs() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines if re.fullmatch(r"\S+==\S+", line)}
    assert len(pinned) == len(lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for needed in project["dependencies"]:
        name = re.match(r"[\w-]+", needed)
        assert name
        assert name[0].lower() in pinned
