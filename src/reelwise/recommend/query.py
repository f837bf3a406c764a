"""Queries: an embedding in both models, what was seen, and what recommendations can be explained by."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.likes import least_like
from reelwise.data.types import Floats, Mask, Rows, Stars
from reelwise.errors import UsageError
from reelwise.models.fold_in.contributors import embed_without_each
from reelwise.models.fold_in.folding import Embeddings, FoldedHistory, Folding
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.uncertainty import Uncertainty
from reelwise.recommend.choices import Source
from reelwise.recommend.naming.resolver import Found, Opinion
from reelwise.recommend.users.matching import BestUser, Matcher


class Query(NamedTuple):
    """Whom to recommend to.

    Attributes:
        source: how the embeddings came to be.
        rating: the embedding in the rating model, shape (k,).
        ranking: gives the embedding in the ranking model; None without that model.
        seen: rows of the movies that are never shown.
        contributors: gives for rows that are shown the rows of the movies that explanations may name, and the embedding
            in the ranking model as it would be without each of these, shape (contributors, k); None where nothing is
            explained.
        std: gives the standard deviation of predicted stars for rows of movies; None where it is not known.
        picks: rows of the films of a selection; None for everybody else.
        popularity: of all movies, float32, shape (movies,), in whose order they are shown in place of the ranking
            model's; None where that has a say.
        lately: whether what people of the live store liked lately counts.
    """

    source: Source
    rating: Floats
    ranking: Callable[[], Floats] | None
    seen: Rows
    contributors: Callable[[Rows], tuple[Rows, Floats]] | None = None
    std: Callable[[Rows], Floats] | None = None
    picks: Rows | None = None
    popularity: Floats | None = None
    lately: bool = False


class QueryBuilder:
    """Makes the queries for one model."""

    def __init__(self, model: Model, matcher: Matcher | None = None) -> None:
        self._model = model
        self.matcher = matcher
        """Finds the users who match a selection; None where the model has no users."""
        if model.histories is not None and matcher is None:
            self.matcher = Matcher(model.histories.by_movie, len(model.users))

    def require_ranking(self) -> WeightedALS:
        """The ranking model.

        Raises:
            UsageError: Raised when there is none.
        """
        if self._model.ranking is None:
            raise UsageError("this model has no ranking model; train it again with this version of Reelwise")
        return self._model.ranking

    def trained(self, user: int, source: Source = "known user") -> Query:
        """The query of user row `user`, or of a person like that user, as the models were fitted to it."""
        model = self._model
        assert model.histories is not None  # noqa: S101 - whoever has a user's row has a history
        ranking, uncertainty = model.ranking, model.rating.uncertainty
        return Query(
            source=source,
            rating=model.rating.P[user],
            ranking=None if ranking is None else partial(ranking.P.__getitem__, user),
            seen=model.histories.by_user[user][0],
            std=partial(uncertainty.std, user) if uncertainty else None,
        )

    def known(self, user: int) -> Query:
        """The query of user row `user`, whose taste is folded in from the history, as if the user were new.

        That orders films better than the row that was trained, as long as the user's own profile is left out.
        """
        query, folding = self.trained(user), self._model.folding
        if folding is None:
            return query
        assert self._model.histories is not None  # noqa: S101 - as above
        folded = _Folded(folding, folding.fold(*self._model.histories.by_user[user]), self.own_profile(user))
        return query._replace(ranking=folded.ranking, contributors=folded.without_each)

    def own_profile(self, user: int) -> int | None:
        """The profile that user row `user` is; None where the user is none of them."""
        return self.require_ranking().profiles.place_of(user)

    def newcomer(self, opinion: Opinion, found: Found) -> Query:
        """The query of a person who names films: a history where some have stars, else a blend.

        Args:
            opinion: what this person thinks of them.
            found: their rows.

        Raises:
            UsageError: Raised when there is no ranking model.
        """
        if not self.folds(opinion, found):
            return self.blended(found.of(opinion.liked), found.of(opinion.disliked))
        scale = self._model.scale
        felt = dict.fromkeys(opinion.disliked, scale.low) | dict.fromkeys(opinion.liked, least_like(scale))
        named = [movie for movie in opinion.named if movie in found.rows]
        return self.folded(
            np.array([found.rows[movie] for movie in named]),
            np.array([opinion.stars[movie] if movie in opinion.stars else felt[movie] for movie in named], np.float32),
            np.array([movie not in opinion.stars for movie in named]),
        )

    def folds(self, opinion: Opinion, found: Found) -> bool:
        """Whether a person with that opinion is folded in, so that all stars count."""
        return not opinion.stars.keys().isdisjoint(found.rows) and self._model.folding is not None

    def folded(
        self, movies: Rows, stars: Stars, felt: Mask, source: Source = "history", own: int | None = None
    ) -> Query:
        """The query of a person with a history that the models were not fitted to.

        Args:
            movies: rows of distinct movies that the models were fitted to.
            stars: of each.
            felt: which are merely liked or disliked, see `Folding.fold`.
            source: what to call it.
            own: the profile of the very person whose history it is, which is left out.
        """
        folding, uncertainty = self._model.folding, self._model.fold_in_uncertainty
        assert folding is not None  # noqa: S101 - see `folds`
        folded = _Folded(folding, folding.fold(movies, stars, felt), own)
        return Query(
            source=source,
            rating=folded.embeddings.rating,
            ranking=folded.ranking,
            seen=movies.astype(np.int32),
            contributors=folded.without_each,
            std=partial(uncertainty.std, folding, folded.history, folded.embeddings) if uncertainty else None,
        )

    def match(self, picks: Sequence[int], without: Sequence[int] = ()) -> BestUser | None:
        """The user who rated most of the picks; see `Matcher.best_user`."""
        return None if self.matcher is None else self.matcher.best_user(picks, without)

    def matching(self, match: BestUser | None) -> Query:
        """The query of the user who matches best; without one, of anybody."""
        return self.anybody() if match is None else self.trained(match.user, "profile")

    def blended(self, picks: Sequence[int], disliked: Sequence[int] = ()) -> Query:
        """The blend of all profiles for a person who likes the picks; without picks, what most people like.

        Raises:
            UsageError: Raised when there is no ranking model.
        """
        selection, liked = self.require_ranking().blend.select(picks, disliked), np.asarray(picks, np.int32)
        uncertainty = self._profile_uncertainty
        return Query(
            source="blend" if picks or disliked else "popular",
            rating=self._profile_ratings @ selection.weights,
            ranking=lambda: selection.vector,
            seen=np.asarray([*picks, *disliked], np.int32),
            contributors=(lambda _: (liked, selection.without_each())) if picks else None,
            std=partial(self._std_of_blend, uncertainty, selection.weights) if uncertainty else None,
            picks=liked if picks else None,
        )

    def anybody(self) -> Query:
        """The query of a person of whom nothing is known: by what was popular lately, where that suits them best."""
        if self._model.ranking is not None:
            return self.blended(())._replace(popularity=self._model.popular, lately=True)
        return Query("popular", self._model.rating.P.mean(axis=0), None, np.empty(0, np.int32))

    @cached_property
    def _profile_ratings(self) -> Floats:
        """The profiles' embeddings in the rating model, transposed, shape (k, profiles); the faster for a few films."""
        return np.ascontiguousarray(self._model.rating.P[self.require_ranking().profiles.users].T)

    @cached_property
    def _profile_uncertainty(self) -> Uncertainty | None:
        uncertainty = self._model.rating.uncertainty
        return uncertainty and uncertainty.of_users(self.require_ranking().profiles.users)

    def _std_of_blend(self, uncertainty: Uncertainty, weights: Floats, movies: Rows) -> Floats:
        """The standard deviation for a person who is one of the profiles, with the weights as probabilities.

        The variance is the mean of the profiles' own, plus that of their predictions, on which they do not agree:

            sum over u of w_u (s(u, i)² + (stars(u, i) - mean)²)        mean: sum over u of w_u stars(u, i)
        """
        own = weights @ np.square(uncertainty.users) * np.square(uncertainty.movies[movies])
        apart = self._model.rating.Q[movies] @ self._profile_ratings
        apart -= (apart @ weights)[:, None]  # in place here and below: new arrays of this size cost more than the sums
        deviations: Floats = np.sqrt(own + np.square(apart, out=apart) @ weights)
        return deviations


class _Folded:
    """A history that is folded in when that is first asked for.

    Args:
        folding: how.
        history: the history.
        own: the profile of the person whose history it is, which is left out.
    """

    def __init__(self, folding: Folding, history: FoldedHistory, own: int | None = None) -> None:
        self._folding, self.history, self._own = folding, history, own

    @cached_property
    def embeddings(self) -> Embeddings:
        """The embeddings of the history."""
        return self._folding.embed(self.history, self._own)

    def ranking(self) -> Floats:
        """The embedding in the ranking model."""
        return self.embeddings.ranking

    def without_each(self, shown: Rows) -> tuple[Rows, Floats]:
        """The films that carry the recommendation of those shown; see `embed_without_each`."""
        return embed_without_each(self._folding, self.history, self.embeddings, shown)
