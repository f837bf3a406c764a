"""The rating scale: given, or found from the stars."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from reelwise.data.interactions import LARGEST_STARS, MOVIELENS_SCALE, RatingScale
from reelwise.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

WHOLE_STARS = RatingScale(1.0, 5.0)


def check_scale(scale: tuple[float, float] | None) -> RatingScale | None:
    """Check a scale that the user gives.

    Raises:
        UsageError: Raised when it is invalid.
    """
    if scale is None:
        return None
    try:
        low, high = map(float, scale)
    except (TypeError, ValueError):
        raise UsageError(f"scale is {scale!r}; expected the lowest and the highest stars, such as (1, 10)") from None
    if not low < high:
        raise UsageError(f"the scale is {low:g} to {high:g}; the lowest stars must be below the highest")
    if not -LARGEST_STARS < low < high < LARGEST_STARS:
        raise UsageError(
            f"the scale is {low:g} to {high:g}; its ends must lie within {-LARGEST_STARS:g} and {LARGEST_STARS:g}"
        )
    return RatingScale(low, high)


def find_scale(stars: "pl.Series") -> RatingScale:
    """The scale that float64 stars seem to be on; see `choose_scale`."""
    low, high = stars.min(), stars.max()
    if not isinstance(low, float) or not isinstance(high, float):
        return MOVIELENS_SCALE
    are_whole = bool((stars % 1 == 0).all())
    return choose_scale(low, high, are_whole, lambda above: int((stars > above).sum()) / len(stars))


def choose_scale(low: float, high: float, are_whole: bool, share: Callable[[float], float]) -> RatingScale:
    """The scale that stars look like: 1 or 0.5 to 5, 1 or 0.5 to 10, or 0 to 100.

    A larger scale than 5 needs a quarter of the ratings above the next smaller one, so that a typing error does not
    make one. Stars that fit none get MovieLens' own scale, on which some are invalid.

    Args:
        low: the fewest stars.
        high: the most.
        are_whole: whether all are whole numbers.
        share: the share of the ratings that lie above 5, or above 10.
    """
    if 50 < high <= 100 and share(10) >= 0.25:
        return RatingScale(0.0, 100.0)
    if 7 < high <= 10 and share(5) >= 0.25:
        return RatingScale(1.0 if are_whole else 0.5, 10.0)
    return WHOLE_STARS if are_whole and low >= 1 else MOVIELENS_SCALE
