"""How strongly each row's vector and bias are shrunk, by how many ratings the row has."""

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Counts, Floats
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.kernels import Penalties


def penalties_for(train: Interactions, config: MatrixFactorizationConfig) -> Penalties:
    """The L2 weights per rating.

    Each row's weight falls with its number of ratings n, so that rows with much evidence are shrunk less per rating:

        λ_u = user_regularisation n^-frequency_exponent        λ_i = movie_regularisation n^-frequency_exponent

    An exponent of 0 is the plain L2 of textbooks (every rating shrinks its rows alike), 1 the same total penalty for
    every row. The law is the same for data of any size: the fewer ratings a film has, the more it is shrunk.
    """
    by_user, by_movie = train.counts_by_user(), train.counts_by_movie()
    return Penalties(
        _vector_weights(by_user, config.user_regularisation, config),
        _vector_weights(by_movie, config.movie_regularisation, config),
        _bias_weights(by_user, config),
        _bias_weights(by_movie, config),
    )


def _vector_weights(counts: Counts, of_one: float, config: MatrixFactorizationConfig) -> Floats:
    """The weights of rows with so many ratings, where a row with one rating has the weight `of_one`."""
    return np.multiply(of_one, np.maximum(counts, 1) ** -config.frequency_exponent, dtype=np.float32)


def _bias_weights(counts: Counts, config: MatrixFactorizationConfig) -> Floats:
    """All of a row's ratings together weigh `bias_damping`."""
    return np.divide(config.bias_damping, np.maximum(counts, 1), dtype=np.float32)
