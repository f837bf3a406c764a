"""The model card: README.md of a model folder, written by training, and read by people and by the Hub."""

import hashlib
import re
from typing import Any, NamedTuple

import yaml

from reelwise.artifacts.config import Config
from reelwise.artifacts.metrics import Metrics, NewcomerFigures, RatingFigures, SelectionFigures
from reelwise.data.published import CITATION

_TAGS = ["recommender-system", "collaborative-filtering", "matrix-factorization"]
_IMPLICIT = """
Nobody gave stars: the data only says who watched or liked what. Films go by taste, and no stars are predicted.
"""
_SIMULATED = """
> **Simulated.** The films are real, the viewers are not: this model was trained on the built-in sample. It shows how
> Reelwise works, and says nothing about what people like.
"""
_SIMULATED_DATA = "Simulated viewers of real films, made by a seeded generator."
_MOVIELENS_DATA = f"""The ratings are MovieLens', by GroupLens. These data are free for research, not for commercial use
without permission, and must be acknowledged:

> {CITATION}"""
_OWN_DATA = """Where these ratings are from, and on what terms they and this model may be used, was not said. Whoever
publishes it should say so here, and add `license:` at the top."""
_LIMITS = """- Films and people that were not in the ratings are unknown to the model."""
_LIMITS_OF_STARS = """
- A predicted number of stars is a mean over people with a similar taste. It is least sure for films with few ratings.
- Ordering by predicted stars shows what somebody would rate highly, not what they are most likely to watch and like."""
_NO_HISTORIES = """
**Without histories.** What people rated, and who they are, was left out of these files. What is left serves selections:
ask with `strategy=blend`. Known users and matching users take histories. The figures are those of the whole model.
"""
_SIGNATURE = re.compile(r"\n<!-- written by reelwise, ([0-9a-f]{64}) -->\n\Z")


class Licence(NamedTuple):
    """The terms on which a model may be used: their name, and a link to their text."""

    name: str
    link: str

    def for_hub(self) -> dict[str, str]:
        """The fields of a card that tell the Hub the licence."""
        if self == _MIT:
            return {"license": "mit"}
        return {"license": "other", "license_name": self.name.lower(), "license_link": self.link}


_MIT = Licence("MIT", "https://opensource.org/license/mit")
_MOVIELENS = Licence("MovieLens", "https://grouplens.org/datasets/movielens/")


def licence_of(config: Config) -> Licence | None:
    """The licence that the model's data put it under; None for a user's own data, whose terms are theirs to state."""
    if config.dataset.simulated:
        return _MIT
    return _MOVIELENS if config.dataset.movielens else None


def citation_of(config: Config) -> str | None:
    """The publication to cite for the ratings; None where they are not MovieLens'."""
    return CITATION if config.dataset.movielens else None


def model_card(config: Config, metrics: Metrics | None, repository: str | None = None) -> str:
    """Write the card: Hub metadata, what the model is, its figures, its limits, its data.

    Its last line is a digest of the rest, by which `is_untouched` knows whether it was edited.

    Args:
        config: what the model is.
        metrics: its figures; None if it was not measured.
        repository: where it is published, `owner/repo`; None for a card that stays in its folder.
    """
    source = config.dataset
    metadata = yaml.safe_dump(_metadata(config, metrics), sort_keys=False, allow_unicode=True)
    text = f"""---
{metadata}---

# Films for people who rated some: {config.dataset.name}
{_SIMULATED if source.simulated else _IMPLICIT if source.implicit else ""}
{_contents(config)}
{"" if config.histories else _NO_HISTORIES}
## Figures

{_figures(config, metrics)}

## How to use

```sh
python3 -m pip install reelwise
python3 -m reelwise serve --model {f"hf://{repository}" if repository else "FOLDER"}
```

```python
from reelwise import Recommender

recommender = Recommender.load("{f"hf://{repository}" if repository else "FOLDER"}")
print(recommender.recommend(movies=["Alien", "Heat"]))
```

The files are plain arrays, JSON and an SQLite index of titles; nothing in them is executed. `config.json` has the
sha256 of each.

## Limits

{_LIMITS}{"" if source.implicit else _LIMITS_OF_STARS}

## Data

{_SIMULATED_DATA if source.simulated else _MOVIELENS_DATA if source.movielens else _OWN_DATA}

Trained at {config.trained_at}, seed {config.seed}, ratings sha256 `{config.dataset.sha256}`.
"""
    return f"{text}\n<!-- written by reelwise, {_digest(text)} -->\n"


def is_untouched(card: str) -> bool:
    """Whether a card is as `model_card` wrote it, so that replacing it loses nobody's work."""
    card = card.replace("\r\n", "\n")
    found = _SIGNATURE.search(card)
    return found is not None and found[1] == _digest(card[: found.start()])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _contents(config: Config) -> str:
    """A paragraph about the contents of the folder, and what can be computed from them."""
    counts = config.counts
    viewers = f"{counts.ratings:,} ratings by {counts.users:,} people" if config.histories else "ratings"
    stars = "`model_P[u] @ model_Q[i]` is the number of stars that user u would give film i"
    made = f"made with Reelwise {config.reelwise_version} from {viewers} of {counts.rated_movies:,} films."
    if config.dataset.implicit:
        return f"""Matrix factorisations {made}
`ranking_P[u] @ ranking_Q[i]` says what to show user u first, fitted by weighted alternating least squares. There were
no stars to learn, so `model_P` and `model_Q` mean nothing."""
    if config.ranking_model is None:
        return f"A matrix factorisation {made}\n{stars}."
    if config.rating_model.engine == "spark":
        return f"""Two matrix factorisations {made}
{stars}, `ranking_P[u] @ ranking_Q[i]` says what to show first.
Both were fitted by weighted alternating least squares on Apache Spark."""
    return f"""Two matrix factorisations {made}
{stars}, fitted by stochastic gradient
descent. `ranking_P[u] @ ranking_Q[i]` says what to show first, fitted by weighted alternating least squares."""


