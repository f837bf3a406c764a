"""The results of a comparison, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from reelwise.artifacts.metrics import FoldInFigures, Metrics, RatingFigures, SelectionFigures
from reelwise.evaluation.groups import GroupOutcome
from reelwise.evaluation.metrics import Interval, PerUser, bootstrap_interval
from reelwise.evaluation.ranking import RankingFigures
from reelwise.models.fold_in.config import FoldInConfig

_SEED = 0  # of the bootstrap


@dataclass(frozen=True)
class RatingOutcome:
    """Errors on held-out ratings; `missing` says why, where there are none."""

    figures: RatingFigures | None = None
    missing: str = ""


@dataclass(frozen=True)
class ChosenSetting:
    """The setting that was best on validation users ("" where there was no choice), and its figures of test users."""

    setting: str
    figures: RankingFigures


@dataclass(frozen=True)
class RankingOutcome:
    """Figures of each recommender in a ranking protocol.

    Attributes:
        protocol: what was done, in words.
        picks: the numbers of picks; empty for known users.
        figures: for each recommender one entry per number of picks; for known users a single one.
        left_out: recommenders without figures, and why.
        missing: why there are no figures at all.
    """

    protocol: str = ""
    picks: tuple[int, ...] = ()
    figures: Mapping[str, Sequence[ChosenSetting]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True)
class HistoryOutcome:
    """Predicted stars of people who bring a history, and the settings chosen; `missing` says why there are none."""

    figures: FoldInFigures | None = None
    settings: FoldInConfig | None = None
    missing: str = ""


@dataclass(frozen=True)
class Comparison:
    """The results of `compare`, by protocol."""

    stars: RatingOutcome
    known_users: RankingOutcome
    selections: RankingOutcome
    histories: HistoryOutcome
    groups: GroupOutcome


@dataclass(frozen=True)
class TimeComparison:
    """The results of `compare_by_time`: predicted stars, lists for known users, and the list for newcomers."""

    stars: RatingOutcome
    known_users: RankingOutcome
    newcomers: RankingOutcome


class Line(NamedTuple):
    """NDCG@10 of one recommender of selections: for each number of picks, and the mean over these."""

    each: list[float]
    intervals: list[Interval]
    mean: float
    interval: Interval


def summarise(chosen: Sequence[ChosenSetting]) -> Line:
    """The figures of one recommender with their 95 % intervals; every number of picks has the same users."""
    ndcgs: list[PerUser] = [one.figures.ndcg for one in chosen]
    mean: PerUser = np.mean(ndcgs, axis=0)
    intervals = [bootstrap_interval(per_user, _SEED) for per_user in ndcgs]
    return Line([float(one.mean()) for one in ndcgs], intervals, float(mean.mean()), bootstrap_interval(mean, _SEED))


def to_json(comparison: Comparison | TimeComparison) -> dict[str, Any]:
    """Everything that was found, in what JSON knows."""
    if isinstance(comparison, TimeComparison):
        return {
            "stars": _stars_content(comparison.stars),
            "known_users": _lists_content(comparison.known_users),
            "newcomers": _lists_content(comparison.newcomers),
        }
    selections, histories = comparison.selections, comparison.histories
    return {
        "stars": _stars_content(comparison.stars),
        "known_users": _lists_content(comparison.known_users),
        "selections": {
            **_describe(selections),
            "picks": list(selections.picks),
            "figures": {name: _selections_content(chosen) for name, chosen in selections.figures.items()},
        },
        "histories": {
            **(histories.figures.model_dump(mode="json") if histories.figures else {}),
            "settings": vars(histories.settings) if histories.settings else {},
            "missing": histories.missing,
        },
        "groups": comparison.groups.to_json(),
    }


def _stars_content(stars: RatingOutcome) -> dict[str, Any]:
    return {**(rating_content(stars.figures) if stars.figures else {"figures": {}}), "missing": stars.missing}


def _lists_content(outcome: RankingOutcome) -> dict[str, Any]:
    figures = {name: _known_users_content(chosen) for name, (chosen,) in outcome.figures.items()}
    return {**_describe(outcome), "figures": figures}


def rating_content(figures: RatingFigures) -> dict[str, Any]:
    """Errors of predicted stars, in what JSON knows."""
    content = figures.model_dump(mode="json", include={"protocol", "ratings", "interval", "mean_std"})
    return {**content, "figures": {name: dict(errors) for name, errors in _by_model(figures).items()}}


def _by_model(figures: RatingFigures) -> dict[str, Any]:
    return {"rating model": figures.model, "biases": figures.biases}


def _describe(outcome: RankingOutcome) -> dict[str, Any]:
    return {"protocol": outcome.protocol, "left_out": dict(outcome.left_out), "missing": outcome.missing}


def _known_users_content(chosen: ChosenSetting) -> dict[str, Any]:
    return {
        **{f"{name}@10": value for name, value in chosen.figures.means().items()},
        "interval": list(bootstrap_interval(chosen.figures.ndcg, _SEED)),
        "setting": chosen.setting,
    }


def _selections_content(chosen: Sequence[ChosenSetting]) -> dict[str, Any]:
    line, means = summarise(chosen), [one.figures.means() for one in chosen]
    return {
        **{f"{name}@10": [by_name[name] for by_name in means] for name in means[0]},
        "intervals": [list(interval) for interval in line.intervals],
        "mean_ndcg@10": line.mean,
        "interval": list(line.interval),
        "settings": [one.setting for one in chosen],
    }


class ReportTable(NamedTuple):
    """A table with a title, and notes below it. A cell that is None has no figure."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | None]]
    notes: Sequence[str]


