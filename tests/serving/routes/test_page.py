"""The files of the page: how they are served, and that they fit together."""

import json
import posixpath
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import reelwise
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from reelwise.serving.page.documents import DOCUMENTS, document
from reelwise.serving.page.files import FILES, FINGERPRINT, LANGUAGES, PACKED, TEXTS
from reelwise.serving.page.languages import negotiate
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender

SCRIPTS = {name: content.decode() for name, content in FILES.items() if name.endswith(".js")}
SOURCES = {name: content.decode() for name, content in FILES.items() if name.endswith(".html")}
MOST_BYTES = 115_000  # of the start page, as they are sent, with fonts and without posters
ENGLISH = TEXTS["en"]


@pytest.mark.parametrize("path", ["/app/", "/app/map", "/app/model"])
def test_a_page_is_asked_for_each_time_and_sent_only_when_it_changed(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/app/", "/app/film/1", f"/app/static/{FINGERPRINT}/main/main.js"])
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
    [("main/main.js", "text/javascript"), ("base/base.css", "text/css"), ("base/icons.svg", "image/svg+xml")],
)
def test_a_file_is_kept_forever_under_the_fingerprint_of_all_files(client: TestClient, name: str, kind: str) -> None:
    response = client.get(f"/app/static/{FINGERPRINT}/{name}")
    assert response.content == FILES[name]
    assert response.headers["Content-Type"].startswith(kind)
    assert "immutable" in response.headers["Cache-Control"]


def test_fonts_come_with_their_licence_and_are_not_packed_again(client: TestClient) -> None:
    fonts = [name for name in FILES if name.endswith(".woff2")]
    assert fonts
    for name in fonts:
        response = client.get(f"/app/static/{FINGERPRINT}/{name}", headers={"Accept-Encoding": "gzip"})
        assert response.headers["Content-Type"] == "font/woff2"
        assert "Content-Encoding" not in response.headers
        assert b"SIL Open Font License" in FILES[f"{name.partition('-')[0]}.OFL.txt"]


