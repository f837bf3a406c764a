"""Fixtures that more than one part of the tests uses."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from support.command_line import CommandLine
    from support.hub_client import LogIn
    from support.hub_server import HubServer


# a busy machine is no fault of what is tested
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def reelwise(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> "CommandLine":
    """The command line, in an empty folder and without settings from outside."""
    from reelwise.settings import Settings
    from support.command_line import CommandLine

    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("COLUMNS", "160")
    for variable in Settings.variables():
        monkeypatch.delenv(variable, raising=False)
    return CommandLine(capsys)


@pytest.fixture(scope="session")
def ratings_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkerboard in MovieLens' layout."""
    from support.checkerboard import checkerboard_dataset

    folder = tmp_path_factory.mktemp("ratings") / "checkerboard"
    folder.mkdir()
    dataset = checkerboard_dataset()
    ratings = dataset.ratings
    users, movies = ratings.users.at(ratings.by_user.row_numbers()), ratings.movies.at(ratings.by_user.indices)
    rows = (
        f"{user},{movie},{stars},0\n" for user, movie, stars in zip(users, movies, ratings.by_user.stars, strict=True)
    )
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "".join(rows))
    films = (f'{movie.movie_id},"{movie.title}",{"|".join(movie.genres)}\n' for movie in dataset.catalogue)
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "".join(films))
    return folder


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """The folder of the tiny model; the test may change it."""
    from reelwise.artifacts.folder import write_model
    from support.tiny_recommender import tiny_model

    write_model(tmp_path / "tiny", tiny_model())
    return tmp_path / "tiny"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The Hub client's waits between tries, in seconds, as they come; none is waited for."""
    from support.hub_client import record_waits

    return record_waits(monkeypatch)


@pytest.fixture
def hub(waits: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator["HubServer"]:
    """A Hub with nothing on it, for this process and those that it starts; nobody is logged in."""
    from support.hub_client import use_hub
    from support.hub_server import HubServer

    with HubServer() as server:
        use_hub(monkeypatch, server.url, tmp_path / "home")
        yield server


@pytest.fixture
def log_in(hub: "HubServer", monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "LogIn":
    """Logs in to the Hub, in this process and in those that it starts."""
    from support.hub_client import use_hub

    return lambda token: use_hub(monkeypatch, hub.url, tmp_path / "home", token)


@pytest.fixture
def logged_in(hub: "HubServer", log_in: "LogIn") -> None:
    """The user of the Hub is logged in."""
    log_in(hub.token)
