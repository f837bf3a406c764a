"""Describes a data set or a model, in rows and lines of text."""

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from reelwise.artifacts.metrics import Metrics
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Ratings

Fact = tuple[str, str]

_MOST_RATED = 10  # films in that table
_NO_STARS = "none: the ratings only say who watched or liked what, so films go by taste"
_UPDATED = (
    "not measured, because the model that this one was updated from has seen the ratings; "
    "`reelwise evaluate --data DIR` measures from scratch"
)


def dataset_facts(dataset: Dataset) -> list[Fact]:
    """Counts and scale of a data set."""
    ratings = dataset.ratings
    users, movies = len(ratings.users), len(ratings.movies)
    facts = [
        ("name", dataset.name),
        ("ratings", f"{len(ratings):,}"),
        ("users", f"{users:,}"),
        ("films", f"{len(dataset.catalogue):,}, of which {movies:,} are rated"),
        ("ratings per user", _spread(ratings.by_user.counts())),
        ("ratings per rated film", _spread(ratings.by_movie.counts())),
        ("pairs that are rated", f"{len(ratings) / (users * movies):.2%}"),
        ("scale", "no stars" if dataset.implicit else f"{_scale(ratings)}, mean {ratings.mean_stars():.2f}"),
        ("sha256 of the ratings", dataset.sha256),
    ]
    if dataset.duplicates:
        facts.append(("rated more than once", f"{dataset.duplicates:,} ratings gave way to a later one"))
    return facts


def _scale(ratings: Ratings) -> str:
    return f"{ratings.scale.low:g} to {ratings.scale.high:g}"


def _spread(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    return f"median {int(np.median(counts)):,}, from {counts.min():,} to {counts.max():,}"


def stars_histogram(ratings: Ratings) -> list[tuple[str, int, str]]:
    """How often each number of stars was given; only the 20 most frequent of an unusually fine scale."""
    values, counts = np.unique(ratings.by_user.stars, return_counts=True)
    kept = np.sort(np.argsort(-counts, kind="stable")[:20])
    return [(f"{values[place]:g}", int(counts[place]), f"{counts[place] / counts.sum():.1%}") for place in kept]


def most_rated(dataset: Dataset) -> list[tuple[int, str | None, str]]:
    """Number of ratings, mean stars, if there are stars, and title of the films that most people rated."""
    ratings = dataset.ratings
    counts = ratings.by_movie.counts()
    rows = np.argsort(-counts, kind="stable")[:_MOST_RATED]
    return [
        (
            int(counts[row]),
            None if dataset.implicit else f"{ratings.by_movie[row][1].mean(dtype=np.float64):.2f}",
            dataset.catalogue[ratings.movies[row]].title,
        )
        for row in rows
    ]


def model_facts(model: Model) -> list[Fact]:
    """The kind of a model, its origin, and its figures."""
    config = model.config
    counts = config.counts
    simulated = " (simulated viewers)" if config.dataset.simulated else ""
    facts = [
        ("revision", model.description.revision),
        ("data set", config.dataset.name + simulated),
        ("trained at", f"{config.trained_at}, Reelwise {config.reelwise_version}, seed {config.seed}"),
        ("users, rated films, films", f"{counts.users:,}, {counts.rated_movies:,}, {counts.movies:,}"),
        ("histories", f"{counts.ratings:,} ratings, from {config.histories.name}" if config.histories else "left out"),
        ("stars", "{:g} to {:g}".format(*config.rating_scale) if model.predicts_stars else _NO_STARS),
        ("rating model", config.rating_model.describe()),
    ]
    if config.updated_from:
        facts.append(("updated from", f"revision {config.updated_from}"))
    if config.ranking_model:
        values = {**asdict(config.ranking_model.hyperparameters), **asdict(config.ranking_model.blend)}
        values["factors"] = model.ranking.P.shape[1] if model.ranking else None
        facts.append(("ranking model", ", ".join(f"{name} {value}" for name, value in values.items())))
        facts.append(("balance", f"{model.balance:g} (0 well known, 1 hidden)"))
    return [*facts, *(("figures", line) for line in _figures(model))]


def training_lines(model: Model) -> Iterator[str]:
    """The lines to show when a model has been trained."""
    if not model.predicts_stars:
        yield f"stars: {_NO_STARS}"
    yield from _figures(model)


def _figures(model: Model) -> list[str]:
    return [_UPDATED] if model.config.updated_from else describe_figures(model.metrics)


def describe_figures(metrics: Metrics | None) -> list[str]:
    """The figures of a model, one line for each kind."""
    if metrics is None:
        return ["not measured"]
    lines, stars, selections, newcomers = [], metrics.stars, metrics.selections, metrics.newcomers
    if stars is not None:
        lines.append(
            f"stars: RMSE {stars.model.rmse:.4f}, MAE {stars.model.mae:.4f} on {stars.ratings:,} "
            f"held-out ratings (biases alone: RMSE {stars.biases.rmse:.4f})"
        )
        lines.extend(filter(None, [stars.describe_intervals()]))
    if selections is not None:
        lines.append(
            f"selections: NDCG@10 {selections.blend.mean_ndcg:.3f}, a mean over "
            f"{', '.join(map(str, selections.picks))} picks "
            f"(the most popular films: {selections.popularity.mean_ndcg:.3f})"
        )
        if selections.well_known is not None:
            lines.append(f"balance {selections.balance:g}: {selections.describe_balance()}")
    if newcomers is not None:
        lines.append(
            f"newcomers of whom nothing is known: NDCG@10 {newcomers.ndcg:.3f} by what was popular lately "
            f"({newcomers.lately}), {newcomers.ranking_ndcg:.3f} by the ranking model"
        )
    return lines
