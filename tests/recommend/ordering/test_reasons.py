"""A list from a selection says which picks carry which film, by both parts of the ranking model."""

import numpy as np
import pytest

from reelwise.artifacts.model import Model
from reelwise.data.sample.dataset import read_sample
from reelwise.recommend.filters import Filters
from reelwise.recommend.recommender import Recommender
from support.models.trained import trained_once

ALIEN, BLADE_RUNNER, HEAT, TOY_STORY = 1214, 541, 6, 1


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Trained on the sample as anybody would, so that its lists are balanced."""
    return Model.load(trained_once(tmp_path_factory, "sample", read_sample))


@pytest.mark.parametrize("balance", [None, 0], ids=["balanced", "plain"])
@pytest.mark.parametrize("picks", [[BLADE_RUNNER], [ALIEN, HEAT], [ALIEN, BLADE_RUNNER, TOY_STORY]], ids=str)
def test_nearly_every_film_has_a_reason(model: Model, picks: list[int], balance: float | None) -> None:
    found = Recommender(model).recommend(movies=picks, filters=Filters(balance=balance))
    reasons = [{reason.movie_id for reason in film.reasons} for film in found]
    assert len(reasons) == 10
    assert sum(map(bool, reasons)) >= 9
    assert set.union(*reasons) == {*picks}


def test_shares_come_from_both_parts(model: Model) -> None:
    assert model.balance
    assert model.ranking
    assert model.ranking.linear
    picks = [ALIEN, HEAT, TOY_STORY]
    rows = np.array([model.movies.row(movie) for movie in picks])
    selection, linear = model.ranking.blend.select(rows.tolist()), model.ranking.linear
    for film in Recommender(model).recommend(movies=picks):
        row = np.array([model.movies.row(film.movie_id)])
        q, place = model.ranking.Q[row[0]], linear.find(row)
        by_blend = q @ (selection.vector - selection.without_each()).T
        carried = linear.carried(rows)
        by_linear = carried[:, place[0]]
        score = 0.65 * q @ selection.vector + 0.35 * linear.add_up(carried)[place[0]]
        falls = np.maximum(0.65 * by_blend + 0.35 * by_linear, 0)
        shares = falls / max(score, falls.sum())
        expected = {movie: share for movie, share in zip(picks, shares.tolist(), strict=True) if share >= 0.05}
        assert film.score == pytest.approx(score, abs=1e-4)
        assert {reason.movie_id: reason.share for reason in film.reasons} == pytest.approx(expected, abs=1e-3)
