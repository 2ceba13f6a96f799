"""What is traded."""

from __future__ import annotations

from typing import Annotated

import typer

from serai.cli.app import AsJson, PackageName, With, app, open_, print_json
from serai.core.errors import InputError


@app.command()
def trade(
    economy: Annotated[str | None, typer.Option(help="Only this economy, and its partners.")] = None,
    pair: Annotated[
        tuple[str, str] | None, typer.Option(help="Two economies: both directions by commodity, and every report.")
    ] = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Show what is traded: totals, partners, or one pair with both sides' reports."""
    from serai.report.trade import find_economy, print_trade, trade_page
    from serai.trade.matrix import compile_trade

    if economy and pair:
        raise InputError("--economy and --pair ask two things", "Give one of them.")
    opened = open_(package, overlays)
    two = (find_economy(opened, pair[0]), find_economy(opened, pair[1])) if pair else None
    if two and two[0] == two[1]:
        raise InputError(f"--pair names {two[0]} twice", "Name two economies.")
    one = find_economy(opened, economy) if economy else None
    found = trade_page(opened, compile_trade(opened), one, two)
    if as_json:
        print_json(found)
        return
    print_trade(opened, found)
