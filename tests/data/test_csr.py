import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.csr import CSR, stable_order
from reelwise.errors import ModelError
from support.models.memory_store import MemoryStore

Table = list[dict[int, float]]
"""For each row its stars by index."""

TABLES = st.lists(st.dictionaries(st.integers(0, 9), st.sampled_from([0.5, 3.0, 5.0]), max_size=5), max_size=6)


def to_csr(table: Table) -> CSR:
    lines = [(row, index, stars) for row, given in enumerate(table) for index, stars in given.items()]
    by, indices, stars = np.array(lines[::-1]).reshape(-1, 3).T
    return CSR.grouped(by.astype(np.int32), indices.astype(np.int32), stars.astype(np.float32), len(table))


def to_table(rows: CSR) -> Table:
    """The table; its rows ascend."""
    table = [dict(zip(*(column.tolist() for column in rows[row]), strict=True)) for row in range(len(rows))]
    assert all(list(given) == sorted(given) for given in table)
    assert [column.dtype.str for column in vars(rows).values()] == ["<i8", "<i4", "<f4"]
    return table


@given(TABLES)
def test_lines_in_any_order_are_grouped_by_row(table: Table) -> None:
    rows = to_csr(table)
    assert to_table(rows) == table
    assert rows.counts().tolist() == [len(given) for given in table]
    assert rows.row_numbers().tolist() == [row for row, given in enumerate(table) for _ in given]
    assert rows.indicators(10).tolist() == [[float(index in given) for index in range(10)] for given in table]


@given(TABLES, st.data())
def test_some_rows_are_those_of_the_table(table: Table, data: st.DataObject) -> None:
    rows = to_csr(table)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(table))] * 2)))
    assert to_table(rows.part(start, stop)) == table[start:stop]
    chosen = data.draw(st.lists(st.sampled_from(range(len(table))), max_size=8) if table else st.just([]))
    taken = np.array(chosen, np.int32)
    assert to_table(rows.take(taken)) == [table[row] for row in chosen]
    assert rows.joined(taken).tolist() == [index for row in chosen for index in sorted(table[row])]


@given(TABLES, st.permutations([-1, -1, -1, *range(7)]))
def test_columns_get_other_places_or_none(table: Table, places: list[int]) -> None:
    moved = to_csr(table).translate(np.array(places, np.int32))
    assert to_table(moved) == [
        dict(sorted((places[index], stars) for index, stars in given.items() if places[index] >= 0)) for given in table
    ]


@given(TABLES)
def test_what_is_saved_is_loaded(table: Table) -> None:
    store, rows = MemoryStore(), to_csr(table)
    rows.save(store, "some", "films")
    assert {*store} == {"some_offsets", "some_films", "some_stars"}
    assert to_table(CSR.load(store, "some", (len(table), 10), (0.5, 5), "films")) == table
    if any(table):
        with pytest.raises(ModelError, match="some_films"):
            CSR.load(store, "some", (len(table), int(rows.indices.max())), (0.5, 5), "films")


@given(TABLES, st.data())
def test_rows_and_columns_are_spread_among_more(table: Table, data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, 20), min_size=len(table), max_size=len(table))))
    spread = to_table(to_csr(table).spread_rows(np.array(places, np.int32), 21))
    assert spread == [table[places.index(row)] if row in places else {} for row in range(21)]
    columns = to_table(to_csr(table).spread_columns(np.arange(0, 20, 2, dtype=np.int32)))
    assert columns == [{2 * index: stars for index, stars in given.items()} for given in table]


@given(TABLES, st.sets(st.integers(0, 9)))
def test_some_columns_are_those_of_the_table(table: Table, chosen: set[int]) -> None:
    columns = sorted(chosen)
    found = to_table(to_csr(table).columns(np.array(columns, np.int32), 10))
    assert found == [
        {columns.index(index): stars for index, stars in given.items() if index in chosen} for given in table
    ]


def test_empty_rows_have_nothing() -> None:
    assert to_table(CSR.empty(3)) == [{}, {}, {}]


@given(st.lists(st.integers(0, 3) | st.integers(0, 2**63 - 1), max_size=40))
def test_the_stable_order_sorts_and_leaves_equals_in_their_order(keys: list[int]) -> None:
    expected = sorted(range(len(keys)), key=keys.__getitem__)
    assert stable_order(np.array(keys, np.int64)).tolist() == expected


@pytest.mark.parametrize("high", [2**61 - 1, 2**61])  # three positions take two of 63 bits
def test_the_largest_keys_that_can_be_packed_and_the_smallest_that_cannot_are_sorted_alike(high: int) -> None:
    assert stable_order(np.array([high, 0, high], np.int64)).tolist() == [1, 0, 2]
