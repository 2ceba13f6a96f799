"""Solve a counterfactual, and ask who gains from less time or money anywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from serai.cli.app import AsJson, AsOf, PackageName, With, app, open_corridor_, print_json


@app.command()
def solve(
    scenario: Annotated[str | None, typer.Option(help="Scenario of the package by name, or a scenario file.")] = None,
    new_trade: Annotated[
        bool, typer.Option("--new-trade", help="Add what pairs that do not trade a good today might, as its own line.")
    ] = False,
    as_of: AsOf = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Solve routes, queues, trade and welfare together, and say who gains."""
    from serai.api import apply_scenario, as_day
    from serai.corridor.service import Extras, solve_scenario

    opened = open_corridor_(package, overlays)
    changed = apply_scenario(opened, scenario) if scenario else None
    found = solve_scenario(opened, changed, as_day(as_of), scenario or "", Extras(ranges=True, new_trade=new_trade))
    if as_json:
        print_json(found)
        return
    from serai.report.gains import print_solved

    print_solved(opened, found)


@app.command()
def gradient(
    place: Annotated[str | None, typer.Argument(help="Only this place, crossing or port.")] = None,
    most: Annotated[int, typer.Option("-n", help="How many to list.")] = 10,
    as_of: AsOf = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Say who gains from one day less, or a dollar a tonne less, at every border, port and line."""
    from serai.api import as_day
    from serai.corridor.service import gradient_table
    from serai.data.names import find_place

    opened = open_corridor_(package, overlays)
    wanted = find_place(opened["places"], place) if place else None
    found = gradient_table(opened, as_day(as_of), wanted, most)
    if as_json:
        print_json(found)
        return
    from serai.report.gains import print_gradient

    print_gradient(opened, found)
