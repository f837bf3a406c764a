"""The map of the best-known films, as a page draws it: columns with a name and a colour for each point; regions."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.vocabulary import Id
from reelwise.models.top_n import top_n
from reelwise.recommend.discovery.genres import main_genres
from reelwise.recommend.discovery.regions import Region, find_regions
from reelwise.recommend.movie_facts import MovieFacts

MOST_FILMS = 10_000


@dataclass(frozen=True)
class FilmMap:
    """Films on the map as parallel columns, the best known first.

    Attributes:
        movie_ids: the data set's own ids.
        x: from -1 to 1.
        y: from -1 to 1.
        titles: as the data set spells them.
        years: of the films; None where unknown.
        genres: one genre each; None where a film has none.
        ratings: how many people rated each.
        regions: of the map, whatever films of it are shown.
    """

    movie_ids: list[Id]
    x: list[float]
    y: list[float]
    titles: list[str]
    years: list[int | None]
    genres: list[str | None]
    ratings: list[int]
    regions: list[Region]

    @classmethod
    def draw(cls, model: Model, facts: MovieFacts) -> Self | None:
        """The map of the up to 10,000 best-known films; None where training drew none."""
        if model.map is None or model.ranking is None:
            return None
        rows = top_n(facts.counts.astype(np.float32), MOST_FILMS, np.flatnonzero(facts.counts == 0))
        x, y = model.map[rows].astype(float).round(4).T.tolist()
        return cls(
            movie_ids=model.movies.at(rows),
            x=x,
            y=y,
            titles=model.catalogue.titles.at(rows),
            years=[year or None for year in model.catalogue.years[rows].tolist()],
            genres=main_genres(facts, rows, model.ranking.centred_embeddings(rows)),
            ratings=facts.counts[rows].tolist(),
            regions=find_regions(facts, rows, model.map[rows]),
        )

    def first(self, n: int) -> "FilmMap":
        """The map of the `n` best-known films alone."""
        columns = {name: column[:n] for name, column in vars(self).items() if name != "regions"}
        return replace(self, **columns)
