"""The model that a command works with, wherever it is."""

from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.cli.options import settings_with
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model
    from reelwise.recommend.service import Service


def model_folder(model: str | None) -> Path:
    """The folder of the model that `--model` or the settings name; it is fetched if it is elsewhere."""
    from reelwise.cli.terminal import download_progress, say
    from reelwise.remote.addresses import is_folder, obtain_folder, redact_address

    address = settings_with(model=model).model
    if is_folder(address):
        return obtain_folder(address)
    with download_progress(redact_address(address)) as on_progress:
        return obtain_folder(address, on_progress, lambda line: say(f"{line}."))


def own_folder(model: str | None) -> Path:
    """The folder of the model, for commands that take no other address.

    Raises:
        UsageError: Raised when the model is elsewhere.
    """
    from reelwise.remote.addresses import is_folder, redact_address

    address = settings_with(model=model).model
    if not is_folder(address):
        raise UsageError(
            f"{redact_address(address)} is elsewhere, and this command takes a folder of this machine; fetch it with "
            "`reelwise pull`, and name that folder"
        )
    return Path(address)


def open_model(model: str | None) -> "Model":
    """The model itself."""
    from reelwise.artifacts.model import Model

    return Model.load(model_folder(model))


def open_service(model: str | None) -> "Service":
    """The service that answers from the model."""
    from reelwise.recommend.service import Service

    return Service(open_model(model))
