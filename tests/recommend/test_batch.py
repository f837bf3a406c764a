import numpy as np
import pytest

from reelwise.recommend import batch
from reelwise.recommend.batch import Batch, recommend_all
from reelwise.recommend.recommender import Recommender
from support.models.tiny_recommender import tiny_model, with_balance


@pytest.mark.parametrize("with_taste", [True, False])
@pytest.mark.parametrize("block", [1, 2, 512])
def test_everybody_gets_what_each_would_get(monkeypatch: pytest.MonkeyPatch, with_taste: bool, block: int) -> None:
    monkeypatch.setattr(batch, "BLOCK", block)
    model = with_balance(tiny_model(with_taste=with_taste), 1.0)
    parts = list(recommend_all(model, 3))
    assert sum(users for users, _ in parts) == 3
    together = Batch(*(np.concatenate(columns) for columns in zip(*(part for _, part in parts), strict=True)))
    one_by_one = [
        (user, rank, film.movie_id, film.predicted_stars)
        for user in (7, 8, 9)
        for rank, film in enumerate(Recommender(model).recommend(user, n=3), start=1)
    ]
    assert together.user_ids.tolist() == [user for user, *_ in one_by_one]
    assert together.ranks.tolist() == [rank for _, rank, *_ in one_by_one]
    assert together.movie_ids.tolist() == [movie for _, _, movie, _ in one_by_one]
    assert together.predicted_stars is not None
    assert together.predicted_stars.tolist() == pytest.approx([stars for *_, stars in one_by_one])