def _metadata(config: Config, metrics: Metrics | None) -> dict[str, Any]:
    """The metadata of the card, which the Hub reads."""
    licence = licence_of(config)
    terms = licence.for_hub() if licence else {}
    tags = [*_TAGS, "movielens"] if licence == _MOVIELENS else _TAGS
    results = [] if metrics is None else _results(config, metrics)
    index = {"model-index": [{"name": f"Reelwise, {config.dataset.name}", "results": results}]} if results else {}
    return {"library_name": "reelwise", **terms, "tags": tags, "metrics": ["rmse", "mae", "ndcg"], **index}


def _results(config: Config, metrics: Metrics) -> list[dict[str, Any]]:
    dataset = {"type": "movielens" if config.dataset.movielens else "other", "name": config.dataset.name}
    stars, selections = metrics.stars, metrics.selections
    results = []
    if stars is not None:
        figures = [_metric("rmse", "RMSE", stars.model.rmse), _metric("mae", "MAE", stars.model.mae)]
        results.append(_result("rating-prediction", "Predicted stars", dataset, figures))
    if selections is not None:
        of_picks = zip(selections.picks, selections.blend.ndcg, strict=True)
        figures = [_metric("ndcg", f"NDCG@10, {picks} picks", value) for picks, value in of_picks]
        results.append(_result("recommendation", "Recommendations from liked films", dataset, figures))
    return results


def _result(kind: str, name: str, dataset: dict[str, str], figures: list[dict[str, Any]]) -> dict[str, Any]:
    return {"task": {"type": kind, "name": name}, "dataset": dict(dataset), "metrics": figures}


def _metric(kind: str, name: str, value: float) -> dict[str, Any]:
    return {"type": kind, "name": name, "value": round(float(value), 4)}


def _figures(config: Config, metrics: Metrics | None) -> str:
    if metrics is None and config.updated_from:
        return f"None: the model was updated from {config.updated_from}, which had seen the ratings."
    if metrics is None:
        return "None: the model was made without measuring it."
    parts = _stars(metrics.stars), _selections(metrics.selections), _newcomers(config, metrics.newcomers)
    return "\n\n".join(filter(None, parts))


def _stars(figures: RatingFigures | None) -> str:
    if figures is None:
        return ""
    model, biases, intervals = figures.model, figures.biases, figures.describe_intervals()
    sure = f"How sure: {intervals}.\n\n" if intervals else ""
    return f"""**Predicted stars** on {figures.ratings:,} held-out ratings:

| | RMSE | MAE |
|---|---|---|
| this model | {model.rmse:.4f} | {model.mae:.4f} |
| biases alone | {biases.rmse:.4f} | {biases.mae:.4f} |

{sure}{figures.protocol}"""


def _selections(figures: SelectionFigures | None) -> str:
    if figures is None:
        return "Recommendations were not measured: there is no ranking model, or too few users have enough likes."
    named = {
        "this model": figures.blend,
        "the same at balance 0": figures.well_known,
        "the most popular films": figures.popularity,
    }
    rows = "\n".join(
        f"| {name} | {' | '.join(f'{value:.3f}' for value in found.ndcg)} | {found.mean_ndcg:.3f} |"
        for name, found in named.items()
        if found is not None
    )
    return f"""**Recommendations from n liked films**, NDCG@10:

| n | {" | ".join(map(str, figures.picks))} | mean |
|---|{"---|" * (len(figures.picks) + 1)}
{rows}

{_variety(figures)}

{figures.protocol}"""


def _variety(figures: SelectionFigures) -> str:
    """A paragraph about how varied the lists are, and how many of their films have a reason."""
    unexplained = figures.unexplained
    reasons = f" {sum(unexplained) / len(unexplained):.1%} of the films have no reason." if unexplained else ""
    return (
        f"Lists have the balance {figures.balance:g}, from 0, well known, to 1, hidden: {figures.describe_balance()}."
        f" In stratified NDCG@10 little-known films count more; that of the most popular films is "
        f"{figures.popularity.stratified_ndcg[len(figures.picks) // 2]:.3f}.{reasons}"
    )


def _newcomers(config: Config, figures: NewcomerFigures | None) -> str:
    if figures is None:
        return ""
    shown = "what was popular lately" if config.popular else "what the ranking model expects everybody to like"
    return (
        f"**Somebody of whom nothing is known** is shown {shown}. NDCG@10 for {figures.people:,} newcomers: "
        f"{figures.ndcg:.3f} by what was popular lately ({figures.lately}), {figures.ranking_ndcg:.3f} by the ranking "
        f"model. {figures.protocol}"
    )
