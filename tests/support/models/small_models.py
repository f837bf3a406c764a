"""Every registered model with hyper-parameters that suit the checkerboard, where the defaults do not."""

from typing import Any

from reelwise.models.base import Estimator
from reelwise.models.registry import model_class

HYPERPARAMETERS: dict[str, dict[str, Any]] = {
    "matrix-factorization": {
        "factors": 4,
        "epochs": 60,
        "learning_rate": 0.05,
        "user_regularisation": 0.1,
        "movie_regularisation": 0.1,
    },
    "weighted-als": {"factors": 4},
    "user-kNN": {"neighbours": 10},
    "EASE": {"regularisation": 5.0},
    "linear-for-n": {"min_likes": 5},
}
IMPERSONAL = {"popularity", "popular-lately", "popular-decayed", "biases"}  # these cannot know what somebody likes


def new_model(name: str) -> Estimator:
    """A model of that name, not fitted yet."""
    return model_class(name)(**HYPERPARAMETERS.get(name, {}))
