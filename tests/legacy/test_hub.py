"""The early project's three repositories are served as they are."""

from pathlib import Path

import pytest

from reelwise.artifacts.folder import read_model
from reelwise.errors import DownloadError, ModelError, UsageError
from reelwise.legacy import hub as seed_hub
from reelwise.legacy.hub import fetch_seed
from reelwise.recommend.recommender import Recommender
from reelwise.remote.addresses import SEED_MODEL, obtain_folder
from support.contents import contents
from support.hub_server import Fault, HubServer
from support.seed_files import P, Q, seed_recommendations, write_seed_files


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_seed_files(tmp_path / "seed")
    return tmp_path / "seed"


@pytest.fixture
def hub(hub: HubServer, seed: Path) -> HubServer:
    """With the three repositories on it."""
    for name, content in contents(seed).items():
        hub.add(f"aditya-sr-iitj/netflix-challenge-model-{name}", {name: content})
    return hub


def test_the_three_repositories_are_one_model(hub: HubServer, seed: Path) -> None:
    recommender = Recommender.load(SEED_MODEL)
    for user in (3, 7, 9, 20):
        found = [it.movie_id for it in recommender.recommend(user, rank_by="stars")]
        assert found == [movie for movie, _ in seed_recommendations(seed, user)]
    assert recommender.description.dataset == "aditya-sr-iitj/netflix-challenge-model"


def test_titles_are_where_the_early_project_has_them(hub: HubServer) -> None:
    assert read_model(fetch_seed(SEED_MODEL)).catalogue[10].title == "Movie 10"
    Path("data").mkdir()
    Path("data/movies.csv").write_text("movieId,title,genres,tmdbId\n10,Ten (2002),Drama,12.0\n")
    assert read_model(fetch_seed(SEED_MODEL)).catalogue[10].title == "Ten (2002)"


def test_it_is_imported_once(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch_seed(SEED_MODEL)
    monkeypatch.setattr(seed_hub, "read_seed", lambda *_, **__: pytest.fail("imported again"))
    assert fetch_seed(SEED_MODEL) == folder
    hub.stop()
    assert fetch_seed(SEED_MODEL) == folder


def test_a_new_version_is_imported_anew(hub: HubServer, tmp_path: Path) -> None:
    folder = fetch_seed(SEED_MODEL)
    changed = write_seed_files(tmp_path / "changed", factors=(P * 2, Q))
    hub.add("aditya-sr-iitj/netflix-challenge-model-model_P.npy", {"model_P.npy": changed.P.read_bytes()})
    assert fetch_seed(SEED_MODEL) != folder


def test_a_file_that_changed_on_its_way_is_fetched_again(hub: HubServer) -> None:
    hub.fault("/storage/", Fault(change=lambda content: content[:-1] + b"\x41"), method="GET", times=2)
    seen = read_model(fetch_seed(SEED_MODEL))
    assert seen.P[0, 0] == 1.0
    assert seen.P[-1, -1] == 1.0


def test_a_pickle_that_would_run_something_is_refused(hub: HubServer) -> None:
    evil = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0btouch pwned\x85R."
    hub.add("aditya-sr-iitj/netflix-challenge-model-model_mappings.pkl", {"model_mappings.pkl": evil})
    with pytest.raises(ModelError, match=r"os\.system"):
        fetch_seed(SEED_MODEL)
    assert not Path("pwned").exists()


def test_no_hub_and_no_copy_is_told(hub: HubServer) -> None:
    hub.stop()
    with pytest.raises(DownloadError, match="netflix-challenge-model"):
        fetch_seed(SEED_MODEL)


def test_progress_is_told(hub: HubServer) -> None:
    told: list[tuple[int, int | None]] = []
    obtain_folder(SEED_MODEL, lambda done, total: told.append((done, total)))
    assert told


@pytest.mark.parametrize("address", ["seed://", "seed://owner", "seed://a/b/c", "seed:///b"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError, match="expected seed://owner/name"):
        fetch_seed(address)
