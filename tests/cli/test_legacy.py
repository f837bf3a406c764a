"""import-legacy, export-legacy, and preprocess on the early project's files."""

import json
from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts.model import Model
from support.files.contents import contents
from support.files.legacy import legacy_mappings, legacy_recommendations, make_legacy_files
from support.hub.server import HubServer
from support.running.command_line import CommandLine

EARLY_PROJECT = "aditya-sr-iitj/netflix-challenge-model"


def test_legacy_files_become_a_model(reelwise: CommandLine, tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old")
    (tmp_path / "old" / "movies.csv").write_text("movieId,title,genres,tmdbId\n10,Ten (2002),Drama,12.0\n")
    outcome = reelwise("import-legacy", "--from", tmp_path / "old", "--out", "new")
    assert (outcome.code, outcome.out) == (0, "new\n")
    imported = Model.load(Path("new"))
    assert imported.catalogue[10].title == "Ten (2002)"
    assert imported.catalogue[30].title == "Movie 30"
    found = json.loads(reelwise("recommend", "--user", 7, "--model", "new", "--rank-by", "stars", "--json").out)
    assert [film["movie_id"] for film in found] == [movie for movie, _ in legacy_recommendations(tmp_path / "old", 7)]


@pytest.mark.parametrize(("address", "name"), [("legacy:", EARLY_PROJECT), ("legacy:alice/mine", "alice/mine")])
def test_files_on_the_hub_have_the_address_that_they_have_everywhere(
    reelwise: CommandLine, hub: HubServer, tmp_path: Path, address: str, name: str
) -> None:
    make_legacy_files(tmp_path / "old")
    for file, content in contents(tmp_path / "old").items():
        hub.add(f"{name}-{file}", {file: content})
    assert reelwise("import-legacy", "--from", address, "--out", "new").code == 0
    assert Model.load(Path("new")).config.dataset.name == name
    assert "expected legacy: or legacy:owner/prefix" in reelwise.refusal("import-legacy", "--from", "legacy:alice")
    assert "hub: there is no such folder" in reelwise.refusal("import-legacy", "--from", "hub")


def test_films_of_legacy_files_may_be_elsewhere(reelwise: CommandLine, tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old")
    assert "films have no titles" in reelwise("import-legacy", "--from", tmp_path / "old", "--out", "new").err
    Path("data").mkdir()
    Path("data/movies.csv").write_text("movieId,title,genres\n10,Ten (2002),Drama\n")
    reelwise("import-legacy", "--from", tmp_path / "old", "--out", "new")
    assert Model.load(Path("new")).catalogue[10].title == "Ten (2002)"
    wrong = reelwise("import-legacy", "--from", tmp_path / "old", "--out", "new", "--films", tmp_path)
    assert (wrong.code, "there is no movies.csv" in wrong.err) == (2, True)


def test_legacy_files_that_would_run_something_are_refused(reelwise: CommandLine, tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old")
    (tmp_path / "old" / "model_mappings.pkl").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    outcome = reelwise("import-legacy", "--from", tmp_path / "old", "--out", "new")
    assert outcome.code == 2
    assert "os.system" in outcome.err
    assert not Path("pwned").exists()
    assert not Path("new").exists()


def test_a_model_is_written_as_legacy_files(reelwise: CommandLine, tiny_folder: Path) -> None:
    outcome = reelwise("export-legacy", "--model", tiny_folder, "--out", "old")
    assert (outcome.code, outcome.out) == (0, "old\n")
    assert [movie for movie, _ in legacy_recommendations(Path("old"), 8)] == [296, 593, 1196, 7001]
    assert reelwise("import-legacy", "--from", "old", "--out", "again").code == 0
    again, before = Model.load(Path("again")), Model.load(tiny_folder)
    np.testing.assert_array_equal(again.rating.P, before.rating.P)
    assert again.catalogue[1].tmdb_id == 862


def test_preprocess_refreshes_legacy_files(reelwise: CommandLine, tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old", legacy_mappings(ratings=None))
    Path("ratings.csv").write_text("userId,movieId,rating,timestamp\n7,30,4.0,1\n999,30,4.0,1\n")
    outcome = reelwise("preprocess", "--model", tmp_path / "old", "--ratings", "ratings.csv")
    assert outcome.code == 0
    assert "Left out 1 ratings" in outcome.err
    assert reelwise("import-legacy", "--from", tmp_path / "old", "--out", "new").code == 0
    assert Model.load(Path("new")).description.ratings == 1
