"""A trained model in memory: everything that a model folder holds."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Self

import numpy as np

from reelwise.artifacts.config import Config
from reelwise.artifacts.folder import read_model, write_model
from reelwise.artifacts.indexes import Indexes
from reelwise.artifacts.metrics import Metrics
from reelwise.data.catalogue import Catalogue
from reelwise.data.interactions import RatingScale
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.types import Floats, Mask, Rows
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError
from reelwise.models.cold_start import ColdStart
from reelwise.models.fold_in.folding import Folding
from reelwise.models.fold_in.uncertainty import FoldInUncertainty
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.storage.paths import to_path


@dataclass(frozen=True)
class Description:
    """A model in short. `movies` are those with ratings.

    `revision` tells two models apart, by the content of a folder's files: before it is saved, a model has another one.
    """

    revision: str
    dataset: str
    simulated: bool
    users: int
    movies: int
    ratings: int
    trained_at: str


@dataclass(frozen=True, repr=False, eq=False)
class Model:
    """Everything that a model folder holds. Rows of movies are those of the catalogue, rated or not.

    Attributes:
        config: what the model is and how it came to be.
        metrics: its figures on held-out ratings; None if it was not measured.
        users: the ids of the users by row.
        catalogue: the films by row.
        rating: the rating model.
        ranking: the ranking model, if there is one.
        histories: who rated what; None where that was left out, and users are nameless profiles.
        fitted: bool, shape (movies,); which movies the models were fitted to, so that they can be recommended.
        stats: number of ratings and mean stars of each movie.
        map: float32, shape (movies, 2), from -1 to 1; films that the same people like lie close together. None
            without a map.
        popular: float32, shape (movies,), from 0 to 1; how popular each film was lately, for newcomers. None where the
            ranking model orders films for them, too.
        indexes: for search and retrieval; None until the model is in a folder.
        content: what is expected of films without ratings; None if there is no ranking model, or nothing was learnt.
    """

    config: Config
    metrics: Metrics | None
    users: Vocabulary
    catalogue: Catalogue
    rating: MatrixFactorization
    ranking: WeightedALS | None
    histories: Ratings | None
    fitted: Mask
    stats: MovieStats
    map: Floats | None = None
    popular: Floats | None = None
    indexes: Indexes | None = field(default=None, repr=False)
    content: ColdStart | None = field(default=None, repr=False)

    def save(self, path: str | Path) -> None:
        """Write the model to a folder, in place of a model that is there, and read it back before it takes its place.

        Raises:
            ModelError: Raised when something that is not a model is there, or the folder cannot be written.
            UsageError: Raised when the path is invalid.
        """
        write_model(to_path(path), self)

    @classmethod
    def load(cls, path: str | Path, *, checked: bool = False) -> Self:
        """The model in a folder; its arrays are memory-mapped.

        Args:
            path: where it is.
            checked: whether `check_model` has just found nothing wrong with it, so that numbers need no second look.

        Raises:
            ModelError: Raised when there is none, or it is invalid; it names the file and what is wrong.
            UsageError: Raised when that is not a path.
        """
        return read_model(path if isinstance(path, Path) else to_path(path), cls, checked=checked)

    def __repr__(self) -> str:
        about = self.description
        figures = [*self.metrics.describe()] if self.metrics is not None else ["not measured"]
        return (
            f"Model({about.dataset}: {about.users:,} users, {about.movies:,} movies, {about.ratings:,} ratings; "
            f"{', '.join(figures)}; revision {about.revision})"
        )

    @property
    def movies(self) -> Vocabulary:
        """The ids of the movies by row."""
        return self.catalogue.movies

    @cached_property
    def folding(self) -> Folding | None:
        """Folds histories in; None where the model lacks parts for it."""
        if self.ranking is None or self.rating.fold_in_parts is None:
            return None
        info = self.config.fold_in
        return Folding(self.ranking, self.rating, info.settings if info else None)

    @cached_property
    def fold_in_uncertainty(self) -> FoldInUncertainty | None:
        """How sure predictions are for people who are folded in; None where that was not measured."""
        info = self.config.fold_in.uncertainty if self.config.fold_in else None
        uncertainty = self.rating.uncertainty
        if info is None or uncertainty is None:
            return None
        return FoldInUncertainty(info.coefficients, info.noise, uncertainty.movies)

    def known_users(self) -> Rows:
        """The rows of the users who can be asked about: those with ratings, who may be fewer after `preprocess`.

        In a model of the early project these are all users, since it answers those without ratings, too.
        """
        if self.histories is None:
            return np.empty(0, np.int32)
        if self._is_as_imported:
            return np.arange(len(self.users), dtype=np.int32)
        return np.flatnonzero(self.histories.by_user.counts()).astype(np.int32)

    def knows_user(self, row: int) -> bool:
        """Whether a user can be asked about; see `known_users`."""
        if self.histories is None or self._is_as_imported:
            return self.histories is not None
        offsets = self.histories.by_user.offsets
        return bool(offsets[row] < offsets[row + 1])

    @cached_property
    def _is_as_imported(self) -> bool:
        config = self.config
        return config.rating_model.engine == "legacy" and config.histories == config.dataset

    @property
    def scale(self) -> RatingScale:
        """The rating scale."""
        return self.config.scale

    @property
    def balance(self) -> float:
        """How lists by taste are balanced by default: 0 to 1, from well-known films to hidden ones."""
        return self.config.ranking_model.balance if self.config.ranking_model is not None else 0.0

    @property
    def predicts_stars(self) -> bool:
        """Whether it was trained on stars, and not on implicit feedback."""
        return not self.config.dataset.implicit

    @cached_property
    def description(self) -> Description:
        """The model in short."""
        config = self.config
        return Description(
            revision=sha256(config.model_dump_json().encode()).hexdigest()[:12],
            dataset=config.dataset.name,
            simulated=config.dataset.simulated,
            users=config.counts.users,
            movies=config.counts.rated_movies,
            ratings=config.counts.ratings,
            trained_at=config.trained_at,
        )


def without_histories(model: Model) -> Model:
    """`model` without what its users rated and who they are: what is left serves selections by blending.

    Only the profiles are kept, numbered from 1. Movies keep their number of ratings and their mean stars.

    Raises:
        UsageError: Raised when the model has no ranking model: histories are all that it could serve selections with.
    """
    ranking, info = model.ranking, model.config.ranking_model
    if ranking is None or info is None:
        raise UsageError("this model has no ranking model, so without histories it could not recommend to anybody")
    kept = ranking.profiles.users
    anonymous = ranking.without_histories()
    config = model.config.model_copy(
        update={
            "histories": None,
            "counts": model.config.counts.model_copy(update={"users": len(kept), "ratings": 0}),
            "ranking_model": info.model_copy(update={"blend": anonymous.blend_config}),
        }
    )
    return replace(
        model,
        config=config,
        users=Vocabulary(np.arange(1, len(kept) + 1, dtype=np.int64)),
        rating=model.rating.of_users(kept),
        ranking=anonymous,
        histories=None,
        indexes=None,
    )
