"""What is traded, on a terminal and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import InputError

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.trade.matrix import TradeData


def find_economy(package: Package, text: str) -> str:
    """Find an economy by identifier or by name in any language of the package.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    frame = package["economies"]
    for column in ("id", "name", "name_ru", "name_ur", "name_kk"):
        hit = frame[frame[column].str.casefold() == text.strip().casefold()]
        if len(hit):
            return str(hit["id"].iloc[0])
    raise InputError(f"There is no economy {text!r}", f"Use one of: {', '.join(frame['id'])}.")


def _flow(data: TradeData, i: int, j: int) -> dict[str, Any]:
    """One direction of one pair by commodity."""
    value, tonnes = data.value_usd_m[:, i, j], data.tonnes_per_year[:, i, j]
    off = float((value * (1.0 - data.network_share[:, i, j])).sum())
    order = np.argsort(-value, kind="stable")
    return {
        "exporter": data.economies[i],
        "importer": data.economies[j],
        "value_usd_m": float(value.sum()),
        "off_network_usd_m": off,
        "tonnes_per_year_on_network": float(tonnes.sum()),
        "held_at_newer_figures": bool(data.anchored[i, j]),
        "commodities": [
            {"commodity": data.commodities[k], "value_usd_m": float(value[k]), "tonnes_per_year": float(tonnes[k])}
            for k in order.tolist()
            if value[k] > 0
        ],
    }


def _reports(package: Package, exporter: str, importer: str) -> list[dict[str, Any]]:
    frame = package["trade_anchors"]
    mine = frame[(frame["exporter"] == exporter) & (frame["importer"] == importer)]
    return [
        {"reporter": r.reporter, "period": r.period, "value_usd_m": float(r.value_usd_m), "use": r.use,
         "source": r.source}
        for r in mine.itertuples()
    ]  # fmt: skip


def trade_page(package: Package, data: TradeData, economy: str | None, pair: tuple[str, str] | None) -> dict[str, Any]:
    """Say what a package holds of trade: all of it, one economy's, or one pair's with every report of it.

    Parameters
    ----------
    package, data
        The package and its compiled trade.
    economy, pair
        Identifiers; neither for the whole.
    """
    found: dict[str, Any] = {
        "year": data.year,
        "seed_year": int(package["trade_seed"]["year"].max()),
        "residual": data.residual,
        "value_usd_m": float(data.value_usd_m.sum()),
        "off_network_share": float(1.0 - (data.value_usd_m * data.network_share).sum() / data.value_usd_m.sum()),
        "tonnes_per_year_on_network": float(data.tonnes_per_year.sum()),
    }
    at = data.position
    if pair is not None:
        a, b = pair
        found["flows"] = [
            {**_flow(data, at[i], at[j]), "reports": _reports(package, i, j)} for i, j in ((a, b), (b, a))
        ]
        return found
    value = data.value_usd_m.sum(axis=0)
    found["economies"] = [
        {"economy": e, "exports_usd_m": float(value[i].sum()), "imports_usd_m": float(value[:, i].sum()),
         "exports_t_per_year_on_network": float(data.tonnes_per_year[:, i].sum()),
         "imports_t_per_year_on_network": float(data.tonnes_per_year[:, :, i].sum())}
        for i, e in enumerate(data.economies)
        if economy in {None, e}
    ]  # fmt: skip
    if economy is not None:
        n = at[economy]
        order = np.argsort(-(value[n] + value[:, n]), kind="stable")
        found["partners"] = [
            {"partner": data.economies[p], "exports_usd_m": float(value[n, p]), "imports_usd_m": float(value[p, n])}
            for p in order.tolist()
            if p != n and value[n, p] + value[p, n] > 0
        ]
    return found


def print_trade(package: Package, found: dict[str, Any]) -> None:
    """Print the trade page."""
    from rich.table import Table

    from serai.report.console import terminal

    console, names = terminal(), package["economies"].set_index("id")["name"]
    console.print(
        f"Trade of {found['year']} on the structure of {found['seed_year']}; totals met to {found['residual']:.0e}. "
        f"All trade {found['value_usd_m'] / 1e3:,.0f} billion USD, of which {100 * found['off_network_share']:.0f} % "
        f"never uses the network; {found['tonnes_per_year_on_network'] / 1e6:,.0f} Mt a year on it."
    )
    for flow in found.get("flows", []):
        held = "held at newer figures" if flow["held_at_newer_figures"] else "from the matrix"
        console.print(
            f"\n{names[flow['exporter']]} to {names[flow['importer']]}: {flow['value_usd_m']:,.0f} million USD "
            f"({held}), "
            f"{flow['off_network_usd_m']:,.0f} of it off the network; "
            f"{flow['tonnes_per_year_on_network'] / 1e3:,.0f} thousand t a year on it"
        )
        for r in flow["reports"]:
            console.print(f"  {r['reporter']}, {r['period']}: {r['value_usd_m']:,.0f} ({r['use']}; {r['source']})")
        table = Table("commodity", "million USD", "thousand t a year on the network")
        for c in flow["commodities"][:10]:
            table.add_row(c["commodity"], f"{c['value_usd_m']:,.1f}", f"{c['tonnes_per_year'] / 1e3:,.1f}")
        console.print(table)
    if "economies" in found:
        table = Table("economy", "exports, million USD", "imports", "exports on the network, Mt", "imports, Mt")
        for e in found["economies"]:
            table.add_row(
                names[e["economy"]], f"{e['exports_usd_m']:,.0f}", f"{e['imports_usd_m']:,.0f}",
                f"{e['exports_t_per_year_on_network'] / 1e6:.2f}", f"{e['imports_t_per_year_on_network'] / 1e6:.2f}",
            )  # fmt: skip
        console.print(table)
    if "partners" in found:
        table = Table("partner", "exports to it, million USD", "imports from it")
        for p in found["partners"][:15]:
            table.add_row(names[p["partner"]], f"{p['exports_usd_m']:,.0f}", f"{p['imports_usd_m']:,.0f}")
        console.print(table)
