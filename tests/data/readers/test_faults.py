import pytest

from reelwise.data.readers.faults import Fault, naming
from reelwise.errors import DataError


def test_a_fault_is_named_from_the_inside_out() -> None:
    with pytest.raises(DataError) as raised, naming("ratings.csv"), naming("line 1"), naming("(without a header)"):
        raise Fault("there are no stars")
    assert str(raised.value) == "ratings.csv line 1 (without a header): there are no stars"


def test_where_it_is_stands_after_the_name() -> None:
    with pytest.raises(Fault, match=r"^ratings\.csv line 7: no stars$"), naming("ratings.csv"):
        raise Fault("no stars", "line 7")


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(DataError, match=r"^other\.csv: there is no such file$"), naming("ratings.csv"):
        raise DataError("other.csv: there is no such file")
