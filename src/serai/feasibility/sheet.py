"""Read one table of the user's own, from CSV or a workbook, and say everything that is wrong with it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import DataError, InputError, Issue
from serai.data.read import check_value, csv_rows, decode, plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from serai.data.schema import Field

MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 1_100_000


def read_sheet(path: Path, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Read the rows of a table.

    Parameters
    ----------
    path
        A .csv file, or a .xlsx workbook whose first sheet holds the table.
    fields
        Its columns; those not required may be missing.

    Returns
    -------
    rows
        Values by column, None where a cell is empty; the row's number in the file under "row".

    Raises
    ------
    InputError
        When the file cannot be read.
    DataError
        With every fault found in it.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise InputError(f"{path} cannot be read: {reason}", "Name a CSV file or a workbook.") from fault
    if size > MOST_BYTES:
        raise InputError(f"{path} is larger than 20 MB", "Leave only the table in it.")
    name = path.name
    if path.suffix.lower() == ".xlsx":
        lines, issues = _workbook_lines(path)
    else:
        text, issues = decode(name, content)
        lines, more = csv_rows(name, text)
        issues += more
    rows: list[dict[str, Any]] = []
    if not issues and not lines:
        issues = [Issue(name, None, "", "", "the file is empty", "Write at least the header and one row.")]
    if not issues:
        issues = _header_issues(name, lines[0], fields)
    if not issues:
        rows, issues = _typed(name, lines, fields)
    if not issues and not rows:
        issues = [Issue(name, None, "", "", "there is no row below the header", "Write at least one.")]
    if issues:
        raise DataError(str(path), tuple(issues))
    return rows


def _workbook_lines(path: Path) -> tuple[list[list[str]], list[Issue]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [[plain_text(c) for c in row] for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS)]
        book.close()
    except Exception as fault:
        raise InputError(f"{path} cannot be read as a workbook", "Save it as .xlsx.") from fault
    while lines and not any(lines[-1]):
        lines.pop()
    return lines, []


def _header_issues(name: str, line: list[str], fields: Sequence[Field]) -> list[Issue]:
    header = [h.strip() for h in line]
    while header and not header[-1]:
        header.pop()
    known = [f.name for f in fields]
    issues = [
        Issue(name, 1, f.name, "", "the column is missing", f"Add it: {f.description}.")
        for f in fields
        if f.required and f.name not in header
    ]
    issues += [
        Issue(name, 1, h[:60], "", "no such column is known", f"Use {', '.join(known)}.")
        for h in header
        if h not in known
    ]
    twice = sorted({h for h in header if header.count(h) > 1})
    return issues + [Issue(name, 1, h, "", "the column stands twice", "Remove one of them.") for h in twice]


def _typed(name: str, lines: list[list[str]], fields: Sequence[Field]) -> tuple[list[dict[str, Any]], list[Issue]]:
    header = [h.strip() for h in lines[0]]
    while header and not header[-1]:
        header.pop()
    by_name = {f.name: f for f in fields}
    rows, issues = [], []
    for number, line in enumerate(lines[1:], start=2):
        cells = [c.strip() for c in line]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            issues.append(
                Issue(name, number, "", "", "more cells than the header has", "Quote cells that hold a comma.")
            )
            continue
        cells += [""] * (len(header) - len(cells))
        row: dict[str, Any] = {"row": number} | dict.fromkeys(by_name)
        for column, cell in zip(header, cells, strict=False):
            value, what, remedy = check_value(by_name[column], cell)
            if what:
                issues.append(Issue(name, number, column, cell[:60], what, remedy))
            row[column] = value
        rows.append(row)
    return rows, issues
