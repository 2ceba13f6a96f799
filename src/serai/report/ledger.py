"""The ledger in the terminal and as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from serai.core.files import staged_folder, write_bytes, write_text
from serai.evidence.ledger.exchange import guard_frame, to_csv, to_json
from serai.evidence.ledger.text import shown
from serai.report.console import terminal
from serai.report.workbook import workbook

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd

    from serai.data.package import Meta
    from serai.evidence.coverage import Coverage

_COLOUR: Final = {
    "overdue": "red",
    "in-grace": "yellow",
    "kept": "green",
    "kept-late": "green",
    "partly-kept": "yellow",
}


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _safe(text: object) -> str:
    """Text of a record for the terminal: no hidden marks, no markup of the terminal's own."""
    from rich.markup import escape

    return escape(shown(str(text)))


def _state(state: str | None) -> str:
    if not state:
        return ""
    colour = _COLOUR.get(state)
    return f"[{colour}]{state}[/]" if colour else state


def print_entries(entries: list[dict[str, Any]], claims: list[dict[str, Any]], day: dt.date) -> None:
    """Print entries with the worst state of their milestones, then claims."""
    console = terminal()
    table = _table("id", "kind", "parties", "date", "what", "accounts", "state")
    for e in entries:
        accounts = str(1 + len(e["variants"]))
        what = _safe(e["title"]["en"])
        table.add_row(_safe(e["id"]), e["kind"], " ".join(e["parties"]), e["date"], what, accounts, _state(e["state"]))
    if entries:
        console.print(table)
    if claims:
        listed = _table("claim", "stage", "type", "quote", "proposed", "verdict")
        for c in claims:
            cells = (c["id"], c["stage"], c["type"], c["quote"], c["proposed_now"], c["verdict_now"])
            listed.add_row(*(_safe(x) for x in cells))
        console.print(listed)
    console.print(f"{len(entries)} entries and {len(claims)} claims, state of {day.isoformat()}.")


def print_due(rows: list[dict[str, Any]], day: dt.date) -> None:
    """Print promises, the overdue first."""
    console = terminal()
    table = _table("state", "due", "days over", "parties", "promise", "last heard")
    for r in rows:
        over = str(r["days_over"]) if r["days_over"] else ""
        parties = r["parties"].replace(";", " ")
        table.add_row(
            _state(r["state"]), r["due"], over, parties, _safe(f"{r['title']}: {r['what']}"), _safe(r["evidence"])
        )
    console.print(table)
    overdue = sum(r["state"] == "overdue" for r in rows)
    console.print(
        f"{overdue} overdue of {len(rows)} shown, on {day.isoformat()}. Overdue: nothing on record shows it kept."
    )


def print_record(content: Mapping[str, Any]) -> None:
    """Print one record: its parts one below the other."""
    console = terminal()
    for name, part in content.items():
        if not part:
            continue
        console.print(f"[bold]{name}[/]")
        for item in part if isinstance(part, list) else [part]:
            for key, value in item.items():
                if value not in (None, "", [], {}):
                    shown_value = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
                    console.print(f"  {key}: {_safe(shown_value)}")
            console.print()


def print_coverage(found: Coverage) -> None:
    """Print coverage by group; a refused figure says why."""

    def share(x: float | None) -> str:
        return "" if x is None else f"{100 * x:.0f} %"

    console = terminal()
    table = _table(found.by, "outlets", "telling", "claims", "recall", "10-90 %", "lag h", "same figure", "other voice")
    for g in found.groups:
        head = (g.name, str(g.sources), str(g.reporting), str(g.claims))
        if g.refused:
            table.add_row(*head, f"none: {g.refused}")
            continue
        lag = "" if g.lag_h is None else f"{g.lag_h:.0f}"
        span = f"{share(g.recall_low)} - {share(g.recall_high)}"
        table.add_row(*head, share(g.recall), span, lag, share(g.value_agreement), share(g.other_voice))
    console.print(table)
    console.print(f"{found.claims} claims told anywhere; list of outlets {found.list_digest}.")


def write_export(frames: Mapping[str, pd.DataFrame], out: Path, meta: Meta, day: dt.date) -> None:
    """Write tables as a workbook, a JSON file or a folder of CSV files, after the ending of the name."""
    from serai import __version__

    about = [
        f"Ledger of the data package {meta.name} {meta.version}, digest {meta.digest}, state of {day.isoformat()}.",
        f"Cite as: Serai {__version__}, ledger of {meta.name}, state of {day.isoformat()}.",
        "Overdue means that nothing on record shows a promise kept; it is no finding of fault.",
    ]
    if out.suffix.lower() == ".xlsx":
        write_bytes(out, workbook({name: guard_frame(f) for name, f in frames.items()}, about))
    elif out.suffix.lower() == ".json":
        content = {"as_of": day.isoformat(), "about": about, **to_json(frames)}
        write_text(out, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    else:
        with staged_folder(out) as stage:
            for name, frame in frames.items():
                write_bytes(Path(stage) / f"{name}.csv", to_csv(name, frame))
