"""The card is written from the model's own files, and what somebody wrote into it is recognised."""

from typing import Any

import pydantic
import pytest
import yaml

from reelwise.artifacts.card import citation_of, is_untouched, licence_of, model_card
from reelwise.artifacts.config import DataSource
from reelwise.artifacts.metrics import NewcomerFigures
from reelwise.artifacts.model import without_histories
from reelwise.data.published import CITATION
from support.models.tiny_metrics import METRICS
from support.models.tiny_recommender import tiny_model, with_popular_lately


def test_the_figures_are_those_of_the_metrics() -> None:
    card = model_card(tiny_model().config, METRICS)
    assert "on 1,234 held-out ratings" in card
    assert "| this model | 0.8432 | 0.6600 |" in card
    assert "| biases alone | 0.9100 | 0.7200 |" in card
    assert "| n | 1 | 3 | mean |" in card
    assert "| this model | 0.500 | 0.600 | 0.550 |" in card
    assert "| the same at balance 0 | 0.520 | 0.610 | 0.565 |" in card
    assert "Lists have the balance 0.3, from 0, well known, to 1, hidden: with 3 films given, NDCG@10 is 0.600" in card
    assert "stratified NDCG@10 0.300 (0.250 at balance 0)" in card
    assert "show 400 (250 at balance 0) different films" in card
    assert "the one most shown is in 40% (60% at balance 0) of the lists" in card
    assert "that of the most popular films is 0.100. 2.0% of the films have no reason." in card
    assert "| the most popular films | 0.400 | 0.300 | 0.350 |" in card
    assert "How sure: true stars within the stated margin: 69.1% (68% interval), 90.4% (90% interval)" in card
    assert "A tenth was held out." in card
    assert "A thousand users were held out." in card


def test_a_model_without_stars_says_so() -> None:
    config = tiny_model().config
    implicit = config.model_copy(update={"dataset": config.dataset.model_copy(update={"implicit": True})})
    card = model_card(implicit, None)
    assert "Nobody gave stars" in card
    assert "number of stars" not in card
    assert "Nobody gave stars" not in model_card(config, None)


def test_without_figures_it_says_so() -> None:
    config = tiny_model().config
    assert "made without measuring it" in model_card(config, None)
    updated = config.model_copy(update={"updated_from": "0123456789ab"})
    assert "updated from 0123456789ab, which had seen the ratings" in model_card(updated, None)


def test_a_model_that_was_not_asked_how_sure_it_is_claims_nothing() -> None:
    assert METRICS.stars
    stars = METRICS.stars.model_copy(update={"interval": None, "mean_std": None})
    assert "How sure" not in model_card(tiny_model().config, METRICS.model_copy(update={"stars": stars}))


def test_too_few_users_for_selections_is_reported() -> None:
    assert "too few users" in model_card(tiny_model().config, METRICS.model_copy(update={"selections": None}))


def metadata(card: str) -> dict[str, Any]:
    """What the Hub reads of a card."""
    _, head, _ = card.split("---\n", 2)
    content: dict[str, Any] = yaml.safe_load(head)
    return content


def test_real_ratings_carry_their_licence_and_citation() -> None:
    card = model_card(tiny_model().config, METRICS)
    head = metadata(card)
    assert head["library_name"] == "reelwise"
    assert (head["license"], head["license_name"]) == ("other", "movielens")
    assert head["license_link"].startswith("https://grouplens.org/")
    assert "10.1145/2827872" in card


def test_the_hub_reads_the_figures() -> None:
    from huggingface_hub import ModelCard
    from huggingface_hub.repocard_data import ModelCardData

    data = ModelCard(model_card(tiny_model().config, METRICS)).data
    assert isinstance(data, ModelCardData)
    found = data.eval_results or []
    assert {(result.task_type, result.metric_name): result.metric_value for result in found} == {
        ("rating-prediction", "RMSE"): 0.8432,
        ("rating-prediction", "MAE"): 0.66,
        ("recommendation", "NDCG@10, 1 picks"): 0.5,
        ("recommendation", "NDCG@10, 3 picks"): 0.6,
    }
    assert {result.dataset_name for result in found} == {"tiny"}


def test_a_published_card_says_how_to_get_the_model() -> None:
    card = model_card(tiny_model().config, METRICS, "alice/films")
    assert "reelwise serve --model hf://alice/films" in card
    assert 'Recommender.load("hf://alice/films")' in card


def test_what_a_model_does_not_hold_is_not_claimed() -> None:
    assert "ranking_P" in model_card(tiny_model().config, METRICS)
    assert "ranking_P" not in model_card(tiny_model(with_taste=False).config, METRICS)
    bare = model_card(without_histories(tiny_model()).config, METRICS)
    assert "**Without histories.**" in bare
    assert "people of 6 films" not in bare


def test_an_edit_is_recognised() -> None:
    card = model_card(tiny_model().config, METRICS)
    assert is_untouched(card)
    assert is_untouched(card.replace("\n", "\r\n"))
    assert not is_untouched(card.replace("## Limits", "## Our limits"))
    assert not is_untouched(card + "More.\n")
    assert not is_untouched("# Films\n")
    assert not is_untouched("")


def test_simulated_viewers_are_marked() -> None:
    card = model_card(tiny_model(simulated=True).config, METRICS)
    assert "**Simulated.**" in card
    assert "10.1145/2827872" not in card


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(pydantic.ValidationError):
        tiny_model().config.dataset = DataSource(name="other", sha256="")


def test_licence_and_citation_are_those_of_the_data() -> None:
    real, simulated = tiny_model().config, tiny_model(simulated=True).config
    theirs, ours = licence_of(real), licence_of(simulated)
    assert theirs is not None
    assert ours is not None
    assert (theirs.name, citation_of(real)) == ("MovieLens", CITATION)
    assert theirs.link in model_card(real, None)
    assert (ours.name, citation_of(simulated)) == ("MIT", None)


def test_nothing_is_said_of_movielens_where_the_data_is_somebodys_own() -> None:
    config = tiny_model().config
    own = config.model_copy(update={"dataset": config.dataset.model_copy(update={"movielens": False})})
    card = model_card(own, METRICS)
    assert "movielens" not in card.lower()
    assert "grouplens" not in card.lower()
    assert "license" not in metadata(card)
    assert "on what terms they and this model may be used, was not said" in " ".join(card.split())
    assert (licence_of(own), citation_of(own)) == (None, None)


def test_the_card_says_what_somebody_unknown_is_shown() -> None:
    newcomers = NewcomerFigures(
        protocol="By time.", people=321, lately="popular-lately, days 30", ndcg=0.2, ranking_ndcg=0.1
    )
    metrics, model = METRICS.model_copy(update={"newcomers": newcomers}), tiny_model()
    assert "is shown what the ranking model expects" in model_card(model.config, metrics)
    card = model_card(with_popular_lately(model).config, metrics)
    assert "is shown what was popular lately. NDCG@10 for 321 newcomers: 0.200 by what was popular lately" in card
    assert "Somebody of whom nothing is known" not in model_card(model.config, METRICS)
