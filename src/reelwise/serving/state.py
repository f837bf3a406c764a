"""The state of one running application."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from reelwise.live.store import Store
    from reelwise.serving.assistants import Assistants
    from reelwise.serving.model_manager import ModelManager
    from reelwise.serving.posters.tmdb import Posters
    from reelwise.serving.telemetry.metrics import ServerMetrics
    from reelwise.serving.telemetry.shown import ShownFigures
    from reelwise.serving.visitors import Visitors
    from reelwise.settings import Settings


@dataclass
class ServerState:
    """The state of one running application.

    Attributes:
        settings: what is set.
        metrics: what is measured.
        models: the model that requests are answered from, and where newer ones come from.
        posters: where posters come from; None where none are shown.
        store: what users tell; None where they cannot.
        shown: what became of the films that were shown; None without a store.
        assistants: what answers them; None where they are not answered.
        visitors: knows whom a site vouches for; None where no site does.
        supervisor: the process that started this one as one of several workers, if any.
    """

    settings: "Settings"
    metrics: "ServerMetrics"
    models: "ModelManager"
    posters: "Posters | None"
    store: "Store | None" = None
    shown: "ShownFigures | None" = None
    assistants: "Assistants | None" = None
    visitors: "Visitors | None" = None
    supervisor: int | None = None


def server_state(app: "FastAPI") -> ServerState:
    """The state of `app`."""
    state: ServerState = app.state.server
    return state
