"""From a data set to a model: measure on what is held out, then fit on everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np

from reelwise.artifacts.config import RankingModelInfo, RatingModelInfo
from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.model import Model
from reelwise.data.arguments import check_fraction, check_seed, count_threads
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.likes import is_like, least_like
from reelwise.errors import UsageError
from reelwise.evaluation.splitting import Selections
from reelwise.evaluation.validation.choose_popular import choose_popular
from reelwise.evaluation.validation.measure_fold_in import measure_fold_in
from reelwise.evaluation.validation.measure_ratings import MeasuredRatings, measure_ratings
from reelwise.evaluation.validation.measure_selections import (
    MeasuredSelections,
    measure_selections,
    split_selections,
)
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.base import Estimator
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.hyperparameters import check_names
from reelwise.models.ranking.linear_part import ENOUGH_USERS, LinearPart
from reelwise.models.ranking.weighted_als import OnIteration, WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization, OnEpoch
from reelwise.progress import FitProgress, OnFit, Progress, reporting
from reelwise.training.assemble import Parts, assemble
from reelwise.training.beside import WorkBeside
from reelwise.training.popular import measure_popularity

_PEOPLE, _VALIDATION_PEOPLE = 150, 75  # who are folded in at most, for each number of ratings given


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        rating: hyper-parameters of the rating model.
        ranking: hyper-parameters of the ranking model; None leaves it out.
        blend: how selections are blended; fitted to the data if there are enough users.
        holdout: fraction of the ratings that is held out to measure the rating model with.
        evaluate: whether to measure at all.
        seed: of every random choice; the same seed and data give the same factors.
        threads: how many work at a time, by default all that there are; no effect on the result.

    Raises:
        UsageError: Raised when a value is invalid.
    """

    rating: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    ranking: WeightedALSConfig | None = field(default_factory=WeightedALSConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    holdout: float = 0.1
    evaluate: bool = True
    seed: int = 42
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        _require_config("rating", self.rating, MatrixFactorizationConfig)
        if self.ranking is not None:
            _require_config("ranking", self.ranking, WeightedALSConfig)
        if not isinstance(self.blend, BlendConfig):
            raise UsageError(f"blend is {self.blend!r}; expected a BlendConfig")
        check_fraction("holdout", self.holdout)
        if not isinstance(self.evaluate, bool | np.bool_):
            raise UsageError(f"evaluate is {self.evaluate!r}; expected True or False")
        check_seed(self.seed)
        count_threads(self.threads)


def _require_config(name: str, value: object, of_type: type[Any]) -> None:
    if not isinstance(value, of_type):
        example = of_type.__name__.removesuffix("Config")
        raise UsageError(f"{name} is {value!r}; expected hyper-parameters, such as {example}(factors=32)")


def train(
    dataset: Dataset, settings: TrainingSettings | None = None, progress: Progress = None, **options: Any
) -> Model:
    """Train both models on a data set, as `reelwise train` does: chosen by what is held out, measured, and fitted anew.

    If it is to be measured, each model is fitted twice. The first time some ratings (for the rating model) or users
    (for the ranking model) are held out: part of these to choose by, the others for the figures. The second time, on
    everything and with what was chosen, gives what will be served.

    Args:
        dataset: ratings and films. Users without ratings are unknown to the model; films without any it has not learnt.
        settings: how to train.
        progress: progress callback; True shows bars, False none; by default bars in a terminal or a notebook.
        options: single settings instead of those: `seed=7`, `evaluate=False`, `rating=MatrixFactorization(factors=32)`
            (of an estimator the config counts), and the other fields of `TrainingSettings`.

    Raises:
        UsageError: Raised when a setting is invalid, there are too few ratings to hold some out, nobody likes anything,
            there are neither stars nor a ranking model, or training diverges.
    """
    settings = _with_options(settings or TrainingSettings(), options)
    if not isinstance(dataset, Dataset):
        raise UsageError(
            f"train takes a Dataset, not {type(dataset).__name__}; read_dataset or Dataset.from_frame give one"
        )
    dataset = replace(dataset, ratings=dataset.ratings.compact())
    with reporting(progress) as on_progress:
        return assemble(
            dataset, train_parts(dataset, settings, on_progress), seed=settings.seed, on_progress=on_progress
        )


def _with_options(settings: TrainingSettings, options: Mapping[str, Any]) -> TrainingSettings:
    """The settings, some of them replaced.

    Raises:
        UsageError: Raised when a setting does not exist or its value is invalid.
    """
    check_names("train", "setting", options, [field.name for field in fields(TrainingSettings)])
    values = {name: one.config if isinstance(one, Estimator) else one for name, one in options.items()}
    return replace(settings, **values)


def train_parts(dataset: Dataset, settings: TrainingSettings, on_progress: OnFit) -> Parts:
    """The fitted models of `train` by row of the data set, without what a model folder has beside them.

    Raises:
        UsageError: Raised as by `train`.
    """
    ratings = dataset.ratings.interactions()
    if settings.ranking is None:
        require_stars(dataset)
    else:
        require_likes(bool(is_like(ratings.stars, ratings.scale).any()), ratings.scale)
    selections, fold_in, ranking, ranking_info, popular = None, None, None, None, None
    with WorkBeside(on_progress) as beside:
        run = _Run(ratings, settings, beside.tell)
        measures_stars = settings.evaluate and not dataset.implicit
        split = split_selections(ratings, settings.seed) if settings.evaluate and settings.ranking else None
        rated = beside.do(lambda: run.fit_rating_models(measures_stars, split))
        if settings.ranking is not None:
            if split is not None:
                selections = measure_selections(
                    split, run.ranking_model(settings.ranking, settings.blend), seed=settings.seed,
                    on_iteration=run.on_iteration("taste, measuring"),
                )  # fmt: skip
            ranking, ranking_info = run.fit_ranking(settings.ranking, selections)
            if settings.evaluate:
                model = run.ranking_model(settings.ranking, settings.blend)
                popular = choose_popular(dataset.ratings.interactions(timed=True), model, settings.seed)
        rating, measured, of_others = rated.result()
    if selections and measured and of_others:
        people = selections.split.test_users[:_PEOPLE], selections.split.validation_users[:_VALIDATION_PEOPLE]
        fold_in = measure_fold_in(
            ratings, selections.model, of_others, *people, rmse=measured.figures.model.rmse, seed=settings.seed
        )
    popular_info = popular and popular.info
    return Parts(
        rating=rating,
        rating_info=RatingModelInfo(
            hyperparameters=settings.rating,
            epochs_run=rating.best_epoch,
            coefficients=measured and measured.coefficients,
        ),
        ranking=ranking,
        ranking_info=ranking_info,
        fold_in=fold_in and fold_in.info,
        popular=measure_popularity(dataset, popular_info),
        popular_info=popular_info,
        metrics=Metrics(
            seed=settings.seed,
            stars=measured and measured.figures,
            selections=selections and selections.figures,
            fold_in=fold_in and fold_in.figures,
            newcomers=popular and popular.figures,
        )
        if measured or selections or popular
        else None,
    )


def require_stars(dataset: Dataset) -> None:
    """Refuse ratings without stars where there is to be no ranking model, since nothing else can be learnt from them.

    Raises:
        UsageError: Raised when there are none.
    """
    if dataset.implicit:
        raise UsageError(
            f"{dataset.name} has no stars, so a model of predicted stars alone would learn nothing; fit the ranking "
            "model, too, without --no-taste"
        )


def require_likes(has_likes: bool, scale: RatingScale) -> None:
    """Refuse ratings without a like, since a ranking model would have no profiles.

    Raises:
        UsageError: Raised when there are none.
    """
    if not has_likes:
        raise UsageError(
            f"no rating reaches {least_like(scale):g} stars on the scale of {scale.low:g} to {scale.high:g}, so nobody "
            "likes anything; give the data's own scale (--scale LOW:HIGH, or scale=(LOW, HIGH) in Python), or leave "
            "out the ranking model (--no-taste, or ranking=None); if the rows only say who watched what, say so "
            '(--columns rating=, or rating="")'
        )


class _RatingModels(NamedTuple):
    """The rating model that is served, its figures, and one that does not know the people held out; see `_Run`."""

    served: MatrixFactorization
    measured: MeasuredRatings | None
    of_others: MatrixFactorization | None


@dataclass(frozen=True)
class _Run:
    """Fits models to the same ratings, and tells how far they are."""

    ratings: Interactions
    settings: TrainingSettings
    on_progress: OnFit

    def measure_rating(self) -> MeasuredRatings:
        settings = self.settings
        return measure_ratings(
            self.ratings, self._rating_model(), holdout=settings.holdout, seed=settings.seed,
            on_epoch=self._on_epoch("stars, measuring"),
        )  # fmt: skip

    def fit_rating_models(self, measure: bool, split: Selections | None) -> "_RatingModels":
        """Fit the model that is measured, the one that does not know the people held out, and the one that is served.

        Args:
            measure: whether to measure at all.
            split: who is held out of the ranking model, if anybody is.
        """
        measured = self.measure_rating() if measure else None
        of_others = self.fit_rating(split.train, measured, "histories, measuring") if measured and split else None
        return _RatingModels(self.fit_rating(self.ratings, measured, "stars"), measured, of_others)

    def fit_rating(self, ratings: Interactions, measured: MeasuredRatings | None, name: str) -> MatrixFactorization:
        model = self._rating_model()
        model.fit(ratings, epochs=measured.best_epoch if measured else None, on_epoch=self._on_epoch(name))
        if measured is not None:
            model.calibrate(ratings, measured.coefficients)
        return model

    def fit_ranking(
        self, config: WeightedALSConfig, measured: MeasuredSelections | None
    ) -> tuple[WeightedALS, RankingModelInfo]:
        blend, iterations, balance = self.settings.blend, config.iterations, 0.0
        if measured is not None:
            blend, iterations, balance = measured.blend, measured.iterations, measured.figures.balance
        model = self.ranking_model(config, blend)
        model.fit(self.ratings, iterations=iterations, on_iteration=self.on_iteration("taste"))
        if balance and measured is not None:  # else nobody knows how the linear part serves
            few = np.count_nonzero(measured.split.train.counts_by_user()) < ENOUGH_USERS
            model.linear = LinearPart.fit(self.ratings, self.settings.seed) if few else measured.model.linear
            model.fame = raise_fame(model, self.ratings, self.settings.seed)
        return model, RankingModelInfo(hyperparameters=config, blend=blend, iterations_run=iterations, balance=balance)

    def _rating_model(self) -> MatrixFactorization:
        return MatrixFactorization(self.settings.rating, seed=self.settings.seed, threads=self.settings.threads)

    def ranking_model(self, config: WeightedALSConfig, blend: BlendConfig) -> WeightedALS:
        return WeightedALS(config, blend=blend, seed=self.settings.seed, threads=self.settings.threads)

    def _on_epoch(self, name: str) -> OnEpoch:
        return lambda epoch: self.on_progress(FitProgress(name, epoch.number, epoch.total, epoch.describe()))

    def on_iteration(self, name: str) -> OnIteration:
        return lambda done, total: self.on_progress(FitProgress(name, done, total))
