"""Trakt: JSON files, by themselves or in a zip, whose names and folders changed over the years.

Each is a list of objects with a film, a show or an episode in them; their other keys show what they mean:
`rating`, `watched_at` or `last_watched_at`, `listed_at`, `collected_at`. Whether a list is a watchlist
or favourites only its name says; a film that was collected is owned, and no more is known of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reelwise.exports.history import Form, Kind, Row, UnreadableRow
from reelwise.exports.sites import Site
from reelwise.exports.tables import printable
from reelwise.exports.values.dates import read_moment
from reelwise.exports.values.names import kind_by_name
from reelwise.exports.values.numbers import imdb_number, read_rating, tmdb_number, year_in
from reelwise.exports.values.scales import to_five

_FORMS: dict[str, Form] = {"movie": "film", "episode": "episode", "season": "series", "show": "series"}
_MOMENTS: dict[str, Kind] = {
    "watched_at": "watched",
    "last_watched_at": "watched",
    "listed_at": "listed",
    "collected_at": "listed",
}


def read_items(file: str, name: str, content: object) -> Iterator[Row | UnreadableRow]:
    """Read a JSON file; there are no rows where it holds no films.

    Args:
        file: of an archive, the file in it; else "".
        name: of the file, with its folder; may be "".
        content: the JSON.
    """
    if isinstance(content, Mapping):  # several lists by name, as other programs write them
        for part, items in content.items():
            if isinstance(items, list):
                yield from read_items(file, str(part), items)
    elif isinstance(content, list):
        for number, item in enumerate(content, 1):
            if isinstance(item, Mapping):
                yield from _read_item(file, name, number, item)


def is_like(text: str) -> bool:
    """Whether a text that is not valid JSON seems to be such a file."""
    return '"ids"' in text or any(f'"{moment}"' in text for moment in ("rated_at", *_MOMENTS))


def _read_item(file: str, name: str, number: int, item: Mapping[Any, Any]) -> Iterator[Row | UnreadableRow]:
    subject = next((word for word in _FORMS if isinstance(item.get(word), Mapping)), None)
    kind: Kind | None = "rating" if "rated_at" in item else None
    kind = kind or next((kind for moment, kind in _MOMENTS.items() if moment in item), None)
    if subject is None or kind is None:
        return
    try:
        rating = read_rating(item.get("rating"), "rating", best=10) if kind == "rating" else None
    except ValueError as error:
        yield UnreadableRow(file, number, str(error))
        return
    moment = next((item[word] for word in ("rated_at", *_MOMENTS) if isinstance(item.get(word), str)), "")
    thing, form = item[subject], _FORMS[subject]
    found = thing.get("ids")
    ids: Mapping[Any, Any] = found if isinstance(found, Mapping) else {}
    yield Row(
        kind_by_name(name) if kind == "listed" else kind if rating or kind != "rating" else "watched",
        _title_of(item, subject),
        year_in(thing.get("year")),
        number,
        imdb_id=imdb_number(ids.get("imdb")),
        tmdb_id=tmdb_number(ids.get("tmdb")) if form == "film" else None,  # series have numbers of their own
        stars=to_five(rating, 10) if rating else None,
        when=read_moment(moment),
        form=form,
        file=file,
    )


def _title_of(item: Mapping[Any, Any], subject: str) -> str:
    """The title of an object; for an episode or a season with that of the show before it."""
    words = ["show", subject] if subject in ("season", "episode") else [subject]
    titles = [thing["title"] for word in words if isinstance(thing := item.get(word), Mapping) and thing.get("title")]
    return printable(": ".join(map(str, titles)))


SITE = Site(name="trakt", described="Trakt (the zip, or a JSON file out of it)", tables=())
