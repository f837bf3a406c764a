"""A server under bad conditions: models that come fast or broken, slow and vanishing clients, thousands of bad bodies.

All of it happens to one process, which has to be as well afterwards as it was before.
"""

import http.client
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import httpx2
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.recommend.recommender import Recommender
from support.hostile.requests import Sent, bodies_at_random
from support.models.tiny_recommender import tiny_model
from support.running.processes import environment
from support.running.serving import LONGEST, Serving, open_files, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("faults of a server"),  # one server for most of them
    pytest.mark.skipif(sys.platform != "linux", reason="looks into processes where Linux shows them"),
]

SECONDS, PLACES = 1.0, 8  # for a request, and at once
BODIES = 2_000
MEGABYTES = 4.0  # that the process may need more after most of the bodies


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that is served."""
    folder = tmp_path_factory.mktemp("served") / "model"
    write_model(folder, tiny_model())
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Serving]:
    """One process, in which nothing unforeseen may happen."""
    limits = {"REELWISE_REQUEST_SECONDS": str(SECONDS), "REELWISE_MAX_REQUESTS": str(PLACES)}
    quiet = {"REELWISE_WATCH": "false", "REELWISE_ACCESS_LOG": "false"}
    with serving(folder.parent, "--model", str(folder), end_with=signal.SIGINT, **limits, **quiet) as server:
        server.ready()
        yield server
    assert "Traceback" not in "".join(server.log)


@pytest.fixture
def as_well_as_before(server: Serving) -> Iterator[None]:
    """Afterwards the server still answers, and has let go of every connection and file."""
    before = open_files(server.process.pid)
    yield
    assert server.get("/recommendations/8?n=1").status_code == 200
    server.wait_until(lambda: open_files(server.process.pid) <= before)


def megabytes(server: Serving) -> float:
    """Memory of the process's own, beside its files."""
    found = re.search(r"Anonymous: +(\d+) kB", Path(f"/proc/{server.process.pid}/smaps_rollup").read_text())
    assert found
    return int(found[1]) / 1024


def connected(server: Serving) -> socket.socket:
    host, port = server.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=LONGEST)


@contextmanager
def asked_meanwhile(server: Serving) -> Iterator[Counter[tuple[int, str]]]:
    """While the block runs three clients ask, some fifty times a second; statuses and revisions of the answers."""
    seen: Counter[tuple[int, str]] = Counter()
    stop = threading.Event()

    def ask() -> None:
        with httpx2.Client(base_url=server.address, timeout=LONGEST, verify=False) as client:
            while not stop.is_set():
                answer = client.get("/recommendations/8?n=1")
                seen[answer.status_code, answer.headers["X-Model-Revision"]] += 1
                time.sleep(0.05)  # leaves the processor to what is tried

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        yield seen
    finally:
        stop.set()
        for asker in askers:
            asker.join()


def has_tried(server: Serving, models: int) -> bool:
    """Whether the server has taken or refused so many models after its first."""
    return server.logged("Serving the model") + server.logged("is refused") > models


@pytest.mark.usefixtures("as_well_as_before")
def test_one_model_after_the_other_one_of_them_truncated(server: Serving, folder: Path, tmp_path: Path) -> None:
    model, written = tiny_model(), set()
    with asked_meanwhile(server) as seen:
        for seed in range(1, 5):
            fresh = folder if seed != 2 else tmp_path / "broken"
            write_model(fresh, replace(model, config=model.config.model_copy(update={"seed": seed})))
            if fresh == folder:
                written.add(Recommender.load(folder).description.revision)
            else:
                file = fresh / "history_movie_stars.npy"
                file.write_bytes(file.read_bytes()[:-4])
                folder.rename(tmp_path / "old")
                shutil.move(fresh, folder)
            server.process.send_signal(signal.SIGHUP)
            server.wait_until(partial(has_tried, server, seed))
            server.wait_until(lambda: written <= {revision for _, revision in list(seen)})
    assert {status for status, _ in seen} == {200}
    assert server.logged("Serving the model") == 4
    assert server.logged("is refused") == server.logged("history_movie_stars.npy") == 1
    maps = Path(f"/proc/{server.process.pid}/maps")
    server.wait_until(lambda: server.get("/").is_success and ".npy (deleted)" not in maps.read_text())


@pytest.mark.usefixtures("as_well_as_before")
def test_clients_that_trickle_hold_no_place_and_are_ended(server: Serving) -> None:
    head = (
        b"POST /find_matching_user HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    )
    slow = [connected(server) for _ in range(3 * PLACES)]
    for client in slow:
        client.sendall(head)
    assert [server.get("/recommendations/8").status_code for _ in range(3)] == [200] * 3
    while slow:
        answered, _, _ = select.select(slow, [], [], 0.05)
        for client in answered:
            assert client.recv(100).startswith(b"HTTP/1.1 408")
            client.close()
            slow.remove(client)
        for client in slow:
            with suppress(ConnectionError):  # it was answered and closed in this moment
                client.sendall(b" ")
    assert server.get("/recommendations/8").status_code == 200


@pytest.mark.usefixtures("as_well_as_before")
def test_clients_that_vanish_in_the_midst_of_an_answer(server: Serving) -> None:
    asked = b"".join(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (b"/openapi.json", b"/recommendations/8"))
    at_once = struct.pack("ii", 1, 0)  # no farewell: what is still being sent meets a reset
    for number in range(100):
        with connected(server) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            client.sendall(asked)
            if number % 2:
                client.recv(100)


@pytest.mark.usefixtures("as_well_as_before")
def test_thousands_of_bad_bodies(server: Serving) -> None:
    bodies = bodies_at_random()
    statuses = post_all(server, list(islice(bodies, BODIES // 5)))
    settled = megabytes(server)
    statuses += post_all(server, list(islice(bodies, BODIES * 4 // 5)))
    assert statuses.total() == BODIES
    assert max(statuses) < 500, statuses
    assert {200, 422} <= set(statuses)
    assert megabytes(server) < settled + MEGABYTES


def post_all(server: Serving, requests: list[Sent]) -> Counter[int]:
    """The statuses of the answers, asked over one connection."""
    statuses: Counter[int] = Counter()
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=LONGEST)
    for request in requests:
        headers = {name.decode(): value for name, value in request.headers}
        connection.request("POST", request.path, request.body, headers)
        answer = connection.getresponse()
        answer.read()
        statuses[answer.status] += 1
    connection.close()
    return statuses


ROOMS = [100, 1500, 2500]  # bytes that a file may have
LIMITED = f"""
import resource
from reelwise.cli import main
for room in {ROOMS}:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 2, ended
"""


def test_a_full_disk_is_one_line_and_the_old_model_stays(tiny_folder: Path, ratings_folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in tiny_folder.iterdir()}
    outcome = subprocess.run(
        [sys.executable, "-c", LIMITED, "preprocess", "--model", tiny_folder, "--ratings", ratings_folder],
        env=environment(PYTHONDONTWRITEBYTECODE="1"), cwd=tiny_folder.parent, capture_output=True, text=True,
        timeout=LONGEST, check=False,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    lines = [line for line in outcome.stderr.splitlines() if not line.startswith("Read ")]
    assert len(lines) == len(ROOMS), outcome.stderr
    for line in lines:
        assert re.search(rf"{tiny_folder}\S*: the (model|title index) cannot be written", line)
    assert {file.name: file.read_bytes() for file in tiny_folder.iterdir()} == before
    assert list(tiny_folder.parent.iterdir()) == [tiny_folder]