def tables(comparison: Comparison | TimeComparison) -> Iterator[ReportTable]:
    """One table for each protocol."""
    yield _rating_table(comparison.stars.figures, comparison.stars.missing)
    yield _known_users_table("Known users", comparison.known_users)
    if isinstance(comparison, TimeComparison):
        yield _known_users_table("Newcomers of whom nothing is known", comparison.newcomers)
        return
    yield _selections_table(comparison.selections)
    yield _histories_table(comparison.histories)
    yield _groups_table(comparison.groups)


def stored_tables(metrics: Metrics) -> Iterator[ReportTable]:
    """Tables of the figures that training kept in a model's `metrics.json`."""
    yield _rating_table(metrics.stars, "training left this out")
    yield _stored_selections_table(metrics.selections)
    if metrics.fold_in is not None:
        yield _histories_table(HistoryOutcome(metrics.fold_in))
    if (newcomers := metrics.newcomers) is not None:
        rows = [(newcomers.lately, f"{newcomers.ndcg:.4f}"), ("ranking model", f"{newcomers.ranking_ndcg:.4f}")]
        title = f"{newcomers.people:,} newcomers of whom nothing is known"
        yield ReportTable(title, ("", "NDCG@10"), rows, [newcomers.protocol])


def _stored_selections_table(selections: SelectionFigures | None) -> ReportTable:
    if selections is None:
        return ReportTable("Selections", (), (), ["Not measured: too few users have enough likes."])
    named = {
        "blend by taste": selections.blend,
        "blend at balance 0": selections.well_known,
        "popularity": selections.popularity,
    }
    rows = [
        (name, *_thousandths([*figures.ndcg, figures.mean_ndcg]), _format_range(figures.interval),
         *_format_variety(figures.stratified_ndcg, figures.distinct, figures.most_shown))
        for name, figures in named.items() if figures is not None
    ]  # fmt: skip
    headings = ("NDCG@10 from", *_columns(selections.picks), "mean", "95 % interval", *_VARIETY)
    notes = [selections.protocol, f"Chosen for blend by taste: balance {selections.balance:g}."]
    if selections.unexplained:
        notes.append(f"Without a reason are {np.mean(selections.unexplained):.1%} of the films in its lists.")
    return ReportTable("Selections", headings, rows, notes)


def _rating_table(figures: RatingFigures | None, missing: str) -> ReportTable:
    headings = ("", "RMSE", "MAE")
    if figures is None:
        return ReportTable("Predicted stars", headings, [], [f"Not measured: {missing}."])
    rows = [(name, f"{errors.rmse:.4f}", f"{errors.mae:.4f}") for name, errors in _by_model(figures).items()]
    sure = figures.describe_intervals()
    notes = [figures.protocol] if sure is None else [f"{sure[0].upper()}{sure[1:]}.", figures.protocol]
    return ReportTable(f"Predicted stars of {figures.ratings:,} held-out ratings", headings, rows, notes)


_VARIETY = ("stratified", "films", "most shown")  # little-known films count more; how many are shown; in how many lists


