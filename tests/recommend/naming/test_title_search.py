"""The search forgives; tested by order and by what comes first, not by scores."""

import gc
import os
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Catalogue
from reelwise.data.titles import plain
from reelwise.errors import ModelError
from reelwise.recommend.naming import title_search
from reelwise.recommend.naming.title_search import TitleSearch

pytestmark = pytest.mark.xdist_group("all films")  # whose titles take seconds to index

FILMS = {
    "Matrix, The (1999)": 5000,
    "Matrix Reloaded, The (2003)": 3000,
    "Alien (1979)": 4000,
    "Aliens (1986)": 3500,
    "Alien: Covenant (2017)": 500,
    "My Stepmother Is an Alien (1988)": 60,
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)": 3300,
    "Léon: The Professional (a.k.a. The Professional) (Léon) (1994)": 3900,
    "Star Wars: Episode IV - A New Hope (1977)": 6000,
    "Star Trek: Generations (1994)": 2500,
    "Nineteen Eighty-Four (1984)": 300,
    "1984 (1956)": 20,
    "2001: A Space Odyssey (1968)": 3600,
    "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)": 2900,
    "Little Women (1994)": 900,
    "Little Women (2019)": 700,
    "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)": 3100,
    "Se7en (a.k.a. Seven) (1995)": 4500,
    "Up (2009)": 2800,
    "WALL·E (2008)": 3000,
    "Fast & Furious (2009)": 800,
}
TITLES = list(FILMS)


