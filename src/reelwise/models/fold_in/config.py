"""The settings of folding in."""

from dataclasses import dataclass, fields
from typing import Any

from reelwise.models.config import LARGEST


@dataclass(frozen=True)
class FoldInConfig:
    """How a history is folded in; see `reelwise.models.fold_in.folding`. Stars are out of five.

    Attributes:
        like_weights: how much a film with 1, 2, 3, 4 or 5 stars says about which profiles fit; in between linearly.
        targets: the score that the ranking model aims at for a film with so many stars, likewise.
        temperature_decay: how fast the inverse temperature falls beyond the longest selection that it is fitted for, as
            a power of the number of likes.
        ranking_prior: how strongly the ranking model's vector is held to its prior mean, in units of its own penalty.
        rating_ridge: the same for the rating model's vector, in ratings.
        bias_ridge: the same for the bias.
    """

    like_weights: tuple[float, float, float, float, float] = (0.0, 0.0, 0.5, 1.0, 1.0)
    targets: tuple[float, float, float, float, float] = (0.0, 0.0, 0.6, 1.0, 1.1)
    temperature_decay: float = 0.85
    ranking_prior: float = 2.0
    rating_ridge: float = 12.0
    bias_ridge: float = 5.0

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            expected = 5 if isinstance(value, tuple) else 1
            if len(numbers) != expected or not all(0 <= one <= LARGEST for one in numbers):
                raise ValueError(
                    f"{field.name} is {value}; expected {'five numbers' if expected > 1 else 'a number'} from 0 on"
                )
        if 0 in (self.ranking_prior, self.rating_ridge, self.bias_ridge):
            raise ValueError("a prior without weight holds nothing; expected ranking_prior and ridges above 0")

    def changes(self) -> dict[str, Any]:
        """The settings that differ from the defaults, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) != field.default}
