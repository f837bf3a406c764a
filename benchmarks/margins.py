"""Whether the rating model is as sure as it says, on MovieLens 1M: for users it knows, and for people it never saw.

    python3 benchmarks/margins.py [--data DIR] [--threads 2] [--splits 3]

Known users: a random tenth of all ratings is held out, as `reelwise train` does; beside one margin for all, the errors'
standard deviation on the validation ratings. People it never saw: 600 users are held out whole, a model is trained on
the others, and those of the 600 with at least 30 likes name 1, 5 or 20 of these; what else they rated is predicted.
"""

from dataclasses import replace

import numpy as np

from common import create_parser, describe_versions
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like
from reelwise.data.ratings import Ratings
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.splitting import hold_out
from reelwise.data.types import Floats
from reelwise.evaluation.intervals import measure_intervals
from reelwise.evaluation.validation.measure_ratings import VALIDATION
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.recommend.query import QueryBuilder
from reelwise.training.pipeline import TrainingSettings, train

HELD_OUT, LEAST_LIKES = 600, 30


def main() -> None:
    """Measure and print."""
    parser = create_parser("Whether margins of predicted stars hold what they say.")
    parser.add_argument("--splits", type=int, default=3)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    print(f"{dataset.name}; {describe_versions()}")
    for seed in range(42, 42 + options.splits):
        measure_known_users(dataset.ratings.interactions(), seed, options.threads)
    for seed in range(1, 1 + options.splits):
        measure_strangers(dataset, seed, options.threads)


def measure_known_users(ratings: Interactions, seed: int, threads: int) -> None:
    """Print the figures of one split."""
    rest, held_out = hold_out(ratings, 0.1, seed)
    part, validation = hold_out(rest, VALIDATION, seed)
    model = MatrixFactorization(seed=seed, threads=threads).fit(part, validation=validation)
    predicted, errors = model.predict_rows(validation.users, validation.movies), errors_of(model, held_out)
    uncertainty = model.residuals(part).to_uncertainty(model.residuals(part).fit_coefficients(validation, predicted))
    std = uncertainty.std(held_out.users, held_out.movies)
    one = np.full_like(errors, np.sqrt(np.square(errors_of(model, validation)).mean()))
    low, high = np.quantile(std, [0.1, 0.9])
    print(f"known users, split {seed}")
    for what, stated in (("", std), ("one for all, ", one)):
        report(f"{what}all", errors, stated)
        report(f"{what}surest tenth", errors[std <= low], stated[std <= low])
        report(f"{what}least sure tenth", errors[std >= high], stated[std >= high])


def errors_of(model: MatrixFactorization, ratings: Interactions) -> Floats:
    """True minus predicted stars."""
    return ratings.stars - model.predict_rows(ratings.users, ratings.movies)


def measure_strangers(dataset: Dataset, seed: int, threads: int) -> None:
    """Print the figures of one draw."""
    ratings, columns = dataset.ratings, dataset.ratings.interactions()
    rng = np.random.default_rng(seed)
    people = rng.choice(len(ratings.users), HELD_OUT, replace=False)
    others = columns.where(~np.isin(columns.users, people))
    of_others = Ratings.from_columns(
        ratings.users.ids[others.users], ratings.movies.ids[others.movies], others.stars,
        scale=ratings.scale, movies=ratings.movies,
    )  # fmt: skip
    model = train(replace(dataset, ratings=of_others), TrainingSettings(seed=seed, threads=threads))
    place, builder = model.movies.rows(ratings.movies.ids), QueryBuilder(model)
    print(f"people never seen, draw {seed}")
    for picks in (1, 5, 20):
        errors, margins = [], []
        for person in people:
            movies, stars = ratings.by_user[person]
            likes = movies[is_like(stars, ratings.scale)]
            if len(likes) < LEAST_LIKES:
                continue
            named = rng.choice(likes, picks, replace=False)
            query = builder.blended(place[named].tolist())
            assert query.std
            left = ~np.isin(movies, named)
            rows = place[movies[left]]
            errors.append(stars[left] - ratings.scale.clip(model.rating.Q[rows] @ query.rating))
            margins.append(query.std(rows))
        report(f"{picks} picks", np.concatenate(errors), np.concatenate(margins))


def report(what: str, errors: Floats, std: Floats) -> None:
    """One line: coverage of both intervals, mean std, RMSE, mean negative log-likelihood less a constant."""
    shares = ", ".join(f"{share:.3f} within {level}" for level, share in measure_intervals(errors, std).items())
    likelihood = (np.log(std) + np.square(errors / std) / 2).mean()
    rmse = np.sqrt(np.square(errors).mean())
    print(f"{what:>29}: {shares}, mean std {std.mean():.3f}, RMSE {rmse:.3f}, -log L {likelihood:.3f}")


if __name__ == "__main__":
    main()
