"""Lists by taste are balanced between well known and hidden: as asked for, or as training chose."""

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.data.sample.dataset import read_sample
from reelwise.data.vocabulary import Id
from reelwise.models.ranking.balance import discount
from reelwise.models.top_n import top_n
from reelwise.models.vectors import unit_rows
from reelwise.recommend.filters import Filters
from reelwise.recommend.inner_product_index import products
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.results import Recommendations
from reelwise.serving import create_app
from support.models.tiny_recommender import with_balance
from support.models.trained import trained_once
from support.running.command_line import CommandLine

OWN = 0.6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's model, with a balance of its own and without what is learnt about single films."""
    folder = tmp_path_factory.mktemp("balanced") / "model"
    model = with_balance(Model.load(trained_once(tmp_path_factory, "sample", read_sample)), OWN)
    assert model.ranking
    model.ranking.linear = None
    write_model(folder, model)
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model.load(folder)


@pytest.fixture(scope="module")
def recommender(model: Model) -> Recommender:
    return Recommender(model)


def selections(model: Model, count: int, picks: int = 3) -> list[list[Id]]:
    """Random trios of well-known films."""
    well_known = np.argsort(-model.stats.counts, kind="stable")[:200]
    rng = np.random.default_rng(5)
    return [[*model.movies.at(rng.choice(well_known, picks, replace=False))] for _ in range(count)]


def ids(found: Recommendations) -> list[Id]:
    return [film.movie_id for film in found]


@pytest.mark.parametrize("balance", [None, 0, OWN, 0.8, 1])
def test_a_list_is_the_head_of_the_order_by_balanced_scores(
    model: Model, recommender: Recommender, balance: float | None
) -> None:
    assert model.ranking
    weights = discount(model.ranking.fame, OWN if balance is None else balance)
    for movies in selections(model, 5):
        rows = [row for movie in movies if (row := model.movies.row(movie)) is not None]
        scores = products(model.ranking.Q, model.ranking.blend.select(rows).vector) * weights
        expected = top_n(scores, 10, np.append(rows, np.flatnonzero(~model.fitted)))
        found = recommender.recommend(movies=movies, filters=Filters(balance=balance))
        assert ids(found) == [*model.movies.at(expected)]


@pytest.mark.parametrize("who", [{"user": 1}, {"stars": {1: 5, 2571: 4, 296: 1}}, {"movies": [1, 2571]}], ids=str)
def test_whoever_asks_gets_the_models_own_balance(recommender: Recommender, who: dict[str, Any]) -> None:
    found = [ids(recommender.recommend(**who, filters=Filters(balance=balance))) for balance in (None, OWN, 0)]
    assert found[0] == found[1] != found[2]


def test_what_most_people_like_is_well_known_unless_somebody_says_otherwise(recommender: Recommender) -> None:
    usual, well_known, hidden = (ids(recommender.popular(filters=Filters(balance=at))) for at in (None, 0, OWN))
    assert usual == well_known != hidden


def test_by_stars_there_is_no_balance(recommender: Recommender) -> None:
    first, *others = (
        ids(recommender.recommend(movies=[1, 2571], rank_by="stars", filters=Filters(balance=at)))
        for at in (None, 0, 1)
    )
    assert others == [first, first]


def test_over_http_and_on_the_command_line_lists_are_the_same(
    model: Model, recommender: Recommender, folder: Path, reelwise: CommandLine
) -> None:
    client = TestClient(create_app(recommender=recommender))
    assert client.get("/api/v1/model").json()["balance"] == OWN
    for balance in (None, 0.0, 0.8):
        expected = ids(recommender.recommend(movies=[1, 2571], filters=Filters(balance=balance)))
        answer = client.post("/api/v1/recommendations", json={"movie_ids": [1, 2571], "balance": balance}).json()
        assert [film["movieId"] for film in answer["recommendations"]] == expected
        said = [] if balance is None else ["--balance", balance]
        shown = reelwise("recommend", "--movies", "1,2571", "--model", folder, "--json", *said).out
        assert [film["movie_id"] for film in json.loads(shown)] == expected


def test_on_the_fixed_paths_nothing_is_balanced(model: Model, recommender: Recommender) -> None:
    balanced, plain = (
        TestClient(create_app(recommender=one)) for one in (recommender, Recommender(with_balance(model, 0)))
    )
    for path in ("/recommendations/1", "/recommendations/1?rank_by=taste"):
        assert balanced.get(path).json() == plain.get(path).json()
    for query in ("", "?strategy=blend", "?strategy=blend&rank_by=taste", "?rank_by=taste"):
        answers = [
            client.post(f"/recommendations_from_selection{query}", json={"movie_ids": [1, 2571]}).json()
            for client in (balanced, plain)
        ]
        assert answers[0] == answers[1]


def test_more_balance_shows_more_films_to_many_and_the_most_shown_one_to_fewer(
    model: Model, recommender: Recommender
) -> None:
    asked = selections(model, 60)
    distinct, most = [], []
    for balance in (0.0, 0.4, 0.8):
        filters = Filters(balance=balance)
        shown = Counter(one for movies in asked for one in ids(recommender.recommend(movies=movies, filters=filters)))
        distinct.append(len(shown))
        most.append(max(shown.values()))
    assert distinct[0] < distinct[1] < distinct[2]
    assert most[0] > most[1] > most[2]


def test_more_diversity_shows_more_films_to_many_and_the_most_shown_one_to_fewer(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    model = Model.load(trained_once(tmp_path_factory, "sample", read_sample))
    assert model.ranking
    asked, vectors = selections(model, 60), unit_rows(model.ranking.centred_embeddings())
    recommender = Recommender(model)

    def make_lists(filters: Filters) -> list[list[Id]]:
        return [ids(recommender.recommend(movies=movies, filters=filters, explained=False)) for movies in asked]

    def alike(lists: list[list[Id]]) -> float:
        rows = [[row for film in films if (row := model.movies.row(film)) is not None] for films in lists]
        return float(np.mean([vectors[of_list] @ vectors[of_list].T for of_list in rows]))

    distinct, most = [], []
    for diversity in (0.0, 0.3, 0.6):
        lists = make_lists(Filters(diversity=diversity))
        shown = Counter(itertools.chain.from_iterable(lists))
        distinct.append(len(shown))
        most.append(max(shown.values()))
        if diversity:
            assert alike(lists) < alike(make_lists(Filters(balance=model.balance + diversity)))
    assert distinct[0] < distinct[1] < distinct[2]
    assert most[0] > most[1] > most[2]
