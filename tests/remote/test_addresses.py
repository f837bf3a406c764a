"""An address says where a model is; what it says may be shown."""

from pathlib import Path

import pytest

from reelwise.errors import UsageError
from reelwise.remote.addresses import check_address, is_folder, obtain_folder, shown_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("my models/one", "my models/one"),
        ("hf://alice/films@main", "hf://alice/films@main"),
        ("https://me:secret@example.org/model.zip?signature=secret#x", "https://example.org/model.zip"),
        ("s3://key:secret@bucket/model", "s3://bucket/model"),
    ],
)
def test_secrets_are_not_shown(address: str, shown: str) -> None:
    assert shown_address(address) == shown


def test_a_folder_is_taken_as_it_is() -> None:
    assert is_folder("model")
    assert obtain_folder("some/model") == Path("some/model")
    assert not is_folder("hf://alice/films")


@pytest.mark.parametrize("address", ["", "hf://alice", "hf://alice/films@"])
def test_what_can_be_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address)
