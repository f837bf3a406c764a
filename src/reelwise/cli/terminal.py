"""How things look on the terminal: progress bars and tables. Results go to stdout, everything else to stderr."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

if TYPE_CHECKING:
    from reelwise.models.sgd import Epoch

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """One line beside the results."""
    err.print(message, markup=False)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Print a table; numbers are set to the right."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for position, heading in enumerate(headings):
        is_number = bool(rows) and isinstance(rows[0][position], int | float)
        made.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    out.print(made)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text.replace("[", r"\[")


@contextmanager
def download_progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar for bytes; gives the function to call with bytes done and bytes in all, if known."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def training_progress() -> Iterator[Callable[[str, "Epoch"], None]]:
    """A progress bar for each fit; gives the function to call after each of its epochs."""
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("epoch {task.completed}/{task.total}"),
        TextColumn("{task.fields[rmse]}"),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        tasks: dict[str, TaskID] = {}

        def on_epoch(name: str, epoch: "Epoch") -> None:
            rmse = "" if epoch.rmse is None else f"hold-out RMSE {epoch.rmse:.4f}"
            speed = f"{epoch.ratings / max(epoch.seconds, 1e-9) / 1e6:.1f} M ratings/s"
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=epoch.of, rmse="", speed="")
            progress.update(tasks[name], completed=epoch.number, rmse=rmse, speed=speed)

        yield on_epoch
