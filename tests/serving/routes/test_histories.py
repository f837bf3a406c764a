"""`/api/v1/histories`: files in, films out, nothing kept."""

import logging
import tempfile
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from reelwise.exports.limits import MAX_BYTES
from reelwise.serving.application import MAX_BODY_BYTES
from reelwise.serving.schemas.histories import History
from support.files.exports import LETTERBOXD, RATINGS, WATCHLIST, read, zipped
from support.models.tiny_recommender import tiny_recommender
from support.running.served_app import served

PATH = "/api/v1/histories"
ACCOUNT = zipped(LETTERBOXD)


def answered(response: Any) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


def test_the_file_itself(client: TestClient) -> None:
    expected = tiny_recommender().match_history(read(LETTERBOXD)).to_dict()
    found = answered(client.post(PATH, content=ACCOUNT))
    assert found == expected
    assert History.model_validate(found).model_dump() == found  # as the document says


@pytest.mark.parametrize(
    "kind", ["application/zip", "text/csv", "application/json", "application/x-www-form-urlencoded"]
)
def test_whatever_it_is_said_to_be(client: TestClient, kind: str) -> None:
    assert len(answered(client.post(PATH, content=ACCOUNT, headers={"Content-Type": kind}))["matched"]) == 4


def test_a_form_with_a_file(client: TestClient) -> None:
    assert answered(client.post(PATH, files={"file": ("x.zip", ACCOUNT)})) == answered(
        client.post(PATH, content=ACCOUNT)
    )


def test_the_name_tells_what_is_on_a_list(client: TestClient) -> None:
    for response in (
        client.post(PATH, files={"export": ("watchlist.csv", WATCHLIST)}),
        client.post(PATH, params={"name": "watchlist.csv"}, content=WATCHLIST),
        client.post(PATH, params={"name": "watchlist.csv"}, files={"file": ("x.csv", WATCHLIST)}),
    ):
        assert answered(response)["watchlist"] == [593]


def test_a_profile(client: TestClient) -> None:
    rows = "Profile Name,Start Time,Title,Supplemental Video Type\nAda,,Toy Story,\nAda,,Heat,\nBen,,Pulp Fiction,\n"
    assert answered(client.post(PATH, content=rows))["seen"] == [1]
    assert answered(client.post(PATH, params={"profile": "Ben"}, content=rows))["seen"] == [296]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"content": b"hello"}, "this file is not recognised"),
        ({"content": b""}, "the file is empty"),
        ({"content": zipped({"../x.csv": RATINGS})}, "this zip is refused"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "The form cannot be read"),
        ({"files": {"file": (None, b"x")}}, "There is no file in the form"),
        ({"files": {"a": ("a", b"x"), "b": ("b", b"x")}}, "The form cannot be read; send one file"),
        ({"params": {"profile": "Cy"}, "content": RATINGS}, "there is no profile 'Cy'"),
    ],
)
def test_what_is_refused(client: TestClient, sent: dict[str, Any], message: str) -> None:
    response = client.post(PATH, **sent)
    assert (response.status_code, message in response.json()["detail"]) == (422, True), response.text
    assert response.headers["Content-Type"] == "application/problem+json"


def test_up_to_8_mb_here_and_no_more_elsewhere(client: TestClient) -> None:
    longest = (RATINGS.encode() + MAX_BYTES // 64 * (b" " * 63 + b"\n"))[:MAX_BYTES]
    assert len(answered(client.post(PATH, content=longest))["matched"]) == 2
    assert client.post(PATH, content=longest + b" ").status_code == 413
    assert client.post(PATH, files={"file": ("x.csv", longest)}).status_code == 413
    assert client.post("/api/v1/match", content=bytes(MAX_BODY_BYTES + 1)).status_code == 413


def test_a_longer_body_is_refused_unread(app: FastAPI) -> None:
    import socket

    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {MAX_BYTES + 1}\r\n\r\n"
    with served(app) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413")


def test_nothing_is_kept(client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    large = RATINGS.encode() + (1 << 16) * (b" " * 63 + b"\n")
    with caplog.at_level(logging.DEBUG):
        for content in (large, ACCOUNT, RATINGS.replace("4.5", "six").encode(), b"My Secret,Diary\n1,2\n"):
            client.post(PATH, files={"file": ("secret.csv", content)})
            client.post(PATH, content=content)
    assert not [text for text in ("Pulp Fiction", "six", "secret", "Secret") if text in caplog.text]


def test_without_a_model(client_without_model: TestClient) -> None:
    assert client_without_model.post(PATH, content=RATINGS).status_code == 503


def test_the_document_says_that_it_takes_a_file(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"][PATH]["post"]
    assert set(operation["requestBody"]["content"]) == {"multipart/form-data", "application/octet-stream"}
