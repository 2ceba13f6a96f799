"""Read one CSV table against its schema and collect every fault."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from serai.core.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.data.schema import Field, Table

ORIGIN = "origin"
"""Column added to every table: where a row, or its last change, comes from."""
PACKAGE_ORIGIN = "package"
FORMULA_STARTS = ("=", "@")


EMPTY: dict[str, Any] = {"string": "", "number": math.nan, "integer": math.nan, "boolean": False, "date": None}
"""What an empty cell is in memory, by type."""


def parse_bool(text: str) -> bool:
    """Read a truth value; raise ValueError for anything but true and false."""
    lowered = text.strip().lower()
    if lowered not in {"true", "false"}:
        raise ValueError(text)
    return lowered == "true"


def parse_number(text: str) -> float:
    """Read a finite number; Python's own underscores between digits are not for tables."""
    value = float(text)
    if "_" in text or not math.isfinite(value):
        raise ValueError(text)
    return value


def parse_integer(text: str) -> int:
    """Read a whole number that a 64-bit float holds exactly."""
    value = int(text)
    if "_" in text or abs(value) > 2**53:
        raise ValueError(text)
    return value


def parse_date(text: str) -> dt.date:
    """Read a day as YYYY-MM-DD; the other forms of ISO 8601 are not for tables."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "string": (str, "text"),
    "number": (parse_number, "a number with a decimal point and no thousands separator"),
    "integer": (parse_integer, "a whole number"),
    "boolean": (parse_bool, "true or false"),
    "date": (parse_date, "a date as YYYY-MM-DD"),
}


def _limits(field: Field, value: float) -> str:
    if field.minimum is not None and value < field.minimum:
        return f"must be at least {field.minimum:g}"
    if field.exclusive_minimum is not None and value <= field.exclusive_minimum:
        return f"must be above {field.exclusive_minimum:g}"
    if field.maximum is not None and value > field.maximum:
        return f"must be at most {field.maximum:g}"
    return ""


def check_value(field: Field, text: str) -> tuple[Any, str, str]:
    """Parse one cell.

    Returns
    -------
    value, what, remedy
        `value` is None for an empty or faulty cell; `what` is empty when the cell is good.
    """
    if text == "":
        if field.required:
            return None, "a value is required", "Fill it in."
        return None, "", ""
    if text.startswith(FORMULA_STARTS):
        return None, "a formula stands where a value is expected", "Write the value itself."
    parser, expected = PARSERS[field.type]
    if field.is_list:
        parts = [p.strip() for p in text.split(";")]
        bad = [p for p in parts if p == "" or (field.enum and p not in field.enum)]
        if bad:
            return (
                None,
                f"not a list of known values: {', '.join(bad) or 'an empty entry'}",
                "Separate entries by ;",
            )
        return ";".join(parts), "", ""
    try:
        value = parser(text)
    except ValueError:
        return None, f"{expected} is expected", f"Write {expected}."
    if field.enum and str(value) not in field.enum:
        return None, "not one of the allowed values", f"Use one of: {', '.join(field.enum)}."
    if field.pattern and not re.fullmatch(field.pattern, text):
        return None, "not in the required form", f"It must match {field.pattern}."
    if field.type in {"number", "integer"} and (limit := _limits(field, float(value))):
        unit = f" {field.unit}" if field.unit else ""
        return None, f"{limit}{unit}", "Correct the value; the unit is that of the column."
    return value, "", ""


def decode(table: str, content: bytes) -> tuple[str, list[Issue]]:
    """Decode UTF-8 with or without a byte-order mark; say at which byte it breaks."""
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        return "", [
            Issue(table, line, "", "", f"not UTF-8 at byte {fault.start}", "Save the file as UTF-8 (CSV UTF-8).")
        ]


def csv_rows(table: str, text: str) -> tuple[list[list[str]], list[Issue]]:
    """Split CSV text in rows of cells; a quote that is never closed is a fault, not a long cell."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as fault:
        return rows, [
            Issue(
                table,
                len(rows) + 1,
                "",
                "",
                f"not readable as CSV: {fault}",
                "Close the quotes; write a quote inside a cell twice.",
            )
        ]
    while rows and not any(c.strip() for c in rows[-1]):
        rows.pop()
    return rows, []


def _check_header(table: Table, header: list[str]) -> list[Issue]:
    issues = [
        Issue(table.name, 1, name, "", "the column is missing", f"Add it: {table.field(name).description}.")
        for name in table.columns
        if name not in header
    ]
    known = set(table.columns)
    issues += [
        Issue(table.name, 1, name, "", "the column is not part of the format", "Remove or rename it.")
        for name in header
        if name not in known
    ]
    issues += [
        Issue(table.name, 1, name, "", "the column stands twice", "Remove one of them.")
        for name in sorted({n for n in header if header.count(n) > 1})
    ]
    return issues


def typed_frame(table: Table, rows: list[dict[str, Any]], origins: list[str]) -> pd.DataFrame:
    """Build the frame of one table with a fixed type for each column."""
    return _frame(table, {f.name: [row.get(f.name) for row in rows] for f in table.fields}, origins)


