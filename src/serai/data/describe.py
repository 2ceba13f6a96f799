"""Describe the format and the contents of a package."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from serai.core.errors import InputError
from serai.data.schema import load_schema, table_schema

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.data.schema import Field, Table


def _kind(f: Field) -> str:
    kind = f"one of {', '.join(f.enum)}" if f.enum and not f.is_list else f.type
    if f.ref:
        kind = f"{f.ref}"
    if f.is_list:
        kind = f"list of {kind}, separated by ;"
    return kind


def _markdown(table: Table) -> str:
    lines = [f"## {table.title} (`{table.name}.csv`)", "", table.description, ""]
    lines += ["| column | type | unit | required | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{f.name}` | {_kind(f)} | {f.unit} | {'yes' if f.required else ''} | {f.description} |"
        for f in table.fields
    ]
    return "\n".join(lines)


def _plain(table: Table) -> str:
    width = max(len(f.name) for f in table.fields)
    lines = [f"{table.name}: {table.description}"]
    for f in table.fields:
        unit = f" [{f.unit}]" if f.unit else ""
        lines.append(f"  {f.name:<{width}}  {f.description}{unit}; {_kind(f)}{', required' if f.required else ''}")
    return "\n".join(lines)


def format_text(table: str | None, form: str) -> str:
    """Describe the format as plain text, Markdown or JSON (Frictionless Table Schema)."""
    tables = load_schema().tables
    if table is not None and table not in tables:
        raise InputError(f"There is no table {table!r}", f"Use one of: {', '.join(tables)}.")
    chosen = [tables[table]] if table else list(tables.values())
    if form == "json":
        return json.dumps({t.name: table_schema(t) for t in chosen}, ensure_ascii=False, indent=2)
    if form == "markdown":
        head = (
            "# Data package format\n\n"
            "A package is a folder with `datapackage.json` (Frictionless Data Package) and one CSV file for each "
            "table. "
            "Three columns `x_low`, `x`, `x_high` are the 10th percentile, the median and the 90th percentile. "
            "The table below is made from the format itself.\n\n"
        )
        return head + "\n\n".join(_markdown(t) for t in chosen)
    if form == "text":
        return "\n\n".join(_plain(t) for t in chosen)
    raise InputError(f"--format {form} is not known", "Use text, markdown or json.")


def places_text(package: Package) -> str:
    """List the places of a package in the three scripts."""
    lines = []
    for p in package["places"].itertuples(index=False):
        side = f"/{p.country_b}" if p.country_b else ""
        lines.append(f"{p.id:<16} {p.kind:<9} {p.country}{side:<5} {p.name} | {p.name_ru} | {p.name_ur}")
    return "\n".join(lines)


def source_use(package: Package) -> list[dict[str, Any]]:
    """Count the rows that cite each source, the most cited first."""
    count: Counter[str] = Counter()
    for name, table in load_schema().tables.items():
        if table.evidence:
            for cell in package[name]["source"]:
                count.update(str(cell).split(";"))
    rows = [
        {
            "id": s.id,
            "title": s.title,
            "publisher": s.publisher,
            "date": s.date,
            "address": s.address,
            "licence": s.licence,
            "rows": count[s.id],
        }
        for s in package["sources"].itertuples(index=False)
    ]
    return sorted(rows, key=lambda r: (-int(r["rows"]), str(r["id"])))


def basis_count(package: Package) -> list[dict[str, Any]]:
    """Rows of each table by basis."""
    out = []
    for name, table in load_schema().tables.items():
        if table.evidence:
            seen = package[name]["basis"].value_counts()
            out.append({"table": name, **{b: int(seen.get(b, 0)) for b in ("reported", "derived", "assumed")}})
    return out
