"""The command that predicts stars: predict."""

from pathlib import Path
from typing import Annotated

import typer

from reelwise.cli.asking.frames import check_format, read_frame, write_frame
from reelwise.cli.asking.outlet import put_json
from reelwise.cli.asking.selection import read_films, read_titles, say_notes
from reelwise.cli.models import open_service
from reelwise.cli.options import ColumnsOption, JsonOption, ModelOption, MoviesOption, TitlesOption
from reelwise.errors import UsageError

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise predict --user 1 --movies 318,296[/bold]")
def predict(
    user: Annotated[str | None, typer.Option("--user", help="Who: a user id of the data set.", metavar="ID")] = None,
    liked: Annotated[
        str | None, typer.Option("--liked", help="Who: a visitor who likes these films.", metavar="ID,ID,…")
    ] = None,
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", help="A table of users and movies instead: CSV or Parquet.", metavar="FILE"),
    ] = None,
    columns: ColumnsOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where the table goes: .parquet, .csv, .json or .jsonl.", metavar="FILE"),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Predict the stars that a user would give films, or that each user of a table would give the movie beside it.

    A table keeps all its rows and gets the columns predicted_stars and stars_margin, which are empty where the user or
    the movie is unknown, or the movie has no ratings.
    """
    if (pairs is None) != (out is None):
        raise UsageError("--pairs FILE and --out FILE need each other")
    if pairs is not None and out is not None:
        if user or liked or movies or titles or as_json:
            raise UsageError("--pairs cannot be combined with --user, --liked, --movies, --titles or --json")
        _predict_pairs(pairs, columns or {}, out, model)
        return
    if columns is not None:
        raise UsageError("--columns needs --pairs")
    if (user is None) == (liked is None) or not (movies or titles):
        raise UsageError("say either --user or --liked, and films with --movies or --titles; or --pairs and --out")
    _predict_films(user, liked, movies, titles, model, as_json)


def _predict_films(
    user: str | None, liked: str | None, movies: str | None, titles: str | None, model: str | None, as_json: bool
) -> None:
    from reelwise.cli.terminal import table
    from reelwise.recommend.request import Request

    service = open_service(model)
    who = Request(user=user, movies=read_films(service, "--liked", liked))
    found = service.predict(who, [*read_films(service, "--movies", movies), *read_titles(titles)])
    say_notes(found)
    if as_json:
        put_json(found.to_dicts())
    elif found:
        rows = [(film.format_stars(), film.title, str(film.movie_id)) for film in found]
        table(("stars", "film", "id"), rows)


def _predict_pairs(pairs: Path, columns: dict[str, str], out: Path, model: str | None) -> None:
    from reelwise.cli.terminal import say

    check_format(out)
    frame = read_frame(pairs, columns)
    found = open_service(model).predict_frame(frame, columns)
    write_frame(out, found)
    missing = found["predicted_stars"].null_count()
    unknown = f", {missing:,} without a prediction (unknown user, or unknown or unrated movie)" if missing else ""
    say(f"{out}: predicted stars of {len(found):,} pairs{unknown}.")
