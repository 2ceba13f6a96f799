"""A gravity estimate and its counterfactual on the console."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from serai.report.console import terminal

CHANGES = (
    ("exports", "exports"),
    ("imports", "imports"),
    ("home_trade", "home trade"),
    ("price", "price"),
    ("inward_resistance", "price index"),
    ("real_income", "real income"),
)


def print_gravity(found: dict[str, Any]) -> None:
    """Print what :func:`serai.trade.gravity_table.gravity_json` returns."""
    console = terminal()
    table = Table(title="Gravity estimate", title_justify="left")
    table.add_column("covariate")
    for name in ("coefficient", "standard error"):
        table.add_column(name, justify="right")
    for row in found["coefficients"]:
        table.add_row(row["name"], f"{row['coefficient']:.6g}", f"{row['standard_error']:.3g}")
    console.print(table)
    groups = "" if found["clusters"] == found["rows"] else f" in {found['clusters']} clusters"
    left = f"; {found['left_out']} rows left out, of economies that never trade" if found["left_out"] else ""
    console.print(f"Poisson with exporter and importer effects; {found['rows']} rows{groups}{left}.")
    if "changes_percent" not in found:
        return
    table = Table(title="Change in percent", title_justify="left")
    table.add_column("economy")
    for _, name in CHANGES:
        table.add_column(name, justify="right")
    for row in found["changes_percent"]:
        table.add_row(row["economy"], *(f"{row[key]:+.3f}" for key, _ in CHANGES))
    console.print(table)
    console.print(f"Residual {found['residual']:.1e} after {found['iterations']} iterations.")
