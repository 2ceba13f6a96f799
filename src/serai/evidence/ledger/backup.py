"""The whole ledger in one file, and back: from SQLite to PostgreSQL as well as the other way.

One line of JSON for each row, packed; the last line counts the rows, so that a cut file is found out.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import InputError
from serai.core.files import write_bytes
from serai.evidence.ledger.store import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Column

    from serai.evidence.ledger.store import Ledger

FORMAT: Final = "serai-ledger"
_REMEDY: Final = "Name a file that `serai ledger backup` wrote."


def _packed(value: object) -> object:
    if isinstance(value, dt.datetime):
        # SQLite gives back a time without its zone; all are written in UTC.
        at = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return at.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def backup(ledger: Ledger, path: Path) -> int:
    """Write every row of a ledger, from one state, into one file; returns how many. The same rows give the same bytes.

    Raises
    ------
    InputError, LedgerError
        When the file cannot be written or the database not be read.
    """
    from serai.evidence.ledger.models import metadata

    lines = [json.dumps({"format": FORMAT, "revision": HEAD})]
    with ledger.reading() as connection:
        for table in metadata.sorted_tables:
            found = connection.execute(table.select().order_by(*table.primary_key.columns)).mappings()
            rows = ({k: _packed(v) for k, v in row.items()} for row in found)
            lines.extend(json.dumps([table.name, row], ensure_ascii=False) for row in rows)
    count = len(lines) - 1
    lines.append(json.dumps({"rows": count}))
    write_bytes(path, gzip.compress("\n".join(lines).encode(), mtime=0))
    return count


def _read(path: Path) -> Iterator[Any]:
    """Yield the rows of a file, once its head and its count are right."""
    try:
        lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
        head, count = lines[0], lines[-1]["rows"]
        known = head["format"] == FORMAT
    except (OSError, EOFError, ValueError, LookupError, TypeError) as fault:
        raise InputError(f"{path} is no whole backup of a ledger", _REMEDY) from fault
    if not known or count != len(lines) - 2:
        raise InputError(f"{path} is no whole backup of a ledger", _REMEDY)
    if head["revision"] != HEAD:
        raise InputError(f"{path} is of revision {head['revision']}, this program reads {HEAD}", "Update Serai.")
    yield from lines[1:-1]


def _unpacked(column: Column[Any], value: object) -> object:
    kind = column.type.python_type
    return kind.fromisoformat(value) if value is not None and kind in {dt.date, dt.datetime} else value


def restore(ledger: Ledger, path: Path) -> int:
    """Write the rows of a backup into an empty ledger, all or none; returns how many.

    Raises
    ------
    InputError
        When the file is no whole backup, or the ledger is not empty.
    LedgerError
        When the database refuses a row.
    """
    from sqlalchemy import func, select, text

    from serai.evidence.ledger.models import metadata

    held: dict[str, list[dict[str, Any]]] = {t.name: [] for t in metadata.sorted_tables}
    for name, row in _read(path):
        if name not in held:
            raise InputError(f"{path} holds rows of {name}, which is no table of a ledger", _REMEDY)
        columns = metadata.tables[name].columns
        held[name].append({k: _unpacked(columns[k], v) for k, v in row.items()})
    with ledger.writing() as connection:
        for table in metadata.sorted_tables:
            if connection.execute(select(func.count()).select_from(table)).scalar():
                raise InputError(f"ledger {ledger.name} is not empty", "Restore into a new database.")
        for table in metadata.sorted_tables:
            if held[table.name]:
                connection.execute(table.insert(), held[table.name])
        if connection.dialect.name == "postgresql":
            for table in metadata.sorted_tables:
                if "seq" in table.columns and held[table.name]:
                    last = max(r["seq"] for r in held[table.name])
                    place = f"pg_get_serial_sequence('{table.name}', 'seq')"
                    connection.execute(text(f"select setval({place}, {int(last)})"))
    return sum(map(len, held.values()))
