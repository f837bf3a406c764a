"""Another model takes the old one's place while requests go on: by itself, by POST, and never a broken one."""

import gc
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.service import Service
from reelwise.serving import create_app, model_manager
from reelwise.serving.replacing import warmup, watcher
from reelwise.serving.state import server_state
from reelwise.settings import Settings
from support.hub.server import HubServer
from support.models.tiny_recommender import REVISION, tiny_model, tiny_recommender

pytestmark = pytest.mark.usefixtures("checked_in_this_process")

PATH, KEY = "/api/v1/model/reload", "open-sesame-1"
ADMIN = {b"X-API-Key": KEY.encode()}


def another_model(seed: int = 1) -> Model:
    """Pulp Fiction has half a star less than in the tiny model; the seed makes the revision."""
    model = tiny_model()
    model.rating.Q[1] -= 1
    return replace(model, config=model.config.model_copy(update={"seed": seed}))


def revision_of(folder: Path) -> str:
    return Recommender.load(folder).description.revision


@pytest.fixture
def folder(tiny_folder: Path) -> Path:
    return tiny_folder


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """Does not watch the folder."""
    app = create_app(Settings(model=str(folder), admin_key=KEY, watch=False))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def watching_client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(watcher, "INTERVAL", 0.02)
    with TestClient(create_app(Settings(model=str(folder)))) as client:
        yield client


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def served(client: TestClient) -> str | None:
    return client.get("/health/live").headers.get("X-Model-Revision")


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_reload_serves_the_new_model_and_says_so(client: TestClient, folder: Path) -> None:
    write_model(folder, another_model())
    assert served(client) != revision_of(folder)
    answer = client.post(PATH, headers=ADMIN)
    assert answer.status_code == 200
    assert answer.json() == {"status": "OK", "revision": revision_of(folder), "changed": True}
    assert answer.headers["X-Model-Revision"] == revision_of(folder)
    assert client.get("/recommendations/8?n=1").json()[0]["score"] == 4.4


def test_the_same_model_again_is_no_change(client: TestClient, folder: Path) -> None:
    before = served(client)
    assert client.post(PATH, headers=ADMIN).json() == {"status": "OK", "revision": before, "changed": False}
    shutil.copytree(folder, folder.with_name("copy"))
    folder.rename(folder.with_name("old"))
    folder.with_name("copy").rename(folder)
    assert client.post(PATH, headers=ADMIN).json() == {"status": "OK", "revision": before, "changed": False}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {KEY}".encode()}, 401),
        (ADMIN, 200),
        ({"Authorization": f"Bearer {KEY}".encode()}, 200),
    ],
)
def test_only_the_admin_key_opens(client: TestClient, headers: Any, status: int) -> None:
    answer = client.post(PATH, headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert "REELWISE_ADMIN_KEY" in answer.json()["detail"]


def test_without_an_admin_key_nobody_may(folder: Path) -> None:
    with TestClient(create_app(Settings(model=str(folder)))) as client:
        for headers in ({}, {"X-API-Key": ""}, {"Authorization": "Bearer "}):
            answer = client.post(PATH, headers=headers)
            assert answer.status_code == 403
            assert "REELWISE_ADMIN_KEY" in answer.json()["detail"]


def truncate(folder: Path) -> None:
    file = folder / "model_P.npy"
    file.write_bytes(file.read_bytes()[:-1])


def flip(folder: Path) -> None:
    file = folder / "ranking_Q.npy"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncate, "model_P.npy"),
    "changed": (flip, "sha256"),
    "not json": (lambda folder: (folder / "config.json").write_text("{"), "config.json"),
    "a file short": (lambda folder: (folder / "movies_titles.npy").unlink(), "movies_titles.npy"),
    "vanished": (shutil.rmtree, "there is no such model folder"),
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, folder: Path) -> Callable[[], str]:
    """Puts a broken model in place of the one that is served, and gives what an error must say."""

    def break_it() -> str:
        broken = folder.with_name("broken")
        write_model(broken, another_model())
        breaking, words = FAULTS[request.param]
        breaking(broken)
        folder.rename(folder.with_name("old"))
        if broken.exists():
            broken.rename(folder)
        return words

    return break_it


