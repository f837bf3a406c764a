"""The base of every model: fitting, scoring films for users, saving and loading.

Inside, a model knows rows, not ids. To add one, write a class with `fit_rows`, `score`, `save_arrays` and
`load_arrays`, and name it in `reelwise.models.registry`. What asks by ids stands upon these four, and every model has
it: `fit`, `recommend`, `similar`, `fold_in`, `save`, `load`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.types import Floats, Rows
from reelwise.errors import Diverged, UsageError
from reelwise.models.by_id.asking import AskedById
from reelwise.models.by_id.predicting import predict_pairs
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.config import NoConfig
from reelwise.models.hyperparameters import check_names, configure, defaults_of, signature_of
from reelwise.models.queries import STRANGER, Queries
from reelwise.progress import OnFit, Progress, reporting
from reelwise.storage.arrays import ArrayStore as ArrayStore
from reelwise.storage.paths import to_path

if TYPE_CHECKING:
    from reelwise.models.by_id.predicting import IdPairs
    from reelwise.models.by_id.results import PredictedPairs


class Estimator(AskedById):
    """A model.

    Args:
        config: hyper-parameters; by default those of `config_type`.
        hyperparameters: single ones instead of those of the config, such as `factors=32`.

    Attributes:
        name: what it is called in tables and on the command line.
        config_type: a frozen dataclass, whose fields are the hyper-parameters.
        options: what else it is made with and keeps when it is saved, and the type of each.
        learns_from_times: whether it asks when ratings were given.
        config: its hyper-parameters.
        scale: of the ratings that it was fitted to.

    Raises:
        UsageError: Raised when a hyper-parameter does not exist or its value is invalid.
    """

    config_type: ClassVar[type[Any]] = NoConfig
    options: ClassVar[Mapping[str, Any]] = {}
    learns_from_times: ClassVar[bool] = False
    __signature__: ClassVar[Signature]
    config: Any = NoConfig()  # of a model whose own __init__ does not call this one
    scale: RatingScale = MOVIELENS_SCALE

    def __init__(self, config: Any = None, **hyperparameters: Any) -> None:
        self.config = configure(self.name, self.config_type, config, hyperparameters)

    def __init_subclass__(cls) -> None:
        """Let help and notebooks see the hyper-parameters as what they are: keyword arguments."""
        super().__init_subclass__()
        cls.__signature__ = signature_of(cls.__init__, cls.config_type)

    def fit(self, train: Dataset | Interactions, *, progress: Progress = None, **options: Any) -> Self:
        """Learn from ratings. The same ratings, hyper-parameters and seed give the same model.

        Args:
            train: the ratings. After a `Dataset` the model can be asked by ids, and refers to the data set's arrays;
                after `Interactions` it knows rows alone.
            progress: progress callback; True shows bars, False none; by default bars in a terminal or a notebook.
            options: those of the model's `fit_rows`; a `Dataset` for one stands for its ratings.

        Raises:
            Diverged: Raised when the numbers grow without bound; try other hyper-parameters. It is a UsageError, too.
            UsageError: Raised when the ratings are invalid, the model cannot be fitted to them (such as one of likes
                where nobody likes anything), or it has no such option.
        """
        check_names(f"{type(self).__name__}.fit", "option", options, [*signature(self.fit_rows).parameters][1:])
        known = None
        if isinstance(train, Dataset):
            known = TrainedOn.of(train)
            options = {
                name: known.known_ratings(value) if isinstance(value, Dataset) else value
                for name, value in options.items()
            }
        timed = self.learns_from_times
        ratings = train.ratings.interactions(timed=timed) if isinstance(train, Dataset) else train
        _require_ratings(ratings)
        self.trained_on, self.scale = None, ratings.scale
        with reporting(progress) as on_fit:
            try:
                self.fit_rows(ratings, **{**self._hooks(on_fit), **options})
            except FloatingPointError as error:
                raise Diverged(f"{self.name}: {error}") from error
            except np.linalg.LinAlgError as error:
                raise Diverged(f"{self.name}: no solution ({error}); try more regularisation") from error
        self.trained_on = known
        return self

    @abstractmethod
    def fit_rows(self, train: Interactions) -> object:
        """Learn from ratings by row; leave them as they are."""

    @abstractmethod
    def score(self, queries: Queries) -> Floats:
        """How well each movie suits each query: finite, higher is better; float32, shape (queries, movies)."""

    def save_arrays(self, store: ArrayStore) -> None:  # noqa: ARG002
        """Write what was learnt.

        Raises:
            UsageError: Raised when the model cannot be saved.
        """
        raise UsageError(f"{self.name} cannot be saved; it has no method save_arrays")

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:  # noqa: ARG002
        """Take what `save_arrays` wrote of a model with the same hyper-parameters.

        Raises:
            ModelError: Raised when an array is missing or invalid.
            UsageError: Raised when the model cannot be loaded.
        """
        raise UsageError(f"{self.name} cannot be loaded; it has no method load_arrays")

    def save(self, path: str | Path) -> None:
        """Write the model to a folder, with its ids, in place of an estimator that is there.

        Raises:
            ModelError: Raised when the folder cannot be written, or holds something other than an estimator.
            UsageError: Raised when the model was not fitted to a `Dataset`, or cannot be saved.
        """
        from reelwise.models.by_id.folder import write_estimator

        write_estimator(to_path(path), self)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The model in a folder, mapped; `Estimator.load` reads any that is registered.

        Raises:
            ModelError: Raised when there is no model of this class, or it is broken.
        """
        from reelwise.models.by_id.folder import read_estimator

        return read_estimator(to_path(path), cls)

    def __repr__(self) -> str:
        defaults = defaults_of(type(self.config))
        values = {name: getattr(self.config, name) for name in defaults}
        changed = {name: value for name, value in values.items() if value != defaults[name]}
        given = {**changed, **({"seed": self.seed} if hasattr(self, "seed") else {})}
        arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
        fitted = f" fitted to {self.trained_on.name}" if self.trained_on is not None else ""
        return f"{type(self).__name__}({arguments}){fitted}"

    def _hooks(self, on_fit: OnFit) -> dict[str, Any]:  # noqa: ARG002 - for models that take a while
        """Options of `fit_rows` that report progress."""
        return {}


