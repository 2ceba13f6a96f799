"""What several test files need: variants of a package, and a package on a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serai.data.read import typed_frame
from serai.data.schema import load_schema
from serai.data.validate import check_package
from serai.feasibility.uncertainty import row_names
from serai.freight.routes import Network, compile_package, open_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serai.data.package import Package
    from serai.data.status import Assume
    from serai.feasibility.uncertainty import Factors
    from serai.freight.routes import Compiled, Route
    from serai.network.spread import Array

TODAY = dt.date(2026, 11, 23)
SUMMER = dt.date(2025, 6, 1)
WINTER = dt.date(2025, 1, 15)
GOODS = "manufactures"

_compiled: dict[str, Compiled] = {}


def compiled(package: Package) -> Compiled:
    """Compile a package once for all tests of a process."""
    key = package.meta.digest
    if key not in _compiled:
        _compiled[key] = compile_package(package)
    return _compiled[key]


def network(package: Package, day: dt.date = SUMMER, assume: Assume = "last") -> Network:
    """Put a package on a day."""
    return open_network(compiled(package), day, assume)


def checked(package: Package) -> Package:
    """Assert that a variant is still a valid package."""
    assert not check_package(package.tables, TODAY)
    return package


def edit(package: Package, table: str, row: str, **columns: object) -> Package:
    """Change cells of one row; a number given for a ranged column scales its range."""
    frame = package[table].copy()
    index = frame.index[frame["id"] == row]
    assert len(index) == 1
    for column, value in columns.items():
        field = load_schema().tables[table].field(column)
        if field.range_of == column and isinstance(value, int | float):
            ratio = float(value) / float(frame.loc[index[0], column])
            for end in (f"{column}_low", f"{column}_high"):
                frame.loc[index, end] *= ratio
        frame.loc[index, column] = value
    return package.with_tables({table: frame})


def without(package: Package, table: str, drop: Callable[[pd.DataFrame], pd.Series]) -> Package:
    """Remove the rows of a table for which `drop` is true."""
    frame = package[table]
    return package.with_tables({table: frame[~drop(frame)].reset_index(drop=True)})


def added(package: Package, table: str, rows: Iterable[dict[str, object]]) -> Package:
    """Add rows to a table; a ranged column given alone gets a flat range, and every row its evidence."""
    schema = load_schema().tables[table]
    evidence = {"source": package["sources"]["id"].iloc[0], "basis": "reported", "note": "test"}
    full = []
    for given in rows:
        row = {**evidence, **given}
        for name in schema.ranged:
            if name in row:
                row.setdefault(f"{name}_low", row[name])
                row.setdefault(f"{name}_high", row[name])
        full.append(row)
    more = typed_frame(schema, full, ["package"] * len(full))
    return package.with_tables({table: pd.concat([package[table], more], ignore_index=True)})


def row_of(package: Package, table: str, row: str) -> dict[str, object]:
    """One row as a dictionary, without its origin."""
    frame = package[table]
    found = frame[frame["id"] == row].drop(columns="origin").to_dict("records")
    assert len(found) == 1
    return dict(found[0])


def split_link(package: Package, link: str, middle: str = "MIDWAY") -> Package:
    """Split a link in two halves that meet at a new terminal; services and delays follow."""
    whole = row_of(package, "links", link)
    a, b = (row_of(package, "places", str(whole[e])) for e in ("from", "to"))
    place = {
        **a,
        "id": middle,
        **{c: middle.title() for c in ("name", "name_ru", "name_ur", "name_kk")},
        "aliases": "",
        "kind": "terminal",
        "country": whole["country"],
        "country_b": "",
        "lat": (float(a["lat"]) + float(b["lat"])) / 2,
        "lon": (float(a["lon"]) + float(b["lon"])) / 2,
        "zone": False,
    }
    half = {c: float(whole[c]) / 2 for c in ("length_km_low", "length_km", "length_km_high")}
    halves = [
        {**whole, **half, "id": f"{link}.a", "to": middle},
        {**whole, **half, "id": f"{link}.b", "from": middle},
    ]
    out = added(package, "places", [place])
    out = added(without(out, "links", lambda f: f["id"] == link), "links", halves)
    services, delays, status = (out[t].copy() for t in ("services", "delays", "status"))
    services["links"] = [
        ";".join(x for i in text.split(";") for x in ([f"{link}.a", f"{link}.b"] if i == link else [i]))
        for text in services["links"]
    ]
    delays.loc[(delays["table"] == "links") & (delays["object"] == link), "object"] = f"{link}.a"
    status.loc[(status["kind"] == "link") & (status["object"] == link), "object"] = f"{link}.a"
    return checked(out.with_tables({"services": services, "delays": delays, "status": status}))


def pairs(package: Package) -> list[tuple[str, str]]:
    """Origins and destinations that lie apart by land, by sea and by both."""
    if package.meta.name == "sixplace":
        return [("INLAND", "HARBOR"), ("INLAND", "ISLE"), ("ISLE", "INLAND"), ("OLDPORT", "INLAND")]
    return [("ALMATY", "KARACHI"), ("TASHKENT", "GWADAR"), ("MUNDRA", "DUSHANBE"), ("ASHGABAT", "POTI")]


def keys(net: Network, route: Route) -> tuple[str, ...]:
    """Keys of the arcs of a route: they mean the same in another build."""
    return tuple(net.topology.arcs[a].key for a in route.arcs)


def figures(route: Route) -> dict[str, float]:
    """All numbers of a route, by name."""
    bands = {
        f"{name}.{p}": getattr(getattr(route, name), p)
        for name in ("time_h", "door_to_door_h", "cost_usd_per_t")
        for p in ("mean", "p10", "p50", "p90", "p95")
    }
    plain = ("generalized_usd_per_t", "fee_usd_per_t", "distance_km", "co2e_kg_per_t", "payload_t", "cost_usd_per_feu")
    return {**bands, **{name: getattr(route, name) for name in plain}}


def laid_into(package: Package, factors: Factors, values: Array) -> Package:
    """Lay one draw [d] into the tables of a package; the range of each drawn figure keeps its proportions.

    The slow twin of what the model of a corridor does with a draw on its arcs.
    """
    schema = load_schema().tables
    changed = {}
    for name in dict.fromkeys(t for t in factors.table if t):
        frame = package[name].copy()
        row = {key: i for i, key in enumerate(row_names(frame, schema[name]))}
        for column in schema[name].ranged:
            mine = [i for i in range(len(factors)) if factors.table[i] == name and factors.column[i] == column]
            at = [row[factors.id[i]] for i in mine]
            for part, bound in (
                (f"{column}_low", factors.low),
                (column, factors.mode),
                (f"{column}_high", factors.high),
            ):
                new = frame[part].to_numpy(dtype=np.float64, copy=True)
                scaled = bound[mine] * (values[mine] / factors.mode[mine])
                new[at] = np.clip(scaled, factors.minimum[mine], factors.maximum[mine])
                frame[part] = new
        changed[name] = frame
    return package.with_tables(changed)