def test_a_file_is_small_on_the_way_to_whoever_can_unpack_it(client: TestClient) -> None:
    path = f"/app/static/{FINGERPRINT}/main/main.js"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert packed.content == plain.content == FILES["main/main.js"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", ["0" * 12 + "/main/main.js", FINGERPRINT + "/main.js", FINGERPRINT + "/..%2Fpage.py"])
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


def text_of(name: str, language: str = "en") -> str:
    return document(name, language).content.decode()


def addresses(html: str) -> list[str]:
    """Of the files that a document loads or shows."""
    kinds = {"script", "link", "use"}
    return [attrs.get("src") or attrs.get("href") or "" for tag, attrs in Tags(html).tags if tag in kinds]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_refers_to_files_that_exist_by_relative_addresses(client: TestClient, name: str) -> None:
    found = addresses(text_of(name))
    assert len(found) > 10
    for address in found:
        assert address.startswith(f"static/{FINGERPRINT}/")
        assert client.get(f"/app/{address}").status_code == 200


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_no_inline_style_or_script(name: str) -> None:
    for tag, attributes in Tags(text_of(name)).tags:
        assert tag != "style"
        assert not [attribute for attribute in attributes if attribute == "style" or attribute.startswith("on")]


def imports(script: str) -> set[str]:
    """The files that a script imports when it is loaded."""
    addresses = re.findall(r'^import (?:.* from )?"(.+?)"', SCRIPTS.get(script, ""), re.MULTILINE)
    return {posixpath.normpath(posixpath.join(posixpath.dirname(script), address)) for address in addresses}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_loads_what_its_script_imports_at_once(name: str) -> None:
    (entry,) = re.findall(r'type="module" src="static/{fingerprint}/([\w/]+\.js)"', SOURCES[name])
    needed: set[str] = {entry}
    found: set[str] = set()
    while needed - found:
        module = (needed - found).pop()
        found.add(module)
        needed |= imports(module)
    preloaded = re.findall(r'modulepreload" (?:as="json" )?href="static/{fingerprint}/([\w/]+\.\w+)"', SOURCES[name])
    assert set(preloaded) == found - {entry}
    assert 'as="json" href="static/{fingerprint}/{texts}"' in SOURCES[name]


def test_the_start_page_is_light() -> None:
    sent = {
        address.removeprefix(f"static/{FINGERPRINT}/").partition("#")[0]
        for address in addresses(text_of("main/index.html"))
    }
    sent |= {name for name in FILES if name.endswith(".woff2") and "-ext" not in name}  # which the styles load
    sizes = {name: len(PACKED.get(name, FILES[name])) for name in sent}
    assert sum(sizes.values()) + len(document("main/index.html", "en").packed) <= MOST_BYTES, sizes


def test_the_map_is_loaded_on_its_own_page_alone() -> None:
    assert [name for name in DOCUMENTS if "map.js" in SOURCES[name]] == ["map/map.html"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_imports_from_its_own_folder_or_one_below(script: str) -> None:
    floors = ["base", "films", "state"]  # and on them a folder for each document
    own = script.split("/")[0]
    for folder in {file.split("/")[0] for file in imports(script)} - {own}:
        assert folder in floors
        assert own not in floors or floors.index(folder) < floors.index(own)


def own_texts(language: str) -> dict[str, Any]:
    """Those that the language has itself, where English does not help out."""
    (house,) = map(Path, reelwise.__path__)
    texts: dict[str, Any] = json.loads((house / "web" / "texts" / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def leaves(texts: dict[str, Any], path: str = "") -> dict[str, str]:
    """Every text by its path, as in "found.one"."""
    found: dict[str, str] = {}
    for name, text in texts.items():
        found |= leaves(text, f"{path}{name}.") if isinstance(text, dict) else {path + name: text}
    return found


def test_every_word_stands_in_one_file_and_is_used() -> None:
    asked = set(re.findall(r"\bT\.(\w+)", "".join(SCRIPTS.values())))
    asked |= set(re.findall(r"\{(\w+)\}", "".join(SOURCES.values())))
    asked -= {
        "fingerprint",
        "texts",
        "heading",
        "summary",
        "kind",
        "locale",
        "address",
        "image",
    }  # made by documents.py
    asked |= {key for keys in DOCUMENTS.values() for key in keys} | {
        "filmStars",
        "filmAsks",
        "decimalMark",
    }  # used there
    asked |= set(re.findall(r'data-does="(\w+)"', SOURCES["main/index.html"]))  # what a card's buttons are called
    asked |= {"genreAny", "genreOnly", "genreNone"}  # a button's mood
    assert asked == set(ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_translation_is_complete(language: str) -> None:
    own, english = leaves(own_texts(language)), leaves(ENGLISH)
    assert sorted(english.keys() - own.keys()) == [], f"missing in {language}.json"
    assert sorted(own.keys() - english.keys()) == [], f"English has no such text as {language}.json"
    assert {name for name in own if placeholders(own[name]) != placeholders(english[name])} == set()
    assert own["language"] == language
    assert all(own.values())


def test_a_text_that_counts_has_the_plurals_of_its_language() -> None:
    for texts in TEXTS.values():
        for forms in (text for text in texts.values() if isinstance(text, dict) and "other" in text):
            assert set(forms) == {"one", "other"}  # for millions Spanish and French have "many": there "other" does


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("", "", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "", "de"),
        ("pt-BR, es ; q=0.4, fr;q=0.7", "", "fr"),
        ("fr,de", "", "fr"),
        ("de;q=0,ja", "", "en"),
        ("en;q=0.1,*", "", "en"),
        (";;q=,,de-", "", "de"),
        ("de", "es", "es"),
        ("de", "xx", "de"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_most_wanted(accepted: str, chosen: str, language: str) -> None:
    assert negotiate(accepted, chosen) == language


@pytest.mark.parametrize("unit", ["a", "a-", "de;q=1 ", " ", ";q=", ",", "en-x,"])
def test_a_long_header_about_languages_takes_no_time(unit: str) -> None:
    started = time.process_time()
    negotiate(unit * (60_000 // len(unit)))
    assert time.process_time() - started < 1.0


def test_a_document_speaks_the_language_that_is_asked_for(client: TestClient) -> None:
    german = client.get("/app/", headers={"Accept-Language": "de"})
    assert '<html lang="de">' in german.text
    assert TEXTS["de"]["lead"] in german.text
    assert german.headers["Content-Language"] == "de"
    assert "Accept-Language" in german.headers["Vary"]
    french = client.get("/app/", params={"language": "fr"}, headers={"If-None-Match": german.headers["ETag"]})
    assert '<html lang="fr">' in french.text


def metas(html: str) -> dict[str | None, str | None]:
    return {attrs.get("property"): attrs.get("content") for tag, attrs in Tags(html).tags if tag == "meta"}


def test_a_link_to_a_film_tells_of_it(client: TestClient) -> None:
    response = client.get("/app/film/2571", headers={"Accept-Language": "de"})
    told = metas(response.text)
    assert told["og:title"] == "The Matrix (1999) – Reelwise"
    assert (
        told["og:description"] == f"Action, Science-Fiction · 4,2 von 5 Sternen im Schnitt · {TEXTS['de']['filmAsks']}"
    )
    assert told["og:url"] == "http://testserver/app/film/2571"
    assert "og:image" not in told
    for address in addresses(response.text):
        assert address.startswith(f"../static/{FINGERPRINT}/")


def test_a_link_shows_the_poster_where_there_are_posters() -> None:
    posters = TestClient(create_app(Settings(tmdb_api_key="key", _env_file=None), tiny_recommender()))
    told = metas(posters.get("/app/film/2571").text)
    assert told["og:image"] == "http://testserver/api/v1/movies/2571/poster?width=w500"
    assert "og:image" not in metas(posters.get("/app/film/7001").text)  # which TMDB does not know


def test_a_mistyped_address_is_404_and_the_page(client: TestClient) -> None:
    response = client.get("/app/nosuch", headers={"Accept-Language": "de"})
    assert (response.status_code, response.headers["Content-Language"]) == (404, "de")
    assert response.text == client.get("/app/?language=de").text


@pytest.mark.parametrize("spelling", ["999999999", "abc", "imdb:x", "%2F..", "1" * 400])
def test_a_film_that_is_none_is_404_and_the_page(client: TestClient, spelling: str) -> None:
    response = client.get(f"/app/film/{spelling}")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert metas(response.text)["og:title"] == ENGLISH["title"]


def test_a_server_with_keys_tells_nothing_of_its_films() -> None:
    settings = Settings(api_keys="open-sesame-open-sesame", _env_file=None)
    locked = TestClient(create_app(settings, tiny_recommender()))
    known, unknown = locked.get("/app/film/2571"), locked.get("/app/film/999999")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (200, known.content)
    assert "Matrix" not in known.text


def test_a_title_in_a_link_is_never_markup(monkeypatch: pytest.MonkeyPatch, client: TestClient) -> None:
    film = tiny_recommender().service.film(2571)._replace(title='<b>"{name}"</b> (1999)', genres=("<i>",))
    monkeypatch.setattr(Service, "film", lambda self, movie: film)
    html = client.get("/app/film/2571").text
    assert "&lt;b&gt;&quot;{name}&quot;&lt;/b&gt; (1999)" in html
    assert "<b>" not in html


@pytest.mark.parametrize("host", ['"><script>', "a b", "[", ""])
def test_a_host_that_is_none_is_not_repeated(host: str) -> None:
    anywhere = TestClient(create_app(Settings(allowed_hosts="*", _env_file=None), tiny_recommender()))
    response = anywhere.get("/app/film/2571", headers={"Host": host})
    assert response.status_code == 200
    assert "og:url" not in metas(response.text)


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
    looks = re.findall(r"--paper: (#\w{6}); --ink: (#\w{6})", FILES["films/genres.css"].decode())
    assert len(looks) > 50
    assert min(contrast(paper, ink) for paper, ink in looks) >= 4.5