def _frame(table: Table, columns: dict[str, list[Any]], origins: list[str]) -> pd.DataFrame:
    data: dict[str, Any] = {}
    for field in table.fields:
        values = columns[field.name]
        if field.type in {"number", "integer"}:
            data[field.name] = pd.array([math.nan if v is None else float(v) for v in values], dtype="float64")
        elif field.type == "boolean":
            data[field.name] = pd.array([bool(v) for v in values], dtype="bool")
        elif field.type == "date":
            data[field.name] = pd.Series(values, dtype="object")
        else:
            data[field.name] = pd.Series(["" if v is None else str(v) for v in values], dtype="object")
    data[ORIGIN] = pd.Series(origins, dtype="object")
    return pd.DataFrame(data)


def _plain_numbers(field: Field, cells: list[str]) -> list[float] | None:
    """Read a column of numbers at once where no cell can be at fault; else None."""
    if field.type != "number" or field.enum or field.pattern or (field.required and "" in cells):
        return None
    if "_" in "".join(cells):
        return None
    try:
        values = [float(cell) if cell else math.nan for cell in cells]
    except ValueError:
        return None
    given = np.asarray([v for v, cell in zip(values, cells, strict=True) if cell], dtype=np.float64)
    ends = (given.min(), given.max()) if len(given) else ()
    if not np.isfinite(given).all() or any(_limits(field, float(end)) for end in ends):
        return None
    return values


def _read_column(table: Table, field: Field, cells: list[str], numbers: list[int]) -> tuple[list[Any], list[Issue]]:
    plain = _plain_numbers(field, cells)
    if plain is not None:
        return plain, []
    seen: dict[str, tuple[Any, str, str]] = {}
    values: list[Any] = []
    issues = []
    for number, cell in zip(numbers, cells, strict=True):
        if cell not in seen:
            seen[cell] = check_value(field, cell)
        value, what, remedy = seen[cell]
        if what:
            issues.append(Issue(table.name, number, field.name, cell[:60], what, remedy))
        values.append(value)
    return values, issues


def read_table(table: Table, content: bytes, origin: str = PACKAGE_ORIGIN) -> tuple[pd.DataFrame, list[Issue]]:
    """Read one CSV table.

    Parameters
    ----------
    table
        Its schema.
    content
        The bytes of the file.
    origin
        What to write in the ``origin`` column.

    Returns
    -------
    frame, issues
        Typed columns (float64, bool, object) and every fault found; rows are counted as a
        spreadsheet counts them, the header being row 1.
    """
    text, issues = decode(table.name, content)
    if issues:
        return typed_frame(table, [], []), issues
    lines, issues = csv_rows(table.name, text)
    if issues:
        return typed_frame(table, [], []), issues
    if not lines:
        return typed_frame(table, [], []), [
            Issue(table.name, None, "", "", "the file is empty", "Write at least the header row.")
        ]
    header = [h.strip() for h in lines[0]]
    issues = _check_header(table, header)
    if issues:
        return typed_frame(table, [], []), issues
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(c.strip() for c in cells):
            issues.append(Issue(table.name, number, "", "", "an empty row stands between others", "Delete it."))
        elif len(cells) != len(header):
            what = f"{len(cells)} cells where the header has {len(header)}"
            issues.append(Issue(table.name, number, "", "", what, "Quote cells that hold a comma."))
        else:
            rows.append(cells)
            numbers.append(number)
    columns: dict[str, list[Any]] = {}
    for position, name in enumerate(header):
        cells = [row[position].strip() for row in rows]
        columns[name], faults = _read_column(table, table.field(name), cells, numbers)
        issues += faults
    issues.sort(key=lambda issue: issue.row or 0)
    return _frame(table, columns, [origin] * len(rows)), issues


def write_csv(table: Table, frame: pd.DataFrame) -> bytes:
    """Write a table in the canonical form: schema columns, line feeds, shortest numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(_column_text(f, frame[f.name]) for f in table.fields), strict=True))
    return out.getvalue().encode("utf-8")


def _column_text(field: Field, column: pd.Series) -> list[str]:
    """Write a column as `cell_text` writes each of its values."""
    if field.type == "number" and column.dtype == np.float64:
        return [
            "" if math.isnan(v) else str(int(v)) if v.is_integer() and abs(v) < 1e15 else repr(v)
            for v in column.tolist()
        ]
    if field.type == "string":
        return [v if type(v) is str else cell_text(field, v) for v in column.tolist()]
    return [cell_text(field, v) for v in column.tolist()]


def plain_text(value: object) -> str:
    """Write a value of a workbook or a scenario as a cell of a CSV file would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _number_text(value: float) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "boolean": lambda value: "true" if value else "false",
    "integer": lambda value: str(int(value)),
    "number": _number_text,
    "date": lambda value: str(value.isoformat()),
    "string": str,
}
"""How a value of a type is written."""


def cell_text(field: Field, value: object) -> str:
    """Write one value as the CSV form wants it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return _WRITERS[field.type](value)
