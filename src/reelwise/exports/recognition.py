"""The site that a file is from, by its content."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import NamedTuple

from reelwise.errors import ExportError
from reelwise.exports import criticker, imdb, letterboxd, movielens, netflix, plain_table, tmdb, trakt
from reelwise.exports.history import Row, UnreadableRow
from reelwise.exports.limits import MAX_LINES, MAX_ROWS
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import SEPARATORS, Record, Table, decode, plain_column, read_records

SITES = (letterboxd.SITE, imdb.SITE, trakt.SITE, movielens.SITE, tmdb.SITE, criticker.SITE, netflix.SITE)
ONE_FILE = (*SITES, plain_table.SITE)  # an archive has tables that are about no film

_HEADER_WITHIN = 8  # records, in which the header comes; a list of Letterboxd has some about the list before it
_MOST_OBJECTS = 10 * MAX_ROWS  # of JSON; a row has five or so
_MOST_COLUMNS = 1000  # of a header; the widest there is, of MovieLens, has some twenty


class _Header(NamedTuple):
    """The header of a table: where it is, and what it says."""

    site: Site
    kind: TableKind
    separator: str
    line: int
    columns: Sequence[str]


class Recognised(NamedTuple):
    """A file that is recognised: its site, its rows, and notes about its columns."""

    site: Site
    rows: Iterator[Row | UnreadableRow]
    notes: Sequence[str] = ()


def recognise(file: str, name: str, content: bytes) -> Recognised | None:
    """Recognise a file; None where it is from none of the sites.

    Args:
        file: of an archive, the file in it; else "".
        name: of the file, with its folder; may be "".
        content: what is in it.

    Raises:
        ExportError: Raised when it is from one of them, but broken, or has too many lines.
    """
    text = decode(content)
    if text.lstrip("\ufeff \t\r\n").startswith(("[", "{")):
        return _recognise_json(file, name, text)
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES:
        raise ExportError(f"{f'{file}: ' if file else ''}there are more than {MAX_LINES:,} lines")
    sites = SITES if file else ONE_FILE
    for header in chain.from_iterable(_find_headers(text, separator, sites) for separator in SEPARATORS):
        kind = header.kind
        if kind.unless is None or not kind.unless(_table_below(file, name, text, header)):
            return Recognised(header.site, _read_table(file, name, text, header), kind.notes(header.columns))
    return None


def refusal(place: str, contents: Sequence[bytes]) -> ExportError:
    """The error for a file from none of the sites; it names those that are supported."""
    head = decode(contents[0][:1000]).casefold() if contents else ""
    hint = ""
    if head.lstrip("\ufeff").startswith(("<!doctype", "<html")):
        hint = " This is a web page; export the file itself."
    elif "userid" in head and "movieid" in head:
        hint = " Ratings of many people are what `reelwise train --data` takes."
    sites = "; ".join(site.described for site in ONE_FILE)
    return ExportError(f"{place}: this file is not recognised; expected one of: {sites}.{hint}")


def _recognise_json(file: str, name: str, text: str) -> Recognised | None:
    if text.count("{") > _MOST_OBJECTS:
        raise ExportError(f"{f'{file}: ' if file else ''}there are more than {_MOST_OBJECTS:,} objects in this JSON")
    try:
        content = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        if file or not trakt.is_like(text):
            return None
        raise ExportError(f"{f'{file}: ' if file else ''}this JSON is broken ({error}); export it again") from None
    rows = list(islice(trakt.read_items(file, name, content), MAX_ROWS + 1))
    return Recognised(trakt.SITE, iter(rows)) if rows else None


def _find_headers(text: str, separator: str, sites: Sequence[Site]) -> Iterator[_Header]:
    """Find the lines that may be the header, the most specific kind first."""
    with suppress(ExportError):  # of another separator, perhaps
        for line, fields in islice(read_records("", text, separator), _HEADER_WITHIN):
            if len(fields) > _MOST_COLUMNS:
                continue
            columns = [plain_column(name) for name in fields]
            for site in sites:
                for kind in site.tables:
                    if kind.fits(columns):
                        yield _Header(site, kind, separator, line, columns)


def _table_below(file: str, name: str, text: str, header: _Header) -> Table:
    below = (
        (line, fields)
        for line, fields in read_records(file, text, header.separator)
        if line > header.line and any(map(str.strip, fields))
    )
    return Table(file, name, header.columns, list(islice(below, MAX_ROWS + 1)))


def _read_table(file: str, name: str, text: str, header: _Header) -> Iterator[Row | UnreadableRow]:
    for record in _table_below(file, name, text, header).records():
        if isinstance(record, UnreadableRow):
            yield record
        else:
            yield from _read_record(header.kind, record)


def _read_record(kind: TableKind, record: Record) -> Iterator[Row | UnreadableRow]:
    try:
        yield from list(kind.read(record))
    except ValueError as error:
        yield UnreadableRow(record.table.file, record.line, str(error))
