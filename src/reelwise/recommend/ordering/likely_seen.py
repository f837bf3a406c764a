"""Have you seen these? Of the films that suit somebody best, those that most people have seen.

Whoever marks them is not shown them any more, and with stars, likes or dislikes says more than by anything else: they
are films that many have an opinion of.
"""

from collections.abc import Callable
from dataclasses import replace

from reelwise.recommend.limits import MOST_FILMS
from reelwise.recommend.request import Request
from reelwise.recommend.results import Recommendations

_AMONG = 5  # times as many films as are wanted


def find_likely_seen(recommend: Callable[[Request], Recommendations], request: Request) -> Recommendations:
    """The films, the best known first.

    Args:
        recommend: what makes a list.
        request: whose list it is, and what it shall be like.

    Raises:
        UnknownUser, UnknownMovies, UsageError: Raised as by `recommend`.
    """
    request.check()
    n = request.filters.n
    longer = request.filters._replace(n=min(n * _AMONG, MOST_FILMS))
    found = recommend(replace(request, filters=longer, explained=False))
    best_known = sorted(found.films, key=lambda film: -film.ratings)
    return replace(found, films=tuple(best_known[:n]))
