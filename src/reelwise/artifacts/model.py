"""A trained model in memory: everything that a model folder holds."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.config import Config
from reelwise.data.catalogue import Catalogue
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ids, Ratings, RatingScale
from reelwise.errors import UsageError
from reelwise.models.ranking.blending import Taste
from reelwise.models.rating.uncertainty import Uncertainty


@dataclass(frozen=True)
class Description:
    """What a model is, in short. `revision` tells two models apart."""

    revision: str
    dataset: str
    simulated: bool
    users: int
    movies: int
    ratings: int
    trained_at: str


@dataclass(frozen=True)
class Model:
    """Everything a model folder holds.

    Attributes:
        config: what the model is and how it came to be.
        metrics: its figures on held-out ratings.
        P: float32, shape (users, k); `P[u] @ Q[i]` is the predicted stars.
        Q: float32, shape (movies, k).
        history: who rated what; its ids name the rows of P and Q. Nobody rated anything where histories were left out.
        catalogue: every film of the data set, with or without a row of Q.
        taste: the taste model; None if there is none.
        spread: how sure predicted stars are; None if that was not measured.
        map: float32, shape (movies, 2), from -1 to 1; films of a like taste lie close together. None if there is none.
        counted: the popularity of the movies where histories were left out; else None, since it follows from them.
    """

    config: Config
    metrics: dict[str, Any]
    P: npt.NDArray[np.float32]
    Q: npt.NDArray[np.float32]
    history: Ratings
    catalogue: Catalogue
    taste: Taste | None = None
    spread: Uncertainty | None = None
    map: npt.NDArray[np.float32] | None = None
    counted: MovieStats | None = field(default=None, repr=False)

    @property
    def description(self) -> Description:
        """The model in short."""
        config = self.config
        return Description(
            revision=hashlib.sha256(config.model_dump_json().encode()).hexdigest()[:12],
            dataset=config.dataset.name,
            simulated=config.dataset.simulated,
            users=config.counts.users,
            movies=config.counts.movies,
            ratings=config.counts.ratings,
            trained_at=config.trained_at,
        )

    @property
    def has_histories(self) -> bool:
        """Whether it says who rated what. If not, its users are nameless profiles that selections are blended from."""
        return self.config.histories is not None

    @cached_property
    def popularity(self) -> MovieStats:
        """How many people rated each movie, and what they gave on average."""
        return self.counted or MovieStats.of(self.history.by_movie)


def without_histories(model: Model) -> Model:
    """`model` without what its users rated and who they are: what is left serves selections by blending.

    Only the users that stand for all viewers when a selection is blended are kept, as rows numbered from 1. Movies keep
    their number of ratings and their mean stars.

    Raises:
        UsageError: if the model has no taste model, because then histories are all that it could serve selections with.
    """
    taste, settings = model.taste, model.config.taste_model
    if taste is None or settings is None:
        raise UsageError("this model has no taste model, so without histories it could not recommend to anybody")
    kept = taste.profiles.users
    history = nameless(len(kept), model.history.movie_ids, model.history.scale)
    profiles, blend = taste.profiles.without_histories(settings.blend)
    profiles = replace(profiles, users=np.arange(len(kept), dtype=np.int32))
    config = model.config.model_copy(
        update={
            "histories": None,
            "counts": model.config.counts.model_copy(update={"users": len(kept), "ratings": 0}),
            "taste_model": settings.model_copy(update={"blend": blend}),
        }
    )
    return replace(
        model,
        config=config,
        P=model.P[kept],
        history=history,
        taste=Taste(taste.P[kept], taste.Q, profiles),
        spread=model.spread and model.spread.rows(kept),
        counted=model.popularity,
    )


def nameless(users: int, movie_ids: Ids, scale: RatingScale) -> Ratings:
    """The histories of users, numbered from 1, of whom nobody knows what they rated."""
    nobody = np.empty(0, np.int64)
    return Ratings.from_columns(
        nobody,
        nobody,
        nobody.astype(np.float32),
        scale=scale,
        known_users=np.arange(1, users + 1, dtype=np.int64),
        known_movies=movie_ids,
    )
