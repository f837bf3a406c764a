"""Histories beside a catalogue: what is matched, what is told instead, and never another film."""

import csv
import io
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelwise.artifacts.model import Model
from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.interactions import RatingScale
from reelwise.data.readers.films import read_movies
from reelwise.exports.history import History, Row, UnreadableRow
from reelwise.exports.reading import read_history
from reelwise.recommend.naming.match_history import HistoryMatcher
from reelwise.recommend.naming.matched_history import MatchedHistory
from reelwise.recommend.naming.resolver import Resolver
from reelwise.recommend.naming.title_search import TitleSearch
from support.files.exports import LETTERBOXD, read
from support.files.real_data import real_data
from support.models.tiny_recommender import tiny_model, tiny_recommender
from support.systems.patience import long_test

pytestmark = pytest.mark.xdist_group("all films")  # whose titles take seconds to index

FILMS = {  # title: (ratings, imdb, tmdb)
    "Matrix, The (1999)": (5000, 133093, 603),
    "Alien (1979)": (4000, 78748, 348),
    "Alien (2010)": (20, None, None),
    "War of the Worlds (2005)": (3000, 407304, 74),
    "War of the Worlds (2005) ": (10, 449040, 999),
    "Emma (1996)": (50, None, None),
    "Emma (1996) ": (40, None, None),
    "Hamlet (1996)": (400, None, None),
    "Hamlet (2000)": (390, None, None),
    "Rope (1998)": (50, None, None),
    "Rope (2000)": (40, None, None),
    "Mother! (2017)": (500, None, None),
    "Mother (2018)": (5, None, None),
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)": (3300, None, None),
    "Star Wars: Episode IV - A New Hope (1977)": (6000, 76759, 11),
    "Blade Runner 2049 (2017)": (900, None, None),
    "Spider-Man (2002)": (2000, None, None),
    "A Film Without a Year": (3, None, None),
    "Planet Earth (2006)": (800, 795176, 192040),
    "Fargo (1996)": (3000, 116282, 275),
}
IDS = dict(zip(FILMS, range(1, 100), strict=False))


def matcher_of(
    films: Mapping[str, tuple[int, int | None, int | None]], folder: Path, scale: RatingScale
) -> HistoryMatcher:
    """The matcher of a model that knows these films, and nothing else."""
    model = tiny_model()
    movies = [Movie(number, title, (), imdb, tmdb) for number, (title, (_, imdb, tmdb)) in enumerate(films.items(), 1)]
    counts = np.array([ratings for ratings, *_ in films.values()], np.int64)
    return matcher_in(replace(
        model,
        config=model.config.model_copy(update={"rating_scale": scale}),
        catalogue=Catalogue.of(movies),
        stats=replace(model.stats, counts=counts),
    ), folder)  # fmt: skip


def matcher_in(model: Model, folder: Path) -> HistoryMatcher:
    write_title_index(folder / "titles.sqlite", model.catalogue.titles.strings(), model.stats.counts)
    titles = TitleSearch(folder / "titles.sqlite", len(model.catalogue))
    return HistoryMatcher(model, Resolver(model, titles), titles)


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> HistoryMatcher:
    return matcher_of(FILMS, tmp_path_factory.mktemp("titles"), RatingScale(0.5, 5))


def row(title: str, year: int | None = None, **more: Any) -> Row:
    return Row(**{"kind": "watched", "title": title, "year": year, "line": 2} | more)


