"""A newer model beside the one that is served, on the newest ratings, which neither was fitted to.

Both know what people told before, fold it in alike, and predict what they told last: the stars, and which films they
like. The newer model is refused where it is worse beyond chance: by more than three standard errors of the difference,
in which each person counts as one draw. So are ratings that look unrelated to the old ones: if the served model
predicts the newest ones no better than their own mean does, something is wrong with them, and a model that is fitted to
such ratings may well look as good on others of the kind.
"""

from typing import NamedTuple, Self

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.ratings import Ratings
from reelwise.data.splitting import rows_of
from reelwise.data.types import Counts, Doubles, Floats, Indices, Mask, Rows, Times
from reelwise.data.vocabulary import Vocabulary
from reelwise.evaluation.metrics import hits, ndcg
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.top_n import top_k

_SHARE, _MOST = 0.2, 20_000  # of the new ratings are held out
_PEOPLE = 500  # who are folded in at most
_FEWEST = 10  # of whom less could be told than chance brings about
_ERRORS = 3.0  # standard errors beyond which it is not chance
_LIST = 10


class FigurePair(NamedTuple):
    """A figure of the served model and of the newer one."""

    served: float
    newer: float


class Measured(NamedTuple):
    """How the newer model does beside the served one.

    Attributes:
        ratings: how many were held out and could be predicted by both.
        people: whose they are.
        rmse: of predicted stars; None where there are none.
        ndcg: NDCG@10 of likes; None where there are none, or no ranking model.
        faults: why the newer model is refused; none if it is not.
    """

    ratings: int
    people: int
    rmse: FigurePair | None
    ndcg: FigurePair | None
    faults: tuple[str, ...]

    def describe(self) -> str:
        """The figures in a sentence."""
        if not self.ratings:
            return "too little is new to measure it"
        figures = [
            f"{name} {beside.newer:.4f} instead of {beside.served:.4f}"
            for name, beside in (("RMSE", self.rmse), (f"NDCG@{_LIST}", self.ndcg))
            if beside is not None
        ]
        return f"{', '.join(figures) or 'no figures'} on the {self.ratings:,} newest ratings of {self.people:,} people"


def newest(told_at: Times) -> Mask:
    """Which ratings are held out: the newest fifth of those that were told since the model was trained."""
    new = np.flatnonzero(told_at >= 0)
    count = min(round(_SHARE * len(new)), _MOST)
    held_out = np.zeros(len(told_at), np.bool_)
    held_out[new[np.argsort(told_at[new], kind="stable")][len(new) - count :]] = True
    return held_out


class Side(NamedTuple):
    """One of two models.

    Attributes:
        rating: its rating model.
        ranking: its ranking model, if it has one.
        movies: its row of each film of the data set, -1 where it does not know the film.
    """

    rating: MatrixFactorization
    ranking: WeightedALS | None
    movies: Indices

    @classmethod
    def of(cls, model: Model, movies: Vocabulary) -> Self:
        """A model among these films."""
        rows = model.movies.rows(movies.ids)
        return cls(model.rating, model.ranking, np.where((rows >= 0) & model.fitted[rows], rows, -1).astype(np.int32))


def measure(served: Side, newer: Side, ratings: Ratings, held_out: Interactions, seed: int) -> Measured:
    """Measure two models on what was held out.

    Args:
        served: the one that is served.
        newer: the other.
        ratings: what the newer one was fitted to.
        held_out: the newest ratings, by the same rows.
        seed: of who is looked at, where there are many.
    """
    known = (served.movies >= 0) & (newer.movies >= 0) & (ratings.by_movie.counts() > 0)
    held_out = held_out.where(known[held_out.movies])
    people = np.unique(held_out.users)
    if len(people) > _PEOPLE:
        people = np.sort(np.random.default_rng(seed).choice(people, _PEOPLE, replace=False))
    if len(people) < _FEWEST:
        return Measured(0, 0, None, None, ())
    histories, targets = ratings.by_user.take(people), rows_of(held_out, people)
    sides, rmse, faults = (served, newer), None, list[str]()
    if (targets.stars != targets.stars[0]).any() and all(side.rating.fold_in_parts is not None for side in sides):
        errors = [_errors(side, histories, targets) for side in sides]
        rmse = FigurePair(*(float(np.sqrt(np.mean(error**2))) for error in errors))
        by_person = targets.row_numbers()
        by_mean = float(targets.stars.std(dtype=np.float64))
        if rmse.served >= by_mean:
            faults.append(
                f"the new ratings look unrelated to the old ones: the served model predicts the newest with RMSE "
                f"{rmse.served:.4f}, no better than their own mean with {by_mean:.4f}"
            )
        if _is_above(errors[1] ** 2 - errors[0] ** 2, by_person):
            faults.append(f"RMSE would be {rmse.newer:.4f} instead of {rmse.served:.4f}")
    found = _ndcg(sides, histories, targets, np.flatnonzero(known))
    if found is not None and _is_above(found[0] - found[1], np.arange(len(found[0]))):
        faults.append(f"NDCG@{_LIST} would be {found[1].mean():.4f} instead of {found[0].mean():.4f}")
    ndcgs = None if found is None else FigurePair(*(float(one.mean()) for one in found))
    return Measured(len(targets.indices), len(people), rmse, ndcgs, tuple(faults))


def _is_above(gains: Doubles | Floats, people: Counts | Rows) -> bool:
    """Whether gains are above zero on average beyond chance, each person's counting as one draw."""
    mean = float(gains.mean())
    of_people = np.bincount(people, gains - mean)
    return mean > _ERRORS * float(np.sqrt(np.square(of_people).sum())) / len(gains)


def _errors(side: Side, histories: CSR, targets: CSR) -> Doubles:
    """Predicted minus true stars of the targets, shape (targets,)."""
    rating, people = side.rating, targets.row_numbers()
    vectors = rating.fold_in_rows(histories.translate(side.movies))
    predicted = np.einsum("nk,nk->n", vectors[people], rating.Q[side.movies[targets.indices]])
    return rating.scale.clip(predicted).astype(np.float64) - targets.stars


def _ndcg(sides: tuple[Side, Side], histories: CSR, targets: CSR, films: Rows) -> list[Doubles] | None:
    """NDCG of those with likes among the targets, for both sides; None where there are none, or no ranking models."""
    scale = sides[0].rating.scale
    column = np.full(len(sides[0].movies), -1, np.int32)
    column[films] = np.arange(len(films), dtype=np.int32)
    liked = is_like(targets.stars, scale)
    rows = targets.row_numbers()[liked]
    asked, of_asked = np.unique(rows, return_inverse=True)
    if len(asked) == 0 or any(side.ranking is None for side in sides):
        return None
    likes = CSR.grouped(of_asked, column[targets.indices[liked]], targets.stars[liked], len(asked))
    seen = histories.take(asked)
    excluded = seen.translate(column)
    found = []
    for side in sides:
        assert side.ranking is not None  # noqa: S101 - see above
        known = seen.translate(side.movies)
        vectors = np.stack([side.ranking.solve_row(*known[row]) for row in range(len(known))])
        scores = vectors @ side.ranking.Q[side.movies[films]].T
        found.append(ndcg(hits(top_k(scores, _LIST, excluded), likes)))
    return found
