"""The regions of the map: where on it which kind of film is at home."""

from typing import NamedTuple

import numpy as np

from reelwise.data.types import Floats, Rows
from reelwise.models.vectors import unit_rows
from reelwise.recommend.discovery.genres import content_genres
from reelwise.recommend.discovery.k_means import run_k_means
from reelwise.recommend.discovery.labels import Label, common_decades, distinctive_genres
from reelwise.recommend.movie_facts import MovieFacts

MOST_REGIONS = 14
_POOL = 1500  # of the best-known films on the map
_REGION_SIZE = 25  # films, on average, at the least


class Region(NamedTuple):
    """A part of the map: its name and its middle."""

    label: Label
    x: float
    y: float


def find_regions(facts: MovieFacts, rows: Rows, places: Floats) -> list[Region]:
    """Up to 14 regions, that of the best-known films first; the same in every call. Empty where films are few.

    Args:
        facts: of all films.
        rows: of the films on the map, the best known first.
        places: where they are, shape (rows, 2).
    """
    rows, places = rows[:_POOL], places[:_POOL]
    regions = min(MOST_REGIONS, len(rows) // _REGION_SIZE)
    if regions == 0 or not facts.genre_names:
        return []
    genres, decades = content_genres(facts, rows), facts.years[rows] // 10 * 10
    usual = genres.mean(axis=0)
    found: dict[Label, Region] = {}
    for members, _ in run_k_means(_on_sphere(places), np.sqrt(facts.counts[rows]), regions):
        distinctive = distinctive_genres(genres[members].mean(axis=0), len(members), usual)
        label = Label(tuple(facts.genre_names[genre] for genre in distinctive), *common_decades(decades[members]))
        x, y = np.median(places[members], axis=0).astype(float).round(4).tolist()
        found.setdefault(label, Region(label, x, y))
    return list(found.values())


def _on_sphere(places: Floats) -> Floats:
    """Directions for places, as near each other as these are: the plane, stereographically projected onto a sphere."""
    return unit_rows(np.column_stack([2 * places, 1 - np.square(places).sum(axis=1)]))