def match(matcher: HistoryMatcher, *rows: Row) -> MatchedHistory:
    return matcher.match(History("test", rows))


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (row("The Matrix", 1999), "Matrix, The (1999)"),
        (row("Matrix, The", 1999), "Matrix, The (1999)"),
        (row("Matrix", 1999), "Matrix, The (1999)"),
        (row("THE MATRIX", 1998), "Matrix, The (1999)"),
        (row("The Matrix", 2000), "Matrix, The (1999)"),
        (row("The Matrix"), "Matrix, The (1999)"),
        (row("Alien"), "Alien (1979)"),  # known to 200 times as many
        (row("Alien", 2010), "Alien (2010)"),
        (row("Alien", 1978), "Alien (1979)"),
        (row("War of the Worlds", 2005), "War of the Worlds (2005)"),
        (row("War of the Worlds", 2005, imdb_id=449040), "War of the Worlds (2005) "),
        (row("War of the Worlds", 2005, tmdb_id=999), "War of the Worlds (2005) "),
        (row("Another title altogether", 1950, imdb_id=133093), "Matrix, The (1999)"),
        (row("", imdb_id=133093), "Matrix, The (1999)"),
        (row("The Matrix", 1999, imdb_id=133093, tmdb_id=348), "Matrix, The (1999)"),  # IMDb's number counts first
        (row("Mother!", 2017), "Mother! (2017)"),
        (row("Mother", 2018), "Mother (2018)"),
        (row("Amélie", 2001), "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        (row("Le fabuleux destin d'Amélie Poulain", 2001), "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        (
            row("Die wunderbare Welt", 2001, original_title="Le Fabuleux destin d'Amélie Poulain"),
            "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
        ),
        (row("Star Wars", 1977), "Star Wars: Episode IV - A New Hope (1977)"),
        (row("Blade Runner 2049", 2017), "Blade Runner 2049 (2017)"),
        (row("Blade Runner 2049"), "Blade Runner 2049 (2017)"),
        (row("Spiderman", 2002), "Spider-Man (2002)"),
        (row("A Film Without a Year", 1990), "A Film Without a Year"),
        (row("Planet Earth", 2006, imdb_id=795176, form="series"), "Planet Earth (2006)"),
        (row("Fargo", form="unclear"), "Fargo (1996)"),
    ],
)
def test_what_is_matched(matcher: HistoryMatcher, one: Row, title: str) -> None:
    found = match(matcher, one)
    assert [film.movie_id for film in found.matched] == [IDS[title]]
    assert not any((found.ambiguous, found.unknown, found.not_films))


@pytest.mark.parametrize(
    ("one", "titles"),
    [
        (row("Emma", 1996), {"Emma (1996)", "Emma (1996) "}),
        (row("Hamlet"), {"Hamlet (1996)", "Hamlet (2000)"}),
        (row("Rope", 1999), {"Rope (1998)", "Rope (2000)"}),
        (row("Mother!", 2018), {"Mother! (2017)", "Mother (2018)"}),  # the year of one, the spelling of the other
        (row("The Matrix", 1999, imdb_id=5), {"Matrix, The (1999)"}),  # of that name, but another one by its number
        (row("The Matrix", 2002), {"Matrix, The (1999)"}),  # too far off to be taken
    ],
)
def test_what_is_ambiguous_is_told_with_candidates(matcher: HistoryMatcher, one: Row, titles: set[str]) -> None:
    found = match(matcher, one)
    assert not any((found.matched, found.unknown, found.not_films))
    (told,) = found.ambiguous
    assert (told.title, told.year, told.line) == (one.title, one.year, 2)
    assert {film.movie_id for film in told.candidates} == {IDS[title] for title in titles}


def test_what_is_ambiguous_keeps_what_was_said_of_it(matcher: HistoryMatcher) -> None:
    (told,) = match(matcher, row("Hamlet", kind="rating", stars=3.5), row("Hamlet")).ambiguous
    assert (told.stars, told.kinds) == (3.5, ("rating", "watched"))


@pytest.mark.parametrize(
    "one",
    [
        row("Alien", 1950), row("Aliens", 1986), row("Zardoz", 1974), row("The Matrx", 1999), row("Matrix 4", 2021),
        row("Star"), row("Star Wars"), row("", 1999), row("!!!", 1999), row("Film", imdb_id=1, tmdb_id=1),
        row("The Matrix", 2026), row("A" * 5000, 1999),
    ],
)  # fmt: skip
def test_what_is_unknown_is_told_and_never_another_film(matcher: HistoryMatcher, one: Row) -> None:
    found = match(matcher, one)
    assert not any((found.matched, found.ambiguous, found.not_films))
    assert [(told.title, told.line) for told in found.unknown] == [(one.title, 2)]
    assert found.catalogue_ends == 2018


