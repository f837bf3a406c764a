"""Handing a request straight to an application, past every client and server that would refuse to send it."""

import json
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.types import Message, Scope

from support.hostile.requests import Sent


class Answered(NamedTuple):
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether it is a page of HTML, with the headers that all answers have."""
        return (
            self.headers[b"content-type"].startswith(b"text/html")
            and self.headers[b"x-content-type-options"] == b"nosniff"
        )

    @property
    def is_problem(self) -> bool:
        """Whether it is an error in the shape that all errors have."""
        content: Any = json.loads(self.body)
        return (
            self.headers[b"content-type"] == b"application/problem+json"
            and content["status"] == self.status
            and all(isinstance(content[key], str) and content[key] for key in ("type", "title", "detail"))
        )


async def answer(app: FastAPI, sent: Sent) -> Answered:
    """Ask, with the body in two parts."""
    parts = [sent.body[: len(sent.body) // 2], sent.body[len(sent.body) // 2 :]]
    incoming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    incoming[-1]["more_body"] = False
    outgoing: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        outgoing.append(message)

    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http",
        "method": sent.method, "path": sent.path, "raw_path": sent.path.encode(errors="surrogatepass"), "root_path": "",
        "query_string": sent.query.encode("latin-1"), "headers": list(sent.headers), "state": {},
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in outgoing)
    return Answered(outgoing[0]["status"], dict(outgoing[0]["headers"]), body)
