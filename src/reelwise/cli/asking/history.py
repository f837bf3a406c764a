"""`reelwise history`: reads a file from a film site, and shows which of its films the model knows."""

import csv
import enum
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.asking.outlet import put, put_json
from reelwise.cli.models import open_service
from reelwise.cli.options import JsonOption, ModelOption
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reelwise.artifacts.model import Model
    from reelwise.recommend.naming.matched_history import MatchedHistory, Unmatched

commands = typer.Typer()

_SHOWN = 20  # of each kind; --json has all of them


class Format(enum.StrEnum):
    """The format of what is written."""

    RATINGS = "ratings"
    LETTERBOXD = "letterboxd"
    IMDB = "imdb"
    TMDB = "tmdb"


@commands.command(epilog="Example: [bold]reelwise history letterboxd.zip --out ratings.csv[/bold]")
def history(
    file: Annotated[
        Path,
        typer.Argument(
            help="A file that Letterboxd, IMDb, Trakt, MovieLens, TMDB, Criticker or Netflix exported, a table "
            "of your own, or a folder of files.",
            metavar="FILE",
        ),
    ],
    profile: Annotated[
        str | None, typer.Option("--profile", help="Whose rows to read, if a file of Netflix has several profiles.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write.", metavar="FILE")] = None,
    kind: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="What to write: ratings as training takes them, or all films as a list of that site. "
            "\\[default: ratings]",
        ),
    ] = None,
    user: Annotated[str, typer.Option("--user", help="The user id in the ratings that are written.")] = "0",
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read what a film site exported, and show which of its films the model knows."""
    from reelwise.cli.terminal import say
    from reelwise.exports.reading import read_history

    if as_json and kind is not None and out is None:
        raise UsageError("--json and --format both write to standard output; add --out FILE, or leave one out")
    read = read_history(file, profile=profile)
    service = open_service(model)
    found = service.match_history(read)
    written = _write(kind or Format.RATINGS, found, service.model, user) if kind or out else None
    if written is not None and out is not None:
        put(written, out)
    for note in found.notes:
        say(f"{note[0].upper()}{note[1:]}.")
    say(f"Read {file} ({found.source}): {found.summary}.")
    if as_json:
        put_json(found.to_dict())
    elif written is not None and out is None:
        put(written, None)
    elif written is None:
        _show(found)


def _show(found: "MatchedHistory") -> None:
    """The first of each kind, as tables."""
    from reelwise.cli.terminal import say, table

    films = [(film.stars, film.title, ", ".join(film.kinds), _place(film.file, film.line)) for film in found.matched]
    if films:
        table(("stars", "film", "what", "where"), films[:_SHOWN])
    for heading, titles in (("ambiguous", found.ambiguous), ("unknown", found.unknown), ("no films", found.not_films)):
        if titles:
            table((heading, "may be", "where"), [_cells(title) for title in titles[:_SHOWN]])
    for fault in found.faults[:_SHOWN]:
        say(f"{_place(fault.file, fault.line)}: {fault.detail}")
    if found.unknown and found.catalogue_ends:
        say(f"The newest film that the model knows is of {found.catalogue_ends}.")
    parts: tuple[Sequence[object], ...] = (found.matched, found.ambiguous, found.unknown, found.not_films)
    if any(len(part) > _SHOWN for part in parts):
        say(f"The first {_SHOWN} of each are shown; --json prints all.")


def _cells(title: "Unmatched") -> tuple[str, str, str]:
    name = f"{title.title} ({title.year})" if title.year else title.title
    candidates = ", ".join(f"{film.title} [{film.movie_id}]" for film in title.candidates)
    return name, candidates, _place(title.file, title.line)


def _place(file: str, line: int) -> str:
    return f"{file} line {line}" if file else f"line {line}"


def _write(kind: Format, found: "MatchedHistory", model: "Model", user: str) -> str:
    """The text that --format asks for.

    Raises:
        UsageError: Raised when there is nothing to write.
    """
    from reelwise.exports.film_lists import LISTS

    if kind is not Format.RATINGS:
        return LISTS[kind](model.catalogue[film.movie_id] for film in found.matched)
    if not found.stars:
        raise UsageError("there are no ratings of films that the model knows; --format letterboxd writes all films")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rated = [film for film in found.matched if film.stars is not None]
    is_dated = all(film.when for film in rated)  # training takes the times of all ratings, or none
    writer.writerow(("userId", "movieId", "rating", *(["timestamp"] if is_dated else [])))
    for film in rated:
        moment = [int(film.when.timestamp())] if is_dated and film.when else []
        writer.writerow((user, film.movie_id, f"{film.stars:g}", *moment))
    return text.getvalue()
