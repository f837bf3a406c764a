"""What a title means: the film if it clearly means one, and never another film."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.readers.films import read_movies
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.titles import parts_of, plain, split_title, without_article
from reelwise.recommend.naming.title_match import TitleMatcher
from reelwise.recommend.naming.title_search import TitleSearch
from support.files.real_data import real_data
from support.systems.patience import long_test

pytestmark = pytest.mark.xdist_group("all films")  # whose titles take seconds to index

FILMS = {
    "Matrix, The (1999)": 5000,
    "Alien (1979)": 4000,
    "Aliens (1986)": 3500,
    "Bambi (1942)": 900,
    "Star Wars: Episode IV - A New Hope (1977)": 6000,
    "Star Wars: Episode V - The Empire Strikes Back (1980)": 5000,
    "Little Women (1994)": 900,
    "Little Women (2019)": 700,
    "Godfather: Part II, The (1974)": 3000,
    "Forrest Gump (1994)": 5500,
    "Dark Water (2005)": 90,
    "Borat: Cultural Learnings of America (2006)": 800,
    "Blade Runner 2049 (2017)": 900,
    "Blade Runner (1982)": 3000,
    "Hamlet (1964)": 5,
    "Hamlet (Gamlet) (1964)": 4,
    "Emma (1996)": 50,
    "Emma (1998)": 40,
    "Rope (1948)": 400,
    "Spider-Man (2002)": 2000,
    "A Film Without a Year": 3,
    "Toy Story 2 (1999)": 2500,
    "2012 (2009)": 300,
}
TITLES = list(FILMS)


def matcher(titles: Sequence[str], counts: Sequence[int]) -> TitleMatcher:
    """The matcher of these films; row i is the i-th."""
    catalogue = Catalogue.of([Movie(row, title) for row, title in enumerate(titles)])
    with TemporaryDirectory() as folder:
        path = Path(folder, "titles.sqlite")
        write_title_index(path, titles, np.array(counts, np.int64))
        return TitleMatcher(catalogue, TitleSearch(path, len(titles)))


MATCHER = matcher(TITLES, list(FILMS.values()))


def meant(title: str, year: int | None = None) -> str | None:
    row = MATCHER.match(title, year).row
    return None if row is None else TITLES[row]


@pytest.mark.parametrize(
    ("title", "film"),
    [
        ("the matrix", "Matrix, The (1999)"),
        ("matrix", "Matrix, The (1999)"),
        ("alien", "Alien (1979)"),
        ("aliens", "Aliens (1986)"),
        ("spiderman", "Spider-Man (2002)"),
        ("Little Women", "Little Women (1994)"),
        ("Little Women 2019", "Little Women (2019)"),
        ("Hamlet (Gamlet) (1964)", "Hamlet (Gamlet) (1964)"),
        ("Hamlet (Gamlet) (1965)", "Hamlet (Gamlet) (1964)"),
        ("Hamlet (1963)", "Hamlet (1964)"),
        ("Blade Runner 2049", "Blade Runner 2049 (2017)"),
        ("2012", "2012 (2009)"),
        ("A Film Without a Year (1999)", "A Film Without a Year"),
        # for short
        ("Star Wars", "Star Wars: Episode IV - A New Hope (1977)"),
        ("Star Wars (1980)", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        ("The Empire Strikes Back", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        ("Borat", "Borat: Cultural Learnings of America (2006)"),
        ("Godfather II", "Godfather: Part II, The (1974)"),
        # with typing errors
        ("the matirx", "Matrix, The (1999)"),
        ("teh matrix", "Matrix, The (1999)"),
        ("alein", "Alien (1979)"),
        ("Forest Gump", "Forrest Gump (1994)"),
        ("empire strikes bak", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        # a year that is off by one
        ("Alien (1980)", "Alien (1979)"),
        ("Matrix, The (1998)", "Matrix, The (1999)"),
        ("Little Women (2018)", "Little Women (2019)"),
    ],
)
def test_a_title_that_fits(title: str, film: str) -> None:
    assert meant(title) == film


@pytest.mark.parametrize(
    "title",
    [
        "Barbie", "Nope", "Dark Waters", "Alien (1995)", "Alien: Romulus", "Toy Story 4", "Toy Story", "The Matrix 5",
        "Blade Runner 2050", "Part II", "Episode V", "Star Trek", "Little", "Hope", "Emma (1997)", "", "?!",
        "zzzz qqqq",
    ],
)  # fmt: skip
def test_a_title_that_fits_nothing_well_is_no_film(title: str) -> None:
    assert meant(title) is None


def test_what_resembles_it_is_suggested() -> None:
    def suggested(title: str) -> list[str]:
        return [TITLES[row] for row in MATCHER.match(title).nearest]

    assert suggested("Dark Waters")[0] == "Dark Water (2005)"
    assert suggested("Alien (1995)")[0] == "Alien (1979)"
    assert set(suggested("Emma (1997)")) == {"Emma (1996)", "Emma (1998)"}
    assert suggested("zzzz qqqq") == []


def test_a_year_beside_the_title_counts_as_one_in_it() -> None:
    assert meant("Little Women", 2019) == meant("Little Women", 2018) == "Little Women (2019)"
    assert meant("Little Women", 2005) is None
    assert meant("2012", 2009) == "2012 (2009)"


def test_parts_are_runs_of_what_colons_and_dashes_separate() -> None:
    assert parts_of("Star Wars: Episode IV - A New Hope") == [
        "star wars", "star wars episode 4", "episode 4", "episode 4 a new hope", "a new hope",
    ]  # fmt: skip
    assert parts_of("Lord of the Rings: The Two Towers, The") == ["the lord of the rings", "the two towers"]
    assert parts_of("Dr. Strangelove or: How I Learned") == ["dr strangelove", "how i learned"]
    assert parts_of("Spider-Man") == parts_of("") == []


@settings(deadline=None)
@given(
    st.text(max_size=200) | st.text("AND OR NOT (the*)^:\"'+- 1979", max_size=200), st.none() | st.integers(1800, 2200)
)
@example('"', None)
@example("the\0matrix", 1999)
@example("\ud800 🎬 的", None)
@example(" (a.k.a. x)" * 20_000 + "(", None)
@example(": " * 50_000, None)
@example("x" * 100_000, None)
def test_any_text_is_a_film_or_none(title: str, year: int | None) -> None:
    match = MATCHER.match(title, year)
    assert match.row is None or 0 <= match.row < len(TITLES)
    assert len(set(match.nearest)) == len(match.nearest) <= 3
    assert match.row is None or match.nearest == ()


def test_a_year_off_by_one_finds_the_film_among_87585(all_films: tuple[Catalogue, TitleSearch]) -> None:
    films, index = all_films
    assert len(films) == 87_585
    assert (films[1].imdb_id, films[1].tmdb_id) == (114709, 862)
    matcher, titles = TitleMatcher(films, index), films.titles.strings()
    choice, known = random.Random(101), set(map(plain, titles))
    asked: dict[str, str] = {}
    while len(asked) < 200:
        title = choice.choice(titles)
        dated = re.fullmatch(r"(.+) \((\d{4})\)", title)
        shifted = dated and f"{dated[1]} ({int(dated[2]) + choice.choice((-1, 1))})"
        if shifted and plain(shifted) not in known:  # else it is the title of another film
            asked[shifted] = title
    rows = {shifted: matcher.match(shifted).row for shifted in asked}
    found = {shifted: titles[row] for shifted, row in rows.items() if row is not None}
    assert {shifted: film for shifted, film in found.items() if film != asked[shifted]} == {}
    assert len(found) >= 0.99 * len(asked)


@long_test
def test_films_that_are_not_there_are_seldom_taken_for_others() -> None:
    ours, theirs = read_dataset(real_data("ml-latest-small")), read_movies(real_data("ml-32m-catalogue"))
    titles = ours.catalogue.titles.strings()
    counts = np.zeros(len(titles), np.int64)
    counts[ours.catalogue.movies.rows(ours.ratings.movies.ids)] = ours.ratings.by_movie.counts()
    matcher_of_ours = matcher(titles, counts.tolist())
    called = {name for title in titles for name in names_of(title)}
    missing = [title for title in theirs.titles.strings() if called.isdisjoint(names_of(title))]
    asked = [split_title(title).main for title in random.Random(11).sample(missing, 400)]
    taken = [name for name in asked if matcher_of_ours.match(name).row is not None]
    assert len(taken) <= 0.01 * len(asked)


def names_of(title: str) -> set[str]:
    main, others, _ = split_title(title)
    return {without_article(plain(name)) for name in (main, *others)}
