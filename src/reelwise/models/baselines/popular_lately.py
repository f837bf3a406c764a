"""Everybody is recommended what most people liked lately.

Late is relative to the newest rating that the model was fitted to, so it is as late as the data are. Where recommenders
are measured after one moment for everybody, this alone is a strong one (Tikhonovich et al., "eSASRec: Enhancing
Transformer-based Recommendations in a Modular Fashion", RecSys 2025).
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict, Unpack

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles
from reelwise.errors import UsageError
from reelwise.models.baselines.popularity import ByLikes
from reelwise.models.config import check_numbers

_DAY = 86_400_000_000  # microseconds


class RecentLikes(ByLikes):
    """Movies by their likes, each of which counts by its age; for everybody alike.

    Attributes:
        likes: float32, shape (movies,); the sum of the weights of each movie's likes.
    """

    array_name = "recent_likes"
    learns_from_times = True

    def count(self, liked: Interactions, train: Interactions) -> Doubles:
        """The sum of the weights of each movie's likes, shape (movies,).

        Raises:
            UsageError: Raised when the ratings have no times.
        """
        if train.times is None or liked.times is None:
            raise UsageError(
                "the ratings have no times, so nothing is known to be late; name the column of times (a model that was "
                "loaded knows no times: fit it anew)"
            )
        days = (train.times.max() - liked.times) / _DAY
        return np.bincount(liked.movies, self.weigh(days), minlength=train.shape[1]).astype(np.float64)

    @abstractmethod
    def weigh(self, days: Doubles) -> Doubles:
        """How much likes count that are so many days old, shape (likes,)."""


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
        if self.days == 0:
            raise ValueError("days is 0; expected some days")


class PopularLatelyValues(TypedDict, total=False):
    """Some of them by name, for type checkers."""

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
