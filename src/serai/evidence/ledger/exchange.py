"""Carry entries in and out of the ledger as tables: CSV, workbook, JSON.

What goes out can be opened in a spreadsheet without any text being taken for a formula, and comes in again as it
was. What comes in is read by the same schema as a package's tables; all faults are told at once, and with one
fault nothing is entered.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from serai.core.errors import DataError, InputError, Issue
from serai.data.checks.fields import check_keys
from serai.data.read import csv_rows, decode, plain_text, read_table, typed_frame, write_csv
from serai.data.schema import load_schema
from serai.evidence.ledger.entries import Book, Source, package_book, source_id_of
from serai.evidence.ledger.promises import due_first
from serai.evidence.ledger.text import guarded, unguarded

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from serai.data.schema import Table
    from serai.evidence.ledger.review import Docket

TABLES: Final = ("agreements", "milestones", "sources")
LARGEST_FILE: Final = 20_000_000


def _titles(texts: Mapping[str, str], name: str) -> dict[str, str]:
    return {name: texts["en"]} | {f"{name}_{k}": v for k, v in texts.items() if k != "en"}


def book_frames(book: Book) -> dict[str, pd.DataFrame]:
    """Entries, milestones and sources in the columns of a package's tables."""
    schema = load_schema().tables
    entries = [
        _titles(e.title, "title")
        | {n: getattr(e, n) for n in ("id", "kind", "date", "place", "value", "unit", "stated_deadline")}
        | {"deadline_date": e.deadline_date, "variant_of": e.variant_of, "parties": ";".join(e.parties)}
        | {"source": ";".join(e.sources), "basis": e.basis, "note": e.note}
        for e in book.entries.values()
    ]
    milestones = [
        _titles(m.what, "what")
        | {n: getattr(m, n) for n in ("id", "due", "grace_days", "outcome", "done_on", "evidence", "basis", "note")}
        | {"agreement": m.entry_id, "source": ";".join(m.sources)}
        for m in book.milestones.values()
    ]
    sources = [
        {"id": s.id, "title": s.title, "publisher": s.publisher, "date": s.published, "address": s.address}
        for s in book.sources.values()
    ]
    return {
        name: typed_frame(schema[name], rows, [""] * len(rows)).loc[:, list(schema[name].columns)]
        for name, rows in (("agreements", entries), ("milestones", milestones), ("sources", sources))
    }


def promise_frame(book: Book, day: dt.date) -> pd.DataFrame:
    """Every milestone with its state on a day, the overdue first."""
    return pd.DataFrame(
        [
            {
                "id": m.id,
                "entry": m.entry_id,
                "parties": ";".join(book.entries[m.entry_id].parties),
                "title": book.entries[m.entry_id].title["en"],
                "what": m.what["en"],
                "due": m.due.isoformat() if m.due else "",
                "grace_days": m.grace_days,
                "state": m.state(day),
                "days_over": max(0, m.days_over(day)) if m.state(day) in {"overdue", "in-grace"} else 0,
                "done_on": m.done_on.isoformat() if m.done_on else "",
                "evidence": m.evidence,
                "source": ";".join(m.sources),
            }
            for m in due_first(tuple(book.milestones.values()), day)
        ],
    )


def claim_frame(docket: Docket) -> pd.DataFrame:
    """Every claim with where it stands."""
    return pd.DataFrame(
        [
            {
                "id": c.id,
                "stage": docket.stage(c.id),
                "type": c.type,
                "modality": c.modality,
                "quote": c.quote,
                "said_on": c.said_on.isoformat() if c.said_on else "",
                "proposed_then": c.proposed_then,
                "proposed_now": c.proposed_now,
                "verdict_then": docket.verdicts[c.id].verdict_then if c.id in docket.verdicts else "",
                "verdict_now": docket.verdicts[c.id].verdict_now if c.id in docket.verdicts else "",
                "materiality": c.materiality,
                "article": c.source.address,
            }
            for c in docket.claims.values()
        ]
    )


def guard_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for formulas."""
    out = frame.copy()
    for column in out.columns:
        if out[column].dtype == object or str(out[column].dtype) in {"str", "string"}:
            out[column] = [guarded(v) if isinstance(v, str) else v for v in out[column]]
    return out


def to_csv(name: str, frame: pd.DataFrame) -> bytes:
    """Write a table as guarded CSV, in canonical form where it is one of the format's tables."""
    if name in TABLES:
        return write_csv(load_schema().tables[name], guard_frame(frame))
    text: str = guard_frame(frame).to_csv(index=False, lineterminator="\n")
    return text.encode()


