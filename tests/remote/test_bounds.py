"""What comes from afar ends at what was announced, at a cap, and in time."""

import pytest

from reelwise.errors import DownloadError
from reelwise.remote import bounds
from reelwise.remote.bounds import bounded


def test_what_is_expected_is_passed_on() -> None:
    seen = list[tuple[int, int | None]]()
    report = bounded(lambda *said: seen.append(said), "hf://me/films", 100)
    for done in (0, 50, 100):
        report(done, 100)
    assert seen == [(0, 100), (50, 100), (100, 100)]


def test_one_byte_more_ends_it() -> None:
    report = bounded(lambda *_: None, "hf://me/films", 100)
    with pytest.raises(DownloadError, match="hf://me/films: more than the expected 100 bytes came"):
        report(101, None)


def test_what_comes_for_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LONGEST", -1.0)
    report = bounded(lambda *_: None, "hf://me/films")
    with pytest.raises(DownloadError, match="hf://me/films: the download is too slow"):
        report(1, None)
