"""`/api/v1/me`: the notebook of whom a site vouches for, and of nobody else."""

from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.problems import problem, problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.fixed import AnswerBody, Rounded
from reelwise.serving.schemas.ids import Id, MovieId
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, Film
from reelwise.serving.state import server_state
from reelwise.serving.telemetry.observation import current
from reelwise.serving.visitors.tokens import HEADER, WANTED

router = new_router("/api/v1/me", tags=["users"])

MOST_NOTES = 1000

_REFUSED = problem(403, "The server vouches for nobody, or the token is not the site's, or no longer good.")
_SAID: dict[str, JsonValue] = {"stars": 4.5, "seen": True, "liked": False, "disliked": False, "watchlist": False}
_KEPT = FILM_EXAMPLE | _SAID | {"at": 1790000000000}


def _visitor(request: Request, token: Annotated[str, Header(alias=HEADER, max_length=4000)] = "") -> Id:
    visitors = server_state(request.app).visitors
    user = visitors.user_of(token) if visitors else None
    if user is None:
        raise HTTPException(403, WANTED)
    return user


VisitorDep = Annotated[Id, Depends(_visitor)]
"""The user whom the site vouches for; nobody else's can be named."""


class KeptFilm(Film):
    """A film, and what the user says of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEPT]})

    stars: Rounded | None
    """The user's stars on the model's scale; null for none."""
    seen: bool
    """Whether the user has seen it."""
    liked: bool
    """Whether the user likes it."""
    disliked: bool
    """Whether it is not for the user."""
    watchlist: bool
    """Whether it is on the user's watchlist."""
    at: int
    """When anything of it was said last, in milliseconds since 1970; 0 where that is not known."""


class Notebook(AnswerBody):
    """What a user says of films."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user_id": "alice", "films": [_KEPT]}]})

    user_id: Id
    """Who it is."""
    films: list[KeptFilm]
    """The films of which something is said."""


class GivenNote(BaseModel):
    """What the user says of a film now, in place of before."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    movie_id: Annotated[MovieId, Field(alias="movieId")]
    """The film."""
    stars: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """The stars, on the model's scale."""
    seen: bool = False
    """Whether the user has seen it."""
    liked: bool = False
    """Whether the user likes it."""
    disliked: bool = False
    """Whether it is not for the user."""
    watchlist: bool = False
    """Whether it is on the user's watchlist."""


class GivenNotes(BaseModel):
    """Entries for a notebook."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"films": [_SAID | {"movieId": 296}]}]})

    films: Annotated[list[GivenNote], Field(min_length=1, max_length=MOST_NOTES)]


@router.get(
    "/films",
    summary="The visitor's notebook",
    responses=_REFUSED | problem(404, "The user was erased.") | problems(422, 503),
)
def get_notebook(service: ServiceDep, visitor: VisitorDep) -> Notebook:
    """What the user whom the site vouches for says of films, in the data of the model and since."""
    user, kept = current().ask(service.feedback.notebook, visitor)
    films = [
        KeptFilm.model_validate(film._asdict() | note._asdict() | {"at": note.at // 1000}, from_attributes=True)
        for film, note in kept
    ]
    return Notebook(user_id=user, films=films)


@router.post(
    "/films",
    summary="Keep what the visitor says of films",
    status_code=204,
    responses=_REFUSED | problem(404, "There is no such film, or the user was erased.") | problems(413, 422, 503),
)
def send_notes(service: ServiceDep, visitor: VisitorDep, given: GivenNotes) -> None:
    """Each entry takes the place of what was said of its film; one that says nothing takes it away.

    It counts at once: in the user's lists, as every event of `/api/v1/feedback` does.
    """
    from reelwise.live.notebooks import Note

    notes = [Note(one.movie_id, one.stars, one.seen, one.liked, one.disliked, one.watchlist) for one in given.films]
    current().ask(service.feedback.keep, visitor, notes)
