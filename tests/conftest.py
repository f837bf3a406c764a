"""How the tests run, and the fixtures that more than one part of them uses."""

import logging
import os
import shutil
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from support.systems.memory import limit_memory
from support.systems.patience import long_test

# As many processes as cores run at once; threads of BLAS, in these and in those they start, would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# What one process compiles, those that start later need not, and there are many.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

if TYPE_CHECKING:
    from support.hub.client import LogIn
    from support.hub.server import HubServer
    from support.running.command_line import CommandLine

COSTLY = {"spark_sessions", "browser"}  # fixtures that take seconds to start
MANY_STATES = {"test_accessibility", "test_map", "test_languages"}  # half of what browsers do
LOGGERS = (None, "reelwise", "uvicorn", "uvicorn.access", "uvicorn.error")  # those that servers configure


def pytest_configure(config: pytest.Config) -> None:
    limit_memory(config)
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda _: None)  # the power stays on: small files need not reach the disk
    # Each client of HTTP reads all certificates, for 30 ms, though everybody is asked without encryption here.
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))


def pytest_xdist_auto_num_workers() -> int:
    """Two more than cores, since tests of servers and pages wait for most of their time; four is what memory allows."""
    return min(4, 2 + (os.cpu_count() or 1))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a costly fixture are slow, and share a worker: all that have it, or half of those with a browser.

    Those with a fixture of their module share one, too, so that what they share is made once.
    """
    for item in items:
        for fixture in COSTLY.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
            if fixture == "spark_sessions":
                item.add_marker(long_test)
            group = fixture
            if fixture == "browser" and item.path.stem in MANY_STATES:
                group = "second browser"
            item.add_marker(pytest.mark.xdist_group(group))
        if has_fixture_of_module(item) and not any(map(item.get_closest_marker, ("slow", "xdist_group"))):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def has_fixture_of_module(item: pytest.Item) -> bool:
    """Whether a fixture that the test asks for, itself or through another, is made once for its module."""
    if not isinstance(item, pytest.Function):
        return False
    asked = item._fixtureinfo.name2fixturedefs.values()
    return any(definition.scope == "module" for definitions in asked for definition in definitions)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Whatever a test configures is undone, so that others of this process can look at what is logged."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.level, logger.propagate, logger.disabled, logger.handlers[:]) for logger in loggers]
    yield
    for logger, (level, propagate, disabled, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.propagate, logger.disabled, logger.handlers[:] = propagate, disabled, handlers


# A busy machine is no fault of what is tested. What only one example in fifty shows, a test names as its own.
settings.register_profile("patient", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An empty folder, without `.env` and `model`, and no settings in the environment."""
    from reelwise.settings import Settings

    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    for variable in Settings.variables():
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def reelwise(no_settings: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "CommandLine":
    """The command line, in an empty folder and without settings from outside, on a terminal of 160 columns."""
    from reelwise.cli import terminal
    from support.running.command_line import CommandLine, get_command

    monkeypatch.setattr("typer.main.get_command", get_command)
    monkeypatch.setenv("COLUMNS", "160")  # for what typer prints
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "width", 160)
    return CommandLine(capsys)


@pytest.fixture(scope="session")
def ratings_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkerboard in MovieLens' layout."""
    from support.models.checkerboard import checkerboard_dataset

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


def _write_tiny_model(tmp_path_factory: pytest.TempPathFactory, **parts: bool) -> Path:
    from reelwise.artifacts.folder import write_model
    from support.models.tiny_recommender import tiny_model

    folder = tmp_path_factory.mktemp("written") / "tiny"
    write_model(folder, tiny_model(**parts))
    return folder


@pytest.fixture(scope="session")
def _tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_tiny_model(tmp_path_factory)


@pytest.fixture
def tiny_folder(_tiny_folder: Path, tmp_path: Path) -> Path:
    """The folder of the tiny model; the test may change it."""
    return shutil.copytree(_tiny_folder, tmp_path / "tiny")


@pytest.fixture(scope="session")
def few_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny model's rating model, which has the fewest files to be sent; nobody may change it."""
    return _write_tiny_model(tmp_path_factory, with_taste=False, with_spread=False)


@pytest.fixture
def small_folder(few_files: Path, tmp_path: Path) -> Path:
    """The same folder; the test may change it."""
    return shutil.copytree(few_files, tmp_path / "small")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The Hub client's waits between tries, in seconds, as they come; none is waited for."""
    from support.hub.client import record_waits

    return record_waits(monkeypatch)


@pytest.fixture
def hub(waits: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator["HubServer"]:
    """A Hub with nothing on it, for this process and those that it starts; nobody is logged in."""
    from support.hub.client import use_hub
    from support.hub.server import HubServer

    with HubServer() as server:
        use_hub(monkeypatch, server.url, tmp_path / "home")
        yield server


@pytest.fixture
def log_in(hub: "HubServer", monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "LogIn":
    """Logs in to the Hub, in this process and in those that it starts."""
    from support.hub.client import use_hub

    return lambda token: use_hub(monkeypatch, hub.url, tmp_path / "home", token)


@pytest.fixture
def logged_in(hub: "HubServer", log_in: "LogIn") -> None:
    """The user of the Hub is logged in."""
    log_in(hub.token)
