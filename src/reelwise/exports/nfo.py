"""The library of a media server: the `.nfo` files that Kodi, Jellyfin and Emby write beside films.

They are read by their tags and not as XML, because many are not XML: an address may follow it, or stand alone. Nothing
in them is followed or expanded.
"""

import html
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from reelwise.errors import ExportError
from reelwise.exports.history import History, Row, UnreadableRow
from reelwise.exports.limits import MAX_ROWS
from reelwise.exports.tables import decode, printable
from reelwise.exports.values.dates import read_moment
from reelwise.exports.values.numbers import imdb_number, read_rating, tmdb_number, year_in
from reelwise.exports.values.scales import to_five

_MOST_ENTRIES = 500_000  # files and folders that are gone through; pictures and subtitles lie beside films, too
_MAX_BYTES = 1 << 20  # of one file; actors and streams make some of these files long
_OTHERS = ("actor", "set", "fileinfo")  # have names and numbers of their own
# No text matches in two ways, so that none takes long.
_TAG = re.compile(r"<(\w++)([^<>]*+)>([^<>]*+)</\1>", re.IGNORECASE)
_SITE = re.compile(r"type\s*=\s*[\"'](\w+)", re.IGNORECASE)
_IMDB_PAGE, _TMDB_PAGE = re.compile(r"imdb\.com/title/(tt\d+)"), re.compile(r"themoviedb\.org/movie/(\d+)")


def read_library(folder: Path) -> History | None:
    """The films of a folder and of those below: each is listed, and rated, watched or liked where its file says so.

    Links are not followed.

    Returns:
        None where there is no such file about a film.

    Raises:
        ExportError: Raised when the folder cannot be read, or has more than 50,000 of these files, or far more others.
    """
    rows, faults = list[Row](), list[UnreadableRow]()
    try:
        if not folder.is_dir():
            return None
        paths = list(islice(_list_files(folder), MAX_ROWS + 1))
        if len(paths) > MAX_ROWS:
            raise ExportError(f"{folder}: there are more than {MAX_ROWS:,} .nfo files; give a part of the folder")
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.stat().st_size > _MAX_BYTES:
                faults.append(UnreadableRow(name, 1, f"it is larger than {_MAX_BYTES >> 20} MB"))
                continue
            try:
                rows += _read_film(decode(path.read_bytes()), name)
            except ValueError as error:
                faults.append(UnreadableRow(name, 1, str(error)))
    except OSError as error:
        raise ExportError(f"{folder}: it cannot be read ({error.strerror or error})") from None
    return History("library", tuple(rows), tuple(faults)) if rows else None


def _list_files(folder: Path) -> Iterator[Path]:
    found, entries = list[Path](), 0
    for place, folders, files in os.walk(folder):
        entries += len(folders) + len(files)
        if entries > _MOST_ENTRIES:
            raise ExportError(
                f"{folder}: there are over {_MOST_ENTRIES:,} files below it; give the folder of the films"
            )
        found += (Path(place, name) for name in files if name.casefold().endswith(".nfo"))
    for path in sorted(found):
        if path.is_file() and not path.is_symlink():
            yield path


def _read_film(text: str, name: str) -> Iterator[Row]:
    """The rows of one file; none where it is not about a film."""
    text = _without_cdata(text)
    is_film = "<movie" in text.casefold()
    if not is_film and re.search(r"<\w", text):
        return  # a series, an episode, an album
    tags: dict[str, str] = {}
    for tag, attributes, value in _TAG.findall(_without_others(text)):
        site = _SITE.search(attributes)
        key = f"{tag}:{site[1]}" if tag.casefold() == "uniqueid" and site else tag
        tags.setdefault(key.casefold(), html.unescape(value).strip())
    imdb_page, tmdb_page = _IMDB_PAGE.search(text), _TMDB_PAGE.search(text)

    def first(*keys: str) -> str:
        return next((tags[key] for key in keys if tags.get(key)), "")

    default_id = first("id")  # of whichever site its program goes by
    imdb = first("uniqueid:imdb", "imdbid", "imdb_id") or (default_id if default_id.startswith("tt") else "")
    film = Row(
        "listed",
        printable(first("title", "originaltitle")),
        year_in(first("year", "premiered", "releasedate")),
        1,
        original_title=printable(first("originaltitle")),
        imdb_id=imdb_number(imdb or (imdb_page[1] if imdb_page else "")),
        tmdb_id=tmdb_number(first("uniqueid:tmdb", "tmdbid") or (tmdb_page[1] if tmdb_page else "")),
        when=read_moment(first("lastplayed")),
        file=name,
    )
    if not (film.title or film.imdb_id or film.tmdb_id):
        if is_film:
            raise ValueError("there is neither a title nor a number of IMDb or TMDB")
        return
    yield film
    stars = read_rating(first("userrating"), "userrating", best=10)
    if stars:
        yield film._replace(kind="rating", stars=to_five(stars, 10))
    if first("watched").casefold() == "true" or first("playcount") not in ("", "0"):
        yield film._replace(kind="watched")
    if first("isuserfavorite").casefold() == "true":
        yield film._replace(kind="like")


def _without_cdata(text: str) -> str:
    """The text with what its CDATA sections hold as plain text."""
    before, *sections = text.split("<![CDATA[")
    parts = [before]
    for section in sections:
        held, end, after = section.partition("]]>")
        parts.append(held.replace("<", "&lt;").replace(">", "&gt;") + after if end else section)
    return "".join(parts)


def _without_others(text: str) -> str:
    """The text without the tags that are about something else, and what is in them."""
    for tag in _OTHERS:
        kept, end, start = list[str](), 0, None
        for found in re.finditer(f"<(/)?{tag}(?(1)>|\\b)", text, re.IGNORECASE):
            if start is None and not found[1]:
                start = found.start()
            elif start is not None and found[1]:
                kept.append(text[end:start])
                end, start = found.end(), None
        text = "".join([*kept, text[end:]])
    return text
