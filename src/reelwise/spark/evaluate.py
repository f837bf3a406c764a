"""How good the models are that Spark trains: stars and known users, by the local engine's splits and figures."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from reelwise.data.interactions import RatingScale
from reelwise.data.readers.columns import ColumnNames
from reelwise.evaluation.groups import GroupOutcome
from reelwise.evaluation.ranking import measure_ranker
from reelwise.evaluation.report import ChosenSetting, Comparison, HistoryOutcome, RankingOutcome, RatingOutcome
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.progress import OnFit
from reelwise.spark.ranking import SparkRanking
from reelwise.spark.rating import SparkRating
from reelwise.spark.reading.lines import read_lines
from reelwise.spark.sample import SAMPLE, Sample
from reelwise.spark.settings import SparkRatingConfig
from reelwise.spark.steps import Step, announce
from reelwise.spark.tables import create_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_HOLDOUT = 0.1
_FEWEST_RATINGS = 100  # to hold some out, as on one machine


def evaluate(
    spark: "SparkSession",
    data: str,
    *,
    columns: ColumnNames | None = None,
    scale: RatingScale | None = None,
    seed: int = 42,
    users: int = SAMPLE,
    on_progress: OnFit = lambda _: None,
    on_read: Callable[[str], object] = lambda _: None,
) -> Comparison:
    """Measure predicted stars, and recommendations to known users; training measures selections and histories.

    Args:
        spark: where to train.
        data: see `read_lines`.
        columns: columns by role; the others are found by their names.
        scale: the scale the stars must lie on, if it is not MovieLens' own.
        seed: of every random choice.
        users: how many users to measure on, at most.
        on_progress: called as the work goes on.
        on_read: called with what the ratings were taken for, once they are read.

    Raises:
        DataError: Raised when a row is not a rating.
    """
    step = announce(on_progress)
    with step("reading"):
        lines = read_lines(spark, data, scale, columns)
        on_read(lines.understood)
        sample = Sample.draw(create_table(spark, lines), seed, users)
    ranking = WeightedALSConfig()
    return Comparison(
        _measure_stars(SparkRating(sample, SparkRatingConfig(), ranking, seed, step)),
        _measure_known_users(SparkRanking(sample, ranking, BlendConfig(), seed), step),
        RankingOutcome(missing="on Spark, training measures them"),
        HistoryOutcome(missing="on Spark, training measures them"),
        GroupOutcome(missing="on Spark, they are left out"),
    )


def _measure_stars(trainer: SparkRating) -> RatingOutcome:
    count = len(trainer.sample.ratings)
    if count < _FEWEST_RATINGS:
        return RatingOutcome(missing=f"{count} ratings are too few to hold some out")
    return RatingOutcome(trainer.measure(_HOLDOUT))


def _measure_known_users(trainer: SparkRanking, step: Step) -> RankingOutcome:
    split = KnownUsers.split(trainer.sample.ratings, seed=trainer.seed)
    if len(split.test.queries) == 0:
        return RankingOutcome(missing="no user has two likes, one to learn from and one to find")
    with step("known users"):
        figures = measure_ranker(trainer.fit(split.train), split.test, split.train)
    protocol = (
        "A random tenth of each user's likes is to be found in the full catalogue without what else the user rated, "
        f"for {len(split.test.queries):,} users. Another tenth is left out."
    )
    return RankingOutcome(protocol, (), {"ranking model": [ChosenSetting("", figures)]})
