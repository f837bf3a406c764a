"""Lists of films for viewers, with what is said of each film."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Movie
from reelwise.recommend.explanations import reasons
from reelwise.recommend.inner_product_index import ProductIndex, Scores
from reelwise.recommend.movie_facts import Films
from reelwise.recommend.query import Tastes, Viewer, required
from reelwise.recommend.reranking import Filters, rank
from reelwise.recommend.results import Reason, Recommendation, Source

RankBy = Literal["stars", "taste"]
Floats = npt.NDArray[np.float32]
Movies = npt.NDArray[np.integer]

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
        refused: Sequence[int] = (),
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        explained: bool = True,
    ) -> tuple[Recommendation, ...]:
        """What to show to the viewer, best first.

        Args:
            viewer: whose list it is.
            refused: rows that are not shown, beside what the viewer has seen.
            rank_by: "taste" or "stars"; by default by taste, if the model can.
            filters: what the list shall be like.
            explained: whether to work out reasons, margins, and by stars how well films fit in taste, too.

        Raises:
            UsageError: if the model cannot do what is asked.
        """
        filters = filters or Filters()
        tastes = required(self._tastes) if rank_by == "taste" else self._tastes
        by_taste = rank_by == "taste" or (rank_by is None and tastes is not None)
        excluded = np.concatenate([viewer.seen, np.array(refused, np.int32)]) if refused else viewer.seen
        stars = Scores(self._by_stars, viewer.stars)
        taste = Scores(tastes.index, viewer.taste()) if tastes and viewer.taste and (by_taste or explained) else None
        centred_embeddings = tastes.taste.centred_embeddings if tastes else self._model.Q.__getitem__
        rows = rank(taste if taste and by_taste else stars, centred_embeddings, self._films, excluded, filters)
        predicted = self._model.history.scale.clip(stars.of(rows)).tolist()
        scores: list[float | None] = taste.of(rows).tolist() if taste else [None] * len(rows)
        margins: list[float | None] = [None] * len(rows)
        because: list[tuple[Reason, ...]] = [()] * len(rows)
        if explained and viewer.margins:
            margins = viewer.margins(rows).tolist()
        if taste and explained and viewer.carriers:
            because = self._because(taste.viewer, *viewer.carriers(), taste.index.Q[rows])
        source = viewer.source
        return tuple(
            [self.film(*film, source) for film in zip(rows.tolist(), scores, predicted, margins, because, strict=True)]
        )

    def _because(self, viewer: Floats, carriers: Movies, without: Floats, films: Floats) -> list[tuple[Reason, ...]]:
        """The reasons for each of `films`, given by their taste vectors; the arguments are those of `reasons`."""
        if len(carriers) == 0:
            return [()] * len(films)
        found = reasons(viewer, without, carriers, films)
        return [tuple(self._carrier(reason.movie, reason.share) for reason in of_film) for of_film in found]

    def _carrier(self, row: int, share: float) -> Reason:
        movie_id = int(self._model.history.movie_ids[row])
        return Reason(movie_id, self._model.catalogue[movie_id].title, share)

    def film(
        self,
        row: int,
        score: float | None,
        stars: float,
        margin: float | None,
        because: tuple[Reason, ...],
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
