"""A corridor data package in memory: its tables, what it says of itself, and its digest."""

from __future__ import annotations

import datetime as dt
import json
import re
import weakref
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import FIRST_ROW, DataError, InputError, Issue
from serai.core.files import sha256, staged_folder, user_folder, write_bytes
from serai.data.read import ORIGIN, PACKAGE_ORIGIN, read_table, typed_frame, write_csv
from serai.data.schema import load_schema, table_schema
from serai.data.texts import check_texts
from serai.data.validate import check_package

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    import pandas as pd

    from serai.data.schema import Table

DESCRIPTOR: Final = "datapackage.json"
STUDY: Final = "study.yaml"
SCENARIOS: Final = "scenarios"
USER_ORIGIN: Final = "user"
NAME_PATTERN: Final = "[a-z0-9][a-z0-9._-]*"
"""A package's name is also the name of the folder of the user's own rows."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What a package says of itself.

    Attributes
    ----------
    name, title, version
        Identifier, title and version.
    base_date
        The date on whose status the base state stands.
    price_year
        Year of the money.
    boundary_view
        Which view of disputed boundaries its maps draw.
    digest
        SHA-256 over the canonical form of all tables.
    overlays
        Names of the user's files laid over the package.
    """

    name: str
    title: str
    version: str
    base_date: dt.date
    price_year: int
    boundary_view: str
    licence: str
    digest: str
    overlays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """A data package: metadata, typed tables, and its study specification and scenarios as text."""

    meta: Meta
    tables: Mapping[str, pd.DataFrame]
    study: str = ""
    scenarios: Mapping[str, str] = field(default_factory=dict)
    """YAML of each scenario that comes with the package, by name."""
    folder: Path | None = None
    """Where it was read, if that is a folder: what its study names by a relative path lies there."""

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return one table; callers must not change it."""
        return self.tables[table]

    def __reduce__(self) -> tuple[Callable[..., Package], tuple[object, ...]]:
        """Pickle the tables as a plain dict; read-only views of mappings cannot be."""
        return _package, (self.meta, dict(self.tables), self.study, dict(self.scenarios), self.folder)

    def with_tables(self, changed: Mapping[str, pd.DataFrame], overlay: str = "") -> Package:
        """Return a package in which some tables are replaced."""
        tables = MappingProxyType({**self.tables, **changed})
        overlays = (*self.meta.overlays, overlay) if overlay else self.meta.overlays
        return replace(self, meta=replace(self.meta, digest=digest(tables), overlays=overlays), tables=tables)


def _package(
    meta: Meta, tables: dict[str, pd.DataFrame], study: str, scenarios: dict[str, str], folder: Path | None
) -> Package:
    return Package(meta, MappingProxyType(tables), study, MappingProxyType(scenarios), folder)


def digest(tables: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 over the canonical CSV form of all tables."""
    schema = load_schema()
    parts = [f"{name}\n".encode() + _written(table, tables[name]) for name, table in schema.tables.items()]
    return sha256(b"\n".join(parts))


_texts: dict[int, tuple[weakref.ref[pd.DataFrame], bytes]] = {}


def _written(table: Table, frame: pd.DataFrame) -> bytes:
    """Write a table once while it lives: a change leaves most tables of a package as they are."""
    key = id(frame)
    if key not in _texts or _texts[key][0]() is not frame:
        _texts[key] = (weakref.ref(frame, lambda _: _texts.pop(key, None)), write_csv(table, frame))
    return _texts[key][1]


def embedded_packages() -> list[str]:
    """Names of the packages that come with Serai."""
    root = files("serai").joinpath("packages")
    return sorted(p.name for p in root.iterdir() if p.is_dir() and p.joinpath(DESCRIPTOR).is_file())


def locate(name_or_path: str) -> Traversable:
    """Find an embedded package by name or a package folder by path."""
    path = Path(name_or_path)
    if path.is_dir() and (path / DESCRIPTOR).is_file():
        return path
    if name_or_path in embedded_packages():
        return files("serai").joinpath("packages", name_or_path)
    raise InputError(
        f"No data package {name_or_path!r}: neither a folder with {DESCRIPTOR} nor one that comes with Serai",
        f"Use {', '.join(embedded_packages())} or a folder; `serai data new FOLDER` writes an empty one.",
    )


def _read_descriptor(root: Traversable) -> dict[str, Any]:
    try:
        raw = json.loads(root.joinpath(DESCRIPTOR).read_text(encoding="utf-8"))
        raw["base_date"] = dt.date.fromisoformat(raw["base_date"])
        missing = [k for k in ("name", "title", "version", "price_year") if k not in raw]
        raw["price_year"] = int(raw.get("price_year", 0))
        raw["licenses"] = [dict(entry) for entry in raw.get("licenses", ())]
        raw["licence"] = ", ".join(str(entry.get("name", "")) for entry in raw["licenses"])
    except (ValueError, KeyError, TypeError) as fault:
        raise InputError(
            f"{root}/{DESCRIPTOR} cannot be read: {fault}", "It must be JSON with a base_date as YYYY-MM-DD."
        ) from fault
    if missing:
        raise InputError(f"{root}/{DESCRIPTOR} lacks {', '.join(missing)}", "Add them.")
    if not (isinstance(raw["name"], str) and re.fullmatch(NAME_PATTERN, raw["name"])):
        raise InputError(f"{root}/{DESCRIPTOR}: {raw['name']!r} is no name", "Use a-z, 0-9, hyphen, dot, underscore.")
    return dict(raw)


