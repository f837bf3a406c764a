"""The indexes for search, retrieval and display: made once, when a model is written, and opened by workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from reelwise.artifacts.config import Config
from reelwise.artifacts.title_index import write_title_index
from reelwise.data.interactions import LARGEST_STARS, Histogram
from reelwise.data.types import Floats
from reelwise.errors import ModelError
from reelwise.models.ranking.balance import discount
from reelwise.models.retrieval_sketch import Sketch
from reelwise.models.side_by_side import one_thread_per_product
from reelwise.storage.arrays import ArrayFolder
from reelwise.storage.working_folders import working_folder

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model

TITLES_FILE = "titles.sqlite"


@dataclass(frozen=True)
class Indexes:
    """The indexes of one model.

    Attributes:
        rating: of the rating model's vectors.
        ranking: of the ranking model's vectors; None without a ranking model.
        balanced: of the same vectors with the weights of the model's own balance; None where that is 0.
        titles: the file of the title index.
        stars: how many ratings there are of each number of stars; empty where histories or stars were left out.
    """

    rating: Sketch
    ranking: Sketch | None
    balanced: Sketch | None
    titles: Path
    stars: Histogram

    @classmethod
    def build(cls, folder: Path, model: "Model") -> Self:
        """Build the indexes of a model, the title index in `folder`. Only films that it was fitted to are retrieved."""
        candidates, counts = np.flatnonzero(model.fitted), model.stats.counts
        rating, ranking = model.rating, model.ranking
        write_title_index(folder / TITLES_FILE, model.catalogue.titles.strings(), counts)
        with one_thread_per_product():
            by_rating, by_ranking, balanced = Sketch.build(rating.Q, rating.P, candidates), None, None
            if ranking is not None:
                by_ranking = Sketch.build(ranking.Q, ranking.P, candidates)
                if model.balance:
                    weights = discount(ranking.fame, model.balance)
                    balanced = Sketch.build(ranking.Q * weights[:, None], ranking.P, candidates)
        stars = model.scale.histogram(model.histories.by_user.stars) if model.histories and model.predicts_stars else []
        return cls(by_rating, by_ranking, balanced, folder / TITLES_FILE, stars)

    def save(self, folder: Path) -> None:
        """Write the other indexes beside the title index."""
        arrays = ArrayFolder(folder)
        if self.stars:
            arrays.write("histogram", np.array(self.stars, "<f8"))
        for name, sketch in (("rating", self.rating), ("ranking", self.ranking), ("balanced", self.balanced)):
            if sketch is not None:
                sketch.save(arrays, name)

    @classmethod
    def load(cls, arrays: ArrayFolder, rating_Q: Floats, ranking_Q: Floats | None, config: Config) -> Self:
        """Open the indexes of a model folder.

        Raises:
            ModelError: Raised when a file is missing or invalid.
        """
        is_balanced = config.ranking_model is not None and config.ranking_model.balance > 0
        has_stars = config.histories is not None and not config.dataset.implicit and config.counts.ratings > 0
        return cls(
            Sketch.load(arrays, "rating", *rating_Q.shape),
            None if ranking_Q is None else Sketch.load(arrays, "ranking", *ranking_Q.shape),
            Sketch.load(arrays, "balanced", *ranking_Q.shape) if ranking_Q is not None and is_balanced else None,
            arrays.folder / TITLES_FILE,
            _load_histogram(arrays, config.counts.ratings) if has_stars else [],
        )


def _load_histogram(arrays: ArrayFolder, ratings: int) -> Histogram:
    table = arrays.read("histogram", "<f8", (None, 2), within=(-LARGEST_STARS, max(ratings, LARGEST_STARS)))
    counts = table[:, 1].astype(np.int64)
    if counts.sum() != ratings or counts.min() < 1:
        raise ModelError(f"{arrays.path('histogram')}: counts {counts.sum()} ratings, expected {ratings}")
    return list(zip(table[:, 0].tolist(), counts.tolist(), strict=True))


@contextmanager
def indexes_of(model: "Model") -> Iterator[Indexes]:
    """The indexes of the model folder; for a model that is not in one, temporary ones that are removed afterwards."""
    if model.indexes is not None:
        yield model.indexes
        return
    with working_folder("reelwise-scratch-") as folder:
        yield Indexes.build(folder, model)
