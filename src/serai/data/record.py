"""Add a user's own status row, outside the package and never over an older one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from serai.core.errors import DataError, InputError
from serai.core.files import sha256, write_bytes
from serai.data.names import find_place
from serai.data.package import USER_ORIGIN, rows_from, user_sources_file, user_status_file
from serai.data.read import typed_frame, write_csv
from serai.data.scenario import object_kind
from serai.data.schema import load_schema
from serai.data.validate import PASSAGES, check_status

if TYPE_CHECKING:
    from pathlib import Path

    from serai.data.package import Package

STATES = ("open", "restricted", "closed")


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
    mine = rows_from(package, "status", [USER_ORIGIN])
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
    issues = check_status(added, package.tables, today)
    if issues:
        raise DataError("status set", tuple(issues))
    sources = rows_from(package, "sources", [USER_ORIGIN])
    if source_id not in set(sources["id"]):
        new = {"id": source_id, "title": source, "publisher": "given by the user", "address": source}
        new["date"] = confirmed_on.isoformat()
        sources = pd.concat([sources, typed_frame(tables["sources"], [new], [USER_ORIGIN])], ignore_index=True)
        write_bytes(user_sources_file(package.meta.name), write_csv(tables["sources"], sources))
    path = user_status_file(package.meta.name)
    write_bytes(path, write_csv(tables["status"], pd.concat([mine, added], ignore_index=True)))
    return path
