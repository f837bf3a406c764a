"""How things look on the terminal: progress bars and tables. Results go to stdout, everything else to stderr."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from reelwise.errors import in_one_line

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Something beside the results; what it quotes steers no terminal."""
    err.print(in_one_line(message), markup=False)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Print a table; numbers are set to the right, and no word is broken."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for position, heading in enumerate(headings):
        is_number = bool(rows) and isinstance(rows[0][position], int | float)
        words = chain(heading.split(), *(_cell(row[position]).split() for row in rows))
        made.add_column(
            heading,
            justify="right" if is_number else "left",
            overflow="fold",
            min_width=max(map(len, words), default=0),
        )
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    out.print(made)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return "".join(filter(str.isprintable, text)).replace("[", r"\[")  # a stranger's title steers no terminal


def _bars(*columns: ProgressColumn) -> Progress:
    """Progress bars, which are gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), *columns, TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)


@contextmanager
def download_progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar for bytes; gives the function to call with bytes done and bytes in all, if known."""
    with _bars(DownloadColumn(), TransferSpeedColumn()) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def counting_progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar; gives the function to call with how many more are done."""
    with _bars(MofNCompleteColumn()) as progress:
        task = progress.add_task(name, total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def step_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each step; gives the function to call with a step, how much is done, and how much there is."""
    with _bars(TaskProgressColumn()) as progress:
        tasks: dict[str, TaskID] = {}

        def on_progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done)

        yield on_progress


@contextmanager
def attempts_progress(
    headings: Sequence[str], total: int, before: Sequence[Sequence[str]]
) -> Iterator[Callable[[Sequence[str]], None]]:
    """A table that grows above a progress bar; gives the function to call with each new row.

    Args:
        headings: of the columns; numbers as wide as these are lined up.
        total: how many rows there will be, `before` included.
        before: the rows that are there already.
    """
    widths = [max(len(heading), 9) for heading in headings]

    def line(cells: Sequence[str]) -> str:
        return " ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))

    with _bars(MofNCompleteColumn()) as progress:
        task = progress.add_task("attempts", total=total)

        def on_row(cells: Sequence[str]) -> None:
            progress.console.print(line(cells), markup=False)
            progress.advance(task)

        progress.console.print(line(headings), style="bold", markup=False)
        for row in before:
            on_row(row)
        yield on_row
