"""Add a user's own status row, outside the package and never over an older one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from serai.core.errors import DataError, InputError, Issue
from serai.core.files import sha256, write_bytes
from serai.data.checks.states import check_status
from serai.data.names import find_place
from serai.data.package import USER_ORIGIN, user_sources_file, user_status_file
from serai.data.read import cell_text, check_value, read_table, typed_frame, write_csv
from serai.data.scenario import object_kind
from serai.data.schema import PASSAGES, load_schema

if TYPE_CHECKING:
    from pathlib import Path

    from serai.data.package import Package
    from serai.data.schema import Table

STATES = ("open", "restricted", "closed")


def _written(table: str, path: Path) -> pd.DataFrame:
    """Rows that stand in one of the user's files; nothing is ever added to a file that cannot be read."""
    schema = load_schema().tables[table]
    if not path.is_file():
        return typed_frame(schema, [], [])
    rows, issues = read_table(schema, path.read_bytes(), USER_ORIGIN)
    if issues:
        raise DataError(str(path), tuple(issues))
    return rows


def _cell_faults(table: Table, row: dict[str, object]) -> list[Issue]:
    """Faults that would keep the row from being read again, such as a reason that is a formula."""
    issues = []
    for field in table.fields:
        text = cell_text(field, row[field.name]).strip()
        _, what, remedy = check_value(field, text)
        if what:
            issues.append(Issue(table.name, None, field.name, text[:60], what, remedy))
    return issues


def add_status(
    package: Package,
    *,
    place: str,
    state: str,
    since: dt.date,
    confirmed_on: dt.date,
    source: str,
    mode: str,
    reason: str,
    today: dt.date,
) -> Path:
    """Append a status row and its source to the user's files.

    Raises
    ------
    InputError, DataError
        When the object, state, mode, dates or source cannot be right; nothing is written then.
    """
    if state not in STATES:
        raise InputError(f"{state!r} is no state", f"Use {', '.join(STATES)}.")
    if not source.startswith(("http://", "https://")):
        raise InputError(f"--source {source!r} is no address", "Give the address of the page that says so.")
    if mode not in ("", "road", "rail", "sea", "ferry"):
        raise InputError(f"There is no mode {mode!r}", "Use road, rail, sea or ferry.")
    direct = place in PASSAGES or place in set(package["links"]["id"])
    name = place if direct else find_place(package["places"], place)
    kind = object_kind(package, name)
    tables = load_schema().tables
    source_id = f"user-{sha256(source.encode())[:10]}"
    if kind == "crossing" and mode:
        crossings = package["crossings"]
        modes = sorted(set(crossings.loc[crossings["place"] == name, "mode"]))
        if mode not in modes:
            raise InputError(f"{name} has no crossing by {mode}", f"Use {' or '.join(modes)}, or leave the mode out.")
    mine = _written("status", user_status_file(package.meta.name))
    row = {
        "id": f"user-{len(mine) + 1:04d}",
        "kind": kind,
        "object": name,
        "mode": mode,
        "state": state,
        "valid_from": since,
        "valid_to": None,
        "confirmed_on": confirmed_on,
        "reason": reason,
        "source": source_id,
        "basis": "reported",
        "note": "",
    }
    added = typed_frame(tables["status"], [row], [USER_ORIGIN])
    issues = [*_cell_faults(tables["status"], row), *check_status(added, package.tables, today)]
    if issues:
        raise DataError("status set", tuple(issues))
    sources = _written("sources", user_sources_file(package.meta.name))
    if source_id not in set(sources["id"]):
        new = {
            "id": source_id,
            "title": source,
            "publisher": "given by the user",
            "date": confirmed_on.isoformat(),
            "address": source,
        }
        sources = pd.concat([sources, typed_frame(tables["sources"], [new], [USER_ORIGIN])], ignore_index=True)
        write_bytes(user_sources_file(package.meta.name), write_csv(tables["sources"], sources))
    path = user_status_file(package.meta.name)
    write_bytes(path, write_csv(tables["status"], pd.concat([mine, added], ignore_index=True)))
    return path