def _read_tables(root: Traversable) -> tuple[dict[str, pd.DataFrame], list[Issue]]:
    tables: dict[str, pd.DataFrame] = {}
    issues: list[Issue] = []
    for name, table in load_schema().tables.items():
        file = root.joinpath(f"{name}.csv")
        if not file.is_file():
            tables[name] = typed_frame(table, [], [])
            issues.append(
                Issue(name, None, "", "", f"the file {name}.csv is missing", "Write it, if only its header row.")
            )
            continue
        tables[name], faults = read_table(table, file.read_bytes(), PACKAGE_ORIGIN)
        issues += faults
    return tables, issues


def _read_scenarios(root: Traversable) -> Mapping[str, str]:
    folder = root.joinpath(SCENARIOS)
    if not folder.is_dir():
        return MappingProxyType({})
    files_found = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return MappingProxyType({f.name.removesuffix(".yaml"): _text(f) for f in files_found})


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise InputError(f"{file} is not UTF-8: {fault.reason}", "Save it as UTF-8.") from fault


def user_status_file(package: str) -> Path:
    """File of the user's own status rows for a package."""
    return user_folder() / package / "status.csv"


def user_sources_file(package: str) -> Path:
    """File of the sources of the user's own status rows."""
    return user_folder() / package / "sources.csv"


def _add_user_rows(name: str, tables: dict[str, pd.DataFrame]) -> list[Issue]:
    import pandas as pd

    issues: list[Issue] = []
    for table_name, path in (("sources", user_sources_file(name)), ("status", user_status_file(name))):
        if path.is_file():
            rows, faults = read_table(load_schema().tables[table_name], path.read_bytes(), USER_ORIGIN)
            issues += [replace(fault, table=str(path)) for fault in faults]
            tables[table_name] = pd.concat([tables[table_name], rows], ignore_index=True)
    return issues


def _in_user_file(issue: Issue, name: str, tables: Mapping[str, pd.DataFrame]) -> Issue:
    """Point a fault of a row that the user recorded to the user's file."""
    path = {"sources": user_sources_file(name), "status": user_status_file(name)}.get(issue.table)
    if path is None or issue.row is None:
        return issue
    own = (tables[issue.table][ORIGIN] == USER_ORIGIN).to_numpy()
    position = issue.row - FIRST_ROW
    if not own[position]:
        return issue
    return replace(issue, table=str(path), row=int(own[:position].sum()) + FIRST_ROW)


def load_package(name_or_path: str, *, today: dt.date, user_rows: bool = True) -> Package:
    """Load and validate a package.

    Parameters
    ----------
    name_or_path
        Name of an embedded package, or a folder.
    today
        Nothing may be confirmed after this day.
    user_rows
        Whether to add the user's own status rows.

    Raises
    ------
    DataError
        With every fault found.
    InputError
        When there is no such package.
    """
    root = locate(name_or_path)
    raw = _read_descriptor(root)
    tables, issues = _read_tables(root)
    if user_rows:
        issues += _add_user_rows(raw["name"], tables)
    study = root.joinpath(STUDY)
    text, scenarios = _text(study) if study.is_file() else "", _read_scenarios(root)
    if not issues:
        issues = [_in_user_file(issue, raw["name"], tables) for issue in check_package(tables, today)]
        issues += check_texts(tables, (text, *scenarios.values()))
    if issues:
        raise DataError(f"data package {name_or_path}", tuple(issues))
    meta = Meta(
        name=raw["name"],
        title=raw["title"],
        version=raw["version"],
        base_date=raw["base_date"],
        price_year=raw["price_year"],
        boundary_view=raw.get("boundary_view", "disputed"),
        licence=raw["licence"],
        digest=digest(tables),
    )
    folder = root if isinstance(root, Path) else None
    return Package(meta, MappingProxyType(tables), text, scenarios, folder)


def descriptor(
    name: str,
    title: str,
    version: str,
    base_date: dt.date,
    price_year: int,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the Frictionless descriptor of a package with the format's tables inlined."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": title,
        "version": version,
        "base_date": base_date.isoformat(),
        "price_year": price_year,
        "format": load_schema().version,
        **(extra or {}),
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.name,
                "title": table.title,
                "description": table.description,
                "path": f"{table.name}.csv",
                "encoding": "utf-8",
                "schema": table_schema(table),
            }
            for table in load_schema().tables.values()
        ],
    }


def write_package(package: Package, folder: Path) -> None:
    """Write a package as a folder of CSV tables with its descriptor."""
    meta = package.meta
    extra: dict[str, Any] = {"boundary_view": meta.boundary_view}
    if meta.licence:
        extra["licenses"] = [{"name": name} for name in meta.licence.split(", ")]
    text = json.dumps(
        descriptor(meta.name, meta.title, meta.version, meta.base_date, meta.price_year, extra),
        ensure_ascii=False,
        indent=2,
    )
    with staged_folder(folder) as stage:
        write_bytes(stage / DESCRIPTOR, (text + "\n").encode())
        for name, table in load_schema().tables.items():
            write_bytes(stage / f"{name}.csv", write_csv(table, package[name]))
        if package.study:
            write_bytes(stage / STUDY, package.study.encode())
        for name, text in package.scenarios.items():
            write_bytes(stage / SCENARIOS / f"{name}.yaml", text.encode())


def new_package(folder: Path, name: str, today: dt.date) -> None:
    """Write an empty package that `serai data check` reads."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not empty", "Name a new folder.")
    name = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "package"
    empty = {t.name: typed_frame(t, [], []) for t in load_schema().tables.values()}
    meta = Meta(name, name, "0.1.0", today, today.year, "disputed", "", "")
    write_package(Package(meta, MappingProxyType(empty)), folder)
