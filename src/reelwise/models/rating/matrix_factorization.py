"""The rating model: how many stars would this user give that film?

    stars(u, i) = mu + b_u + b_i + p_u·q_i

fitted to the ratings by SGD with L2 regularisation. Training works on normalised stars, see
`reelwise.models.rating.scaling`. Vectors are not shrunk to zero but to their prior mean, see
`reelwise.models.rating.prior_mean`.

Nothing here needs a compiler until a model is fitted, so that serving needs none.
"""

from collections.abc import Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

import numpy as np

from reelwise.data.arguments import check_fraction, check_seed, count_threads
from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.splitting import hold_out
from reelwise.data.types import Floats, Mask, Rows
from reelwise.errors import ModelError, UsageError
from reelwise.models.base import FactorModel, RatingPredictor
from reelwise.models.config import MatrixFactorizationConfig, MatrixFactorizationValues, UpdateConfig
from reelwise.models.queries import STRANGER
from reelwise.models.rating.epochs import Epoch
from reelwise.models.rating.fold_in import CANNOT_FOLD_IN, FoldIn
from reelwise.models.rating.scaling import Scaling
from reelwise.models.rating.uncertainty import Coefficients, Residuals, Uncertainty
from reelwise.models.vectors import unit_rows
from reelwise.progress import FitProgress, OnFit
from reelwise.storage.arrays import POSITIVE, ArrayStore

if TYPE_CHECKING:
    from reelwise.models.rating.updating import OlderRows

_BLOCK = 65_536  # pairs at a time, to keep the gathered rows small

OnEpoch = Callable[[Epoch], object]


