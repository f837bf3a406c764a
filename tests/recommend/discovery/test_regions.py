"""The regions of the map lie where their films do, and are called after them."""

import numpy as np

from reelwise.recommend.discovery.labels import Label
from reelwise.recommend.discovery.regions import MOST_REGIONS, find_regions
from reelwise.recommend.movie_facts import MovieFacts

NAMES = ("Comedy", "Horror", "Western")
CENTRES = np.array([[-0.8, 0.1], [0.7, 0.7], [0.6, -0.8]])


def films(each: int) -> tuple[MovieFacts, np.ndarray, np.ndarray]:
    """So many comedies, horrors and westerns, each kind in a place of its own, the best known first."""
    random = np.random.default_rng(0)
    kind = random.permutation(np.repeat([0, 1, 2], each))
    counts = np.sort(random.integers(10, 1000, len(kind)))[::-1].copy()
    facts = MovieFacts(np.full(len(kind), 1994, np.int16), np.uint64(1) << kind.astype(np.uint64), counts, NAMES)
    places = CENTRES[kind] + random.normal(0, 0.05, (len(kind), 2))
    return facts, np.arange(len(kind)), places.astype(np.float32)


def test_each_kind_of_film_has_its_region() -> None:
    found = find_regions(*films(400))
    assert len(found) <= MOST_REGIONS
    assert {region.label for region in found} == {Label((name,), 1990, 1990) for name in NAMES}
    for region in found:
        centre = CENTRES[NAMES.index(region.label.genres[0])]
        assert abs(region.x - centre[0]) + abs(region.y - centre[1]) < 0.1


def test_few_films_or_none_with_genres_have_no_regions() -> None:
    facts, rows, places = films(400)
    assert find_regions(*films(4)) == []
    assert find_regions(MovieFacts(facts.years, facts.genres * np.uint64(0), facts.counts, ()), rows, places) == []
