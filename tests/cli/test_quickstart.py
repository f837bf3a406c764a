"""The main job: from an empty folder, without a network, to a server that answers from simulated viewers."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from support.running.serving import LONGEST, Serving, serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quickstart")]
PICKS = [1, 296, 593, 1196, 2571]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("empty")
    nowhere = "http://127.0.0.1:9"  # nobody listens there
    with serving(folder, command="quickstart", REELWISE_DATA_URL=nowhere) as server:
        server.ready()
        yield server
    log = "".join(server.log)
    assert "built-in sample" in log
    assert f"{server.address}/app/" in log
    assert server.process.returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == ["data", "model", "reelwise.db"]


def answer(server: Serving, path: str, body: object = None) -> Any:
    method = "GET" if body is None else "POST"
    response = httpx2.request(method, server.address + path, json=body, timeout=LONGEST)
    assert response.status_code == 200
    assert response.headers["X-Model-Revision"]
    assert response.headers["X-Model-Simulated"] == "true"
    return response.json() if response.headers["Content-Type"] == "application/json" else response.text


def test_the_example_selection_gets_ten_films(server: Serving) -> None:
    found = answer(server, "/recommendations_from_selection", {"movie_ids": PICKS})
    assert len({film["movieId"] for film in found} - set(PICKS)) == 10
    assert [film["score"] for film in found] == sorted((film["score"] for film in found), reverse=True)


def test_the_other_paths_answer(server: Serving) -> None:
    assert answer(server, "/")["status"] == "OK"
    assert len(answer(server, "/recommendations/1")) == 10
    assert answer(server, "/find_matching_user", {"movie_ids": [1, 296]})["match_count"] == 2


def test_the_pages_open(server: Serving) -> None:
    assert "film-search" in answer(server, "/app/")
    assert "swagger-ui" in answer(server, "/docs")
