"""Draws of a project over every ranged figure, block by block, on this machine or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsJson, AsOf, PackageName, With, app, open_corridor_, print_json


@app.command()
def sweep(
    project: Annotated[str, typer.Argument(help="Project of the package, such as the one its study decides on.")],
    draws: Annotated[int, typer.Option(help="How many, a power of two from 64.")] = 64,
    workers: Annotated[int, typer.Option(help="Processes; 0 for one per core.")] = 0,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler on a network you trust.")] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the blocks; a sweep goes on from those there.")
    ] = Path("sweep"),
    as_of: AsOf = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Solve the day with and without a project at every draw; what is stored is not solved again."""
    from serai.api import as_day
    from serai.study.draws import sweep_lines, sweep_project

    found = sweep_project(open_corridor_(package, overlays), project, as_day(as_of), draws, out, workers, dask)
    if as_json:
        print_json(found)
        return
    for line in sweep_lines(found):
        typer.echo(line)
