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
from reelwise.data.interactions import Interactions
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.kernels import Factors, Penalties, PriorMeans
from reelwise.models.rating.penalties import penalties_for
from reelwise.models.rating.scaling import Scaling
from reelwise.models.rating.stratified_sgd import GRID, Permutation, StratifiedSGD

FACTORS = 64
OURS = replace(REELWISE_GIVEN, settings={"factors": FACTORS})
ENTRANTS = ((OURS, 1), (OURS, 2), (LIBMF, 1), (LIBMF, 2), (SURPRISE_64, 1))

Rates = dict[tuple[str, int], float]  # by library and threads, updates per second


def report(runner: Runner, split: Split, train: Interactions, runs: int) -> None:
    """Measure and print."""
    print(f"\n{f'SGD updates, {FACTORS} factors, set-up not counted':<52}M/s  M/s and thread  Reelwise / row")
    rates: Rates = {}
    jobs = [Job(who, threads, (1, who.epochs)) for who, threads in ENTRANTS]
    for (who, threads, epochs), fits in zip(jobs, runner.run_in_turn(jobs, split, runs), strict=True):
        if not fits:
            continue
        first, last = (fits[stop] for stop in epochs)  # the first epoch has all the setting up
        rates[who.library, threads] = rate = (last.visited - first.visited) / (last.least - first.least)
        name = f"{who.library}, {threads} {'threads' if threads > 1 else 'thread'}"
        print(f"{name:<48}{rate / 1e6:7.2f}{rate / threads / 1e6:16.2f}{rates['reelwise', threads] / rate:15.2f}")
    for threads in (1, 2):
        rate = measure_passes(train, threads)
        name = f"reelwise, {threads} {'threads' if threads > 1 else 'thread'}, without prior means"
        beside = rates.get(("libmf", threads))
        print(
            f"{name:<48}{rate / 1e6:7.2f}{rate / threads / 1e6:16.2f}"
            + (f"{rate / beside:15.2f} x libmf" if beside else "")
        )
    loop = len(train) / early_loop.seconds_per_epoch(train)
    name = f"plain Python, {early_loop.FACTORS} factors, from {early_loop.PART:.0%} of an epoch"
    print(f"{name:<48}{loop / 1e6:7.2f}{loop / 1e6:16.2f}{rates['reelwise', 1] / loop:15.0f}")
    report_limits(rates)


def measure_passes(train: Interactions, threads: int) -> float:
    """Updates per second of our SGD passes, shrinkage included, while the prior means stay as they are."""
    config = MatrixFactorizationConfig(factors=FACTORS)
    rng = np.random.default_rng(0)
    permutation = Permutation.draw(*train.shape, rng)
    penalties = Penalties(*permutation.permute_arrays(penalties_for(train, config)))
    vectors = [rng.standard_normal((rows, FACTORS), np.float32) * np.float32(0.1) for rows in train.shape]
    biases = [np.zeros(rows, np.float32) for rows in train.shape]
    factors = Factors(*permutation.permute_arrays([*vectors, *biases]))
    prior_means = PriorMeans(*permutation.permute_arrays(vectors))
    rates = np.full(GRID, 0.001, np.float32)
    with ThreadPoolExecutor(threads) as pool:
        sgd = StratifiedSGD(permutation.permute(Scaling.measure(train).normalise(train)), penalties, pool, threads)
        taken = []
        for _ in range(10):
            started = time.perf_counter()
            sgd.run_epoch(factors, prior_means, rates, rng)
            taken.append(time.perf_counter() - started)
    return len(train) / min(taken)


def report_limits(rates: Rates) -> None:
    """Measure and print what one thread allows, and how near to that libraries come."""
    near = [(library, rates[library, 1]) for library in ("reelwise", "libmf") if (library, 1) in rates]
    names = "".join(f"{library:>10}" for library, _ in near)
    print(f"\n{'limits of one thread':<40}{'an update':>12}{'measured':>16}{'M updates/s':>14}{names}")
    for limit in limits(FACTORS):
        reached = "".join(f"{rate / limit.updates:10.0%}" for _, rate in near)
        unit = f"{limit.unit}/s"
        print(f"{limit.what:<40}{limit.per_update:7.0f} {limit.unit:<4}{limit.per_second / 1e9:9.1f} G{unit:<6}"
              f"{limit.updates / 1e6:13.1f}{reached}", flush=True)  # fmt: skip