def to_json(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Give tables as plain data; what is missing is null."""

    def value(v: object) -> object:
        if v is None or (isinstance(v, float) and pd.isna(v)):
            return None
        return v.isoformat() if hasattr(v, "isoformat") else v.item() if hasattr(v, "item") else v

    return {
        name: [{str(k): value(v) for k, v in row.items()} for row in frame.to_dict("records")]
        for name, frame in frames.items()
    }


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is larger than {LARGEST_FILE // 1_000_000} MB", "Split it.")
        return path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}", "Name a file.") from fault


def _rows_of_csv(name: str, content: bytes) -> list[list[str]]:
    text, issues = decode(name, content)
    rows, more = csv_rows(name, text) if not issues else ([], [])
    if issues or more:
        raise DataError(name, (*issues, *more))
    return rows


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    """Rows of text of each table in a file: a workbook has a sheet a table, a CSV file is named or headed like one."""
    content = _bytes_of(path)
    if path.suffix.lower() == ".xlsx":
        return _sheets_of_workbook(path, content)
    rows = _rows_of_csv(path.name, content)
    header = {c.strip() for c in rows[0]} if rows else set()
    name = next((n for n in TABLES if set(load_schema().tables[n].key) | _mark(n) <= header), None)
    if name is None:
        raise InputError(
            f"{path} is no table of the ledger", "Give agreements, milestones or sources with the header of an export."
        )
    return {name: rows}


def _sheets_of_workbook(path: Path, content: bytes) -> dict[str, list[list[str]]]:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as fault:
        raise InputError(f"{path} is no workbook", "Save it as .xlsx.") from fault
    return {
        name: [[plain_text(v) for v in row] for row in book[name].iter_rows(values_only=True)]
        for name in TABLES
        if name in book.sheetnames
    }


def _mark(name: str) -> set[str]:
    return {"agreements": {"parties"}, "milestones": {"agreement"}, "sources": {"publisher"}}[name]


def _content(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([[unguarded(c) for c in row] for row in rows])
    return out.getvalue().encode()


def _addresses_as_sources(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Let a cell of `source` be the address of a page: the page becomes a source of that address."""
    rows: dict[str, dict[str, str]] = {}
    for name in ("agreements", "milestones"):
        cells = []
        for cell in frames[name]["source"]:
            ids = []
            for part in str(cell).split(";"):
                if part.startswith(("http://", "https://")):
                    sid = source_id_of(part)
                    rows[sid] = {"id": sid, "title": part, "publisher": "given by the user", "address": part}
                    ids.append(sid)
                else:
                    ids.append(part)
            cells.append(";".join(ids))
        frames[name] = frames[name].assign(source=cells)
    table = load_schema().tables["sources"]
    added = typed_frame(table, list(rows.values()), [""] * len(rows))
    if len(added):
        frames["sources"] = (
            pd.concat([frames["sources"], added], ignore_index=True) if len(frames["sources"]) else added
        )
    return frames


def read_files(paths: list[Path], have: Book, reviewer: str) -> Book:
    """Read entries to enter from files.

    Parameters
    ----------
    paths
        CSV files or workbooks with the tables agreements, milestones, sources; a folder stands for its files.
    have
        What the ledger holds: references may lead there.
    reviewer
        Who answers for the entries; empty makes them drafts that no page shows.

    Raises
    ------
    DataError
        With every fault; nothing may be entered then.
    """
    schema = load_schema().tables
    files = [f for p in paths for f in ([p / f"{n}.csv" for n in TABLES] if p.is_dir() else [p])]
    frames = {name: typed_frame(schema[name], [], []) for name in TABLES}
    issues: list[Issue] = []
    for path in files:
        for name, rows in _sheets(path).items():
            frame, faults = read_table(schema[name], _content(rows), "import")
            issues += faults
            frames[name] = pd.concat([frames[name], frame], ignore_index=True) if len(frames[name]) else frame
    frames = _addresses_as_sources(frames)
    for name in TABLES:
        issues += check_keys(schema[name], frames[name])
    issues += _dangling(frames, have)
    issues += _undated(schema["milestones"], frames["milestones"])
    if issues:
        raise DataError(", ".join(str(p) for p in paths), tuple(issues))
    book = package_book(frames, reviewer)
    return Book(book.entries, book.milestones, {**book.sources, **_known(book, have)})


def _known(book: Book, have: Book) -> dict[str, Source]:
    cited = [*(e.sources for e in book.entries.values()), *(m.sources for m in book.milestones.values())]
    wanted = {s for sources in cited for s in sources}
    return {k: s for k, s in have.sources.items() if k in wanted}


def _dangling(frames: Mapping[str, pd.DataFrame], have: Book) -> list[Issue]:
    """Find references to entries and sources that are neither in the files nor in the ledger."""
    entries = set(frames["agreements"]["id"]) | set(have.entries)
    sources = set(frames["sources"]["id"]) | set(have.sources)
    issues = []
    for table, column, known in (
        ("agreements", "variant_of", entries),
        ("milestones", "agreement", entries),
        ("agreements", "source", sources),
        ("milestones", "source", sources),
    ):
        for number, cell in enumerate(frames[table][column], start=2):
            issues += [
                Issue(table, number, column, part, "there is no such row", "Add it, or correct the reference.")
                for part in str(cell).split(";")
                if part and part not in known
            ]
    return issues


def _undated(table: Table, frame: pd.DataFrame) -> list[Issue]:
    return [
        Issue(table.name, number, "done_on", "", "an outcome needs its day", "Give the day it was reached.")
        for number, (outcome, day) in enumerate(zip(frame["outcome"], frame["done_on"], strict=True), start=2)
        if outcome and not day
    ]
