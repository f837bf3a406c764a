"""Serving: serve, info about the model that would be served, and what clients are generated from."""

import json
from pathlib import Path
from typing import Annotated

import typer

from reelwise.cli.asking.outlet import put, put_json
from reelwise.cli.models import open_model
from reelwise.cli.options import HostOption, InsecureOption, JsonOption, ModelOption, PortOption, settings_with

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise serve --model model --port 8000[/bold]")
def serve(
    model: ModelOption = None,
    host: HostOption = None,
    port: PortOption = None,
    insecure: InsecureOption = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Processes, which share one copy of the model. \\[default: 1]"),
    ] = None,
) -> None:
    """Serve a model over HTTP. Without one the server starts all the same, and says what to do.

    A model that is elsewhere is fetched while the server already answers; /health/ready tells how far it is. A new
    model in the folder takes the old one's place by itself; SIGHUP asks for it, wherever the model is.
    """
    from reelwise.serving.run.server import check_port, serve_model

    settings = settings_with(model=model, host=host, port=port, insecure=insecure, workers=workers)
    check_port(settings)
    serve_model(settings)


@commands.command(epilog="Example: [bold]reelwise info --model model[/bold]")
def info(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Check a model folder and show what is in it."""
    from reelwise.cli.summary import model_facts
    from reelwise.cli.terminal import table

    loaded = open_model(model)
    if as_json:
        metrics = loaded.metrics.model_dump(mode="json", exclude_none=True) if loaded.metrics else {}
        content = {"config": loaded.config.model_dump(mode="json"), "metrics": metrics}
        put_json(content)
    else:
        table(("what", "value"), model_facts(loaded))


@commands.command(epilog="Example: [bold]reelwise openapi --out openapi.json[/bold]")
def openapi(
    out: Annotated[Path | None, typer.Option("--out", help="File to write. \\[default: print]", metavar="FILE")] = None,
) -> None:
    """Write the OpenAPI document, from which clients are generated. It takes no model and no server."""
    from reelwise.serving.application import describe_api

    put(json.dumps(describe_api(), indent=2) + "\n", out)
