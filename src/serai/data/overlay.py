"""A user's own figures laid over a package, from a workbook or a CSV file.

A workbook has one sheet per table: column names in the first row, units in the second, then rows. Only
the key and the columns to change are needed. A CSV file has the columns table, id, column, value and,
if wanted, unit. Rows whose key exists are changed, others are added. What changes is marked.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from serai.core.errors import FIRST_ROW, DataError, InputError, Issue
from serai.core.files import write_bytes
from serai.data.read import ORIGIN, cell_text, check_value, csv_rows, decode, plain_text, typed_frame
from serai.data.scenario import set_figure
from serai.data.schema import Field, Table, load_schema
from serai.data.validate import check_package

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from serai.data.package import Package

SOURCE_ID: Final = "overlay"
TEMPLATE_TABLES: Final = (
    "rates",
    "speeds",
    "crossings",
    "transfers",
    "ports",
    "services",
    "status",
    "requirements",
    "projects",
    "project_terms",
    "closure_regimes",
    "thresholds",
    "exchange_rates",
    "commodities",
    "parameters",
)
NO_UNIT: Final = "-"

Cell = tuple[str, int, str, str, str]
"""Table, row of the file, key, column, text."""


def _unit_issue(table: Table, column: str, unit: str, row: int, of_row: str = "") -> list[Issue]:
    field = table.field(column)
    # Where every row has a unit of its own, that is the unit of its figures.
    wanted = field.unit or (of_row if field.type == "number" else "") or NO_UNIT
    if unit in {"", NO_UNIT, wanted}:
        return []
    return [
        Issue(
            table.name,
            row,
            column,
            unit,
            f"wrong unit, {wanted} is expected",
            f"Give the figure in {wanted}.",
        )
    ]


def _sheet_cells(table: Table, rows: list[tuple[Any, ...]]) -> tuple[list[Cell], list[Issue]]:
    if not rows:
        return [], []
    header = [plain_text(c) for c in rows[0]]
    while header and not header[-1]:
        header.pop()
    issues = [
        Issue(table.name, 1, name, "", "the column is not part of the format", "Remove or rename it.")
        for name in header
        if name not in table.columns
    ]
    key = table.key[0]
    if key not in header:
        issues.append(Issue(table.name, 1, key, "", "the column is missing", "Add the key column."))
    if issues:
        return [], issues
    body = rows[1:]
    first = 2
    if body and plain_text(body[0][header.index(key)]) == NO_UNIT:
        for name, unit in zip(header, body[0], strict=False):
            issues += _unit_issue(table, name, plain_text(unit), 2)
        body, first = body[1:], 3
    cells: list[Cell] = []
    seen: set[str] = set()
    for number, row in enumerate(body, start=first):
        values = [plain_text(c) for c in row[: len(header)]]
        if not any(values):
            continue
        identifier = values[header.index(key)]
        if not identifier:
            issues.append(Issue(table.name, number, key, "", "the key is empty", "Fill it in."))
            continue
        if identifier in seen:
            issues.append(Issue(table.name, number, key, identifier, "the key stands twice", "Leave one of the rows."))
            continue
        seen.add(identifier)
        cells += [(table.name, number, identifier, name, text) for name, text in zip(header, values, strict=False)]
    return cells, issues


def _read_workbook(path: Path) -> tuple[list[Cell], list[Issue]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except Exception as fault:
        raise InputError(
            f"{path} cannot be read as a workbook: {fault}",
            "Save it as .xlsx, or start from `serai data template`.",
        ) from fault
    schema = load_schema().tables
    cells: list[Cell] = []
    issues: list[Issue] = []
    for sheet in book.worksheets:
        if sheet.title == "READ ME":
            continue
        if sheet.title not in schema:
            issues.append(
                Issue(
                    sheet.title,
                    None,
                    "",
                    "",
                    "no such table",
                    f"Name sheets after tables: {', '.join(schema)}.",
                )
            )
            continue
        more, faults = _sheet_cells(schema[sheet.title], list(sheet.iter_rows(values_only=True)))
        cells += more
        issues += faults
    book.close()
    return cells, issues


def _units_of_rows(package: Package, name: str) -> dict[str, str]:
    table = load_schema().tables[name]
    if "unit" not in table.columns:
        return {}
    return dict(zip(package[name][table.key[0]].astype(str), package[name]["unit"].astype(str), strict=True))


def _read_long_csv(path: Path, package: Package) -> tuple[list[Cell], list[Issue]]:
    text, issues = decode(path.name, path.read_bytes())
    if issues:
        return [], issues
    lines, issues = csv_rows(path.name, text)
    if issues:
        return [], issues
    header = [c.strip() for c in lines[0]] if lines else []
    if missing := {"table", "id", "column", "value"} - set(header):
        return [], [
            Issue(
                path.name,
                1,
                ", ".join(sorted(missing)),
                "",
                "the column is missing",
                "Use table,id,column,value,unit.",
            )
        ]
    schema = load_schema().tables
    cells: list[Cell] = []
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(lines[1:], start=2):
        if not any(c.strip() for c in line):
            continue
        row = dict(zip(header, [*(c.strip() for c in line), *[""] * len(header)], strict=False))
        table, column = row["table"], row["column"]
        if any(c.strip() for c in line[len(header) :]):
            issues.append(
                Issue(
                    path.name,
                    number,
                    "",
                    "",
                    f"{len(line)} cells where the header has {len(header)}",
                    "Quote cells that hold a comma.",
                )
            )
        elif table not in schema:
            issues.append(Issue(path.name, number, "table", table, "no such table", f"Use: {', '.join(schema)}."))
        elif column not in schema[table].columns:
            issues.append(
                Issue(
                    path.name,
                    number,
                    "column",
                    column,
                    f"no such column in {table}",
                    "Use a column of the format.",
                )
            )
        else:
            of_row = _units_of_rows(package, table).get(row["id"], "")
            issues += _unit_issue(schema[table], column, row.get("unit", ""), number, of_row)
            if (table, row["id"], column) in seen:
                issues.append(Issue(path.name, number, column, row["id"], "given twice", "Leave one of the rows."))
            seen.add((table, row["id"], column))
            cells.append((table, number, row["id"], column, row["value"]))
    return cells, issues


def _same(field: Field, old: object, new: object) -> bool:
    return cell_text(field, old) == cell_text(field, new)


def _add_row(
    table: Table, frame: pd.DataFrame, values: dict[str, object], number: int, mark: str
) -> tuple[pd.DataFrame, list[Issue]]:
    row = {"source": SOURCE_ID, "basis": "assumed", **{c: v for c, v in values.items() if v is not None}}
    for name in table.ranged:
        if name in row:
            row.setdefault(f"{name}_low", row[name])
            row.setdefault(f"{name}_high", row[name])
    issues = [
        Issue(table.name, number, f.name, "", "a new row needs this value", "Fill it in.")
        for f in table.fields
        if f.required and f.name not in row
    ]
    if issues:
        return frame, issues
    return pd.concat([frame, typed_frame(table, [row], [mark])], ignore_index=True), []


def _lay_row(
    table: Table, frame: pd.DataFrame, key: str, cells: list[Cell], mark: str
) -> tuple[pd.DataFrame, list[Issue]]:
    issues: list[Issue] = []
    values: dict[str, object] = {}
    exists = key in set(frame[table.key[0]])
    if not exists:
        cells = [(table.name, cells[0][1], key, table.key[0], key), *cells]
    for name, number, _, column, text in cells:
        field = table.field(column)
        if text == "":
            continue
        value, what, remedy = check_value(field, text)
        if what:
            issues.append(Issue(name, number, column, text[:60], what, remedy))
        values[column] = value
    if issues:
        return frame, issues
    if not exists:
        return _add_row(table, frame, values, cells[0][1], mark)
    index = frame.index[frame[table.key[0]] == key][0]
    changed = {c: v for c, v in values.items() if not _same(table.field(c), frame.loc[index, c], v)}
    if not changed:
        return frame, []
    frame = frame.copy()
    for column, value in changed.items():
        field = table.field(column)
        ends_given = field.range_of and any(f"{field.range_of}_{end}" in changed for end in ("low", "high"))
        set_figure(frame, index, field, value, move=not ends_given)
    frame.loc[index, ORIGIN] = mark
    if table.evidence and "source" not in changed:
        frame.loc[index, "source"] = SOURCE_ID
    return frame, []


def _in_file(issue: Issue, tables: dict[str, pd.DataFrame], rows: dict[tuple[str, str], list[Cell]]) -> Issue:
    """Point a fault of the merged table to the row of the user's file it comes from, if it does."""
    table = load_schema().tables.get(issue.table)
    if table is None or issue.row is None:
        return issue
    cells = rows.get((table.name, str(tables[table.name][table.key[0]].iloc[issue.row - FIRST_ROW])))
    return replace(issue, row=cells[0][1]) if cells else issue


