"""From a request as it came to the Hub's answer; those that are about no repository are given here."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from support.hub import reading, writing
from support.hub.protocol import Refused, Request, json_answer
from support.hub.repositories import Hub
from support.servers.loopback import Answer, Seen


def answer(hub: Hub, seen: Seen, change: Callable[[bytes], bytes]) -> Answer:
    """What the Hub answers; `change` makes of a file's content what is served as such."""
    url = urlsplit(seen.path)
    for verbs, pattern, do in _ROUTES:
        if seen.method in verbs and (match := re.fullmatch(pattern, url.path)):
            parts = {name: unquote(part) for name, part in match.groupdict(default="").items()}
            try:
                return do(Request(hub, parse_qs(url.query), seen.headers, seen.body, change, parts))
            except Refused as refusal:
                return refusal.answer
    return Refused(404, "Sorry, we can't find the page you are looking for.").answer


def _whoami(request: Request) -> Answer:
    request.must_be_by_user()
    token = {"displayName": "tests", "role": "write"}
    auth = {"type": "access_token", "accessToken": token}
    name = request.hub.user
    return json_answer({"type": "user", "name": name, "fullname": name, "orgs": [], "auth": auth})


def _validate_card(request: Request) -> Answer:
    card = re.match(r"---\s*\n(.*?)\n---\s*(\n|$)", json.loads(request.body)["content"], re.DOTALL)
    if card is None:
        return json_answer({"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}]})
    try:
        fault = "" if isinstance(yaml.safe_load(card[1]), dict) else "metadata is not a mapping"
    except yaml.YAMLError as error:
        fault = str(error)
    return json_answer({"errors": [{"message": fault}] if fault else [], "warnings": []}, 400 if fault else 200)


_MODEL = r"/api/models/(?P<repo>[^/]+/[^/]+)"
_GIT = r"/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects"
_REVISION = r"(?P<revision>[^/]+)"
_ROUTES: list[tuple[tuple[str, ...], str, Callable[[Request], Answer]]] = [
    (("GET",), r"/api/whoami-v2", _whoami),
    (("POST",), r"/api/validate-yaml", _validate_card),
    (("POST",), r"/api/repos/create", writing.create_repository),
    (("GET",), _MODEL, reading.info),
    (("GET",), rf"{_MODEL}/revision/{_REVISION}", reading.info),
    (("GET",), rf"{_MODEL}/tree/{_REVISION}(?:/(?P<path>.+))?", reading.tree),
    (("GET",), rf"{_MODEL}/refs", reading.refs),
    (("POST",), rf"{_MODEL}/branch/(?P<branch>[^/]+)", writing.create_branch),
    (("POST",), rf"{_MODEL}/preupload/{_REVISION}", writing.preupload),
    (("POST",), rf"{_MODEL}/commit/{_REVISION}", writing.create_commit),
    (("POST",), rf"{_GIT}/batch", writing.batch),
    (("POST",), rf"{_GIT}/verify", writing.verify),
    (("GET", "HEAD"), r"/storage/(?P<oid>\w+)", reading.download_large),
    (("PUT",), r"/storage/(?P<oid>\w+)", writing.upload_large),
    (("GET", "HEAD"), rf"/(?P<repo>[^/]+/[^/]+)/resolve/{_REVISION}/(?P<path>.+)", reading.resolve),
]
