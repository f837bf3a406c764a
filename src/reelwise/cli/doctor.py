"""The command that finds faults and says how to fix them: doctor."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from reelwise.cli.asking.outlet import put_json
from reelwise.cli.options import JsonOption, ModelOption, settings_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reelwise.cli.diagnosis import Finding

commands = typer.Typer()

_SIGNS = {"good": "✓", "warning": "!", "bad": "✗"}


@commands.command(epilog="Example: [bold]reelwise doctor --model model[/bold]")
def doctor(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Check the installation, the model, the way to the Hub and the port, and say what to fix.

    A model that is elsewhere is fetched. Exits with 1 if something must be fixed (✗), else with 0, warnings (!) or not.
    """
    from reelwise.cli.diagnosis import diagnose
    from reelwise.cli.terminal import err

    with err.status("Checking …") as status:

        def on_progress(done: int, total: int | None) -> None:
            status.update(f"Fetching the model: {done / 1e6:,.1f}{f' of {total / 1e6:,.1f}' if total else ''} MB")

        findings = list(diagnose(lambda: settings_with(model=model), on_progress))
    if as_json:
        put_json([asdict(finding) for finding in findings])
    else:
        _show(findings)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def _show(findings: "Sequence[Finding]") -> None:
    from reelwise.cli.terminal import table

    table(("", "area", "what"), [(_SIGNS[finding.state], finding.area, finding.what) for finding in findings])
    fixes = dict.fromkeys(
        f"{_SIGNS[finding.state]} {finding.area}: {finding.fix}" for finding in findings if finding.fix
    )
    typer.echo("\n" + "\n".join(["To fix:", *fixes] if fixes else ["Nothing to fix."]))
