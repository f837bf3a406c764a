"""What a comparison found, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from reelwise.evaluation.intervals import intervals_in_words
from reelwise.evaluation.metrics import Interval, PerUser, bootstrap_interval
from reelwise.evaluation.ranking import RankingFigures

PER_VIEWER = ("ndcg", "recall", "mrr", "hit")
_SEED = 0  # of the bootstrap


@dataclass(frozen=True)
class StarsFigures:
    """Errors of predicted stars, in stars."""

    rmse: float
    mae: float


@dataclass(frozen=True)
class StarsOutcome:
    """Errors of each model on held-out ratings; where there are none, `missing` says why.

    Attributes:
        protocol: what was done, in words.
        ratings: how many were held out.
        figures: of each model.
        interval: the share of true stars within the intervals that the stars model states, by the share wanted.
        mean_spread: the mean of the standard deviations that it states, in stars; None where it states none.
        missing: why there are no figures.
    """

    protocol: str = ""
    ratings: int = 0
    figures: Mapping[str, StarsFigures] = field(default_factory=dict)
    interval: Mapping[str, float] = field(default_factory=dict)
    mean_spread: float | None = None
    missing: str = ""


@dataclass(frozen=True)
class Chosen:
    """The setting that was best on validation users ("" where there was no choice), and its figures of test users."""

    setting: str
    figures: RankingFigures


@dataclass(frozen=True)
class RankingOutcome:
    """Figures of each recommender in a ranking protocol.

    Attributes:
        protocol: what was done, in words.
        picks: the numbers of picks; empty for known users, whose picks are their train histories.
        figures: for each recommender one entry per number of picks; for known users a single one.
        left_out: recommenders without figures, and why.
        missing: why there are no figures at all.
    """

    protocol: str = ""
    picks: tuple[int, ...] = ()
    figures: Mapping[str, Sequence[Chosen]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True)
class Comparison:
    """What `compare` found, by protocol."""

    stars: StarsOutcome
    known_users: RankingOutcome
    selections: RankingOutcome


class Line(NamedTuple):
    """NDCG@10 of one recommender of selections: for each number of picks, and the mean over these."""

    each: list[float]
    intervals: list[Interval]
    mean: float
    interval: Interval


def line(chosen: Sequence[Chosen]) -> Line:
    """The figures of one recommender with their 95 % intervals; every number of picks has the same users."""
    ndcgs: list[PerUser] = [it.figures.ndcg for it in chosen]
    mean: PerUser = np.mean(ndcgs, axis=0)
    intervals = [bootstrap_interval(it, _SEED) for it in ndcgs]
    return Line([float(it.mean()) for it in ndcgs], intervals, float(mean.mean()), bootstrap_interval(mean, _SEED))


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Everything that was found, in what JSON knows."""
    stars, known_users, selections = comparison.stars, comparison.known_users, comparison.selections
    return {
        "stars": asdict(stars),
        "known_users": {
            **_about(known_users),
            "figures": {name: _of_known_users(chosen) for name, (chosen,) in known_users.figures.items()},
        },
        "selections": {
            **_about(selections),
            "picks": list(selections.picks),
            "figures": {name: _of_selections(chosen) for name, chosen in selections.figures.items()},
        },
    }


def _about(outcome: RankingOutcome) -> dict[str, Any]:
    return {"protocol": outcome.protocol, "left_out": dict(outcome.left_out), "missing": outcome.missing}


def _of_known_users(chosen: Chosen) -> dict[str, Any]:
    means = chosen.figures.means()
    return {
        **{f"{name}@10": value for name, value in means.items()},
        "interval": list(bootstrap_interval(chosen.figures.ndcg, _SEED)),
        "setting": chosen.setting,
    }


def _of_selections(chosen: Sequence[Chosen]) -> dict[str, Any]:
    found, means = line(chosen), [it.figures.means() for it in chosen]
    return {
        **{f"{name}@10": [it[name] for it in means] for name in means[0]},
        "intervals": [list(it) for it in found.intervals],
        "mean_ndcg@10": found.mean,
        "interval": list(found.interval),
        "settings": [it.setting for it in chosen],
    }


