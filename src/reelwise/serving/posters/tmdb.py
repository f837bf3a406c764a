"""Where posters come from: The Movie Database. Its key goes there and nowhere else."""

import asyncio
import json
import logging
import re
from time import monotonic
from typing import Any

import httpx2

from reelwise._network import cache_folder, parse_retry_after
from reelwise._version import __version__
from reelwise.errors import DownloadError
from reelwise.serving.posters.cache import NONE, Poster, PosterCache

# The server's own logger: the line looks like its neighbours and follows uvicorn's --log-level.
logger = logging.getLogger("uvicorn.error")

API = "https://api.themoviedb.org/3"
PICTURES = "https://image.tmdb.org/t/p"

MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_FACTS_BYTES = 256 * 1024
SECONDS = 8.0  # for one poster, waiting for others included
PAUSE = 30.0  # seconds without another try after a fault
LONGEST_PAUSE = 600.0
_AT_ONCE = 8  # requests

_FILE = re.compile(r"/[A-Za-z0-9_-]+\.[a-z]+")  # what TMDB calls a picture
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)  # TMDB has short keys and long tokens; both will do


class _Unfit(Exception):
    """An answer of another type or size than was asked for."""


class Posters:
    """Fetches posters, or takes them from the cache. For one event loop."""

    def __init__(self, key: str) -> None:
        self._cache = PosterCache(cache_folder("posters"))
        is_token = _TOKEN.fullmatch(key) is not None
        self._params = {} if is_token else {"api_key": key}
        self._headers = {"Authorization": f"Bearer {key}"} if is_token else {}
        self._client: httpx2.AsyncClient | None = None
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._pause_ends, self._why = 0.0, ""
        logging.getLogger("httpx2").addFilter(_without_key)

    async def get(self, tmdb_id: int, width: str) -> Poster:
        """The poster of a film in one of TMDB's widths; `NONE` if the film has none.

        Raises:
            DownloadError: if TMDB cannot be asked now; `retry_after` says when to try again.
        """
        known = await asyncio.to_thread(self._cache.get, tmdb_id, width)
        if known is not None:
            return known
        poster = await self._asked(tmdb_id, width)
        await asyncio.to_thread(self._cache.put, tmdb_id, width, poster)
        return poster

    async def close(self) -> None:
        """Close the connections to TMDB."""
        if self._client is not None:
            await self._client.aclose()

    async def _asked(self, tmdb_id: int, width: str) -> Poster:
        try:
            async with asyncio.timeout(SECONDS), self._places:
                if monotonic() < self._pause_ends:
                    raise self._unavailable()
                return await self._fetched(tmdb_id, width)
        except TimeoutError:
            raise self._paused(f"TMDB did not answer within {SECONDS:g} s") from None
        except _Unfit:
            raise self._paused("TMDB sent something else than what it knows of a film") from None
        except httpx2.HTTPError as error:
            raise self._paused(f"TMDB cannot be reached ({type(error).__name__})") from None

    async def _fetched(self, tmdb_id: int, width: str) -> Poster:
        facts = await self._body(f"{API}/movie/{tmdb_id}", MAX_FACTS_BYTES, "application/json", with_key=True)
        name = _poster_path(facts) if facts else None
        if name is None:
            return NONE
        try:
            picture = Poster(await self._body(f"{PICTURES}/{width}{name}", MAX_PICTURE_BYTES, "image/") or b"")
        except _Unfit:
            return NONE
        return picture if picture.media_type else NONE

    async def _body(self, url: str, most: int, media_type: str, with_key: bool = False) -> bytes | None:
        """What is at `url`; None if nothing is."""
        client = self._client = self._client or httpx2.AsyncClient(
            timeout=SECONDS, headers={"User-Agent": f"reelwise/{__version__}"}
        )
        params, headers = (self._params, self._headers) if with_key else ({}, {})
        async with client.stream("GET", url, params=params, headers=headers) as response:
            if response.status_code == httpx2.codes.NOT_FOUND:
                return None
            if response.status_code == httpx2.codes.UNAUTHORIZED:
                raise self._paused("TMDB refuses the key in TMDB_API_KEY")
            if response.status_code != httpx2.codes.OK:
                wait = parse_retry_after(response.headers.get("Retry-After", ""))
                raise self._paused(f"TMDB answered {response.status_code}", PAUSE if wait is None else wait)
            if not response.headers.get("Content-Type", "").startswith(media_type):
                raise _Unfit
            content = b""
            async for part in response.aiter_bytes():
                content += part
                if len(content) > most:
                    raise _Unfit
            return content

    def _paused(self, why: str, pause: float = PAUSE) -> DownloadError:
        """Do not ask again for a while, so that nobody waits for a server that is away."""
        self._pause_ends, self._why = monotonic() + min(max(pause, 1.0), LONGEST_PAUSE), why
        logger.warning("There are no posters for a while: %s.", why)
        return self._unavailable()

    def _unavailable(self) -> DownloadError:
        return DownloadError(f"{self._why}; try again later", max(self._pause_ends - monotonic(), 1.0))


def _poster_path(facts: bytes) -> str | None:
    """What a film's poster is called, by what TMDB knows of the film; None if it has none."""
    try:
        name: Any = json.loads(facts)["poster_path"]
    except (ValueError, TypeError, KeyError):
        return None
    return name if isinstance(name, str) and _FILE.fullmatch(name) else None


def _without_key(record: logging.LogRecord) -> bool:
    """Take keys out of the addresses that the client logs."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_remove_param("api_key") if isinstance(arg, httpx2.URL) else arg for arg in record.args
        )
    return True
