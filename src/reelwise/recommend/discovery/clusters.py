"""Groups of well-known films that the same people like, with what their films have in common."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Doubles, Floats, Positions
from reelwise.models.top_n import top_n
from reelwise.models.vectors import unit_rows
from reelwise.recommend.discovery.genres import telling_columns
from reelwise.recommend.discovery.labels import label_cluster
from reelwise.recommend.movie_facts import MovieFacts

EmbeddingsOf = Callable[[Positions], Floats]

MOST_CLUSTERS = 8
MOST_FILMS, FEWEST_FILMS = 8, 6  # in a group
_POOL = 1000  # of the most rated films
_K = 10
_CLUSTER_SIZE = 25  # films, on average, at the least
_STEPS = 30
_TELLING_SHARE, _TELLING_LIFT = 0.33, 1.25  # of a genre that a group is named after
_MOST = {0: 0.7, 10: 0.75}  # the share of films that one decade, or two, must have to be named
_RECENT = 1990  # "and before" is said of earlier decades alone
_PRIOR = 5  # films of the pool's own mixture that are added to a cluster, so that few films tell little


@dataclass(frozen=True)
class Cluster:
    """Rows of films, the best known first, and what the group is called."""

    name: str
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
    genres, decades = telling_columns(facts, pool), facts.years[pool] // 10 * 10
    clusters = min(_K, len(pool) // _CLUSTER_SIZE)
    if clusters == 0 or not facts.genre_names:
        return []
    found: dict[str, Cluster] = {}
    repeats: dict[str, bool] = {}
    leading: set[int] = set()
    for members, likeness in _run_k_means(unit_rows(embeddings_of(pool)), np.sqrt(facts.counts[pool]), clusters):
        telling = _telling_genres(genres[members].mean(axis=0), len(members), genres.mean(axis=0))
        first, last = _decades(decades[members])
        fits = genres[members][:, telling].any(axis=1)
        if last is not None:
            fits &= (decades[members] >= (first or 1)) & (decades[members] <= last)
        near = fits & (likeness >= np.median(likeness))
        shown = members[near if near.sum() >= FEWEST_FILMS else fits][:MOST_FILMS]
        name = label_cluster([facts.genre_names[genre] for genre in telling], first, last)
        if len(shown) >= FEWEST_FILMS and name not in found:
            found[name] = Cluster(name, pool[shown])
            repeats[name] = telling[0] in leading
            leading.add(telling[0])
    chosen = sorted(found, key=repeats.__getitem__)[:MOST_CLUSTERS]
    return [cluster for name, cluster in found.items() if name in chosen]


def _run_k_means(directions: Floats, weights: Doubles, k: int) -> Iterator[tuple[Positions, Floats]]:
    """The members of each cluster, ascending, and their cosines with its centre; the heaviest cluster first."""
    centres = directions[list(_choose_centres(directions, weights, k))]
    for _ in range(_STEPS):
        belongs = (directions @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, belongs, directions * weights[:, None].astype(np.float32))
        centres = unit_rows(sums)
    cosines = directions @ centres.T
    belongs = cosines.argmax(axis=1)
    weight_of = np.bincount(belongs, weights, minlength=k)
    for cluster in np.argsort(-weight_of, kind="stable"):
        members = np.flatnonzero(belongs == cluster)
        if len(members):
            yield members, cosines[members, cluster]


def _choose_centres(directions: Floats, weights: Doubles, k: int) -> Iterator[int]:
    """Where clusters start: at the best-known film, and then at random films far from those before (k-means++).

    Source: Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", 2007.
    """
    random = np.random.default_rng(0)
    chosen, nearest = 0, np.full(len(directions), -1, np.float32)
    for _ in range(k):
        yield chosen
        nearest = np.maximum(nearest, directions @ directions[chosen])
        chance = np.square(1 - nearest.astype(np.float64)) * weights + 1e-12
        chosen = int(random.choice(len(directions), p=chance / chance.sum()))


def _telling_genres(shares: Floats, size: int, usual: Floats) -> list[int]:
    """One or two genres that are common in a cluster and less so elsewhere, the most telling first.

    Args:
        shares: of the cluster's films that have each genre, shape (genres,).
        size: how many films the cluster has.
        usual: the shares among all films.
    """
    lift = (shares * size + usual * _PRIOR) / (size + _PRIOR) / np.maximum(usual, np.float32(1e-12))
    order = np.argsort(-lift * np.sqrt(shares), kind="stable")
    telling = [int(genre) for genre in order if shares[genre] >= _TELLING_SHARE and lift[genre] >= _TELLING_LIFT]
    return telling[:2] or [int(np.argmax(shares))]


def _decades(decades: npt.NDArray[np.int16]) -> tuple[int | None, int | None]:
    """The first and the last decade of most films; None and last for old ones, None twice for films of all times."""

    def share(first: int, last: int) -> float:
        return float(((decades >= first) & (decades <= last)).mean())

    known = np.unique(decades[decades > 0]).tolist()
    for width in (0, 10):
        first = max(known, key=lambda first: share(first, first + width), default=0)
        if known and share(first, first + width) >= _MOST[width]:
            return first, first + width
    old = [last for last in known if last < _RECENT and share(1, last) >= _MOST[10]]
    return None, min(old, default=None)
