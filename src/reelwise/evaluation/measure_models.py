"""Measuring fitted models by ids: on ratings held out, or on people held out whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain

import numpy as np

from reelwise.data.dataset import Dataset
from reelwise.data.splitting import Viewers
from reelwise.errors import UsageError
from reelwise.evaluation.figures import Evaluation, Figure
from reelwise.evaluation.held_out import HeldOut, describe, has_seen, to_test_case
from reelwise.evaluation.measures import MAE, NDCG, RMSE, Metric, RankingMetric, Recall, StarsMetric
from reelwise.evaluation.metrics import PerUser, bootstrap_interval
from reelwise.evaluation.ranking import make_lists
from reelwise.models.base import Estimator, RatingPredictor
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.registry import model_class
from reelwise.progress import FitProgress, Progress, reporting

Models = Estimator | Sequence[Estimator] | Mapping[str, Estimator]

_SEED = 0  # of the bootstrap


def evaluate(
    models: Models,
    test: HeldOut,
    metrics: Iterable[Metric] = (),
    *,
    baselines: Iterable[str | Estimator] = (),
    progress: Progress = None,
) -> Evaluation:
    """Measure fitted models on what they have not seen.

    Args:
        models: a model, several, or several by the names that they shall have in the table.
        test: ratings held out (the second part of `Dataset.split_ratings`), or people held out whole (that of
            `Dataset.split_users`). With ratings, metrics of rankings ask for the likes among them, in the full
            catalogue without what a user has rated in training.
        metrics: what to measure; by default RMSE and MAE of ratings, NDCG@10 and Recall@10 of people.
        baselines: models to fit to the training data of the first one, and to measure beside it: by name, such as
            "popularity", "biases" or "EASE", with its default hyper-parameters; or as estimators. What cannot be fitted
            to the data is left out, with the reason.
        progress: who is told how far it is; by default whoever sits before a terminal or a notebook.

    Raises:
        UsageError: Raised when a model was not fitted to a `Dataset`, there is nothing to measure, a metric does not go
            with the test or the model, or a baseline is unknown.
    """
    named, wanted = _name_models(models), _check_metrics(list(metrics), test)
    _require_stars(named, wanted)
    known = next(iter(named.values())).require_ids()
    others = _name_baselines(baselines, named)
    figures, left_out, count = list[Figure](), dict[str, str](), len(named) + len(others)
    with reporting(progress) as on_progress:
        for done, (name, model) in enumerate(chain(named.items(), _fit_each(others, known, left_out))):
            on_progress(FitProgress("evaluating", done, count, name))
            figures.extend(_measure(name, model, test, wanted))
        on_progress(FitProgress("evaluating", count, count))
    remarks = [*_warnings(named, test), *(f"{name} is left out: {why}." for name, why in left_out.items())]
    remarks.extend(_explain_defaults([name for name, one in others.items() if isinstance(one, str)]))
    return Evaluation(figures, describe(test), remarks)


def _measure(name: str, model: Estimator, test: HeldOut, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """The figures of one model, in the order of the metrics."""
    known = model.require_ids()
    lengths = [metric.k for metric in metrics if isinstance(metric, RankingMetric)]
    if lengths:
        lists = make_lists(model, to_test_case(test, known), known.interactions(), max(lengths))
    if isinstance(test, Dataset) and isinstance(model, RatingPredictor):
        known.require_scale(test)
        predicted = model.predict_rows(*known.rows_of(test))
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


def _fit_each(
    baselines: Mapping[str, str | Estimator], known: TrainedOn, left_out: dict[str, str]
) -> Iterator[tuple[str, Estimator]]:
    """The baselines, fitted when their turn comes, so that one is in memory; `left_out` gets why others are not."""
    for name, one in baselines.items():
        model = model_class(one)() if isinstance(one, str) else one
        try:
            model.fit(known.interactions(), progress=False)
        except UsageError as error:
            left_out[name] = str(error)
            continue
        model.trained_on = known
        yield name, model


def _name_models(models: Models) -> dict[str, Estimator]:
    """The models by name.

    Raises:
        UsageError: Raised when there are none, or one is no estimator that knows ids.
    """
    if isinstance(models, Mapping):
        named = dict(models)
    else:
        named = {}
        for model in [models] if isinstance(models, Estimator) else models:
            named[_new_name(getattr(model, "name", ""), named)] = model
    if not named:
        raise UsageError("there is no model to measure")
    for model in named.values():
        if not isinstance(model, Estimator):
            raise UsageError(f"{model!r} is no Estimator; write one with fit_rows and score to measure it")
        model.require_ids()
    return named


def _new_name(name: str, taken: Iterable[str]) -> str:
    """`name`, with a number if it is taken."""
    same = sum(1 for other in taken if other == name or other.startswith(f"{name} ("))
    return f"{name} ({same + 1})" if same else name


def _name_baselines(baselines: Iterable[str | Estimator], taken: Iterable[str]) -> dict[str, str | Estimator]:
    """The baselines by name.

    Raises:
        UsageError: Raised when there is no model of such a name.
    """
    named: dict[str, str | Estimator] = {}
    for one in [baselines] if isinstance(baselines, str | Estimator) else baselines:
        name = model_class(one).name if isinstance(one, str) else one.name
        named[_new_name(name, [*taken, *named])] = one
    return named


def _check_metrics(metrics: list[Metric], test: HeldOut) -> list[Metric]:
    """The metrics, or those that go with the test.

    Raises:
        UsageError: Raised when one does not, or is none.
    """
    if not isinstance(test, Dataset | Viewers):
        raise UsageError(
            f"the test is a {type(test).__name__}; expected what Dataset.split_ratings or Dataset.split_users gives"
        )
    if not metrics:
        return [NDCG(), Recall()] if isinstance(test, Viewers) else [RMSE(), MAE()]
    for metric in metrics:
        if not isinstance(metric, Metric):
            hint = f"{metric.__name__}()" if isinstance(metric, type) else "NDCG(10)"
            raise UsageError(f"{metric!r} is no metric; expected objects, such as {hint}")
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


def _warnings(models: Mapping[str, Estimator], test: HeldOut) -> Iterator[str]:
    for name, model in models.items():
        if has_seen(model.require_ids(), test):
            yield f"Beware: {name} was fitted to part of this test, so that its figures flatter."
    if isinstance(test, Dataset):
        users, movies = next(iter(models.values())).require_ids().rows_of(test)
        unknown = int(np.count_nonzero((users < 0) | (movies < 0)))
        if unknown:
            yield f"{unknown:,} ratings are by users or of movies that the models do not know; they count, too."


def _explain_defaults(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        parameters = fields(model_class(name.partition(" (")[0]).config_type)
        if parameters:
            values = ", ".join(f"{field.name} {field.default}" for field in parameters)
            yield f"{name} has its default hyper-parameters ({values}), not ones tuned for these data."