def test_a_broken_model_is_refused_and_the_old_one_stays(
    client: TestClient, fault: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    before = served(client)
    words = fault()
    answer = client.post(PATH, headers=ADMIN)
    assert answer.status_code == 409
    assert words in answer.json()["detail"]
    assert f"revision {before} stays" in answer.json()["detail"]
    assert served(client) == before
    assert client.get("/recommendations/8?n=1").json()[0]["score"] == 5.0
    (line,) = refusals(caplog)
    assert words in line
    assert "\n" not in line


def test_a_broken_model_in_the_watched_folder_is_told_once(
    watching_client: TestClient, fault: Callable[[], str], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = served(watching_client)
    words = fault()
    wait_until(lambda: refusals(caplog))
    time.sleep(0.2)  # ten more looks
    (line,) = refusals(caplog)
    assert words in line
    assert served(watching_client) == before
    shutil.rmtree(folder, ignore_errors=True)
    write_model(folder, another_model())
    wait_until(lambda: served(watching_client) == revision_of(folder))


def test_a_model_that_cannot_answer_is_refused(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served(client)
    write_model(folder, another_model())
    monkeypatch.setattr(Service, "history", lambda *_: 1 / 0)
    answer = client.post(PATH, headers=ADMIN)
    assert answer.status_code == 409
    assert "fails at /api/v1/users/{user_id}/history" in answer.json()["detail"]
    assert served(client) == before


@pytest.mark.parametrize("error", [MemoryError, RecursionError, UnicodeEncodeError("utf-8", "\ud800", 0, 1, "")])
@pytest.mark.parametrize("place", ["have_checked", "paced", "Service", "warm", "fingerprint"])
def test_whatever_goes_wrong_the_old_model_stays_and_the_next_good_one_is_taken(
    watching_client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Any, place: str
) -> None:
    before, failed = served(watching_client), threading.Event()

    def fail(*_: Any, **__: Any) -> None:
        failed.set()
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(model_manager, place, fail)
        write_model(folder, another_model())
        assert failed.wait(20)
        assert served(watching_client) == before
        assert watching_client.get("/recommendations/8?n=1").json()[0]["score"] == 5.0
    write_model(folder, another_model(2))
    wait_until(lambda: served(watching_client) == revision_of(folder))


def test_a_model_whose_name_is_no_text_is_refused_in_one_line(
    client: TestClient, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = served(client)
    model = another_model()
    write_model(folder, model)
    config = (folder / "config.json").read_text()
    assert '"tiny"' in config
    (folder / "config.json").write_text(config.replace('"tiny"', '"\\ud800"'))
    answer = client.post(PATH, headers=ADMIN)
    assert answer.status_code == 409
    assert served(client) == before
    assert client.get("/metrics").status_code == 200


def test_a_server_without_a_model_becomes_ready_when_one_appears(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "INTERVAL", 0.02)
    folder.rename(folder.with_name("elsewhere"))
    with TestClient(create_app(Settings(model=str(folder), admin_key=KEY))) as client:
        assert client.get("/health/ready").status_code == 503
        answer = client.post(PATH, headers=ADMIN)
        assert answer.status_code == 503
        assert "there is no such model folder" in answer.json()["detail"]
        folder.with_name("elsewhere").rename(folder)
        wait_until(lambda: client.get("/health/ready").status_code == 200)


def test_what_is_still_being_copied_is_left_alone(
    watching_client: TestClient, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = folder.with_name("fresh")
    write_model(fresh, another_model())
    shutil.rmtree(folder)
    wait_until(lambda: refusals(caplog))
    folder.mkdir()
    for file in sorted(fresh.iterdir()):
        shutil.copyfile(file, folder / file.name)
    wait_until(lambda: served(watching_client) == revision_of(fresh))


def test_a_watched_folder_can_be_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "INTERVAL", 0.02)
    with TestClient(create_app(Settings(model=str(folder), watch=False))) as client:
        before = served(client)
        write_model(folder, another_model())
        time.sleep(0.2)
        assert served(client) == before


def test_a_model_given_in_python_has_nothing_to_be_loaded_from() -> None:
    app = create_app(Settings(admin_key=KEY), tiny_recommender())
    with TestClient(app) as client:
        assert client.post(PATH, headers=ADMIN).status_code == 409
        assert served(client) == REVISION


def test_a_model_on_the_hub_is_fetched_again(hub: HubServer, folder: Path) -> None:
    from support.files.contents import contents

    hub.add("alice/films", contents(folder))
    with TestClient(create_app(Settings(model="hf://alice/films", admin_key=KEY))) as client:
        wait_until(lambda: client.get("/health/ready").status_code == 200)
        write_model(folder, another_model())
        hub.add("alice/films", contents(folder))
        assert client.post(PATH, headers=ADMIN).json()["changed"]
        assert served(client) == revision_of(folder)
        hub.add("alice/films", {"config.json": b"{}"})
        assert client.post(PATH, headers=ADMIN).status_code == 409
        assert served(client) == revision_of(folder)


def test_a_request_is_answered_and_marked_by_the_model_it_began_with(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, began, go_on = served(client), threading.Event(), threading.Event()
    old = server_state(client.app).models.current.get()  # type: ignore[arg-type]
    history = old.history

    def slowly(*arguments: Any, **options: Any) -> Any:
        began.set()
        assert go_on.wait(20)
        return history(*arguments, **options)

    monkeypatch.setattr(old, "history", slowly)  # whose path waits in a thread
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(client.get("/api/v1/users/8/history")))
    asking.start()
    assert began.wait(20)
    write_model(folder, another_model())
    assert client.post(PATH, headers=ADMIN).json()["changed"]
    go_on.set()
    asking.join()
    assert answers[0].headers["X-Model-Revision"] == before != served(client)


def test_models_change_under_load_without_a_failed_or_mixed_answer(client: TestClient, folder: Path) -> None:
    stars = {str(served(client)): 5.0}
    faults: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answer = client.get("/recommendations/8?n=1")
            if answer.status_code != 200 or answer.json()[0]["score"] != stars[answer.headers["X-Model-Revision"]]:
                faults.append((answer.status_code, answer.headers, answer.json()))
            time.sleep(0.005)  # leaves the processor to what is tried

    askers = [threading.Thread(target=ask) for _ in range(4)]
    fresh = folder.with_name("fresh")
    for seed in range(2, 8):
        write_model(fresh, tiny_model() if seed % 2 else another_model(seed))
        stars[revision_of(fresh)] = 5.0 if seed % 2 else 4.4
    for asker in askers:
        asker.start()
    for seed in range(2, 8):
        write_model(folder, tiny_model() if seed % 2 else another_model(seed))
        assert client.post(PATH, headers=ADMIN).json()["changed"]
    stop.set()
    for asker in askers:
        asker.join()
    assert not faults


def maps_of(folder: Path) -> int:
    """How many files of the folder, or of one that was there, this process has mapped."""
    return Path("/proc/self/maps").read_text().count(f"{folder.parent}/")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="takes Linux")
def test_old_models_are_let_go(client: TestClient, folder: Path) -> None:
    def change(seed: int) -> tuple[int, int]:
        write_model(folder, another_model(seed))
        assert client.post(PATH, headers=ADMIN).json()["changed"]
        assert client.get("/recommendations/8").status_code == 200
        gc.collect()
        return maps_of(folder), len(list(Path("/proc/self/fd").iterdir()))

    maps, files = change(2)
    assert maps > 0
    for seed in range(3, 8):
        now = change(seed)
        assert now[0] == maps
        assert now[1] < files + 5  # each model has some; a thread more has a connection of its own


def test_a_reload_may_take_longer_than_other_requests(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(Settings(model=str(folder), admin_key=KEY, watch=False, request_seconds=0.1))) as client:
        monkeypatch.setattr(Service, "starter", lambda *_: time.sleep(0.3))
        write_model(folder, another_model())
        assert client.get("/api/v1/movies/starter").status_code == 503
        assert client.post(PATH, headers=ADMIN).json()["changed"]


def test_the_application_ends_its_threads(folder: Path) -> None:
    with TestClient(create_app(Settings(model=str(folder)))):
        assert "model-watcher" in {thread.name for thread in threading.enumerate()}
    wait_until(lambda: "model-watcher" not in {thread.name for thread in threading.enumerate()})


def test_the_paths_are_tried_before_a_model_is_served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "search", lambda *_: 1 / 0)
    with TestClient(create_app(Settings(model=str(folder)))) as client:
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert "fails at /api/v1/movies (" in answer.json()["detail"]


def test_what_a_new_model_takes_is_a_quarter_of_the_time(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(warmup, "sleep", pauses.append)
    with TestClient(create_app(Settings(model=str(folder), watch=False))):
        assert pauses
        assert not any(pauses)  # nobody waits for the first one to pause
    pauses.clear()
    write_model(folder, another_model())
    began = time.perf_counter()
    assert client.post(PATH, headers=ADMIN).json()["changed"]
    worked = time.perf_counter() - began
    assert len(pauses) > 10
    assert min(pauses) > 0
    assert sum(pauses) < 3 * worked

    clock = iter([5.0, 7.0])
    monkeypatch.setattr(warmup, "thread_time", lambda: next(clock))
    assert warmup.paced(lambda: "done", 0.25) == "done"
    assert pauses[-1] == 6.0
