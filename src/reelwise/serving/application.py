"""The application: settings and a model in, a FastAPI app out."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware import Middleware
from threadpoolctl import threadpool_limits

from reelwise._version import __version__
from reelwise.errors import StoreError
from reelwise.recommend.service import Service
from reelwise.remote.addresses import is_folder
from reelwise.serving import posters, problems, visitors
from reelwise.serving.assistants import Assistants
from reelwise.serving.middleware.api_keys import ApiKeys
from reelwise.serving.middleware.cors import CORS
from reelwise.serving.middleware.guard import Guard
from reelwise.serving.middleware.hosts import Hosts
from reelwise.serving.middleware.telemetry import Telemetry
from reelwise.serving.model_manager import ModelManager
from reelwise.serving.openapi import DESCRIPTION, TAGS, ReelwiseAPI
from reelwise.serving.replacing.refresher import refreshing
from reelwise.serving.replacing.watcher import Watcher
from reelwise.serving.routes import (
    discovery,
    docs,
    feedback,
    films,
    fixed,
    health,
    histories,
    likely_seen,
    lookups,
    metrics,
    model,
    page,
    reload,
    users,
    v1,
)
from reelwise.serving.run.sighup import on_hangup
from reelwise.serving.state import ServerState, server_state
from reelwise.serving.telemetry.metrics import ServerMetrics
from reelwise.serving.telemetry.shown import ShownFigures
from reelwise.settings import Settings, unknown_variables

if TYPE_CHECKING:
    from reelwise.live.store import Store
    from reelwise.recommend.recommender import Recommender

logger = logging.getLogger("uvicorn.error")  # the server's own

_CHECK_SECONDS, _FORGET_SECONDS = 1.0, 3600.0  # between two looks at the live store
_THREADS = 4  # that work at a time; with more, all take longer, and so does the event loop, which waits for its turn

MAX_BODY_BYTES = 256 * 1024  # 2,000 stars and 5,000 films to be left out fit

# `discovery`, `films` and `lookups` come before `/movies/{movie_id}` of `v1`, which would take their words for ids.
TOPICS = (
    fixed,
    discovery,
    films,
    lookups,
    v1,
    likely_seen,
    feedback,
    users,
    visitors,
    histories,
    posters,
    model,
    reload,
    health,
    metrics,
    docs,
    page,
)


def create_app(settings: Settings | None = None, recommender: "Recommender | None" = None) -> FastAPI:
    """The API as an ASGI application.

    Args:
        settings: What is set; by default read from the environment and `.env`.
        recommender: What to answer from. By default the model of the settings is loaded when the application starts; if
            that fails it starts all the same, answers 503, and says why. A model that is elsewhere is fetched while the
            application runs; a newer one takes its place when the folder changes, or on request.

    Raises:
        UsageError: Raised when a setting is invalid.
    """
    settings = settings or Settings()
    measured = ServerMetrics()
    store = _open_store(settings)
    models = ModelManager(measured, None if recommender else settings.model, _service(recommender, store), store)
    assistants = Assistants(settings.known_cors_origins) if settings.mcp else None
    shown = None if store is None else ShownFigures(store)
    secret = settings.user_secret.get_secret_value()
    vouched = visitors.Visitors(secret) if secret and store is not None else None
    server = ServerState(settings, measured, models, posters.open_posters(settings), store, shown, assistants, vouched)
    app = ReelwiseAPI(
        title="Reelwise",
        version=__version__,
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        openapi_tags=TAGS,
        docs_url=None,  # our own pages instead, see routes/docs.py
        redoc_url=None,
        lifespan=_lifespan,
        # Not `include_router`, which looks for the route of each request twice.
        routes=[
            *([assistants.route] if assistants else []),
            *(route for topic in TOPICS for route in topic.router.routes),
        ],
        middleware=_middleware(server),
    )
    app.state.server = server
    problems.install(app)
    return app


def describe_api() -> dict[str, Any]:
    """The OpenAPI document of a server without keys, whatever is set here."""
    return create_app(Settings.model_construct()).openapi()


def _open_store(settings: Settings) -> "Store | None":
    """The live store of the settings, to be opened later; None where there is none, and no database is imported."""
    address = settings.store.get_secret_value()
    if not address:
        return None
    from reelwise.live.store import Store

    return Store(address)


def _service(recommender: "Recommender | None", store: "Store | None") -> Service | None:
    """The service of the recommender that was passed in, if one was."""
    if recommender is None:
        return None
    return recommender.service if store is None else Service(recommender.model, store)


def _middleware(server: ServerState) -> list[Middleware]:
    """The layers that a request passes on its way to the paths, from the outside in."""
    settings = server.settings
    layers = [Middleware(Telemetry, server)]  # sees what happens in all others, refusals and failures included
    if settings.known_cors_origins:
        layers.append(Middleware(CORS, settings.known_cors_origins))  # a browser asks for permission without a key
    if settings.known_api_keys:
        keys, admin_key = settings.known_api_keys, settings.admin_key.get_secret_value()
        # Outside of the limits, so that requests without a key count for none.
        layers.append(Middleware(ApiKeys, keys, admin_key, server.visitors))
    hosts = Hosts(settings.known_hosts)
    return [*layers, Middleware(Guard, MAX_BODY_BYTES, settings.request_seconds, settings.max_requests, hosts)]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    server = server_state(app)
    for warning in unknown_variables():
        logger.warning("%s", warning)
    if os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true" and find_spec("opentelemetry.sdk") is None:
        logger.warning('No traces are sent: that takes pip install "reelwise[otel]".')
    if server.store is None:  # a thread that works for a request waits for nothing but its turn
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
    # Requests run side by side already; BLAS threads would only wait for each other in products this small.
    with threadpool_limits(limits=1, user_api="blas"), _up_to_date(server.models, server.settings.watch):
        async with _learning(server.store, server.settings.keep_days) if server.store else nullcontext():
            with refreshing(server):
                async with server.assistants.running() if server.assistants else nullcontext():
                    yield
    if server.posters:
        await server.posters.close()


@asynccontextmanager
async def _learning(store: "Store", days: int) -> AsyncIterator[None]:
    """While the block runs, the store is open and watched, and what is older than that is forgotten."""
    await to_thread.run_sync(_try_open, store)
    tasks = [
        asyncio.create_task(_repeat(store.check, _CHECK_SECONDS)),
        asyncio.create_task(_repeat(partial(store.forget, days), _FORGET_SECONDS)),
    ]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await to_thread.run_sync(store.close)


def _try_open(store: "Store") -> None:
    """Open the store; if that fails, recommending goes on from the model, and the next write tries again."""
    try:
        store.open()
    except StoreError:  # which it has logged itself
        logger.warning("Nothing is learnt from users until the live store can be used.")
    else:
        logger.info("What users tell is kept in the live store %s.", store.name)


async def _repeat(work: Callable[[], object], seconds: float) -> None:
    """Do some work now, and again after so many seconds; where the store is away, the next time will do."""
    while True:
        with suppress(StoreError):
            await to_thread.run_sync(work)
        await asyncio.sleep(seconds)


@contextmanager
def _up_to_date(models: ModelManager, watch: bool) -> Iterator[None]:
    """While the block runs, the model is loaded, and a newer one when it is noticed or asked for."""
    if models.address is None:
        yield
        return
    watcher = Watcher(models, Path(models.address) if watch and is_folder(models.address) else None)
    models.start()
    watcher.start()
    with on_hangup(watcher.request):
        yield
    watcher.stop()
    models.stop()
