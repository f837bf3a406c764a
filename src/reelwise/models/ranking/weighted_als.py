"""The taste model: which films does this viewer rate and like?

    taste(u, i) = p_u·q_i

fitted to all (user, movie) pairs, rated or not, by weighted alternating least squares:

    sum over ratings of (t_ui - p_u·q_i)^2  +  a0 sum over all pairs of (p_u·q_i)^2  +  sum of λ_u |p_u|^2 + λ_i |q_i|^2

The target t follows from the stars (`targets`): near 1 for a like, low for a rating that is none, since whoever rated
a film at least chose to watch it. a0 is the weight of a missing pair. λ grows with a row's number of ratings plus a0
times the other side's size (Rendle et al., "Revisiting the Performance of iALS on Item Recommendation Benchmarks",
2021, section 4.3).

Each half-step improves every row by a few conjugate-gradient steps from where it stands (Takács, Pilászy, Tikk,
"Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering", RecSys 2011). CSR do not
depend on one another, so the result is the same for any number of threads.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reelwise.data.ratings import Interactions, RatingScale, offsets_of, stable_order
from reelwise.models.config import WeightedALSConfig
from reelwise.models.kernels import Floats, Integers, WeightedRows, als_half_step
from reelwise.models.preference import targets

_SHARES = 32  # pieces of work per half-step, so that threads end at about the same time


@dataclass(frozen=True)
class RankingModel:
    """Factors of taste: `P[u] @ Q[i]` is high where user u is likely to rate and like movie i.

    Attributes:
        P: float32, shape (users, k).
        Q: float32, shape (movies, k).
    """

    P: Floats
    Q: Floats


def fit_ranking_model(
    seen: Interactions,
    users: int,
    movies: int,
    scale: RatingScale,
    settings: WeightedALSConfig,
    *,
    seed: int,
    threads: int = 1,
    start: RankingModel | None = None,
    on_iteration: Callable[[int, RankingModel], bool | None] = lambda *_: None,
) -> RankingModel:
    """Fit the taste model.

    Users and movies without ratings get zero vectors.

    Args:
        seen: the ratings.
        users: how many users there are, with or without ratings.
        movies: how many movies, likewise.
        scale: the rating scale.
        settings: the hyper-parameters.
        seed: of the random start.
        threads: how many work at a time; no effect on the result.
        start: where to start, instead of at random; left as it is.
        on_iteration: called after each iteration with its number, from 1, and the factors so far; training ends when it
            returns False.
    """
    aims = targets(seen.stars, scale)
    by_user = _rows(seen.users, seen.movies, aims, users)
    by_movie = _rows(seen.movies, seen.users, aims, movies)
    start = start or _random_start(users, movies, settings, seed)
    model = RankingModel(start.P.copy(), start.Q.copy())
    model.Q[np.diff(by_movie.offsets) == 0] = 0  # or what is left of the random start would stay there
    with _half_steps(settings, threads) as improve:
        for iteration in range(1, settings.iterations + 1):
            improve(model.P, model.Q, by_user)
            improve(model.Q, model.P, by_movie)
            if on_iteration(iteration, model) is False:
                break
        improve(model.P, model.Q, by_user)
    return model


def _random_start(users: int, movies: int, settings: WeightedALSConfig, seed: int) -> RankingModel:
    rng = np.random.default_rng(seed)
    spread = np.float32(settings.initial_std / np.sqrt(settings.factors))
    return RankingModel(
        np.zeros((users, settings.factors), np.float32),
        rng.standard_normal((movies, settings.factors), np.float32) * spread,
    )


@contextmanager
def _half_steps(settings: WeightedALSConfig, threads: int) -> Iterator[Callable[[Floats, Floats, WeightedRows], None]]:
    """Gives the function that improves one side's vectors while the other's are fixed."""
    with ThreadPoolExecutor(threads) as pool:

        def improve(solved: Floats, fixed: Floats, rows: WeightedRows) -> None:
            missing = np.float32(settings.missing_weight)
            gram = missing * (fixed.T @ fixed)
            size = np.diff(rows.offsets) + settings.missing_weight * len(fixed)
            penalties = (settings.regularisation * size**settings.frequency_exponent).astype(np.float32)
            cuts = np.searchsorted(rows.offsets, np.linspace(0, rows.offsets[-1], _SHARES + 1))
            cuts[0], cuts[-1] = 0, len(solved)
            for done in [
                pool.submit(als_half_step, solved, fixed, gram, rows, penalties, settings.steps, start, stop)
                for start, stop in pairwise(cuts.tolist())
            ]:
                done.result()

        yield improve


def _rows(rows: Integers, columns: Integers, aims: Floats, count: int) -> WeightedRows:
    """The ratings as sparse rows, each entry with weight 1."""
    order = stable_order(rows)
    return WeightedRows(offsets_of(rows, count), columns[order], np.ones(len(rows), np.float32), aims[order])
