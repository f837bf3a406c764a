"""People whom no model has seen, with 5 to 200 of their ratings given, on MovieLens 1M.

    python3 benchmarks/fold_in.py [--data DIR] [--threads 2] [--seed 7] [--people 600]

So many users with at least 40 ratings and 20 likes are held out whole, and the models are fitted to the others. Of each
person, the first n ratings of a random order are given; the other ratings are predicted (RMSE), and the likes among
them looked for in a list of ten (NDCG@10). A person counts at n while ten ratings are left, one of them a like, so
columns are not of the same people. Beside folding in: what selections get (profiles blended by the likes), popularity,
EASE (its regularisation chosen for each n on others) and user-kNN, biases, and models that are trained anew with the
ratings that are given. Last, how many true stars lie within the intervals that are to hold 68 % and 90 %; their three
coefficients are fitted to the errors on half as many others, who are held out as well.

The settings of folding in were not chosen on these people.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from common import create_parser, describe_versions
from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.ratings import Ratings
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Floats, Rows, Stars
from reelwise.evaluation.intervals import LEVELS, measure_intervals
from reelwise.models.base import Estimator
from reelwise.models.baselines.biases import Biases
from reelwise.models.baselines.ease import EASE
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.baselines.user_knn import UserKNN
from reelwise.models.fold_in.folding import Folding
from reelwise.models.fold_in.uncertainty import calibrate, describe
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

GIVEN = (5, 10, 20, 50, 100, 200)
REGULARISATIONS = (100.0, 300.0, 1000.0, 3000.0)  # of EASE
LEAST_RATINGS, LEAST_LIKES, LEAST_LEFT, LIST = 40, 20, 10, 10

Scores = Callable[["Person"], Floats]


class Person(NamedTuple):
    """Somebody with n ratings given, and what is to be found."""

    user: int
    movies: Rows
    stars: Stars
    rest: Rows
    rest_stars: Stars
    liked: Rows


def main() -> None:
    """Measure and print."""
    parser = create_parser("Folding in histories of 5 to 200 ratings.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--people", type=int, default=600)
    options = parser.parse_args()
    ratings = read_dataset(options.data).ratings
    all_ratings = ratings.interactions()
    drawn = draw_people(all_ratings, options.people + options.people // 2, options.seed)
    people, others = drawn[: options.people], drawn[options.people :]
    train = all_ratings.where(~np.isin(all_ratings.users, drawn))
    print(f"{options.data.name}: {len(drawn)} people held out whole, {len(train):,} ratings to fit")
    print(f"{describe_versions()}, {options.threads} threads, seed {options.seed}")
    ranking = WeightedALS(seed=options.seed, threads=options.threads).fit(train)
    rating = MatrixFactorization(seed=options.seed, threads=options.threads).fit(train)
    orders, stars = ways(train, ranking, rating)
    best_ease = tuned_ease(train, ratings, others)
    heading = "".join(f"{given:>12}" for given in GIVEN)
    print(f"\n{'NDCG@10 at n given':<34}{heading}")
    for name, scores in orders.items():
        show(name, [mean_ndcg(scores, persons(ratings, people, given)) for given in GIVEN])
    show("EASE", [mean_ndcg(best_ease[given], persons(ratings, people, given)) for given in GIVEN])
    print(f"\n{'RMSE at n given':<34}{heading}")
    for name, predict in stars.items():
        show(name, [rmse(predict, persons(ratings, people, given)) for given in GIVEN])
    anew = [trained_anew(train, ratings, people, given, options.seed, options.threads) for given in GIVEN]
    show("trained with these ratings", anew)
    show_intervals(Folding(ranking, rating), rating, train, ratings, others, people)


def draw_people(ratings: Interactions, count: int, seed: int) -> Rows:
    """Users with enough ratings and likes."""
    likes = np.bincount(ratings.users[is_like(ratings.stars, ratings.scale)], minlength=ratings.shape[0])
    fit = np.flatnonzero((ratings.counts_by_user() >= LEAST_RATINGS) & (likes >= LEAST_LIKES))
    return np.random.default_rng(seed).choice(fit, count, replace=False)


def persons(ratings: Ratings, people: Rows, given: int) -> Iterator[Person]:
    """Those of the people who count with so many ratings given."""
    for user in people.tolist():
        movies, stars = ratings.by_user[user]
        order = np.random.default_rng(user).permutation(len(movies))
        movies, stars = movies[order], stars[order]
        rest, rest_stars = movies[given:], stars[given:]
        liked = rest[is_like(rest_stars, ratings.scale)]
        if len(rest) >= LEAST_LEFT and len(liked):
            yield Person(user, movies[:given], stars[:given], rest, rest_stars, liked)


def ways(
    train: Interactions, ranking: WeightedALS, rating: MatrixFactorization
) -> tuple[dict[str, Scores], dict[str, Scores]]:
    """How films can be ordered, and how their stars can be predicted, for a person."""
    folding, blend, clip = Folding(ranking, rating), ranking.blend, train.scale.clip
    profiles = rating.P[ranking.profiles.users]
    baselines = {"popularity": Popularity().fit(train), "user-kNN": UserKNN().fit(train)}
    biases = Biases().fit(train)
    asked = {name: model_scores(model) for name, model in baselines.items()}

    def likes(person: Person) -> list[int]:
        found: list[int] = np.sort(person.movies[is_like(person.stars, train.scale)]).tolist()
        return found

    orders: dict[str, Scores] = {
        "folded in": lambda person: ranking.Q @ folding.embed(folding.fold(person.movies, person.stars)).ranking,
        "blend of the likes": lambda person: ranking.Q @ blend.select(likes(person)).vector,
        **asked,
    }
    stars: dict[str, Scores] = {
        "folded in": lambda person: clip(
            rating.Q @ folding.embed(folding.fold(person.movies, person.stars)).rating
        ),
        "blend of the likes": lambda person: clip(rating.Q @ (blend.select(likes(person)).weights @ profiles)),
        "biases": lambda person: clip(model_scores(biases)(person)),
    }  # fmt: skip
    return orders, stars


def tuned_ease(train: Interactions, ratings: Ratings, others: Rows) -> dict[int, Scores]:
    """EASE for each number of ratings given, with the regularisation that is best for other people."""
    fitted = [model_scores(EASE(regularisation=weight).fit(train)) for weight in REGULARISATIONS]
    return {
        given: max(fitted, key=lambda scores: mean_ndcg(scores, persons(ratings, others, given))) for given in GIVEN
    }


def model_scores(model: Estimator) -> Scores:
    """The scores of a baseline for a person."""
    return lambda person: model.score(Queries.of_strangers(history_of(person)))[0]


def history_of(person: Person) -> CSR:
    """What is given of a person."""
    return CSR.grouped(np.zeros(len(person.movies), np.int64), person.movies.astype(np.int32), person.stars, 1)


def mean_ndcg(scores: Scores, asked: Iterator[Person]) -> float:
    """NDCG@10 of the remaining likes, what is given left out."""
    gains = 1 / np.log2(np.arange(2, LIST + 2))
    found = []
    for person in asked:
        values = np.array(scores(person), np.float64)
        values[person.movies] = -np.inf
        best = np.argsort(-values, kind="stable")[:LIST]
        found.append((np.isin(best, person.liked) * gains).sum() / gains[: len(person.liked)].sum())
    return float(np.mean(found))


def rmse(predict: Scores, asked: Iterator[Person]) -> float:
    """The root of the mean squared error on what remains, over all ratings."""
    errors = [predict(person)[person.rest] - person.rest_stars for person in asked]
    return float(np.sqrt(np.square(np.concatenate(errors)).mean()))


def trained_anew(train: Interactions, ratings: Ratings, people: Rows, given: int, seed: int, threads: int) -> float:
    """The RMSE of a rating model that is fitted to the given ratings, too."""
    asked = list(persons(ratings, people, given))
    users = np.concatenate([train.users, *(np.full(len(one.movies), one.user, np.int32) for one in asked)])
    movies = np.concatenate([train.movies, *(one.movies for one in asked)])
    stars = np.concatenate([train.stars, *(one.stars for one in asked)])
    order = np.lexsort((movies, users))
    more = Interactions(users[order], movies[order], stars[order], train.shape, train.scale)
    model = MatrixFactorization(seed=seed, threads=threads).fit(more)
    return rmse(lambda person: train.scale.clip(model.Q @ model.P[person.user]), iter(asked))


def show_intervals(
    folding: Folding,
    rating: MatrixFactorization,
    train: Interactions,
    ratings: Ratings,
    others: Rows,
    people: Rows,
) -> None:
    """Print the share of true stars in the intervals, for people, calibrated on others."""
    residuals, sigma = rating.residuals(train), folding.rating.sigma
    clip = train.scale.clip
    best = rmse(
        lambda person: clip(rating.Q @ folding.embed(folding.fold(person.movies, person.stars)).rating),
        persons(ratings, others, GIVEN[-1]),
    )
    noise = (best / sigma) ** 2  # about what it is for users the model knows
    of_movies = np.sqrt(residuals.movies / residuals.overall).astype(np.float32)
    described, errors = [], []
    for given in GIVEN:
        for person in persons(ratings, others, given):
            history = folding.fold(person.movies, person.stars)
            found = folding.embed(history)
            described.append(describe(folding, history, found, person.rest, noise, of_movies))
            errors.append(person.rest_stars - clip(rating.Q[person.rest] @ found.rating))
    uncertainty = calibrate(np.concatenate(described), np.concatenate(errors), sigma, noise, of_movies)
    print(f"\ncoefficients {', '.join(f'{one:.2f}' for one in uncertainty.coefficients)}; noise {noise:.2f}")
    shares = []
    for given in GIVEN:
        errors, deviations = [], []
        for person in persons(ratings, people, given):
            history = folding.fold(person.movies, person.stars)
            found = folding.embed(history)
            errors.append(person.rest_stars - clip(rating.Q[person.rest] @ found.rating))
            deviations.append(uncertainty.std(folding, history, found, person.rest))
        shares.append(measure_intervals(np.concatenate(errors), np.concatenate(deviations)))
    for level in LEVELS:
        show(f"within {float(level):.0%}", [share[level] for share in shares])


def show(name: str, figures: list[float]) -> None:
    """Print a line."""
    print(f"{name:<34}" + "".join(f"{figure:12.3f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
