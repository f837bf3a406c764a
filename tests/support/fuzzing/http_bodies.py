"""HTTP requests of strangers: whatever is sent, no answer is a 500, and every error is a problem."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from fastapi import FastAPI

from reelwise.serving.state import server_state
from support.fuzzing.archives import make_archive
from support.fuzzing.export_files import make_export
from support.fuzzing.model_folders import unforeseen
from support.fuzzing.mutations import spoil_bytes, spoil_json
from support.hostile.requests import HEADERS, JSON, QUERIES, Sent
from support.running.asgi import answer

_BODIES: Mapping[str, Any] = {
    "POST /find_matching_user": {"movie_ids": [1, 2]},
    "POST /recommendations_from_selection": {"movie_ids": [1, 3, 5]},
    "POST /api/v1/match": {"movie_ids": [1, 2]},
    "POST /api/v1/recommendations": {
        "movie_ids": [1], "stars": {"3": 4.5, "tmdb:104": 2}, "disliked_ids": [2], "exclude_ids": [5, 6],
        "only_ids": [7, 8, 9], "n": 5, "genres": ["Odd"], "without_genres": ["Even"], "year_min": 1950,
        "year_max": 2000, "min_ratings": 1, "diversity": 0.5, "novelty": 0.5, "rank_by": "stars", "strategy": "blend",
    },
    "POST /api/v1/predictions": {"stars": {"1": 4.5, "2": 1}, "movies": [3, 4, "tmdb:104"]},
    "POST /api/v1/movies/resolve": {"films": [{"title": "Film 3", "year": 1953}, {"imdb": "tt0114709"}, {"tmdb": 104}]},
    "POST /api/v1/feedback": {"events": [
        {"user_id": "alice", "movieId": 3, "type": "rating", "stars": 4.5, "at": "2026-11-29T18:00:00Z",
         "event_id": "e1", "recommendation_id": "r1", "position": 3},
        {"user_id": 7, "movieId": 4, "type": "watched", "at": 1795953600},
    ]},
    "PUT /api/v1/users/alice/ratings/3": {"stars": 4.5},
    "POST /api/v1/histories": {"not": "an export"},
    "POST /api/v1/recommendations/likely_seen": {"stars": {"3": 4.5}, "n": 5},
    "POST /api/v1/groups/recommendations": {
        "members": [{"name": "Al", "movie_ids": [1, 3]}, {"user_id": 3, "disliked_ids": [4]}, {"stars": {"2": 4}}],
        "n": 5, "balance": 0.5, "genres": ["Odd"], "exclude_ids": [9],
    },
    "PUT /api/v1/movies/501": {
        "title": "A New One", "year": 2026, "genres": ["Odd", "Even"], "imdbId": "tt0114709", "tmdbId": 862,
    },
    "DELETE /api/v1/movies/501": {},
    "DELETE /api/v1/users/alice": {},
    "POST /mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "recommend_films",
        "arguments": {"liked": ["Film 3"], "disliked": ["Film 4"], "n": 3, "genres": ["Odd"]},
    }},
    "POST /mcp ": {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"},
    }},
}  # fmt: skip
_BOUNDARY = b"--edge"
_FORM = (b"content-type", b"multipart/form-data; boundary=edge")
_MCP = [JSON, (b"accept", b"application/json, text/event-stream")]


class HttpBodies:
    """An application, asked what nobody asks in good faith.

    Args:
        app: it answers assistants, too.
        admin_key: what opens the paths that ask for it.
    """

    name = "HTTP bodies"

    def __init__(self, app: FastAPI, admin_key: str) -> None:
        self._app, self._admin = app, (b"x-api-key", admin_key.encode())

    def attack(self, choose: random.Random) -> bool:
        """Ask once, and then whether it is still well."""
        what = choose.choice(sorted(_BODIES))
        method, path = what.split()
        body = spoil_json(choose, _BODIES[what])
        if path == "/api/v1/histories" and choose.random() < 0.8:
            body = make_archive(choose) if choose.random() < 0.2 else make_export(choose)[1]
            body = _in_form(choose, body) if choose.random() < 0.3 else body
        if choose.random() < 0.2:
            body = spoil_bytes(choose, body)
        headers = [JSON] if choose.random() < 0.9 else choose.choice(HEADERS)
        headers = [_FORM] if body.startswith(_BOUNDARY) else _MCP if path == "/mcp" and headers == [JSON] else headers
        query = "" if choose.random() < 0.8 else choose.choice(QUERIES)[:2000]

        async def ask() -> int:
            sent = Sent(method, path, query, [*headers, self._admin], body)
            assistants = server_state(self._app).assistants
            async with assistants.running() if assistants and path == "/mcp" else nullcontext():
                answered = await answer(self._app, sent)
            assert answered.status < 500, (sent, answered.body)
            assert answered.status < 400 or path == "/mcp" or answered.is_problem, (sent, answered.body)
            assert answered.headers[b"x-content-type-options"] == b"nosniff"
            well = await answer(self._app, Sent("GET", "/health/ready"))
            assert well.status == 200
            return answered.status

        with unforeseen() as tracebacks:
            status = asyncio.run(ask())
        assert not tracebacks, tracebacks[0]
        return status < 400


def _in_form(choose: random.Random, body: bytes) -> bytes:
    """A form with a file in it, as browsers send it."""
    name = choose.choice((b"ratings.csv", b"", b"../x", b'a"b', b"\xff", b"x" * 1000))
    head = b'Content-Disposition: form-data; name="file"; filename="' + name + b'"'
    parts = [head, b"Content-Type: text/csv", b"", body, *choose.choice(([_BOUNDARY + b"--", b""], [_BOUNDARY], []))]
    return b"\r\n".join([_BOUNDARY, *parts])
