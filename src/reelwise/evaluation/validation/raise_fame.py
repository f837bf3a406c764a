"""Films that would still be in too many lists count as better known than they are.

A discount by likes alone leaves a handful of films, which suit nearly everybody, in every third list. So lists are made
for 1,000 users by 3 of their likes each, at a balance of 0.4, and while a film is in more than 25 % of them, its fame
is multiplied by the root of how many times too often. That is some ten rounds, and three to ten films. (Strangers, who
are not a profile of the model themselves, see such films a little more often.)
"""

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.splitting import draw_users
from reelwise.data.types import Floats
from reelwise.evaluation.rankers import Pooled
from reelwise.evaluation.splitting import TestCase
from reelwise.evaluation.validation.shortlist import Shortlist
from reelwise.models.queries import Queries
from reelwise.models.ranking.balance import discount
from reelwise.models.ranking.weighted_als import WeightedALS

_USERS, _FEWEST, _PICKS = 1000, 30, 3
_BALANCE = 0.4
_LARGEST_SHARE = 0.25  # of the lists
_ROUNDS = 60


def raise_fame(ranking: WeightedALS, train: Interactions, seed: int) -> Floats:
    """The fame of each movie with which none is in too many lists, shape (movies,).

    Args:
        ranking: the ranking model, with its linear part.
        train: what it was fitted to, in the order of user.
        seed: of users and picks.
    """
    fame = ranking.fame
    users = min(_USERS, int(np.count_nonzero(likes_of(train).counts_by_user() > _PICKS)))
    if users < _FEWEST:  # every film would be in many of so few lists
        return fame
    drawn = draw_users(train, users, _PICKS + 1, seed)
    picks = drawn.shown(_PICKS, np.sort(drawn.users))
    case = TestCase(Queries.of_strangers(picks), picks, CSR.empty(users))
    shortlist = Shortlist.of(Pooled(ranking), case, fame)
    for _ in range(_ROUNDS):
        lists = shortlist.best(discount(fame, _BALANCE))
        shown = np.bincount(lists[lists >= 0], minlength=len(fame)) / users
        excess = np.maximum(shown / _LARGEST_SHARE, 1)
        if excess.max() == 1:
            break
        fame = fame * np.sqrt(excess).astype(np.float32)
    return fame
