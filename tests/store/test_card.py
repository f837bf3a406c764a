import pydantic
import pytest

from reelwise.store.card import model_card
from reelwise.store.config import Source
from support.tiny_recommender import tiny_model

METRICS = {
    "protocol": "A tenth was held out.",
    "stars": {"ratings": 1234, "rmse": 0.84321, "mae": 0.66, "rmse_of_movie_means": 0.97},
}


def test_the_figures_are_those_of_the_metrics() -> None:
    card = model_card(tiny_model().config, METRICS)
    assert "| 1,234 | 0.8432 | 0.6600 | 0.9700 |" in card
    assert "A tenth was held out." in card


def test_without_figures_it_says_so() -> None:
    assert "trained without a hold-out" in model_card(tiny_model().config, {})


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
