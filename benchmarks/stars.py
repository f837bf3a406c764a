"""The rating model beside other libraries on MovieLens 1M: accuracy, seconds, updates per second, the machine's limits.

    export CXXFLAGS="-O3 -march=native -DUSEAVX -DUSEOMP -fopenmp" LDFLAGS=-fopenmp   # LIBMF as its makers build it
    python3 -m pip install --no-cache-dir scikit-surprise libmf cornac cmfrec threadpoolctl myfm pyspark
    python3 benchmarks/stars.py [--data DIR] [--threads 2] [--runs 1] [--quick] [--plot FILE.svg]

Everybody fits the same random 90 % of the ratings, in a process of its own, and predicts the other 10 %; predictions
are clipped to 1 to 5 stars for all. The clock runs while a library fits ratings that are in its own form, after a fit
of one epoch that does not count. Reelwise is measured as `reelwise train` fits (a twentieth of the 90 % says after how
many epochs to stop, then all are fitted), and, as the others, with the number of epochs given.

What is not installed is left out (LIBMF and cmfrec take a compiler, pyspark takes Java). If a library needs another
NumPy, give it a virtual environment of its own: `--python PATH` (may be repeated) names interpreters to look for
libraries in. All of it takes half an hour or more, of which most is myFM's (`--without myfm`); `--quick` takes about a
minute.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from common import create_parser, describe_versions
from peers import contestants, curves, speed
from peers.contestants import Contestant
from peers.fits import LIBRARIES
from peers.runner import NONE, Fits, Runner, Split
from reelwise.data.readers.movielens import read_dataset
from reelwise.evaluation.plot import check_plot


def main() -> None:
    """Measure and print."""
    options = parse()
    dataset = read_dataset(options.data)
    ratings = dataset.ratings.interactions()
    seeds = options.seeds[:1] if options.quick else options.seeds
    entrants = contestants.QUICK if options.quick else contestants.ALL
    with tempfile.TemporaryDirectory() as folder:
        splits = [Split.draw(ratings, seed, Path(folder)) for seed in seeds]
        runner = Runner(options.python or [sys.executable], set(options.without))
        print(f"{dataset.name}, random 90/10 splits, seeds {', '.join(map(str, seeds))}: {splits[0].fitted:,} ratings "
              f"to fit, {splits[0].predicted:,} to predict")  # fmt: skip
        print(f"{options.threads} threads for those that have threads; {describe_versions()}")
        ends = measure_accuracy(runner, splits, entrants, options.threads, options.runs)
        print("\n" + "; ".join(runner.versions.values()))
        runs = 1 if options.quick else 3
        speed.report(runner, splits[0], ratings, runs)
        found = curves.report(runner, splits[0], options.threads, runs, choose_curves(options))
    if options.plot:
        alone = {name: [(0, fits.median, fits.rmse[0])] for name, fits in ends.items() if name not in found}
        curves.plot({**found, **alone}, options.plot)


def parse() -> argparse.Namespace:
    """What the user asks for."""
    peers = [library for library in LIBRARIES if library != "reelwise"]
    parser = create_parser("The rating model beside other libraries.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the splits")
    parser.add_argument("--runs", type=int, default=1, help="fits on each split")
    parser.add_argument("--python", action="append", metavar="PATH", help="where to look for the other libraries")
    parser.add_argument("--without", nargs="+", default=[], choices=peers, help="libraries to leave out")
    parser.add_argument("--quick", action="store_true", help="one split and few libraries")
    parser.add_argument("--plot", type=Path, help="draw RMSE against seconds; .svg or .png")
    options = parser.parse_args()
    for python in options.python or ():
        if shutil.which(python) is None:
            parser.error(f"--python: {python} is no program")
    if options.plot:
        check_plot(options.plot)
    return options


def choose_curves(options: argparse.Namespace) -> tuple[Contestant, ...]:
    """Whose RMSE is followed from epoch to epoch: LIBMF's in any case, others' for the plot."""
    if options.quick:
        return (contestants.LIBMF,)
    return contestants.WITH_CURVES if options.plot else (contestants.LIBMF, contestants.LIBMF_128)


def measure_accuracy(
    runner: Runner, splits: Sequence[Split], entrants: Sequence[Contestant], threads: int, runs: int
) -> dict[str, Fits]:
    """Fit everybody on every split, and print a line each; by full name."""
    ends: dict[str, Fits] = {}
    print(f"\n{'':<44}RMSE  least to most   seconds  to Reelwise  M ratings/s")
    for who in entrants:
        fits = NONE
        for split in splits:
            fits = sum(runner.run(who, split, threads, runs=runs).values(), fits)
        if not fits.seconds:
            continue
        ends[who.full_name] = fits
        ratio = fits.median / next(iter(ends.values())).median
        rate = f"{fits.visited / fits.median / 1e6:12.1f}" if fits.visited else ""
        print(f"{who.full_name:<41}{fits.mean_rmse:7.4f} {min(fits.rmse):.4f}-{max(fits.rmse):.4f}"
              f"{fits.median:10.2f}{ratio:13.2f}{rate}", flush=True)  # fmt: skip
    return ends


if __name__ == "__main__":
    main()
