"""The shapes of `/api/v1/groups`: several people who want to see films together."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from reelwise.errors import UsageError
from reelwise.recommend.groups.request import GroupRequest, Member, check_members, check_size, name_members
from reelwise.recommend.limits import LONGEST_NAME, MEMBERS, WHO
from reelwise.recommend.request import Request
from reelwise.serving.schemas.fixed import AnswerBody, Rounded
from reelwise.serving.schemas.ids import Id, UserId
from reelwise.serving.schemas.params import (
    Candidates,
    Disliked,
    Excluded,
    GivenStars,
    Liked,
    refusal,
    said_by,
    user_or,
)
from reelwise.serving.schemas.v1 import FILM_EXAMPLE, NAMED_EXAMPLE, Film, FilterParams, NamedFilm, Reason
from reelwise.serving.schemas.words import Source


def _check_size(members: object) -> None:
    if isinstance(members, list):
        check_size(members)


class GroupMember(BaseModel):
    """One of the people: a user, or somebody who names films."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        json_schema_extra=user_or("movie_ids", "stars", "disliked_ids"),
    )

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] | None = None
    """What the answer calls this person; by default `member 1` and so on."""
    user_id: UserId | None = None
    """The id of a user; then no films are named."""
    movie_ids: Liked = []
    """Films that this person likes."""
    stars: GivenStars = {}
    """Stars that this person gives to films, by movie id: a whole history, if there is one."""
    disliked_ids: Disliked = []
    """Films that this person does not like."""

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if (self.user_id is None) == (not (self.movie_ids or self.stars or self.disliked_ids)):
            raise refusal(WHO)
        return self

    def ask(self) -> Request:
        """Who it is, in the recommender's words."""
        return Request(
            user=self.user_id,
            movies=self.movie_ids,
            stars=self.stars,
            disliked=self.disliked_ids,
            or_popular=True,
        )


class GroupRecommendationRequest(FilterParams):
    """Several people, and what their list shall be like."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {"members": [{"name": "Ann", "movie_ids": [296, 593]}, {"name": "Bo", "stars": {"1": 4.5, "2571": 5}}]},
                {
                    "members": [{"movie_ids": [296]}, {"user_id": 8}, {"movie_ids": [1196], "disliked_ids": [296]}],
                    "n": 5,
                    "nobody_below": 3,
                    "without_genres": ["Horror"],
                },
            ]
        },
    )

    members: Annotated[
        Annotated[list[GroupMember], Field(min_length=MEMBERS[0], max_length=MEMBERS[1])], said_by(_check_size)
    ]
    """2 to 8 people. No film is shown that one of them has seen or names."""
    nobody_below: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """Only films whose predicted stars are that high for each of them, on the model's rating scale."""
    exclude_ids: Excluded = Field(default_factory=list)
    """Films that shall not be shown."""
    only_ids: Candidates | None = None
    """The films to choose from, such as a library; by default all."""

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        try:
            check_members(self._names)
        except UsageError as error:
            raise refusal(error) from None
        return self

    @property
    def _names(self) -> list[str]:
        return name_members([member.name for member in self.members])

    def ask(self) -> GroupRequest:
        """The request in the recommender's words."""
        members = [Member(name, member.ask()) for name, member in zip(self._names, self.members, strict=True)]
        wishes = Request(exclude=self.exclude_ids, only=self.only_ids, rank_by=self.rank_by, filters=self.filters)
        return GroupRequest(members, wishes, self.nobody_below)


_REASON: JsonValue = {"movieId": 593, "title": "Silence of the Lambs, The (1991)", "share": 0.311}
_OPINION: dict[str, JsonValue] = {
    "name": "Ann",
    "fit": 0.934,
    "predicted_stars": 4.213,
    "stars_margin": 0.614,
    "reason": _REASON,
}
_GROUP_FILM: dict[str, JsonValue] = FILM_EXAMPLE | {"members": [_OPINION]}


class MemberOpinion(AnswerBody):
    """What a film probably is to one of the people."""

    name: str
    """Of the person."""
    fit: Rounded
    """How well the film fits; 1 is as good as the ten best films that there are for this person alone."""
    predicted_stars: Rounded | None
    """The predicted stars; null where the model was trained without stars."""
    stars_margin: Rounded | None
    """How sure that is: about two of three such people's true stars lie within so much of `predicted_stars`."""
    reason: Reason | None
    """The film of this person's that carries it most; null where nothing stands out."""


class GroupFilm(Film):
    """A film that is worth seeing together."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GROUP_FILM]})

    members: list[MemberOpinion]
    """What it is to each of the people, in their order."""


class UnderstoodMember(AnswerBody):
    """What was understood of one of the people."""

    name: str
    """Of the person."""
    source: Source
    """What stands for this person: all users weighed by how well they fit, the person's own ratings, and so on."""
    named: list[NamedFilm]
    """What became of each film of this person's that is in the data set."""
    unknown_ids: list[Id]
    """The ids of this person's films that are not in the data set, ascending."""


class RecommendedTogether(AnswerBody):
    """Films for several people, in the order in which they should be considered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recommendations": [_GROUP_FILM],
                    "members": [{"name": "Ann", "source": "blend", "named": [NAMED_EXAMPLE], "unknown_ids": []}],
                    "named": [],
                    "unknown_ids": [],
                }
            ]
        }
    )

    recommendations: Annotated[list[GroupFilm], Field(validation_alias="films")]
    """The films; fewer than `n` when no more pass the filters."""
    members: list[UnderstoodMember]
    """What was understood of each of the people, in their order."""
    named: list[NamedFilm]
    """What became of those of `exclude_ids` and `only_ids` that are numbers elsewhere, or that nobody rated."""
    unknown_ids: list[Id]
    """The ids among these that are not in the data set, ascending."""
