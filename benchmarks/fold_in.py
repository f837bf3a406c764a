"""People whom no model has seen, with 1 to 200 of their ratings given, on MovieLens 1M.

    python3 benchmarks/fold_in.py [--data DIR] [--threads 2] [--seed 7] [--people 600] [--order random]

So many users with at least 40 ratings and 20 likes are held out whole, and the models are fitted to the others. Of each
person, the first n ratings of a random order, or of the order of time, are given; the other ratings are predicted
(RMSE), and the likes among them looked for in a list of ten (NDCG@10). A person counts at n while ten ratings are left,
one of them a like, so columns are not of the same people. Beside folding in: what selections get (profiles blended by
the likes), popularity, EASE (its regularisation chosen for each n on others) and user-kNN, biases, and models that are
trained anew with the ratings that are given; in the order of time also the sum of two states, of all ratings and of
ratings that count .95 times as much with each later one. Differences are means over people with one standard error.
Last, how many true stars lie within the intervals that are to hold 68 % and 90 %; their coefficients are fitted to
the errors on half as many others, who are held out as well.

The settings of folding in were not chosen on these people.
"""

from dataclasses import replace

import numpy as np

from common import create_parser, describe_versions
from people import Scores, draw_users, list_people, ndcg, rmse, show, show_difference
from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Doubles, Floats, Rows
from reelwise.evaluation.intervals import LEVELS
from reelwise.evaluation.validation.measure_fold_in import measure_fold_in
from reelwise.evaluation.validation.people import HeldOutPerson
from reelwise.models.base import Estimator
from reelwise.models.baselines.biases import Biases
from reelwise.models.baselines.ease import EASE
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.baselines.user_knn import UserKNN
from reelwise.models.fold_in.folding import FoldedHistory, Folding
from reelwise.models.least_squares import LeastSquares
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.uncertainty import Coefficients

GIVEN = (1, 3, 5, 10, 20, 50, 100, 200)
REGULARISATIONS = (100.0, 300.0, 1000.0, 3000.0)  # of EASE
DECAY = 0.95


