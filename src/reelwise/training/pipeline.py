"""From a data set to a model: measure on what is held out, then fit on everything."""

import datetime
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from reelwise._version import __version__
from reelwise.artifacts.config import Config, Counts, RankingConfig, Source
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Interactions, Ratings
from reelwise.errors import UsageError
from reelwise.evaluation.measure_ratings import measure_ratings
from reelwise.evaluation.measure_selections import measure_selections
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.embedding_map import EPOCHS, draw_map
from reelwise.models.ranking.blending import Floats, Profiles, Taste
from reelwise.models.ranking.weighted_als import RankingModel, fit_ranking_model
from reelwise.models.rating.matrix_factorization import RatingModel, fit_rating_model
from reelwise.models.rating.sgd import Epoch
from reelwise.models.rating.uncertainty import Coefficients


@dataclass(frozen=True)
class Progress:
    """How far one fit has come.

    Attributes:
        fit: which one, such as "stars, measuring".
        done: epochs or iterations that are done.
        of: how many there will be at most.
        note: what else there is to tell.
    """

    fit: str
    done: int
    of: int
    note: str = ""


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        stars: hyper-parameters of the stars model.
        taste: hyper-parameters of the taste model; None leaves it out.
        blend: how selections are blended; its powers are fitted to the data if there are enough users.
        holdout: fraction of the ratings that is held out to measure the stars model with.
        evaluate: whether to measure at all.
        seed: of every random choice; the same seed and data give the same factors.
        threads: how many work at a time; no effect on the result.
    """

    stars: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    taste: WeightedALSConfig | None = field(default_factory=WeightedALSConfig)
    blend: BlendConfig = field(default_factory=BlendConfig)
    holdout: float = 0.1
    evaluate: bool = True
    seed: int = 42
    threads: int = 1


def train(
    dataset: Dataset, settings: TrainingSettings, on_progress: Callable[[Progress], None] = lambda _: None
) -> Model:
    """Train on `dataset`.

    If it is to be measured, each model is fitted twice. The first time some ratings (for the stars model) or users (for
    the taste model) are held out: part of these to choose by, the others for the figures. The second time, on
    everything and with what was chosen, gives what will be served.

    Args:
        dataset: ratings and films.
        settings: how to train.
        on_progress: called as the fits go on.

    Raises:
        UsageError: if there are too few ratings to hold some out, or training diverges.
    """
    run = _Run(dataset.ratings, settings, on_progress)
    stars, coefficients, metrics = _stars(run)
    taste, hyperparameters = None, None
    if settings.taste is not None:
        taste, hyperparameters, metrics["selections"] = _taste(run, settings.taste)
    seen = dataset.ratings.interactions()
    return Model(
        config=_config(dataset, settings, stars, coefficients, taste, hyperparameters),
        metrics={"seed": settings.seed, **metrics} if settings.evaluate else {},
        P=stars.P,
        Q=stars.Q,
        history=dataset.ratings,
        catalogue=dataset.catalogue,
        taste=taste,
        spread=stars.residuals(seen, dataset.ratings.scale).spread(coefficients) if coefficients else None,
        map=run.map(taste) if taste else None,
    )


def _stars(run: "_Run") -> tuple[RatingModel, Coefficients | None, dict[str, Any]]:
    """The stars model, what the spread of its errors follows from, and its figures."""
    best_epoch, coefficients = None, None
    metrics: dict[str, Any] = {"stars": None, "selections": None}
    if run.settings.evaluate:
        metrics["stars"], best_epoch, coefficients = measure_ratings(
            run.ratings, run.settings.holdout, run.settings.seed,
            lambda part, validation: run.stars("stars, measuring", part, validation=validation),
        )  # fmt: skip
    return run.stars("stars", run.ratings.interactions(), stop_after=best_epoch), coefficients, metrics


def _taste(run: "_Run", settings: WeightedALSConfig) -> tuple[Taste, RankingConfig, dict[str, Any] | None]:
    """The taste model with its profiles, what they were made with, and their figures."""
    figures, blend, iterations = None, run.settings.blend, settings.iterations
    if run.settings.evaluate:
        figures, blend, best_iteration = measure_selections(
            run.ratings, blend, settings, run.settings.seed,
            lambda part, go_on: run.taste("taste, measuring", settings, part, go_on),
        )  # fmt: skip
        iterations = best_iteration or iterations
    seen = run.ratings.interactions()
    model = run.taste("taste", settings, seen, lambda iteration, _: iteration < iterations)
    profiles = Profiles.chosen(model.P, model.Q, run.ratings, blend, run.settings.seed)
    made_with = RankingConfig(model=settings, blend=blend, iterations_run=iterations)
    return Taste(model.P, model.Q, profiles), made_with, figures


@dataclass(frozen=True)
class _Run:
    """Fits models to parts of the same ratings, and tells how far they are."""

    ratings: Ratings
    settings: TrainingSettings
    tell: Callable[[Progress], None]

    def stars(self, name: str, seen: Interactions, **options: Any) -> RatingModel:
        def on_epoch(epoch: Epoch) -> None:
            rmse = "" if epoch.rmse is None else f"RMSE {epoch.rmse:.4f}  "
            speed = f"{epoch.ratings / max(epoch.seconds, 1e-9) / 1e6:.0f} M ratings/s"
            self.tell(Progress(name, epoch.number, epoch.of, rmse + speed))

        settings = self.settings
        try:
            return fit_rating_model(
                seen, len(self.ratings.user_ids), len(self.ratings.movie_ids), settings.stars,
                seed=settings.seed, threads=settings.threads, on_epoch=on_epoch, **options,
            )  # fmt: skip
        except FloatingPointError:
            raise UsageError(
                f"training diverged at learning rate {settings.stars.learning_rate:g}; try a lower --learning-rate"
            ) from None

    def taste(
        self, name: str, settings: WeightedALSConfig, seen: Interactions, go_on: Callable[[int, RankingModel], bool]
    ) -> RankingModel:
        def on_iteration(done: int, model: RankingModel) -> bool:
            self.tell(Progress(name, done, settings.iterations))
            return go_on(done, model)

        return fit_ranking_model(
            seen, len(self.ratings.user_ids), len(self.ratings.movie_ids), self.ratings.scale, settings,
            seed=self.settings.seed, threads=self.settings.threads,
            on_iteration=on_iteration,
        )  # fmt: skip

    def map(self, taste: Taste) -> Floats:
        counts = self.ratings.by_movie.counts()
        return draw_map(
            taste.centred_embeddings(),
            counts,
            self.settings.seed,
            lambda done: self.tell(Progress("map", done, EPOCHS)),
        )


def _config(
    dataset: Dataset,
    settings: TrainingSettings,
    stars: RatingModel,
    coefficients: Coefficients | None,
    taste: Taste | None,
    hyperparameters: RankingConfig | None,
) -> Config:
    ratings = dataset.ratings
    source = Source(name=dataset.name, sha256=dataset.sha256, simulated=dataset.simulated)
    return Config(
        reelwise_version=__version__,
        dataset=source,
        histories=source,
        counts=Counts(
            users=len(ratings.user_ids),
            movies=len(ratings.movie_ids),
            ratings=len(ratings),
            catalogue=len(dataset.catalogue),
            profiles=len(taste.profiles.users) if taste else 0,
        ),
        rating_scale=(ratings.scale.low, ratings.scale.high),
        stars_model={**asdict(settings.stars), "epochs_run": stars.best_epoch},
        stars_spread=coefficients,
        taste_model=hyperparameters,
        seed=settings.seed,
        trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
