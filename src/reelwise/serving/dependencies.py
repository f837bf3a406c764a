"""The model that the server holds, or the reason why it holds none; and the one that a request is answered from."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request

from reelwise.errors import ModelNotReady
from reelwise.recommend.recommender import Recommender
from reelwise.serving.telemetry.metrics import metrics_of
from reelwise.serving.telemetry.watched import watched


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


def put_slot(app: FastAPI, slot: ModelSlot) -> None:
    """Give `app` the model that it answers from; requests that have begun keep the one they began with."""
    app.state.model = slot
    metrics_of(app).show_model(slot.recommender.description if slot.recommender else None)


def slot_of(app: FastAPI) -> ModelSlot:
    """The model that `app` answers from, or the reason why there is none."""
    slot: ModelSlot = app.state.model
    return slot


def take_slot(scope: MutableMapping[str, Any], anew: bool = False) -> ModelSlot:
    """The model that this request is answered from: the one there was when it began, or is now if taken `anew`."""
    state: dict[str, Any] = scope.setdefault("state", {})
    if anew or "model" not in state:
        state["model"] = slot_of(scope["app"])
    slot: ModelSlot = state["model"]
    return slot


async def _loaded_recommender(request: Request) -> Recommender:  # async, so that it takes no thread
    return watched(take_slot(request.scope).get())


RecommenderDep = Annotated[Recommender, Depends(_loaded_recommender)]
"""The recommender, for an endpoint that needs one; without a model the request ends with 503."""
