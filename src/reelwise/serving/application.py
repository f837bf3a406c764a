"""The application: settings and a model in, a FastAPI app out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from reelwise._version import __version__
from reelwise.remote.addresses import is_folder
from reelwise.serving import posters, problems
from reelwise.serving.dependencies import ModelSlot, put_slot
from reelwise.serving.middleware import api_keys as keys
from reelwise.serving.middleware.api_keys import ApiKeys
from reelwise.serving.middleware.body_limit import BodyLimit
from reelwise.serving.middleware.concurrency_limit import RequestLimit
from reelwise.serving.middleware.cors import CORS
from reelwise.serving.middleware.model_headers import ModelHeaders
from reelwise.serving.middleware.only_http import OnlyHTTP
from reelwise.serving.middleware.query_string import ReadableAddress
from reelwise.serving.middleware.security_headers import SecurityHeaders
from reelwise.serving.middleware.telemetry import Observing
from reelwise.serving.middleware.timeout import TimeLimit
from reelwise.serving.model_manager import Loading
from reelwise.serving.routes import discovery as page_data
from reelwise.serving.routes import docs, health, page, reload, v1
from reelwise.serving.routes import fixed as contract
from reelwise.serving.routes import model as model_page
from reelwise.serving.run.sighup import on_hangup
from reelwise.serving.telemetry import metrics
from reelwise.serving.watcher import Watch
from reelwise.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from reelwise.recommend.recommender import Recommender

MAX_BODY_BYTES = 64 * 1024

DESCRIPTION = """\
Recommends films by matrix factorisation: to a user of the data set, or to somebody who names 1 to 20 films.

Every error is a problem (RFC 9457, `application/problem+json`) with `type`, `title`, `status` and `detail`.
While a model is loaded every response names it in the header `X-Model-Revision`;
`X-Model-Simulated: true` says that it was trained on simulated viewers. Every response carries the request's id in
`X-Request-ID` (its own, if it came with one), and in `Server-Timing` how long the answer took.
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
    """FastAPI observed and behind our guards, with the shape of our errors and the keys in its OpenAPI document."""

    def build_middleware_stack(self) -> "ASGIApp":
        """Everything that a request passes on its way to the paths, from the inside out.

        The guards stand around all that is FastAPI's own, its answer to an unexpected exception included: what they
        add is on every answer, whoever gives it.
        """
        settings: Settings = self.state.settings
        inside = super().build_middleware_stack()
        app: ASGIApp = BodyLimit(inside, MAX_BODY_BYTES)
        app = ReadableAddress(app)
        app = TimeLimit(app, settings.request_seconds)  # around the body, which may be slow to come
        app = RequestLimit(app, settings.max_requests)  # a place is free again when the time is up
        if settings.known_api_keys:
            app = ApiKeys(app, settings.known_api_keys)  # who has no key takes no place
        if settings.known_cors_origins:
            app = CORS(app, settings.known_cors_origins)  # a browser asks without a key whether it may ask with one
        app = SecurityHeaders(ModelHeaders(app))  # on refusals, too
        app = Observing(app, settings.access_log)  # sees what happens in all others, refusals and failures included
        return OnlyHTTP(app, beside=inside)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        document["components"]["schemas"].update(problems.problem_schemas())
        if self.state.settings.known_api_keys:
            keys.declare(document)
        return document


@asynccontextmanager
async def _kept_up_to_date(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Meanwhile, the model of the settings is loaded, and a newer one from there when it is noticed or asked for."""
    address = settings.model
    app.state.loading = loading = Loading(app, address)
    watch = Watch(loading, Path(address) if settings.watch and is_folder(address) else None)
    loading.start()
    watch.start()
    with on_hangup(watch.ask):
        yield
    watch.stop()
    loading.stop()


def create_app(
    settings: Settings | None = None, recommender: "Recommender | None" = None, alone: bool = False
) -> FastAPI:
    """The API as an ASGI application.

    Args:
        settings: What is set; by default read from the environment and `.env`.
        recommender: What to answer from. By default the model of the settings is loaded when the application starts; if
            that fails it starts all the same, answers 503, and says why. A model that is elsewhere is fetched while the
            application runs; a newer one takes its place when the folder changes, or when asked for.
        alone: Whether the process does nothing else. Then what a model is made of is hidden from Python's garbage
            collector, which would stop requests for a while each time that it looks through all of it.

    Raises:
        UsageError: A setting that cannot be meant.
    """
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Requests run side by side already; BLAS threads would only wait for each other in products this small.
        with threadpool_limits(limits=1, user_api="blas"):
            if recommender is not None:
                yield
            else:
                async with _kept_up_to_date(app, settings):
                    yield
        if app.state.posters:
            await app.state.posters.close()

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
    app.state.metrics = metrics.Metrics()
    app.state.posters = posters.Posters.of(settings)
    app.state.alone = alone
    app.state.loading = None  # where the model comes from, once the application starts
    app.state.supervisor = None  # the process that started this one as one of several workers
    put_slot(app, ModelSlot(recommender))
    problems.install(app)
    app.include_router(contract.router)
    app.include_router(page_data.router)  # before /movies/{movie_id}, which would take its words for ids
    app.include_router(v1.router)
    app.include_router(posters.router)
    app.include_router(model_page.router)
    app.include_router(reload.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    docs.install(app)
    page.install(app)
    return app
