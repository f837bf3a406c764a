"""Why a film is recommended: how much its score falls when a film that the person likes is taken out."""

from typing import NamedTuple

import numpy as np

from reelwise.data.types import Floats, Rows

_MOST = 3
_LEAST_SHARE = 0.05  # a film that carries less of the score than this is not worth naming


class Contribution(NamedTuple):
    """A film that carries another: its row, and its share of the score (0 to 1)."""

    movie: int
    share: float


def explain(scores: Floats, falls: Floats, contributors: Rows) -> list[tuple[Contribution, ...]]:
    """For each movie the contributors that its score falls most without, largest share first.

    A share is the fall over the score, or over the sum of all falls where that is larger; so shares are positive and
    sum to at most 1. A film whose score is not positive has no explanation.

    Args:
        scores: of the movies, shape (movies,).
        falls: how much each score falls if one contributor is taken out, shape (movies, contributors).
        contributors: rows of the films that this person likes, shape (contributors,).
    """
    if len(contributors) == 0:
        return [()] * len(scores)
    falls = np.maximum(falls, 0)
    whole = np.maximum(scores, falls.sum(axis=1))
    shares = np.where(scores[:, None] > 0, falls / np.maximum(whole, 1e-12)[:, None], 0)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :_MOST]
    largest = np.take_along_axis(shares, order, axis=1)
    return [
        tuple([Contribution(*one) for one in zip(movies, of_film, strict=True) if one[1] >= _LEAST_SHARE])
        for movies, of_film in zip(contributors[order].tolist(), largest.tolist(), strict=True)
    ]
