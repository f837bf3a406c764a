import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.vocabulary import LONGEST_ID, Id, Vocabulary, as_array

NUMBERS = st.integers(0, 60) | st.integers(0, 2**63 - 1)
SMALL = st.integers(0, 60)  # looked up in a table, large ones by searching
STRINGS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9)
IDS = st.lists(NUMBERS) | st.lists(SMALL) | st.lists(STRINGS)


@given(IDS)
def test_ids_ascend_and_a_row_leads_to_its_id_and_back(ids: list[Id]) -> None:
    vocabulary = Vocabulary.of(ids)
    assert list(vocabulary) == sorted(set(ids))
    assert vocabulary.at(np.arange(len(vocabulary))) == [vocabulary[row] for row in range(len(vocabulary))]
    assert [vocabulary.row(one) for one in vocabulary] == list(range(len(vocabulary)))
    assert all(one in vocabulary for one in ids)
    assert vocabulary == Vocabulary.of(as_array(ids[::-1]))


@given(
    st.tuples(st.lists(NUMBERS | SMALL), st.lists(NUMBERS | SMALL)) | st.tuples(st.lists(STRINGS), st.lists(STRINGS))
)
def test_rows_of_many_ids_are_those_of_each(lists: tuple[list[Id], list[Id]]) -> None:
    vocabulary, wanted = Vocabulary.of(lists[0]), [*lists[0], *lists[1]]
    expected = [-1 if (row := vocabulary.row(one)) is None else row for one in wanted]
    assert vocabulary.rows(as_array(wanted)).tolist() == expected


@pytest.mark.parametrize("ids", [[0, 5], [3, 5], [5, 2**40]])
def test_numbers_out_of_range_have_no_rows(ids: list[int]) -> None:
    beyond = np.array([-(2**63), -7, -1, 1, 4, 6, 2**40 + 1, 2**63 - 1])
    assert (Vocabulary.of(ids).rows(beyond) == -1).all()


@pytest.mark.parametrize(
    ("ids", "strange"),
    [
        ([0, 1], [-1, 2, 2**63, 2**200, 1.0, float("nan"), float("inf"), True, np.True_, None, "1", b"1"]),
        (["1", "?", "a"], [1, None, "", "A", "a\0", "\0", "\ud800", "ä", b"a", "a" * 1000, "b"]),
        ([], [0, "", "a", None]),
    ],
)
def test_what_is_no_id_of_that_kind_has_no_row(ids: list[Id], strange: list[object]) -> None:
    vocabulary = Vocabulary.of(ids)
    assert [vocabulary.row(one) for one in strange] == [None] * len(strange)
    assert not any(one in vocabulary for one in strange)


@pytest.mark.parametrize("kind", [int, np.int8, np.int32, np.uint64])
def test_whole_numbers_of_any_type_are_found(kind: type) -> None:
    assert Vocabulary.of([3, 2**60 + 1]).row(kind(3)) == 0


@pytest.mark.parametrize(
    "ids",
    [
        *([1, "a"], ["a", 1], [""], ["a", "b" * (LONGEST_ID + 1)], ["a\0"], ["\ud800"], [b"a"], [None]),
        *([-1], [True], [1.0], [2**63], np.array([-1]), np.array([2**63], np.uint64), np.array([1.5])),
    ],
)
def test_what_cannot_be_an_id_is_refused(ids: list[Id]) -> None:
    with pytest.raises(
        ValueError, match="cannot be an id here; expected whole numbers from 0, or else strings of 1 to"
    ):
        Vocabulary.of(ids)


def test_long_ids_of_any_script_are_kept() -> None:
    longest = "Ж" * LONGEST_ID
    assert Vocabulary.of(np.array([longest, "a"])).at(slice(None)) == ["a", longest]


def test_kinds_are_told_apart_and_nothing_changes() -> None:
    numbers, strings = Vocabulary.of([1, 2]), Vocabulary.of(["1", "2"])
    assert numbers.are_numbers
    assert not strings.are_numbers
    assert numbers != strings
    assert numbers != [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        numbers.ids[0] = 0