def test_long_titles_of_any_script_are_unknown_and_harm_nothing(matcher: HistoryMatcher) -> None:
    titles = [chr(0x4E00 + number) + "\U00020000" * 499 for number in range(1000)]  # which JSON writes in 12 bytes each
    found = match(matcher, row("Alien", 1979), *(row(title, 1979) for title in titles))
    assert [film.title for film in found.matched] == ["Alien (1979)"]
    assert len(found.unknown) == len(titles)


@pytest.mark.parametrize("form", ["series", "episode", "trailer", "other"])
def test_what_is_no_film_is_none_even_if_a_film_is_called_so(matcher: HistoryMatcher, form: str) -> None:
    found = match(matcher, row("Fargo", 1996, form=form), row("Friends: The Pilot", form="unclear"))
    assert not any((found.matched, found.ambiguous, found.unknown))
    assert [(told.title, told.form) for told in found.not_films] == [("Fargo", form), ("Friends: The Pilot", "unclear")]


def test_each_film_and_each_title_is_there_once(matcher: HistoryMatcher) -> None:
    again = [row("The Matrix", 1999), row("Matrix", 2000, line=3, kind="watchlist"), row("The Matrix", 1999, line=4)]
    found = match(matcher, *again, row("Zardoz", 1974, line=5), row("Zardoz", 1974, line=6))
    assert [(film.kinds, film.line) for film in found.matched] == [(("watched", "watchlist"), 2)]
    assert [told.line for told in found.unknown] == [5]


def test_the_latest_rating_counts_and_of_equally_late_ones_the_last(matcher: HistoryMatcher) -> None:
    def rated(stars: float, day: int | None, line: int) -> Row:
        when = None if day is None else datetime(2024, 1, day, tzinfo=UTC)
        return row("The Matrix", 1999, kind="rating", stars=stars, when=when, line=line)

    for rows, stars, line in (
        ([rated(3, 1, 2), rated(4, 9, 3), rated(5, 5, 4)], 4, 3),
        ([rated(3, 9, 2), rated(4, 9, 3)], 4, 3),
        ([rated(3, None, 2), rated(4, None, 3)], 4, 3),
        ([rated(3, 1, 2), rated(4, None, 3)], 3, 2),
    ):
        (film,) = match(matcher, *rows).matched
        assert (film.stars, film.line) == (stars, line)


def test_watched_watchlist_and_likes_keep_their_meaning(matcher: HistoryMatcher) -> None:
    found = match(
        matcher,
        row("The Matrix", 1999, kind="rating", stars=4.5),
        row("Fargo", 1996, kind="watched"),
        row("Alien", 1979, kind="like"),
        row("Hamlet", 2000, kind="dislike"),
        row("Spider-Man", 2002, kind="watchlist"),
        row("Star Wars", 1977, kind="listed"),
    )
    matrix, fargo, alien, hamlet, spider, star_wars = (film.movie_id for film in found.matched)
    assert found.stars == {matrix: 4.5}
    assert found.seen == [matrix, fargo, alien, hamlet]
    assert (found.liked, found.disliked, found.watchlist, found.listed) == ([alien], [hamlet], [spider], [star_wars])


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (RatingScale(0.5, 5), [0.5, 2.25, 5]),
        (RatingScale(1, 5), [1, 2.25, 5]),
        (RatingScale(1, 10), [1, 4.5, 10]),
        (RatingScale(0, 100), [10, 45, 100]),
        (RatingScale(-10, 10), [-8, -1, 10]),
    ],
)
def test_stars_are_on_the_scale_of_the_data(scale: RatingScale, expected: list[float], tmp_path: Path) -> None:
    titles = ("The Matrix", 1999), ("Alien", 1979), ("Fargo", 1996)
    rows = [row(*title, kind="rating", stars=stars) for title, stars in zip(titles, (0.5, 2.25, 5), strict=True)]
    found = match(matcher_of(FILMS, tmp_path, scale), *rows)
    assert [film.stars for film in found.matched] == expected


