"""Commands that ask a model: recommend, match."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reelwise.cli.models import model_folder, open_model, open_service
from reelwise.cli.options import (
    ConfOption,
    Engine,
    EngineOption,
    JsonOption,
    MasterOption,
    ModelOption,
    MoviesOption,
    NumberOption,
    TitlesOption,
    check_engine,
)
from reelwise.cli.spark import recommend_on_spark
from reelwise.errors import UsageError
from reelwise.recommend.choices import RankBy, Strategy

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model
    from reelwise.data.vocabulary import Id
    from reelwise.recommend.results import Match, Recommendation
    from reelwise.recommend.service import Service

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise recommend --titles 'toy story; finding nemo'[/bold]")
def recommend(
    user: Annotated[int | None, typer.Option("--user", help="A user id of the data set.")] = None,
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    number: NumberOption = 10,
    rank_by: Annotated[
        RankBy | None, typer.Option("--rank-by", help="Best by taste, or by predicted stars, first.")
    ] = None,
    strategy: Annotated[
        Strategy | None, typer.Option("--strategy", help="For picks: a blend of all users, or the best matching one.")
    ] = None,
    genres: Annotated[str | None, typer.Option("--genres", help="Only films with one of these.", metavar="A,B")] = None,
    without: Annotated[str | None, typer.Option("--without", help="No film with one of these.", metavar="A,B")] = None,
    year_min: Annotated[int | None, typer.Option("--year-min", help="Not older.")] = None,
    year_max: Annotated[int | None, typer.Option("--year-max", help="Not newer.")] = None,
    min_ratings: Annotated[int, typer.Option("--min-ratings", min=0, help="Only films that so many rated.")] = 0,
    novelty: Annotated[float, typer.Option("--novelty", min=0, max=1, help="0 well known, 1 hidden gems.")] = 0,
    diversity: Annotated[float, typer.Option("--diversity", min=0, max=1, help="0 best fitting, 1 most varied.")] = 0,
    everybody: Annotated[bool, typer.Option("--all", help="For every user of the model, into a Parquet file.")] = False,
    out: Annotated[
        str | None,
        typer.Option("--out", help="The Parquet file for --all; with Spark, a folder's address.", metavar="FILE"),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
    engine: EngineOption = Engine.LOCAL,
    master: MasterOption = None,
    conf: ConfOption = None,
) -> None:
    """Recommend films to a known user, to somebody who likes some films, or to everybody."""
    from reelwise.cli.terminal import say, table
    from reelwise.recommend.filters import Filters
    from reelwise.recommend.request import Request

    check_engine(
        engine,
        {"a recommendation without --all": not everybody},
        {"--master": master is not None, "--conf": bool(conf)},
    )
    if everybody or out is not None:
        if not (everybody and out) or user is not None or movies or titles:
            raise UsageError("--all goes with --out FILE, and without --user, --movies and --titles")
        if engine is Engine.SPARK:
            recommend_on_spark(model_folder(model), number, out, master, conf or [])
        else:
            _write_everybody(open_model(model), number, Path(out))
        return
    if (user is None) == (movies is None and titles is None):
        raise UsageError("say either --user, or films with --movies or --titles")
    service = open_service(model)
    filters = Filters(
        n=number,
        genres=_split_words(genres),
        without_genres=_split_words(without),
        year_min=year_min,
        year_max=year_max,
        min_ratings=min_ratings,
        novelty=novelty,
        diversity=diversity,
    )
    picks = [] if user is not None else _read_selection(service, movies, titles)
    found = service.recommend(Request(user=user, movies=picks, rank_by=rank_by, strategy=strategy, filters=filters))
    if not found:
        say("There is nothing to recommend: no film passes, or nobody rated any of these films.")
    if as_json:
        typer.echo(json.dumps([_to_json(film) for film in found], ensure_ascii=False, indent=2))
    elif found:
        table(
            ("stars", "film", "genres", "because of", "id"),
            [
                (
                    film.format_stars(),
                    film.title,
                    ", ".join(film.genres),
                    ", ".join(f"{reason.title} {reason.share:.0%}" for reason in film.reasons),
                    str(film.movie_id),
                )
                for film in found
            ],
        )


@commands.command(epilog="Example: [bold]reelwise match --movies 1,296,593[/bold]")
def match(
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the user of the data set who best matches some films."""
    service = open_service(model)
    found = service.match(_read_selection(service, movies, titles))
    if as_json:
        typer.echo(json.dumps(_match_to_json(found), ensure_ascii=False, indent=2))
    elif found.user_id is None or found.average_rating is None:
        typer.echo("Nobody rated any of these films.")
    else:
        mean = f"{found.average_rating:.2f} stars on average"
        typer.echo(f"User {found.user_id} rated {found.match_count} of these films, {mean}.")


def _write_everybody(model: "Model", number: int, out: Path) -> None:
    """Write everybody's recommendations to a Parquet file, which appears whole or not at all."""
    import polars as pl

    from reelwise.artifacts.atomic import replacing_file
    from reelwise.cli.terminal import counting_progress, say
    from reelwise.recommend.batch import recommend_all

    users = len(model.users)
    names = ("userId", "movieId", "rank", "score", "predicted_stars")
    parts: list[pl.DataFrame] = []
    started = time.perf_counter()
    with counting_progress("users", users) as advance:
        for count, batch in recommend_all(model, number):
            parts.append(pl.DataFrame(dict(zip(names, batch, strict=True))))
            advance(count)
    speed = users / (time.perf_counter() - started)
    with replacing_file(out) as unfinished:
        pl.concat(parts).write_parquet(unfinished)
    say(f"{out}: {sum(map(len, parts)):,} recommendations for {users:,} users, {speed:,.0f} users/s.")


def _to_json(film: "Recommendation") -> dict[str, Any]:
    return film._asdict() | {"reasons": [asdict(reason) for reason in film.reasons]}


def _match_to_json(found: "Match") -> dict[str, Any]:
    return asdict(found) | {"named": [film._asdict() for film in found.named]}


def _split_words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def _read_selection(service: "Service", movies: str | None, titles: str | None) -> "list[Id]":
    """The ids named by --movies and --titles, 1 to 20 of them; says which film each title was taken for."""
    from reelwise.cli.terminal import say

    try:
        chosen: list[Id] = [int(part) for part in (movies or "").split(",") if part.strip()]
    except ValueError:
        raise UsageError(f"--movies is {movies!r}; expected ids with commas between them, such as 1,296") from None
    for title in filter(None, (part.strip() for part in (titles or "").split(";"))):
        best = next(iter(service.search(title, 1)), None)
        if best is None:
            raise UsageError(f"no film is called anything like {title!r}")
        say(f"{title}: {best.title}")
        chosen.append(best.movie_id)
    if not 1 <= len(chosen) <= 20:
        raise UsageError(f"{len(chosen)} films are chosen; name 1 to 20 with --movies or --titles")
    return chosen
