"""Lists at the start of a sitting, by all that somebody rated before, on MovieLens 1M.

    python3 benchmarks/sittings.py [--data DIR] [--threads 2] [--seed 7] [--people 1500]

So many users with at least 40 ratings and 20 likes are held out whole, and the models are fitted to the others. Whoever
rated again after an hour or more began another sitting. At its start a list of ten is made by all ratings before, and
the likes of the sitting are looked for in it (NDCG@10, the mean of each person's sittings): folded in, folded in by the
sum of two states (see `benchmarks/fold_in.py`), and by what is popular.
"""

from collections import defaultdict
from itertools import pairwise

import numpy as np

from common import create_parser, describe_versions
from fold_in import ways
from people import draw_users, show, show_difference
from reelwise.data.likes import is_like
from reelwise.data.readers.movielens import read_dataset
from reelwise.evaluation.validation.people import HeldOutPerson, measure_list
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

PAUSE, LEAST_BEFORE = 3600 * 1_000_000, 5  # microseconds; ratings
WAYS = ("folded in", "folded in, two states", "popularity")


def main() -> None:
    """Measure and print."""
    parser = create_parser("Lists at the start of a sitting.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--people", type=int, default=1500)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings, times = dataset.ratings.interactions(), dataset.ratings.times
    if times is None:
        raise SystemExit(f"{options.data.name} has no times")
    drawn = draw_users(ratings, options.people, options.seed)
    train = ratings.where(~np.isin(ratings.users, drawn))
    ranking = WeightedALS(seed=options.seed, threads=options.threads).fit(train)
    rating = MatrixFactorization(seed=options.seed, threads=options.threads).fit(train)
    orders, _ = ways(train, ranking, rating, by_time=True)
    found: dict[str, list[float]] = defaultdict(list)
    sittings = 0
    for user in drawn.tolist():
        place = slice(*np.searchsorted(ratings.users, [user, user + 1]))
        order = np.argsort(times[place], kind="stable")
        movies, stars, when = ratings.movies[place][order], ratings.stars[place][order], times[place][order]
        starts = [start for start in (np.flatnonzero(np.diff(when) >= PAUSE) + 1).tolist() if start >= LEAST_BEFORE]
        asked = []
        for start, end in pairwise([*starts, len(movies)]):
            person = HeldOutPerson(user, movies[:start], stars[:start], movies[start:end], stars[start:end])
            if is_like(person.rest_stars, ratings.scale).any():
                asked.append(person)
        sittings += len(asked)
        for name in WAYS if asked else ():
            lists = [measure_list(orders[name](person), person, ratings.scale) for person in asked]
            found[name].append(float(np.mean(lists)))
    values = {name: np.array(each) for name, each in found.items()}
    print(f"{options.data.name}; {describe_versions()}, seed {options.seed}")
    print(f"{sittings} sittings of {len(values[WAYS[0]])} people among {len(drawn)} held out whole")
    for name, each in values.items():
        show(name, [float(each.mean())])
    print("folded in, ahead of")
    for name in WAYS[1:]:
        show_difference(name, [values[WAYS[0]]], [values[name]])


if __name__ == "__main__":
    main()
