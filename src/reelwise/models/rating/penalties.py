"""How strongly each row's vector and bias are shrunk, by how many ratings the row has."""

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Counts, Floats
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.kernels import Penalties


def penalties_for(train: Interactions, config: MatrixFactorizationConfig) -> Penalties:
    """The L2 weights per rating.

    Each row's weight falls with its number of ratings n as n^-frequency_exponent (scaled to a mean of `regularisation`
    over all ratings): rows with much evidence are shrunk less per rating. An exponent of 0 is the plain L2 of textbooks
    (every rating shrinks its rows alike), 1 the same total penalty for every row.
    """
    by_user, by_movie = train.counts_by_user(), train.counts_by_movie()
    return Penalties(
        _vector_weights(by_user, config),
        _vector_weights(by_movie, config),
        _bias_weights(by_user, config),
        _bias_weights(by_movie, config),
    )


def _vector_weights(counts: Counts, config: MatrixFactorizationConfig) -> Floats:
    raw = np.maximum(counts, 1) ** -config.frequency_exponent
    mean_over_ratings = (raw * counts).sum() / counts.sum()
    weights: Floats = (raw * (config.regularisation / mean_over_ratings)).astype(np.float32)
    return weights


def _bias_weights(counts: Counts, config: MatrixFactorizationConfig) -> Floats:
    """All of a row's ratings together weigh `bias_damping`."""
    return np.divide(config.bias_damping, np.maximum(counts, 1), dtype=np.float32)