class MatrixFactorization(FactorModel, RatingPredictor):
    """Biased matrix factorisation by SGD; `P[u] @ Q[i]` is the predicted stars, since the biases are folded in.

    Args:
        config: hyper-parameters.
        seed: of the random start and the order of the updates; the same seed gives the same bytes.
        threads: how many work at a time, by default all that there are; no effect on the result.
        hyperparameters: single ones instead of those of the config: the fields of `MatrixFactorizationConfig`.

    Attributes:
        P: float32, shape (users, k + 2); the last two columns are mu + b_u and 1.
        Q: float32, shape (movies, k + 2); the last two columns are 1 and b_i.
        scale: what predictions are clipped to.
        best_epoch: the epoch that the factors are from.
        validation_rmse: after each epoch, in stars; empty without validation ratings.
        fold_in_parts: what folding in takes; None where the model was made without.
        uncertainty: how sure predictions are; None without validation ratings, until `calibrate` was called.
        coefficients: how that follows from residuals; None without validation ratings.
    """

    name: ClassVar[str] = "matrix-factorization"
    config_type = MatrixFactorizationConfig
    options: ClassVar[Mapping[str, Any]] = {"seed": int}
    why_no_std = "no std, which takes ratings that were not fitted: fit(train, validation=0.05)"
    config: MatrixFactorizationConfig

    def __init__(
        self,
        config: MatrixFactorizationConfig | None = None,
        *,
        seed: int = 42,
        threads: int | None = None,
        **hyperparameters: Unpack[MatrixFactorizationValues],
    ) -> None:
        super().__init__(config, **hyperparameters)
        self.seed, self.threads = check_seed(seed), count_threads(threads)
        self.best_epoch = 0
        self.validation_rmse: tuple[float, ...] = ()
        self.fold_in_parts: FoldIn | None = None
        self.uncertainty: Uncertainty | None = None
        self.coefficients: Coefficients | None = None

    def fit_rows(
        self,
        train: Interactions,
        *,
        validation: Interactions | float | None = None,
        epochs: int | None = None,
        on_epoch: OnEpoch = lambda _: None,
    ) -> Self:
        """Learn from ratings by row.

        A movie without any rating gets a zero vector and a zero bias. A user without any gets the mean of all others'
        rows, which says what people give each film on average, better than its bias alone.

        Args:
            train: the ratings to fit.
            validation: ratings for early stopping, and to find out how sure predictions are; or the share of `train`
                that is held out for these.
            epochs: end after this many epochs of the schedule, as an earlier run with validation ratings found best.
            on_epoch: called after each epoch, with the RMSE in stars.

        Raises:
            FloatingPointError: Raised when training diverges; try a lower learning rate.
            UsageError: Raised when the share is invalid, or leaves no ratings.
        """
        from reelwise.models.rating.kernels import Factors
        from reelwise.models.rating.penalties import penalties_for
        from reelwise.models.rating.sgd import Schedule, descend

        if validation is not None and not isinstance(validation, Interactions):
            train, validation = hold_out(train, check_fraction("validation", validation), self.seed)
            if min(len(train), len(validation)) == 0:
                raise UsageError("there are too few ratings to hold some out for validation; leave it out")
        config, scaling = self.config, Scaling.measure(train)
        planned = max(config.epochs_for(len(train)), epochs or 0)
        start_seed, order_seed = (int(part) for part in np.random.SeedSequence(self.seed).generate_state(2))
        descent = descend(
            Factors(*_random_start(train, config, start_seed)),
            penalties_for(train, config),
            config.prior_ridge,
            scaling.normalise(train),
            Schedule(planned, config.learning_rate, config.patience, epochs),
            seed=order_seed,
            threads=self.threads,
            validation=None if validation is None else scaling.normalise(validation),
            on_epoch=lambda epoch: on_epoch(epoch.with_rmse_times(float(scaling.sigma))),
        )
        self.P, self.Q = scaling.fold_biases(*descent.factors)
        has_ratings = train.counts_by_user() > 0
        self.P[~has_ratings] = self.P[has_ratings].mean(axis=0)
        self.scale = train.scale
        self.best_epoch = descent.best_epoch
        self.validation_rmse = tuple(rmse * float(scaling.sigma) for rmse in descent.rmse)
        self.fold_in_parts = FoldIn(descent.Y, scaling)
        self.uncertainty = self.coefficients = None
        if validation is not None and len(validation):
            self.measure_uncertainty(train, validation)
        return self

    def _hooks(self, on_fit: OnFit) -> dict[str, Any]:
        return {"on_epoch": lambda epoch: on_fit(FitProgress("stars", epoch.number, epoch.total, epoch.describe()))}

    def update(
        self, train: Interactions, older: "OlderRows", config: UpdateConfig, on_epoch: OnEpoch = lambda _: None
    ) -> "MatrixFactorization":
        """A model that has learnt from more ratings, by a few passes from where this one is; see `updating`.

        Args:
            train: all ratings as they are now, old and new.
            older: where each user and each movie of `train` is in this model.
            config: how many steps and passes.
            on_epoch: called after each pass; there is no RMSE.

        Raises:
            Diverged: Raised when the numbers grow without bound.
        """
        from reelwise.models.rating.updating import update_factors

        scaling = Scaling.measure(train)
        factors, Y = update_factors(self, train, scaling, older, config, on_epoch)
        updated = MatrixFactorization(self.config, seed=self.seed, threads=self.threads)
        updated.P, updated.Q = scaling.fold_biases(*factors)
        updated.scale, updated.best_epoch = train.scale, config.passes
        updated.fold_in_parts = FoldIn(Y, scaling)
        return updated

    def predict_rows(self, users: Rows, movies: Rows) -> Floats:
        """Predicted stars of each (user, movie) pair of rows, clipped to the rating scale; float32, shape (pairs,).

        The row `STRANGER` stands for an average user, or an average movie.
        """
        predicted = np.empty(len(users), np.float32)
        for start in range(0, len(users), _BLOCK):
            part = slice(start, start + _BLOCK)
            predicted[part] = np.einsum("nf,nf->n", self._vectors(users[part]), self._movie_vectors(movies[part]))
        return self.scale.clip(predicted)

    def std_rows(self, users: Rows, movies: Rows) -> Floats | None:
        """The standard deviation of the errors, in stars, shape (pairs,); None where it is unknown."""
        return None if self.uncertainty is None else self.uncertainty.std(users, movies)

    def similarities(self, movie: int) -> Floats:
        """The cosines of the vectors of the movie in that row and of each movie, without biases; shape (movies,)."""
        directions = unit_rows(self.Q[:, :-2])
        cosines: Floats = directions @ directions[movie]
        return cosines

    def _vectors(self, users: Rows) -> Floats:
        vectors: Floats = self.P[users]
        strange = users == STRANGER
        if strange.any():
            vectors[strange] = self.P.mean(axis=0)
        return vectors

    def _movie_vectors(self, movies: Rows) -> Floats:
        vectors: Floats = self.Q[movies]
        strange = movies == STRANGER
        if strange.any():
            vectors[strange] = 0
            vectors[strange, -2] = 1
        return vectors

    def fold_in_rows(self, histories: CSR) -> Floats:
        """The embeddings of strangers; see `reelwise.models.rating.fold_in`. Shape (histories, k + 2).

        Raises:
            ModelError: Raised when the model was made without what that takes.
        """
        if self.fold_in_parts is None:
            raise ModelError(CANNOT_FOLD_IN)
        return self.fold_in_parts.embed(self.Q, histories, self.config)

    def residuals(self, train: Interactions) -> Residuals:
        """The residuals of the ratings that it was fitted to."""
        return Residuals.measure(train, self.predict_rows(train.users, train.movies))

    def measure_uncertainty(self, train: Interactions, validation: Interactions) -> None:
        """Find out how sure predictions are, from the ratings that it was fitted to, and from others."""
        residuals = self.residuals(train)
        predicted = self.predict_rows(validation.users, validation.movies)
        self.coefficients = residuals.fit_coefficients(validation, predicted)
        self.uncertainty = residuals.to_uncertainty(self.coefficients)

    def calibrate(self, train: Interactions, coefficients: Coefficients) -> None:
        """Work out how sure predictions are, from the ratings that it was fitted to."""
        self.uncertainty = self.residuals(train).to_uncertainty(coefficients)

    def with_movies(self, places: Rows, movies: int) -> "MatrixFactorization":
        """The same model among more movies: row i is then `places[i]` of so many; the others are average films."""
        model = self._copy()
        model.Q = np.zeros((movies, self.Q.shape[1]), np.float32)
        model.Q[:, -2] = 1
        model.Q[places] = self.Q
        if self.fold_in_parts is not None and self.fold_in_parts.Y is not None:
            Y = np.zeros((movies, self.fold_in_parts.Y.shape[1]), np.float32)
            Y[places] = self.fold_in_parts.Y
            model.fold_in_parts = self.fold_in_parts._replace(Y=Y)
        if self.uncertainty is not None:
            std = np.ones(movies, np.float32)
            std[places] = self.uncertainty.movies
            model.uncertainty = Uncertainty(self.uncertainty.users, std)
        return model

    def of_users(self, users: Rows) -> "MatrixFactorization":
        """The same model for some of the users."""
        model = self._copy()
        model.P = self.P[users]
        model.uncertainty = self.uncertainty and self.uncertainty.of_users(users)
        return model

    def _copy(self) -> "MatrixFactorization":
        """The same model, whose rows will stand for something else."""
        model = copy(self)
        model.trained_on = None
        return model

    def save_arrays(self, store: ArrayStore) -> None:
        """Write the factors as `model_P` and `model_Q`, and the rest as `rating_…`."""
        store.write("model_P", self.P)
        store.write("model_Q", self.Q)
        if self.fold_in_parts is not None:
            store.write("rating_scaling", np.array(self.fold_in_parts.scaling, np.float32))
            if self.fold_in_parts.Y is not None:
                store.write("rating_prior_Y", self.fold_in_parts.Y)
        if self.uncertainty is not None:
            store.write("rating_user_std", self.uncertainty.users)
            store.write("rating_movie_std", self.uncertainty.movies)

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote; predictions are clipped to `scale`."""
        self.scale = scale
        self.P = store.read("model_P", "<f4", (None, None))
        self.Q = store.read("model_Q", "<f4", (None, self.P.shape[1]))
        users, movies, k = len(self.P), len(self.Q), self.P.shape[1] - 2
        if "rating_scaling" in store:
            Y = store.read("rating_prior_Y", "<f4", (movies, k)) if "rating_prior_Y" in store else None
            self.fold_in_parts = FoldIn(Y, Scaling.load(store, "rating_scaling"))
        if "rating_user_std" in store:
            self.uncertainty = Uncertainty(
                store.read("rating_user_std", "<f4", (users,), within=POSITIVE),
                store.read("rating_movie_std", "<f4", (movies,), within=POSITIVE),
            )
        return self


def _random_start(
    train: Interactions, config: MatrixFactorizationConfig, seed: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Small random vectors, zero where there are no ratings; zero biases."""
    rng = np.random.default_rng(seed)

    def draw(has_ratings: Mask) -> Floats:
        std = config.initial_std * has_ratings[:, None]
        return (rng.standard_normal((len(has_ratings), config.factors), np.float32) * std).astype(np.float32)

    by_user, by_movie = train.counts_by_user(), train.counts_by_movie()
    P, Q = draw(by_user > 0), draw(by_movie > 0)
    return P, Q, np.zeros(len(by_user), np.float32), np.zeros(len(by_movie), np.float32)
