"""One workbook with a sheet per table, the same bytes for the same input."""

from __future__ import annotations

import io
import math
import re
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

FIXED_TIME = (2000, 1, 1, 0, 0, 0)
FIXED_STAMP = "2000-01-01T00:00:00Z"


FORMULAS: dict[str, dict[str, str]] = {
    "routes": {"cost_usd_per_feu": "{cost_usd_per_t}*{load_t_per_feu}"},
    "gateways": {"cost_usd_per_feu": "{cost_usd_per_t}*{load_t_per_feu}"},
    "gaps": {"gap_usd_per_t": "{own_usd_per_t}-{other_usd_per_t}", "gap_days": "{own_days}-{other_days}"},
    "gaps_if_open": {"gap_usd_per_t": "{own_usd_per_t}-{other_usd_per_t}", "gap_days": "{own_days}-{other_days}"},
    "availability": {
        "days": "{open_days}+{limited_days}+{shut_days}+{unknown_days}",
        "usable_share_of_known": "({open_days}+{limited_days})/({days}-{unknown_days})",
    },
    "break_evens": {"factor": "{flips_at}/{now}"},
}
"""Columns that a workbook computes from others of the same row, so that a changed figure carries through."""
TOTALS: dict[str, tuple[str, ...]] = {"evidence": ("reported", "derived", "assumed")}
"""Columns whose sum stands below them; it follows a filter."""
UNITS = (
    ("usd_per_t", "USD a tonne"),
    ("usd_per_feu", "USD a 40-foot load"),
    ("usd_per_border_20t", "USD a border, 20 t"),
    ("usd_per_500km_20t", "USD for 500 km, 20 t"),
    ("hour_less", "USD a tonne"),
    ("usd_less", "USD a tonne"),
    ("hours_per_border", "hours a border"),
    ("km", "km"),
    ("kmh", "km/h"),
    ("kg_per_t", "kg a tonne"),
    ("t_per_feu", "tonnes a 40-foot load"),
    ("days", "days"),
    ("hours", "hours"),
    ("usd", "USD"),
)
"""What the end of a column's name says of its unit, the longer endings first."""
RISKY = ("=", "+", "-", "@", "\t", "\r")


def unit_of(column: str) -> str:
    """Tell the unit of a column by the end of its name; percentiles keep the unit of what they are of."""
    stem = re.sub(r"_(p\d+|low|high|mean)$", "", column)
    return next((unit for end, unit in UNITS if stem == end or stem.endswith(f"_{end}")), "")


def workbook(
    tables: Mapping[str, pd.DataFrame], about: list[str], extra: Sequence[Callable[[Any], None]] = ()
) -> bytes:
    """Return an XLSX workbook: what it is, its columns with their units, then one sheet per table.

    Columns named in :data:`FORMULAS` are live formulas of their row. Each of `extra` adds sheets of its own.
    """
    import openpyxl

    book = openpyxl.Workbook()
    first = book.active
    first.title = "about"
    first.column_dimensions["A"].width = 120
    for line in about:
        first.append([_cell(line)])
    columns = [("table", "column", "unit", "formula")]
    for name, frame in tables.items():
        formulas = FORMULAS.get(name, {})
        columns += [(name, str(c), unit_of(str(c)), formulas.get(str(c), "")) for c in frame.columns]
    _fill(book.create_sheet("columns"), "columns", columns)
    for name, frame in tables.items():
        rows = [tuple(str(c) for c in frame.columns), *frame.itertuples(index=False, name=None)]
        _fill(book.create_sheet(name[:31]), name, rows)
    for add in extra:
        add(book)
    book.calculation.fullCalcOnLoad = True
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue())


def _fill(sheet: Any, name: str, rows: Sequence[tuple[Any, ...]]) -> None:  # noqa: ANN401
    """Write a header and rows, with formulas, totals, widths and a frozen header."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    letters = {column: get_column_letter(i) for i, column in enumerate(rows[0], start=1)}
    formulas = {rows[0].index(c): f for c, f in FORMULAS.get(name, {}).items() if c in letters}
    for number, row in enumerate(rows, start=1):
        cells = [_cell(v) for v in row]
        if number > 1:
            for i, formula in formulas.items():
                cells[i] = _formula(formula, letters, dict(zip(rows[0], cells, strict=True)), number)
        sheet.append(cells)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EDF1")
    sheet.freeze_panes = "A2"
    last = len(rows)
    if last > 1:
        sheet.auto_filter.ref = sheet.dimensions
        for column in TOTALS.get(name, ()):
            total = sheet[f"{letters[column]}{last + 2}"]
            total.value = f"=SUBTOTAL(109,{letters[column]}2:{letters[column]}{last})"
            total.font = Font(bold=True)
    for i, column in enumerate(rows[0]):
        longest = max(len(str(column)), *(len(str(row[i])) for row in rows[:60]))
        sheet.column_dimensions[letters[column]].width = max(8, min(48, longest + 2))


def _formula(formula: str, letters: Mapping[str, str], cells: Mapping[str, Any], number: int) -> str | None:
    """Fill a formula for a row; where a figure it needs is missing, the cell stays empty."""
    needed = re.findall(r"{(\w+)}", formula)
    if any(cells.get(c) is None for c in needed):
        return None
    filled = formula.format_map({c: f"{letters[c]}{number}" for c in needed})
    return f'=IFERROR({filled},"")' if "/" in filled else f"={filled}"


def _cell(value: Any) -> Any:  # noqa: ANN401
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if hasattr(value, "item"):
        return _cell(value.item())
    # A text that a spreadsheet would take for a formula must stay a text.
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def without_clock(content: bytes) -> bytes:
    """Rewrite a workbook so that no time of writing is left in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in sorted(old.infolist(), key=lambda i: i.filename):
            body = old.read(item.filename)
            if item.filename == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + FIXED_STAMP.encode(), body)
            info = zipfile.ZipInfo(item.filename, FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            new.writestr(info, body)
    return out.getvalue()
