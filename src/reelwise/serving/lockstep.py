"""Requests that have arrived together are worked on step by step, each step for all of them.

Reading a request, recommending and writing an answer are so much code, and go through so much memory, that each finds
the processor's caches full of the other two. Done for one request after the other, a step finds them full of its own.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from reelwise.recommend.service import Service
from reelwise.serving.dependencies import current_service
from reelwise.serving.telemetry.observation import current

P = ParamSpec("P")
T = TypeVar("T")


async def in_lockstep(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call when all requests that are here have been read; return when all have been worked on.

    Work that takes more than some milliseconds belongs in a thread instead: all others wait for it.
    """
    await asyncio.sleep(0)
    answer = call(*args, **kwargs)
    await asyncio.sleep(0)
    return answer


async def ask_about_users(question: Callable[[Service], T], respond: Callable[[T], Response]) -> Response:
    """Ask the service, and make the response of its answer, in lockstep.

    Where a database is asked, the service of now is asked in a thread: no other request waits.
    """
    service = current_service()
    if service.asks_store:
        return await run_in_threadpool(lambda: _ask(question, respond, current().model.now()))
    return await in_lockstep(_ask, question, respond, service)


def _ask(question: Callable[[Service], T], respond: Callable[[T], Response], service: Service) -> Response:
    return respond(current().ask(question, service))
