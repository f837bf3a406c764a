"""Commands that update the model from the live store: update, rollback."""

from contextlib import nullcontext
from typing import Annotated

import typer

from reelwise.cli.models import own_folder
from reelwise.cli.options import SEED, ModelOption, SeedOption, StoreOption, ThreadsOption
from reelwise.cli.store import opened_store, store_address
from reelwise.progress import reporting

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise update --model model --store sqlite:///reelwise.db[/bold]")
def update(
    model: ModelOption = None,
    store: StoreOption = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Train from scratch, as happens by itself at 20 % new ratings.")
    ] = False,
    seed: SeedOption = SEED,
    threads: ThreadsOption = None,
) -> None:
    """Update the model with what the live store received, new users and films included.

    The newer model is measured beside the served one on the newest ratings. If it is worse, it is refused, and the exit
    code is 1. Otherwise it replaces the other, which a running server notices; `reelwise rollback` goes back.
    A server with REELWISE_UPDATE=auto does this by itself.
    """
    from reelwise.artifacts.folder import check_target
    from reelwise.cli.terminal import say
    from reelwise.training.refresh.promote import refresh

    folder = own_folder(model)
    check_target(folder)
    with opened_store(store) as opened, reporting(None) as on_progress:
        done = refresh(folder, opened, anew=anew, seed=seed, threads=threads, on_progress=on_progress, say=say)
    if done is not None:
        say(f"Revision {done.revision} takes the place of {done.served} in {folder}.")


@commands.command(epilog="Example: [bold]reelwise rollback --model model[/bold]")
def rollback(model: ModelOption = None, store: StoreOption = None) -> None:
    """Go back to the model before the last update; the same again takes that back.

    Where there is a live store, the update is not repeated at once.
    """
    from reelwise.cli.terminal import say
    from reelwise.training.refresh.roll_back import roll_back

    folder = own_folder(model)
    with opened_store(store) if store_address(store) else nullcontext() as opened:
        was, now = roll_back(folder, opened)
    say(f"Revision {now} takes the place of {was} in {folder}.")
