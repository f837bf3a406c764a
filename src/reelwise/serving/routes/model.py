"""`/api/v1/model`: what a page about the model draws."""

from typing import TYPE_CHECKING, Any, Self

from fastapi import Request
from pydantic import ConfigDict

from reelwise._version import __version__
from reelwise.artifacts.card import citation_of, licence_of
from reelwise.live.outcomes import OUTCOMES
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.posters import ATTRIBUTION
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.film_page import StarsCount
from reelwise.serving.schemas.fixed import AnswerBody, Rounded
from reelwise.serving.state import server_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reelwise.artifacts.model import Model
    from reelwise.live.outcomes import Figures
    from reelwise.recommend.service import Service

router = new_router("/api/v1", tags=["status"])


class ModelCounts(AnswerBody):
    """How many there are of each."""

    users: int
    movies: int
    """Films with ratings."""
    ratings: int
    catalogue: int
    """All films, with and without ratings."""


class Scale(AnswerBody):
    """The rating scale."""

    low: float
    """The fewest stars that can be given."""
    high: float
    """The most stars."""


class Training(AnswerBody):
    """How the rating model learnt."""

    epochs: int | None
    """Passes over the ratings, of the model that answers; null where nobody wrote it down."""
    rmse: list[float]
    """RMSE on ratings that were held out, after each pass while measuring; empty where nothing was measured."""


class Licence(AnswerBody):
    """On what terms the model may be used."""

    name: str
    link: str


class ShownOutcomes(AnswerBody):
    """What became of the films that were shown on lists of one kind, of those that are still kept."""

    revision: str
    """Of the model that made the lists."""
    balance: float | None
    """Of the lists: from 0, well known, to 1, hidden."""
    shown: int
    """How many films were shown, each counted on each list and for each user."""
    different_films: int
    """How many different ones these are."""
    clicked: Rounded
    """The share of those shown that were clicked within a week."""
    watched: Rounded
    """The share that was watched, likewise."""
    liked: Rounded
    """The share that was liked, likewise, or given the stars of a like."""

    @classmethod
    def of(cls, figures: "Figures") -> Self:
        """What the live store tells."""
        return cls(**figures._asdict() | {outcome: figures.share(outcome) for outcome in OUTCOMES})


class ModelInDetail(AnswerBody):
    """The model that answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "revision": "0123456789ab",
                    "dataset": "ml-latest-small",
                    "simulated": False,
                    "counts": {"users": 610, "movies": 9724, "ratings": 100836, "catalogue": 9742},
                    "rating_scale": {"low": 0.5, "high": 5.0},
                    "taste": True,
                    "balance": 0.36,
                    "predicts_stars": True,
                    "map": True,
                    "posters": False,
                    "poster_attribution": ATTRIBUTION,
                    "genres": ["Action", "Comedy", "Drama"],
                    "catalogue_ends": 2018,
                    "trained_at": "2026-01-01T00:00:00+00:00",
                    "version": "1.0.0",
                    "metrics": {"stars": {"ratings": 10084, "model": {"rmse": 0.87, "mae": 0.67}}},
                    "training": {"epochs": 3, "rmse": [0.91, 0.89, 0.87]},
                    "stars_distribution": [{"stars": 4.0, "ratings": 26818}, {"stars": 4.5, "ratings": 8551}],
                    "licence": {"name": "MovieLens", "link": "https://grouplens.org/datasets/movielens/"},
                    "shown": [],
                    "citation": "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets.",
                }
            ]
        }
    )

    revision: str
    """Which training run made it."""
    dataset: str
    """The data set that it was trained on."""
    simulated: bool
    """Whether it was trained on simulated viewers."""
    counts: ModelCounts
    rating_scale: Scale
    """The scale of predicted stars, and of the stars in requests."""
    taste: bool
    """Whether there is a ranking model. Without one films are ordered by predicted stars, without reasons."""
    balance: float
    """How lists by taste are balanced unless a request says otherwise: from 0, well known, to 1, hidden."""
    predicts_stars: bool
    """Whether it predicts stars. One that was trained without any orders films by taste, and its stars are null."""
    map: bool
    """Whether there is a map of the films."""
    posters: bool
    """Whether this server shows posters."""
    poster_attribution: str
    """What whoever shows the posters has to say."""
    genres: list[str]
    """The genres that can be asked for."""
    catalogue_ends: int | None
    """The year of the data set's newest film; null where no film has a year."""
    trained_at: str
    """When it was trained (ISO 8601)."""
    version: str
    """The version of Reelwise that serves it."""
    metrics: dict[str, Any]
    """Its figures on held-out ratings, as in the model folder's `metrics.json`."""
    training: Training
    stars_distribution: list[StarsCount]
    """How many ratings have each number of stars, from few stars to many; empty where histories were left out, or there
    are no stars."""
    shown: list[ShownOutcomes]
    """Whether it works: what became of what was shown, the newest first; empty without a live store, and where no event
    named a `recommendation_id`."""
    licence: Licence | None
    """Null where the ratings are somebody's own, and whoever has them decides."""
    citation: str | None
    """Whom to cite for the ratings; null where they are not MovieLens'."""


@router.get("/model", summary="The model that answers", responses=problems(503))
def get_model(request: Request, service: ServiceDep) -> ModelInDetail:
    """What the model is, what it was trained on, what it can do and how good it is."""
    server = server_state(request.app)
    shown = server.shown.get() if server.shown else ()
    return describe(service, server.posters is not None, shown)


def describe(service: "Service", posters: bool, shown: "Sequence[Figures]") -> ModelInDetail:
    """What there is to say of the model, on a server that shows posters or not, and of what was shown there."""
    model = service.model
    about, licence = model.description, licence_of(model.config)
    return ModelInDetail(
        revision=about.revision,
        dataset=about.dataset,
        simulated=about.simulated,
        counts=ModelCounts(
            users=about.users, movies=about.movies, ratings=about.ratings, catalogue=len(model.catalogue)
        ),
        rating_scale=Scale.model_validate(model.scale),
        taste=model.ranking is not None,
        balance=model.balance,
        predicts_stars=model.predicts_stars,
        map=model.map is not None,
        posters=posters,
        poster_attribution=ATTRIBUTION,
        genres=list(service.facts.genre_names),
        catalogue_ends=int(model.catalogue.years.max(initial=0)) or None,
        trained_at=about.trained_at,
        version=__version__,
        metrics=model.metrics.model_dump(mode="json", exclude_none=True) if model.metrics else {},
        training=_training(model),
        stars_distribution=[StarsCount(stars=stars, ratings=n) for stars, n in service.stars_histogram],
        shown=[ShownOutcomes.of(figures) for figures in shown],
        licence=licence and Licence.model_validate(licence),
        citation=citation_of(model.config),
    )


def _training(model: "Model") -> Training:
    measured = model.metrics.stars if model.metrics else None
    rmse = list(measured.validation_rmse) if measured else []
    return Training(epochs=model.config.rating_model.epochs_run, rmse=rmse)
