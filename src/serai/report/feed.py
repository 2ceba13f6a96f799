"""A feed whose entries were checked: a list for the terminal, and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from serai.evidence.check import Report
    from serai.evidence.incoming import Reading
    from serai.evidence.syndication import Feed


def _said(reading: Reading, reports: Mapping[int, Report]) -> str:
    """Tell in a few words what became of an entry."""
    if reading.copy_of is not None:
        return f"says the same as {reading.copy_of}"
    if reading.article is None:
        return f"not read: {reading.fault}"
    return f"{len(reports[reading.number].checks)} claims"


def print_readings(
    feed: Feed, readings: tuple[Reading, ...], reports: Mapping[int, Report], console: Console | None = None
) -> None:
    """Print the entries of a feed and what became of each."""
    from rich.markup import escape
    from rich.table import Table

    from serai.report.console import terminal

    out = console or terminal()
    rest = len(feed.entries) + feed.left_out - len(readings)
    more = f", {rest} more left out (--most, --since)" if rest else ""
    out.print(f"[bold]{escape(feed.title or feed.address)}[/bold] {len(readings)} entries{more}")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("", "Day", "Title", "What became of it"):
        table.add_column(name, overflow="fold")
    for reading in readings:
        day = reading.article.date if reading.article and reading.article.date else reading.entry.day
        table.add_row(
            str(reading.number), day or "no day", escape(reading.entry.title), escape(_said(reading, reports))
        )
    out.print(table)


def feed_json(feed: Feed, readings: tuple[Reading, ...], reports: Mapping[int, Report]) -> dict[str, Any]:
    """Return the documented JSON of a checked feed."""
    return {
        "feed": {"title": feed.title, "address": feed.address, "entries": len(feed.entries) + feed.left_out},
        "entries": [
            {
                "number": r.number,
                "title": r.entry.title,
                "address": r.entry.address,
                "day": r.entry.day,
                "status": r.status,
                "copy_of": r.copy_of,
                "fault": r.fault,
                "report": reports[r.number].as_json() if r.number in reports else None,
            }
            for r in readings
        ],
    }
