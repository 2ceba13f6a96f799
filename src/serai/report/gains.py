"""Outcomes of counterfactuals on a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.table import Table

from serai.data.names import short_name
from serai.report.console import lay_out, print_footer, rounded, terminal

if TYPE_CHECKING:
    from rich.console import Console

    from serai.data.package import Package

LEAST_USD_M = 0.5
"""Gains below this many million USD a year are not listed one by one."""


LEAST_SHOWN_USD_M = 0.005
"""What is less rounds to nothing and has no sign."""


def usd_m(value: float, *, signed: bool = False) -> str:
    """Million USD, to two figures; a true minus, and a dash where there is no number."""
    if not math.isfinite(value):
        return "\u2013"
    text = f"{abs(value):.1f}" if abs(value) < 10 else rounded(abs(value))
    sign = "\u2212" if value < 0 else "+" if signed else ""
    return text if not any(c in "123456789" for c in text) else sign + text


def _money(x: float) -> str:
    """Million USD with the figures of the page; two decimals below one, which a page prints with one."""
    if abs(x) < LEAST_SHOWN_USD_M:
        return "0"
    return usd_m(x, signed=True).replace("\u2212", "-") if abs(x) >= 1 else f"{x:+.2f}"


def _percent(x: float) -> str:
    return f"{x:+.3f}" if abs(x) >= 0.0005 else "0"


def _span(a: float, b: float) -> str:
    """Two ends, the lower first; one where both are shown alike."""
    low, high = _money(min(a, b)), _money(max(a, b))
    return low if low == high else f"{low} to {high}"


def _range(row: dict[str, Any]) -> str:
    return _span(row["low_usd_m"], row["high_usd_m"]) if "low_usd_m" in row else ""


def _footer(console: Console, package: Package, found: dict[str, Any]) -> None:
    share = found["assumed_share"]
    console.print(
        f"{share['price']:.0%} of the price and {share['time']:.0%} of the time of all that is carried rest on "
        "assumed figures."
    )
    print_footer(console, package)


def _widest(rows: list[dict[str, Any]]) -> str:
    """Say what moves the members' gain most among the settings that change one thing."""
    solved = {r["setting"]: r["members_usd_m"] for r in rows if r["members_usd_m"] is not None}
    parts = [
        f"{what} {_span(solved[a], solved[b])}"
        for what, a, b in (("elasticities", "elasticity low", "elasticity high"),
                           ("the level of freight", "freight low", "freight high"))
        if a in solved and b in solved
    ]  # fmt: skip
    if "deficits fixed" in solved:
        parts.append(f"deficits fixed {_money(solved['deficits fixed'])}")
    failed = [r["setting"] for r in rows if r["why_not"]]
    lost = f"; without an equilibrium: {', '.join(failed)}" if failed else ""
    return f"Members together {_money(solved['middle'])}; {', '.join(parts)}{lost}."


def _prior(found: dict[str, Any]) -> str:
    """Say what the gravity prior adds, apart from the result."""
    points = {p["point"]: p for p in found["points"]}
    if found["why_not"]:
        return f"New trade could not be solved: {found['why_not']}."
    if not points:
        return "New trade: no empty cell that the package's own gravity expects anything of."
    gain = " / ".join(_money(points[p]["members_gain_usd_m"]) for p in ("low", "mode", "high"))
    more = " / ".join(_money(points[p]["trade_change_usd_m"]) for p in ("low", "mode", "high"))
    return (
        f"Not in the above, and assumed: if the {points['high']['cells']:,} empty cells traded as gravity expects (low "
        f"/ mode / high), members would gain {gain} more, and trade of these cells change by {more}; cells of pairs "
        f"without routes ({rounded(found['without_route_usd_m'])} million USD expected) are left out."
    )


def print_solved(package: Package, found: dict[str, Any]) -> None:
    """Print who gains, what moves and how exact it is."""
    console = terminal()
    what = found["scenario"] or "The day"
    console.print(
        f"{what}, {found['as_of']}, against {found['against']}; million USD of {package.meta.price_year} a year"
    )
    shown = [r for r in found["gains"] if abs(r["gain_usd_m"]) >= LEAST_USD_M]
    moved = [r for r in found["facilities"] if _moves(r)]
    if not shown and not moved:
        console.print(
            "Nothing differs: no economy gains or loses half a million USD a year, and no border, port or line moves."
        )
    if shown:
        table = Table("economy", "gain", "range", "% of spending", "region")
        for r in shown[:20]:
            table.add_row(r["name"], _money(r["gain_usd_m"]), _range(r), _percent(r["gain_percent"]), r["macro_region"])
        lay_out(console, table)
        console.print(
            "By region: " + ", ".join(f"{r['macro_region']} {_money(r['gain_usd_m'])}" for r in found["regions"][:8])
        )
    if moved:
        moved.sort(key=lambda r: -abs(r["flow_per_day"] - r["flow_before_per_day"]))
        flows = Table("border, port or line", "before", "after", "unit", "hours before", "after")
        for r in moved[:8]:
            flows.add_row(
                r["name"], f"{r['flow_before_per_day']:,.0f}", f"{r['flow_per_day']:,.0f}", r["unit"],
                f"{r['time_before_h']:.0f}", f"{r['time_h']:.0f}",
            )  # fmt: skip
        lay_out(console, flows)
    c = found["certificate"]
    lost = c["stranded_t_per_year"] / 1e6
    if "ranges" in found and (shown or moved):
        console.print(_widest(found["ranges"]))
    if "new_trade" in found:
        console.print(_prior(found["new_trade"]))
    console.print(f"Solved to {c['residual']:.0e}; {lost:.2f} million t a year of the base have no way left.")
    if c["held_cells"]:
        what = "would have lost all of their freight cost, and are held at a hundredth of it"
        console.print(f"{c['held_cells']} trade cells ({c['held_usd_m']:,.0f} million USD) {what}.")
    _footer(console, package, found)


def _moves(r: dict[str, Any]) -> bool:
    """Whether flow or time of a facility differ as they are shown."""
    return any(
        f"{r[a]:.0f}" != f"{r[b]:.0f}"
        for a, b in (("flow_per_day", "flow_before_per_day"), ("time_h", "time_before_h"))
    )


def print_gradient(package: Package, found: dict[str, Any]) -> None:
    """Print who gains from a day less at each object."""
    console = terminal()
    console.print(
        f"{found['as_of']}: gain from one day less, million USD of {package.meta.price_year} a year, first order"
    )
    table = Table("where", "members", "world", "a dollar a tonne less", "most of it to")
    names = {r["id"]: short_name(r["name"]) for r in package["economies"].to_dict("records")}
    for r in found["objects"]:
        most = sorted(r["by_economy_usd_m_per_day_less"].items(), key=lambda x: -x[1])[:3]
        table.add_row(
            r["name"], _money(r["members_usd_m_per_day_less"]), _money(r["world_usd_m_per_day_less"]),
            _money(r["members_usd_m_per_usd_per_t_less"]), ", ".join(f"{names[e]} {_money(v)}" for e, v in most),
        )  # fmt: skip
    lay_out(console, table)
    console.print(found["note"])
    console.print("At the middle figures, to two figures; no range was worked out.")
    _footer(console, package, found)
