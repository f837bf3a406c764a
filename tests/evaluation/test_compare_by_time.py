"""After one moment: nothing from then on is known, whoever is asked."""

import json
from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.errors import UsageError
from reelwise.evaluation import baselines
from reelwise.evaluation.compare import ComparisonSettings
from reelwise.evaluation.compare_by_time import compare_by_time
from reelwise.evaluation.report import tables, to_json
from reelwise.evaluation.splitting import AtMoment
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.queries import STRANGER
from support.models.drifting import DAY, drifting_ratings

SMALL = ComparisonSettings(
    MatrixFactorizationConfig(factors=4, epochs=5), WeightedALSConfig(factors=4, iterations=3), seed=1
)


def returning(ratings: Interactions) -> Interactions:
    """The same where everybody's last two films are rated 150 days after the others."""
    assert ratings.times is not None
    comes_back = ratings.users != np.append(ratings.users[2:], [-1, -1])
    return replace(ratings, times=ratings.times + comes_back * 150 * DAY)


def pairs(csr: CSR, users: np.ndarray) -> set[tuple[int, int]]:
    return set(zip(users[csr.row_numbers()].tolist(), csr.indices.tolist(), strict=True))


def test_only_what_was_before_the_moment_is_known() -> None:
    ratings = returning(drifting_ratings())
    split = AtMoment.split(ratings, share=0.2, seed=1)
    assert split.train.times is not None
    assert split.later.times is not None
    assert split.train.times.max() < split.later.times.min()
    assert len(split.train) + len(split.later) == len(ratings)
    known, newcomers = split.known_users, split.newcomers
    assert pairs(known.queries.histories, known.queries.users) <= pairs_of(split.train)
    assert pairs(known.targets, known.queries.users) <= pairs_of(split.later)
    assert (newcomers.queries.users == STRANGER).all()
    assert newcomers.queries.histories.counts().sum() == 0
    is_new = split.train.counts_by_user() == 0
    assert len(newcomers.queries) == np.count_nonzero(is_new[np.unique(split.later.users[split.later.stars == 5])])


def pairs_of(ratings: Interactions) -> set[tuple[int, int]]:
    return set(zip(ratings.users.tolist(), ratings.movies.tolist(), strict=True))


def test_ratings_without_times_are_refused() -> None:
    with pytest.raises(UsageError, match="no times to split by"):
        compare_by_time(replace(drifting_ratings(), times=None), SMALL)


def test_what_was_popular_lately_leads_where_tastes_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "EASE_FOR_HISTORIES", (10.0,))
    monkeypatch.setattr(baselines, "NEIGHBOURS", (50,))
    found = compare_by_time(returning(drifting_ratings(users=900)), SMALL)
    assert found.stars.figures
    means = {name: chosen[0].figures.ndcg.mean() for name, chosen in found.newcomers.figures.items()}
    assert set(means) == {"ranking model", "popularity", "popular-lately", "popular-decayed"}
    assert min(means["popular-lately"], means["popular-decayed"]) > max(means["popularity"], means["ranking model"])
    assert {"histories", "ranking model", "rating model", "EASE", "popular-lately"} <= set(found.known_users.figures)
    stars, known_users, newcomers = tables(found)
    assert [row[0] for row in newcomers.rows] == list(means)
    assert "1972-01-28" in newcomers.notes[0]
    content = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert content["newcomers"]["figures"]["popularity"]["ndcg@10"] == pytest.approx(means["popularity"])
    assert len(known_users.rows) == len(content["known_users"]["figures"])
    assert len(stars.rows) == 2
