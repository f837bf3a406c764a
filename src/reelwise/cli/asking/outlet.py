"""Writes films to a file or to standard output, as a list that other sites import."""

import enum
import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reelwise.data.vocabulary import Id
    from reelwise.recommend.service import Service


class ListFormat(enum.StrEnum):
    """The format of a list."""

    LETTERBOXD = "letterboxd"
    IMDB = "imdb"
    TMDB = "tmdb"
    JSON = "json"


def write_list(service: "Service", kind: ListFormat, films: "Iterable[Id]", out: Path | None) -> None:
    """Write films as a list of that site, and say which have no id there."""
    from reelwise.cli.terminal import say
    from reelwise.exports.film_lists import LISTS

    movies = [service.model.catalogue[film] for film in films]
    put(LISTS[kind](movies), out)
    missing = [] if kind == "letterboxd" else [movie.title for movie in movies if not getattr(movie, f"{kind}_id")]
    if missing:
        say(f"Left out, because their ids at {kind.upper()} are unknown: {', '.join(missing)}.")


def put_json(content: object, out: Path | None = None) -> None:
    """Write JSON to a file or to standard output."""
    put(json.dumps(content, ensure_ascii=False, indent=2) + "\n", out)


def put(text: str, out: Path | None) -> None:
    """Write a text to a file, which appears whole or not at all, or to standard output."""
    from reelwise.storage.atomic import replacing_file

    if out is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    with replacing_file(out) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
