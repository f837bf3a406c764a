"""Who is recommended to, as one vector in taste and one in stars."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.config import RankingConfig
from reelwise.artifacts.model import Model
from reelwise.errors import UsageError
from reelwise.models.preference import is_like, targets
from reelwise.models.ranking.blending import Blend, Floats, Taste
from reelwise.models.rating.uncertainty import Uncertainty
from reelwise.recommend.inner_product_index import ProductIndex
from reelwise.recommend.matching import BestUser, Matcher
from reelwise.recommend.results import Source

Movies = npt.NDArray[np.integer]


class Viewer(NamedTuple):
    """Somebody to recommend to.

    Attributes:
        source: how the vectors came to be.
        stars: the vector whose product with a row of Q is the predicted stars, shape (k,).
        taste: gives the vector whose product with a row of the taste model's Q says what to show; None without that
            model.
        seen: rows of the movies that are never shown.
        carriers: gives the rows of the movies that reasons may name, and the taste vector as it would be without each
            of them, shape (carriers, k); None where there are no reasons.
        margins: gives the standard deviation of the errors of predicted stars, in stars, for rows of movies; None where
            nobody can tell.
    """

    source: Source
    stars: Floats
    taste: Callable[[], Floats] | None
    seen: Movies
    carriers: Callable[[], tuple[Movies, Floats]] | None = None
    margins: Callable[[Movies], Floats] | None = None


def required(tastes: "Tastes | None") -> "Tastes":
    """What takes a taste model.

    Raises:
        UsageError: if there is none.
    """
    if tastes is None:
        raise UsageError("this model has no taste model; train it again with this version of Reelwise")
    return tastes


class Viewers:
    """Finds the vectors of viewers for one model; `tastes` is None where it has no taste model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._history = model.history
        self._matcher = Matcher(model.history.by_movie, len(model.history.user_ids))
        config = model.config.taste_model
        self.tastes = Tastes(model, model.taste, config) if model.taste and config else None

    def known(self, user: int, source: Source = "known user") -> Viewer:
        """The viewer who is user row `user`, or like that user; a user's own likes are reasons."""
        tastes, spread = self.tastes, self._model.spread
        return Viewer(
            source=source,
            stars=self._model.P[user],
            taste=(lambda: tastes.taste.P[user]) if tastes else None,
            seen=self._history.by_user[user][0],
            carriers=(lambda: tastes.known_without_each(user)) if tastes and source == "known user" else None,
            margins=(lambda movies: spread.users[user] * spread.movies[movies]) if spread else None,
        )

    def match(self, picks: Sequence[int]) -> BestUser | None:
        """The user who rated most of the picks; see `Matcher.best_user`."""
        return self._matcher.best_user(picks)


class Tastes:
    """What takes a taste model: blended viewers, and what a known user would be without each like."""

    def __init__(self, model: Model, taste: Taste, config: RankingConfig) -> None:
        self.taste = taste
        self._history = model.history
        self._settings = config.model
        self._blend = Blend(taste, model.history, config.blend, config.model)
        self.index = ProductIndex(taste.Q, taste.P)
        self._stars_of_profiles = np.ascontiguousarray(model.P[taste.profiles.users])
        self._Q, self._spread = model.Q, model.spread and model.spread.rows(taste.profiles.users)

    def blended(self, picks: Sequence[int], disliked: Sequence[int] = ()) -> Viewer:
        """The blend of all profiles for somebody who likes the picks; without picks, what most people like."""
        selection = self._blend.selection(picks, disliked)
        return Viewer(
            source="blend" if picks or disliked else "popular",
            stars=selection.weights @ self._stars_of_profiles,
            taste=lambda: selection.vector,
            seen=np.asarray([*picks, *disliked], np.int32),
            carriers=(lambda: (np.asarray(picks, np.int32), selection.without_each())) if picks else None,
            margins=partial(self._margins, self._spread, selection.weights) if self._spread else None,
        )

    def _margins(self, spread: Uncertainty, weights: Floats, movies: Movies) -> Floats:
        """How far errors spread for somebody who is one of the profiles, and by their weights nobody knows which.

        The variance is the mean of the profiles' own, plus that of their predictions, on which they do not agree:

            sum over u of w_u (s(u, i)² + (stars(u, i) - mean)²)        mean: sum over u of w_u stars(u, i)
        """
        own = weights @ np.square(spread.users) * np.square(spread.movies[movies])
        apart = self._stars_of_profiles @ self._Q[movies].T
        apart -= weights @ apart  # in place here and below, because new arrays of this size cost more than the sums
        margins: Floats = np.sqrt(own + weights @ np.square(apart, out=apart))
        return margins

    def cosines(self, movie: int) -> Floats:
        """How alike `movie` and each movie are: the cosines of their centred_embeddings, shape (movies,)."""
        flavour = self.taste.centred_embeddings(np.array([movie]))[
            0
        ]  # upright on the average viewer, so its products with centred_embeddings are with Q
        cosines: Floats = (self.taste.Q @ flavour) / np.maximum(self._lengths * self._lengths[movie], np.float32(1e-12))
        return cosines

    @cached_property
    def _lengths(self) -> Floats:
        """The lengths of all centred_embeddings, shape (movies,)."""
        lengths: Floats = np.linalg.norm(self.taste.centred_embeddings(), axis=1)
        return lengths

    @cached_property
    def _gram(self) -> Floats:
        Q = self.taste.Q
        gram: Floats = np.float32(self._settings.missing_weight) * (Q.T @ Q)
        return gram

    def known_without_each(self, user: int) -> tuple[Movies, Floats]:
        """The rows of the user's likes, and the taste vector if one of them were not in the history, shape (likes, k).

        Removing rating j from the least squares whose solution is p moves it by -A^-1 q (t - q·p) / (1 - q·A^-1 q)
        (Sherman and Morrison), with A the user's system and q, t the movie's vector and the rating's target.
        """
        settings = self._settings
        movies, stars = self._history.by_user[user]
        q, t = self.taste.Q[movies], targets(stars, self._history.scale)
        size = len(movies) + settings.missing_weight * len(self.taste.Q)
        penalty = settings.regularisation * size**settings.frequency_exponent
        system = self._gram + q.T @ q + np.float32(penalty) * np.eye(q.shape[1], dtype=np.float32)
        liked = is_like(stars, self._history.scale)
        movies, q, t = movies[liked], q[liked], t[liked]
        solved = np.linalg.solve(system, q.T).T
        leverage = np.einsum("nk,nk->n", solved, q)
        moves = (t - q @ self.taste.P[user]) / (1 - leverage)
        without: Floats = self.taste.P[user] - solved * moves[:, None]
        return movies, without
