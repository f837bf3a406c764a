"""Where posters and details of films come from: The Movie Database. Its key goes there and nowhere else."""

import asyncio
import json
import logging
import re
from collections.abc import Coroutine, Mapping
from time import monotonic
from types import MappingProxyType
from typing import Any, TypeVar

import httpx2

from reelwise._network import cache_folder, parse_retry_after
from reelwise._version import __version__
from reelwise.errors import DownloadError
from reelwise.serving.posters.cache import NONE, FilmCache, Poster
from reelwise.serving.posters.details import Details, as_overview, reduce

# The server's own logger: the line looks like its neighbours and follows uvicorn's --log-level.
logger = logging.getLogger("uvicorn.error")

API = "https://api.themoviedb.org/3"
PICTURES = "https://image.tmdb.org/t/p"
LOGO = (
    "https://www.themoviedb.org/assets/2/v4/logos/v2/"
    "blue_short-8e7b30f73a4020692ccca9c88bafe5dcb6f8a62a4c6bc55cd9ba82bb2cd95f6c.svg"
)
"""Where TMDB has the logo that its terms ask for. It is TMDB's own, so it is shown from there and is no part of us."""

MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_LOGO_BYTES = 64 * 1024
MAX_FACTS_BYTES = 256 * 1024
MAX_DETAILS_BYTES = 2 * 1024 * 1024  # with everybody who worked on the film
DETAILS_AGE = 24 * 3600.0  # seconds; where a film can be watched changes daily
SECONDS = 8.0  # for one answer, waiting for others included
PAUSE = 30.0  # seconds without another try after a fault
LONGEST_PAUSE = 600.0
_AT_ONCE = 8  # requests
_NO_FILM = 0  # has no number at TMDB

_FILE = re.compile(r"/[A-Za-z0-9_-]+\.[a-z]+")  # what TMDB calls a picture
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)  # TMDB has short keys and long tokens; both will do


_NO_PARAMS: Mapping[str, str] = MappingProxyType({})
_Answer = TypeVar("_Answer")


