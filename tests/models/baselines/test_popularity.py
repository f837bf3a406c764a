import numpy as np

from reelwise.data.csr import CSR
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.queries import Queries
from support.models.checkerboard import LOVE, checkerboard


def test_likes_count_alike_for_everybody() -> None:
    train = checkerboard().interactions()
    likes = np.bincount(train.movies[train.stars == LOVE], minlength=train.shape[1])
    assert Popularity().fit(train).score(Queries.of_strangers(CSR.empty(3))).tolist() == [likes.tolist()] * 3
