import pytest
from fastapi import Request
from pydantic import TypeAdapter

from reelwise.serving.responses import films_response, packed_response, tag_of
from reelwise.serving.schemas.fixed import RecommendedMovie
from support.models.tiny_recommender import tiny_recommender


def test_the_answer_is_what_the_schema_declares() -> None:
    declared = TypeAdapter(list[RecommendedMovie])
    films = [*tiny_recommender().recommend(8)]
    for some in (films, []):
        content = bytes(films_response(some).body)
        assert content == declared.dump_json(declared.validate_python(some, from_attributes=True), by_alias=True)


def asking(**headers: str) -> Request:
    named = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": named})


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("br,gzip; q=1", True), ("", False), ("gzip;q=0", False),
     ("br, gzip;q=0.0", False), ("x-gzip-like", False)],
)  # fmt: skip
def test_only_who_can_unpack_is_sent_what_is_packed(accepted: str, is_packed: bool) -> None:
    response = packed_response(asking(Accept_Encoding=accepted), b"content", "text/plain", {})
    assert ("Content-Encoding" in response.headers) == is_packed


def test_who_has_the_content_is_told_so_with_what_it_depends_on() -> None:
    headers = {"ETag": tag_of(b"content"), "Vary": "Accept-Language"}
    assert headers["ETag"].startswith('W/"')
    response = packed_response(asking(If_None_Match=headers["ETag"]), b"content", "text/plain", headers)
    assert (response.status_code, response.headers["Vary"]) == (304, "Accept-Encoding, Accept-Language")
    assert packed_response(asking(If_None_Match='"another"'), b"content", "text/plain", headers).status_code == 200