class Posters:
    """Fetches posters and details, or takes them from the cache. For one event loop."""

    def __init__(self, key: str) -> None:
        self._cache = FilmCache(cache_folder("posters"))
        self._details = FilmCache(cache_folder("details"), max_age=DETAILS_AGE)
        is_token = _TOKEN.fullmatch(key) is not None
        self._params = {} if is_token else {"api_key": key}
        self._headers = {"Authorization": f"Bearer {key}"} if is_token else {}
        self._client: httpx2.AsyncClient | None = None
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._pause_ends, self._why = 0.0, ""
        logging.getLogger("httpx2").addFilter(_without_key)

    async def get(self, tmdb_id: int, width: str) -> Poster:
        """The poster of a film in one of TMDB's widths; `NONE` if the film has none, or none that makes sense.

        Raises:
            DownloadError: Raised when TMDB cannot be asked now; `retry_after` says when to try again.
        """
        known = await asyncio.to_thread(self._cache.get, tmdb_id, width)
        if known is not None:
            return Poster(known)
        poster = await self._asked(self._fetched(tmdb_id, width))
        await asyncio.to_thread(self._cache.put, tmdb_id, width, poster.content)
        return poster

    async def details(self, tmdb_id: int, language: str) -> Details | None:
        """TMDB's details of a film in a language, or in English where it has no words in that; None if it has none.

        Raises:
            DownloadError: As `get` does.
        """
        known = await asyncio.to_thread(self._details.get, tmdb_id, language)
        if known is None:
            found = await self._asked(self._told(tmdb_id, language))
            known = found.model_dump_json().encode() if found else b""
            await asyncio.to_thread(self._details.put, tmdb_id, language, known)
        return Details.model_validate_json(known) if known else None

    async def logo(self) -> bytes:
        """TMDB's logo as SVG; empty if it is not where it was, which nothing else has to wait for."""
        known = await asyncio.to_thread(self._cache.get, _NO_FILM, "logo")
        if known is None:
            try:
                async with asyncio.timeout(SECONDS), self._opened().stream("GET", LOGO) as response:
                    found = await _content(response, MAX_LOGO_BYTES, "image/svg+xml") if response.is_success else None
            except (TimeoutError, httpx2.HTTPError):
                found = None
            known = found or b""
            await asyncio.to_thread(self._cache.put, _NO_FILM, "logo", known)
        return known

    async def close(self) -> None:
        """Close the connections to TMDB."""
        if self._client is not None:
            await self._client.aclose()

    async def _asked(self, asking: Coroutine[Any, Any, _Answer]) -> _Answer:
        try:
            async with asyncio.timeout(SECONDS), self._places:
                if monotonic() < self._pause_ends:
                    raise self._unavailable()
                return await asking
        except TimeoutError:
            raise self._paused(f"TMDB did not answer within {SECONDS:g} s") from None
        except httpx2.HTTPError as error:
            raise self._paused(f"TMDB cannot be reached ({type(error).__name__})") from None
        finally:
            asking.close()  # where nothing was asked

    async def _fetched(self, tmdb_id: int, width: str) -> Poster:
        facts = await self._body(f"{API}/movie/{tmdb_id}", MAX_FACTS_BYTES, "application/json", with_key=True)
        name = _text(facts, "poster_path")
        if name is None or not _FILE.fullmatch(name):
            return NONE
        picture = Poster(await self._body(f"{PICTURES}/{width}{name}", MAX_PICTURE_BYTES, "image/") or b"")
        return picture if picture.media_type else NONE

    async def _told(self, tmdb_id: int, language: str) -> Details | None:
        url, more = f"{API}/movie/{tmdb_id}", {"append_to_response": "credits,watch/providers", "language": language}
        content = await self._body(url, MAX_DETAILS_BYTES, "application/json", with_key=True, params=more)
        if content is None:
            return None
        try:
            found = reduce(content)
        except ValueError:
            return None
        if found.overview or language == "en":
            return found
        plain = await self._body(url, MAX_FACTS_BYTES, "application/json", with_key=True)
        return found.model_copy(update={"overview": as_overview(_text(plain, "overview"))})

    async def _body(
        self, url: str, most: int, media_type: str, with_key: bool = False, params: Mapping[str, str] = _NO_PARAMS
    ) -> bytes | None:
        """What is at `url`; None if nothing is, or something of another type or size, which says nothing of others."""
        own, headers = (self._params, self._headers) if with_key else ({}, {})
        async with self._opened().stream("GET", url, params={**params, **own}, headers=headers) as response:
            if response.status_code == httpx2.codes.NOT_FOUND:
                return None
            if response.status_code == httpx2.codes.UNAUTHORIZED:
                raise self._paused("TMDB refuses the key in TMDB_API_KEY")
            if response.status_code != httpx2.codes.OK:
                wait = parse_retry_after(response.headers.get("Retry-After", ""))
                raise self._paused(f"TMDB answered {response.status_code}", PAUSE if wait is None else wait)
            return await _content(response, most, media_type)

    def _opened(self) -> httpx2.AsyncClient:
        """The client, made when it is first needed."""
        self._client = self._client or httpx2.AsyncClient(
            timeout=SECONDS, headers={"User-Agent": f"reelwise/{__version__}"}
        )
        return self._client

    def _paused(self, why: str, pause: float = PAUSE) -> DownloadError:
        """Do not ask again for a while, so that nobody waits for a server that is away."""
        self._pause_ends, self._why = monotonic() + min(max(pause, 1.0), LONGEST_PAUSE), why
        logger.warning("There is nothing from TMDB for a while: %s.", why)
        return self._unavailable()

    def _unavailable(self) -> DownloadError:
        return DownloadError(f"{self._why}; try again later", max(self._pause_ends - monotonic(), 1.0))


async def _content(response: httpx2.Response, most: int, media_type: str) -> bytes | None:
    """The body of an answer; None if that is of another type, or longer than that many bytes."""
    if not response.headers.get("Content-Type", "").startswith(media_type):
        return None
    content = b""
    async for part in response.aiter_bytes():
        content += part
        if len(content) > most:
            return None
    return content


def _text(facts: bytes | None, name: str) -> str | None:
    """A text among what TMDB knows of a film, such as what its poster is called; None if there is none."""
    try:
        found: Any = json.loads(facts or b"")[name]
    except (ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) else None


def _without_key(record: logging.LogRecord) -> bool:
    """Take keys out of the addresses that the client logs."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_remove_param("api_key") if isinstance(arg, httpx2.URL) else arg for arg in record.args
        )
    return True
