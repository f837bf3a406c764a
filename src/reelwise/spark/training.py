"""From ratings anywhere to model folders here: measure on a sample of users, fit on everything, write part by part."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reelwise.artifacts.folder import check_target
from reelwise.data.ratings import RatingScale
from reelwise.errors import ModelError, UsageError
from reelwise.models.config import BlendConfig
from reelwise.spark.als import ClusterFactors
from reelwise.spark.folders import Fitted, write_folders, write_nameless
from reelwise.spark.ranking import fit_ranking_model
from reelwise.spark.rating import fit_rating_model
from reelwise.spark.reading import read_films, read_lines
from reelwise.spark.sample import Sample
from reelwise.spark.settings import SparkTrainingSettings
from reelwise.spark.tables import RatingTable, rating_table
from reelwise.training.pipeline import Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Tell = Callable[[Progress], None]


class Trained(NamedTuple):
    """What came out: the folders, what was read, and the figures."""

    folders: list[Path]
    table: RatingTable
    name: str
    metrics: dict[str, Any]


def train(
    spark: "SparkSession",
    data: str,
    out: Path,
    settings: SparkTrainingSettings,
    *,
    films: str | None = None,
    scale: RatingScale | None = None,
    on_progress: Tell = lambda _: None,
) -> Trained:
    """Train on the ratings at `data`, and write the model folder `out`, or `out-0`, `out-1` and so on.

    Args:
        spark: where to train.
        data: see `read_lines`.
        out: where the model goes, in place of one that is there; several folders appear when all are complete.
        settings: how to train.
        films: the folder of the films, if they are not beside the ratings.
        scale: the scale the stars must lie on, if it is not MovieLens' own.
        on_progress: called as the work goes on.

    Raises:
        DataError: if a row is no rating, or no film.
        UsageError: if the settings do not go together, or there is too little to measure or to spread.
        ModelError: if something that is no model is in the way, or the folders cannot be written.
    """
    targets = [out] if settings.shards == 1 else [out.with_name(f"{out.name}-{it}") for it in range(settings.shards)]
    for target in targets:
        check_target(target)
    if not settings.with_users and (settings.taste is None or settings.shards > 1):
        raise UsageError("--users none goes without --no-taste and --shards: all that is left is the taste of profiles")
    step = _Steps(on_progress)
    with step("reading"):
        lines = read_lines(spark, data, scale)
        catalogue = read_films(spark, films or data)
    with step("sorting"):
        table = rating_table(spark, lines)
    if settings.shards > table.user_count:
        raise UsageError(
            f"{table.user_count} users cannot be spread over {settings.shards} folders; say fewer --shards"
        )
    metrics, blend = _measured(table, settings, step) if settings.evaluate else ({}, settings.blend)
    taste, stars = _fitted(table, settings, step, "taste", "stars")
    fitted = Fitted(
        lines, table, catalogue.with_placeholders(table.movie_ids), stars, taste,
        settings.stars, settings.taste, blend, metrics, settings.seed,
    )  # fmt: skip
    with step("writing"), _told_where(out):
        if settings.with_users:
            write_folders(fitted, targets)
        else:
            write_nameless(fitted, out)
    return Trained(targets, table, lines.name, metrics)


class _Steps:
    """Tells of each step when it begins and when it is done."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self._tell(Progress(name, 0, 1))
        yield
        self._tell(Progress(name, 1, 1))


def _fitted(
    table: RatingTable, settings: SparkTrainingSettings, step: _Steps, taste_step: str, stars_step: str
) -> tuple[ClusterFactors | None, ClusterFactors]:
    """Both models; the stars model is made with the movies' tastes."""
    taste = None
    if settings.taste is not None:
        with step(taste_step):
            taste = fit_ranking_model(table, settings.taste, settings.seed)
    with step(stars_step):
        return taste, fit_rating_model(table, taste, settings.stars, settings.seed)


def _measured(table: RatingTable, settings: SparkTrainingSettings, step: _Steps) -> tuple[dict[str, Any], BlendConfig]:
    """The figures, as in a model's `metrics.json`, and the blend that suits."""
    sample = Sample.of(table, settings.seed)
    names = "taste for stars, measuring", "stars, measuring"
    stars = sample.stars(settings.holdout, settings.seed, lambda rest: _fitted(rest, settings, step, *names)[1])
    selections, blend = None, settings.blend
    if settings.taste is not None:
        with step("taste, measuring"):
            selections, blend, _ = sample.selections(settings.blend, settings.taste, settings.seed)
    return {"seed": settings.seed, "stars": stars, "selections": selections}, blend


@contextmanager
def _told_where(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(f"{out}: the model cannot be written there ({error.strerror or error})") from error
