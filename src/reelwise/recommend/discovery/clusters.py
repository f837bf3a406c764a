"""Groups of well-known films that the same people like, with what their films have in common."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reelwise.data.types import Floats, Positions
from reelwise.models.top_n import top_n
from reelwise.models.vectors import unit_rows
from reelwise.recommend.discovery.genres import content_genres
from reelwise.recommend.discovery.k_means import run_k_means
from reelwise.recommend.discovery.labels import Label, common_decades, distinctive_genres
from reelwise.recommend.movie_facts import MovieFacts

EmbeddingsOf = Callable[[Positions], Floats]

MOST_CLUSTERS = 8
MOST_FILMS, FEWEST_FILMS = 8, 6  # in a group
_POOL = 1000  # of the most rated films
_K = 10
_CLUSTER_SIZE = 25  # films, on average, at the least


@dataclass(frozen=True)
class Cluster:
    """Rows of films, the best known first, and what the group is called."""

    label: Label
    rows: Positions


def find_clusters(facts: MovieFacts, embeddings_of: EmbeddingsOf) -> list[Cluster]:
    """Up to 8 groups of 6 to 8 films, the best known group first; the same in every call.

    The best-known films are clustered by the direction of their embeddings (spherical k-means). A cluster is named
    after the genres that are more common in it than among all best-known films, and after the decades of most of its
    films; then those of its films are shown that fit the name and are near its centre. Groups whose first genre no
    better known group has go before others.

    Args:
        facts: of all films.
        embeddings_of: gives the embeddings of some rows without what the average user likes, shape (rows, k).
    """
    pool = top_n(facts.counts.astype(np.float32), _POOL, np.flatnonzero(facts.counts == 0))
    genres, decades = content_genres(facts, pool), facts.years[pool] // 10 * 10
    clusters = min(_K, len(pool) // _CLUSTER_SIZE)
    if clusters == 0 or not facts.genre_names:
        return []
    found: dict[Label, Cluster] = {}
    repeats: dict[Label, bool] = {}
    leading: set[int] = set()
    for members, likeness in run_k_means(unit_rows(embeddings_of(pool)), np.sqrt(facts.counts[pool]), clusters):
        distinctive = distinctive_genres(genres[members].mean(axis=0), len(members), genres.mean(axis=0))
        first, last = common_decades(decades[members])
        fits = genres[members][:, distinctive].any(axis=1)
        if last is not None:
            fits &= (decades[members] >= (first or 1)) & (decades[members] <= last)
        near = fits & (likeness >= np.median(likeness))
        shown = members[near if near.sum() >= FEWEST_FILMS else fits][:MOST_FILMS]
        label = Label(tuple(facts.genre_names[genre] for genre in distinctive), first, last)
        if len(shown) >= FEWEST_FILMS and label not in found:
            found[label] = Cluster(label, pool[shown])
            repeats[label] = distinctive[0] in leading
            leading.add(distinctive[0])
    chosen = sorted(found, key=repeats.__getitem__)[:MOST_CLUSTERS]
    return [cluster for label, cluster in found.items() if label in chosen]
