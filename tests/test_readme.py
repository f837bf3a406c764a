"""The README says what is true: its commands exist, its requests get the answers that it shows."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from reelwise.data.readers.movielens import read_dataset
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.training.pipeline import TrainingSettings, train
from support.command_line import all_commands
from support.real_data import real_data

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client() -> TestClient:
    model = train(read_dataset(real_data("ml-latest-small")), TrainingSettings(threads=2))
    return TestClient(create_app(recommender=Recommender(model)))


def answers() -> list[tuple[str, str]]:
    """Each curl command and the JSON that follows it."""
    return re.findall(r"```sh\n(curl .*?)\n```\n```json\n(.*?)\n```", README, flags=re.DOTALL)


def ask(client: TestClient, command: str) -> Any:
    words = shlex.split(command)
    (url,) = [word for word in words if word.startswith("http")]
    path = urlsplit(url)._replace(scheme="", netloc="").geturl()
    if "-d" not in words:
        return client.get(path).json()
    return client.post(path, content=words[words.index("-d") + 1], headers={"Content-Type": "application/json"}).json()


def test_the_four_paths_and_one_more_are_shown() -> None:
    assert len(answers()) == 5


@pytest.mark.parametrize(("command", "shown"), answers())
def test_the_shown_answer_is_the_true_one(client: TestClient, command: str, shown: str) -> None:
    expected, got = json.loads(shown), ask(client, command)
    if isinstance(expected, list):  # the last digits depend on the processor, so near ties may change places
        offered = {film["movieId"]: film for film in ask(client, command.replace("?n=3", "?n=30"))}
        assert [len(expected), len(got)] == [3, 3]
        got = [offered[film["movieId"]] for film in expected]
    assert got == nearly(expected)


def nearly(shown: Any) -> Any:
    """What is shown, with numbers to two digits; a revision, which tells when the model was trained, may be any."""
    if isinstance(shown, dict):
        return {name: ANY if name == "revision" else nearly(value) for name, value in shown.items()}
    if isinstance(shown, list):
        return [nearly(value) for value in shown]
    return pytest.approx(shown, abs=0.02) if isinstance(shown, float) else shown


def test_every_command_is_in_the_table() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| `reelwise ")]
    for command in all_commands():
        row = next((row for row in rows if f"`reelwise {command[0]}" in row), None)
        assert row, command
        assert command[-1] in row


def test_links_lead_to_files() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_requirements_pin_everything_that_running_needs() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines if re.fullmatch(r"\S+==\S+", line)}
    assert len(pinned) == len(lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for needed in project["dependencies"]:
        name = re.match(r"[\w-]+", needed)
        assert name
        assert name[0].lower() in pinned
