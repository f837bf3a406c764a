"""`reelwise serve` with several processes: workers come back, models change in all of them, and they count as one."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.recommend.recommender import Recommender
from support.models.tiny_recommender import tiny_model
from support.running.processes import environment
from support.running.scraping import Scrape
from support.running.serving import LONGEST, Serving, open_files, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("workers"),  # one server for most of them
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes where Linux lists them"),
]


def write_another(folder: Path, seed: int) -> str:
    """Put another model into the folder; gives its revision."""
    model = tiny_model()
    write_model(folder, replace(model, config=model.config.model_copy(update={"seed": seed})))
    return Recommender.load(folder).description.revision


def revisions(server: Serving) -> set[str]:
    """What so many connections, and so all workers, say that they serve."""
    return {server.get("/health/live").headers["X-Model-Revision"] for _ in range(40)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Two workers that do not watch the folder. They have to end in good order, with a request that is under way."""
    folder = tmp_path_factory.mktemp("served")
    write_model(folder / "model", tiny_model())
    arguments = ["--model", "model", "--workers", "2"]
    settings = {"REELWISE_WATCH": "false", "REELWISE_ADMIN_KEY": "open-sesame", "TMPDIR": str(folder)}
    with serving(folder, *arguments, end_with=signal.SIGTERM, **settings) as server:
        server.wait_until(lambda: server.logged("Serving the model") == 2)
        yield server
        workers = server.workers
        ends_after_the_request_that_is_under_way(server)
    assert server.process.returncode == 0, "".join(server.log)
    server.wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    assert server.logged("Traceback") == 0, "".join(server.log)
    assert server.logged("Reelwise answers at") == 1
    assert [path.name for path in folder.iterdir()] == ["model"]  # nothing of what they counted is left


def ends_after_the_request_that_is_under_way(server: Serving) -> None:
    host, port = server.address.removeprefix("http://").split(":")
    body = b'{"movie_ids": [1]}'
    head = (
        "POST /find_matching_user HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + body[:5])
        server.get("/health/live")
        server.process.send_signal(signal.SIGTERM)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):  # it waits for the rest
            connection.recv(100)
        connection.settimeout(LONGEST)
        connection.sendall(body[5:])
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_connections_are_shared_out_among_the_workers(server: Serving) -> None:
    address = urlsplit(server.address)
    before = {worker: open_files(worker) for worker in server.workers}
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(socket.create_connection((address.hostname, address.port)))
        server.wait_until(lambda: sum(open_files(worker) for worker in before) >= sum(before.values()) + 40)
        for worker, files in before.items():
            assert open_files(worker) - files >= 5  # fewer of 40 fair coins fall on one side once in ten million times


def test_sighup_and_post_change_the_model_in_all_workers(server: Serving) -> None:
    folder = Path(f"/proc/{server.process.pid}/cwd").readlink() / "model"
    first = write_another(folder, 1)
    server.process.send_signal(signal.SIGHUP)
    server.wait_until(lambda: revisions(server) == {first})
    server.wait_until(lambda: server.logged(f"revision {first}") == 2)
    second = write_another(folder, 2)
    answer = httpx2.post(
        f"{server.address}/api/v1/model/reload",
        headers={"Authorization": "Bearer open-sesame"},
        timeout=LONGEST,
        verify=False,
    )
    assert answer.json() == {"status": "OK", "revision": second, "changed": True}
    server.wait_until(lambda: revisions(server) == {second})
    server.wait_until(lambda: server.logged(f"Serving the model model, revision {second}") == 2)
    assert not server.logged("died")


def test_a_killed_worker_costs_its_own_connections_and_comes_back_and_what_it_counted_stays(server: Serving) -> None:
    assert server.get("/recommendations/8?n=1").json()[0]["movieId"] == 296
    before, started = server.workers, server.logged("Serving the model")
    assert len(before) == 2
    failed: list[Exception] = []
    asked, stop = 0, threading.Event()

    def ask() -> None:
        nonlocal asked
        while not stop.is_set():
            try:
                assert server.get("/recommendations/8?n=1").status_code == 200
            except httpx2.HTTPError as error:
                failed.append(error)
            asked += 1

    counted = check_that_all_is_counted(server)
    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    os.kill(before[0], signal.SIGKILL)
    server.wait_until(lambda: len(server.workers) == 2 and server.workers != before)
    server.wait_until(lambda: server.logged("Serving the model") == started + 1)
    stop.set()
    for asker in askers:
        asker.join()
    assert asked > 3
    # Each had one connection when the worker died, and perhaps another to its queue, which is closed a little later.
    assert len(failed) <= 2 * len(askers)
    assert check_that_all_is_counted(server) >= counted + asked - len(failed)


def check_that_all_is_counted(server: Serving) -> float:
    """The requests for recommendations that were counted so far, after some more that go to any worker."""
    route = {"route": "/recommendations/{user_id}"}
    counted = {"name": "reelwise_http_requests_total", "status": "200"} | route
    before = Scrape(server).total(**counted)
    for _ in range(12):
        assert server.get("/recommendations/8").status_code == 200
    scrape = Scrape(server)
    assert scrape.total(**counted) == before + 12
    assert scrape.total("reelwise_http_request_seconds_count", **route) == before + 12
    assert scrape.total("reelwise_http_request_seconds_bucket", le="+Inf", **route) == before + 12
    assert scrape.total("reelwise_http_requests_in_flight") == 1
    assert scrape.total("reelwise_model_ready") == 1
    assert scrape.total("reelwise_model_info") == 2  # one that died is no more
    return scrape.total(**counted)


START = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests may run where it is ignored
os.execv(sys.executable, [sys.executable, "-m", "reelwise", "serve", "--port", "0", *sys.argv[1:]])
"""


@contextmanager
def on_a_terminal(folder: Path, *arguments: str, **settings: str) -> Iterator[Serving]:
    """A server whose terminal is closed in the end, as it has to end then."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", START, *arguments], cwd=folder, env=environment(**settings), start_new_session=True,
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            yield Serving(process)
            os.close(ours)
            process.wait(LONGEST)
        finally:
            process.kill()


def test_every_worker_takes_a_new_model_by_itself_and_a_closed_terminal_ends_them_all(
    tiny_folder: Path, tmp_path: Path
) -> None:
    arguments = ["--model", str(tiny_folder), "--workers", "2", "--host", "::1"]
    with on_a_terminal(tmp_path, *arguments, REELWISE_ROOT_PATH="/films") as server:
        assert server.address.startswith("http://[::1]:")
        assert server.get("/").json()["links"]["docs"] == "/films/docs"
        server.wait_until(lambda: server.logged("Serving the model") == 2)
        revision = write_another(tiny_folder, 1)
        server.wait_until(lambda: revisions(server) == {revision})
        server.wait_until(lambda: server.logged(f"revision {revision}") == 2)
        workers = server.workers
        assert len(workers) == 2
    server.wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


def test_one_process_takes_sighup_too_and_ends_when_its_terminal_is_closed(tiny_folder: Path, tmp_path: Path) -> None:
    with on_a_terminal(tmp_path, "--model", str(tiny_folder), REELWISE_WATCH="false") as server:
        server.ready()
        revision = write_another(tiny_folder, 1)
        server.process.send_signal(signal.SIGHUP)
        server.wait_until(lambda: server.get("/health/ready").json()["revision"] == revision)