def main() -> None:
    """Measure and print."""
    parser = create_parser("Folding in histories of 1 to 200 ratings.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--order", choices=("random", "time"), default="random")
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings, times = dataset.ratings.interactions(), dataset.ratings.times if options.order == "time" else None
    drawn = draw_users(ratings, options.people + options.people // 2, options.seed)
    people, others = drawn[: options.people], drawn[options.people :]
    train = ratings.where(~np.isin(ratings.users, drawn))
    print(f"{options.data.name}: {len(drawn)} people held out whole, {len(train):,} ratings to fit")
    print(f"{describe_versions()}, {options.threads} threads, seed {options.seed}, in {options.order} order")
    ranking = WeightedALS(seed=options.seed, threads=options.threads).fit(train)
    rating = MatrixFactorization(seed=options.seed, threads=options.threads).fit(train)
    asked = {given: list_people(ratings, people, given, options.seed, times) for given in GIVEN}
    asked = {given: persons for given, persons in asked.items() if persons}
    choosing = {given: list_people(ratings, others, given, options.seed, times) for given in asked}
    orders, stars = ways(train, ranking, rating, by_time=times is not None)
    show_ndcg(ratings, orders, tuned_ease(train, ratings, choosing), asked)
    heading = "".join(f"{given:>10}" for given in asked)
    print(f"\n{'RMSE at n given':<34}{heading}")
    for name, predict in stars.items():
        show(name, [rmse(predict, persons) for persons in asked.values()])
    anew = [trained_anew(train, persons, options.seed, options.threads) for persons in asked.values()]
    show("trained with these ratings", anew)
    if times is None:
        noise = rmse(stars["folded in"], choosing[max(choosing)])  # about what it is for users the model knows
        show_intervals(ratings, train, ranking, rating, people, others, noise, options.seed)


def ways(
    train: Interactions, ranking: WeightedALS, rating: MatrixFactorization, by_time: bool
) -> tuple[dict[str, Scores], dict[str, Scores]]:
    """How films can be ordered, and how their stars can be predicted, for a person."""
    folding, blend, clip = Folding(ranking, rating), ranking.blend, train.scale.clip
    profiles = rating.P[ranking.profiles.users]

    def likes(person: HeldOutPerson) -> list[int]:
        found: list[int] = np.sort(person.movies[is_like(person.stars, train.scale)]).tolist()
        return found

    def in_two_states(person: HeldOutPerson) -> Floats:
        both = (folding.fold(person.movies, person.stars), decayed(folding, person))
        scores: Floats = ranking.Q @ sum(folding.embed(history).ranking for history in both)
        return scores

    orders: dict[str, Scores] = {
        "folded in": lambda person: ranking.Q @ folding.embed(folding.fold(person.movies, person.stars)).ranking,
        "blend of the likes": lambda person: ranking.Q @ blend.select(likes(person)).vector,
        "popularity": model_scores(Popularity().fit(train)),
        "user-kNN": model_scores(UserKNN().fit(train)),
    }
    if by_time:
        orders["folded in, two states"] = in_two_states
    stars: dict[str, Scores] = {
        "folded in": lambda person: clip(
            rating.Q @ folding.embed(folding.fold(person.movies, person.stars)).rating
        ),
        "blend of the likes": lambda person: clip(rating.Q @ (blend.select(likes(person)).weights @ profiles)),
        "biases": lambda person: clip(model_scores(biases)(person)),
    }  # fmt: skip
    biases = Biases().fit(train)
    return orders, stars


def decayed(folding: Folding, person: HeldOutPerson) -> FoldedHistory:
    """The history with each rating counting `DECAY` times as much as the next; as its order is that of time."""
    side, counts = folding.ranking, DECAY ** np.arange(len(person.movies) - 1, -1, -1.0)
    weights: Doubles = counts * side.like_weights(person.stars)
    X, targets = side.features(person.movies), side.targets(person.stars)
    evidence: Doubles = weights @ folding.blend.log_likelihoods_of_many(person.movies).astype(np.float64)
    square = LeastSquares((X.T * counts) @ X, X.T @ (counts * targets))
    history = folding.fold(person.movies, person.stars)
    return replace(history, evidence=evidence, ranking=square, likes=float(weights.sum()))


def tuned_ease(
    train: Interactions, ratings: Interactions, choosing: dict[int, list[HeldOutPerson]]
) -> dict[int, Scores]:
    """EASE for each number of ratings given, with the regularisation that is best for other people."""
    fitted = [model_scores(EASE(regularisation=weight).fit(train)) for weight in REGULARISATIONS]
    return {
        given: max(fitted, key=lambda scores: float(ndcg(scores, persons, ratings).mean()))
        for given, persons in choosing.items()
    }


def model_scores(model: Estimator) -> Scores:
    """The scores of a baseline for a person."""
    return lambda person: model.score(Queries.of_strangers(history_of(person)))[0]


def history_of(person: HeldOutPerson) -> CSR:
    """What is given of a person."""
    return CSR.grouped(np.zeros(len(person.movies), np.int64), person.movies.astype(np.int32), person.stars, 1)


def show_ndcg(
    ratings: Interactions, orders: dict[str, Scores], ease: dict[int, Scores], asked: dict[int, list[HeldOutPerson]]
) -> None:
    """Print NDCG@10, and how far folding in is ahead."""
    print(f"{'people':<34}" + "".join(f"{len(persons):>10}" for persons in asked.values()))
    print(f"\n{'NDCG@10 at n given':<34}" + "".join(f"{given:>10}" for given in asked))
    found = {
        name: [ndcg(scores, persons, ratings) for persons in asked.values()] for name, scores in orders.items()
    } | {"EASE": [ndcg(ease[given], persons, ratings) for given, persons in asked.items()]}
    for name, each in found.items():
        show(name, [float(one.mean()) for one in each])
    print("folded in, ahead of")
    for name, each in found.items():
        if name != "folded in":
            show_difference(name, found["folded in"], each)


def trained_anew(train: Interactions, asked: list[HeldOutPerson], seed: int, threads: int) -> float:
    """The RMSE of a rating model that is fitted to the given ratings, too."""
    users = np.concatenate([train.users, *(np.full(len(one.movies), one.user, np.int32) for one in asked)])
    movies = np.concatenate([train.movies, *(one.movies for one in asked)])
    stars = np.concatenate([train.stars, *(one.stars for one in asked)])
    order = np.lexsort((movies, users))
    more = Interactions(users[order], movies[order], stars[order], train.shape, train.scale)
    model = MatrixFactorization(seed=seed, threads=threads).fit(more)
    return rmse(lambda person: train.scale.clip(model.Q @ model.P[person.user]), asked)


def show_intervals(
    ratings: Interactions,
    train: Interactions,
    ranking: WeightedALS,
    rating: MatrixFactorization,
    people: Rows,
    others: Rows,
    noise: float,
    seed: int,
) -> None:
    """Print the share of true stars in the intervals, for people, calibrated on others."""
    rating.calibrate(train, Coefficients(0.0, 1.0, 1.0))  # films differ as their residuals do
    measured = measure_fold_in(ratings, ranking, rating, people, others, rmse=noise, seed=seed)
    assert measured is not None
    figures = measured.figures
    assert figures is not None
    print(f"\nchosen: {measured.info.settings.changes() or 'nothing else'}; {measured.info.uncertainty}")
    print(f"{'n given':<34}" + "".join(f"{given:>10}" for given in figures.given))
    for level in LEVELS:
        show(f"within {float(level):.0%}", figures.interval[level])


if __name__ == "__main__":
    main()
