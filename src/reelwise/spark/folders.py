"""Model folders on this machine from models trained on the cluster."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from reelwise.artifacts.config import DataSource, FoldInInfo, RankingModelInfo, RatingModelInfo
from reelwise.artifacts.folder import complete_folder, write_model
from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.types import Counts, Floats
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import ModelError
from reelwise.models.config import BlendConfig
from reelwise.models.embedding_map import draw_map
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.ranking.profiles import Likers, Profiles, draw_profiles
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.scaling import Scaling
from reelwise.spark.als import ClusterFactors
from reelwise.spark.ranking import create_ranking
from reelwise.spark.rating import create_rating, measure_scaling
from reelwise.spark.reading.lines import RatingLines
from reelwise.spark.settings import SparkTrainingSettings
from reelwise.spark.streaming import stream
from reelwise.spark.tables import RatingTable, count_likes, measure_movies
from reelwise.spark.writing import Shard, cut_shards, write_histories, write_users, write_vectors
from reelwise.storage.arrays import ArrayFolder
from reelwise.storage.atomic import replacing
from reelwise.training.assemble import Parts, spread


@dataclass(frozen=True)
class Fitted:
    """Everything that a model folder is made of.

    Attributes:
        lines: what was read.
        table: the ratings on the cluster.
        catalogue: the films; each of the table's movies has a row.
        rating: the rating model.
        ranking: the ranking model; None if there is none.
        settings: how they were fitted.
        blend: how selections are blended.
        metrics: the figures; None if it was not measured.
    """

    lines: RatingLines
    table: RatingTable
    catalogue: Catalogue
    rating: ClusterFactors
    ranking: ClusterFactors | None
    settings: SparkTrainingSettings
    blend: BlendConfig
    metrics: Metrics | None

    @cached_property
    def stats(self) -> MovieStats:
        """How many ratings each of the table's movies has, and their mean."""
        return measure_movies(self.table.ratings, len(self.table.movies))

    @cached_property
    def likes(self) -> Counts:
        """How many likes each of the table's movies has."""
        return count_likes(self.table)

    @cached_property
    def scaling(self) -> Scaling:
        """Mean and standard deviation of the stars."""
        return measure_scaling(self.table)

    @property
    def fold_in(self) -> FoldInInfo:
        """How histories are folded in: held to their prior means as users are on the cluster."""
        return FoldInInfo(settings=FoldInConfig(rating_ridge=self.settings.rating.ranking_ridge))

    def draw_map(self, ranking: WeightedALS) -> Floats:
        """Coordinates of the table's movies."""
        return draw_map(ranking.centred_embeddings(), self.stats.counts, self.settings.seed)

    def assemble(
        self,
        users: Vocabulary,
        P: Floats,
        ranking: WeightedALS | None,
        histories: Ratings | None,
        stats: MovieStats,
        film_map: Floats | None,
    ) -> Model:
        """The model of some users, from their vectors in the rating model; see `spread` for the rest."""
        spark = {name: float(value) for name, value in asdict(self.settings.rating).items()}
        return spread(
            Parts(
                create_rating(P, self.rating.Q, self.table.scale, self.scaling),
                RatingModelInfo(engine="spark", spark=spark),
                ranking,
                _describe(ranking, self.metrics) if ranking else None,
                self.fold_in if ranking else None,
                metrics=self.metrics,
            ),
            source=DataSource(name=self.lines.name, sha256=self.lines.digest, movielens=self.lines.movielens),
            users=users,
            movies=self.table.movies,
            catalogue=self.catalogue,
            histories=histories,
            stats=stats,
            film_map=film_map,
            seed=self.settings.seed,
        )


def _describe(ranking: WeightedALS, metrics: Metrics | None) -> RankingModelInfo:
    config, selections = ranking.config, metrics.selections if metrics else None
    return RankingModelInfo(
        hyperparameters=config,
        blend=ranking.blend_config,
        iterations_run=config.iterations,
        balance=selections.balance if selections else 0.0,
    )


def write_folders(fitted: Fitted, targets: list[Path]) -> None:
    """Write the model with its users spread over the `targets`; all of them appear when all are complete.

    Raises:
        ModelError: Raised when they cannot be written, or what was written cannot be read back.
    """
    film_map = None
    try:
        with ExitStack() as stack:
            for target, shard in zip(targets, cut_shards(fitted.table, len(targets)), strict=True):
                folder = stack.enter_context(replacing(target))
                model, film_map = _stream(ArrayFolder(folder), fitted, shard, film_map)
                complete_folder(folder, model, target)
    except OSError as error:
        raise ModelError(f"{targets[0]}: the model cannot be written there ({error.strerror or error})") from error


def _stream(arrays: ArrayFolder, fitted: Fitted, shard: Shard, film_map: Floats | None) -> tuple[Model, Floats | None]:
    """Stream what there is of each user into a folder.

    Returns:
        The model, of which that is mapped; and the map, drawn by the first of several shards for all.
    """
    users, likes = write_users(arrays, shard)
    P = write_vectors(arrays, "model", shard, fitted.rating)
    ranking, blend, config = None, fitted.blend, fitted.settings.ranking
    if fitted.ranking is not None and config is not None:
        ranking_P, Q = write_vectors(arrays, "ranking", shard, fitted.ranking), fitted.ranking.Q
        drawn = draw_profiles(likes, blend, fitted.settings.seed)
        likers = shard.collect_likers(drawn)
        profiles = Profiles.build(ranking_P[drawn], Q, drawn, likes[drawn], likers, blend)
        ranking = create_ranking(ranking_P, Q, profiles, fitted.likes, fitted.table.scale, config, blend)
        film_map = fitted.draw_map(ranking) if film_map is None else film_map
    histories = write_histories(arrays, shard, users, fitted.catalogue)
    stats = measure_movies(shard.select(fitted.table.ratings), len(fitted.table.movies))
    return fitted.assemble(users, P, ranking, histories, stats, film_map), film_map


def write_nameless(fitted: Fitted, target: Path) -> None:
    """Write a model that serves selections alone: its users are profiles without names and histories.

    Raises:
        ModelError: Raised when it cannot be written, or what was written cannot be read back.
    """
    table, factors, config = fitted.table, fitted.ranking, fitted.settings.ranking
    assert factors is not None and config is not None  # noqa: S101, PT018 - checked before anything was fitted
    likes = np.empty(table.user_count, np.float32)
    for piece in stream(table.users.select("user", "likes")):
        likes[piece["user"]] = piece["likes"]
    drawn, blend = draw_profiles(likes, fitted.blend, fitted.settings.seed), replace(fitted.blend, like_bonus=0.0)
    P, rows = factors.collect(drawn), np.arange(len(drawn), dtype=np.int32)
    profiles = Profiles.build(P, factors.Q, rows, likes[drawn], Likers.nobody(len(table.movies)), blend)
    ranking = create_ranking(P, factors.Q, profiles, fitted.likes, table.scale, config, blend)
    users, rating_P = Vocabulary(rows.astype(np.int64) + 1), fitted.rating.collect(drawn)
    write_model(target, fitted.assemble(users, rating_P, ranking, None, fitted.stats, fitted.draw_map(ranking)))
