"""The progress of long work, on a terminal, in a notebook, or by a callback."""

import html
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class FitProgress:
    """The progress of one fit.

    Attributes:
        fit: its name, such as "stars, measuring".
        done: epochs or iterations that are done.
        total: the most that there will be.
        note: shown beside the bar.
    """

    fit: str
    done: int
    total: int
    note: str = ""


OnFit = Callable[[FitProgress], object]

Progress = bool | OnFit | None
"""True shows bars, False does not, None does on a terminal and in a notebook; or a progress callback."""

_display = threading.Lock()  # held while bars are shown; other work meanwhile shows none


@contextmanager
def reporting(progress: Progress = None) -> Iterator[OnFit]:
    """Give the function to call as work goes on.

    Bars go to stderr, or below the cell of a notebook. While some are shown, there are no others.
    """
    if callable(progress):
        yield progress
    elif progress is False or not (progress or _is_watched()) or not _display.acquire(blocking=False):
        yield lambda _: None
    else:
        try:
            with _notebook_bars() if _in_notebook() else _terminal_bars() as on_fit:
                yield on_fit
        finally:
            _display.release()


def _is_watched() -> bool:
    return _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules


@contextmanager
def _terminal_bars() -> Iterator[OnFit]:
    """A bar for each fit on the terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:>3}/{task.total}"),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True, highlight=False, soft_wrap=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def end_all() -> None:
            """Fill the bars of fits that stopped before their last epoch."""
            for task in bars.tasks:
                bars.update(task.id, total=task.completed)

        def on_fit(step: FitProgress) -> None:
            if step.fit not in tasks:
                end_all()
                tasks[step.fit] = bars.add_task(step.fit, total=step.total, note="")
            bars.update(tasks[step.fit], completed=step.done, total=step.total, note=step.note)

        yield on_fit
        end_all()


@contextmanager
def _notebook_bars() -> Iterator[OnFit]:
    """A bar for each fit in a notebook, as plain HTML, which needs no widgets."""
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    steps: dict[str, FitProgress] = {}

    def end_all() -> None:
        for fit, step in steps.items():
            steps[fit] = replace(step, total=step.done)

    def on_fit(step: FitProgress) -> None:
        if step.fit not in steps:
            end_all()
        steps[step.fit] = step
        handle.update(HTML(_bars_as_html(steps.values())))

    yield on_fit
    end_all()
    handle.update(HTML(_bars_as_html(steps.values())))


def _bars_as_html(steps: Iterable[FitProgress]) -> str:
    rows = (
        f'<tr><td>{html.escape(step.fit)}</td><td><progress value="{step.done}" max="{step.total}"></progress></td>'
        f"<td>{step.done}/{step.total}</td><td>{html.escape(step.note)}</td></tr>"
        for step in steps
    )
    return f"<table>{''.join(rows)}</table>"
