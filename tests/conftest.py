"""Fixtures that more than one part of the tests uses."""

from pathlib import Path

import pytest

from reelwise.settings import Settings
from support.command_line import CommandLine


@pytest.fixture
def reelwise(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """The command line, in an empty folder and without settings from outside."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("COLUMNS", "160")
    for setting in Settings.model_fields:
        monkeypatch.delenv(f"REELWISE_{setting.upper()}", raising=False)
    return CommandLine(capsys)


@pytest.fixture(scope="session")
def ratings_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkerboard in MovieLens' layout."""
    from support.checkerboard import checkerboard_dataset

    folder = tmp_path_factory.mktemp("ratings") / "checkerboard"
    folder.mkdir()
    dataset = checkerboard_dataset()
    seen = dataset.ratings.observations()
    user_ids, movie_ids = dataset.ratings.user_ids, dataset.ratings.movie_ids
    rows = (f"{user_ids[user]},{movie_ids[movie]},{stars},0\n" for user, movie, stars in zip(*seen, strict=True))
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "".join(rows))
    films = (f'{movie.movie_id},"{movie.title}",{"|".join(movie.genres)}\n' for movie in dataset.catalogue)
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "".join(films))
    return folder
