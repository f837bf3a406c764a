"""Hyper-parameters of the models. Nothing is imported here, so that `--help` is quick."""

import math
from dataclasses import dataclass
from typing import Any, TypedDict

_MOST = 10_000
LARGEST = 1e6
LARGEST_EXPONENT = 4.0  # of numbers of ratings, so that float32 holds what comes of it


@dataclass(frozen=True)
class NoConfig:
    """No hyper-parameters at all."""


@dataclass(frozen=True)
class MatrixFactorizationConfig:
    """Hyper-parameters of `MatrixFactorization`.

    Attributes:
        factors: k, the length of each user's and movie's vector before the biases are folded in.
        epochs: passes over the ratings, at most; None for as many as suit the number of ratings, see `epochs_for`.
        learning_rate: the first step size; it falls in a straight line to nearly zero.
        user_regularisation: L2 weight per rating of the vector of a user with one rating.
        movie_regularisation: the same of a movie.
        frequency_exponent: how fast these weights fall with a row's number of ratings.
        prior_ridge: L2 weight of the vectors that prior means are made of; the greater, the nearer to zero are these.
        bias_damping: how many ratings of exactly the mean a bias is weighed against; it keeps movies that few people
            rated from the ends of the scale.
        initial_std: standard deviation of the random start.
        patience: epochs without improvement before training stops early.
        fold_in_ridge: how many ratings the prior mean of somebody who is folded in weighs.
    """

    factors: int = 64
    epochs: int | None = None
    learning_rate: float = 0.03
    user_regularisation: float = 0.8
    movie_regularisation: float = 2.5
    frequency_exponent: float = 0.5
    prior_ridge: float = 45.0
    bias_damping: float = 5.0
    initial_std: float = 0.02
    patience: int = 10
    fold_in_ridge: float = 12.0

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_counts(self, "factors", "patience", *([] if self.epochs is None else ["epochs"]))
        check_numbers(self, "learning_rate", "user_regularisation", "movie_regularisation")
        check_numbers(self, "frequency_exponent", most=LARGEST_EXPONENT)
        check_numbers(self, "prior_ridge", "bias_damping", "initial_std", "fold_in_ridge")

    def epochs_for(self, ratings: int) -> int:
        """How many passes over so many ratings there are at most.

        The more ratings there are, the fewer passes let steps get small before the factors fit noise: where `epochs`
        does not say, there are 60, from 750,000 ratings on 40, from 3 million on 20, and from 7 million on 10.
        """
        fewest_of = {60: 0, 40: 750_000, 20: 3_000_000, 10: 7_000_000}
        return self.epochs or min(epochs for epochs, fewest in fewest_of.items() if ratings >= fewest)

    @classmethod
    def space(cls) -> dict[str, tuple[int, int] | tuple[float, float]]:
        """Where to search: the lowest and highest value of each hyper-parameter, to be drawn by logarithm."""
        return {
            "factors": (16, 128),
            "learning_rate": (0.005, 0.1),
            "user_regularisation": (0.2, 3.0),
            "movie_regularisation": (0.6, 10.0),
            "frequency_exponent": (0.2, 1.0),
            "prior_ridge": (5.0, 500.0),
            "bias_damping": (1.0, 20.0),
        }


class MatrixFactorizationValues(TypedDict, total=False):
    """Some of them by name, for type checkers; the defaults are those of the config."""

    factors: int
    epochs: int | None
    learning_rate: float
    user_regularisation: float
    movie_regularisation: float
    frequency_exponent: float
    prior_ridge: float
    bias_damping: float
    initial_std: float
    patience: int
    fold_in_ridge: float


@dataclass(frozen=True)
class WeightedALSConfig:
    """Hyper-parameters of `WeightedALS`.

    Attributes:
        factors: k, the length of each vector; None for as many as suit the number of users, see `factors_for`.
        iterations: alternations between users and movies, at most.
        missing_weight: a0, the weight of a pair without a rating, where a rating weighs 1.
        regularisation: L2 weight of the vectors, per weight of their entries.
        frequency_exponent: how that grows with the weight of a row's entries.
        initial_std: length of the movies' random start.
        steps: conjugate-gradient steps per row and half-iteration.
        patience: iterations that rank clearly worse for validation users before training stops early.
    """

    factors: int | None = None
    iterations: int = 6
    missing_weight: float = 0.3
    regularisation: float = 0.003
    frequency_exponent: float = 1.0
    initial_std: float = 0.1
    steps: int = 3
    patience: int = 2

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_counts(self, "iterations", "steps", "patience", *([] if self.factors is None else ["factors"]))
        check_numbers(self, "missing_weight", "regularisation", "initial_std")
        check_numbers(self, "frequency_exponent", most=LARGEST_EXPONENT)
        if self.missing_weight == 0:
            raise ValueError("missing_weight is 0; expected more, or nothing holds the vector of a row without ratings")

    def factors_for(self, users: int) -> int:
        """K for the ratings of so many users.

        What few people rated cannot tell many tastes apart: where `factors` does not say, k grows with the root of
        their number, in steps of 8, from 8 to 64, which it reaches at some 2,000 users.
        """
        return self.factors or 8 * min(max(round(math.sqrt(users) / 6), 1), 8)


