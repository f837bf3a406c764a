"""From fitted models and the data that they were fitted to, to one model with a row for every film of the catalogue."""

import datetime
from dataclasses import dataclass

import numpy as np

from reelwise._version import __version__
from reelwise.artifacts.config import Config, Counts, DataSource, RankingModelInfo, RatingModelInfo
from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.data.movie_stats import MovieStats
from reelwise.data.types import Floats, Rows
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.training.progress import FitProgress, OnFit


@dataclass(frozen=True)
class Parts:
    """What a model is made of, beside the data. Rows of movies are those of the ratings.

    Attributes:
        rating: the rating model.
        rating_info: how it was made.
        ranking: the ranking model, if there is one.
        ranking_info: how it was made.
        metrics: the figures, if it was measured.
        updated_from: the revision of the model that it was updated from.
    """

    rating: MatrixFactorization
    rating_info: RatingModelInfo
    ranking: WeightedALS | None
    ranking_info: RankingModelInfo | None
    metrics: Metrics | None = None
    updated_from: str | None = None


def assemble(dataset: Dataset, parts: Parts, *, seed: int, on_progress: OnFit) -> Model:
    """The model, with a map of its films if there is a ranking model."""
    ratings, catalogue = dataset.ratings, dataset.catalogue
    places = catalogue.movies.rows(ratings.movies.ids)
    fitted = np.zeros(len(catalogue), np.bool_)
    fitted[places] = True
    histories = ratings.with_movies(catalogue.movies)
    ranking = parts.ranking
    source = DataSource(name=dataset.name, sha256=dataset.sha256, simulated=dataset.simulated)
    return Model(
        config=Config(
            reelwise_version=__version__,
            dataset=source,
            histories=source,
            counts=Counts(
                users=len(ratings.users),
                movies=len(catalogue),
                rated_movies=len(ratings.movies),
                ratings=len(ratings),
                profiles=len(ranking.profiles.users) if ranking else 0,
            ),
            rating_scale=(ratings.scale.low, ratings.scale.high),
            rating_model=parts.rating_info,
            ranking_model=parts.ranking_info,
            seed=seed,
            trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            updated_from=parts.updated_from,
        ),
        metrics=parts.metrics,
        users=ratings.users,
        catalogue=catalogue,
        rating=parts.rating.with_movies(places, len(catalogue)),
        ranking=ranking and ranking.with_movies(places, len(catalogue)),
        histories=histories,
        fitted=fitted,
        stats=MovieStats.measure(histories.by_movie),
        map=_draw_map(ranking, dataset, places, seed, on_progress) if ranking else None,
    )


def _draw_map(ranking: WeightedALS, dataset: Dataset, places: Rows, seed: int, on_progress: OnFit) -> Floats:
    from reelwise.models.embedding_map import EPOCHS, draw_map

    drawn = draw_map(
        ranking.centred_embeddings(),
        dataset.ratings.by_movie.counts(),
        seed,
        lambda done: on_progress(FitProgress("map", done, EPOCHS)),
    )
    coordinates = np.zeros((len(dataset.catalogue), 2), np.float32)
    coordinates[places] = drawn
    return coordinates