def lay_over(package: Package, path: Path, today: dt.date) -> Package:
    """Lay a user's file over a package.

    Raises
    ------
    InputError
        When the file cannot be read.
    DataError
        With every fault found in it.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}", "Write one with `serai data template my.xlsx`.")
    cells, issues = _read_workbook(path) if path.suffix.lower() == ".xlsx" else _read_long_csv(path, package)
    mark = f"overlay:{path.name}"
    tables = dict(package.tables)
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell[0], cell[2]), []).append(cell)
    source = {"id": SOURCE_ID, "title": f"The user's own figures ({path.name})", "publisher": "the user"}
    if SOURCE_ID not in set(tables["sources"]["id"]):
        added = typed_frame(load_schema().tables["sources"], [source], [mark])
        tables["sources"] = pd.concat([tables["sources"], added], ignore_index=True)
    for (name, key), mine in rows.items():
        table = load_schema().tables[name]
        tables[name], faults = _lay_row(table, tables[name], key, mine, mark)
        issues += faults
    if not issues:
        issues = [_in_file(issue, tables, rows) for issue in check_package(tables, today)]
    if issues:
        raise DataError(str(path), tuple(issues))
    if all(tables[n] is package.tables[n] for n in tables if n != "sources"):
        return package.with_tables({}, overlay=path.name)
    return package.with_tables(tables, overlay=path.name)


def write_template(package: Package, path: Path) -> None:
    """Write a workbook of the package's figures for the user to change, with units and drop-downs."""
    import openpyxl
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path} is not a workbook name", "Use a name that ends in .xlsx.")
    book = openpyxl.Workbook()
    readme = book.active
    readme.title = "READ ME"
    for line in (
        f"Your own figures for {package.meta.title} (version {package.meta.version})",
        "Change what you know better and delete what you do not change, or leave it: equal figures have no effect.",
        "The first row names the columns, the second gives their units. A range is 10th percentile, most likely, 90th.",
        "Set only the most likely value and the range keeps its proportions.",
        "Use it with --with on routes, solve, study and others. It never leaves this machine.",
    ):
        readme.append([line])
    readme.column_dimensions["A"].width = 110
    grey = PatternFill("solid", fgColor="EEEEEE")
    for name in TEMPLATE_TABLES:
        table = load_schema().tables[name]
        sheet = book.create_sheet(name)
        sheet.append(list(table.columns))
        sheet.append([f.unit or NO_UNIT for f in table.fields])
        for row in package[name].loc[:, list(table.columns)].itertuples(index=False, name=None):
            sheet.append([_cell(f, v) for f, v in zip(table.fields, row, strict=True)])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for cell in sheet[2]:
            cell.fill = grey
        sheet.freeze_panes = "B3"
        for number, field in enumerate(table.fields, start=1):
            letter = get_column_letter(number)
            sheet.column_dimensions[letter].width = max(10, min(40, len(field.name) + 3))
            choices = ("true", "false") if field.type == "boolean" else field.enum
            if choices and len(",".join(choices)) < 250:
                rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=not field.required)
                rule.add(f"{letter}3:{letter}5000")
                sheet.add_data_validation(rule)
    stream = io.BytesIO()
    book.save(stream)
    write_bytes(path, stream.getvalue())


def _cell(field: Field, value: object) -> float | str | None:
    text = cell_text(field, value)
    if text == "":
        return None
    return float(text) if field.type in {"number", "integer"} else text
