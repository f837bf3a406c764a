"""Netflix: viewing history, short (`Title,Date`) and full (`ViewingActivity.csv`), and `Ratings.csv`.

The headings of the short table may be in the person's language. There are no ids and no years, titles in the person's
language, and films and episodes side by side: "Show: Season 1: Title", where the word for a season is the language's
own, and may be missing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from reelwise.exports.history import Form, Kind, Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record, plain_column
from reelwise.exports.values.dates import DATE_COLUMNS

_SEASON = re.compile(
    r": (?:season|series|staffel|temporada|saison|stagione|seizoen|sæson|säsong|sesong|kausi|sezon|sezonul|sezóna|séria"
    r"|évad|rész|сезон|シーズン|시즌|第|part|parte|partie|teil|volume|vol\.|book|buch|chapter|limited series|mini"
    r"|\d+\. ?(?:staffel|sezon|évad|sezóna))[^:]*: ",
    re.IGNORECASE,
)
_TITLE = tuple(map(plain_column, (
    "title", "titel", "titre", "título", "titolo", "tytuł", "tittel", "otsikko", "nimi", "název", "názov", "cím",
    "titlu", "başlık", "τίτλος", "название", "タイトル", "제목", "标题", "標題",
)))  # fmt: skip
_EPISODES = 3  # so many titles that begin alike, up to a colon, may be episodes
_THUMBS: dict[str, Kind] = {"1": "dislike", "2": "like", "3": "like"}


def _read_short(record: Record) -> Iterator[Row]:
    yield _row(record, "watched", _TITLE, DATE_COLUMNS)


def _read_activity(record: Record) -> Iterator[Row]:
    row = _row(record, "watched", ("title",), ("start time",))
    yield row._replace(form="trailer") if record.get("supplemental video type") else row


def _read_ratings(record: Record) -> Iterator[Row]:
    stars, thumbs = record.rating("star value", best=5), record.get("thumbs value").removesuffix(".0")
    if thumbs in _THUMBS:
        yield _row(record, _THUMBS[thumbs], ("title name",), ("event utc ts",))
    elif stars:
        yield _row(record, "rating", ("title name",), ("event utc ts",))._replace(stars=stars)
    elif thumbs not in ("", "0"):
        raise ValueError(f"thumbs value is {thumbs[:60]!r}; expected 1, 2 or 3")


def _row(record: Record, kind: Kind, titles: Sequence[str], dates: Sequence[str]) -> Row:
    name = record.title(*titles)
    form: Form = "episode" if _SEASON.search(name) else "film"
    return Row(
        kind, re.sub("[™®]", "", name), None, record.line, when=record.when(*dates), form=form,
        file=record.table.file, profile=record.title("profile name"),
    )  # fmt: skip


def _finish(rows: Sequence[Row]) -> list[Row]:
    """Doubt that titles are films where several have the same words before the colon, as a series has."""
    alike = defaultdict(set)
    for row in rows:
        alike[_before_colon(row)].add(row.title)
    return [
        row._replace(form="unclear")
        if row.form == "film" and _before_colon(row) and len(alike[_before_colon(row)]) >= _EPISODES
        else row
        for row in rows
    ]


def _before_colon(row: Row) -> str:
    before, colon, _ = row.title.partition(": ")
    return before if colon else ""


SITE = Site(
    name="netflix",
    described="Netflix (NetflixViewingHistory.csv, ViewingActivity.csv, Ratings.csv)",
    tables=(
        TableKind(("profile name", "start time", "title"), _read_activity),
        TableKind(("title name", "rating type", "thumbs value/star value"), _read_ratings),
        TableKind(("/".join(_TITLE), "/".join(DATE_COLUMNS)), _read_short, exact=True),
    ),
    finish=_finish,
)
