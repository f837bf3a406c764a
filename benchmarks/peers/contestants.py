"""Who is compared, with which settings.

Peers have the settings that their makers recommend, or better ones where a few tries on the first split found such.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reelwise.models.config import MatrixFactorizationConfig


@dataclass(frozen=True)
class Contestant:
    """A library with settings.

    Attributes:
        name: for people.
        library: its name in `peers.fits`.
        epochs: how many epochs or iterations; None if that is its own choice.
        settings: all others.
    """

    name: str
    library: str
    epochs: int | None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Its name and its epochs."""
        return self.name if self.epochs is None else f"{self.name}, {self.epochs} epochs"


def _libmf(factors: int, epochs: int = 20) -> Contestant:
    settings = {"k": factors, "lambda_p2": 0.05, "lambda_q2": 0.05, "eta": 0.05}
    return Contestant(f"LIBMF, k = {factors}", "libmf", epochs, settings)


REELWISE = Contestant("Reelwise, as it trains", "reelwise", None)
REELWISE_GIVEN = Contestant("Reelwise", "reelwise", MatrixFactorizationConfig().epochs_for(900_000))
LIBMF, LIBMF_128 = _libmf(64), _libmf(128)
SURPRISE = Contestant("Surprise SVD, k = 100", "surprise", 20)  # its defaults
SURPRISE_64 = Contestant("Surprise SVD, k = 64", "surprise", 20, {"n_factors": 64})
CORNAC_64 = Contestant("Cornac MF, k = 64", "cornac", 20, {"k": 64})
# The maker's benchmark on MovieLens 10M has 15 iterations, 50 factors and 0.05; of 0.05 to 0.1 this is best here.
_ALS = {"k": 50, "scale_lam": True, "lambda_": 0.07}
CMFREC = Contestant("cmfrec ALS, k = 50", "cmfrec", 15, _ALS)
# By films and Pearson's correlation: 0.850 on one split of latest-small; its default, by users, 0.867.
_BY_FILMS = {"name": "pearson_baseline", "user_based": False}
_KNN = {"algorithm": "KNNBaseline", "sim_options": _BY_FILMS, "verbose": False}

ALL = (
    REELWISE,
    REELWISE_GIVEN,
    LIBMF,
    LIBMF_128,
    _libmf(256),
    _libmf(256, epochs=40),
    SURPRISE,
    SURPRISE_64,
    Contestant("Cornac MF, k = 10", "cornac", 20),  # its defaults
    CORNAC_64,
    CMFREC,
    Contestant("cmfrec ALS, implicit features", "cmfrec", 15, {**_ALS, "add_implicit_features": True}),
    Contestant("Spark ALS, k = 64", "spark", 10, {"rank": 64, "regParam": 0.05}),  # 0.8515; its default of 0.1: 0.8625
    Contestant("myFM Gibbs, k = 32", "myfm", 200, {"rank": 32}),
    Contestant("myFM Gibbs, who rated what", "myfm", 200, {"rank": 32, "who_rated_what": True}),
)
SMALL = (  # without Surprise's SVD++, which is behind its SVD here and takes ten times as long
    REELWISE,
    Contestant("myFM Gibbs, who rated what", "myfm", 250, {"rank": 16, "who_rated_what": True}),
    Contestant("myFM Gibbs, k = 16", "myfm", 250, {"rank": 16}),
    SURPRISE,
    Contestant("Surprise KNNBaseline, by films", "surprise", None, _KNN),
)
QUICK = (REELWISE, REELWISE_GIVEN, LIBMF, SURPRISE, CORNAC_64, CMFREC)
WITH_CURVES = (LIBMF, LIBMF_128, SURPRISE_64, CORNAC_64, CMFREC)
