"""The page at `/app/`: files of the package `web`, in the reader's language. Nothing on it has a foreign origin."""

import re
from http import HTTPStatus
from pathlib import PurePath
from urllib.parse import quote

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from reelwise.data.vocabulary import Id
from reelwise.errors import ModelNotReady, UnknownMovie
from reelwise.serving.dependencies import service_of_now
from reelwise.serving.page.documents import Document, document, film_document
from reelwise.serving.page.files import FILES, FINGERPRINT, MEDIA_TYPES, PACKED
from reelwise.serving.page.languages import negotiate
from reelwise.serving.posters.routes import KEPT_BY_BROWSERS
from reelwise.serving.responses import packed_response
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.ids import MovieIdInQuery
from reelwise.serving.state import server_state

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}

_DOCUMENTS = {"": "main/index.html", "map": "map/map.html", "model": "model/model.html"}
_HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.IGNORECASE)
_READ_ID: TypeAdapter[Id] = TypeAdapter(MovieIdInQuery)

router = new_router("/app", include_in_schema=False)


@router.get("")
async def with_slash() -> Response:
    """The addresses on the page are relative to `/app/`; this one is relative, too, so that any prefix will do."""
    return RedirectResponse("app/", 308)


@router.get("/")
@router.get("/map")
@router.get("/model")
async def page(request: Request) -> Response:
    """Pick films and get films, all films at once, and how good the model is."""
    name = request.scope["path"].rpartition("/")[2].rstrip("\n")  # routes match before a last line feed, too
    return _send(request, document(_DOCUMENTS[name], _language(request)))


@router.get("/film/{movie_id:id}")
def film_page(request: Request, movie_id: str) -> Response:
    """One film: the main page, which opens it, with what a link to it tells; 404 where there is no such film.

    A server that asks for keys tells nothing of its films here, because whoever looks at a link has none.
    """
    server, language = server_state(request.app), _language(request)
    if server.settings.known_api_keys:
        return _send(request, film_document(None, language))
    try:
        service = service_of_now()
        film = service.film(_READ_ID.validate_python(movie_id))
    except ModelNotReady:
        return _send(request, film_document(None, language))
    except (UnknownMovie, ValidationError):
        return _send(request, film_document(None, language), HTTPStatus.NOT_FOUND)
    site, spelt = _site(request), quote(str(film.movie_id), safe="")
    has_poster = site and server.posters is not None and film.tmdb_id is not None
    image = f"{site}/api/v1/movies/{spelt}/poster?width=w500" if has_poster else ""
    address = site and f"{site}/app/film/{spelt}"
    return _send(request, film_document(film, language, address, image, service.model.scale.high))


@router.get("/tmdb.svg")
async def tmdb_logo(request: Request) -> Response:
    """The logo of whose posters are shown, as TMDB's terms ask for; 404 where there are none."""
    posters = server_state(request.app).posters
    logo = await posters.logo() if posters is not None else b""
    if not logo:
        raise HTTPException(404)
    return Response(logo, media_type="image/svg+xml", headers=KEPT_BY_BROWSERS)


@router.get("/static/{fingerprint}/{name:path}")
async def static(request: Request, fingerprint: str, name: str) -> Response:
    """A script, a style, a font or a picture of the page."""
    if fingerprint != FINGERPRINT or name not in FILES:
        raise HTTPException(404)
    media_type = MEDIA_TYPES[PurePath(name).suffix]
    if name not in PACKED:
        return Response(FILES[name], media_type=media_type, headers=FOREVER)
    return packed_response(request, FILES[name], media_type, FOREVER, PACKED[name])


@router.get("/{mistyped}")
async def no_page(request: Request) -> Response:
    """404 with the main page, for people, who go on from there."""
    return _send(request, document("main/index.html", _language(request)), HTTPStatus.NOT_FOUND)


def _language(request: Request) -> str:
    return negotiate(request.headers.get("Accept-Language", ""), request.query_params.get("language", ""))


def _site(request: Request) -> str:
    """The address of the server, as its caller knows it; "" where that is none."""
    host = request.headers.get("Host", "")
    return f"{request['scheme']}://{host}{request.get('root_path', '')}" if _HOST.fullmatch(host) else ""


def _send(request: Request, page: Document, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A document, or that it is the one that the client has."""
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language", "Content-Language": page.language}
    if status is HTTPStatus.OK:
        headers["ETag"] = page.tag
    response = packed_response(request, page.content, "text/html", headers, page.packed)
    if status is not HTTPStatus.OK:
        response.status_code = status
    return response
