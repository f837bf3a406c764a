"""The early project's three repositories are served as they are."""

from pathlib import Path

import pytest

from reelwise.artifacts.model import Model
from reelwise.errors import DownloadError, ModelError, UsageError
from reelwise.legacy import address as legacy_address
from reelwise.legacy.address import check, fetch
from reelwise.recommend.recommender import Recommender
from reelwise.remote.addresses import is_folder, obtain_folder
from support.files.contents import contents
from support.files.legacy import P, Q, legacy_recommendations, make_legacy_files
from support.hub.server import Fault, HubServer


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_legacy_files(tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def hub(hub: HubServer, files: Path) -> HubServer:
    """With the three repositories on it."""
    for name, content in contents(files).items():
        hub.add(f"aditya-sr-iitj/netflix-challenge-model-{name}", {name: content})
    return hub


def test_the_three_repositories_are_one_model(hub: HubServer, files: Path) -> None:
    recommender = Recommender.load("legacy:")
    for user in (3, 7, 9, 20):
        found = [film.movie_id for film in recommender.recommend(user, rank_by="stars")]
        assert found == [movie for movie, _ in legacy_recommendations(files, user)]
    assert recommender.description.dataset == "aditya-sr-iitj/netflix-challenge-model"


def test_another_prefix_can_be_named(hub: HubServer, files: Path) -> None:
    for name, content in contents(files).items():
        hub.add(f"alice/mine-{name}", {name: content})
    folder = obtain_folder("legacy:alice/mine")
    assert Model.load(folder).config.dataset.name == "alice/mine"
    assert not is_folder("legacy:")


def test_titles_are_where_the_early_project_has_them(hub: HubServer) -> None:
    assert Model.load(fetch("legacy:")).catalogue[10].title == "Movie 10"
    Path("data").mkdir()
    Path("data/movies.csv").write_text("movieId,title,genres,tmdbId\n10,Ten (2002),Drama,12.0\n")
    assert Model.load(fetch("legacy:")).catalogue[10].title == "Ten (2002)"


def test_files_are_imported_once(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch("legacy:")
    monkeypatch.setattr(legacy_address, "read_legacy_model", lambda *_, **__: pytest.fail("imported again"))
    assert fetch("legacy:") == folder
    hub.stop()
    assert fetch("legacy:") == folder


def test_a_new_version_is_imported_anew(hub: HubServer, tmp_path: Path) -> None:
    folder = fetch("legacy:")
    changed = make_legacy_files(tmp_path / "changed", factors=(P * 2, Q))
    hub.add("aditya-sr-iitj/netflix-challenge-model-model_P.npy", {"model_P.npy": changed.P.read_bytes()})
    assert fetch("legacy:") != folder


def test_a_file_that_changed_on_its_way_is_fetched_again(hub: HubServer) -> None:
    hub.fault("/storage/", Fault(change=lambda content: content[:-1] + b"\x41"), method="GET", times=2)
    seen = Model.load(fetch("legacy:"))
    assert seen.rating.P[0, 0] == 1.0
    assert seen.rating.P[-1, -1] == 1.0


def test_a_pickle_that_would_run_something_is_refused(hub: HubServer) -> None:
    evil = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0btouch pwned\x85R."
    hub.add("aditya-sr-iitj/netflix-challenge-model-model_mappings.pkl", {"model_mappings.pkl": evil})
    with pytest.raises(ModelError, match=r"os\.system"):
        fetch("legacy:")
    assert not Path("pwned").exists()


def test_no_hub_and_no_copy_is_reported(hub: HubServer) -> None:
    hub.stop()
    with pytest.raises(DownloadError, match="netflix-challenge-model"):
        fetch("legacy:")


def test_progress_is_reported(hub: HubServer) -> None:
    reports: list[tuple[int, int | None]] = []
    obtain_folder("legacy:", lambda done, total: reports.append((done, total)))
    assert reports


@pytest.mark.parametrize(
    "address",
    ["legacy:owner", "legacy:a/b/c", "legacy:/b", "legacy:ä/b", "legacy:a/", "legacy://a/b", "legacy:älice/b"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError, match="expected legacy: or legacy:owner/prefix"):
        check(address)
