"""Groups are of films that the same people like, and are called what their films have in common."""

from collections.abc import Callable

import numpy as np
import pytest

from reelwise.recommend.discovery.clusters import find_clusters
from reelwise.recommend.movie_facts import MovieFacts
from reelwise.recommend.recommender import Recommender
from support.models.tiny_recommender import tiny_recommender

NAMES = ("Comedy", "Horror", "IMAX", "Sci-Fi", "Western")
COMEDY, HORROR, IMAX, SCI_FI, WESTERN = (1 << bit for bit in range(len(NAMES)))


def films(
    kinds: list[tuple[int, int]], per_kind: int = 60, seed: int = 0
) -> tuple[MovieFacts, Callable[..., np.ndarray]]:
    """So many films of each kind, a genre and a decade, which differ in taste, all mixed; and their embeddings."""
    random = np.random.default_rng(seed)
    kind = random.permutation(np.repeat(np.arange(len(kinds)), per_kind))
    genres, decades = np.array(kinds).T
    vectors = (np.eye(8)[kind] + random.normal(0, 0.1, (len(kind), 8))).astype(np.float32)
    found = MovieFacts(
        years=(decades[kind] + random.integers(0, 10, len(kind))).astype(np.int16),
        genres=genres[kind].astype(np.uint64),
        counts=random.integers(10, 1000, len(kind)),
        genre_names=NAMES,
    )
    return found, lambda rows: vectors[rows]


KINDS = [(COMEDY, 1980), (COMEDY, 1990), (HORROR, 1970), (SCI_FI | IMAX, 2010), (WESTERN, 1950)]


def test_each_taste_is_a_group_with_its_name() -> None:
    assert {group.label.in_words() for group in find_clusters(*films(KINDS))} == {
        "Comedies of the 1980s",
        "Comedies of the 1990s",
        "Horror of the 1970s",
        "Science fiction of the 2010s",
        "Westerns of the 1950s",
    }


def test_a_group_has_six_to_eight_films_of_its_name_the_best_known_first() -> None:
    facts, centred_embeddings = films(KINDS)
    for group in find_clusters(facts, centred_embeddings):
        assert 6 <= len(group.rows) <= 8
        assert len(set(facts.genres[group.rows].tolist())) == 1
        assert len(set((facts.years[group.rows] // 10).tolist())) == 1
        assert (np.diff(facts.counts[group.rows]) <= 0).all()


def test_there_are_at_most_eight_groups_and_the_varied_ones_go_before() -> None:
    many = [(COMEDY, decade) for decade in range(1930, 2010, 10)] + [(HORROR, 1970), (WESTERN, 1950)]
    random = np.random.default_rng(0)
    kind = np.repeat(np.arange(10), 40)
    vectors = (np.eye(10)[kind] + random.normal(0, 0.05, (400, 10))).astype(np.float32)
    genres, decades = np.array(many).T
    counts = np.where(kind < 8, 1000, 100)  # the comedies are known best
    found = find_clusters(
        MovieFacts(decades[kind].astype(np.int16), genres[kind].astype(np.uint64), counts, NAMES),
        lambda rows: vectors[rows],
    )
    assert len(found) <= 8
    assert {"Horror of the 1970s", "Westerns of the 1950s"} <= {group.label.in_words() for group in found}


def test_no_two_groups_have_one_name() -> None:
    names = [group.label.in_words() for group in find_clusters(*films([(COMEDY, 1980)] * 8))]
    assert names == ["Comedies of the 1980s"]


def test_groups_are_the_same_each_time() -> None:
    first, second = find_clusters(*films(KINDS)), find_clusters(*films(KINDS))
    assert [(group.label, group.rows.tolist()) for group in first] == [
        (group.label, group.rows.tolist()) for group in second
    ]


@pytest.mark.parametrize("per_kind", [0, 1, 4])
def test_too_few_films_are_no_groups(per_kind: int) -> None:
    assert find_clusters(*films(KINDS, per_kind)) == []


def test_films_without_genres_years_or_taste_are_no_trouble() -> None:
    facts, _ = films(KINDS)
    bare = MovieFacts(np.zeros(300, np.int16), np.zeros(300, np.uint64), facts.counts, NAMES)
    assert find_clusters(bare, lambda rows: np.zeros((len(rows), 4), np.float32)) == []
    nameless = MovieFacts(facts.years, np.zeros(300, np.uint64), facts.counts, ())
    assert find_clusters(nameless, lambda rows: np.ones((len(rows), 4), np.float32)) == []


@pytest.mark.parametrize("recommender", [tiny_recommender(), tiny_recommender(with_taste=False)])
def test_a_recommender_with_few_films_or_no_tastes_has_none(recommender: Recommender) -> None:
    assert recommender.service.clusters == {}
