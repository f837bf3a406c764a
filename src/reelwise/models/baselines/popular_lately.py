"""Everybody is recommended what most people liked lately.

Late is relative to the newest rating that the model was fitted to, so it is as late as the data are. Where recommenders
are measured after one moment for everybody, this alone is a strong one (Tikhonovich et al., "eSASRec: Enhancing
Transformer-based Recommendations in a Modular Fashion", RecSys 2025).
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypedDict, Unpack

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.likes import likes_of
from reelwise.data.types import Doubles, Floats
from reelwise.errors import UsageError
from reelwise.models.base import Estimator
from reelwise.models.config import check_numbers
from reelwise.models.queries import Queries
from reelwise.storage.arrays import ArrayStore

_DAY = 86_400_000_000  # microseconds


class RecentLikes(Estimator):
    """Movies by their likes, each of which counts by its age; for everybody alike.

    Attributes:
        likes: float32, shape (movies,); the sum of the weights of each movie's likes.
    """

    learns_from_times = True
    likes: Floats

    def fit_rows(self, train: Interactions) -> Self:
        """Add up the likes.

        Raises:
            UsageError: Raised when the ratings have no times.
        """
        liked = likes_of(train)
        if train.times is None or liked.times is None:
            raise UsageError("the ratings have no times, so nothing is known to be late; name the column of times")
        days = (train.times.max() - liked.times) / _DAY
        sums = np.bincount(liked.movies, self.weigh(days), minlength=train.shape[1])
        self.likes = sums.astype(np.float32)
        return self

    @abstractmethod
    def weigh(self, days: Doubles) -> Doubles:
        """How much likes count that are so many days old, shape (likes,)."""

    def score(self, queries: Queries) -> Floats:
        """The sums of weights; float32, shape (queries, movies)."""
        return np.broadcast_to(self.likes, (len(queries), len(self.likes)))

    def save_arrays(self, store: ArrayStore) -> None:
        """Write the sums as `recent_likes`."""
        store.write("recent_likes", self.likes)

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote."""
        self.scale = scale
        self.likes = store.read("recent_likes", "<f4", (None,))
        return self


@dataclass(frozen=True)
class PopularLatelyConfig:
    """Hyper-parameters of `PopularLately`.

    Attributes:
        days: how old a like may be.
    """

    days: float = 365.0

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_numbers(self, "days")


class PopularLatelyValues(TypedDict, total=False):
    """Some of them by name, for whoever checks types."""

    days: float


class PopularLately(RecentLikes):
    """Movies by their likes of the last so many days; those that have as many, by all their likes."""

    name: ClassVar[str] = "popular-lately"
    config_type: ClassVar[type[Any]] = PopularLatelyConfig
    config: PopularLatelyConfig

    def __init__(
        self, config: PopularLatelyConfig | None = None, **hyperparameters: Unpack[PopularLatelyValues]
    ) -> None:
        super().__init__(config, **hyperparameters)

    def weigh(self, days: Doubles) -> Doubles:
        """1 for a like that is late, and next to nothing for others."""
        return np.where(days <= self.config.days, 1.0, 1e-6)


@dataclass(frozen=True)
class PopularDecayedConfig:
    """Hyper-parameters of `PopularDecayed`.

    Attributes:
        half_life: after how many days a like counts half as much.
    """

    half_life: float = 180.0

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_numbers(self, "half_life")
        if self.half_life == 0:
            raise ValueError("half_life is 0; expected some days")


class PopularDecayedValues(TypedDict, total=False):
    """Some of them by name."""

    half_life: float


class PopularDecayed(RecentLikes):
    """Movies by their likes, which count the less the older they are."""

    name: ClassVar[str] = "popular-decayed"
    config_type: ClassVar[type[Any]] = PopularDecayedConfig
    config: PopularDecayedConfig

    def __init__(
        self, config: PopularDecayedConfig | None = None, **hyperparameters: Unpack[PopularDecayedValues]
    ) -> None:
        super().__init__(config, **hyperparameters)

    def weigh(self, days: Doubles) -> Doubles:
        """2^(-days / half_life)."""
        return np.exp2(-days / self.config.half_life)
