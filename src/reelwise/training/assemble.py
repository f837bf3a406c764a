"""From fitted models and the data that they were fitted to, to one model with a row for every film of the catalogue."""

import datetime
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise._version import __version__
from reelwise.artifacts.config import (
    Config,
    DataSource,
    FoldInInfo,
    ModelCounts,
    PopularInfo,
    RankingModelInfo,
    RatingModelInfo,
)
from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue
from reelwise.data.dataset import Dataset
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats
from reelwise.data.vocabulary import Vocabulary
from reelwise.models.cold_start import ColdStart
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.side_by_side import both
from reelwise.progress import FitProgress, OnFit


@dataclass(frozen=True)
class Parts:
    """The parts of a model, beside the data. Rows of movies are those of the ratings.

    Attributes:
        rating: the rating model.
        rating_info: how it was made.
        ranking: the ranking model, if there is one.
        ranking_info: how it was made.
        fold_in: how histories are folded in, if that was measured.
        popular: how popular each movie was lately, shape (movies,), if somebody unknown is shown that.
        popular_info: what lately means.
        metrics: the figures, if it was measured.
        updated_from: the revision of the model that it was updated from.
    """

    rating: MatrixFactorization
    rating_info: RatingModelInfo
    ranking: WeightedALS | None
    ranking_info: RankingModelInfo | None
    fold_in: FoldInInfo | None = None
    popular: Floats | None = None
    popular_info: PopularInfo | None = None
    metrics: Metrics | None = None
    updated_from: str | None = None


def assemble(dataset: Dataset, parts: Parts, *, seed: int, on_progress: OnFit) -> Model:
    """The model of all users of a data set, with a map of its films if there is a ranking model."""
    from reelwise.models.embedding_map import EPOCHS, draw_map

    ratings, ranking = dataset.ratings, parts.ranking
    stats, film_map, content = MovieStats.measure(ratings.by_movie), None, None
    if ranking is not None:
        film_map, content = both(
            lambda: draw_map(
                ranking.centred_embeddings(),
                stats.counts,
                seed,
                lambda done: on_progress(FitProgress("map", done, EPOCHS)),
            ),
            lambda: _expect_content(dataset, ranking, stats),
        )
    model = spread(
        parts,
        source=DataSource(
            name=dataset.name,
            sha256=dataset.sha256,
            movielens=dataset.movielens,
            simulated=dataset.simulated,
            implicit=dataset.implicit,
        ),
        users=ratings.users,
        movies=ratings.movies,
        catalogue=dataset.catalogue,
        histories=ratings.with_movies(dataset.catalogue.movies),
        stats=stats,
        film_map=film_map,
        seed=seed,
    )
    return replace(model, content=content)


def _expect_content(dataset: Dataset, ranking: WeightedALS, stats: MovieStats) -> ColdStart | None:
    """The expectations of films without ratings, and of those of the catalogue in particular."""
    films, rated = [*dataset.catalogue], dataset.catalogue.movies.rows(dataset.ratings.movies.ids)
    content = ColdStart.fit([films[row] for row in rated.tolist()], ranking.Q, stats.counts, ranking.movie_precision())
    unrated = (films[row] for row in np.setdiff1d(np.arange(len(films)), rated).tolist())
    return content and replace(content, unrated=content.expect(unrated))


def spread(
    parts: Parts,
    *,
    source: DataSource,
    users: Vocabulary,
    movies: Vocabulary,
    catalogue: Catalogue,
    histories: Ratings | None,
    stats: MovieStats,
    film_map: Floats | None,
    seed: int,
) -> Model:
    """The model whose rows of movies are those of the catalogue.

    Args:
        parts: what it is made of.
        source: where the ratings came from.
        users: the users by row.
        movies: the movies by row of `parts`.
        catalogue: the films; each of the movies has a row.
        histories: who rated what, by rows of the catalogue; None leaves histories out.
        stats: of the movies, by row of `parts`.
        film_map: their coordinates, likewise, if there are any.
        seed: of every random choice.
    """
    places, rows, ranking = catalogue.movies.rows(movies.ids), len(catalogue), parts.ranking

    def spread_rows(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Rows of `parts` as rows of the catalogue; the others are zero."""
        spread = np.zeros((rows, *values.shape[1:]), values.dtype)
        spread[places] = values
        return spread

    return Model(
        config=Config(
            reelwise_version=__version__,
            dataset=source,
            histories=None if histories is None else source,
            counts=ModelCounts(
                users=len(users),
                movies=rows,
                rated_movies=len(movies),
                ratings=0 if histories is None else len(histories),
                profiles=len(ranking.profiles.users) if ranking else 0,
            ),
            rating_scale=parts.rating.scale,
            rating_model=parts.rating_info,
            ranking_model=parts.ranking_info,
            fold_in=parts.fold_in,
            popular=parts.popular_info,
            seed=seed,
            trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            updated_from=parts.updated_from,
        ),
        metrics=parts.metrics,
        users=users,
        catalogue=catalogue,
        rating=parts.rating.with_movies(places, rows),
        ranking=ranking and ranking.with_movies(places, rows),
        histories=histories,
        fitted=spread_rows(np.ones(len(places), np.bool_)),
        stats=MovieStats(spread_rows(stats.counts), spread_rows(stats.means)),
        map=None if film_map is None else spread_rows(film_map),
        popular=None if parts.popular is None else spread_rows(parts.popular),
    )
