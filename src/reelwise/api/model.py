"""The model that the server holds, or the reason why it holds none."""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from reelwise.api.observing.metrics import metrics_of
from reelwise.api.observing.recommender import watched
from reelwise.errors import ModelNotReady, ReelwiseError
from reelwise.recommender import Recommender

# The server's own logger: the line looks like its neighbours and follows uvicorn's --log-level.
logger = logging.getLogger("uvicorn.error")

WHAT_TO_DO = (
    "Make one with `reelwise quickstart` or `reelwise train --data DIR`, "
    "or set REELWISE_MODEL to a model folder or to hf://owner/repo; then start the server again."
)


@dataclass(frozen=True)
class ModelSlot:
    """A loaded recommender, or the reason why there is none."""

    recommender: Recommender | None = None
    reason: str = "The model is not loaded yet; try again in a moment."

    def get(self) -> Recommender:
        """The recommender.

        Raises:
            ModelNotReady: There is none; the text says why and what to do.
        """
        if self.recommender is None:
            raise ModelNotReady(self.reason)
        return self.recommender

    @cached_property
    def headers(self) -> dict[str, str]:
        """What every response says about the model it came from."""
        if self.recommender is None:
            return {}
        model = self.recommender.description
        return {"X-Model-Revision": model.revision} | ({"X-Model-Simulated": "true"} if model.simulated else {})


def load_slot(folder: Path, name: str) -> ModelSlot:
    """Load the model in `folder`, which the log calls `name`.

    Raises:
        ModelError: if it cannot be read.
    """
    recommender = Recommender.load(folder)
    logger.info("Serving the model %s, revision %s.", name, recommender.description.revision)
    if not recommender.model.has_histories:
        logger.warning("This model has no histories: nobody matches a selection, and only strategy=blend answers it.")
    return ModelSlot(recommender)


def open_slot(folder: Path) -> ModelSlot:
    """Load the model in `folder`. A fault is logged and kept as the reason: it never stops the server."""
    try:
        return load_slot(folder, str(folder))
    except ReelwiseError as error:
        reason = f"{error}. {WHAT_TO_DO}"
        logger.warning("No model is loaded. %s", reason)
        return ModelSlot(reason=reason)
    except Exception:
        logger.exception("The model in %s could not be loaded.", folder)
        return ModelSlot(reason=f"The model could not be loaded; the server's log says why. {WHAT_TO_DO}")


def put_slot(app: FastAPI, slot: ModelSlot) -> None:
    """Give `app` the model that it answers from."""
    app.state.model = slot
    metrics_of(app).show_model(slot.recommender.description if slot.recommender else None)


def slot_of(app: FastAPI) -> ModelSlot:
    """The model that `app` answers from, or the reason why there is none."""
    slot: ModelSlot = app.state.model
    return slot


async def _loaded_recommender(request: Request) -> Recommender:
    return watched(slot_of(request.app).get())


RecommenderDep = Annotated[Recommender, Depends(_loaded_recommender)]
"""The recommender, for an endpoint that needs one; without a model the request ends with 503."""