class WeightedALSValues(TypedDict, total=False):
    """Some of them by name."""

    factors: int | None
    iterations: int
    missing_weight: float
    regularisation: float
    frequency_exponent: float
    initial_std: float
    steps: int
    patience: int


@dataclass(frozen=True)
class UpdateConfig:
    """How a trained model takes in new ratings; see `reelwise.models.rating.updating`.

    Attributes:
        prior_steps: conjugate-gradient steps that fit the prior means to the vectors of known users and movies.
        newcomer_passes: passes over the ratings of new users and of new movies alone.
        passes: passes over all ratings, after these.
        ranking_iterations: alternations between users and movies in the ranking model.
    """

    prior_steps: int = 4
    newcomer_passes: int = 6
    passes: int = 2
    ranking_iterations: int = 1

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_counts(self, "prior_steps", "ranking_iterations")
        check_numbers(self, "newcomer_passes", "passes")


@dataclass(frozen=True)
class BlendConfig:
    """How profiles are weighed by how well they explain a selection; see `reelwise.models.ranking.blending`.

    Attributes:
        picks: numbers of picks, ascending, for which the next two are known; between them they follow the logarithm.
        inverse_temperatures: the power that tempers the likelihood.
        fold_in_weights: how strongly the blend is corrected towards the picks themselves.
        floor: the least score that a film has for a profile.
        like_bonus: what is added to a film's score for a profile who liked it.
        activity_exponent: how much more a profile with many likes counts; None for as much as suits the number of
            profiles, see `activity_exponent_for`.
        profiles: how many users stand for all, at most.
    """

    picks: tuple[int, ...] = (1, 3, 5, 10, 20)
    inverse_temperatures: tuple[float, ...] = (1.7, 1.45, 1.25, 0.8, 0.5)
    fold_in_weights: tuple[float, ...] = (0.05, 0.15, 0.2, 0.4, 0.8)
    floor: float = 0.01
    like_bonus: float = 0.4
    activity_exponent: float | None = None
    profiles: int = 8192

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_picks(self, "inverse_temperatures", "fold_in_weights")
        check_numbers(self, "inverse_temperatures", "fold_in_weights", "floor", "like_bonus")
        if self.activity_exponent is not None:
            check_numbers(self, "activity_exponent")
        if self.floor == 0:
            raise ValueError("floor is 0; expected more, or what does not suit a profile at all has no likelihood")
        if not 1 <= self.profiles < 2**31:
            raise ValueError(f"profiles is {self.profiles}; expected 1 or more")

    def activity_exponent_for(self, profiles: int) -> float:
        """How much more a profile with many likes counts among so many.

        Among few, the few with many likes would have a say in everybody's list: where `activity_exponent` does not say,
        it grows with the root of their number, to 0.8 at 1,600.
        """
        return min(math.sqrt(profiles) / 50, 0.8) if self.activity_exponent is None else self.activity_exponent


def check_counts(config: object, *names: str) -> None:
    """Refuse values of a config that are not counts.

    Raises:
        ValueError: Raised when one is below 1, or beyond reason.
    """
    for name in names:
        if not 1 <= getattr(config, name) <= _MOST:
            raise ValueError(f"{name} is {getattr(config, name)}; expected 1 to {_MOST}")


def check_numbers(config: object, *names: str, most: float = LARGEST) -> None:
    """Refuse values of a config that are negative, or beyond reason.

    Raises:
        ValueError: Raised when one is.
    """
    for name in names:
        value = getattr(config, name)
        if not all(0 <= one <= most for one in (value if isinstance(value, tuple) else (value,))):
            raise ValueError(f"{name} is {value}; expected a number from 0 to {most:,.0f}")


def check_picks(config: Any, *names: str) -> None:
    """Refuse numbers of picks that do not ascend from 1, and what has not one value for each of them.

    Raises:
        ValueError: Raised when one of these is invalid.
    """
    picks = config.picks
    if not picks or not 1 <= picks[0] <= picks[-1] <= _MOST or list(picks) != sorted(set(picks)):
        raise ValueError(f"picks are {picks}; expected ascending numbers from 1 to {_MOST}")
    for name in names:
        if len(getattr(config, name)) != len(picks):
            raise ValueError(f"{name} are {getattr(config, name)}; expected {len(picks)}, one for each number of picks")
