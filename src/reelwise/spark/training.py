"""From ratings anywhere to model folders here: measure on a sample of users, fit on everything, write part by part."""

from collections.abc import Callable, Set
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reelwise.artifacts.metrics import Metrics
from reelwise.data.interactions import RatingScale
from reelwise.data.readers.columns import ColumnNames
from reelwise.errors import UsageError
from reelwise.evaluation.validation.measure_selections import measure_selections, split_selections
from reelwise.models.config import BlendConfig
from reelwise.progress import OnFit
from reelwise.spark.folders import Fitted, write_folders, write_nameless
from reelwise.spark.ranking import SparkRanking, fit_ranking
from reelwise.spark.rating import SparkRating, fit_rating
from reelwise.spark.reading.films import read_films
from reelwise.spark.reading.lines import read_lines
from reelwise.spark.sample import Sample
from reelwise.spark.settings import SparkTrainingSettings
from reelwise.spark.steps import Step, announce
from reelwise.spark.tables import RatingTable, create_table
from reelwise.training.pipeline import require_likes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Trained(NamedTuple):
    """The outcome: the folders, what was read, and the figures."""

    folders: list[Path]
    table: RatingTable
    name: str
    metrics: Metrics | None


def train(
    spark: "SparkSession",
    data: str,
    out: Path,
    settings: SparkTrainingSettings,
    *,
    films: str | None = None,
    columns: ColumnNames | None = None,
    scale: RatingScale | None = None,
    erased: Set[str] = frozenset(),
    on_progress: OnFit = lambda _: None,
    on_read: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Train on the ratings at `data`, and write the model folder `out`, or `out-0`, `out-1` and so on.

    Args:
        spark: where to train.
        data: see `read_lines`.
        out: where the model goes, in place of one that is there; several folders appear when all are complete.
        settings: how to train.
        films: the folder of the films, if they are not beside the ratings.
        columns: columns by role; the others are found by their names.
        scale: the scale the stars must lie on, if it is not MovieLens' own.
        erased: marks of users who are left out, see `reelwise.live.store.Store.erased_marks`.
        on_progress: called as the work goes on.
        on_read: called with what the ratings were taken for, once they are read.

    Raises:
        DataError: Raised when a row is not a rating, or not a film.
        UsageError: Raised when the settings do not go together, or there is too little to measure or to spread.
        ModelError: Raised when something that is not a model is in the way, or the folders cannot be written.
    """
    targets = settings.check_targets(out)
    step = announce(on_progress)
    with step("reading"):
        catalogue = read_films(spark, data, films)
        lines = read_lines(spark, data, scale, columns)
        on_read(lines.understood)
    with step("sorting"):
        table = create_table(spark, lines, erased)
        if table.user_count == 0:
            raise UsageError(f"all users of {lines.name} were erased, so that nobody is left to train on")
        catalogue = catalogue.with_placeholders(table.movies)
    if settings.ranking is not None:
        require_likes(not table.users.where("likes > 0").isEmpty(), table.scale)
    if settings.shards > table.user_count:
        raise UsageError(
            f"{table.user_count} users cannot be spread over {settings.shards} folders; say fewer --shards"
        )
    metrics, blend = _measure(table, settings, step) if settings.evaluate else (None, settings.blend)
    ranking = None
    if settings.ranking is not None:
        with step("taste"):
            ranking = fit_ranking(table, settings.ranking, settings.seed)
    with step("stars"):
        rating = fit_rating(table, ranking, settings.rating, settings.seed)
    fitted = Fitted(lines, table, catalogue, rating, ranking, settings, blend, metrics)
    with step("writing"):
        if settings.with_users:
            write_folders(fitted, targets)
        else:
            write_nameless(fitted, out)
    return Trained(targets, table, lines.name, metrics)


def _measure(table: RatingTable, settings: SparkTrainingSettings, step: Step) -> tuple[Metrics, BlendConfig]:
    """The figures, and how to blend."""
    sample, seed = Sample.draw(table, settings.seed), settings.seed
    stars = SparkRating(sample, settings.rating, settings.ranking, seed, step).measure(settings.holdout)
    selections = None
    if settings.ranking is not None:
        with step("taste, measuring"):
            ranking = SparkRanking(sample, settings.ranking, settings.blend, seed)
            split = split_selections(sample.ratings, seed)
            selections = measure_selections(split, ranking, seed=seed, pooled=False) if split else None
    metrics = Metrics(seed=seed, stars=stars, selections=selections and selections.figures)
    return metrics, selections.blend if selections else settings.blend
