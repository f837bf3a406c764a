"""Requests that nobody sends in good faith, made by hand and at random, the same in every run."""

import random
from collections.abc import Iterator
from itertools import cycle, islice
from typing import NamedTuple

JSON = (b"content-type", b"application/json")
POSTS = ["/find_matching_user", "/recommendations_from_selection", "/api/v1/recommendations", "/api/v1/match"]
GETS = [
    "/",
    "/health/live",
    "/health/ready",
    "/api/v1/movies",
    "/api/v1/movies/starter",
    "/api/v1/model",
    "/openapi.json",
]
TEMPLATES = [
    "/recommendations/{}",
    "/api/v1/movies/{}",
    "/api/v1/movies/{}/similar",
    "/api/v1/users/{}/recommendations",
    "/api/v1/users/{}/history",
    "/docs/assets/{}",
    "/app/{}",
    "/{}",
]
RANDOM = 1000  # of bodies, and of other requests

VALUES = [
    *["null", "true", "false", "0", "-1", "1", "1.0", "1.5", "-0.0", "1e3", "1e400", "-1e400", "1E-400", "NaN"],
    *["Infinity", "-Infinity", "2147483647", "2147483648", "9223372036854775808", "12345678901234567890"],
    *["9" * 400, "9" * 5000],
    *['""', '"1"', '"\\u0661"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"' + "x" * 5000 + '"'],
    *["[]", "{}", "[[1]]", '{"1": 1}', "[null]", "[true]", "[1, true]", "[1.5]", "[1e300]", "[NaN]"],
    *['["1"]', "[0]", "[1]", "[1, 296]", f"[{'9' * 20}]", "[" * 500 + "]" * 500,],
    *['{"a":' * 500 + "1" + "}" * 500, "[1" + ",1" * 5000 + "]"],
]  # fmt: skip
KEYS = ["movie_ids", "stars", "disliked_ids", "exclude_ids", "n", "genres", "year_min", "year_max", "min_ratings",
        "diversity", "balance", "rank_by", "strategy", "only_ids", "", "__proto__",
        "movie_ids\\u0000", "\\ud800"]  # fmt: skip

BODIES = [
    *[value.encode(errors="surrogatepass") for value in VALUES],
    *[b"", b" ", b"\x00", b"{", b"}", b"[", b'{"movie_ids": [1]', b'{"movie_ids": [1]}}', b"\xef\xbb\xbf{}"],
    *[b"\xff\xfe{\x00}\x00", "\u202e\U0001f600".encode()],
    *[b'{"movie_ids": [1], "movie_ids": ["x"]}', b'{"movie_ids": ["x"], "movie_ids": [1]}', b"{'movie_ids': [1]}"],
    *[b'{"movie_ids": "\xff\xfe"}', b'{"movie_ids": "\xed\xa0\x80"}', b'{"movie_ids": [01]}', b'{"movie_ids": [+1]}'],
    *[b'{"movie_ids": [1,]}', b'{"movie_ids": [1]} // why', b'{"movie_ids": [0x1]}', b"movie_ids=1", b"<movie_ids/>"],
    *[b"[" * 60_000, b"{" * 60_000, b'{"movie_ids":' * 4000, b"[" * 30_000 + b"]" * 30_000],
    *[b"[" + b"1," * 30_000 + b"1]", b"[" + b"1," * 100_000 + b"1]"],
    *[b" " * 65_536, b" " * 65_537, b'{"movie_ids": [' + b"1," * 30_000 + b"1]}"],
]  # fmt: skip

SEGMENTS = [
    *["0", "-1", "1", "8", "+8", " 8", "8 ", "08", "8.0", "8.5", "1e1", "0x8", "1_0", "٣", "８", "²", "true", "nan"],
    *["null", "inf", "2147483647", "2147483648", "9" * 20, "9" * 5000, "", "\x00", "8\x00", "\n", "8\n", "\ud800"],
    *["😀", "a/b", "//", "..", "../..", "../../etc/passwd", "..\\..", "%2e%2e", "%00", "%", "%zz", "x" * 300],
    *["x" * 20_000, "{}", "*", "~", "con"],
]  # fmt: skip
NAMES = ["n", "q", "limit", "rank_by", "strategy", "exclude_ids", "genres", "year_min", "diversity", "balance", "x", ""]
WORDS = ["0", "-1", "1.5", "9" * 20, "9" * 5000, "NaN", "inf", "%D9%A3", "true", "[]"]
QUERIES = [
    *["", "&", "=", "?", "n", "n=", "n=1&n=x", "n=x&n=1", "q=%ff", "q=%00", "q=%ed%a0%80", "q=\xff", "q=+&q="],
    *["%", "n%00=1", "q=" + "x" * 20_000, "q=" + "%F0%9F%98%80" * 100, "&" * 2000, "exclude_ids=1&" * 1500, "a[b]=1"],
    *["n=1;n=2", "q=\x00", *(f"{name}={value}" for name in NAMES for value in WORDS)],
]  # fmt: skip

