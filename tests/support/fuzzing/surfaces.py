"""All surfaces, ready to be attacked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.settings import Settings
from reelwise.training.pipeline import TrainingSettings, train
from support.fuzzing.archives import Archives
from support.fuzzing.export_files import ExportFiles
from support.fuzzing.http_bodies import HttpBodies
from support.fuzzing.laws import Surface
from support.fuzzing.model_folders import ModelFolders
from support.fuzzing.ratings_files import RatingsFiles
from support.models.checkerboard import checkerboard_dataset
from support.models.tiny_metrics import METRICS

ADMIN_KEY = "open-sesame-17"


def surfaces(place: Path) -> Iterator[Surface]:
    """Each of them, with a folder of its own below `place`."""
    model = small_model()
    for name in ("model", "ratings", "archives"):
        (place / name).mkdir()
    write_model(place / "model", model)
    yield ModelFolders(place / "model")
    yield RatingsFiles(place / "ratings")
    yield ExportFiles()
    yield Archives(place / "archives")
    # a busy machine is no fault of what is tried
    settings = Settings(
        store=f"sqlite:///{place}/live.db", admin_key=ADMIN_KEY, mcp=True, request_seconds=60, _env_file=None
    )
    yield HttpBodies(create_app(settings, Recommender(model)), ADMIN_KEY)


def small_model() -> Model:
    """A model with all parts but uncertainty, in which even users like even films; its figures are made up."""
    return replace(train(checkerboard_dataset(), TrainingSettings(threads=1, evaluate=False)), metrics=METRICS)
