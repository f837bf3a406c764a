"""The dial from well known to hidden: scores over a power of the films' fame.

    balanced score(u, i) = score(u, i) · (fame_i / largest fame)^-g        g = balance / 2

A film's fame is its number of likes, plus 20; more where it would be in too many lists all the same (see
`reelwise.evaluation.validation.raise_fame`). A score behaves like the probability that somebody likes a film. Divided
by the fame itself (g = 1) it would be the lift, which is high for what is special to this person; but fame says much
about films that few know, so that lists are poor long before that. Beyond g = 0.3 nothing that can be measured gets
better, so the dial ends at 0.5. A balanced score is a product, too: that of the embedding with the film's weighted
vector.
"""

import numpy as np

from reelwise.data.types import Counts, Floats

LARGEST_EXPONENT = 0.5
_DAMPING = 20  # likes added to each film's, so that a film with one is no greater find than one with ten


def fame_of(likes: Counts) -> Floats:
    """How well known films are by their numbers of likes, shape (movies,)."""
    fame: Floats = (likes + _DAMPING).astype(np.float32)
    return fame


def discount(fame: Floats, balance: float) -> Floats:
    """The factors of the scores: 1 for the best known film, more for others; shape (movies,).

    Args:
        fame: how well known each movie is, more than 0.
        balance: 0 to 1; 0 changes nothing.
    """
    weights: Floats = (fame / fame.max(initial=1)) ** np.float32(-LARGEST_EXPONENT * balance)
    return weights
