"""Folding into models of the checkerboard, which are fitted in a moment."""

from reelwise.models.fold_in.folding import Folding
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.models.checkerboard import checkerboard


def folding() -> Folding:
    """Of 60 users and 40 movies: folds histories in; even users like even movies."""
    train = checkerboard(users=60, movies=40, share=0.5).interactions()
    rating = MatrixFactorization(
        factors=4, epochs=60, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1, seed=1
    )
    return Folding(WeightedALS(factors=4, seed=1).fit(train), rating.fit(train))
