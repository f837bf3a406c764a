"""Netflix: three files without ids and years, with series and films side by side."""

from datetime import UTC, datetime

import pytest

from reelwise.errors import ExportError
from support.files.exports import read

ACTIVITY = """\
Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country
Ada,2025-06-19 20:11:03,01:40:00,,The Matrix,,TV,01:40:00,01:40:00,DE (Germany)
Ada,2025-06-18 20:11:03,00:01:00,,The Matrix Resurrections: Trailer,TRAILER,TV,00:01:00,00:01:00,DE (Germany)
Ada,2025-06-17 20:11:03,00:40:00,,"Dark: Staffel 1: Geheimnisse (Folge 1)",,TV,00:40:00,00:40:00,DE (Germany)
Ben,2025-06-16 20:11:03,01:20:00,,Toy Story,,TV,01:20:00,01:20:00,DE (Germany)
"""
RATINGS = """\
Profile Name,Title Name,Rating Type,Star Value,Thumbs Value,Device Model,Event Utc Ts,Region View Date
Ada,The Matrix,thumb,,2,TV,2025-06-19 22:00:00,2025-06-19
Ada,Toy Story,thumb,,1,TV,2025-06-19 22:00:00,2025-06-19
Ada,Alien,thumb,,3,TV,2025-06-19 22:00:00,2025-06-19
Ada,Heat,star,4,,TV,2016-06-19 22:00:00,2016-06-19
Ada,Up,thumb,0,0,TV,2016-06-19 22:00:00,2016-06-19
Ada,Jaws,thumb,,7,TV,2016-06-19 22:00:00,2016-06-19
"""


def short(*titles: str, date: str = "6/19/25") -> str:
    return "Title,Date\n" + "".join(f'"{title}","{date}"\n' for title in titles)


def test_the_short_history() -> None:
    history = read(short("The Matrix", "Spider-Man™"))
    assert history.source == "netflix"
    assert [(row.kind, row.title, row.year, row.form) for row in history.rows] == [
        ("watched", "The Matrix", None, "film"),
        ("watched", "Spider-Man", None, "film"),
    ]


@pytest.mark.parametrize(
    "headings",
    ["Titel,Datum", "Titre,Date", "Título,Fecha", "Título,Data", "Titolo,Data", "Tytuł,Data", "Başlık;Tarih",
     "タイトル,日付", "제목,날짜", "标题,日期", "BAŞLIK,TARİH", "Τίτλος,Ημερομηνία", "Ti\u0301tulo,Fecha",
     "Title,Date,,"],
)  # fmt: skip
def test_its_headings_in_other_languages(headings: str) -> None:
    sign = ";" if ";" in headings else ","
    history = read(f"{headings}\nAlien{sign}19.06.25\n")
    assert history.source == "netflix"
    assert [(row.title, row.when) for row in history.rows] == [("Alien", datetime(2025, 6, 19, tzinfo=UTC))]


@pytest.mark.parametrize("headings", ["Titel,Datum,Ort", "Titel,Autor", "Datum,Betrag"])
def test_other_tables_are_none_of_its(headings: str) -> None:
    with pytest.raises(ExportError, match="this file is not recognised"):
        read(f"{headings}\nAlien,19.06.25,x\n")


@pytest.mark.parametrize(
    "title",
    [
        "Friends: Season 1: The One Where It All Began", "Dark: Staffel 2: Anfänge und Enden",
        "La casa de papel: Temporada 1: Efectuar lo acordado", "Lupin: Partie 1: Chapitre 1",
        "Chernobyl: Limited Series: 1:23:45", "Stranger Things: Stranger Things 3: Chapter One: Suzie",
        "Suburra: Stagione 1: 21 giorni", "1670: 1. sezon: Odcinek 1",
    ],
)  # fmt: skip
def test_episodes_are_told_by_their_season_in_many_languages(title: str) -> None:
    history = read(short(title, "The Matrix"))
    assert [row.form for row in history.rows] == ["episode", "film"]


@pytest.mark.parametrize(
    "title",
    [
        "Mission: Impossible - Fallout",
        "Kill Bill: Vol. 1",
        "Harry Potter and the Deathly Hallows: Part 1",
        "2001: A Space",
    ],
)
def test_films_with_a_colon_are_films(title: str) -> None:
    assert [row.form for row in read(short(title)).rows] == ["film"]


def test_titles_that_begin_alike_may_be_episodes_of_a_series_without_seasons() -> None:
    titles = [f"Planet Erde: {name}" for name in ("Wüsten", "Berge", "Höhlen")]
    assert [row.form for row in read(short(*titles, "Heat")).rows] == ["unclear"] * 3 + ["film"]
    assert [row.form for row in read(short(*titles[:2], titles[0])).rows] == ["film"] * 3


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["6/19/25", "1/2/25"], datetime(2025, 6, 19, tzinfo=UTC)),
        (["19/06/2025", "01/02/2025"], datetime(2025, 6, 19, tzinfo=UTC)),
        (["19.06.25"], datetime(2025, 6, 19, tzinfo=UTC)),
        (["2025-06-19"], datetime(2025, 6, 19, tzinfo=UTC)),
        (["1/2/25", "3/4/25"], None),
        (["19/06/2025", "06/19/2025"], None),
        (["31/02/2025"], None),
        (["yesterday"], None),
    ],
)
def test_local_dates_count_where_day_and_month_can_be_told(dates: list[str], first: datetime | None) -> None:
    rows = read("Title,Date\n" + "".join(f"Film {number},{date}\n" for number, date in enumerate(dates))).rows
    assert rows[0].when == first


def test_viewing_activity_of_the_person_who_watched_most() -> None:
    history = read(ACTIVITY)
    assert [(row.title, row.form, row.profile) for row in history.rows] == [
        ("The Matrix", "film", "Ada"),
        ("The Matrix Resurrections: Trailer", "trailer", "Ada"),
        ("Dark: Staffel 1: Geheimnisse (Folge 1)", "episode", "Ada"),
    ]
    assert history.rows[0].when == datetime(2025, 6, 19, 20, 11, 3, tzinfo=UTC)
    assert history.notes == ("the rows are those of profile Ada; there are others: Ben (1)",)


def test_another_profile() -> None:
    assert [row.title for row in read(ACTIVITY, profile="Ben").rows] == ["Toy Story"]
    with pytest.raises(ExportError, match="there is no profile 'Cy'; there is Ada, Ben"):
        read(ACTIVITY, profile="Cy")


def test_thumbs_and_the_stars_of_old() -> None:
    history = read(RATINGS)
    assert [(row.kind, row.title, row.stars) for row in history.rows] == [
        ("like", "The Matrix", None),
        ("dislike", "Toy Story", None),
        ("like", "Alien", None),
        ("rating", "Heat", 4.0),
    ]
    assert [(fault.line, fault.detail) for fault in history.faults] == [(7, "thumbs value is '7'; expected 1, 2 or 3")]


def test_all_that_netflix_sends() -> None:
    history = read(
        {
            "CONTENT_INTERACTION/ViewingActivity.csv": ACTIVITY,
            "CONTENT_INTERACTION/Ratings.csv": RATINGS,
            "PAYMENT_AND_BILLING/BillingHistory.csv": "Transaction Date,Amount\n2025-01-01,9.99\n",
            "Cover Sheet.pdf": "%PDF-1.7",
        }
    )
    assert len(history.rows) == 7
    assert {row.profile for row in history.rows} == {"Ada"}
