"""How many titles are taken for the film that is meant, for another, or refused; beside taking the best hit of search.

    python3 benchmarks/titles.py [--data DIR] [--whole DIR] [--titles 1000]

DIR holds films with ratings, by default MovieLens latest-small; --whole holds more films than that, by default those of
MovieLens 32M (87,585). Titles are drawn with fixed seeds, which no threshold was chosen by (that was seeds 0 to 5):

- "year off by one": of all films, as spelt, with the year before or after, unless that is the title of another film;
- "not there": names, without a year, of films that are in --whole and not in --data, looked for in --data;
- "typing error": names of the 500 films with most ratings, with a letter swapped, missing, doubled or wrong.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from common import create_parser, describe_versions
from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Catalogue
from reelwise.data.readers.films import read_movies
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.titles import plain, split_title, without_article
from reelwise.data.types import Counts
from reelwise.recommend.naming.title_match import TitleMatcher
from reelwise.recommend.naming.title_search import TitleSearch

SEED = 2026
LIMITS = {"year off by one": (0.99, 0.0), "not there": (0.0, 0.01), "typing error": (0.75, 0.005)}  # right, wrong
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Asked = tuple[str, str | None]  # what is typed, and the title that is meant, if there is one
Find = Callable[[str], int | None]


def main() -> None:
    """Measure and print."""
    parser = create_parser("What titles are taken for.", "ml-latest-small", threads=None)
    parser.add_argument("--whole", type=Path, metavar="DIR")
    parser.add_argument("--titles", type=int, default=1000)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    whole = read_movies(options.whole or options.data.parent / "ml-32m-catalogue")
    counts = np.zeros(len(dataset.catalogue), np.int64)
    counts[dataset.catalogue.movies.rows(dataset.ratings.movies.ids)] = dataset.ratings.by_movie.counts()
    print(f"{options.data.name}, {len(whole):,} films in all, {describe_versions('rapidfuzz')}\n")
    print(f"{'':<18}{'right':>8}{'wrong':>8}{'refused':>9}{'ms':>7}{'wrong by search':>18}")
    titles = dataset.catalogue.titles.strings()
    for kind, catalogue, known, asked in (
        ("year off by one", whole, np.zeros(len(whole), np.int64), years_off(whole.titles.strings(), options.titles)),
        ("not there", dataset.catalogue, counts, missing(titles, whole.titles.strings(), options.titles)),
        ("typing error", dataset.catalogue, counts, mistyped([titles[row] for row in np.argsort(-counts)[:500]])),
    ):
        show(kind, catalogue, known, list(asked))


def show(kind: str, catalogue: Catalogue, counts: Counts, asked: Sequence[Asked]) -> None:
    """Print what became of these titles, beside what search makes of them."""
    titles = catalogue.titles.strings()
    with TemporaryDirectory() as folder:
        path = Path(folder, "titles.sqlite")
        write_title_index(path, titles, counts)
        search = TitleSearch(path, len(titles))
    matcher = TitleMatcher(catalogue, search)
    started = time.perf_counter()
    right, wrong = judge(lambda title: matcher.match(title).row, titles, asked)
    milliseconds = 1000 * (time.perf_counter() - started) / len(asked)
    _, wrong_by_search = judge(lambda title: next((hit.row for hit in search.search(title, 1)), None), titles, asked)
    least_right, most_wrong = LIMITS[kind]
    print(
        f"{kind:<18}{right:8.1%}{wrong:8.2%}{1 - right - wrong:9.1%}{milliseconds:7.2f}{wrong_by_search:18.1%}"
        f"   limits: at least {least_right:.0%} right, at most {most_wrong:.1%} wrong"
    )


def judge(find: Find, titles: Sequence[str], asked: Sequence[Asked]) -> tuple[float, float]:
    """The shares of titles that were taken for the film that was meant, and for another."""
    right = wrong = 0
    for title, meant in asked:
        row = find(title)
        if row is not None:
            by_name = meant is not None and not split_title(title).year and names_of(meant) & names_of(titles[row])
            is_right = titles[row] == meant or bool(by_name)
            right, wrong = right + is_right, wrong + (not is_right)
    return right / len(asked), wrong / len(asked)


def years_off(titles: Sequence[str], number: int) -> Iterator[Asked]:
    """Titles with the year before or after."""
    random, known = Random(SEED), set(map(plain, titles))
    while number:
        title = random.choice(titles)
        dated = re.fullmatch(r"(.+) \((\d{4})\)", title)
        shifted = dated and f"{dated[1]} ({int(dated[2]) + random.choice((-1, 1))})"
        if shifted and plain(shifted) not in known:
            yield shifted, title
            number -= 1


def missing(titles: Sequence[str], whole: Sequence[str], number: int) -> Iterator[Asked]:
    """Names of films that are not there."""
    called = {name for title in titles for name in names_of(title)}
    absent = [title for title in whole if called.isdisjoint(names_of(title))]
    return ((split_title(title).main, None) for title in Random(SEED).sample(absent, number))


def mistyped(titles: Sequence[str]) -> Iterator[Asked]:
    """Names with one typing error, two of each."""
    random = Random(SEED)
    for title in [*titles, *titles]:
        name = split_title(title).main
        at = random.choice([place for place, letter in enumerate(name[:-1]) if letter.isalpha()] or [0])
        here, following = name[at], name[at + 1 : at + 2]
        wrong = [following + here, following, here + here + following, random.choice(LETTERS) + following]
        yield name[:at] + random.choice(wrong) + name[at + 2 :], title


def names_of(title: str) -> set[str]:
    """The plain names of a film, without articles."""
    main, others, _ = split_title(title)
    return {without_article(plain(name)) for name in (main, *others)}


if __name__ == "__main__":
    main()