class RatingPredictor(Estimator):
    """A model whose scores are stars.

    Attributes:
        why_no_std: what to say where no standard deviation is known.
    """

    scores_are_stars = True
    why_no_std: ClassVar[str] = "this model does not say how sure it is"

    def fit(self, train: Dataset | Interactions, *, progress: Progress = None, **options: Any) -> Self:
        """Learn from ratings; see `Estimator.fit`.

        Raises:
            UsageError: Raised as by `Estimator.fit`, and when the ratings are implicit feedback, which has no stars.
        """
        if isinstance(train, Dataset):
            self.require_stars(train)
        return super().fit(train, progress=progress, **options)

    @classmethod
    def require_stars(cls, ratings: Dataset | TrainedOn) -> None:
        """Refuse implicit feedback.

        Raises:
            UsageError: Raised when the ratings have no stars.
        """
        if ratings.implicit:
            raise UsageError(
                f"{ratings.name} says who watched what and has no stars for {cls.name} to learn; fit a model that "
                "ranks, such as weighted-als"
            )

    @abstractmethod
    def predict_rows(self, users: Rows, movies: Rows) -> Floats:
        """Predicted stars of each (user, movie) pair of rows, clipped to the rating scale; float32, shape (pairs,).

        The row `STRANGER` stands for a user or a movie that is not in the model: the other side and the mean count.
        """

    def std_rows(self, users: Rows, movies: Rows) -> Floats | None:  # noqa: ARG002
        """The standard deviation of the errors of `predict_rows`, in stars, shape (pairs,); None where unknown."""
        return None

    def predict(self, pairs: "IdPairs") -> "PredictedPairs":
        """The stars that users would give to movies.

        A user or movie without ratings in the training data is predicted from the other side and the mean, and the
        answer tells how many there were.

        Args:
            pairs: (user, movie) pairs of ids; a frame with columns `user` and `movie`; or a `Dataset`, whose own pairs
                are predicted.

        Raises:
            UsageError: Raised when these are not pairs, or the model was not fitted to a `Dataset`.
        """
        return predict_pairs(self, pairs)


class FactorModel(Estimator):
    """A model in which a score is a product of two vectors.

    Attributes:
        P: float32, shape (users, k).
        Q: float32, shape (movies, k).
    """

    P: Floats
    Q: Floats

    @abstractmethod
    def fold_in_rows(self, histories: CSR) -> Floats:
        """The embeddings of people with these histories, as strangers; float32, shape (histories, k)."""

    def embed(self, queries: Queries) -> Floats:
        """The embeddings: a known user's row of P, or what folding in the history gives; shape (queries, k)."""
        known, strangers = np.flatnonzero(queries.users != STRANGER), np.flatnonzero(queries.users == STRANGER)
        vectors = np.empty((len(queries), self.Q.shape[1]), np.float32)
        vectors[known] = self.P[queries.users[known]]
        if len(strangers):
            vectors[strangers] = self.fold_in_rows(queries.histories.take(strangers))
        return vectors

    def score(self, queries: Queries) -> Floats:
        """The products of the embeddings with Q, shape (queries, movies)."""
        scores: Floats = self.embed(queries) @ self.Q.T
        return scores


def _require_ratings(ratings: object) -> None:
    """Refuse what is not ratings, has no ratings, or does not fit together."""
    if not isinstance(ratings, Interactions):
        raise UsageError(
            f"fit takes a Dataset, not {type(ratings).__name__}; Dataset.from_frame makes one from a frame, and "
            "read_dataset from files"
        )
    if not len(ratings.users) == len(ratings.movies) == len(ratings.stars):
        counts = f"{len(ratings.users):,} users, {len(ratings.movies):,} movies and {len(ratings.stars):,} stars"
        raise UsageError(f"the ratings have {counts}; expected as many of each")
    if len(ratings) == 0:
        raise UsageError("there are no ratings to learn from")
    for noun, rows, count in zip(("user", "movie"), (ratings.users, ratings.movies), ratings.shape, strict=True):
        least, most = int(rows.min()), int(rows.max())
        if least < 0 or most >= count:
            wrong = least if least < 0 else most
            raise UsageError(f"the ratings have a {noun} in row {wrong}; the shape says that there are {count:,} rows")
    if not np.isfinite(ratings.stars.sum(dtype=np.float64)):
        raise UsageError("the ratings have stars that are not finite")
