"""Lists of films for viewers, with what is said of each film."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from reelwise.data.catalogue import Movie
from reelwise.recommender.films import Films
from reelwise.recommender.ranking import Wishes, rank
from reelwise.recommender.reasons import reasons
from reelwise.recommender.results import Because, Recommendation, Source
from reelwise.recommender.retrieval import ProductIndex, Scores
from reelwise.recommender.viewers import Tastes, Viewer, required
from reelwise.store.model import Model

RankBy = Literal["stars", "taste"]

_WELL_KNOWN = 4096  # films whose facts are kept at hand


class Lists:
    """Makes the lists of one model; `tastes` is None where it has no taste model."""

    def __init__(self, model: Model, tastes: Tastes | None, films: Films) -> None:
        self._model, self._tastes, self._films = model, tastes, films
        self._by_stars = ProductIndex(model.Q, model.P)
        self._facts = lru_cache(maxsize=_WELL_KNOWN)(partial(_look_up, model))

    def of(
        self,
        viewer: Viewer,
        rank_by: RankBy | None = None,
        wishes: Wishes | None = None,
        refused: Sequence[int] = (),
        explained: bool = True,
    ) -> tuple[Recommendation, ...]:
        """What to show to the viewer, best first.

        Args:
            viewer: whose list it is.
            rank_by: "taste" or "stars"; by default by taste, if the model can.
            wishes: what the list shall be like.
            refused: rows that are not shown, beside what the viewer has seen.
            explained: whether to work out reasons and margins.

        Raises:
            UsageError: if the model cannot do what is asked.
        """
        wishes = wishes or Wishes()
        rank_by = rank_by or ("taste" if self._tastes else "stars")
        excluded = np.concatenate([viewer.seen, np.array(refused, np.int32)]) if refused else viewer.seen
        stars = Scores(self._by_stars, viewer.stars)
        if viewer.taste is None:
            if rank_by == "taste":
                required(self._tastes)
            rows = rank(stars, self._model.Q.__getitem__, self._films, excluded, wishes)
            scores: list[float | None] = [None] * len(rows)
        else:
            tastes = required(self._tastes)
            taste = Scores(tastes.index, viewer.taste)
            rows = rank(stars if rank_by == "stars" else taste, tastes.taste.flavours, self._films, excluded, wishes)
            scores = taste.of(rows).tolist()
        predicted = self._model.history.scale.clip(stars.of(rows)).tolist()
        margins: list[float | None] = [None] * len(rows)
        because: list[tuple[Because, ...]] = [()] * len(rows)
        if explained and viewer.margins is not None:
            margins = viewer.margins(rows).tolist()
        if explained and viewer.taste is not None:
            because = self._because(viewer, viewer.taste, required(self._tastes).taste.Q[rows])
        shown = zip(rows.tolist(), scores, predicted, margins, because, strict=True)
        return tuple(self.film(*film, viewer.source) for film in shown)

    def _because(
        self, viewer: Viewer, taste: npt.NDArray[np.float32], films: npt.NDArray[np.float32]
    ) -> list[tuple[Because, ...]]:
        """The reasons for each of `films`, given by their taste vectors."""
        if viewer.without_each is None or len(viewer.carriers) == 0:
            return [()] * len(films)
        found = reasons(taste, viewer.without_each(), viewer.carriers, films)
        return [tuple(self._carrier(reason.movie, reason.share) for reason in of_film) for of_film in found]

    def _carrier(self, row: int, share: float) -> Because:
        movie_id = int(self._model.history.movie_ids[row])
        return Because(movie_id, self._model.catalogue[movie_id].title, share)

    def film(
        self,
        row: int,
        score: float | None,
        stars: float,
        margin: float | None,
        because: tuple[Because, ...],
        source: Source,
    ) -> Recommendation:
        """A film with what is said of it."""
        movie, year, ratings, mean_stars = self._facts(row)
        return Recommendation(
            movie_id=movie.movie_id,
            title=movie.title,
            year=year,
            genres=movie.genres,
            score=score,
            predicted_stars=stars,
            stars_margin=margin,
            reasons=because,
            ratings=ratings,
            mean_stars=mean_stars,
            tmdb_id=movie.tmdb_id,
            imdb_id=movie.imdb_id,
            source=source,
        )


def _look_up(model: Model, row: int) -> tuple[Movie, int | None, int, float | None]:
    """A film, its year, how many people rated it, and their mean stars."""
    movie = model.catalogue[int(model.history.movie_ids[row])]
    return movie, movie.year, *model.popularity[row]
