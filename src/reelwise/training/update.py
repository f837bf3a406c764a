"""From a model and ratings of today to a model of today, without training from scratch."""

from copy import copy

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.arguments import check_seed, count_threads
from reelwise.data.dataset import Dataset
from reelwise.data.likes import is_like
from reelwise.errors import UsageError
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.config import UpdateConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.updating import OlderRows, take_rows
from reelwise.progress import FitProgress, OnFit, Progress, reporting
from reelwise.training.assemble import Parts, assemble
from reelwise.training.histories import describe_mismatch
from reelwise.training.pipeline import require_likes
from reelwise.training.popular import measure_popularity


def update(
    model: Model,
    dataset: Dataset,
    config: UpdateConfig | None = None,
    *,
    seed: int = 42,
    threads: int | None = None,
    progress: Progress = None,
) -> Model:
    """`model` with the ratings in `dataset` taken in.

    Users and movies are those of the data set: new ones get rows, and those that are gone from it lose theirs.
    Hyper-parameters stay as they are; profiles are chosen anew, and the ranking
    model's linear part stays as it is. There are no figures, because the old model has seen
    most of the ratings that could be held out.

    Args:
        model: the model as it was; left as it is.
        dataset: all ratings as they are now, old and new, and the films.
        config: how much is done.
        seed: of every random choice.
        threads: how many work at a time, by default all that there are; no effect on the result.
        progress: progress callback; True shows bars, False none; by default bars in a terminal or a notebook.

    Raises:
        UsageError: Raised when the model cannot be updated, or not with these ratings; or training diverges.
    """
    with reporting(progress) as on_progress:
        parts = update_parts(model, dataset, config, seed=seed, threads=threads, on_progress=on_progress)
        return assemble(dataset, parts, seed=seed, on_progress=on_progress)


def update_parts(
    model: Model,
    dataset: Dataset,
    config: UpdateConfig | None = None,
    *,
    seed: int,
    threads: int | None = None,
    makes_lists: bool = True,
    on_progress: OnFit,
) -> Parts:
    """The fitted models of `update` by row of the data set, without what a model folder has beside them.

    Args:
        model: the model as it was.
        dataset: all ratings as they are now.
        config: how much is done.
        seed: of every random choice.
        threads: how many work at a time.
        makes_lists: whether it is to recommend; if it is merely to be measured, well-known films stay as well known.
        on_progress: progress callback.

    Raises:
        UsageError: Raised as by `update`.
    """
    config, seed = config or UpdateConfig(), check_seed(seed)
    for name, value, kind in (("model", model, Model), ("dataset", dataset, Dataset), ("config", config, UpdateConfig)):
        if not isinstance(value, kind):
            raise UsageError(f"{name} is of type {type(value).__name__}; expected {kind.__name__}")
    if model.config.rating_model.hyperparameters is None:
        raise UsageError("this model does not say how it was trained, so it cannot be updated; train from scratch")
    older, threads = _find_older_rows(model, dataset), count_threads(threads)
    if model.ranking is not None:
        ratings = dataset.ratings.interactions()
        require_likes(bool(is_like(ratings.stars, ratings.scale).any()), ratings.scale)
    popular = measure_popularity(dataset, model.config.popular)
    if popular is None and model.popular is not None:  # the ratings have no times: what was known stays
        popular = take_rows(model.popular, older.movies)
    ranking = _update_ranking(model, dataset, older, config, seed, threads, on_progress)
    if ranking is not None and model.balance and makes_lists:
        ranking.fame = raise_fame(ranking, dataset.ratings.interactions(), seed)
    return Parts(
        rating=_update_rating(model, dataset, older, config, seed, threads, on_progress),
        rating_info=model.config.rating_model,
        ranking=ranking,
        ranking_info=model.config.ranking_model,
        fold_in=model.config.fold_in,
        popular=popular,
        popular_info=None if popular is None else model.config.popular,
        updated_from=model.description.revision,
    )


def _update_rating(
    model: Model, dataset: Dataset, older: OlderRows, config: UpdateConfig, seed: int, threads: int, on_progress: OnFit
) -> MatrixFactorization:
    old, ratings = copy(model.rating), dataset.ratings.interactions()
    old.seed, old.threads = seed, threads
    updated = old.update(
        ratings, older, config, lambda epoch: on_progress(FitProgress("stars, updating", epoch.number, epoch.total))
    )
    coefficients = model.config.rating_model.coefficients
    if coefficients is not None:
        updated.calibrate(ratings, coefficients)
    return updated


def _update_ranking(
    model: Model, dataset: Dataset, older: OlderRows, config: UpdateConfig, seed: int, threads: int, on_progress: OnFit
) -> WeightedALS | None:
    old, info = model.ranking, model.config.ranking_model
    if old is None or info is None:
        return None
    ratings = dataset.ratings.interactions()
    updated = WeightedALS(info.hyperparameters, blend=info.blend, seed=seed, threads=threads).fit(
        ratings,
        start=(take_rows(old.P, older.users), take_rows(old.Q, older.movies)),
        iterations=config.ranking_iterations,
        on_iteration=lambda done, total: on_progress(FitProgress("taste, updating", done, total)),
    )
    updated.linear = old.linear and old.linear.moved(older.movies)
    return updated


def _find_older_rows(model: Model, dataset: Dataset) -> OlderRows:
    """Where the data set's users and movies are in the model; -1 for those that it was not fitted to.

    Raises:
        UsageError: Raised when that cannot be told, or the data set is of another kind.
    """
    ratings, scale = dataset.ratings, model.scale
    if model.histories is None:
        raise UsageError("this model was published without its users, so it cannot be updated; train from scratch")
    if dataset.implicit != model.config.dataset.implicit:
        raise UsageError(f"{describe_mismatch(dataset.implicit)}; train from scratch")
    if ratings.scale != scale:
        raise UsageError(
            f"these ratings are on the scale {ratings.scale.low:g} to {ratings.scale.high:g}, but the model is on "
            f"{scale.low:g} to {scale.high:g}; train from scratch"
        )
    movies = model.movies.rows(ratings.movies.ids)
    movies = np.where((movies >= 0) & model.fitted[movies], movies, -1).astype(np.int32)
    older = OlderRows(model.users.rows(ratings.users.ids), movies)
    if older.users.max() < 0 or older.movies.max() < 0:
        raise UsageError(f"{dataset.name} has no user or no movie in common with the model; train from scratch")
    return older
