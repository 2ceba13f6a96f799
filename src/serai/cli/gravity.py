"""Gravity on a user's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsJson, app, print_json, split
from serai.core.errors import InputError


@app.command()
def gravity(
    data: Annotated[Path, typer.Argument(help="CSV file: a row for each exporter and importer, home trade included.")],
    covariates: Annotated[str, typer.Option(help="Columns that explain trade, such as ln_dist,border.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a covariate, such as pta=1:CAN>JPN,JPN>CAN or border=0; may be repeated."),
    ] = None,
    equilibrium: Annotated[
        str,
        typer.Option(help="conditional, full, shares-held or guide; see the page on the trade model."),
    ] = "full",
    sigma: Annotated[float, typer.Option(help="Elasticity of substitution; the trade elasticity is one less.")] = 6.0,
    reference: Annotated[str, typer.Option(help="Economy whose price index is one; default the largest buyer.")] = "",
    exporter: Annotated[str, typer.Option(help="Column of the exporter.")] = "exporter",
    importer: Annotated[str, typer.Option(help="Column of the importer.")] = "importer",
    trade: Annotated[str, typer.Option(help="Column of the value of trade.")] = "trade",
    cluster: Annotated[str, typer.Option(help="Column of groups for standard errors; robust by default.")] = "",
    output: Annotated[str, typer.Option(help="Column of the exporter's output; sum of its trade by default.")] = "",
    spending: Annotated[str, typer.Option(help="Column of the importer's spending; sum of its trade by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Estimate a gravity equation, and what trade and real income do when trade costs change."""
    from serai.trade.gravity_table import (
        KINDS,
        Columns,
        counterfactual,
        estimate,
        gravity_json,
        read_gravity_table,
        read_setting,
    )

    if equilibrium not in KINDS:
        raise InputError(f"--equilibrium {equilibrium} is not known", f"Use {', '.join(KINDS)}.")
    settings = [read_setting(text) for text in set_ or []]
    columns = Columns(tuple(split(covariates)), exporter, importer, trade, cluster, output, spending)
    table = read_gravity_table(data, columns)
    fit = estimate(table, reference)
    kind = KINDS[equilibrium]
    change = counterfactual(table, fit, settings, sigma=sigma, kind=kind, reference=reference) if settings else None
    if as_json:
        print_json(gravity_json(table, fit, change))
        return
    from serai.report.gravity import print_gravity

    print_gravity(gravity_json(table, fit, change))
