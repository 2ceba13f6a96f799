"""How the command line prints for people: terminals, widths, rounding, the footer, and pages of one table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from serai.core.units import HOURS_PER_DAY
from serai.data.names import place_names, short_name

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from serai.data.package import Package
    from serai.data.status import Status
    from serai.study import StudyResult
    from serai.study.compare import Case, Difference

LIMIT_OF_USE = (
    "For comparing ways and seeing what decides between them; not a quotation. Figures are rounded to what their "
    "ranges support; --json gives them in full."
)


PIPE_WIDTH: Final = 130
"""Columns of what is not printed on a terminal."""
NARROW: Final = 100
"""Columns below which tables are printed as blocks of lines."""


def terminal() -> Console:
    """Open what is printed on: the terminal as wide as it is, else a page of a fixed width."""
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_WIDTH)
    return console


def lay_out(console: Console, table: Table) -> None:
    """Print a table, or, where the terminal is too narrow for its columns, each row as a block of lines."""
    if console.width >= NARROW:
        console.print(table)
        return
    if table.title:
        console.print(table.title, style="italic")
    heads = [" ".join(str(c.header).split()) for c in table.columns]
    for row in zip(*(c.cells for c in table.columns), strict=True):
        cells = [" ".join(str(cell).split()) for cell in row]
        console.print(Padding(f"[bold]{cells[0]}[/bold]" if cells[0] else "-", (0, 0, 0, 1)))
        rest = "; ".join(f"{head}: {cell}" for head, cell in zip(heads[1:], cells[1:], strict=True) if cell)
        if rest:
            console.print(Padding(rest, (0, 0, 0, 3)))


def rounded(value: float) -> str:
    """Round to two significant figures above a hundred, to whole numbers below."""
    if not math.isfinite(value):
        return "-"
    if abs(value) < 100:
        return f"{value:.0f}"
    step = 10 ** (math.floor(math.log10(abs(value))) - 1)
    return f"{round(value / step) * step:,.0f}"


def days(hours: float) -> str:
    """Hours as days with one decimal below ten days."""
    value = hours / HOURS_PER_DAY
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def print_footer(console: Console, package: Package) -> None:
    """Say on which package an answer rests and what it is for."""
    meta = package.meta
    own = f", with your figures from {', '.join(meta.overlays)}" if meta.overlays else ""
    console.print(
        f"{meta.title} {meta.version} (digest {meta.digest[:12]}){own}; USD of {meta.price_year}. {LIMIT_OF_USE}",
        style="dim",
    )


def print_status(package: Package, day: dt.date, entries: list[Status]) -> None:
    """Print the status board."""
    console = terminal()
    names = place_names(package)
    table = Table(title=f"Status on {day.isoformat()}", title_justify="left", header_style="bold")
    for name in ("kind", "what", "mode", "state", "since", "confirmed", "days ago", "why"):
        table.add_column(name, overflow="fold", justify="right" if name == "days ago" else "left")
    for s in entries:
        state = s.state.replace("_", " ") if s.known else f"unknown (last {s.state.replace('_', ' ')})"
        table.add_row(
            s.kind,
            f"{names.get(s.object, '')} {s.object}".strip(),
            s.mode or "all",
            state,
            s.valid_from.isoformat() if s.valid_from else "",
            s.confirmed_on.isoformat(),
            str(s.days_old),
            s.reason,
        )
    lay_out(console, table)
    console.print(
        f"{sum(not s.known for s in entries)} of {len(entries)} are past their shelf life (crossing 30 days, rail 90, "
        "sea passage 7) and so unknown. Add what you know: serai status set PLACE STATE --from DATE --source ADDRESS"
    )


def print_sources(rows: list[dict[str, Any]]) -> None:
    """Print the sources of a package."""
    console = terminal()
    table = Table(title="Sources", title_justify="left", header_style="bold")
    for name in ("rows", "id", "title", "publisher", "date", "address"):
        table.add_column(name, overflow="fold", justify="right" if name == "rows" else "left")
    for r in rows:
        table.add_row(str(r["rows"]), r["id"], r["title"], r["publisher"], r["date"], r["address"])
    lay_out(console, table)


def print_study(result: StudyResult, folder: Path, left_out: tuple[str, ...] = ()) -> None:
    """Say in a few lines what a study found and where it is."""
    from serai.report.summary import headline

    console = terminal()
    console.print(f"[bold]{result.spec.title}[/bold], {result.as_of.isoformat()}")
    for line in headline(result):
        console.print(f"  {line}")
    console.print(f"Report: {folder / 'report.html'}")
    for line in left_out:
        console.print(line, markup=False)
    print_footer(console, result.package)


def print_differences(package: Package, a: Case, b: Case, found: tuple[Difference, ...]) -> None:
    """Print two cases side by side."""
    console = terminal()
    names = place_names(package)
    table = Table(title=f"A: {a.name}   B: {b.name}", title_justify="left", header_style="bold", show_lines=True)
    for name in ("pair", "way in A", "way in B", "USD/t\nA, B", "days P50\nA, B", "change in\nUSD/t, days"):
        table.add_column(name, overflow="fold", justify="right" if "\n" in name else "left")
    for d in found:
        usd = [rounded(r.cost_usd_per_t.mean) if r else "-" for r in (d.a, d.b)]
        time = [days(r.door_to_door_h.p50) if r else "-" for r in (d.a, d.b)]
        money, late = d.change("usd_per_t"), d.change("days")
        change = "-" if money is None or late is None else f"{money:+.0f}, {late:+.1f}"
        table.add_row(
            f"{short_name(names[d.origin])} to {short_name(names[d.destination])}", d.way_a, d.way_b, ", ".join(usd),
            ", ".join(time), change,
        )  # fmt: skip
    lay_out(console, table)
    print_footer(console, b.package)
