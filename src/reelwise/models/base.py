"""What every model can do: be fitted, score films for whoever is asked for, be saved and loaded.

Inside, a model knows rows, not ids. To add one, write a class with `fit_rows`, `score`, `save_arrays` and
`load_arrays`, and name it in `reelwise.models.registry`. What asks by ids stands upon these four, and every model has
it: `fit`, `recommend`, `similar`, `fold_in`, `save`, `load`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import CSR
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.types import Floats, Rows
from reelwise.errors import UsageError
from reelwise.models.by_id.asking import AskedById
from reelwise.models.by_id.predicting import predict_pairs
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.config import NoConfig
from reelwise.models.hyperparameters import check_names, configure, signature_of
from reelwise.models.queries import STRANGER, Queries
from reelwise.progress import OnFit, Progress, reporting

if TYPE_CHECKING:
    from reelwise.models.by_id.predicting import IdPairs
    from reelwise.models.by_id.results import PredictedPairs


class ArrayStore(Protocol):
    """Where arrays are kept by name: a model folder, or a dict in memory."""

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Keep an array."""

    def read(self, name: str, dtype: str, shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
        """The array of that name, read-only.

        Args:
            name: what it is called.
            dtype: what it must hold, such as "<f4".
            shape: what it must measure; None where any length will do.

        Raises:
            ModelError: Raised when there is none, or it is another one.
        """

    def __contains__(self, name: str) -> bool: ...


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
        UsageError: Raised when there is no such hyper-parameter, or a value is invalid.
    """

    config_type: ClassVar[type[Any]] = NoConfig
    options: ClassVar[Mapping[str, Any]] = {}
    learns_from_times: ClassVar[bool] = False
    __signature__: ClassVar[Signature]
    config: Any
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
            progress: who is told how far it is; by default whoever sits before a terminal or a notebook.
            options: those of the model's `fit_rows`; a `Dataset` for one stands for its ratings.

        Raises:
            UsageError: Raised when the ratings are none, the model cannot be fitted to them, or has no such option.
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
            self.fit_rows(ratings, **{**self._hooks(on_fit), **options})
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
            ModelError: Raised when an array is missing, or is not what it should be.
            UsageError: Raised when the model cannot be loaded.
        """
        raise UsageError(f"{self.name} cannot be loaded; it has no method load_arrays")

    def save(self, path: str | Path) -> None:
        """Write the model to a folder, with its ids, in place of an estimator that is there.

        Raises:
            ModelError: Raised when the folder cannot be written, or holds something else.
            UsageError: Raised when the model was not fitted to a `Dataset`, or cannot be saved.
        """
        from reelwise.models.by_id.folder import write_estimator

        write_estimator(Path(path), self)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The model in a folder, mapped; `Estimator.load` reads any that is registered.

        Raises:
            ModelError: Raised when there is none of this class, or it is broken.
        """
        from reelwise.models.by_id.folder import read_estimator

        return read_estimator(Path(path), cls)

    def __repr__(self) -> str:
        default = self.config_type()
        changed = {
            field.name: getattr(self.config, field.name)
            for field in fields(self.config)
            if getattr(self.config, field.name) != getattr(default, field.name)
        }
        given = {**changed, **({"seed": self.seed} if hasattr(self, "seed") else {})}
        arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
        fitted = f" fitted to {self.trained_on.name}" if self.trained_on is not None else ""
        return f"{type(self).__name__}({arguments}){fitted}"

    def _hooks(self, on_fit: OnFit) -> dict[str, Any]:  # noqa: ARG002 - for models that take a while
        """Options of `fit_rows` by which it tells how far it is."""
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
        if isinstance(train, Dataset) and train.implicit:
            raise UsageError(
                f"{train.name} says who watched what and has no stars for {self.name} to learn; fit a model that "
                "ranks, such as weighted-als"
            )
        return super().fit(train, progress=progress, **options)

    @abstractmethod
    def predict_rows(self, users: Rows, movies: Rows) -> Floats:
        """Predicted stars of each (user, movie) pair of rows, clipped to the rating scale; float32, shape (pairs,).

        The row `STRANGER` stands for a user or a movie that is not in the model: the other side and the mean count.
        """

    def std_rows(self, users: Rows, movies: Rows) -> Floats | None:  # noqa: ARG002
        """The standard deviation of the errors of `predict_rows`, in stars, shape (pairs,); None where nobody knows."""
        return None

    def predict(self, pairs: "IdPairs") -> "PredictedPairs":
        """The stars that users would give to movies.

        A user or movie without ratings in the training data is predicted from the other side and the mean, and the
        answer tells how many there were.

        Args:
            pairs: (user, movie) pairs of ids; a frame with columns `user` and `movie`; or a `Dataset`, whose own pairs
                are predicted.

        Raises:
            UsageError: Raised when these are no pairs, or the model was not fitted to a `Dataset`.
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
    """Refuse what is no ratings, or none at all."""
    if not isinstance(ratings, Interactions):
        raise UsageError(
            f"fit takes a Dataset, not {type(ratings).__name__}; Dataset.from_frame makes one from a frame, and "
            "read_dataset from files"
        )
    if len(ratings) == 0:
        raise UsageError("there are no ratings to learn from")
