"""Films without ratings, on MovieLens 1M: who of the users would like them, from genres, years and words alone?

    python3 benchmarks/cold_start.py [--data DIR] [--threads 2] [--seed 7]

A tenth of the films lose all their ratings, and the ranking model is fitted to the others. Then users with likes among
the films without ratings rank these films. Prints AUC and NDCG@10 by what is expected of the films
(`reelwise.models.cold_start`), beside simpler guesses; and NDCG@10 once each film has its first m ratings, of which
nobody is asked for, beside fitting the ranking model anew with these ratings.
"""

import os
from collections.abc import Sequence

import numpy as np

from common import create_parser, describe_versions
from reelwise.data.catalogue import Movie
from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Floats, Mask, Rows
from reelwise.evaluation.metrics import hits, ndcg
from reelwise.models.cold_start import ColdStart
from reelwise.models.preference import preference
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.top_n import top_k

_SHARE = 0.1  # of the films
_PEOPLE = 1500
_FIRST = (1, 3, 10, 30)


def main() -> None:
    """Measure and print."""
    parser = create_parser("Films without ratings.")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings, random = dataset.ratings.interactions(), np.random.default_rng(options.seed)
    films = [dataset.catalogue[movie] for movie in dataset.ratings.movies]
    cold = random.permutation(len(films)) < round(_SHARE * len(films))
    kept = ratings.where(~cold[ratings.movies])
    model = fit(kept, options.threads)
    print(f"{options.data.name}: {cold.sum()} of {len(films)} films lose their {len(ratings) - len(kept):,} ratings")
    print(f"{describe_versions()}, {options.threads} threads, load {os.getloadavg()[0]:.1f}", flush=True)

    of_cold = ratings.where(cold[ratings.movies])
    order = random.permutation(len(of_cold))
    likes = likes_of(of_cold)
    people = np.unique(likes.users)
    people = np.sort(random.choice(people, min(_PEOPLE, len(people)), replace=False))
    content = ColdStart.fit(
        [film for film, is_cold in zip(films, cold, strict=True) if not is_cold],
        model.Q[~cold], kept.counts_by_movie()[~cold], model.movie_precision(),
    )  # fmt: skip
    assert content is not None
    rows = np.flatnonzero(cold)
    expected = content.expect([films[row] for row in rows.tolist()])
    means, fame = by_kind(films, cold, model.Q, kept)
    P = model.P[people]
    report("at random", random.random((len(people), len(rows)), np.float32), likes, people, rows)
    report("popularity of genre and decade", np.tile(fame, (len(people), 1)), likes, people, rows)
    report("mean vector of genre and decade", P @ means.T, likes, people, rows)
    report("ridge regression, all features", P @ expected.T, likes, people, rows)

    # the first ratings are by people who are not asked
    asked = np.isin(of_cold.users, people)
    others = order[~asked[order]]
    for first in _FIRST:
        given = np.sort(np.concatenate([others[of_cold.movies[others] == row][:first] for row in rows]))
        news = of_cold.where(np.isin(np.arange(len(of_cold)), given))
        vectors = np.stack(
            [learn(content, q, model, news, row) for q, row in zip(expected, rows.tolist(), strict=True)]
        )
        anew = fit(joined(kept, news), options.threads)
        own, scratch = (
            ndcg_of(scores, likes, people, rows).mean() for scores in (P @ vectors.T, anew.P[people] @ anew.Q[rows].T)
        )
        print(f"after {first:>2} ratings each: NDCG@10 {own:.3f}; fitted anew {scratch:.3f}", flush=True)


def fit(ratings: Interactions, threads: int) -> WeightedALS:
    """The ranking model."""
    return WeightedALS(seed=42, threads=threads).fit(ratings, progress=False)


def joined(one: Interactions, other: Interactions) -> Interactions:
    """The ratings of both."""
    return Interactions(
        np.concatenate([one.users, other.users]), np.concatenate([one.movies, other.movies]),
        np.concatenate([one.stars, other.stars]), one.shape, one.scale,
    )  # fmt: skip


def learn(content: ColdStart, expected: Floats, model: WeightedALS, news: Interactions, row: int) -> Floats:
    """The vector of a film with its first ratings."""
    own = news.where(news.movies == row)
    return content.learn(expected, model.P[own.users], preference(own.stars, own.scale))


def by_kind(films: Sequence[Movie], cold: Mask, Q: Floats, kept: Interactions) -> tuple[Floats, Floats]:
    """Of each film without ratings the mean vector and number of ratings of films of its genres and decade."""
    counts = kept.counts_by_movie()
    kinds = [{(genre, (film.year or 0) // 10) for genre in film.genres} or {("", 0)} for film in films]
    warm = np.flatnonzero(~cold)
    everything, vectors, fame = Q[warm].mean(axis=0), [], []
    for row in np.flatnonzero(cold).tolist():
        weights = np.array([len(kinds[row] & kinds[other]) for other in warm.tolist()], np.float64)
        known = weights.sum() > 0
        vectors.append(weights @ Q[warm] / weights.sum() if known else everything)
        fame.append(weights @ counts[warm] / weights.sum() if known else counts[warm].mean())
    return np.array(vectors, np.float32), np.array(fame, np.float32)


def targets_of(likes: Interactions, people: Rows, rows: Rows) -> CSR:
    """For each person the places among `rows` of the films that they like."""
    own = likes.where(np.isin(likes.users, people))
    of_people, places = np.searchsorted(people, own.users), np.searchsorted(rows, own.movies).astype(np.int32)
    return CSR.grouped(of_people, places, own.stars, len(people))


def ndcg_of(scores: Floats, likes: Interactions, people: Rows, rows: Rows) -> Floats:
    """NDCG@10 of each person."""
    found = top_k(scores.astype(np.float32), 10, CSR.empty(len(people)))
    return ndcg(hits(found, targets_of(likes, people, rows))).astype(np.float32)


def report(name: str, scores: Floats, likes: Interactions, people: Rows, rows: Rows) -> None:
    """Print AUC and NDCG@10, means over people."""
    liked = targets_of(likes, people, rows).indicators(len(rows)).astype(np.bool_)
    ranks = scores.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    count = liked.sum(axis=1)
    below = np.where(liked, ranks, 0).sum(axis=1) - count * (count - 1) / 2
    auc = below / (count * (len(rows) - count))
    print(f"{name:>32}: AUC {auc.mean():.3f}, NDCG@10 {ndcg_of(scores, likes, people, rows).mean():.3f}", flush=True)


if __name__ == "__main__":
    main()
