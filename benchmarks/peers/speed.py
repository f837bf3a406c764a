"""Updates per second with one and two threads, beside plain Python's and what the machine allows.

Each figure is of the fastest of several runs, as what the machine allows is.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from peers import early_loop
from peers.contestants import LIBMF, REELWISE_GIVEN, SURPRISE_64
from peers.limits import limits
from peers.runner import Job, Runner, Split
from reelwise.data.ratings import Interactions
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.kernels import Factors, Penalties, PriorMeans
from reelwise.models.rating.matrix_factorization import Scaling, penalties_of
from reelwise.models.rating.stratified_sgd import GRID, Epochs, Permutation

FACTORS = 64
OURS = replace(REELWISE_GIVEN, settings={"factors": FACTORS})
ENTRANTS = ((OURS, 1), (OURS, 2), (LIBMF, 1), (LIBMF, 2), (SURPRISE_64, 1))

Rates = dict[tuple[str, int], float]  # by library and threads, updates per second


def report(runner: Runner, split: Split, train: Interactions, shape: tuple[int, int], runs: int) -> None:
    """Measure and print."""
    print(f"\n{f'SGD updates, {FACTORS} factors, set-up not counted':<52}M/s  M/s and thread  Reelwise / it")
    rates: Rates = {}
    jobs = [Job(who, threads, (1, who.epochs)) for who, threads in ENTRANTS]
    for (who, threads, epochs), fits in zip(jobs, runner.in_turn(jobs, split, runs), strict=True):
        if not fits:
            continue
        first, last = (fits[stop] for stop in epochs)  # the first epoch has all the setting up
        rates[who.library, threads] = rate = (last.visited - first.visited) / (last.least - first.least)
        name = f"{who.library}, {threads} {'threads' if threads > 1 else 'thread'}"
        print(f"{name:<48}{rate / 1e6:7.2f}{rate / threads / 1e6:16.2f}{rates['reelwise', threads] / rate:15.2f}")
    for threads in (1, 2):
        rate = alone(train, *shape, threads)
        name = f"reelwise, {threads} {'threads' if threads > 1 else 'thread'}, without expected vectors"
        beside = rates.get(("libmf", threads))
        print(
            f"{name:<48}{rate / 1e6:7.2f}{rate / threads / 1e6:16.2f}"
            + (f"{rate / beside:15.2f} x libmf" if beside else "")
        )
    loop = len(train.stars) / early_loop.seconds_per_epoch(train, *shape)
    name = f"plain Python, {early_loop.FACTORS} factors, from {early_loop.PART:.0%} of an epoch"
    print(f"{name:<48}{loop / 1e6:7.2f}{loop / 1e6:16.2f}{rates['reelwise', 1] / loop:15.0f}")
    report_limits(rates)


def alone(train: Interactions, users: int, movies: int, threads: int) -> float:
    """Updates per second of our SGD passes, pulls included, while the expected vectors stay as they are."""
    settings = MatrixFactorizationConfig(factors=FACTORS)
    rng = np.random.default_rng(0)
    counts = np.bincount(train.users, minlength=users), np.bincount(train.movies, minlength=movies)
    deal = Permutation.of(users, movies, rng)
    penalties = Penalties(*deal.arrays(penalties_of(*counts, settings)))
    vectors = [rng.standard_normal((rows, FACTORS), np.float32) * np.float32(0.1) for rows in (users, movies)]
    biases = [np.zeros(rows, np.float32) for rows in (users, movies)]
    factors, centres = Factors(*deal.arrays([*vectors, *biases])), PriorMeans(*deal.arrays(vectors))
    rates = np.full(GRID, 0.001, np.float32)
    with ThreadPoolExecutor(threads) as pool:
        sweep = Epochs(deal.ratings(Scaling.of(train).normalised(train)), penalties, pool, threads)
        taken = []
        for _ in range(10):
            started = time.perf_counter()
            sweep(factors, centres, rates, rng)
            taken.append(time.perf_counter() - started)
    return len(train.stars) / min(taken)


def report_limits(rates: Rates) -> None:
    """Measure and print what one thread allows, and how near to that libraries come."""
    near = [(library, rates[library, 1]) for library in ("reelwise", "libmf") if (library, 1) in rates]
    names = "".join(f"{library:>10}" for library, _ in near)
    print(f"\n{'limits of one thread':<40}{'an update':>12}{'measured':>16}{'M updates/s':>14}{names}")
    for it in limits(FACTORS):
        reached = "".join(f"{rate / it.updates:10.0%}" for _, rate in near)
        print(f"{it.what:<40}{it.per_update:7.0f} {it.unit:<4}{it.per_second / 1e9:9.1f} G{it.unit + '/s':<6}"
              f"{it.updates / 1e6:13.1f}{reached}", flush=True)  # fmt: skip
