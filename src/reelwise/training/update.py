"""From a model and ratings of today to a model of today, without training from scratch."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reelwise._version import __version__
from reelwise.artifacts.config import Counts, RankingConfig, Source
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings, index_of
from reelwise.errors import UsageError
from reelwise.models.config import MatrixFactorizationConfig, UpdateConfig
from reelwise.models.embedding_map import EPOCHS, draw_map
from reelwise.models.ranking.blending import Profiles, Taste
from reelwise.models.ranking.weighted_als import RankingModel, fit_ranking_model
from reelwise.models.rating.matrix_factorization import RatingModel
from reelwise.models.rating.sgd import Epoch
from reelwise.models.rating.updating import Places, placed, update_rating_model
from reelwise.training.pipeline import Progress

DEFAULTS = UpdateConfig()


def update(
    model: Model,
    dataset: Dataset,
    settings: UpdateConfig = DEFAULTS,
    *,
    seed: int = 42,
    threads: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Model:
    """`model` with the ratings in `dataset` taken in.

    Users and movies are those of the data set: new ones get rows, and those that are gone from it lose theirs.
    Hyper-parameters and powers of the blend stay as they are; profiles are chosen anew. There are no figures, because
    the old model has seen most of the ratings that could be held out.

    Args:
        model: the model as it was; left as it is.
        dataset: all ratings as they are now, old and new, and the films.
        settings: how much is done.
        seed: of every random choice.
        threads: how many work at a time; no effect on the result.
        on_progress: called as the fits go on.

    Raises:
        UsageError: if the model cannot be updated, or not with these ratings; or training diverges.
    """
    hyperparameters = _stars_settings(model)
    places, seen = _places(model, dataset), dataset.ratings.interactions()

    def on_epoch(epoch: Epoch) -> None:
        on_progress(Progress("stars, updating", epoch.number, epoch.of))

    try:
        stars = update_rating_model(
            RatingModel(model.P, model.Q, 0, ()), places, seen, hyperparameters, settings,
            seed=seed, threads=threads, on_epoch=on_epoch,
        )  # fmt: skip
    except FloatingPointError:
        raise UsageError("updating this model diverged; train from scratch") from None
    taste, drawn = None, None
    if model.taste and model.config.taste_model:
        taste = _updated_taste(
            model.taste, model.config.taste_model, places, dataset.ratings, settings.taste_iterations,
            seed, threads, on_progress,
        )  # fmt: skip
        drawn = draw_map(
            taste.centred_embeddings(), dataset.ratings.by_movie.counts(), seed,
            lambda done: on_progress(Progress("map, updating", done, EPOCHS)),
        )  # fmt: skip
    coefficients = model.config.stars_spread
    return Model(
        config=model.config.model_copy(update=_news(model, dataset, taste, seed)),
        metrics={},
        P=stars.P,
        Q=stars.Q,
        history=dataset.ratings,
        catalogue=dataset.catalogue,
        taste=taste,
        spread=stars.residuals(seen, dataset.ratings.scale).spread(coefficients) if coefficients else None,
        map=drawn,
    )


def _updated_taste(
    old: Taste,
    made_with: RankingConfig,
    places: Places,
    ratings: Ratings,
    iterations: int,
    seed: int,
    threads: int,
    on_progress: Callable[[Progress], None],
) -> Taste:
    def on_iteration(done: int, _: RankingModel) -> None:
        on_progress(Progress("taste, updating", done, iterations))

    fitted = fit_ranking_model(
        ratings.interactions(), len(ratings.user_ids), len(ratings.movie_ids), ratings.scale,
        replace(made_with.model, iterations=iterations),
        seed=seed, threads=threads, on_iteration=on_iteration,
        start=RankingModel(placed(old.P, places.users), placed(old.Q, places.movies)),
    )  # fmt: skip
    return Taste(fitted.P, fitted.Q, Profiles.chosen(fitted.P, fitted.Q, ratings, made_with.blend, seed))


def _stars_settings(model: Model) -> MatrixFactorizationConfig:
    """The hyper-parameters of the stars model.

    Raises:
        UsageError: if training did not write them all.
    """
    given, names = model.config.stars_model, MatrixFactorizationConfig.__dataclass_fields__
    if not names.keys() <= given.keys():
        raise UsageError("this model does not say how it was trained, so it cannot be updated; train from scratch")
    return MatrixFactorizationConfig(**{name: given[name] for name in names})


def _places(model: Model, dataset: Dataset) -> Places:
    """Where the data set's users and movies are in the model.

    Raises:
        UsageError: if that cannot be told, or the data set is of another kind.
    """
    known, ratings = model.history, dataset.ratings
    if not model.has_histories:
        raise UsageError("this model was published without its users, so it cannot be updated; train from scratch")
    if ratings.scale != known.scale:
        raise UsageError(
            f"these ratings are on the scale {ratings.scale.low:g} to {ratings.scale.high:g}, but the model is on "
            f"{known.scale.low:g} to {known.scale.high:g}; train from scratch"
        )
    places = Places(index_of(ratings.user_ids, known.user_ids), index_of(ratings.movie_ids, known.movie_ids))
    if places.users.max() < 0 or places.movies.max() < 0:
        raise UsageError(f"{dataset.name} has no user or no movie in common with the model; train from scratch")
    return places


def _news(model: Model, dataset: Dataset, taste: Taste | None, seed: int) -> dict[str, Any]:
    """What is new in the config."""
    ratings = dataset.ratings
    source = Source(name=dataset.name, sha256=dataset.sha256, simulated=dataset.simulated)
    return {
        "reelwise_version": __version__,
        "dataset": source,
        "histories": source,
        "counts": Counts(
            users=len(ratings.user_ids),
            movies=len(ratings.movie_ids),
            ratings=len(ratings),
            catalogue=len(dataset.catalogue),
            profiles=len(taste.profiles.users) if taste else 0,
        ),
        "seed": seed,
        "trained_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "updated_from": model.description.revision,
        "sha256": {},
    }
