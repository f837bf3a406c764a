import sys
import types
from typing import Any

import pytest

from reelwise.progress import FitProgress, reporting

STEPS = [FitProgress("stars", 1, 4, "RMSE 0.9"), FitProgress("stars", 4, 4, "<done>"), FitProgress("taste", 2, 6)]


def test_a_function_is_told_each_step() -> None:
    told: list[FitProgress] = []
    with reporting(told.append) as report:
        for step in STEPS:
            report(step)
    assert told == STEPS


@pytest.mark.parametrize("progress", [None, False])
def test_nobody_watching_means_nothing_is_shown(progress: bool | None, capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(progress) as report:
        report(STEPS[0])
    assert capsys.readouterr() == ("", "")


def test_bars_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(True) as report:
        for step in STEPS:
            report(step)
    out, err = capsys.readouterr()
    assert out == ""
    assert "stars" in err
    assert "4/4" in err
    assert "<done>" in err


def test_a_fit_that_stops_early_does_not_look_aborted(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(True) as report:
        report(FitProgress("stars", 12, 40))
        report(FitProgress("taste", 2, 6))
    last = capsys.readouterr().err
    assert "12/12" in last
    assert "2/2" in last
    with pytest.raises(KeyboardInterrupt):
        interrupt_a_fit()
    assert "12/40" in capsys.readouterr().err


def interrupt_a_fit() -> None:
    with reporting(True) as report:
        report(FitProgress("stars", 12, 40))
        raise KeyboardInterrupt


def test_bars_within_bars_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(True), reporting(True) as report:
        report(FitProgress("inner", 1, 2))
    assert "inner" not in capsys.readouterr().err
    with reporting(True) as report:  # and whoever comes later shows bars again
        report(FitProgress("later", 1, 2))
    assert "later" in capsys.readouterr().err


def test_a_notebook_gets_html_that_changes_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Handle:
        def update(self, html: str) -> None:
            shown.append(html)

    def display(html: str, display_id: bool) -> Any:
        shown.append(html)
        return Handle()

    fake = types.ModuleType("IPython.display")
    fake.HTML, fake.display = str, display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    with reporting() as report:
        for step in STEPS:
            report(step)
    assert '<progress value="4" max="4"></progress></td><td>4/4</td><td>&lt;done&gt;</td>' in shown[-1]
    assert shown[-1].count("<tr>") == 2
