"""Answers to several people at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from reelwise.data.vocabulary import Id
from reelwise.recommend.choices import Source
from reelwise.recommend.results import Answer, Frame, NamedFilm, Reason, format_stars


class MemberOpinion(NamedTuple):
    """One member's likely opinion of a film.

    Attributes:
        name: of the member.
        fit: how well it fits; 1 is as good as the ten best films that there are for this member alone.
        predicted_stars: clipped to the rating scale; None where the model was trained without stars.
        stars_margin: how sure that is, one standard deviation; None where the model cannot tell.
        reason: the film of this member's that carries it most; None where nothing stands out.
    """

    name: str
    fit: float
    predicted_stars: float | None
    stars_margin: float | None
    reason: Reason | None

    def format_stars(self) -> str:
        """The predicted stars with their margin; a dash where there are none."""
        return format_stars(self.predicted_stars, self.stars_margin)


class GroupRecommendation(NamedTuple):
    """A film for all members.

    Attributes:
        movie_id: the data set's own id.
        title: as the data set spells it.
        year: of the film, if known.
        genres: of the film.
        ratings: how many people rated it.
        mean_stars: what they gave on average; None where no one did, or the data have no stars.
        tmdb_id: its number at TMDB, if known.
        imdb_id: its number at IMDb, if known.
        members: the opinion of each, in the order in which they were named.
    """

    movie_id: Id
    title: str
    year: int | None
    genres: tuple[str, ...]
    ratings: int
    mean_stars: float | None
    tmdb_id: int | None
    imdb_id: int | None
    members: tuple[MemberOpinion, ...]


@dataclass(frozen=True)
class GroupMember(Answer):
    """How a member was understood.

    Attributes:
        name: of the member.
        source: what stands for this person.
        unknown_ids: as every answer says.
        named: likewise.
    """

    name: str
    source: Source
    unknown_ids: tuple[Id, ...] = ()
    named: tuple[NamedFilm, ...] = ()


class _OpinionInFrames(NamedTuple):
    name: str
    fit: float
    predicted_stars: float | None
    stars_margin: float | None
    reason: str | None


@dataclass(frozen=True, repr=False)
class GroupRecommendations(Frame[GroupRecommendation]):
    """Films for several people, in their order. Behaves as a list, and shows as a table.

    Attributes:
        films: the recommendations.
        members: what was understood of each member.
        unknown_ids: of the films that were named for all; those of a member are with the member.
        named: likewise.
    """

    films: tuple[GroupRecommendation, ...]
    members: tuple[GroupMember, ...]
    unknown_ids: tuple[Id, ...] = ()
    named: tuple[NamedFilm, ...] = field(default=(), compare=False)

    row_type = GroupRecommendation
    in_frames: ClassVar[Mapping[str, Any]] = {"members": tuple[_OpinionInFrames, ...]}
    _nothing = "no recommendations"

    @property
    def notes(self) -> list[str]:
        """Sentences on what may surprise, each with the name of the member it concerns."""
        return [*(f"{member.name}: {note}" for member in self.members for note in member.notes), *super().notes]

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        for film in self.films:
            stars = [one.format_stars() for one in film.members]
            because = [f"{one.name} because of {one.reason.title}" for one in film.members if one.reason]
            yield "  ".join(stars), film.title, f"  ({', '.join(because)})" if because else ""

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per film, for data frames; `members` has one dict for each, the reason as a title."""
        return [film._asdict() | {"members": [_to_dict(one) for one in film.members]} for film in self.films]


def _to_dict(opinion: MemberOpinion) -> dict[str, Any]:
    return opinion._asdict() | {"reason": opinion.reason.title if opinion.reason else None}