HEADERS: list[list[tuple[bytes, bytes]]] = [
    [],
    [JSON],
    [(b"content-type", b"")],
    [(b"content-type", b"text/plain")],
    [(b"content-type", b"application/json; charset=utf-16")],
    [(b"content-type", b"application/json; charset=\xff")],
    [(b"content-type", b"multipart/form-data")],
    [(b"content-type", b"multipart/form-data; boundary=" + b"x" * 1000)],
    [(b"content-type", b"application/x-www-form-urlencoded")],
    [(b"content-type", b"\xff/\x00")],
    [JSON, (b"content-type", b"text/plain")],
    [JSON, (b"content-length", b"-1")],
    [JSON, (b"content-length", b"\xb2")],
    [JSON, (b"content-length", b"9" * 5000)],
    [JSON, (b"content-encoding", b"gzip")],
    [JSON, (b"accept", b"text/html;q=\xff")],
    [JSON, (b"x", b"x" * 1_000_000)],
    [JSON, *[(b"x-%d" % number, b"") for number in range(1000)]],
    [JSON, (b"", b"")],
    [JSON, (b"x-api-key", b"\xff\x00"), (b"authorization", b"Bearer"), (b"authorization", b"Bearer \xff")],
    [JSON, (b"host", b"\xff"), (b"origin", b"null"), (b"cookie", b"=;=;\xff")],
    [JSON, (b"range", b"bytes=9-1"), (b"if-none-match", b"\xff"), (b"if-modified-since", b"\xff")],
    [JSON, (b"range", b"bytes=" + b"0-1," * 5000)],
    [JSON, (b"x-forwarded-for", b"\xff"), (b"x-forwarded-proto", b"javascript"), (b"forwarded", b"for=\xff")],
]
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "", "get", "X" * 1000, "\xff"]


class Sent(NamedTuple):
    """One request."""

    method: str
    path: str
    query: str = ""
    headers: list[tuple[bytes, bytes]] = [JSON]  # noqa: RUF012 - never changed
    body: bytes = b""


def made_by_hand() -> Iterator[Sent]:
    """Each path with each thing that may be wrong with a request."""
    for path in POSTS:
        yield from (Sent("POST", path, body=body) for body in BODIES)
        yield from (Sent("POST", path, query, body=b'{"movie_ids": [1]}') for query in QUERIES)
        for key in KEYS if path == POSTS[2] else KEYS[:2]:  # the others take movie_ids alone
            yield from (Sent("POST", path, body=f'{{"movie_ids": [1], "{key}": {value}}}'.encode()) for value in VALUES)
    for template in TEMPLATES:
        yield from (Sent("GET", template.format(segment)) for segment in SEGMENTS)
        yield from (Sent("GET", template.format(8), query) for query in QUERIES)
    for path in GETS:
        yield from (Sent("GET", path + end, query) for query in QUERIES for end in ("", "/"))
    yield from headers_and_methods()


def headers_and_methods() -> Iterator[Sent]:
    """Each path with each of those, whatever else is sent."""
    for path in POSTS:
        yield from (Sent("POST", path, headers=headers, body=b'{"movie_ids": [1]}') for headers in HEADERS)
    for path in (*GETS, *POSTS, *(template.format(8) for template in TEMPLATES)):
        yield from (Sent(method, path) for method in METHODS)
        yield from (Sent("GET", path, headers=headers) for headers in HEADERS)


def bodies_at_random() -> Iterator[Sent]:
    """Without end."""
    choose = random.Random(20)
    for path in cycle(POSTS):
        body = bytearray(choose.choice(BODIES)[:2000]) if choose.random() < 0.3 else bytearray(_random_object(choose))
        for _ in range(choose.randrange(4)):
            at = choose.randrange(len(body) + 1)
            body[at : at + choose.randrange(3)] = choose.randbytes(choose.randrange(3))
        yield Sent("POST", path, choose.choice(QUERIES)[:2000], choose.choice(HEADERS[:4]), bytes(body))


def made_at_random() -> Iterator[Sent]:
    """Bodies, and other requests."""
    yield from islice(bodies_at_random(), RANDOM)
    choose = random.Random(21)
    for template, _ in zip(cycle(TEMPLATES), range(RANDOM), strict=False):
        segment = choose.choice(SEGMENTS)[:500] + "".join(
            map(chr, choose.choices(range(0xD900), k=choose.randrange(4)))
        )
        query = "&".join(choose.choices(QUERIES, k=3))[:2000]
        yield Sent(choose.choice(METHODS[:6]), template.format(segment), query, choose.choice(HEADERS))


def _random_object(choose: random.Random) -> bytes:
    members = [f'"{choose.choice(KEYS)}": {choose.choice(VALUES)}' for _ in range(choose.randrange(1, 5))]
    if choose.random() < 0.5:  # so that some of them are in order but for what else is there
        members[0] = '"movie_ids": [1, 296]'
    return f"{{{', '.join(members)}}}"[:60_000].encode()
