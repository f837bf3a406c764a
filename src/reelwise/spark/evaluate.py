"""How good the models are that Spark trains: stars and known users, by the local engine's splits and figures."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reelwise.data.ratings import RatingScale
from reelwise.models.config import WeightedALSConfig
from reelwise.spark.als import ClusterFactors
from reelwise.spark.ranking import fit_ranking_model
from reelwise.spark.rating import fit_rating_model
from reelwise.spark.reading import read_lines
from reelwise.spark.sample import SAMPLE, Sample
from reelwise.spark.settings import SparkStarsSettings
from reelwise.spark.tables import RatingTable, rating_table
from reelwise.training.pipeline import Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_HOLDOUT = 0.1
_STEPS = ("reading", "stars", "known users")


def evaluate(
    spark: "SparkSession",
    data: str,
    *,
    scale: RatingScale | None = None,
    seed: int = 42,
    users: int = SAMPLE,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> dict[str, Any]:
    """RMSE and MAE of the stars model, NDCG@10, Recall@10 and the like of the taste model for known users.

    Args:
        spark: where to train.
        data: see `read_lines`.
        scale: the scale the stars must lie on, if it is not MovieLens' own.
        seed: of every random choice.
        users: how many users to measure on, at most.
        on_progress: called as the work goes on.

    Raises:
        DataError: if a row is no rating.
        UsageError: if there is too little to measure.
    """

    def fit(rest: RatingTable) -> ClusterFactors:
        return fit_rating_model(rest, fit_ranking_model(rest, taste, seed), SparkStarsSettings(), seed)

    def tell(done: int) -> None:
        on_progress(Progress("evaluating", done, len(_STEPS), _STEPS[done] if done < len(_STEPS) else ""))

    taste = WeightedALSConfig()
    tell(0)
    table = rating_table(spark, read_lines(spark, data, scale))
    sample = Sample.of(table, seed, users)
    tell(1)
    stars = sample.stars(_HOLDOUT, seed, fit)
    tell(2)
    known = sample.known_users(taste, seed)
    tell(3)
    return {
        "stars": {
            "protocol": stars["protocol"],
            "ratings": stars["ratings"],
            "figures": {"stars model": stars["model"], "bias-only": stars["biases"]},
        },
        "known_users": {
            "protocol": (
                "A random tenth of each user's likes is to be found in the full catalogue without what else the user "
                f"rated, for {len(known.ndcg):,} users. Another tenth is left out."
            ),
            "figures": {f"{name}@10": value for name, value in known.means().items()},
        },
    }
