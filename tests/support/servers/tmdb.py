"""TMDB on loopback: a few films, of which some have posters."""

import json
from collections import deque
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from support.servers.loopback import Answer, Fault, LoopbackServer, Seen

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOi.eyJhdWQiOi.c2lnbmF0dXJl"
JPEG = b"\xff\xd8\xff\xe0 a picture"


class TMDBServer(LoopbackServer[Fault]):
    """Answers as TMDB does.

    `films` says what the poster of each number is called, `pictures` the type and the bytes of each name, and `details`
    what else is known of a number, in a language.
    """

    def __init__(self, films: Mapping[int, object], pictures: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__()
        self.films, self.pictures = films, pictures
        self.details: dict[tuple[int, str], object] = {}
        self.faults: deque[Fault] = deque()

    def next_fault(self, seen: Seen) -> Fault:
        """Those of `faults`, one for each request, then none."""
        return self.faults.popleft() if self.faults else Fault()

    def answer(self, seen: Seen, fault: Fault) -> Answer:
        """A film or a picture."""
        address = urlsplit(seen.path)
        place, name = address.path.rsplit("/", 1)
        if place.startswith("/t/p/"):
            media_type, content = self.pictures.get(f"/{name}", ("", b""))
            return Answer(200, {"Content-Type": media_type}, content) if media_type else Answer(404)
        keys = [*parse_qs(address.query).get("api_key", []), seen.headers.get("Authorization", "")]
        if KEY not in keys and f"Bearer {TOKEN}" not in keys:
            return Answer(401)
        if int(name) not in self.films:
            return Answer(404, {"Content-Type": "application/json"}, b'{"status_code": 34}')
        film: object = {"id": int(name), "poster_path": self.films[int(name)]}
        query = parse_qs(address.query)
        film = self.details.get((int(name), query.get("language", ["en"])[0]), film)
        body = json.dumps(film).encode()
        return Answer(200, {"Content-Type": "application/json;charset=utf-8"}, body)
