"""What was trained on the cluster, as model folders on this machine."""

import datetime
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise._version import __version__
from reelwise.artifacts.arrays import write_array
from reelwise.artifacts.atomic import replacing
from reelwise.artifacts.config import Config, Counts, RankingConfig, Source
from reelwise.artifacts.folder import complete_folder, write_model
from reelwise.artifacts.model import Model, nameless
from reelwise.data.catalogue import Catalogue
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.embedding_map import draw_map
from reelwise.models.ranking.blending import Profiles, Taste
from reelwise.spark.als import ClusterFactors
from reelwise.spark.reading import RatingLines
from reelwise.spark.settings import SparkStarsSettings
from reelwise.spark.streaming import pieces
from reelwise.spark.tables import RatingTable
from reelwise.spark.writing import Shard, shards_of, write_factors, write_histories, write_users

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Fitted:
    """Everything that a model folder is made of.

    Attributes:
        lines: what was read.
        table: the ratings on the cluster.
        catalogue: the films.
        stars: the stars model.
        taste: the taste model; None if there is none.
        stars_settings: how the stars model was fitted.
        taste_settings: how the taste model was fitted, likewise.
        blend: how selections are blended.
        metrics: the figures.
        seed: of every random choice.
    """

    lines: RatingLines
    table: RatingTable
    catalogue: Catalogue
    stars: ClusterFactors
    taste: ClusterFactors | None
    stars_settings: SparkStarsSettings
    taste_settings: WeightedALSConfig | None
    blend: BlendConfig
    metrics: dict[str, Any]
    seed: int

    def config(self, users: int, ratings: int, profiles: int) -> Config:
        """The config of a folder with that many users, ratings in its histories, and profiles."""
        source = Source(name=self.lines.name, sha256=self.lines.digest)
        taste = None
        if self.taste_settings is not None:
            taste = RankingConfig(
                model=self.taste_settings, blend=self.blend, iterations_run=self.taste_settings.iterations
            )
        return Config(
            reelwise_version=__version__,
            dataset=source,
            histories=source if ratings else None,
            counts=Counts(
                users=users,
                movies=len(self.table.movie_ids),
                ratings=ratings,
                catalogue=len(self.catalogue),
                profiles=profiles,
            ),
            rating_scale=self.table.scale,
            stars_model={
                "engine": "spark",
                **{f"spark_{name}": it for name, it in asdict(self.stars_settings).items()},
            },
            taste_model=taste,
            seed=self.seed,
            trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )


def write_folders(fitted: Fitted, targets: list[Path]) -> None:
    """Write the model with its users spread over the `targets`; all of them appear when all are complete."""
    counts = fitted.table.popularity().counts
    drawn: Floats | None = None
    with ExitStack() as stack:
        for target, shard in zip(targets, shards_of(fitted.table, len(targets)), strict=True):
            folder = stack.enter_context(replacing(target))
            drawn = _write_folder(folder, fitted, shard, counts, drawn)


def _write_folder(
    folder: Path, fitted: Fitted, shard: Shard, counts: npt.NDArray[np.int64], drawn: Floats | None
) -> Floats | None:
    """Fill a folder; returns its map, which all of them share."""
    likes = write_users(folder, shard)
    write_array(folder / "movie_ids.npy", fitted.table.movie_ids)
    write_factors(folder, "model", shard, fitted.stars)
    profiles = None
    if fitted.taste is not None:
        P, Q = write_factors(folder, "taste", shard, fitted.taste), fitted.taste.Q
        profiles = Profiles.among(P, Q, likes, fitted.blend, fitted.seed)
        for name in ("users", "mass", "likes"):
            write_array(folder / f"profile_{name}.npy", getattr(profiles, name))
        if drawn is None:
            drawn = draw_map(Taste(P, Q, profiles).centred_embeddings(), counts, fitted.seed)
        write_array(folder / "map.npy", drawn)
    ratings = write_histories(folder, shard)
    config = fitted.config(len(shard), ratings, len(profiles.users) if profiles else 0)
    complete_folder(folder, config, fitted.metrics, fitted.catalogue)
    return drawn


def write_nameless(fitted: Fitted, target: Path) -> None:
    """Write a model that serves selections alone: its users are profiles without names and histories."""
    table, taste = fitted.table, fitted.taste
    assert taste is not None  # noqa: S101 - for mypy; checked before anything was fitted
    likes = np.empty(table.user_count, np.float32)
    for piece in pieces(table.users.select("user", "likes")):
        likes[piece["user"]] = piece["likes"]
    kept = Profiles.drawn(likes, fitted.blend, fitted.seed)
    P, Q = taste.rows(kept), taste.Q
    profiles, blend = Profiles.among(P, Q, likes[kept], fitted.blend, fitted.seed).without_histories(fitted.blend)
    config = fitted.config(len(kept), 0, len(kept))
    config = config.model_copy(
        update={"taste_model": config.taste_model and config.taste_model.model_copy(update={"blend": blend})}
    )
    popularity, of_taste = table.popularity(), Taste(P, Q, profiles)
    write_model(
        target,
        Model(
            config=config,
            metrics=fitted.metrics,
            P=fitted.stars.rows(kept),
            Q=fitted.stars.Q,
            history=nameless(len(kept), table.movie_ids, table.scale),
            catalogue=fitted.catalogue,
            taste=of_taste,
            map=draw_map(of_taste.centred_embeddings(), popularity.counts, fitted.seed),
            counted=popularity,
        ),
    )
