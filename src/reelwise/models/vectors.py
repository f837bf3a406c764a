"""Vectors of which only the direction counts."""

import numpy as np

from reelwise.data.types import Floats


def unit_rows(vectors: Floats) -> Floats:
    """The rows of `vectors`, each of length 1 unless it is zero."""
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return scaled