def _known_users_table(title: str, outcome: RankingOutcome) -> ReportTable:
    headings = ("", "NDCG@10", "95 % interval", "stratified", "Recall@10", "MRR@10", "Hit@10", "films", "most shown")
    rows = [
        (name, f"{found['ndcg@10']:.4f}", _format_range(found["interval"]),
         *(f"{found[f'{figure}@10']:.4f}" for figure in ("stratified_ndcg", "recall", "mrr", "hit")),
         f"{found['distinct@10']:,.0f}", f"{found['most_shown@10']:.0%}")
        for name, found in ((name, _known_users_content(chosen)) for name, (chosen,) in outcome.figures.items())
    ]  # fmt: skip
    return _ranking_table(title, headings, rows, outcome)


def _selections_table(outcome: RankingOutcome) -> ReportTable:
    headings = ("NDCG@10 from", *_columns(outcome.picks), "mean", "95 % interval", *_VARIETY)
    rows = []
    for name, chosen in outcome.figures.items():
        line, means = summarise(chosen), [one.figures.means() for one in chosen]
        varied = [[of[figure] for of in means] for figure in ("stratified_ndcg", "distinct", "most_shown")]
        ndcgs = _thousandths([*line.each, line.mean])
        rows.append((name, *ndcgs, _format_range(line.interval), *_format_variety(*varied)))
    return _ranking_table("Selections", headings, rows, outcome)


def _histories_table(outcome: HistoryOutcome) -> ReportTable:
    title, figures = "Predicted stars of people who bring a history", outcome.figures
    if figures is None:
        return ReportTable(title, (), [], [f"Not measured: {outcome.missing}."])
    rows = [
        ("people", *(f"{count:,}" for count in figures.people)),
        ("RMSE", *_thousandths(figures.rmse)),
        *(
            (f"within the {float(level):.0%} interval", *(f"{share:.1%}" for share in shares))
            for level, shares in figures.interval.items()
        ),
    ]
    notes = [figures.protocol]
    if outcome.settings is not None:
        changed = [f"{name} {value:g}" for name, value in outcome.settings.changes().items()]
        notes.append(f"Chosen: {', '.join(changed) or 'the settings by default'}.")
    return ReportTable(title, ("ratings given", *map(str, figures.given)), rows, notes)


def _groups_table(outcome: GroupOutcome) -> ReportTable:
    title = "Groups: mean and least NDCG@10 of the members, and films of ten that all like"
    if not outcome.figures:
        return ReportTable("Groups", (), [], [f"Not measured: {outcome.missing}."])
    rows = []
    for name, by_size in outcome.figures.items():
        means = [[of_groups.mean() for of_groups in figures] for figures in by_size.values()]
        rows.append((name, *(f"{mean:.3f} / {least:.3f} / {all_like:.2f}" for mean, least, all_like in means)))
    sizes = next(iter(outcome.figures.values()))
    return ReportTable(title, ("", *(f"{size} people" for size in sizes)), rows, [outcome.protocol])


def _ranking_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], outcome: RankingOutcome
) -> ReportTable:
    if outcome.missing:
        return ReportTable(title, headings, [], [f"Not measured: {outcome.missing}."])
    without_figures = [(name, *(None for _ in headings[1:])) for name in outcome.left_out]
    settings = {name: [one.setting for one in chosen] for name, chosen in outcome.figures.items() if chosen[0].setting}
    notes = [
        outcome.protocol,
        *(f"{name} is left out: {reason}." for name, reason in outcome.left_out.items()),
        *(f"Chosen for {name}: {', '.join(chosen)}." for name, chosen in settings.items()),
    ]
    return ReportTable(title, headings, [*rows, *without_figures], notes)


def _columns(picks: Sequence[int]) -> list[str]:
    return [f"{n} pick{'s' if n > 1 else ''}" for n in picks]


def _format_variety(
    stratified_ndcg: Sequence[float], distinct: Sequence[float], most_shown: Sequence[float]
) -> tuple[str, str, str]:
    """The means over the numbers of picks, under `_VARIETY`."""
    return f"{np.mean(stratified_ndcg):.3f}", f"{np.mean(distinct):,.0f}", f"{np.mean(most_shown):.0%}"


def _thousandths(figures: Sequence[float]) -> list[str]:
    return [f"{figure:.3f}" for figure in figures]


def _format_range(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{low:.3f} – {high:.3f}"
