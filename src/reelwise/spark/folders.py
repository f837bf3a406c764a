"""What was trained on the cluster, as model folders on this machine.

Rows of movies are those of the table, which are all rated, until they are spread over those of the catalogue here.
"""

import datetime
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise._version import __version__
from reelwise.artifacts.arrays import ArrayFolder
from reelwise.artifacts.atomic import replacing
from reelwise.artifacts.config import Config, Counts, DataSource, RankingModelInfo, RatingModelInfo
from reelwise.artifacts.folder import complete_folder, write_model
from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats, Indices
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import ModelError
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.embedding_map import draw_map
from reelwise.models.ranking.profiles import Likers, Profiles, draw_profiles
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.spark.als import ClusterFactors
from reelwise.spark.ranking import create_ranking
from reelwise.spark.rating import create_rating
from reelwise.spark.reading import RatingLines
from reelwise.spark.settings import SparkRatingConfig
from reelwise.spark.streaming import stream
from reelwise.spark.tables import RatingTable
from reelwise.spark.writing import Shard, cut_shards, write_histories, write_users, write_vectors


@dataclass(frozen=True)
class Fitted:
    """Everything that a model folder is made of.

    Attributes:
        lines: what was read.
        table: the ratings on the cluster.
        catalogue: the films; each of the table's movies has a row.
        rating: the rating model.
        ranking: the ranking model; None if there is none.
        rating_config: how the rating model was fitted.
        ranking_config: how the ranking model was fitted, likewise.
        blend: how selections are blended.
        metrics: the figures; None if it was not measured.
        seed: of every random choice.
    """

    lines: RatingLines
    table: RatingTable
    catalogue: Catalogue
    rating: ClusterFactors
    ranking: ClusterFactors | None
    rating_config: SparkRatingConfig
    ranking_config: WeightedALSConfig | None
    blend: BlendConfig
    metrics: Metrics | None
    seed: int

    @cached_property
    def places(self) -> Indices:
        """The row of each of the table's movies in the catalogue."""
        return self.catalogue.movies.rows(self.table.movies.ids)

    @cached_property
    def stats(self) -> MovieStats:
        """The table's movies."""
        return self.table.measure_movies()

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values of the table's movies as values of the catalogue's, zero for those that are not in the table."""
        spread = np.zeros((len(self.catalogue), *values.shape[1:]), values.dtype)
        spread[self.places] = values
        return spread

    def draw_map(self, ranking: WeightedALS) -> Floats:
        """The map of the catalogue's films, by the vectors of the table's."""
        return self.spread(draw_map(ranking.centred_embeddings(), self.stats.counts, self.seed))

    def assemble(
        self,
        users: Vocabulary,
        rating: MatrixFactorization,
        ranking: WeightedALS | None,
        histories: Ratings | None,
        film_map: Floats | None,
    ) -> Model:
        """The model of some users, with a row for each film of the catalogue.

        Args:
            users: the users.
            rating: the rating model of these users and the table's movies.
            ranking: the ranking model, likewise.
            histories: who rated what, by the catalogue's rows; None leaves histories out.
            film_map: the map of the catalogue's films.
        """
        source = DataSource(name=self.lines.name, sha256=self.lines.digest)
        spark = {name: float(value) for name, value in asdict(self.rating_config).items()}
        return Model(
            config=Config(
                reelwise_version=__version__,
                dataset=source,
                histories=None if histories is None else source,
                counts=Counts(
                    users=len(users),
                    movies=len(self.catalogue),
                    rated_movies=len(self.table.movies),
                    ratings=0 if histories is None else len(histories),
                    profiles=len(ranking.profiles.users) if ranking else 0,
                ),
                rating_scale=self.table.scale,
                rating_model=RatingModelInfo(engine="spark", spark=spark),
                ranking_model=_describe(ranking) if ranking else None,
                seed=self.seed,
                trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            ),
            metrics=self.metrics,
            users=users,
            catalogue=self.catalogue,
            rating=rating.with_movies(self.places, len(self.catalogue)),
            ranking=ranking and ranking.with_movies(self.places, len(self.catalogue)),
            histories=histories,
            fitted=self.spread(np.ones(len(self.places), np.bool_)),
            stats=self._measure(histories),
            map=film_map,
        )

    def _measure(self, histories: Ratings | None) -> MovieStats:
        """What the histories say of the catalogue's films; without histories, what the table says."""
        if histories is not None:
            return MovieStats.measure(histories.by_movie)
        return MovieStats(self.spread(self.stats.counts), self.spread(self.stats.means))


def _describe(ranking: WeightedALS) -> RankingModelInfo:
    config = ranking.config
    return RankingModelInfo(hyperparameters=config, blend=ranking.blend_config, iterations_run=config.iterations)


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
                model = _stream(ArrayFolder(folder), fitted, shard, film_map)
                complete_folder(folder, model, target)
                film_map = model.map
    except OSError as error:
        raise ModelError(f"{targets[0]}: the model cannot be written there ({error.strerror or error})") from error


def _stream(arrays: ArrayFolder, fitted: Fitted, shard: Shard, film_map: Floats | None) -> Model:
    """Stream what there is of each user into a folder; returns the model, of which that is mapped.

    Without a map, as for the first of several shards, it is drawn; all shards have the same.
    """
    scale = fitted.table.scale
    users, likes = write_users(arrays, shard)
    rating = create_rating(write_vectors(arrays, "model", shard, fitted.rating), fitted.rating.Q, scale)
    ranking = None
    if fitted.ranking is not None and fitted.ranking_config is not None:
        P, Q = write_vectors(arrays, "ranking", shard, fitted.ranking), fitted.ranking.Q
        drawn = draw_profiles(likes, fitted.blend, fitted.seed)
        profiles = Profiles.build(P[drawn], Q, drawn, likes[drawn], shard.collect_likers(drawn), fitted.blend)
        ranking = create_ranking(P, Q, profiles, scale, fitted.ranking_config, fitted.blend)
        film_map = fitted.draw_map(ranking) if film_map is None else film_map
    histories = write_histories(arrays, shard, users, fitted.catalogue)
    return fitted.assemble(users, rating, ranking, histories, film_map)


def write_nameless(fitted: Fitted, target: Path) -> None:
    """Write a model that serves selections alone: its users are profiles without names and histories.

    Raises:
        ModelError: Raised when it cannot be written, or what was written cannot be read back.
    """
    table, config = fitted.table, fitted.ranking_config
    assert fitted.ranking is not None and config is not None  # noqa: S101, PT018 - checked before anything was fitted
    likes = np.empty(table.user_count, np.float32)
    for piece in stream(table.users.select("user", "likes")):
        likes[piece["user"]] = piece["likes"]
    drawn = draw_profiles(likes, fitted.blend, fitted.seed)
    P, Q, rows = fitted.ranking.collect(drawn), fitted.ranking.Q, np.arange(len(drawn), dtype=np.int32)
    blend = replace(fitted.blend, like_bonus=0.0)
    profiles = Profiles.build(P, Q, rows, likes[drawn], Likers.nobody(len(Q)), blend)
    ranking = create_ranking(P, Q, profiles, table.scale, config, blend)
    rating = create_rating(fitted.rating.collect(drawn), fitted.rating.Q, table.scale)
    users = Vocabulary(rows.astype(np.int64) + 1)
    write_model(target, fitted.assemble(users, rating, ranking, None, fitted.draw_map(ranking)))
