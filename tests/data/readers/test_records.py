"""Whatever quotes stand in a text file, and wherever: its records are those that Python's `csv` finds."""

import csv
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reelwise.data.readers import records
from reelwise.data.readers.opening import TextFile
from reelwise.data.readers.records import prepare, read_text
from reelwise.data.readers.tables import read_columns
from reelwise.errors import DataError

LOST = ['saw it on my 50" TV', "fine", "ok", "good", 'own the 12" disc', "meh"]


def write(path: Path, notes: list[str], separator: str = ",") -> Path:
    lines = [("user", "movie", "rating", "review"), *((f"{user}", "10", "4", one) for user, one in enumerate(notes))]
    path.write_text("".join(separator.join(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "notes",
    [
        LOST,
        ['12"', "b", "c"],
        ['"a ""good"" one"', 'a 12" disc', '"one\nand two"', "x"],
        ['"a"', '"b\n\n""c"""', ""],
        ['" "" "', '""', '""""', '"a" b'],
    ],
)
def test_no_rating_is_lost_by_a_quote_in_a_note(tmp_path: Path, notes: list[str], separator: str) -> None:
    read = read_columns(write(tmp_path / "ratings.csv", notes, separator))
    assert read.user_ids.tolist() == list(range(len(notes)))


def test_a_quote_before_the_rating_is_one_of_its_field(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text('user,title,rating\n1,The 12" Disc,4\n2,"Good, ""Bad"", Ugly",3\n3,5" 2,2\n4,Heat,1\n')
    read = read_columns(path)
    assert [one.decode() for one in read.movie_ids.tolist()] == ['The 12" Disc', 'Good, "Bad", Ugly', '5" 2', "Heat"]
    assert read.stars.tolist() == [4, 3, 2, 1]


def test_a_field_that_never_ends_is_named_where_its_column_is_none_of_the_ratings(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 3: a quoted field never ends in '1,10,4,\"b'"):
        read_columns(write(tmp_path / "ratings.csv", ['a 12" disc', '"b', "c"]))


LOOSE = st.text('"a ', max_size=5)
ENCLOSED = st.text('"a,\n', max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"')


@given(rows=st.lists(st.tuples(*[LOOSE | ENCLOSED] * 2), min_size=1, max_size=6), block=st.integers(1, 30))
def test_polars_finds_what_csv_finds(rows: list[tuple[str, str]], block: int) -> None:
    content = "".join(f"{one},{other}\n" for one, other in rows)
    *expected, last = csv.reader([*content.splitlines(keepends=True), "end"])
    assume(last == ["end"])
    assume(all(len(row) == 2 for row in expected))
    file = TextFile(content.encode(), "", has_quotes='"' in content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_BLOCK", block)
        frame = read_text(file, ",", False, "utf8")
    assert [[one or "" for one in row] for row in frame.rows()] == expected


def test_a_file_with_quotes_in_their_places_is_read_as_it_is(tmp_path: Path) -> None:
    paired = TextFile.of(path := write(tmp_path / "a.csv", ['"a, ""b"""', '"c"']), path.read_bytes())
    assert prepare(paired, ",", True) == (path, '"')
    alone = TextFile.of(path := write(tmp_path / "b.csv", LOST), path.read_bytes())
    assert prepare(alone, ",", True) == (path, None)
