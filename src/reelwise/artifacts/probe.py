"""Asking a model once, before it takes another's place."""

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from reelwise.artifacts.title_index import open_title_index
from reelwise.data.csr import CSR
from reelwise.errors import ModelError

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model


def probe(model: "Model") -> None:
    """Ask the models for a user and for a stranger who likes the best-known film, and the indexes for that film.

    Raises:
        ModelError: Raised when one of them cannot answer.
    """
    movie = int(np.argmax(model.stats.counts))
    likes_it = CSR(np.array([0, 1], np.int64), np.array([movie], np.int32), np.array([model.scale.high], np.float32))
    try:
        answers = [model.rating.predict_rows(np.array([0]), np.array([movie]))]
        if model.rating.fold_in_parts is not None and model.rating.fold_in_parts.Y is not None:
            answers.append(model.rating.fold_in_rows(likes_it))
        if model.folding is not None:
            answers.append(model.folding.embed(model.folding.fold(*likes_it[0])).rating)
        if model.ranking is not None:
            answers.append(model.ranking.fold_in_rows(likes_it))
        title = model.catalogue.movie(movie).title
        if model.indexes is not None:
            with closing(open_title_index(model.indexes.titles)) as titles:
                titles.execute("SELECT rowid FROM full_text WHERE full_text MATCH 'joined:a*' LIMIT 1").fetchone()
    except Exception as error:
        raise ModelError(f"this model fails to answer ({type(error).__name__}: {error})") from error
    if not all(np.isfinite(answer).all() for answer in answers):
        raise ModelError(f"this model returns a score that is not finite, for {title!r}")
