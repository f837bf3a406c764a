"""Commands about users: show, export, erase."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reelwise.cli.asking.outlet import put_json
from reelwise.cli.live.everybody import write_all
from reelwise.cli.models import open_model
from reelwise.cli.options import JsonOption, ModelOption, StoreOption
from reelwise.cli.store import opened_store
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reelwise.live.events import Event
    from reelwise.recommend.users.feedback import Feedback, Held

commands = typer.Typer(help="Show, export or erase what is held about a user.", no_args_is_help=True)

UserArgument = Annotated[str, typer.Argument(help="The id of the user.", metavar="ID")]

_SHOWN = 20  # ratings; export has all of them


@commands.command(epilog="Example: [bold]reelwise users show alice[/bold]")
def show(user: UserArgument, model: ModelOption = None, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Show what the model was trained on, and what the live store received since."""
    from reelwise.cli.terminal import say, table

    held = _held(user, model, store)
    if as_json:
        put_json(_to_json(held))
        return
    say(f"User {held.user_id}: {len(held.trained):,} ratings in the model, {len(held.events):,} events in the store.")
    best = sorted(held.trained, key=lambda rated: -(rated.stars or 0))[:_SHOWN]
    if best:
        table(("stars", "film"), [(_stars(stars), film.title) for film, stars in best], "What the model was trained on")
    if held.events:
        latest = held.events[::-1][:_SHOWN]
        rows = [(_time(event), event.type, _stars(event.stars), str(event.movie_id)) for event in latest]
        table(("when", "what", "stars", "movie"), rows, "What happened since")


@commands.command(epilog="Example: [bold]reelwise users export alice --out alice.json[/bold]")
def export(
    user: Annotated[str | None, typer.Argument(help="The id of the user.", metavar="[ID]", show_default=False)] = None,
    everybody: Annotated[
        bool,
        typer.Option("--all", help="Everybody's ratings and the films instead, as training takes them."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="The file to write; with --all it ends in .parquet, .csv, .json or .jsonl. \\[default: show it]",
            metavar="FILE",
        ),
    ] = None,
    model: ModelOption = None,
    store: StoreOption = None,
) -> None:
    """Write everything that is held about a user, as JSON; or with --all what the next model can be trained on.

    These are the ratings that the model was trained on and those that the store received since, without erased users.
    The films go beside them, as movies with the same ending.
    """
    if everybody == (user is not None):
        raise UsageError("name a user, or add --all")
    if user is None:
        if out is None:
            raise UsageError("--all writes a table; add --out FILE, such as ratings.parquet")
        with opened_store(store) as opened:
            write_all(open_model(model), opened, out)
        return
    put_json(_to_json(_held(user, model, store)), out)


@commands.command(epilog="Example: [bold]reelwise users erase alice --yes[/bold]")
def erase(
    user: UserArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    model: ModelOption = None,
    store: StoreOption = None,
) -> None:
    """Delete a user's events, hide the user at once, and keep the user out of every later model.

    The model that is served now keeps the user's numbers until the next training, but answers nothing from them.
    """
    from reelwise.cli.terminal import say

    with _feedback(model, store) as feedback:
        held = feedback.export(user)
        if not yes:
            typer.confirm(
                f"Erase user {held.user_id} with {len(held.events):,} events, for good (--yes skips this question)?",
                abort=True,
            )
        feedback.erase(user)
    say(f"User {held.user_id} is erased. Train again to take the user out of the model's numbers, too.")


def _held(user: str, model: str | None, store: str | None) -> "Held":
    with _feedback(model, store) as feedback:
        return feedback.export(user)


@contextmanager
def _feedback(model: str | None, store: str | None) -> "Iterator[Feedback]":
    """The feedback service over the users of the model and of the store."""
    from reelwise.recommend.films.live import LiveFilms
    from reelwise.recommend.service import Service

    with opened_store(store) as opened:
        yield LiveFilms(Service(open_model(model), opened), opened).service().feedback


def _to_json(held: "Held") -> dict[str, Any]:
    """As `/api/v1/users/{user_id}/export` answers."""
    from reelwise.serving.schemas.feedback import HeldAboutUser

    return HeldAboutUser.of(held).model_dump(mode="json", by_alias=True)


def _time(event: "Event") -> str:
    return event.moment.isoformat().replace("+00:00", "Z")


def _stars(stars: float | None) -> str:
    return "" if stars is None else f"{stars:g}"
