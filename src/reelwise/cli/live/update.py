"""Commands that learn from what users told: update, rollback."""

from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.models import own_folder
from reelwise.cli.options import ModelOption, SeedOption, StoreOption, ThreadsOption, settings_with, threads_or_all
from reelwise.errors import UsageError
from reelwise.progress import reporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reelwise.live.store import Store

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise update --model model --store sqlite:///reelwise.db[/bold]")
def update(
    model: ModelOption = None,
    store: StoreOption = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Train from scratch, as is done by itself at 20 % new ratings.")
    ] = False,
    seed: SeedOption = 42,
    threads: ThreadsOption = None,
) -> None:
    """Have the model learn what users told the live store, new users and films, too.

    The newer model is measured beside the served one on the newest ratings. If it is worse, it is refused, and this
    ends with 1. Else it takes the other's place, which a running server notices; `reelwise rollback` goes back.
    A server with REELWISE_UPDATE=auto does this by itself.
    """
    from reelwise.cli.terminal import say
    from reelwise.training.refresh.promote import refresh

    folder = own_folder(model)
    with opened_store(store) as opened, reporting(None) as on_progress:
        done = refresh(
            folder, opened, anew=anew, seed=seed, threads=threads_or_all(threads), on_progress=on_progress, say=say
        )
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
    address = settings_with(store=store).store.get_secret_value()
    with _opened(address) if address else nullcontext() as opened:
        was, now = roll_back(folder, opened)
    say(f"Revision {now} takes the place of {was} in {folder}.")


@contextmanager
def opened_store(store: str | None) -> "Iterator[Store]":
    """The live store that `--store` or the settings name.

    Raises:
        UsageError: Raised when neither does, or there is no such file.
        StoreError: Raised when it cannot be opened.
    """
    address = settings_with(store=store).store.get_secret_value()
    if not address:
        raise UsageError("there is no live store; name one with --store, or set REELWISE_STORE")
    with _opened(address) as opened:
        yield opened


@contextmanager
def _opened(address: str) -> "Iterator[Store]":
    """The store at an address, which a server made; a mistyped one shall not become a new and empty store."""
    from reelwise.live.store import Store

    with closing(Store(address)) as opened:
        if opened.path is not None and not opened.path.exists():
            raise UsageError(f"{opened.path}: there is no such live store; name the one of a server with --store")
        opened.open()
        yield opened
