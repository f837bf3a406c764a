"""The application: settings and a model in, a FastAPI app out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from reelwise import __version__
from reelwise.api import contract, docs, health, page, problems, v1
from reelwise.api.loading import Loading
from reelwise.api.middleware import BodyLimit, ModelHeaders
from reelwise.api.model import ModelSlot, open_slot, put_slot
from reelwise.settings import Settings
from reelwise.store.location import is_folder

if TYPE_CHECKING:
    from reelwise.recommender import Recommender

MAX_BODY_BYTES = 64 * 1024

DESCRIPTION = """\
Recommends films by matrix factorisation: to a user of the data set, or to somebody who names 1 to 20 films.

Every error is a problem (RFC 9457, `application/problem+json`) with `type`, `title`, `status` and `detail`.
While a model is loaded every response names it in the header `X-Model-Revision`;
`X-Model-Simulated: true` says that it was trained on simulated viewers.
"""

TAGS = [
    {"name": "recommendations", "description": "Films worth seeing, best first, with the predicted stars."},
    {"name": "matching", "description": "The user of the data set who fits a selection."},
    {
        "name": "v1",
        "description": "Films, and recommendations with reasons: by taste unless asked otherwise, and without a taste "
        "model by predicted stars.",
    },
    {"name": "status", "description": "Whether the server is alive and a model is loaded."},
]


class ReelwiseAPI(FastAPI):
    """FastAPI with the shape of our errors among the components of its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        document["components"]["schemas"].update(problems.problem_schemas())
        return document


def create_app(settings: Settings | None = None, recommender: "Recommender | None" = None) -> FastAPI:
    """The API as an ASGI application.

    Args:
        settings: What is set; by default read from the environment and `.env`.
        recommender: What to answer from. By default the model of the settings is loaded when the application starts; if
            that fails it starts all the same, answers 503, and says why. A model that is elsewhere is fetched while the
            application runs.

    Raises:
        UsageError: A setting that cannot be meant.
    """
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading = Loading(app, settings.model_address)
        if recommender is None and is_folder(settings.model_address):
            put_slot(app, open_slot(Path(settings.model_address)))
        elif recommender is None:
            loading.start()
        # Requests run side by side already; BLAS threads would only wait for each other in products this small.
        with threadpool_limits(limits=1, user_api="blas"):
            yield
        loading.stop()

    app = ReelwiseAPI(
        title="Reelwise",
        version=__version__,
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        openapi_tags=TAGS,
        docs_url=None,  # our own pages instead, see docs.py
        redoc_url=None,
        lifespan=lifespan,
        responses=problems.problems("default"),
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    put_slot(app, ModelSlot(recommender))
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.add_middleware(ModelHeaders)
    problems.install(app)
    app.include_router(contract.router)
    app.include_router(v1.router)
    app.include_router(health.router)
    docs.install(app)
    page.install(app)
    return app