class Table(NamedTuple):
    """A table with a title, and what is to be said below it. A cell that is None has no figure."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | None]]
    notes: Sequence[str]


def tables(comparison: Comparison) -> Iterator[Table]:
    """One table for each protocol."""
    yield _stars_table(comparison.stars)
    yield _known_users_table(comparison.known_users)
    yield _selections_table(comparison.selections)


def _stars_table(stars: StarsOutcome) -> Table:
    rows = [(name, f"{it.rmse:.4f}", f"{it.mae:.4f}") for name, it in stars.figures.items()]
    title = f"Predicted stars of {stars.ratings:,} held-out ratings" if rows else "Predicted stars"
    return Table(title, ("", "RMSE", "MAE"), rows, _notes(stars))


def _known_users_table(outcome: RankingOutcome) -> Table:
    headings = ("", "NDCG@10", "95 % interval", "Recall@10", "MRR@10", "Hit@10", "coverage", "novelty")
    rows = [
        (name, f"{it['ndcg@10']:.4f}", _range(Interval(*it["interval"])),
         *(f"{it[f'{figure}@10']:.4f}" for figure in ("recall", "mrr", "hit")),
         f"{it['coverage@10']:.1%}", f"{it['novelty@10']:.2f} bits")
        for name, it in ((name, _of_known_users(chosen)) for name, (chosen,) in outcome.figures.items())
    ]  # fmt: skip
    return Table("Known users", headings, [*rows, *_without_figures(outcome, headings)], _notes(outcome))


def _selections_table(outcome: RankingOutcome) -> Table:
    headings = ("NDCG@10 from", *_columns(outcome.picks), "mean", "95 % interval", "Recall@10")
    rows = []
    for name, chosen in outcome.figures.items():
        found = line(chosen)
        recall = np.mean([it.figures.recall.mean() for it in chosen])
        figures = (f"{value:.3f}" for value in (*found.each, found.mean))
        rows.append((name, *figures, _range(found.interval), f"{recall:.3f}"))
    return Table("Selections", headings, [*rows, *_without_figures(outcome, headings)], _notes(outcome))


def _without_figures(outcome: RankingOutcome, headings: Sequence[str]) -> list[tuple[str | None, ...]]:
    return [(name, *(None for _ in headings[1:])) for name in outcome.left_out]


def _notes(outcome: StarsOutcome | RankingOutcome) -> list[str]:
    if outcome.missing:
        return [f"Not measured: {outcome.missing}."]
    if isinstance(outcome, StarsOutcome):
        if outcome.mean_spread is None:
            return [outcome.protocol]
        sure = intervals_in_words(outcome.interval, outcome.mean_spread)
        return [f"{sure[0].upper()}{sure[1:]}.", outcome.protocol]
    chosen = {name: [it.setting for it in figures] for name, figures in outcome.figures.items() if figures[0].setting}
    return [
        outcome.protocol,
        *(f"{name} is left out: {reason}." for name, reason in outcome.left_out.items()),
        *(f"Chosen for {name}: {', '.join(settings)}." for name, settings in chosen.items()),
    ]


def stored_tables(metrics: Mapping[str, Any]) -> Iterator[Table]:
    """Tables of the figures that training kept in a model's `metrics.json`."""
    stars, selections = metrics["stars"], metrics["selections"]
    rivals = {"model": "stars model", "biases": "bias-only"}
    figures = {name: StarsFigures(**stars[key]) for key, name in rivals.items()}
    sure = {name: stars[name] for name in ("interval", "mean_spread") if name in stars}
    yield _stars_table(StarsOutcome(stars["protocol"], stars["ratings"], figures, **sure))
    if selections is None:
        yield Table("Selections", (), (), ["Not measured: too few users have enough likes."])
        return
    yield Table(
        "Selections",
        ("NDCG@10 from", *_columns(selections["picks"]), "mean", "95 % interval"),
        [
            (name, *(f"{value:.3f}" for value in (*it["ndcg@10"], it["mean_ndcg@10"])), _range(it["interval"]))
            for name, it in (("blend by taste", selections["blend"]), ("popularity", selections["popularity"]))
        ],
        [selections["protocol"]],
    )


def _columns(picks: Sequence[int]) -> list[str]:
    return [f"{n} pick{'s' if n > 1 else ''}" for n in picks]


def _range(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{low:.3f} – {high:.3f}"