def test_faults_and_notes_are_passed_on(matcher: HistoryMatcher) -> None:
    found = matcher.match(History("test", (), (UnreadableRow("", 3, "wrong"),), ("so it is",)))
    assert (found.faults, found.notes) == ((UnreadableRow("", 3, "wrong"),), ("so it is",))
    assert repr(found) == (
        "MatchedHistory('test': 0 in the catalogue, 0 rated, 0 ambiguous, 0 unknown, 0 no films, "
        "1 rows that cannot be read)"
    )


def test_a_whole_account() -> None:
    found = tiny_recommender().match_history(read(LETTERBOXD))
    assert found.stars == {296: 4.5, 2571: 2.0}
    assert found.seen == [2571, 296, 1]
    assert found.watchlist == [593]
    assert found.liked == [2571, 1]
    assert found.listed == [296, 1]
    assert not any((found.ambiguous, found.unknown, found.not_films, found.faults))
    assert {film.file for film in found.matched} == {"ratings.csv", "watchlist.csv", "watched.csv"}


def test_what_is_no_history_is_refused() -> None:
    with pytest.raises(Exception, match="history is of type str; expected what read_history returns"):
        tiny_recommender().match_history("letterboxd.zip")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def largest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, HistoryMatcher]:
    """The largest catalogue, and its matcher."""
    catalogue = read_movies(real_data("ml-32m-catalogue"))
    model = tiny_model()
    stats = replace(model.stats, counts=np.zeros(len(catalogue), np.int64))
    matcher = matcher_in(replace(model, catalogue=catalogue, stats=stats), tmp_path_factory.mktemp("largest"))
    return catalogue, matcher


def draw_dated(catalogue: Catalogue, count: int, seed: int) -> list[tuple[Movie, str, int]]:
    """Films with a year, their names without it, and it."""
    dated = [movie for movie in random.Random(seed).sample(list(catalogue), 2 * count) if movie.year][:count]
    return [(movie, movie.title[: movie.title.rindex("(")].rstrip(), movie.year or 0) for movie in dated]


@long_test
def test_thousands_of_names_with_years_on_the_largest_catalogue(largest: tuple[Catalogue, HistoryMatcher]) -> None:
    catalogue, large = largest
    dated = draw_dated(catalogue, 2000, 1)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Date", "Name", "Year", "Letterboxd URI", "Rating"])
    writer.writerows(("2024-01-01", name, year, "", 4) for _, name, year in dated)
    found = large.match(read_history(text.getvalue().encode()))
    wrong = [film for film in found.matched if catalogue[film.movie_id] != dated[film.line - 2][0]]
    assert not wrong
    assert len(found.matched) >= 0.99 * len(dated)


@long_test
@pytest.mark.parametrize("off", [-1, 1])
def test_a_year_off_by_one_leads_to_another_film_only_where_that_has_the_very_year(
    off: int, largest: tuple[Catalogue, HistoryMatcher]
) -> None:
    catalogue, large = largest
    dated = draw_dated(catalogue, 1000, 2)
    found = match(large, *(row(name, year + off, line=line) for line, (_, name, year) in enumerate(dated)))
    others = [film for film in found.matched if catalogue[film.movie_id] != dated[film.line][0]]
    assert all(catalogue[film.movie_id].year == dated[film.line][2] + off for film in others)
    assert len(found.matched) - len(others) >= 0.97 * len(dated)


@pytest.mark.parametrize("year", [1998, 1999, 2000])
def test_a_film_of_that_very_name_and_year_is_meant_however_well_known_its_neighbours(
    year: int, tmp_path: Path
) -> None:
    films = {f"Rope ({made})": (9000 if made != year else 1, None, None) for made in (1998, 1999, 2000)}
    found = match(matcher_of(films, tmp_path, RatingScale(0.5, 5)), row("Rope", year))
    assert [film.title for film in found.matched] == [f"Rope ({year})"]
