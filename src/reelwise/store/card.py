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
A matrix factorisation with biases, trained by stochastic gradient descent with Reelwise {reelwise.__version__} on
{counts.ratings:,} ratings by {counts.users:,} viewers of {counts.movies:,} films. `model_P[u] @ model_Q[i]` is the
number of stars that viewer u would give film i.

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
- Ordering by predicted stars shows what a viewer would rate highly, not what they are most likely to watch.

## Data

{"Simulated viewers of real films, made by a seeded generator." if simulated else _DATA.format(citation=CITATION)}

Trained at {config.trained_at}, seed {config.seed}, ratings sha256 `{config.dataset.sha256}`.
"""


def _figures(metrics: dict[str, Any]) -> str:
    stars = metrics.get("stars")
    if not stars:
        return "None: the model was trained without a hold-out."
    return f"""| held-out ratings | RMSE | MAE | RMSE of the films' mean stars |
|---|---|---|---|
| {stars["ratings"]:,} | {stars["rmse"]:.4f} | {stars["mae"]:.4f} | {stars["rmse_of_movie_means"]:.4f} |

{metrics["protocol"]}"""
