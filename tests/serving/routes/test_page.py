"""The files of the page: how they are served, and that they fit together."""

import json
import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from reelwise.serving.routes.page import DOCUMENTS, FILES, FINGERPRINT

SCRIPTS = {name: content.decode() for name, content in FILES.items() if name.endswith(".js")}
SOURCES = {name: content.decode() for name, content in FILES.items() if name.endswith(".html")}
MOST = 120_000  # bytes of the main page on the way to the browser, but for posters
TEXTS = json.loads(FILES["texts.json"])


@pytest.mark.parametrize("path", ["/app/", "/app/model"])
def test_a_page_is_asked_for_each_time_and_sent_only_when_it_changed(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/app/", "/app/model", f"/app/static/{FINGERPRINT}/main.js"])
def test_the_browser_may_load_nothing_foreign_and_run_nothing_inline(client: TestClient, path: str) -> None:
    response = client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_page_works_without_a_model_and_under_any_prefix(client_without_model: TestClient) -> None:
    assert client_without_model.get("/app/").status_code == 200
    moved = client_without_model.get("/app", follow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (308, "app/")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("main.js", "text/javascript"), ("base.css", "text/css"), ("icons.svg", "image/svg+xml")],
)
def test_a_file_is_kept_forever_under_the_fingerprint_of_all_files(client: TestClient, name: str, kind: str) -> None:
    response = client.get(f"/app/static/{FINGERPRINT}/{name}")
    assert response.content == FILES[name]
    assert response.headers["Content-Type"].startswith(kind)
    assert "immutable" in response.headers["Cache-Control"]


def test_a_file_is_small_on_the_way_to_whoever_can_unpack_it(client: TestClient) -> None:
    path = f"/app/static/{FINGERPRINT}/main.js"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert packed.content == plain.content == FILES["main.js"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", ["0" * 12 + "/main.js", FINGERPRINT + "/no.js", FINGERPRINT + "/..%2Fpage.py"])
def test_nothing_else_is_there(client: TestClient, path: str) -> None:
    response = client.get(f"/app/static/{path}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


class Tags(HTMLParser):
    """Every tag of a document with its attributes, and the text outside of scripts."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_refers_to_files_that_exist_by_relative_addresses(client: TestClient, name: str) -> None:
    tags = Tags(DOCUMENTS[name]).tags
    addresses = [attrs.get("src") or attrs.get("href") or "" for tag, attrs in tags if tag in {"script", "link", "use"}]
    assert len(addresses) > 10
    for address in addresses:
        assert address.startswith(f"static/{FINGERPRINT}/")
        assert client.get(f"/app/{address}").status_code == 200


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_no_inline_style_or_script(name: str) -> None:
    for tag, attributes in Tags(DOCUMENTS[name]).tags:
        assert tag != "style"
        assert not [attribute for attribute in attributes if attribute == "style" or attribute.startswith("on")]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_loads_what_its_script_imports_at_once(name: str) -> None:
    (entry,) = re.findall(r'type="module" src="static/{fingerprint}/(\w+\.js)"', SOURCES[name])
    needed: set[str] = {entry}
    found: set[str] = set()
    while needed - found:
        module = (needed - found).pop()
        found.add(module)
        needed |= set(re.findall(r'(?:from|import) "\./(\w+\.\w+)"', SCRIPTS.get(module, "")))
    preloaded = re.findall(r'modulepreload" (?:as="json" )?href="static/{fingerprint}/(\w+\.\w+)"', SOURCES[name])
    assert set(preloaded) == found - {entry}


def test_the_main_page_is_little(client: TestClient) -> None:
    addresses = {"/app/", *(f"/app/{found}" for found in re.findall(r"static/\w+/\w+\.\w+", DOCUMENTS["index.html"]))}
    assert f"/app/static/{FINGERPRINT}/main.js" in addresses
    sent = [client.get(address, headers={"Accept-Encoding": "gzip"}).headers["Content-Length"] for address in addresses]
    assert sum(map(int, sent)) < MOST


def test_the_map_is_not_loaded_before_there_is_one() -> None:
    assert "map.js" not in SOURCES["index.html"]


def test_every_word_stands_in_one_file_and_is_used() -> None:
    asked = set(re.findall(r"\bT\.(\w+)", "".join(SCRIPTS.values())))
    asked |= set(re.findall(r"\{(\w+)\}", "".join(SOURCES.values()))) - {"fingerprint"}
    asked |= set(re.findall(r'data-does="(\w+)"', SOURCES["index.html"]))  # what a card's buttons are called
    asked |= {"genreAny", "genreOnly", "genreNone"}  # a button's mood
    assert asked == set(TEXTS)


def test_a_text_that_counts_has_the_plurals_of_its_language() -> None:
    for forms in (text for text in TEXTS.values() if isinstance(text, dict) and "other" in text):
        assert set(forms) == {"one", "other"}


def test_titles_never_become_markup() -> None:
    for name, script in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script), name


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_the_title_on_every_poster_can_be_read() -> None:
    looks = re.findall(r"--paper: (#\w{6}); --ink: (#\w{6})", FILES["genres.css"].decode())
    assert len(looks) > 50
    assert min(contrast(paper, ink) for paper, ink in looks) >= 4.5
