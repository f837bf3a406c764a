"""Commands that move models: push, pull."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.models import model_folder, open_model, own_folder
from reelwise.cli.options import ModelOption
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reelwise.artifacts.model import Model

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise push me/films --model model[/bold]")
def push(
    repository: Annotated[str, typer.Argument(help="Where to: owner/repo.", metavar="OWNER/REPO")],
    model: ModelOption = None,
    private: Annotated[bool | None, typer.Option("--private/--public", help="Visibility of a new repository.")] = None,
    revision: Annotated[str | None, typer.Option("--revision", help="A branch; created if it is missing.")] = None,
    create_pr: Annotated[bool, typer.Option("--create-pr", help="Propose it as a pull request.")] = False,
    histories: Annotated[
        bool, typer.Option("--histories/--no-histories", help="Include the users and what they rated.")
    ] = True,
    overwrite_card: Annotated[
        bool, typer.Option("--overwrite-card", help="Even if the card on the Hub was edited by hand.")
    ] = False,
) -> None:
    """Publish a model on the Hugging Face Hub, by one commit, with a card. HF_TOKEN says who you are."""
    from reelwise.cli.terminal import say
    from reelwise.remote.hub import HubAddress
    from reelwise.remote.publishing import Publication, publish

    address = HubAddress.parse(repository)
    if revision is not None:
        if address.revision is not None:
            raise UsageError(f"{repository} names a revision, and so does --revision; say one of them")
        address = HubAddress.parse(f"{address}@{revision}")
    folder = own_folder(model)
    if histories and private is not True:
        _warn_of_licence(open_model(model), say)
    done = publish(folder, Publication(address, private, create_pr, histories, overwrite_card))
    if done.card_kept:
        say("The card on the Hub was edited by hand, so it stays as it is; --overwrite-card replaces it.")
    if done.histories_before:
        say("Histories that were there before are removed, but earlier commits still hold them.")
    became = "Nothing is new in it: this model is there already" if done.unchanged else "Published"
    say(f"{became} as {address}, commit {done.commit[:12]}. Next: reelwise serve --model {address}")
    typer.echo(done.url)


@commands.command(epilog="Example: [bold]reelwise pull me/films@main --out model[/bold]")
def pull(
    repository: Annotated[str, typer.Argument(help="What: owner/repo, or owner/repo@revision.")],
    out: Annotated[Path, typer.Option("--out", help="Where it goes.", metavar="DIR")] = Path("model"),
) -> None:
    """Fetch a model from the Hugging Face Hub, or from another store, into a folder; everything is checked."""
    from reelwise.artifacts.check import copy_model
    from reelwise.artifacts.folder import check_target
    from reelwise.cli.terminal import say
    from reelwise.remote.addresses import check_address, is_folder

    check_target(out)
    folder = model_folder(check_address(f"hf://{repository}" if is_folder(repository) else repository))
    model = copy_model(folder, out)
    description = model.description
    say(f"{description.dataset}, revision {description.revision}, from {folder.name[:12]}.")
    say(f"Next: reelwise serve --model {out}")
    typer.echo(str(out))


def _warn_of_licence(model: "Model", say: "Callable[[str], None]") -> None:
    """Warn where histories, which are the ratings themselves, may not be passed on."""
    from reelwise.data.published import NOT_REDISTRIBUTABLE, PUBLISHED

    name = model.config.dataset.name
    if model.histories is not None and any(
        one.name == name and one.licence == NOT_REDISTRIBUTABLE for one in PUBLISHED
    ):
        say(f"Check the licence: the ratings of {name} may not be redistributed, and histories are these ratings.")
        say("--no-histories leaves them out; --private keeps a new repository to yourself.")
