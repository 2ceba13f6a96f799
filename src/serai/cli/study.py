"""The study of a corridor from end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsOf, With, app, open_corridor_


@app.command()
def study(
    name: Annotated[str, typer.Argument(help="Name or folder of the data package.")] = "ewec",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the report; build/NAME by default.")
    ] = None,
    as_of: AsOf = None,
    overlays: With = None,
    experts: Annotated[
        Path | None, typer.Option(help="What named experts judge, .csv or .xlsx; in place of the study's own.")
    ] = None,
    article: Annotated[
        str | None, typer.Option("--article", help="A text or HTML file, or an address, to be checked claim by claim.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(help="Draws of the decision, a power of two from 64; 0 leaves the decision out.")
    ] = None,
) -> None:
    """Examine a corridor from end to end and write the report."""
    from serai.api import as_day
    from serai.report import write
    from serai.study import run

    package = open_corridor_(name, overlays)
    result = run(package, as_day(as_of), draws, experts, article)
    folder = out or Path("build") / package.meta.name
    left_out = write(result, folder)
    from serai.report.console import print_study

    print_study(result, folder, left_out)
