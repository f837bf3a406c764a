"""The report of an epoch of training."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Epoch:
    """One epoch that is done.

    Attributes:
        number: 1 for the first.
        total: how many there will be at most.
        rmse: on the validation ratings; None without such ratings.
        seconds: spent on this epoch's updates.
        ratings: how many were visited.
    """

    number: int
    total: int
    rmse: float | None
    seconds: float
    ratings: int

    def with_rmse_times(self, factor: float) -> "Epoch":
        """The same with the RMSE in other units."""
        return self if self.rmse is None else replace(self, rmse=self.rmse * factor)

    def describe(self) -> str:
        """RMSE and speed in words."""
        rmse = "" if self.rmse is None else f"RMSE {self.rmse:.4f}  "
        return f"{rmse}{self.ratings / max(self.seconds, 1e-9) / 1e6:.0f} M ratings/s"
