"""What named experts judge of a corridor, before it goes into a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsJson, PackageName, With, app, open_, print_json


@app.command()
def experts(
    table: Annotated[Path, typer.Argument(help="CSV or workbook: expert, criterion, score, low, high, rationale.")],
    template: Annotated[
        bool, typer.Option("--template", help="Write an empty table with the package's criteria there.")
    ] = False,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Sum up what experts judge where no model computes: ranges, disagreement, what the weights do."""
    from serai.study.judgement import judged_thresholds, table_judged, write_template

    opened = open_(package, overlays)
    if template:
        write_template(opened, table)
        typer.echo(f"Wrote {table}: {', '.join(judged_thresholds(opened))}. Scores run from 0 to 10.")
        return
    found = table_judged(opened, table)
    if as_json:
        print_json(found)
        return
    for line in found["lines"]:
        typer.echo(line)
