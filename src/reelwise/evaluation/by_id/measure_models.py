"""Figures of several fitted models on what was held out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from reelwise.data.dataset import Dataset
from reelwise.data.splitting import Viewers
from reelwise.data.types import Rows
from reelwise.errors import UsageError
from reelwise.evaluation.by_id.choosing import choose_setting
from reelwise.evaluation.by_id.figures import Evaluation, Figure
from reelwise.evaluation.by_id.held_out import HeldOut, describe, has_seen, people_of, tell_unknown, to_test_case
from reelwise.evaluation.measures import MAE, NDCG, RMSE, Metric, RankingMetric, Recall, StarsMetric
from reelwise.evaluation.metrics import PerUser, bootstrap_interval
from reelwise.evaluation.ranking import make_lists
from reelwise.models.base import Estimator, RatingPredictor
from reelwise.models.by_id.checking import CheckedScores, check_answer
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.registry import model_class
from reelwise.progress import FitProgress, Progress, reporting

Models = Estimator | Sequence[Estimator] | Mapping[str, Estimator]

_SEED = 0  # of the bootstrap


def evaluate(
    models: Models,
    test: HeldOut,
    metrics: Metric | Iterable[Metric] = (),
    *,
    baselines: str | Estimator | Iterable[str | Estimator] = (),
    progress: Progress = None,
) -> Evaluation:
    """Measure fitted models on what they have not seen.

    Args:
        models: a model, several, or several by the names that they shall have in the table.
        test: ratings held out (the second part of `Dataset.split_ratings`), or people held out whole (that of
            `Dataset.split_users`). With ratings, metrics of rankings ask for the likes among them, in the full
            catalogue without what a user has rated in training. All models are asked for the same people; movies that a
            model does not know count as not found.
        metrics: what to measure, one or several; by default RMSE and MAE of ratings, NDCG@10 and Recall@10 of people.
        baselines: models to fit to the training data of the first one, and to measure beside it: by name, such as
            "popularity", "biases" or "EASE", by the setting that ranks best for others held out of the training data;
            or as estimators, of which copies are fitted. What cannot be fitted to the data is left out, with the
            reason.
        progress: progress callback; True shows bars, False none; by default bars in a terminal or a notebook.

    Raises:
        UsageError: Raised when a model was not fitted to a `Dataset`, there is nothing to measure, a metric does not go
            with the test or the model, or a baseline is unknown.
    """
    named, wanted = _name_models(models), _check_metrics(_listed(metrics), test)
    _require_stars(named, wanted)
    all_known = {name: model.require_ids() for name, model in named.items()}
    known, people = next(iter(all_known.values())), people_of(test, all_known.values())
    others = _name_baselines(baselines, named)
    figures, remarks, count = list[Figure](), [*_warnings(all_known, test, wanted)], len(named) + len(others)
    with reporting(progress) as on_progress:
        for done, (name, model) in enumerate(named.items()):
            on_progress(FitProgress("evaluating", done, count, name))
            figures.extend(_measure(name, model, test, people, wanted))
        for done, (name, baseline) in enumerate(others.items(), len(named)):
            on_progress(FitProgress("evaluating", done, count, name))
            try:
                fitted, how = _fit_baseline(baseline, known, test, wanted)
                figures.extend([*_measure(name, fitted, test, people, wanted)])
            except UsageError as error:
                remarks.append(f"{name} is left out: {error}.")
                continue
            remarks.extend([f"Chosen for {name}: {how}."] if how else [])
        on_progress(FitProgress("evaluating", count, count))
    return Evaluation(figures, describe(test), remarks)


def _measure(name: str, model: Estimator, test: HeldOut, people: Rows, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """The figures of one model, in the order of the metrics."""
    known = model.require_ids()
    lengths = [metric.k for metric in metrics if isinstance(metric, RankingMetric)]
    if lengths:
        lists = make_lists(CheckedScores(model, len(known.movies)), *to_test_case(test, known, people), max(lengths))
    if isinstance(test, Dataset) and isinstance(model, RatingPredictor):
        known.require_scale(test)
        users, movies = known.rows_of(test)
        predicted = check_answer(model, "predict_rows", model.predict_rows(users, movies), users.shape)
    for metric in metrics:
        if isinstance(metric, RankingMetric):
            yield _to_figure(name, metric, metric.measure(lists.first(metric.k)))
        elif isinstance(metric, StarsMetric) and isinstance(test, Dataset) and isinstance(model, RatingPredictor):
            yield _to_figure(name, metric, metric.measure(predicted, test.ratings.by_user.stars))
        else:
            yield Figure(name, metric.label, None, None, None)


def _to_figure(name: str, metric: Metric, found: PerUser | float) -> Figure:
    """A figure with its interval, where there is one value for each query."""
    if not isinstance(found, np.ndarray):
        return Figure(name, metric.label, float(found), None, None)
    low, high = bootstrap_interval(found, _SEED)
    return Figure(name, metric.label, float(found.mean()), low, high)


def _fit_baseline(
    baseline: str | Estimator, known: TrainedOn, test: HeldOut, metrics: Sequence[Metric]
) -> tuple[Estimator, str]:
    """A baseline, fitted to the training data, and how its setting was chosen.

    Raises:
        UsageError: Raised when it cannot be fitted to these data.
    """
    how = ""
    kind = type(baseline) if isinstance(baseline, Estimator) else model_class(baseline)
    if issubclass(kind, RatingPredictor):
        kind.require_stars(known)
    if isinstance(baseline, Estimator):
        model = copy(baseline)  # the caller's stays as it is
    elif any(isinstance(metric, RankingMetric) for metric in metrics):
        model, how = choose_setting(model_class(baseline).name, known, test)
    else:
        model = model_class(baseline)()
    model.fit(known.interactions(), progress=False)
    model.trained_on = known
    return model, how


def _name_models(models: Models) -> dict[str, Estimator]:
    """The models by name.

    Raises:
        UsageError: Raised when there are no models, or one is not an estimator that knows ids.
    """
    if isinstance(models, Mapping):
        named = {str(name): model for name, model in models.items()}
    else:
        named = {}
        for model in _listed(models):
            named[_new_name(getattr(model, "name", ""), named)] = model
    if not named:
        raise UsageError("there is no model to measure")
    for model in named.values():
        if not isinstance(model, Estimator):
            raise UsageError(f"{model!r} is not an Estimator; write one with fit_rows and score to measure it")
        model.require_ids()
    return named


def _listed(some: Any) -> list[Any]:
    """One or several, as a list."""
    return [*some] if isinstance(some, Iterable) and not isinstance(some, str) else [some]


def _new_name(name: str, taken: Iterable[str]) -> str:
    """`name`, with a number if it is taken."""
    same = sum(1 for other in taken if other == name or other.startswith(f"{name} ("))
    return f"{name} ({same + 1})" if same else name


def _name_baselines(
    baselines: str | Estimator | Iterable[str | Estimator], taken: Iterable[str]
) -> dict[str, str | Estimator]:
    """The baselines by name.

    Raises:
        UsageError: Raised when there is no model of such a name, or one is not a model.
    """
    named: dict[str, str | Estimator] = {}
    for one in _listed(baselines):
        if not isinstance(one, str | Estimator):
            hint = f"{one.__name__}()" if isinstance(one, type) else "EASE()"
            raise UsageError(
                f"{one!r} is not a baseline; expected names, such as 'popularity', or estimators, such as {hint}"
            )
        name = model_class(one).name if isinstance(one, str) else one.name
        named[_new_name(name, [*taken, *named])] = one
    return named


def _check_metrics(metrics: list[Metric], test: HeldOut) -> list[Metric]:
    """The metrics, or those that go with the test.

    Raises:
        UsageError: Raised when one does not, or is not a metric.
    """
    if not isinstance(test, Dataset | Viewers):
        raise UsageError(
            f"the test is a {type(test).__name__}; expected the result of Dataset.split_ratings or Dataset.split_users"
        )
    if not metrics:
        return [NDCG(), Recall()] if isinstance(test, Viewers) else [RMSE(), MAE()]
    for metric in metrics:
        if not isinstance(metric, Metric):
            hint = f"{metric.__name__}()" if isinstance(metric, type) else "NDCG(10)"
            raise UsageError(f"{metric!r} is not a metric; expected objects, such as {hint}")
        if isinstance(metric, StarsMetric) and isinstance(test, Viewers):
            raise UsageError(f"{metric.label} is of ratings held out; Dataset.split_ratings makes such a test")
        if isinstance(metric, StarsMetric) and isinstance(test, Dataset) and test.implicit:
            raise UsageError(
                f"{metric.label} is of stars, and {test.name} has none; measure rankings, such as NDCG(10)"
            )
    return metrics


def _require_stars(models: Mapping[str, Estimator], metrics: Sequence[Metric]) -> None:
    """Refuse to measure nothing but stars where no model predicts any.

    Raises:
        UsageError: Raised when that is so.
    """
    of_stars = all(isinstance(metric, StarsMetric) for metric in metrics)
    if of_stars and not any(isinstance(model, RatingPredictor) for model in models.values()):
        raise UsageError(
            f"{', '.join(models)} ranks movies and predicts no stars, so there is no {metrics[0].label}; measure "
            "rankings, such as NDCG(10)"
        )


def _warnings(models: Mapping[str, TrainedOn], test: HeldOut, metrics: Sequence[Metric]) -> Iterator[str]:
    effects = []
    if isinstance(test, Viewers) or any(isinstance(metric, StarsMetric) for metric in metrics):
        effects.append("its figures are too good")
    if isinstance(test, Dataset) and any(isinstance(metric, RankingMetric) for metric in metrics):
        effects.append("what it was trained on is never listed and counts as not found")
    for name, known in models.items():
        if has_seen(known, test):
            yield f"Warning: {name} was trained on part of this test, so {', and '.join(effects)}."
    yield from tell_unknown(test, models)
