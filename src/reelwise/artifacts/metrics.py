"""`metrics.json` of a model folder: how good the model is on what was held out when it was trained."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from reelwise.artifacts.config import Number, Part

PositiveInt = Annotated[int, Field(gt=0, le=2**63 - 1)]
NonNegativeFloat = Annotated[float, Field(ge=0, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[str, StringConstraints(pattern=r"^0\.\d{1,4}$")]
ProtocolText = Annotated[str, StringConstraints(max_length=2000)]
Shares = Annotated[tuple[Share, ...], Field(max_length=20)]


_OF_TEN = (  # figures of the first ten of a list
    "ndcg", "stratified_ndcg", "recall", "coverage", "distinct", "most_shown", "mean_ndcg", "validation_ndcg",
    "ranking_ndcg",
)  # fmt: skip


def _name_in_json(field: str) -> str:
    return f"{field}@10" if field in _OF_TEN else field


class _Part(Part):
    model_config = ConfigDict(
        alias_generator=_name_in_json, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class Errors(_Part):
    """Errors of predicted stars, in stars: root mean square, and mean absolute."""

    rmse: NonNegativeFloat
    mae: NonNegativeFloat


class RatingFigures(_Part):
    """How good the rating model is.

    `protocol` says in words how that was measured, `ratings` how many were held out. `interval` has the share of true
    stars within the stated intervals, by the share that was aimed at, and `mean_std` the mean of the stated standard
    deviations; None where the model states none. `validation_rmse` was measured after each epoch.
    """

    protocol: ProtocolText
    ratings: PositiveInt
    model: Errors
    biases: Errors
    interval: Annotated[dict[Level, Share], Field(max_length=10)] | None = None
    mean_std: NonNegativeFloat | None = None
    validation_rmse: Annotated[tuple[NonNegativeFloat, ...], Field(max_length=10_000)] = ()

    def describe_intervals(self) -> str | None:
        """One line about how sure predictions are; None where the model states no intervals."""
        if self.interval is None or self.mean_std is None:
            return None
        shares = ", ".join(f"{share:.1%} ({float(level):.0%} interval)" for level, share in self.interval.items())
        return f"true stars within the stated margin: {shares}; the mean margin is {self.mean_std:.2f} stars"


class RecommenderFigures(_Part):
    """How good one recommender is for each number of picks; `interval` is that of 95 % around the mean NDCG@10.

    In `stratified_ndcg` little-known films count more. Of all lists together, `distinct` films are in any, and the one
    that is in most is in the share `most_shown`.
    """

    ndcg: Shares
    stratified_ndcg: Shares
    recall: Shares
    coverage: Shares
    distinct: Annotated[tuple[Number, ...], Field(max_length=20)]
    most_shown: Shares
    mean_ndcg: Share
    interval: tuple[Share, Share]

    def by_picks(self) -> Iterator[tuple[float, ...]]:
        """The figures that are given for each number of picks."""
        yield from (self.ndcg, self.stratified_ndcg, self.recall, self.coverage, self.distinct, self.most_shown)


class SelectionFigures(_Part):
    """How good recommendations from a selection are, for people whom the model has never seen.

    `protocol` says in words how that was measured, and `picks` how many films were given. The `blend` of profiles, with
    the `balance` that lists have by default, stands beside the same at balance 0 (`well_known`; None where that is what
    they have) and the most popular films. `unexplained` is the share of the blend's films without a reason.
    `validation_ndcg` was measured after each iteration.
    """

    protocol: ProtocolText
    picks: Annotated[tuple[PositiveInt, ...], Field(max_length=20)]
    blend: RecommenderFigures
    popularity: RecommenderFigures
    balance: Share = 0.0
    well_known: RecommenderFigures | None = None
    unexplained: Shares = ()
    validation_ndcg: Annotated[tuple[Share, ...], Field(max_length=10_000)] = ()

    def describe_balance(self) -> str:
        """The gain and the cost of the balance, for a middling number of picks; where it is 0, how varied lists are."""
        middle = len(self.picks) // 2

        def say(name: str, style: str) -> str:
            shown = format(getattr(self.blend, name)[middle], style)
            if self.well_known is None:
                return shown
            return f"{shown} ({getattr(self.well_known, name)[middle]:{style}} at balance 0)"

        return (
            f"with {self.picks[middle]} films given, NDCG@10 is {say('ndcg', '.3f')}, stratified NDCG@10 "
            f"{say('stratified_ndcg', '.3f')}; these people's lists show {say('distinct', ',')} different films, and "
            f"the one most shown is in {say('most_shown', '.0%')} of the lists"
        )

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        measured = filter(None, (self.blend, self.popularity, self.well_known))
        by_picks = [one for figures in measured for one in figures.by_picks()]
        if any(len(one) != len(self.picks) for one in [*by_picks, self.unexplained or self.picks]):
            raise ValueError(f"expected {len(self.picks)} figures, one for each number of picks")
        return self


class FoldInFigures(_Part):
    """How good predicted stars are for people whom the model has never seen, and who bring a history.

    `protocol` says in words how that was measured, `given` how many ratings were given, and `people` to how many people
    that applied; `rmse` and, by the share aimed at, the shares of true stars within the stated `interval` follow it.
    """

    protocol: ProtocolText
    given: Annotated[tuple[PositiveInt, ...], Field(max_length=20)]
    people: Annotated[tuple[PositiveInt, ...], Field(max_length=20)]
    rmse: Annotated[tuple[NonNegativeFloat, ...], Field(max_length=20)]
    interval: Annotated[dict[Level, Shares], Field(max_length=10)]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if any(len(one) != len(self.given) for one in (self.people, self.rmse, *self.interval.values())):
            raise ValueError(f"expected {len(self.given)} figures, one for each number of ratings given")
        return self


class NewcomerFigures(_Part):
    """How good the list is for people of whom nothing is known, after a moment that is the same for everybody.

    `protocol` says in words how that was measured, and `people` on how many. `lately` is what was popular lately, with
    its `ndcg` beside that of what the ranking model would show, `ranking_ndcg`.
    """

    protocol: ProtocolText
    people: PositiveInt
    lately: Annotated[str, StringConstraints(max_length=500)]
    ndcg: Share
    ranking_ndcg: Share


class Metrics(_Part):
    """The content of `metrics.json`; what was not measured is None. `seed` is that of what was held out."""

    seed: Number
    stars: RatingFigures | None = None
    selections: SelectionFigures | None = None
    fold_in: FoldInFigures | None = None
    newcomers: NewcomerFigures | None = None

    def describe(self) -> Iterator[str]:
        """The two most telling figures."""
        if self.stars is not None:
            yield f"RMSE {self.stars.model.rmse:.4f}"
        if self.selections is not None:
            yield f"NDCG@10 {self.selections.blend.mean_ndcg:.4f}"
