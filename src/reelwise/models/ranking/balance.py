"""The dial from well known to hidden: scores over a power of the films' popularity.

    balanced score(u, i) = score(u, i) · popularity_i^-g        popularity_i = (ratings_i + 20) / (most ratings + 20)
                                                                g = balance / 2

A score behaves like the probability that somebody likes a film. Divided by the popularity itself (g = 1) it would be
the lift, which is high for what is special to this person; but popularity says much about films that few know, so that
lists are poor long before that. Beyond g = 0.3 nothing that can be measured gets better, so the dial ends at 0.5.
A balanced score is a product, too: that of the embedding with the film's vector times popularity_i^-g.
"""

import numpy as np

from reelwise.data.types import Counts, Floats

LARGEST_EXPONENT = 0.5
_DAMPING = 20  # ratings added to each film's count, so that a film with one is no greater find than one with ten


def discount(counts: Counts, balance: float) -> Floats:
    """popularity^-g, which scores are multiplied by: 1 for the best known film, more for others; shape (movies,).

    Args:
        counts: each movie's number of ratings.
        balance: 0 to 1; 0 changes nothing.
    """
    popularity = (counts + _DAMPING) / (counts.max(initial=0) + _DAMPING)
    weights: Floats = (popularity ** (-LARGEST_EXPONENT * balance)).astype(np.float32)
    return weights
