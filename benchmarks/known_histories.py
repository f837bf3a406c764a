"""Known users asked by their histories, with and without their own profile, beside their trained rows, on MovieLens 1M.

    python3 benchmarks/known_histories.py [--data DIR] [--threads 2] [--seed 7] [--people 1500]

Of so many users with at least 40 ratings and 20 likes half of the ratings are held out, at random, or the later half;
the models are fitted to all other ratings. The likes that were held out are looked for in a list of ten (NDCG@10). The
lists are ordered by the row that was trained for the user, by the history folded in with the user's own profile among
all others, and without it. Figures are means over users, for all and by the length of what the model knows of them;
differences have one standard error.
"""

import numpy as np

from common import create_parser, describe_versions
from people import Scores, draw_users, ndcg, show, show_difference
from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Floats, Rows, Times
from reelwise.evaluation.validation.people import HeldOutPerson, halve
from reelwise.models.fold_in.folding import Folding
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

LENGTHS = (50, 100)  # ratings that the model knows, where the columns are divided


def main() -> None:
    """Measure and print."""
    parser = create_parser("Known users asked by their histories.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--people", type=int, default=1500)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings = dataset.ratings.interactions()
    users = np.sort(draw_users(ratings, options.people, options.seed))
    print(f"{options.data.name}; {describe_versions()}, {options.threads} threads, seed {options.seed}")
    measure("a random half", ratings, users, None, options.seed, options.threads)
    if dataset.ratings.times is not None:
        measure("the later half", ratings, users, dataset.ratings.times, options.seed, options.threads)


def measure(name: str, ratings: Interactions, users: Rows, times: Times | None, seed: int, threads: int) -> None:
    """Hold out, fit, and print."""
    held_out, people = halve(ratings, users, seed, times)
    train = ratings.where(~held_out)
    ranking = WeightedALS(seed=seed, threads=threads).fit(train)
    rating = MatrixFactorization(seed=seed, threads=threads).fit(train)
    asked = [person for person in people if is_like(person.rest_stars, ratings.scale).any()]
    found = {way: ndcg(scores, asked, ratings) for way, scores in ways(ranking, rating).items()}
    known = np.array([len(person.movies) for person in asked])
    groups = [known > 0, known < LENGTHS[0], (known >= LENGTHS[0]) & (known < LENGTHS[1]), known >= LENGTHS[1]]
    first, last = LENGTHS
    print(f"\n{name} held out: {len(asked)} users, {len(train):,} ratings to fit")
    headings = ("all", f"< {first}", f"{first}-{last - 1}", f">= {last}")
    print(f"{'NDCG@10 by ratings known':<34}" + "".join(f"{heading:>10}" for heading in headings))
    print(f"{'users':<34}" + "".join(f"{group.sum():>10}" for group in groups))
    for way, values in found.items():
        show(way, [float(values[group].mean()) for group in groups])
    ours = [found["history, own profile out"][group] for group in groups]
    print("history, own profile out, ahead of")
    for way, values in found.items():
        if way != "history, own profile out":
            show_difference(way, ours, [values[group] for group in groups])


def ways(ranking: WeightedALS, rating: MatrixFactorization) -> dict[str, Scores]:
    """How films are ordered for a known user."""
    folding, profiles = Folding(ranking, rating), ranking.profiles.users.tolist()
    places = {user: place for place, user in enumerate(profiles)}

    def score(person: HeldOutPerson, own: int | None) -> Floats:
        scores: Floats = ranking.Q @ folding.embed(folding.fold(person.movies, person.stars), own).ranking
        return scores

    return {
        "trained row": lambda person: ranking.Q @ ranking.P[person.user],
        "history, own profile in": lambda person: score(person, None),
        "history, own profile out": lambda person: score(person, places.get(person.user)),
    }


if __name__ == "__main__":
    main()
