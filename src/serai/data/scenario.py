"""Changes to a package as data: open, close, set, add.

A scenario is a list of operations. Applying it gives a new package; nothing else changes. A scenario
may stand on others (``extends``); a circle is an error.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from serai.core.errors import DataError, InputError, ScenarioError
from serai.core.text import read_yaml
from serai.data.read import EMPTY, ORIGIN, check_value, plain_text, typed_frame
from serai.data.schema import PASSAGES, load_schema
from serai.data.validate import check_package

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.data.package import Package
    from serai.data.schema import Field as TableField
    from serai.data.schema import Table

SOURCE_ID = "scenario"
MODES = ("road", "rail", "sea", "ferry")
Mode = Literal["", "road", "rail", "sea", "ferry"]
Value = int | float | str | bool | dt.date


class _Op(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Open(_Op):
    """Open a crossing, link, place, passage or every link of a project."""

    op: Literal["open"]
    object: str
    mode: Mode = ""


class Close(_Op):
    """Close a crossing, link, place or passage."""

    op: Literal["close"]
    object: str
    mode: Mode = ""


class Set(_Op):
    """Set one figure of a row, or multiply it; a range moves with its most likely value.

    The row is named by ``id``, or all rows are meant whose columns hold one of the values that ``where`` lists.
    """

    op: Literal["set"]
    table: str
    id: str = ""
    where: dict[str, str | list[str]] = {}
    column: str
    value: Value | None = None
    times: float | None = None


class Add(_Op):
    """Add a row to a table."""

    op: Literal["add"]
    table: str
    row: dict[str, Value]


Operation = Annotated[Open | Close | Set | Add, Field(discriminator="op")]


class ScenarioFile(BaseModel):
    """What a scenario file may say."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    title: str = ""
    description: dict[str, str] = {}
    unchecked: list[str] = []
    sources: list[str] = []
    extends: list[str] = []
    ops: list[Operation] = []


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named list of operations."""

    name: str
    ops: tuple[Open | Close | Set | Add, ...] = ()


def parse_scenario(text: str, where: str) -> ScenarioFile:
    """Read the text of a scenario; `where` names it in messages.

    Raises
    ------
    InputError
        When it is not YAML or not a scenario.
    """
    try:
        return TypeAdapter(ScenarioFile).validate_python(read_yaml(text))
    except yaml.YAMLError as fault:
        raise InputError(f"Scenario {where} is not YAML: {str(fault).splitlines()[0]}", "Correct the file.") from fault
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "the top"
        raise InputError(
            f"Scenario {where}: {first['msg']} at {place}",
            "An operation is open, close, set or add; see the documentation of scenarios.",
        ) from fault


def read_scenario(scenario: Path | str, library: Mapping[str, str] = MappingProxyType({})) -> Scenario:
    """Read a scenario, with the scenarios it extends applied first, each of them once.

    Parameters
    ----------
    scenario
        Path of a YAML file, or a name in the library.
    library
        Scenarios known by name: YAML text. `extends` names them, or files by their path.

    Raises
    ------
    InputError
        When a file is missing, is not a scenario, or scenarios extend each other in a circle.
    """
    start = scenario if isinstance(scenario, str) and scenario in library else Path(scenario).resolve()
    return _read(start, library, (), set())


def _text(origin: Path | str, library: Mapping[str, str]) -> str:
    if isinstance(origin, str):
        return library[origin]
    try:
        return origin.read_text(encoding="utf-8")
    except OSError as fault:
        known = f", or one of: {', '.join(library)}" if library else ""
        raise InputError(
            f"Scenario {origin} cannot be read: {fault.strerror}", f"Give the path of a YAML file{known}."
        ) from fault
    except UnicodeDecodeError as fault:
        raise InputError(f"Scenario {origin} is not YAML: {fault}", "Correct the file.") from fault


def _read(
    origin: Path | str, library: Mapping[str, str], seen: tuple[Path | str, ...], done: set[Path | str]
) -> Scenario:
    if origin in seen:
        circle = " -> ".join(p if isinstance(p, str) else p.name for p in (*seen, origin))
        raise InputError(f"Scenarios extend each other in a circle: {circle}", "Remove one `extends`.")
    file = parse_scenario(_text(origin, library), str(origin))
    ops: tuple[Open | Close | Set | Add, ...] = ()
    for name in file.extends:
        folder = Path() if isinstance(origin, str) else origin.parent
        other = name if name in library else (folder / name).resolve()
        if other not in done:
            ops += _read(other, library, (*seen, origin), done).ops
    done.add(origin)
    return Scenario(file.name, ops + tuple(file.ops))


def object_kind(package: Package, name: str) -> str:
    """Say what kind of thing a name is: passage, link, crossing, place or project.

    Raises
    ------
    ScenarioError
        When it is none of them.
    """
    if name in PASSAGES:
        return "passage"
    if name in set(package["links"]["id"]):
        return "link"
    if name in set(package["crossings"]["place"]):
        return "crossing"
    if name in set(package["places"]["id"]):
        return "place"
    if name in set(package["projects"]["id"]):
        return "project"
    raise ScenarioError(
        f"{name} is no crossing, place, link, passage or project of {package.meta.name}",
        "Use an identifier that `serai data describe` or `serai status list` shows.",
    )


def _status_row(kind: str, name: str, mode: str, state: str) -> dict[str, object]:
    # A scenario holds on every day and never grows stale, hence the end in the far future.
    return {
        "id": f"scenario:{kind}:{name}:{mode or 'all'}",
        "kind": kind,
        "object": name,
        "mode": mode,
        "state": state,
        "valid_from": None,
        "valid_to": dt.date(9999, 12, 31),
        "confirmed_on": dt.date(1900, 1, 1),
        "reason": "scenario",
        "source": SOURCE_ID,
        "basis": "reported",
        "note": "",
    }


def _without(status: pd.DataFrame, kind: str, name: str, mode: str, *, split: bool) -> pd.DataFrame:
    """Take away what is said of an object by a mode; what is said of all modes stays for the others."""
    mine = (status["kind"] == kind) & (status["object"] == name)
    if not mode:
        return status[~mine]
    status, general = status[~(mine & (status["mode"] == mode))], status[mine & (status["mode"] == "")]
    if general.empty or not split:
        return status
    others = [general.assign(id=general["id"] + f":{m}", mode=m) for m in MODES if m != mode]
    return pd.concat([status.drop(general.index), *others], ignore_index=True)


def _set_status(
    tables: dict[str, pd.DataFrame], package: Package, op: Open | Close, scenario: str
) -> dict[str, pd.DataFrame]:
    kind = object_kind(package, op.object)
    state = "open" if isinstance(op, Open) else "closed"
    targets: list[tuple[str, str, str]] = [(kind, op.object, op.mode)]
    if kind == "project":
        if isinstance(op, Close):
            raise ScenarioError(f"{op.object} is a project and cannot be closed", "Close its links or crossings.")
        mine = tables["links"][tables["links"]["project"] == op.object]
        if mine.empty:
            raise ScenarioError(f"Project {op.object} adds no link", "Change figures with `set` instead.")
        links = tables["links"].copy()
        links.loc[mine.index, "project"] = ""
        tables = {**tables, "links": links}
        targets = [("link", link, "") for link in mine["id"]]
        ends = set(mine["from"]) | set(mine["to"])
        crossings = tables["crossings"]
        for (place, mode), _ in crossings.groupby(["place", "mode"], sort=True):
            if place in ends and mode in set(mine["mode"]):
                targets.append(("crossing", str(place), str(mode)))
    status = tables["status"]
    for target_kind, name, mode in targets:
        status = _without(status, target_kind, name, mode, split=kind != "project")
    rows = []
    for target_kind, name, mode in targets:
        row = _status_row(target_kind, name, mode, state)
        row["reason"] = f"scenario {scenario}"
        rows.append(row)
    added = typed_frame(load_schema().tables["status"], rows, [f"scenario:{scenario}"] * len(rows))
    return {**tables, "status": pd.concat([status, added], ignore_index=True)}


def _set_value(tables: dict[str, pd.DataFrame], op: Set, scenario: str) -> dict[str, pd.DataFrame]:
    schema = load_schema().tables
    if op.table not in schema:
        raise ScenarioError(f"There is no table {op.table}", f"Use one of: {', '.join(schema)}.")
    table, frame = schema[op.table], tables[op.table]
    if op.column not in table.columns:
        raise ScenarioError(f"Table {op.table} has no column {op.column}", f"Use one of: {', '.join(table.columns)}.")
    if (op.value is None) == (op.times is None):
        raise ScenarioError(f"{op.table} {op.id} {op.column}: give either value or times", "Give one of them.")
    hits = _rows(table, frame, op)
    frame = frame.copy()
    for index in hits:
        _set_cell(frame, index, table, op)
    frame.loc[hits, ORIGIN] = f"scenario:{scenario}"
    return {**tables, op.table: frame}


def _rows(table: Table, frame: pd.DataFrame, op: Set) -> pd.Index:
    """Rows a `set` means: the one of its identifier, or those that `where` picks."""
    if bool(op.id) == bool(op.where):
        raise ScenarioError(f"{op.table} {op.column}: give either id or where", "Give one of them.")
    if op.id:
        hits = frame.index[frame[table.key[0]] == op.id]
        if hits.empty:
            raise ScenarioError(f"Table {op.table} has no row {op.id}", "Use an identifier of the table.")
        return hits[:1]
    chosen = pd.Series(data=True, index=frame.index)
    for column, values in op.where.items():
        if column not in table.columns or table.field(column).type != "string":
            raise ScenarioError(f"Table {op.table} has no text column {column}", "Use a text column in where.")
        chosen &= frame[column].isin([values] if isinstance(values, str) else values)
    if not chosen.any():
        raise ScenarioError(f"No row of {op.table} fits where {op.where}", "Correct the values.")
    return frame.index[chosen]


def _set_cell(frame: pd.DataFrame, index: object, table: Table, op: Set) -> None:
    """Set one figure, in place."""
    field = table.field(op.column)
    key = frame.loc[index, table.key[0]]
    if op.times is not None:
        if field.type != "number":
            raise ScenarioError(f"{op.table}.{op.column} is no number to multiply", "Use value.")
        old = float(frame.loc[index, op.column])
        if math.isnan(old):
            raise ScenarioError(f"{op.table} {key} {op.column} is empty and cannot be multiplied", "Use value.")
        text = repr(old * op.times)
    else:
        text = plain_text(op.value)
    value, what, remedy = check_value(field, text)
    if what:
        raise ScenarioError(f"{op.table} {key} {op.column}: {what} (found {text!r})", remedy)
    set_figure(frame, index, field, value)


def set_figure(frame: pd.DataFrame, index: object, field: TableField, value: object, *, move: bool = True) -> None:
    """Set one cell; where it is the mode of a range, low and high keep their ratio to it if they are to `move`."""
    column = field.name
    if value is None:
        value = EMPTY[field.type]
    if move and column == field.range_of and isinstance(value, float):
        old = float(frame.loc[index, column])
        for end in (f"{column}_low", f"{column}_high"):
            was = float(frame.loc[index, end])
            # A flat range stays flat to the last bit, and an empty one takes the value.
            frame.loc[index, end] = value if was == old or not old > 0 else was * (value / old)
    frame.loc[index, column] = value


def _add_row(tables: dict[str, pd.DataFrame], op: Add, scenario: str) -> dict[str, pd.DataFrame]:
    schema = load_schema().tables
    if op.table not in schema:
        raise ScenarioError(f"There is no table {op.table}", f"Use one of: {', '.join(schema)}.")
    table = schema[op.table]
    given: dict[str, object] = {
        "source": SOURCE_ID,
        "basis": "assumed",
        "note": f"scenario {scenario}",
        **op.row,
    }
    if unknown := [c for c in op.row if c not in table.columns]:
        raise ScenarioError(f"Table {op.table} has no column {unknown[0]}", f"Use: {', '.join(table.columns)}.")
    row = {}
    for field in table.fields:
        value, what, remedy = check_value(field, plain_text(given.get(field.name)))
        if what:
            raise ScenarioError(f"New row of {op.table}, column {field.name}: {what}", remedy)
        row[field.name] = value
    added = typed_frame(table, [row], [f"scenario:{scenario}"])
    return {**tables, op.table: pd.concat([tables[op.table], added], ignore_index=True)}


def _with_source(tables: dict[str, pd.DataFrame], scenario: str) -> dict[str, pd.DataFrame]:
    sources = tables["sources"]
    if SOURCE_ID in set(sources["id"]):
        return tables
    row = {"id": SOURCE_ID, "title": f"Scenario {scenario}", "publisher": "the user"}
    added = typed_frame(load_schema().tables["sources"], [row], [f"scenario:{scenario}"])
    return {**tables, "sources": pd.concat([sources, added], ignore_index=True)}


def apply(package: Package, scenario: Scenario) -> Package:
    """Apply a scenario to a package.

    Parameters
    ----------
    package
        Left as it is.
    scenario
        Its operations are applied in order.

    Raises
    ------
    ScenarioError
        When an operation cannot be applied or leaves the package inconsistent.
    """
    if not scenario.ops:
        return package
    tables = _with_source(dict(package.tables), scenario.name)
    for op in scenario.ops:
        if isinstance(op, Open | Close):
            # The digest of what lies between two operations is nobody's business.
            tables = _set_status(tables, replace(package, tables=tables), op, scenario.name)
        elif isinstance(op, Set):
            tables = _set_value(tables, op, scenario.name)
        else:
            tables = _add_row(tables, op, scenario.name)
    issues = check_package(tables, dt.date.max, package.tables)
    if issues:
        raise ScenarioError(str(DataError(f"scenario {scenario.name}", tuple(issues))))
    return package.with_tables(tables)


def describe(op: Open | Close | Set | Add) -> str:
    """Say an operation in words."""
    if isinstance(op, Open | Close):
        return f"{op.op} {op.object}{f' ({op.mode})' if op.mode else ''}"
    if isinstance(op, Set):
        change = f"= {op.value}" if op.times is None else f"times {op.times:g}"
        rows = op.id or ", ".join(f"{c} {v if isinstance(v, str) else '/'.join(v)}" for c, v in op.where.items())
        return f"{op.table} {rows}: {op.column} {change}"
    table = load_schema().tables.get(op.table)
    return f"add to {op.table}: {op.row.get(table.key[0], 'a row') if table else 'a row'}"
