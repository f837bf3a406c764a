"""Measuring recommendations from a selection, on users that the model has never seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from reelwise.data.ratings import Interactions, Ratings
from reelwise.evaluation.baselines import Popularity
from reelwise.evaluation.fit_blend import fit_powers
from reelwise.evaluation.metrics import PerUser, bootstrap_interval, hits, ndcg
from reelwise.evaluation.rankers import Blended
from reelwise.evaluation.ranking import Ranker, evaluate, recommend
from reelwise.evaluation.splitting import Selections, TestCase
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.preference import least_like
from reelwise.models.ranking.blending import Blend, Profiles, Taste
from reelwise.models.ranking.weighted_als import RankingModel

MIN_LIKES = 30
TEST_USERS, VALIDATION_USERS = 1000, 300
_FEWEST = 30  # test users; with fewer the figures would say nothing


class Measured(NamedTuple):
    """What `measure_selections` found.

    Attributes:
        figures: of the blend, beside those of popularity; None with too few users.
        blend: the settings that were chosen.
        iterations: the number of iterations that was best; None with too few users.
    """

    figures: dict[str, Any] | None
    blend: BlendConfig
    iterations: int | None


def split_selections(ratings: Ratings, seed: int) -> Selections | None:
    """Test and validation users, at most a quarter and an eighth of those with enough likes.

    None where they would be too few for figures.
    """
    liked = least_like(ratings.scale)
    likes = np.bincount(ratings.interactions().users[ratings.by_user.stars >= liked], minlength=len(ratings.user_ids))
    eligible = int((likes >= MIN_LIKES).sum())
    test, validation = min(TEST_USERS, eligible // 4), min(VALIDATION_USERS, eligible // 8)
    if test < _FEWEST:
        return None
    return Selections.split(
        ratings, seed=seed, test_users=test, validation_users=validation, min_likes=MIN_LIKES, liked=liked
    )


def remaining(ratings: Ratings, train: Interactions) -> Ratings:
    """The `train` part of `ratings`, with the same rows."""
    users, movies = ratings.user_ids, ratings.movie_ids
    return Ratings.from_columns(
        users[train.users], movies[train.movies], train.stars,
        scale=ratings.scale, known_users=users, known_movies=movies,
    )  # fmt: skip


def measure_selections(
    ratings: Ratings,
    settings: BlendConfig,
    taste_settings: WeightedALSConfig,
    seed: int,
    fit: Callable[[Interactions, Callable[[int, RankingModel], bool]], RankingModel],
) -> Measured:
    """Hold out users, fit to the others, choose by some of them, and measure on the rest.

    Chosen are the number of iterations, by early stopping, and the blend's powers and pulls.

    Args:
        ratings: all ratings.
        settings: of the blend, with powers and pulls to start from.
        taste_settings: what `fit` fits with.
        seed: of who is held out.
        fit: fits a taste model to its first argument, for as long as the second says yes after an iteration.
    """
    split = split_selections(ratings, seed)
    if split is None:
        return Measured(None, settings, None)
    history = remaining(ratings, split.train)

    def blend_of(model: RankingModel) -> Blend:
        profiles = Profiles.chosen(model.P, model.Q, history, settings, seed)
        return Blend(Taste(model.P, model.Q, profiles), history, settings, taste_settings)

    stopping = _EarlyStopping(blend_of, split, taste_settings.patience)
    model = fit(split.train, stopping)
    if stopping.best < len(stopping.per_user):  # the model is some iterations past the best
        model = fit(split.train, lambda iteration, _: iteration < stopping.best)
    blend = blend_of(model)
    chosen = fit_powers(blend, split.validation)
    likes = split.train.where(split.train.stars >= least_like(ratings.scale))
    rankers: dict[str, Ranker] = {
        "blend": Blended(replace(blend, settings=chosen)),
        "popularity": Popularity.fit(likes, split.shape),
    }
    figures = {
        "protocol": (
            f"{len(split.test[min(split.test)].viewers)} users with at least {MIN_LIKES} likes are held out whole. "
            "Some of their likes are given, the others are to be found in the full catalogue. Settings were chosen on "
            "other users."
        ),
        "picks": list(split.test),
        **{name: selection_figures(ranker, split.test, split, seed) for name, ranker in rankers.items()},
        "validation_ndcg@10": stopping.quality,
    }
    return Measured(figures, chosen, stopping.best)


@dataclass
class _EarlyStopping:
    """Says after each iteration whether to go on: until `patience` iterations have ranked worse than the best.

    Ranking is NDCG@10 for validation users who name a middling number of films. Worse means by more than the standard
    error of the difference, so that noise among few users does not end training early.
    """

    blend_of: Callable[[RankingModel], Blend]
    split: Selections
    patience: int
    per_user: list[PerUser] = field(default_factory=list)

    @property
    def quality(self) -> list[float]:
        """The mean NDCG@10 after each iteration."""
        return [float(ndcg_of_users.mean()) for ndcg_of_users in self.per_user]

    @property
    def best(self) -> int:
        """The iteration to keep, from 1: the latest, unless another was clearly better."""
        best = int(np.argmax(self.quality))
        lead = self.per_user[best] - self.per_user[-1]
        return best + 1 if lead.mean() > lead.std() / np.sqrt(len(lead)) else len(self.per_user)

    def __call__(self, iteration: int, model: RankingModel) -> bool:
        trials = list(self.split.validation.values())
        trial = trials[len(trials) // 2]
        ranked = recommend(Blended(self.blend_of(model)), trial, 10)
        self.per_user.append(ndcg(hits(ranked, trial.targets)))
        return iteration - self.best < self.patience


def selection_figures(ranker: Ranker, trials: Mapping[int, TestCase], split: Selections, seed: int) -> dict[str, Any]:
    """NDCG@10, Recall@10 and coverage for each number of picks, and the mean NDCG@10 with its 95 % interval."""
    found = [evaluate(ranker, trial, split.train, split.shape[1]) for trial in trials.values()]
    per_user = np.mean([figures.ndcg for figures in found], axis=0)  # all have more likes than the most picks
    interval = bootstrap_interval(per_user, seed)
    return {
        "ndcg@10": [float(figures.ndcg.mean()) for figures in found],
        "recall@10": [float(figures.recall.mean()) for figures in found],
        "coverage@10": [figures.coverage for figures in found],
        "mean_ndcg@10": float(per_user.mean()),
        "interval": [interval.low, interval.high],
    }
