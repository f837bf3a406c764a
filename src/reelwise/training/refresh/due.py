"""When to update: at 5 % new ratings or every night, and sooner where films wait for a vector of their own.

For the order of films an update is worth little once people are folded in, since films change slowly; new films and
predicted stars are what it is for.
"""

import time
from collections.abc import Iterable, Mapping

from reelwise.artifacts.model import Model
from reelwise.data.vocabulary import Id
from reelwise.live.films import KnownFilm
from reelwise.live.updates import Update

ENOUGH = 0.05  # new ratings, as a share of those that the model was trained on
FROM_SCRATCH = 0.2  # new ratings since it was trained from scratch, likewise

_WENT_WELL = ("promoted", "nothing new")  # after another outcome, films wait for the night, or for more ratings
_NIGHT = (2, 5)  # from and to that hour, by the host's clock
_DAY, _HOUR = 20 * 3600, 3600  # seconds; a night's update may begin some hours earlier than the last one's
_WAITING = 10  # ratings with which a film that the model has not learnt waits for a vector


def why_due(
    model: Model, heard: Mapping[Id, int], last: Update | None, now: float, films: Iterable[KnownFilm] = ()
) -> str | None:
    """Why the model should be updated now; None if it should not.

    Args:
        model: the model that is served.
        heard: how many ratings the store has of each film.
        last: what came of the last update; None where there was none.
        now: seconds since 1970.
        films: those that came, changed or went since the model was trained; no other is learnt that it does not know.
    """
    ratings = model.config.counts.ratings
    news = sum(heard.values()) - (last.ratings if last else 0)
    since = now - last.at / 1e6 if last else float("inf")
    if news <= 0:
        return None
    if news >= ENOUGH * ratings:
        return f"{news:,} ratings are new, {news / max(ratings, 1):.0%}"
    if _NIGHT[0] <= time.localtime(now).tm_hour < _NIGHT[1] and since >= _DAY:
        return f"{news:,} ratings are new, and it is night"
    is_there = {film.movie_id: not film.removed for film in films}
    waiting = [
        movie
        for movie, count in heard.items()
        if count >= _WAITING and is_there.get(movie, movie in model.movies) and not _is_learnt(model, movie)
    ]
    if waiting and since >= _HOUR and (last is None or last.outcome in _WENT_WELL):
        return f"{len(waiting):,} films wait for a vector of their own"
    return None


def needs_scratch(learnt: int, since: int, changes: int) -> bool:
    """Whether to train from scratch.

    Args:
        learnt: how many ratings the model was trained on, updates included.
        since: how many of these came by updates.
        changes: how many are new.
    """
    return since + changes >= FROM_SCRATCH * max(learnt - since, 1)


def _is_learnt(model: Model, movie: Id) -> bool:
    row = model.movies.row(movie)
    return row is not None and bool(model.fitted[row])
