"""What Spark's ALS costs beside the local engine on the same machine, by number of ratings.

    python3 benchmarks/large_ratings.py DIR
    python3 benchmarks/spark.py --data DIR [--millions 1 3 10 33.8] [--no-taste] [--memory 12g] [--out MODEL]

Of the ratings in DIR/ratings.csv the first so many millions are taken. Both engines train with k = 20. "Once" is
reading, checking and sorting, which each does once. An iteration is an epoch of SGD, or of ALS; from the difference
between fits of 1 and of 5 of them, so that what a fit costs besides is not in it. With --out the whole job is done
instead: all ratings, from CSV to a model folder, with the settings that `reelwise train` has by default.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from pyspark.sql import SparkSession

from common import create_parser, describe_versions
from reelwise.data.readers.movielens import read_dataset
from reelwise.models.config import WeightedALSConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.progress import FitProgress
from reelwise.spark.ranking import fit_ranking
from reelwise.spark.rating import fit_rating
from reelwise.spark.reading.lines import read_lines
from reelwise.spark.session import spark_session
from reelwise.spark.settings import SparkRatingConfig, SparkTrainingSettings
from reelwise.spark.tables import RatingTable, create_table
from reelwise.spark.training import train

FACTORS, FEW, MORE = 20, 1, 5


def main() -> None:
    """Measure and print."""
    parser = create_parser("Spark's ALS beside the local engine.")
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 3, 10])
    parser.add_argument("--taste", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--memory", default="12g")
    options = parser.parse_args()
    print(f"{describe_versions('pyspark')}; Spark on local[{options.threads}] with {options.memory}")
    with spark_session(f"local[{options.threads}]", {"spark.driver.memory": options.memory}) as spark:
        if options.out:
            whole_job(spark, options.data, options.out)
            return
        headings = "ratings", "engine", "once, s", "stars, s", "per million", "taste, s", "per million"
        print(" ".join(f"{heading:>11}" for heading in headings))
        for millions in options.millions:
            with part(options.data, millions) as folder:
                report("Spark", *measure_spark(spark, folder, options.taste))
                report("local", *measure_local(folder, options.threads, options.taste))


@contextmanager
def part(data: Path, millions: float) -> Iterator[Path]:
    """A folder with the first so many million ratings."""
    with tempfile.TemporaryDirectory() as folder, (data / "ratings.csv").open() as lines:
        with (Path(folder) / "ratings.csv").open("w") as kept:
            kept.writelines(islice(lines, 1 + round(millions * 1e6)))
        (Path(folder) / "movies.csv").symlink_to((data / "movies.csv").resolve())
        yield Path(folder)


def report(engine: str, count: int, once: float, stars: float, taste: float | None) -> None:
    """Print a row."""
    million = count / 1e6
    cells = [f"{count:,}", engine, f"{once:.1f}", f"{stars:.3f}", f"{stars / million:.3f}"]
    if taste is not None:
        cells += [f"{taste:.3f}", f"{taste / million:.3f}"]
    print(" ".join(f"{cell:>11}" for cell in cells), flush=True)


def measure_spark(spark: SparkSession, folder: Path, ranking: bool) -> tuple[int, float, float, float | None]:
    """Number of ratings; seconds once, per iteration of the rating model, and of the ranking model."""
    started = time.perf_counter()
    table = create_table(spark, read_lines(spark, str(folder)))
    once = time.perf_counter() - started

    def fit_rating_model(iterations: int) -> None:
        fit_rating(table, None, SparkRatingConfig(factors=FACTORS, iterations=iterations), 1).P.count()

    def fit_ranking_model(iterations: int) -> None:
        fit_ranking(table, WeightedALSConfig(factors=FACTORS, iterations=iterations), 1).P.count()

    found = table.count, once, per_iteration(fit_rating_model), per_iteration(fit_ranking_model) if ranking else None
    forget(table)
    return found


def measure_local(folder: Path, threads: int, ranking: bool) -> tuple[int, float, float, float | None]:
    """The same of the local engine."""
    started = time.perf_counter()
    ratings = read_dataset(folder).ratings
    once, train_ratings = time.perf_counter() - started, ratings.interactions()

    def fit_rating_model(epochs: int) -> None:
        MatrixFactorization(factors=FACTORS, epochs=epochs, seed=1, threads=threads).fit(train_ratings)

    def fit_ranking_model(iterations: int) -> None:
        WeightedALS(factors=FACTORS, iterations=iterations, seed=1, threads=threads).fit(train_ratings)

    return len(ratings), once, per_iteration(fit_rating_model), per_iteration(fit_ranking_model) if ranking else None


def per_iteration(fit: Callable[[int], None]) -> float:
    """Seconds per iteration, without what a fit takes besides."""
    seconds = []
    for iterations in (MORE, FEW, MORE):  # the first warms up
        started = time.perf_counter()
        fit(iterations)
        seconds.append(time.perf_counter() - started)
    return max(seconds[2] - seconds[1], 0.0) / (MORE - FEW)


def forget(table: RatingTable) -> None:
    """Let the executors forget the ratings."""
    for frame in (table.ratings, table.users):
        frame.unpersist(blocking=True)


def whole_job(spark: SparkSession, folder: Path, out: Path) -> None:
    """From ratings to a model folder, as `reelwise train --engine spark --no-evaluate` does it."""
    started, done, memory = time.perf_counter(), threading.Event(), [own_memory()]

    def watch() -> None:
        while not done.wait(0.5):
            memory.append(own_memory())

    def on_progress(step: FitProgress) -> None:
        if step.done:
            print(f"{time.perf_counter() - started:8.1f} s  {step.fit}", flush=True)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        train(spark, str(folder), out, SparkTrainingSettings(evaluate=False), on_progress=on_progress)
    finally:
        done.set()
        watching.join()
    print(f"Python had {max(memory):.0f} MiB of its own at most")


def own_memory() -> float:
    """Megabytes of this process beside files."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous")) / 1024


if __name__ == "__main__":
    main()
