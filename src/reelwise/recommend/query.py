"""Who is asked for: an embedding in both models, what was seen, and what recommendations can be explained by."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.types import Floats, Rows
from reelwise.errors import UsageError
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.uncertainty import Uncertainty
from reelwise.recommend.choices import Source
from reelwise.recommend.matching import BestUser, Matcher


class Query(NamedTuple):
    """Whom to recommend to.

    Attributes:
        source: how the embeddings came to be.
        rating: the embedding in the rating model, shape (k,).
        ranking: gives the embedding in the ranking model; None without that model.
        seen: rows of the movies that are never shown.
        contributors: gives the rows of the movies that explanations may name, and the embedding in the ranking model as
            it would be without each of them, shape (contributors, k); None where nothing is explained.
        std: gives the standard deviation of predicted stars for rows of movies; None where nobody can tell.
    """

    source: Source
    rating: Floats
    ranking: Callable[[], Floats] | None
    seen: Rows
    contributors: Callable[[], tuple[Rows, Floats]] | None = None
    std: Callable[[Rows], Floats] | None = None


class QueryBuilder:
    """Makes the queries for one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._matcher = None
        if model.histories is not None:
            self._matcher = Matcher(model.histories.by_movie, len(model.users))

    def require_ranking(self) -> WeightedALS:
        """The ranking model.

        Raises:
            UsageError: Raised when there is none.
        """
        if self._model.ranking is None:
            raise UsageError("this model has no ranking model; train it again with this version of Reelwise")
        return self._model.ranking

    def known(self, user: int, source: Source = "known user") -> Query:
        """The query of user row `user`, or of somebody like that user; only a user's own likes explain anything."""
        model = self._model
        assert model.histories is not None  # noqa: S101 - whoever has a user's row has a history
        ranking, uncertainty = model.ranking, model.rating.uncertainty
        history = model.histories.by_user[user]
        return Query(
            source=source,
            rating=model.rating.P[user],
            ranking=None if ranking is None else partial(ranking.P.__getitem__, user),
            seen=history[0],
            contributors=partial(ranking.embed_without_each, user, *history)
            if ranking and source == "known user"
            else None,
            std=partial(_std_of_user, uncertainty, user) if uncertainty else None,
        )

    def match(self, picks: Sequence[int]) -> BestUser | None:
        """The user who rated most of the picks; see `Matcher.best_user`."""
        return None if self._matcher is None else self._matcher.best_user(picks)

    def blended(self, picks: Sequence[int], disliked: Sequence[int] = ()) -> Query:
        """The blend of all profiles for somebody who likes the picks; without picks, what most people like.

        Raises:
            UsageError: Raised when there is no ranking model.
        """
        selection = self.require_ranking().blend.select(picks, disliked)
        uncertainty = self._profile_uncertainty
        return Query(
            source="blend" if picks or disliked else "popular",
            rating=selection.weights @ self._profile_ratings,
            ranking=lambda: selection.vector,
            seen=np.asarray([*picks, *disliked], np.int32),
            contributors=(lambda: (np.asarray(picks, np.int32), selection.without_each())) if picks else None,
            std=partial(self._std_of_blend, uncertainty, selection.weights) if uncertainty else None,
        )

    def anybody(self) -> Query:
        """The query of somebody of whom nothing is known."""
        if self._model.ranking is not None:
            return self.blended(())
        return Query("popular", self._model.rating.P.mean(axis=0), None, np.empty(0, np.int32))

    @cached_property
    def _profile_ratings(self) -> Floats:
        """The profiles' embeddings in the rating model."""
        return np.ascontiguousarray(self._model.rating.P[self.require_ranking().profiles.users])

    @cached_property
    def _profile_uncertainty(self) -> Uncertainty | None:
        uncertainty = self._model.rating.uncertainty
        return uncertainty and uncertainty.of_users(self.require_ranking().profiles.users)

    def _std_of_blend(self, uncertainty: Uncertainty, weights: Floats, movies: Rows) -> Floats:
        """The standard deviation for somebody who is one of the profiles, and by their weights nobody knows which.

        The variance is the mean of the profiles' own, plus that of their predictions, on which they do not agree:

            sum over u of w_u (s(u, i)² + (stars(u, i) - mean)²)        mean: sum over u of w_u stars(u, i)
        """
        own = weights @ np.square(uncertainty.users) * np.square(uncertainty.movies[movies])
        apart = self._profile_ratings @ self._model.rating.Q[movies].T
        apart -= weights @ apart  # in place here and below, because new arrays of this size cost more than the sums
        deviations: Floats = np.sqrt(own + weights @ np.square(apart, out=apart))
        return deviations


def _std_of_user(uncertainty: Uncertainty, user: int, movies: Rows) -> Floats:
    deviations: Floats = uncertainty.users[user] * uncertainty.movies[movies]
    return deviations