def index_titles(titles: Sequence[str], counts: Sequence[int] | None = None) -> TitleSearch:
    """The titles, ready to be searched; their file is gone, but stays open."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "titles.sqlite")
        write_title_index(path, titles, np.array(counts or [1] * len(titles), np.int64))
        return TitleSearch(path, len(titles))


INDEX = index_titles(TITLES, list(FILMS.values()))


def search(query: str, limit: int = 10) -> list[str]:
    return [TITLES[hit.row] for hit in INDEX.search(query, limit)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("the matrix", "Matrix, The (1999)"),
        ("matrix", "Matrix, The (1999)"),
        ("Matrix, The (1999)", "Matrix, The (1999)"),
        ("the matirx", "Matrix, The (1999)"),
        ("matrix reloaded", "Matrix Reloaded, The (2003)"),
        ("alien", "Alien (1979)"),
        ("aliens", "Aliens (1986)"),
        ("AMÉLIE", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("le fabuleux destin d'amelie poulain", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("leon", "Léon: The Professional (a.k.a. The Professional) (Léon) (1994)"),
        ("star wars", "Star Wars: Episode IV - A New Hope (1977)"),
        ("a new hope", "Star Wars: Episode IV - A New Hope (1977)"),
        ("the good the bad and the ugly", "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)"),
        ("little women 2019", "Little Women (2019)"),
        ("little women (1994)", "Little Women (1994)"),
        ("crouching tiger", "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)"),
        ("croching tigger hiden dragon", "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)"),
        ("seven", "Se7en (a.k.a. Seven) (1995)"),
        ("1984", "1984 (1956)"),
        ("2001 a space odyssey", "2001: A Space Odyssey (1968)"),
        ("up", "Up (2009)"),
        ("wall-e", "WALL·E (2008)"),
        ("fast and furious", "Fast & Furious (2009)"),
    ],
)
def test_the_film_that_is_meant_comes_first(query: str, first: str) -> None:
    assert search(query)[0] == first


BY_FAME = [  # the better known comes first
    "Star Wars: Episode IV - A New Hope (1977)",
    "Lord of the Rings: The Fellowship of the Ring, The (2001)",
    "Star Wars: Episode V - The Empire Strikes Back (1980)",
    "Dark Knight, The (2008)",
    "Ocean's Eleven (2001)",
    "12 Angry Men (1957)",
    "Stargate (1994)",
    "Fifth Element, The (1997)",
    "Dark City (1998)",
    "X-Men (2000)",
    "Ocean's Eleven (a.k.a. Ocean's 11) (1960)",
    "10 (1979)",
    "'Salem's Lot (2004)",
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("star", BY_FAME[0]),
        ("dark", BY_FAME[3]),
        ("star wars 5", BY_FAME[2]),
        ("ocean's 11", BY_FAME[4]),
        ("twelve angry men", BY_FAME[5]),
        ("5th element", BY_FAME[7]),
        ("x", BY_FAME[9]),
        ("lotr", BY_FAME[1]),
    ],
)
def test_fame_decides_what_is_meant_by_a_beginning_and_numbers_and_initials_are_understood(
    query: str, first: str
) -> None:
    index = index_titles(BY_FAME, [2 ** (len(BY_FAME) - place) for place in range(len(BY_FAME))])
    assert BY_FAME[index.search(query)[0].row] == first


def test_a_whole_title_comes_before_a_title_that_contains_it() -> None:
    found = search("alien")
    assert found.index("Alien (1979)") < found.index("Alien: Covenant (2017)")
    assert found.index("Alien: Covenant (2017)") < found.index("My Stepmother Is an Alien (1988)")


def test_among_equals_the_better_known_comes_first() -> None:
    assert search("little women")[:2] == ["Little Women (1994)", "Little Women (2019)"]


@pytest.mark.parametrize("query", ["", "  ", "?!", "zzzzqqqq xxyy"])
def test_what_resembles_nothing_finds_nothing(query: str) -> None:
    assert search(query) == []


OTHERS = [
    "All About Eve (1950)",
    "Silence of the Lambs, The (1991)",
    "Dirty Dozen, The (1967)",
    "Bambi (1942)",
    "Star Wars: Episode VI - Return of the Jedi (1983)",
    "For the Moment (1994)",
    "She's All That (1999)",
    "Grumpy Old Men (1993)",
]


@pytest.mark.parametrize(
    "query",
    [
        "frozen",
        "barbie",
        "memento",
        "the lives of others",
        "no country for old men",
        "everything everywhere all at once",
        "eternal sunshine of the spotless mind",
    ],
)
def test_a_film_that_is_not_there_is_not_taken_for_one_with_a_few_of_its_common_words_or_letters(query: str) -> None:
    assert index_titles(OTHERS).search(query) == []


def test_half_of_what_is_typed_is_enough() -> None:
    queries = "bambi movie", "dirty douzen film", "the silence of lions", "grumpy odl men", "silenceof thelambs"
    index = index_titles(OTHERS)
    assert [index.search(query)[0].row for query in queries] == [3, 2, 1, 7, 1]


def test_no_more_than_asked_for() -> None:
    assert len(search("the", limit=3)) <= 3


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("al", "Alien (1979)"),
        ("the mat", "Matrix, The (1999)"),
        ("little wo", "Little Women (1994)"),
        ("little women 20", "Little Women (2019)"),
        ("starwars", "Star Wars: Episode IV - A New Hope (1977)"),
        ("odyssey space", "2001: A Space Odyssey (1968)"),
        ("alien 1979", "Alien (1979)"),
        ("matrix the film", "Matrix, The (1999)"),
        ("the aliens", "Aliens (1986)"),
    ],
)
def test_while_it_is_typed_and_however_it_is_put(query: str, first: str) -> None:
    assert search(query)[0] == first


def test_the_year_narrows() -> None:
    assert search("little women 2019") == ["Little Women (2019)"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_as_the_data_set_spells_it_finds_its_film_first(title: str) -> None:
    assert search(title)[0] == title


def test_brackets_inside_a_title_belong_to_it() -> None:
    titles = ["(500) Days of Summer (2009)", "Room(h)ates (2017)", "Wast (a.k.a. Dragon That Wasn't (Or Was He?), The)"]
    index = index_titles(titles)
    queries = ["500 days of summer", "room h ates", "the dragon that wasn't or was he"]
    assert [index.search(query)[0].row for query in queries] == [0, 1, 2]


@settings(deadline=None)
@given(st.text(max_size=200) | st.text("AND OR NOT NEAR(the*)^:\"'+-{}", max_size=200), st.integers(0, 30))
@example('"', 10)
@example('alien" OR words : "matrix', 10)
@example("the\0matrix", 10)
@example("NEAR(alien aliens, 2) AND NOT ^matrix*", 10)
@example("\ud800 🎬 的", 10)
@example("(a.k.a. x)" * 20, 10)
@example("a b c d e f g h i j k l m n o p q r s t u v w x y z " * 4, 10)
@example("x" * 100_000, 10)
def test_any_text_is_only_text(query: str, limit: int) -> None:
    hits = INDEX.search(query, limit)
    positions = [hit.row for hit in hits]
    assert len(set(positions)) == len(positions) <= limit
    assert all(0 <= hit.score <= 100 for hit in hits)
    assert hits == sorted(hits, key=lambda hit: -hit.score)


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_title_can_be_indexed_and_is_found_if_it_has_letters(titles: list[str]) -> None:
    index = index_titles(titles)
    for position, title in enumerate(titles):
        hits = index.search(title, len(titles))
        assert position in {hit.row for hit in hits} or not plain(title)


def test_threads_share_it() -> None:
    queries = [*TITLES, "the mat", "croching tigger", "litle women", "zzzzqqqq xxyy"] * 20
    alone = [INDEX.search(query) for query in queries]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(INDEX.search, queries)) == alone


def test_what_nobody_holds_is_closed() -> None:
    search = index_titles(TITLES)
    connection = search._index
    del search
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_what_is_closed_while_others_search_says_so() -> None:
    index = index_titles(TITLES)

    def search_on(query: str) -> None:
        while True:
            assert index.search(query)

    with ThreadPoolExecutor(4) as threads:
        searches = [threads.submit(search_on, query) for query in ("alien", "the mat", "litle women", "up")]
        index.close()
        index.close()
        errors = [search.exception() for search in searches]
    assert all(isinstance(error, ModelError) and "closed" in str(error) for error in errors)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "titles.sqlite"
    write_title_index(path, TITLES, np.array(list(FILMS.values())))
    return path


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE names SET row = {len(TITLES)}",
        "UPDATE names SET row = -1",
        "UPDATE names SET row = 0.5",
        "UPDATE names SET row = 9223372036854775807",
        "UPDATE names SET fame = 1.5",
        "UPDATE names SET fame = -9e999",
        "UPDATE names SET fame = NULL",
        "UPDATE names SET fame = 'great'",
        "UPDATE names SET year = x'00'",
        "UPDATE names SET name = NULL",
        "UPDATE names SET name = x'616c69656e'",
        "UPDATE names SET name = CAST(x'ff1b5b' AS TEXT)",
        "UPDATE names SET name = hex(zeroblob(1000))",
        "UPDATE names SET name = hex(zeroblob(3000000)) WHERE id < 5",
        "UPDATE words SET frequency = 'often'",
        "UPDATE words SET frequency = NULL",
        "UPDATE spelling SET words = x'00'",
        "UPDATE spelling SET words = hex(zeroblob(3000000)) WHERE letter = 'a' AND length = 5",
        "UPDATE full_text_data SET block = x'ffffffffffffffff'",
        "DELETE FROM full_text_data",
        "DELETE FROM full_text_config",
    ],
)
def test_contents_that_cannot_be_are_told(path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(change)
    with pytest.raises(ModelError) as caught, closing(TitleSearch(path, len(TITLES))) as index:
        list(map(index.search, ["alien", "alein", "alien zzzz"]))
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).isprintable()


def test_a_file_that_is_cut_while_it_is_open_is_told(path: Path) -> None:
    with closing(TitleSearch(path, len(TITLES))) as index:
        os.truncate(path, 8192)
        with pytest.raises(ModelError, match="not a readable title index"):
            index.search("alien")


def test_a_file_that_takes_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(TitleSearch(path, len(TITLES))) as index:
        assert index.search("alien")
        monkeypatch.setattr(title_search, "_SLOWEST", -1)
        monkeypatch.setattr(title_search, "_STEPS", 1)
        with pytest.raises(ModelError, match="interrupted"):
            index.search("alien")


@settings(deadline=None)
@given(st.data())
def test_a_damaged_file_answers_or_is_told(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "titles.sqlite")
        write_title_index(path, TITLES, np.array(list(FILMS.values())))
        content = bytearray(path.read_bytes())
        for place, byte in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)))):
            content[place] = byte
        path.write_bytes(content)
        with suppress(ModelError), closing(TitleSearch(path, len(TITLES))) as index:
            for query in ("alien", "the matirx", "s"):
                assert all(0 <= hit.row < len(TITLES) for hit in index.search(query))


@pytest.fixture(scope="module")
def everything(all_films: tuple[Catalogue, TitleSearch]) -> tuple[list[str], TitleSearch]:
    films, index = all_films
    return films.titles.strings(), index


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("the matrix", "Matrix, The (1999)"),
        ("toy st", "Toy Story (1995)"),
        ("jurasic park", "Jurassic Park (1993)"),
        ("forest gump", "Forrest Gump (1994)"),
        ("the godfater", "Godfather, The (1972)"),
        ("schindlers list", "Schindler's List (1993)"),
        ("shindlers lst", "Schindler's List (1993)"),
        ("spiderman", "Spider-Man (2002)"),
        ("se7en", "Seven (a.k.a. Se7en) (1995)"),
        ("little women 2019", "Little Women (2019)"),
        ("blade runner 2049", "Blade Runner 2049 (2017)"),
        ("silence lambs", "Silence of the Lambs, The (1991)"),
        ("empire strikes back", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        ("tigger hidden dragon crouching", "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)"),
        ("amelie", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("l'avventura", "Avventura, L' (Adventure, The) (1960)"),
        ("rocky 2", "Rocky II (1979)"),
        ("500 days of summer", "(500) Days of Summer (2009)"),
        ("8½", "8 1/2 (8½) (1963)"),
        ("wall-e", "WALL·E (2008)"),
    ],
)
def test_among_all_films_the_one_that_is_meant_comes_first(
    everything: tuple[list[str], TitleSearch], query: str, first: str
) -> None:
    titles, index = everything
    assert titles[index.search(query)[0].row] == first


@pytest.mark.parametrize("typed", ["lord of the ri", "lord of the rings th", "rings lord", "lord of teh rings"])
def test_among_all_films_those_of_a_series_come_before_others(
    everything: tuple[list[str], TitleSearch], typed: str
) -> None:
    titles, index = everything
    assert all("Lord of the Rings" in titles[hit.row] for hit in index.search(typed, 3))


def test_among_all_films_nearly_every_one_is_found_by_its_title_and_despite_a_typing_error(
    everything: tuple[list[str], TitleSearch],
) -> None:
    titles, index = everything
    random = Random(7)
    chosen = [position for position in random.sample(range(9000), 200) if len(titles[position]) > 16]
    whole = misspelt = 0
    for position in chosen:
        whole += position == index.search(titles[position], 1)[0].row
        typed = titles[position][:-7]
        letter = random.randrange(1, len(typed) - 1)
        typed = typed[:letter] + typed[letter + 1 :]
        misspelt += position in {hit.row for hit in index.search(typed)}
    assert whole >= 0.99 * len(chosen)
    assert misspelt >= 0.95 * len(chosen)


@pytest.mark.parametrize("more", [0, 100_000])  # of so many the index is not asked, but read
def test_films_called_any_of_some_names_up_to_an_article(more: int) -> None:
    others = {f"no film {number}" for number in range(more)}
    found = INDEX.called_any({"matrix", "good bad and ugly", "little women"} | others)
    assert found == {
        "matrix": [("the matrix", TITLES.index("Matrix, The (1999)"))],
        "little women": [
            ("little women", TITLES.index(title)) for title in ("Little Women (1994)", "Little Women (2019)")
        ],
    }


def test_an_index_far_too_large_for_its_films_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "titles.sqlite"
    write_title_index(path, TITLES, np.ones(len(TITLES), np.int64))
    with path.open("ab") as file:
        file.write(bytes(17 << 20))
    with pytest.raises(ModelError, match="bytes long, at most"):
        TitleSearch(path, len(TITLES))
