"""Feasibility of the user's own tables: a cash flow, and a game between countries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsJson, app, print_json


@app.command()
def appraise(
    table: Annotated[
        Path, typer.Argument(help="CSV or workbook: year, capital, o_and_m, benefit, fees, carbon, residual in USD.")
    ],
    convention: Annotated[str, typer.Option(help="adb (9 %) or world-bank (6 %).")] = "adb",
    rate: Annotated[
        float | None, typer.Option(help="Discount rate, such as 0.12, in place of the convention's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Appraise a cash flow of your own: present value, all rates of return, switching values."""
    from serai.feasibility.own import appraisal_data, appraisal_lines, read_cash_flows
    from serai.feasibility.own import convention as rules

    data = appraisal_data(read_cash_flows(table), rules(convention, rate))
    if as_json:
        print_json(data)
        return
    for line in appraisal_lines(data):
        typer.echo(line)


@app.command()
def game(
    table: Annotated[Path, typer.Argument(help="CSV or workbook: coalition (members joined by +), value, low, high.")],
    gains: Annotated[
        str | None, typer.Option(help="What each member gains when all take part, such as A:10,B:-3.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Examine who holds a coalition together: shares, core, veto, payments that keep everyone in."""
    from serai.feasibility.own import game_data, read_gains, read_game

    central, ends = read_game(table)
    own = read_gains(gains, central.members) if gains is not None else None
    data, lines = game_data(central, ends, own)
    if as_json:
        print_json(data)
        return
    for line in lines:
        typer.echo(line)
