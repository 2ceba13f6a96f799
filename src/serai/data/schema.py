"""The format of a corridor data package, as data.

The format stands in ``schema.yaml``. It drives loading, validation, the documentation page, the
workbook template and, later, web forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from serai.core.text import read_yaml

FieldType = Literal["string", "number", "integer", "boolean", "date"]
BASES: Final = ("reported", "derived", "assumed")
PASSAGES: Final = ("suez", "babelmandeb", "hormuz", "malacca", "bosphorus", "panama", "gibraltar", "cape")
"""Sea passages that a link may use and a status may shut."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table."""

    name: str
    type: FieldType
    description: str
    required: bool = False
    unit: str = ""
    pattern: str = ""
    enum: tuple[str, ...] = ()
    ref: str = ""
    is_list: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    range_of: str = ""
    """Name of the ranged figure this column is the low, mode or high of; empty if it has no range."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the format."""

    name: str
    title: str
    description: str
    key: tuple[str, ...]
    unique: tuple[str, ...]
    evidence: bool
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(f.name for f in self.fields)

    @property
    def ranged(self) -> tuple[str, ...]:
        """Names of the figures that carry a low, a mode and a high value."""
        return tuple(dict.fromkeys(f.range_of for f in self.fields if f.range_of))

    def field(self, name: str) -> Field:
        """Return the column of that name; raise KeyError where there is none."""
        for f in self.fields:
            if f.name == name:
                return f
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of the format."""

    version: str
    tables: dict[str, Table]


def _expand(raw: dict[str, Any]) -> list[Field]:
    common = {
        "type": raw["type"],
        "unit": str(raw.get("unit", "")),
        "pattern": raw.get("pattern", ""),
        "enum": tuple(str(v) for v in raw.get("enum", ())),
        "ref": raw.get("ref", ""),
        "is_list": raw.get("list", False),
        "minimum": raw.get("minimum"),
        "maximum": raw.get("maximum"),
        "exclusive_minimum": raw.get("exclusive_minimum"),
    }
    name, required, text = raw["name"], raw.get("required", False), raw["description"]
    if not raw.get("range", False):
        return [Field(name=name, required=required, description=text, **common)]
    parts = ((f"{name}_low", "10th percentile"), (name, "median"), (f"{name}_high", "90th percentile"))
    return [
        Field(name=part, required=required, description=f"{text} ({what})", range_of=name, **common)
        for part, what in parts
    ]


def _evidence() -> list[Field]:
    return [
        Field("source", "string", "Identifiers of the sources", required=True, ref="sources.id", is_list=True),
        Field("basis", "string", "Ground of the row", required=True, enum=BASES),
        Field("note", "string", "How it was derived or why it is assumed"),
    ]


@cache
def load_schema() -> Schema:
    """Read the format from ``schema.yaml``."""
    raw = read_yaml(files("serai.data").joinpath("schema.yaml").read_text(encoding="utf-8"))
    tables = {}
    for name, spec in raw["tables"].items():
        fields = [field for line in spec["fields"] for field in _expand(line)]
        evidence = spec.get("evidence", True)
        if evidence:
            fields += _evidence()
        tables[name] = Table(
            name=name,
            title=spec["title"],
            description=spec["description"],
            key=tuple(spec["key"]),
            unique=tuple(spec.get("unique", ())),
            evidence=evidence,
            fields=tuple(fields),
        )
    return Schema(version=str(raw["version"]), tables=tables)


def table_schema(table: Table) -> dict[str, Any]:
    """Return the Frictionless Table Schema of one table."""
    fields: list[dict[str, Any]] = []
    for f in table.fields:
        constraints: dict[str, Any] = {"required": True} if f.required else {}
        if f.enum and not f.is_list:
            constraints["enum"] = list(f.enum)
        if f.pattern:
            constraints["pattern"] = f.pattern
        limits = {"minimum": f.minimum, "maximum": f.maximum, "exclusiveMinimum": f.exclusive_minimum}
        constraints |= {key: value for key, value in limits.items() if value is not None}
        entry: dict[str, Any] = {"name": f.name, "type": f.type, "description": f.description}
        if f.unit:
            entry["unit"] = f.unit
        if constraints:
            entry["constraints"] = constraints
        fields.append(entry)
    out: dict[str, Any] = {"fields": fields, "primaryKey": list(table.key), "missingValues": [""]}
    keys = [
        {"fields": [f.name], "reference": {"resource": t, "fields": [c]}}
        for f in table.fields
        if f.ref and not f.is_list
        for t, c in [f.ref.split(".")]
    ]
    if keys:
        out["foreignKeys"] = keys
    if table.unique:
        out["uniqueKeys"] = [list(table.unique)]
    return out
