"""Commands that recommend: recommend, match."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reelwise.cli.asking.everybody import write_everybody
from reelwise.cli.asking.frames import check_format
from reelwise.cli.asking.outlet import ListFormat, put_json, write_list
from reelwise.cli.asking.selection import read_candidates, read_matched, read_selection, say_notes
from reelwise.cli.asking.together import EXPECTED, read_members, show_together
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
    refuse,
)
from reelwise.cli.spark import recommend_on_spark
from reelwise.errors import UsageError
from reelwise.recommend.choices import RankBy, Strategy
from reelwise.settings import words

if TYPE_CHECKING:
    from reelwise.recommend.results import Match, Recommendation

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise recommend --titles 'toy story; finding nemo'[/bold]")
def recommend(
    user: Annotated[str | None, typer.Option("--user", help="A user id of the data set.", metavar="ID")] = None,
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    ratings: Annotated[
        Path | None,
        typer.Option(
            "--ratings",
            help="A visitor's history: a file that a film site exported, as `history` reads it.",
            metavar="FILE",
        ),
    ] = None,
    only: Annotated[
        Path | None,
        typer.Option(
            "--only",
            help="Only films of this file: a watchlist or list that a film site exported, or one id per line.",
            metavar="FILE",
        ),
    ] = None,
    watchlist: Annotated[
        bool, typer.Option("--watchlist", help="Only films on the watchlist of the file that --ratings names.")
    ] = False,
    together: Annotated[
        list[str] | None,
        typer.Option(
            "--together",
            help=f"One of 2 to 8 people who watch together; once for each: {EXPECTED}.",
            metavar="WHO",
        ),
    ] = None,
    nobody_below: Annotated[
        float | None,
        typer.Option(
            "--nobody-below", help="With --together: only films that everybody is predicted to give so many stars."
        ),
    ] = None,
    number: NumberOption = 10,
    rank_by: Annotated[RankBy | None, typer.Option("--rank-by", help="Order by taste, or by predicted stars.")] = None,
    strategy: Annotated[
        Strategy | None, typer.Option("--strategy", help="For picks: a blend of all users, or the best matching one.")
    ] = None,
    genres: Annotated[str | None, typer.Option("--genres", help="Only films with one of these.", metavar="A,B")] = None,
    without: Annotated[str | None, typer.Option("--without", help="No film with one of these.", metavar="A,B")] = None,
    year_min: Annotated[int | None, typer.Option("--year-min", help="Not older.")] = None,
    year_max: Annotated[int | None, typer.Option("--year-max", help="Not newer.")] = None,
    min_ratings: Annotated[int, typer.Option("--min-ratings", help="Only films with at least so many ratings.")] = 0,
    balance: Annotated[
        float | None, typer.Option("--balance", help="0 well known, 1 hidden; by default what training chose.")
    ] = None,
    diversity: Annotated[float, typer.Option("--diversity", help="0 best fitting, 1 most varied.")] = 0,
    everybody: Annotated[bool, typer.Option("--all", help="For every user of the model, as a table.")] = False,
    users: Annotated[
        Path | None,
        typer.Option(
            "--users",
            help="For the users in this file, as a table: one id per line, or a column.",
            metavar="FILE",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            help="Where the table of --all goes: .parquet, .csv, .json or .jsonl; with Spark, a folder's address. With "
            "--format, where the list goes.",
            metavar="FILE",
        ),
    ] = None,
    kind: Annotated[
        ListFormat | None,
        typer.Option(
            "--format", help="Write the list as other sites import it, instead of a table.", show_choices=True
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
    engine: EngineOption = Engine.LOCAL,
    master: MasterOption = None,
    conf: ConfOption = None,
) -> None:
    """Recommend films to a known user, to a visitor who likes some or brings a history, to a group, or to everybody."""
    from reelwise.cli.terminal import say, table
    from reelwise.recommend.filters import Filters
    from reelwise.recommend.groups.request import GroupRequest
    from reelwise.recommend.request import Request

    many = everybody or users is not None
    check_engine(
        engine,
        {"a recommendation without --all": not many, "--users": users is not None},
        {"--master": master is not None, "--conf": bool(conf)},
    )
    if many or (out is not None and kind is None):
        if not many or out is None:
            raise UsageError("--all and --users need --out FILE; --out FILE needs --all, --users or --format")
        refuse(
            {"--user": bool(user), "--movies": bool(movies), "--titles": bool(titles), "--ratings": bool(ratings),
             "--only": bool(only), "--watchlist": watchlist, "--together": bool(together),
             "--nobody-below": nobody_below is not None, "--rank-by": rank_by is not None,
             "--strategy": strategy is not None, "--genres": bool(genres), "--without": bool(without),
             "--year-min": year_min is not None, "--year-max": year_max is not None, "--min-ratings": min_ratings > 0,
             "--diversity": diversity > 0, "--format": kind is not None, "--json": as_json},
            "cannot be combined with --all or --users",
        )  # fmt: skip
        if engine is Engine.SPARK:
            recommend_on_spark(model_folder(model), number, out, master, conf or [], balance)
            return
        check_format(Path(out))
        write_everybody(open_model(model), number, Path(out), users, balance)
        return
    asking = (user is not None, movies is not None or titles is not None, ratings is not None, bool(together))
    if sum(asking) != 1:
        raise UsageError(
            "say either --user, or films with --movies or --titles, or a history with --ratings, or who watches "
            "--together"
        )
    if (nobody_below is not None and not together) or (together and strategy):
        raise UsageError("--nobody-below needs --together, and --strategy cannot be combined with it")
    if watchlist and (ratings is None or only is not None):
        raise UsageError("--watchlist needs --ratings, and cannot be combined with --only")
    if as_json and kind is not None:
        raise UsageError("--json and --format both say what to write; leave one out")
    service, file = open_service(model), None if out is None else Path(out)
    filters = Filters(
        n=number,
        genres=words(genres or ""),
        without_genres=words(without or ""),
        year_min=year_min,
        year_max=year_max,
        min_ratings=min_ratings,
        balance=balance,
        diversity=diversity,
    )
    candidates = read_candidates(service, only) if only is not None else None
    if together:
        wishes = Request(only=candidates, rank_by=rank_by, filters=filters)
        group = GroupRequest(read_members(service, together), wishes, nobody_below)
        together_found = service.recommend_together(group)
        say_notes(together_found)
        if kind not in (None, ListFormat.JSON):
            write_list(service, kind, [film.movie_id for film in together_found], file)
        else:
            show_together(together_found, as_json or kind is not None, file)
        return
    if ratings is not None:
        history = read_matched(service, ratings)
        if watchlist and not history.watchlist:
            raise UsageError(f"--watchlist: {ratings} has no watchlist with films that the model knows")
        candidates = history.watchlist if watchlist else candidates
        request = Request.for_history(
            history, only=candidates, rank_by=rank_by, strategy=strategy, filters=filters, told=False
        )
    else:
        picks = [] if user is not None else read_selection(service, movies, titles)
        request = Request(user=user, movies=picks, only=candidates, rank_by=rank_by, strategy=strategy, filters=filters)
    found = service.recommend(request)
    say_notes(found)
    if not found:
        say("No film matches the filters, or no user rated any of these films.")
    if as_json or kind is ListFormat.JSON:
        put_json([_to_json(film) for film in found], file)
    elif kind is not None:
        write_list(service, kind, [film.movie_id for film in found], file)
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
    found = service.match(read_selection(service, movies, titles))
    say_notes(found)
    if as_json:
        put_json(_match_to_json(found))
    elif found.user_id is None:
        typer.echo("Nobody rated any of these films.")
    else:
        mean = "" if found.average_rating is None else f", {found.average_rating:.2f} stars on average"
        typer.echo(f"User {found.user_id} rated {found.match_count} of these films{mean}.")


def _to_json(film: "Recommendation") -> dict[str, Any]:
    return film._asdict() | {"reasons": [asdict(reason) for reason in film.reasons]}


def _match_to_json(found: "Match") -> dict[str, Any]:
    return asdict(found) | {"named": [film._asdict() for film in found.named]}
