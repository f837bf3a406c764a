"""Some users, whose ratings come to this process, where they can be split and measured as those of a small data set.

The cluster is then trained on all ratings but those of the sample that the split hides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Interactions, Ratings
from reelwise.errors import UsageError
from reelwise.evaluation.compare import some_viewers, without_targets
from reelwise.evaluation.measure_ratings import measure_ratings
from reelwise.evaluation.measure_selections import Measured, measure_selections
from reelwise.evaluation.rankers import Known
from reelwise.evaluation.ranking import RankingFigures, evaluate
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.preference import least_like
from reelwise.models.ranking.weighted_als import RankingModel
from reelwise.models.rating.matrix_factorization import RatingModel
from reelwise.spark.als import ClusterFactors
from reelwise.spark.ranking import fit_ranking_model
from reelwise.spark.streaming import frame_of, whole
from reelwise.spark.tables import RatingTable

SAMPLE = 10_000  # users

FitStars = Callable[[RatingTable], ClusterFactors]


@dataclass(frozen=True)
class Sample:
    """Some of the users.

    Attributes:
        table: the ratings of all users.
        users: int32, ascending: the rows of the sample's users in the table.
        ratings: the ratings of these; its rows of users are places in `users`, those of movies are the table's.
    """

    table: RatingTable
    users: npt.NDArray[np.int32]
    ratings: Ratings

    @classmethod
    def of(cls, table: RatingTable, seed: int, users: int = SAMPLE) -> "Sample":
        """At most `users` of the table's users, drawn at random."""
        drawn = np.random.default_rng(seed).choice(table.user_count, min(users, table.user_count), replace=False)
        rows = np.sort(drawn).astype(np.int32)
        found = whole(
            table.ratings.join(frame_of(table.ratings.sparkSession, {"user": rows}).hint("broadcast"), "user")
        )
        movies = table.movie_ids[found["movie"]]
        ratings = Ratings.from_columns(
            found["user"].astype(np.int64) + 1, movies, found["stars"],
            scale=table.scale, known_users=rows.astype(np.int64) + 1, known_movies=table.movie_ids,
        )  # fmt: skip
        return cls(table, rows, ratings)

    def rest(self, train: Interactions) -> RatingTable:
        """The table without the ratings of the sample that are not in `train`."""
        movies = len(self.table.movie_ids)
        seen = self.ratings.interactions()
        pairs, kept = (it.users.astype(np.int64) * movies + it.movies for it in (seen, train))
        hidden = seen.where(~np.isin(pairs, kept))
        rows = {"user": self.users[hidden.users], "movie": hidden.movies}
        return self.table.without(frame_of(self.table.ratings.sparkSession, rows))

    def stars(self, holdout: float, seed: int, fit: FitStars) -> dict[str, Any]:
        """The figures of a stars model on held-out ratings; see `measure_ratings`."""

        def fitted(part: Interactions, _: Interactions) -> RatingModel:
            model = fit(self.rest(part))
            P = model.rows(self.users)
            model.release()
            return RatingModel(P, model.Q, 0, ())

        metrics, *_ = measure_ratings(self.ratings, holdout, seed, fitted)
        about = {"protocol": f"Of {len(self.users):,} users: {metrics['protocol']}"}
        return {name: it for name, it in metrics.items() if name not in ("interval", "mean_spread")} | about

    def selections(self, blend: BlendConfig, settings: WeightedALSConfig, seed: int) -> Measured:
        """The figures for users held out whole, and the blend that suits; see `measure_selections`."""

        def fitted(train: Interactions, go_on: Callable[[int, RankingModel], bool]) -> RankingModel:
            taste = fit_ranking_model(self.rest(train), settings, seed)
            model = RankingModel(taste.rows(self.users), taste.Q)
            go_on(1, model)
            return model

        return measure_selections(self.ratings, blend, settings, seed, fitted)

    def known_users(self, settings: WeightedALSConfig, seed: int) -> RankingFigures:
        """NDCG@10, Recall@10 and the like of the taste model for users of whom a tenth of the likes is to be found.

        Raises:
            UsageError: if nobody in the sample has enough likes.
        """
        split = KnownUsers.split(self.ratings, seed=seed, liked=least_like(self.ratings.scale))
        if len(split.test.viewers) == 0:
            raise UsageError("nobody has two likes, one to learn from and one to find; there is nothing to measure")
        rated, movies = self.ratings.interactions(), split.shape[1]
        train = without_targets(rated, (split.validation, split.test), movies)
        test = some_viewers(split.test, without_targets(rated, (split.test,), movies), seed)
        taste = fit_ranking_model(self.rest(train), settings, seed)
        return evaluate(Known(taste.rows(self.users), taste.Q), test, train, movies)
