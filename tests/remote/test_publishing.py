"""A model is published by one commit, whole, and over nobody's work."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.errors import DownloadError, ModelError, UsageError
from reelwise.recommend.recommender import Recommender
from reelwise.remote.hub import HubAddress, fetch
from reelwise.remote.publishing import Publication, Published, publish
from support.hub.client import LogIn, ignore_upload_warning
from support.hub.server import Fault, HubServer
from support.models.tiny_metrics import METRICS
from support.models.tiny_recommender import tiny_model

pytestmark = [ignore_upload_warning, pytest.mark.usefixtures("logged_in")]
REPOSITORY = "alice/films"
ADDRESS = f"hf://{REPOSITORY}"


def publish_it(folder: Path, address: str = REPOSITORY, **how: Any) -> Published:
    return publish(folder, Publication(HubAddress.parse(address), **how))


def card_on(hub: HubServer, revision: str = "main") -> str:
    return hub.files(REPOSITORY, revision)["README.md"].decode()


def test_what_is_published_is_fetched(hub: HubServer, small_folder: Path) -> None:
    published = publish_it(small_folder)
    fetched = fetch(ADDRESS)
    assert fetched.name == published.commit
    assert Model.load(fetched).config == Model.load(small_folder).config
    assert published.url.startswith(f"{hub.url}/{REPOSITORY}/commit/")


def test_it_takes_one_commit(hub: HubServer, small_folder: Path) -> None:
    publish_it(small_folder)
    mine, *before = hub.commits(REPOSITORY)
    assert len(before) == 1  # of the repository's own making
    assert set(mine.changed) == {path.name for path in small_folder.iterdir()}
    assert "of tiny" in mine.message


def test_the_same_model_again_changes_nothing(hub: HubServer, small_folder: Path) -> None:
    first = publish_it(small_folder)
    commits = len(hub.commits(REPOSITORY))
    assert publish_it(small_folder).commit == first.commit
    assert len(hub.commits(REPOSITORY)) == commits


def test_the_card_on_the_hub_names_the_repository(hub: HubServer, small_folder: Path) -> None:
    publish_it(small_folder)
    assert "--model hf://alice/films" in card_on(hub)


def test_an_edited_card_on_the_hub_stays_unless_told_otherwise(hub: HubServer, small_folder: Path) -> None:
    assert not publish_it(small_folder).card_kept
    mine = card_on(hub).replace("## Limits", "## What we know of its limits")
    hub.add(REPOSITORY, {"README.md": mine.encode()})
    assert publish_it(small_folder).card_kept
    assert card_on(hub) == mine
    assert not publish_it(small_folder, overwrite_card=True).card_kept
    assert "What we know" not in card_on(hub)


def test_a_card_of_an_earlier_model_is_replaced(hub: HubServer, tiny_folder: Path, tmp_path: Path) -> None:
    publish_it(tiny_folder)
    write_model(tmp_path / "measured", replace(tiny_model(), metrics=METRICS))
    assert not publish_it(tmp_path / "measured").card_kept
    assert "0.8432" in card_on(hub)


def test_a_card_that_was_edited_in_the_folder_is_published_as_it_is(hub: HubServer, small_folder: Path) -> None:
    (small_folder / "README.md").write_text("---\nlicense: mit\n---\n# Mine\n")
    publish_it(small_folder)
    assert card_on(hub) == "---\nlicense: mit\n---\n# Mine\n"


def test_histories_can_be_left_out(hub: HubServer, tiny_folder: Path) -> None:
    publish_it(tiny_folder, histories=False)
    assert not [name for name in hub.files(REPOSITORY) if name.startswith("history_")]
    assert "**Without histories.**" in card_on(hub)
    recommender = Recommender(Model.load(fetch(ADDRESS)))
    assert recommender.recommend(movies=[296])[0].source == "blend"
    assert Model.load(tiny_folder).histories is not None  # the folder itself stays as it is


def test_histories_that_were_published_before_are_removed_and_told(hub: HubServer, tiny_folder: Path) -> None:
    publish_it(tiny_folder)
    hub.add(REPOSITORY, {"notes.txt": b"mine"})
    published = publish_it(tiny_folder, histories=False)
    assert published.histories_before
    assert not [name for name in hub.files(REPOSITORY) if name.startswith("history_")]
    assert hub.files(REPOSITORY)["notes.txt"] == b"mine"


def test_only_files_of_the_model_are_sent(hub: HubServer, small_folder: Path) -> None:
    (small_folder / "secrets.env").write_text("HF_TOKEN=hf_x")
    publish_it(small_folder)
    assert "secrets.env" not in hub.files(REPOSITORY)


def test_a_branch_is_made_and_main_stays(hub: HubServer, small_folder: Path) -> None:
    hub.add(REPOSITORY, {"README.md": b"# Mine\n"})
    publish_it(small_folder, "alice/films@v2")
    assert "config.json" in hub.files(REPOSITORY, "v2")
    assert "config.json" not in hub.files(REPOSITORY)


def test_a_pull_request_can_be_made_to_others(hub: HubServer, small_folder: Path) -> None:
    hub.add("bob/films", {"README.md": b"# Bob's\n"})
    published = publish_it(small_folder, "bob/films", pull_request=True)
    assert "config.json" not in hub.files("bob/films")
    assert "config.json" in hub.files("bob/films", "refs/pr/1")
    assert published.card_kept
    assert "/discussions/1" in published.url


def test_a_pull_request_to_a_branch_is_refused(hub: HubServer, small_folder: Path) -> None:
    with pytest.raises(UsageError, match="goes to the main branch"):
        publish_it(small_folder, "alice/films@v2", pull_request=True)
    assert not hub.seen


def test_a_new_repository_can_be_private(hub: HubServer, small_folder: Path) -> None:
    publish_it(small_folder, private=True)
    assert hub.repositories[REPOSITORY].private


@pytest.mark.parametrize("pull_request", [False, True])
def test_what_is_to_be_private_goes_to_no_public_repository(
    hub: HubServer, small_folder: Path, pull_request: bool
) -> None:
    hub.add(REPOSITORY, {"README.md": b"# Mine"})
    with pytest.raises(UsageError, match=f"{ADDRESS} is public; make it private on its page"):
        publish_it(small_folder, private=True, pull_request=pull_request)
    assert list(hub.files(REPOSITORY)) == ["README.md"]
    hub.repositories[REPOSITORY].private = True
    publish_it(small_folder, private=True, pull_request=pull_request)


def test_a_storage_that_fails_is_reported(hub: HubServer, small_folder: Path, waits: list[float]) -> None:
    hub.fault("/storage/", Fault(status=500), method="PUT", times=99)
    with pytest.raises(DownloadError, match=r"answered 500 .*try again later"):
        publish_it(small_folder)


def test_what_another_model_left_in_the_folder_is_not_sent(
    hub: HubServer, small_folder: Path, tiny_folder: Path
) -> None:
    shutil.copy(tiny_folder / "ranking_P.npy", small_folder / "popular.npy")
    publish_it(small_folder)
    assert "popular.npy" not in hub.files(REPOSITORY)


@pytest.mark.parametrize("name", ["model_Q.npy", "movies_titles.npy"])
def test_a_changed_file_is_found_before_anything_is_sent(hub: HubServer, small_folder: Path, name: str) -> None:
    file = small_folder / name
    content = file.read_bytes()
    file.write_bytes(content.replace(b"Toy", b"Boy") if name == "movies_titles.npy" else content[:-1] + b"\x41")
    with pytest.raises(ModelError, match=name):
        publish_it(small_folder)
    assert not hub.seen


def test_a_repository_of_others_is_refused(hub: HubServer, small_folder: Path) -> None:
    with pytest.raises(DownloadError, match="HF_TOKEN is valid and may do this"):
        publish_it(small_folder, "bob/films")


def test_a_refused_token_is_reported(small_folder: Path, log_in: LogIn) -> None:
    log_in("hf_wrong")
    with pytest.raises(DownloadError, match="HF_TOKEN") as caught:
        publish_it(small_folder)
    assert "hf_wrong" not in str(caught.value)


def test_no_hub_is_reported(hub: HubServer, small_folder: Path) -> None:
    hub.stop()
    with pytest.raises(DownloadError, match="cannot be reached"):
        publish_it(small_folder)


def test_a_commit_of_somebody_else_in_between_is_not_undone(hub: HubServer, small_folder: Path) -> None:
    publish_it(small_folder)
    hub.fault("/commit/", Fault(status=412, body=b'{"error": "A commit has happened since"}'))
    write_model(small_folder, replace(tiny_model(), metrics=METRICS))
    with pytest.raises(DownloadError, match=r"412 .*somebody else committed meanwhile; .* push again"):
        publish_it(small_folder)
