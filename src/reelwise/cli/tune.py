"""The command that searches for hyper-parameters: tune."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.options import (
    SEED,
    ColumnsOption,
    DataOption,
    ScaleOption,
    SeedOption,
    ThreadsOption,
)
from reelwise.cli.reading import open_dataset
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from reelwise.evaluation.tuning import Trial

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise tune --data data/ml-latest-small --out tuned.json[/bold]")
def tune(
    data: DataOption,
    columns: ColumnsOption = None,
    out: Annotated[Path, typer.Option("--out", help="Where the best settings go.", metavar="FILE")] = Path(
        "tuned.json"
    ),
    attempts: Annotated[
        int, typer.Option("--attempts", min=1, max=10_000, help="How many to try, over all runs.")
    ] = 40,
    journal: Annotated[
        Path | None, typer.Option("--journal", help="What was tried. \\[default: beside --out]", metavar="FILE")
    ] = None,
    scale: ScaleOption = None,
    seed: SeedOption = SEED,
    threads: ThreadsOption = None,
) -> None:
    """Search for the rating model's best hyper-parameters; `reelwise train --config FILE` takes what was found.

    Settings are drawn at random, and those that fall behind are stopped early. A search that was stopped resumes when
    it is called again. Finally the best are compared with the defaults on ratings that no choice was based on.
    """
    from reelwise.cli.terminal import attempts_progress, say
    from reelwise.data.arguments import count_threads
    from reelwise.evaluation.settings_file import write_settings
    from reelwise.evaluation.tuning import Search
    from reelwise.models.rating.matrix_factorization import MatrixFactorization

    journal = journal or out.with_suffix(".journal")
    _check_out(out, journal)
    dataset = open_dataset(data, columns, scale)
    MatrixFactorization.require_stars(dataset)
    search = Search(
        dataset.ratings.interactions(),
        seed=seed,
        threads=count_threads(threads),
        journal=journal,
    )
    earlier = search.earlier_trials()
    if earlier:
        say(f"{search.journal} holds {len(earlier)} attempts on these ratings; going on from there.")
    with attempts_progress(_HEADINGS, attempts, [_cells(trial) for trial in earlier]) as on_row:
        found = search.run(attempts, lambda trial: on_row(_cells(trial)))
    write_settings(found, out)
    if round(found.test_rmse, 4) >= round(found.default_test_rmse, 4):  # as they are shown
        say(
            f"Nothing better than the defaults was found: their RMSE on test ratings is {found.default_test_rmse:.4f}, "
            f"that of the best attempt {found.test_rmse:.4f}."
        )
    else:
        say(
            f"RMSE {found.test_rmse:.4f} on test ratings, with the defaults {found.default_test_rmse:.4f}. "
            f"Next: reelwise train --data {data} --config {out}"
        )
    typer.echo(str(out))


def _check_out(out: Path, journal: Path) -> None:
    """Refuse to write over anything but settings that an earlier search found.

    Raises:
        UsageError: Raised when something else is there, or it cannot be written.
    """
    from reelwise.evaluation.settings_file import read_settings
    from reelwise.storage.atomic import check_file, follow

    check_file(out)
    if follow(out) == follow(journal):
        raise UsageError(f"--out and --journal are both {out}; name another file with --out, such as tuned.json")
    if out.exists():
        try:
            read_settings(out)
        except UsageError:
            raise UsageError(f"--out is {out}, which holds something other than settings; name another file") from None


_HEADINGS = ("", "RMSE", "epochs", "outcome", "factors", "rate", "L2 user", "L2 movie", "exponent", "ridge", "damping")


def _cells(trial: "Trial") -> tuple[str, ...]:
    config = trial.config
    return (
        str(trial.number + 1),
        f"{trial.rmse:.4f}",
        str(trial.epochs),
        trial.outcome,
        str(config.factors),
        f"{config.learning_rate:.4f}",
        f"{config.user_regularisation:.2f}",
        f"{config.movie_regularisation:.2f}",
        f"{config.frequency_exponent:.2f}",
        f"{config.prior_ridge:.1f}",
        f"{config.bias_damping:.1f}",
    )
