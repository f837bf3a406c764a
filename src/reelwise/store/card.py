"""The model card: README.md of a model folder, written by training."""

from typing import Any

import reelwise
from reelwise.store.config import Config

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872"
)
_MOVIELENS_LICENCE = """license: other
license_name: movielens
license_link: https://grouplens.org/datasets/movielens/"""
_SIMULATED = """
> **Simulated.** The films are real, the viewers are not: this model was trained on the built-in sample. It shows how
> Reelwise works, and says nothing about what people like.
"""
_DATA = """The ratings are MovieLens' own or in its format. MovieLens data are free for research, not for commercial use
without permission, and must be acknowledged:

> {citation}"""


def model_card(config: Config, metrics: dict[str, Any]) -> str:
    """The text of the card: Hub metadata, what the model is, its figures, its limits, its data."""
    simulated = config.dataset.simulated
    counts = config.counts
    return f"""---
library_name: reelwise
{"license: mit" if simulated else _MOVIELENS_LICENCE}
tags:
- recommender-system
- collaborative-filtering
- matrix-factorization
- movielens
---

# Films for people who rated some: {config.dataset.name}
{_SIMULATED if simulated else ""}
Two matrix factorisations, trained with Reelwise {reelwise.__version__} on {counts.ratings:,} ratings by
{counts.users:,} viewers of {counts.movies:,} films. `model_P[u] @ model_Q[i]` is the number of stars that viewer u
would give film i, fitted by stochastic gradient descent. `taste_P[u] @ taste_Q[i]` says what to show first, fitted by
weighted alternating least squares.

## Figures

{_figures(metrics)}

## How to use

```sh
python3 -m pip install reelwise
python3 -m reelwise serve --model FOLDER
```

## Limits

- Films and viewers that were not in the ratings are unknown to the model.
- A predicted number of stars is a mean over people with a like taste. It is least sure for films with few ratings.
- Ordering by predicted stars shows what a viewer would rate highly, not what they are most likely to watch and like.

## Data

{"Simulated viewers of real films, made by a seeded generator." if simulated else _DATA.format(citation=CITATION)}

Trained at {config.trained_at}, seed {config.seed}, ratings sha256 `{config.dataset.sha256}`.
"""


def _figures(metrics: dict[str, Any]) -> str:
    if not metrics:
        return "None: the model was trained without measuring it."
    return "\n\n".join(filter(None, (_stars(metrics["stars"]), _selections(metrics["selections"]))))


def _stars(figures: dict[str, Any]) -> str:
    model, biases = figures["model"], figures["biases"]
    return f"""**Predicted stars** on {figures["ratings"]:,} held-out ratings:

| | RMSE | MAE |
|---|---|---|
| this model | {model["rmse"]:.4f} | {model["mae"]:.4f} |
| biases alone | {biases["rmse"]:.4f} | {biases["mae"]:.4f} |

{figures["protocol"]}"""


def _selections(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return "Recommendations were not measured: too few users have enough likes."
    names = {"blend": "this model", "popularity": "the most popular films"}
    rows = "\n".join(
        f"| {name} | {' | '.join(f'{value:.3f}' for value in figures[key]['ndcg@10'])} "
        f"| {figures[key]['mean_ndcg@10']:.3f} |"
        for key, name in names.items()
    )
    return f"""**Recommendations from n liked films**, NDCG@10:

| n | {" | ".join(map(str, figures["picks"]))} | mean |
|---|{"---|" * (len(figures["picks"]) + 1)}
{rows}

{figures["protocol"]}"""
