import pydantic
import pytest

from reelwise.store.card import model_card
from reelwise.store.config import Source
from support.tiny_recommender import tiny_model

METRICS = {
    "seed": 1,
    "stars": {
        "protocol": "A tenth was held out.",
        "ratings": 1234,
        "model": {"rmse": 0.84321, "mae": 0.66},
        "biases": {"rmse": 0.91, "mae": 0.72},
    },
    "selections": {
        "protocol": "A thousand users were held out.",
        "picks": [1, 3],
        "blend": {"ndcg@10": [0.5, 0.6], "mean_ndcg@10": 0.55},
        "popularity": {"ndcg@10": [0.4, 0.3], "mean_ndcg@10": 0.35},
    },
}


def test_the_figures_are_those_of_the_metrics() -> None:
    card = model_card(tiny_model().config, METRICS)
    assert "on 1,234 held-out ratings" in card
    assert "| this model | 0.8432 | 0.6600 |" in card
    assert "| biases alone | 0.9100 | 0.7200 |" in card
    assert "| n | 1 | 3 | mean |" in card
    assert "| this model | 0.500 | 0.600 | 0.550 |" in card
    assert "| the most popular films | 0.400 | 0.300 | 0.350 |" in card
    assert "A tenth was held out." in card
    assert "A thousand users were held out." in card


def test_without_figures_it_says_so() -> None:
    assert "trained without measuring it" in model_card(tiny_model().config, {})


def test_too_few_users_for_selections_is_told() -> None:
    assert "too few users" in model_card(tiny_model().config, {**METRICS, "selections": None})


def test_real_ratings_carry_their_licence_and_citation() -> None:
    card = model_card(tiny_model().config, METRICS)
    assert card.startswith("---\nlibrary_name: reelwise\nlicense: other\nlicense_name: movielens\n")
    assert "10.1145/2827872" in card


def test_simulated_viewers_are_marked() -> None:
    card = model_card(tiny_model(simulated=True).config, METRICS)
    assert "**Simulated.**" in card
    assert "10.1145/2827872" not in card


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(pydantic.ValidationError):
        tiny_model().config.dataset = Source(name="other", sha256="")
