"""Films for several people at once: how good they are for each of them, and what a list takes.

    python3 benchmarks/groups.py --data DIR [--seed 42]
    python3 benchmarks/groups.py --model DIR

Users are held out whole, with 30 ratings of each given, and put into groups by chance (`reelwise.evaluation.groups`).
Of each way to choose: the mean over the members of NDCG@10, that of the member with least, and how many of the ten
films all of them like; the more likes each has to be found, the higher all of these. Ways with a number have that share
for the worst-off. With --model, the milliseconds of a list in the process, explained to each member, instead: of the
processor, by one thread, because other work shares the machine.
"""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from common import create_parser, describe_versions, report_latencies, time_requests
from reelwise.artifacts.model import Model
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.splitting import hold_out
from reelwise.data.types import Floats, Positions, Rows
from reelwise.evaluation.groups import LENGTH, SIZES, WAYS, ChooseList, GroupOutcome, measure_groups
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.evaluation.validation.measure_ratings import VALIDATION
from reelwise.evaluation.validation.measure_selections import split_selections
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.recommend.groups.request import GroupRequest, Member
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.recommend.together import choose_together

if TYPE_CHECKING:
    from collections.abc import Callable

SHARES = (0.1, 0.3, 0.4)
LIKES_LEFT = (1, 10, 20, 30)  # to be found, of each member
LIMIT = 50.0  # milliseconds; a list for one person with a history of 200 may take 10
REQUESTS = 200


def choose_with(share: float, fits: Floats, _stars: Floats, refused: Rows) -> Positions:
    """As the product does, with another share for the worst-off."""
    return choose_together(fits, LENGTH, refused, share=share)


def main() -> None:
    """Measure and print."""
    parser = create_parser("Films for groups of people.")
    parser.add_argument("--model", type=Path, help="a model folder, to time lists with")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    print(describe_versions())
    if options.model is None:
        measure(options.data, options.seed, options.threads)
    else:
        with threadpool_limits(limits=1, user_api="blas"):  # as in a server
            time_lists(Service(Model.load(options.model)))


def measure(data: Path, seed: int, threads: int) -> None:
    """How good lists are."""
    ratings = read_dataset(data).ratings.interactions()
    split = split_selections(ratings, seed)
    if split is None:
        raise SystemExit(f"{data}: too few users have enough likes")
    part, validation = hold_out(split.train, VALIDATION, seed)
    rating = MatrixFactorization(seed=seed, threads=threads).fit(part, validation=validation, progress=False)
    ranking = WeightedALS(seed=seed, threads=threads).fit(split.train, progress=False)
    ranking = ranking.with_blend(fit_blend(ranking, split.validation))
    ways: dict[str, ChooseList] = {**WAYS, **{f"together, {share}": partial(choose_with, share) for share in SHARES}}
    print(f"{data}, seed {seed}")
    for likes_left in LIKES_LEFT:
        report(measure_groups(ratings, ranking, rating, FoldInConfig(), split.test_users, seed, ways, likes_left))


def report(found: GroupOutcome) -> None:
    """Print how good lists are, by the size of the groups."""
    print(found.protocol)
    print(f"{'mean / least NDCG@10 / all like':<34}" + "".join(f"{f'{size} people':>24}" for size in SIZES))
    for name, by_size in found.figures.items():
        cells = (" / ".join(f"{of_groups.mean():.3f}" for of_groups in figures) for figures in by_size.values())
        print(f"{name:<34}" + "".join(f"{cell:>24}" for cell in cells), flush=True)
    fives, average = found.figures["together"][5], found.figures["average"][5]
    for name, figure, other in zip(fives._fields, fives, average, strict=True):
        gain = figure - other
        print(f"fives, together - average, {name}: {gain.mean():+.3f} ±{gain.std() / len(gain) ** 0.5:.3f}")


def time_lists(service: Service) -> None:
    """What lists take."""
    model = service.model
    assert model.histories is not None
    rng = np.random.default_rng(1)
    popular = np.argsort(-model.stats.counts)[:500]
    lengthy = np.argsort(-model.histories.by_user.counts())[:50].tolist()

    def selection() -> Request:
        return Request(movies=[model.movies[row] for row in rng.choice(popular, 5, replace=False).tolist()])

    def history(ratings: int) -> Request:
        assert model.histories is not None
        movies, stars = model.histories.by_user[int(rng.choice(lengthy))]
        some = rng.permutation(len(movies))[:ratings]
        return Request(
            stars={model.movies[movie]: float(one) for movie, one in zip(movies[some], stars[some], strict=True)}
        )

    kinds: dict[str, Callable[[], list[Request]]] = {
        "2 selections of 5": lambda: [selection() for _ in range(2)],
        "5 selections of 5": lambda: [selection() for _ in range(5)],
        "8 selections of 5": lambda: [selection() for _ in range(8)],
        "5 histories of 20": lambda: [history(20) for _ in range(5)],
        "5 histories of 200": lambda: [history(200) for _ in range(5)],
    }
    for what, members in kinds.items():
        groups = [
            GroupRequest([Member(f"member {place}", request) for place, request in enumerate(members())])
            for _ in range(REQUESTS)
        ]
        asked = [partial(service.recommend_together, group) for group in groups]
        report_latencies(what, time_requests(asked, time.thread_time), LIMIT)


if __name__ == "__main__":
    main()
