"""How popular films were lately, for somebody of whom nothing is known."""

from reelwise.artifacts.config import PopularInfo
from reelwise.data.dataset import Dataset
from reelwise.data.types import Floats
from reelwise.models.baselines.popular_lately import RecentLikes
from reelwise.models.registry import model_class


def measure_popularity(dataset: Dataset, info: PopularInfo | None) -> Floats | None:
    """The popularity of each movie of the ratings, that of the most popular being 1; float32, shape (movies,).

    None where it is not wanted, or the ratings have no times.
    """
    if info is None or dataset.ratings.times is None:
        return None
    model = model_class(info.model)(**info.hyperparameters).fit(dataset, progress=False)
    assert isinstance(model, RecentLikes)  # noqa: S101 - those that an info names
    popularity: Floats = model.likes / (model.likes.max() or 1)  # the weights of very old likes may vanish
    return popularity
