"""How sure predicted stars are for somebody who was folded in.

On normalised stars the variance of the error on film i is taken to be

    log s² = b0 + b1 log(v (c_i² + x_iᵀ B^-1 x_i)) + b2 log r_u        r_u = (sum of e_j² + 20 v) / (n + 20)

with v the variance of errors for users the model knows, c_i how many times as large errors are on the film (see
`models.rating.uncertainty`), and B = A + XᵀX the matrix of the person's least squares, so that x_iᵀ B^-1 x_i says how
far the film is from what is known of the person; e_j is the error on each of the n ratings known when only the others
are given, e / (1 - x_jᵀ B^-1 x_j).
The three b are fitted to the errors on people who were held out whole.
"""

from typing import NamedTuple

import numpy as np

from reelwise.data.types import Doubles, Floats, Rows
from reelwise.models.fold_in.folding import Embeddings, FoldedHistory, Folding
from reelwise.models.rating.uncertainty import fit_log_variance

_PSEUDO_RATINGS = 20


class FoldInUncertainty(NamedTuple):
    """The standard deviation of the errors, in stars.

    Attributes:
        coefficients: b0, b1 and b2.
        noise: v.
        movies: c_i, float32, shape (movies,).
    """

    coefficients: tuple[float, float, float]
    noise: float
    movies: Floats

    def std(self, folding: Folding, history: FoldedHistory, embeddings: Embeddings, movies: Rows) -> Floats:
        """s(u, i) for some films, float32, shape (movies,)."""
        x = regressors(folding, history, embeddings.rating_row, movies, self.noise, self.movies)
        return self.std_of(x, folding.rating.sigma)

    def std_of(self, x: Doubles, sigma: float) -> Floats:
        """The standard deviations of what `regressors` says, on stars whose own standard deviation is `sigma`."""
        deviations: Floats = (sigma * np.exp(0.5 * x @ np.array(self.coefficients))).astype(np.float32)
        return deviations


def regressors(
    folding: Folding, history: FoldedHistory, row: Doubles, movies: Rows, noise: float, of_movies: Floats
) -> Doubles:
    """The regressors of the logarithm of the variance: 1, and the two logarithms; float64, shape (movies, 3)."""
    side, (rated, stars) = folding.rating, history.rated()
    inverse = np.linalg.inv(side.precision + history.rating.gram)
    x, X = side.features(movies), side.features(rated)
    spread = np.einsum("nk,nk->n", x @ inverse, x)
    leverages = np.einsum("nk,nk->n", X @ inverse, X)
    errors = (side.targets(rated, stars) - X @ row) / (1 - leverages)
    own = (np.square(errors).sum() + _PSEUDO_RATINGS * noise) / (len(rated) + _PSEUDO_RATINGS)
    film = np.log(noise * (np.square(of_movies[movies].astype(np.float64)) + spread))
    return np.column_stack([np.ones(len(movies)), film, np.full(len(movies), np.log(own))])


def calibrate(x: Doubles, errors: Floats | Doubles, sigma: float, noise: float, movies: Floats) -> FoldInUncertainty:
    """The coefficients that make the errors on people who were held out most likely.

    Args:
        x: what `regressors` says of each of their ratings, one after the other, shape (ratings, 3).
        errors: true minus predicted stars, shape (ratings,).
        sigma: the standard deviation of the stars that the model was fitted to.
        noise: v.
        movies: c_i.
    """
    squares = np.square(np.asarray(errors, np.float64) / sigma)
    b0, b1, b2 = fit_log_variance(x, squares, np.array([0.0, 1.0, 0.0])).tolist()
    return FoldInUncertainty((b0, b1, b2), noise, movies)
