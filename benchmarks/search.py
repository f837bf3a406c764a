"""How fast films are found by title, beside rapidfuzz's WRatio over all titles.

    python3 benchmarks/search.py [--data DIR] [--queries 200] [--peer-queries 8]

DIR holds films, by default those of MovieLens 32M (87,585). Queries are made from the titles of random films, with a
fixed seed; the peer, which takes as long for every query of a kind, answers fewer of them. One thread. "Found" is the
share of queries with the film that was meant among the first ten; of two letters, which begin many titles, it is none.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
from rapidfuzz import fuzz, process

from common import create_parser, describe_versions
from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Movie
from reelwise.data.readers.films import read_movies
from reelwise.data.titles import plain
from reelwise.recommend.naming.title_search import TitleSearch

Query = tuple[str, int]  # what is typed, the position of the film that is meant
LIMIT_MS = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    """Measure and print."""
    parser = create_parser("Speed of the search for titles.", "ml-32m-catalogue", threads=None)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--peer-queries", type=int, default=8)
    options = parser.parse_args()
    films = list(read_movies(options.data))
    titles = [film.title for film in films]
    earlier_is_better_known = 100_000 // np.arange(1, len(titles) + 1)

    with TemporaryDirectory() as folder:
        path = Path(folder, "titles.sqlite")
        started = time.perf_counter()
        write_title_index(path, titles, earlier_is_better_known)
        written = time.perf_counter()
        search = TitleSearch(path, len(titles))
        opened, size = time.perf_counter(), path.stat().st_size
    names = [plain(title) for title in titles]  # so that the peer, too, compares without case and accents

    def ours(query: str) -> list[int]:
        return [hit.row for hit in search.search(query)]

    def peer(query: str) -> list[int]:
        return [position for *_, position in process.extract(plain(query), names, scorer=fuzz.WRatio, limit=10)]

    print(
        f"{options.data.name}, {len(titles):,} films, one thread; SQLite {sqlite3.sqlite_version}, "
        f"{describe_versions('rapidfuzz')}"
    )
    print(
        f"index of {size / 1e6:.1f} MB, written in {written - started:.2f} s by training, "
        f"opened in {1000 * (opened - written):.1f} ms by each worker\n"
    )
    print(f"{'':<22}{'Reelwise, ms':>24}{'':>9}{'WRatio, ms':>12}{'':>9}{'WRatio /':>10}")
    print(f"{'query':<22}{'p50':>8}{'p95':>8}{'max':>8}{'found':>9}{'p50':>12}{'found':>9}{'Reelwise':>10}")
    for kind, queries in queries_by_kind(films, options.queries).items():
        times, found = measure(ours, queries)
        peer_times, peer_found = measure(peer, queries[: options.peer_queries])
        p50, p95, peer_p50 = np.median(times), np.quantile(times, 0.95), np.median(peer_times)
        print(
            f"{kind:<22}{p50:8.2f}{p95:8.2f}{max(times):8.2f}{found:9.3f}{peer_p50:12.1f}{peer_found:9.3f}"
            f"{peer_p50 / p50:9.0f}x  p95 is {p95 / LIMIT_MS:.2f} of its limit, {LIMIT_MS} ms",
            flush=True,
        )


def measure(search: Callable[[str], list[int]], queries: Sequence[Query]) -> tuple[list[float], float]:
    """Milliseconds that each query takes, and the share of them that find their film."""
    times, found = [], 0
    for query, meant in queries:
        started = time.perf_counter()
        positions = search(query)
        times.append(1000 * (time.perf_counter() - started))
        found += meant in positions
    return times, found / len(queries)


def queries_by_kind(films: Sequence[Movie], number: int) -> dict[str, list[Query]]:
    """Queries for `number` random films among the 20,000 with the lowest ids, in each way of typing a title."""
    random = Random(42)
    kinds: dict[str, list[Query]] = {}
    dated = [position for position, film in enumerate(films[:20_000]) if film.year and " " in film.title.split(" (")[0]]
    for position in random.sample(dated, number):
        name = plain(films[position].title.split(" (")[0])
        words = name.split()
        for kind, query in {
            "whole title": name,
            "as the data set has it": films[position].title,
            "title and year": f"{name} {films[position].year}",
            "words in other order": " ".join(random.sample(words, len(words))),
            "prefix, 70 %": name[: max(3, len(name) * 7 // 10)],
            "prefix, 2 letters": name[:2],
            "one typing error": misspelt(random, words, 1),
            "two typing errors": misspelt(random, words, 2),
            "misspelt prefix": misspelt(random, words, 1)[: max(4, len(name) * 7 // 10)],
        }.items():
            kinds.setdefault(kind, []).append((query, position))
    return kinds


def misspelt(random: Random, words: Sequence[str], errors: int) -> str:
    """The words, the longest of them with a letter missing, added, changed or swapped with the next."""
    wrong = sorted(range(len(words)), key=lambda number: len(words[number]))[-errors:]
    return " ".join(mistyped(random, word) if number in wrong else word for number, word in enumerate(words))


def mistyped(random: Random, word: str) -> str:
    """`word` with one typing error."""
    if len(word) < 2:
        return word
    at = random.randrange(len(word) - 1)
    before, here, following, behind = word[:at], word[at], word[at + 1], word[at + 2 :]
    other = random.choice(LETTERS)
    return before + random.choice([following, other + here + following, other + following, following + here]) + behind


if __name__ == "__main__":
    main()
