"""The documents of the page: its HTML files with the words of a language, and with what a link to them tells."""

import gzip
import re
from functools import cache
from html import escape
from typing import Any, NamedTuple, Self

from reelwise.data.titles import natural, split_title
from reelwise.recommend.results import Film
from reelwise.serving.page.files import FILES, FINGERPRINT, TEXTS
from reelwise.serving.responses import tag_of

DOCUMENTS = {
    "main/index.html": ("title", "description"),
    "map/map.html": ("mapTitle", "mapDescription"),
    "model/model.html": ("modelTitle", "modelDescription"),
}
"""The documents, each with what the texts call its title and its description."""

_LOCALES = {"en": "en_GB", "de": "de_DE", "es": "es_ES", "fr": "fr_FR"}
_PART = re.compile(r"\{(base/\w+\.html)\}\n")
_WORD = re.compile(r"\{(\w+)\}")
_EMPTY = re.compile(r'<meta [^>]*content="">\n')
_RELATIVE = re.compile(r'(?<= href=")(?!#|https:)|(?<= src=")(?!#|https:)')


class Document(NamedTuple):
    """A document as it is sent: plain, packed, what it is known by, and in which language it is."""

    content: bytes
    packed: bytes
    tag: str
    language: str

    @classmethod
    def of(cls, html: str, language: str) -> Self:
        """The document with that text."""
        content = html.encode()
        return cls(content, gzip.compress(content, 6, mtime=0), tag_of(content), language)


@cache
def document(name: str, language: str) -> Document:
    """One of `DOCUMENTS`, in one of the languages."""
    heading, summary = (TEXTS[language][key] for key in DOCUMENTS[name])
    return Document.of(_fill(name, language, heading=heading, summary=summary), language)


def film_document(film: Film | None, language: str, address: str = "", image: str = "", high: float = 5) -> Document:
    """The main page at the address of a film, which it opens; it lies one level below the others.

    Args:
        film: which one; None where nothing can be told of it.
        language: to answer in.
        address: of the film's page, whole.
        image: the address of its poster, whole; "" where there is none.
        high: the most stars that are given.
    """
    if film is None:
        heading, summary = (TEXTS[language][key] for key in DOCUMENTS["main/index.html"])
        html = _fill("main/index.html", language, heading=heading, summary=summary)
    else:
        heading, summary = _tell(film, language, high)
        words = {"heading": heading, "summary": summary, "kind": "video.movie", "address": address, "image": image}
        html = _fill("main/index.html", language, **words)
    return Document.of(_RELATIVE.sub("../", html), language)


def _tell(film: Film, language: str, high: float) -> tuple[str, str]:
    """The title of a film's page, and the text that a link to it shows."""
    texts, name = TEXTS[language], natural(split_title(film.title).main)
    told = [", ".join(texts["genreNames"].get(genre, genre) for genre in film.genres)]
    if film.mean_stars is not None:
        stars = f"{film.mean_stars:.1f}".replace(".", texts["decimalMark"])
        told.append(texts["filmStars"].format(stars=stars, high=f"{high:g}"))
    heading = texts["titleOf"].format(films=f"{name} ({film.year})" if film.year else name)
    return heading, " · ".join([*filter(None, told), texts["filmAsks"]])


def _fill(name: str, language: str, **words: str) -> str:
    """A document with its parts, and the words of a language where they stand in braces."""
    always: dict[str, Any] = {
        "fingerprint": FINGERPRINT,
        "texts": f"texts/{language}.json",
        "locale": _LOCALES[language],
    }
    texts = TEXTS[language] | always | {"kind": "website", "address": "", "image": ""} | words
    whole = _PART.sub(lambda part: FILES[part[1]].decode(), FILES[name].decode())
    return _EMPTY.sub("", _WORD.sub(lambda word: escape(texts[word[1]]), whole))
