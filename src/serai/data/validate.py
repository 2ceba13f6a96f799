"""Checks that need more than one cell: keys, references, ranges, evidence, geography, dates.

One check per function; each returns its faults and never raises.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import Issue
from serai.core.units import EARTH_RADIUS_KM
from serai.data.schema import load_schema
from serai.data.validate_flows import (
    check_background,
    check_closure_regimes,
    check_project_terms,
    check_throughputs,
    check_zone_weights,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt
    import pandas as pd

    from serai.data.schema import Table

PASSAGES = ("suez", "babelmandeb", "hormuz", "malacca", "bosphorus", "panama", "gibraltar", "cape")
RAIL_WITHOUT_GAUGE = "a railway needs its gauge"


FIRST_ROW = 2
"""Row of the first entry of a table, as a spreadsheet counts."""


def _row(index: object) -> int:
    return int(str(index)) + FIRST_ROW


def great_circle_km(
    lat1: npt.ArrayLike, lon1: npt.ArrayLike, lat2: npt.ArrayLike, lon2: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Great-circle distance in km between points in degrees (haversine)."""
    p1, l1, p2, l2 = (np.radians(np.asarray(x, dtype=np.float64)) for x in (lat1, lon1, lat2, lon2))
    h = np.sin((p2 - p1) / 2) ** 2 + np.cos(p1) * np.cos(p2) * np.sin((l2 - l1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(h)))


def check_keys(table: Table, frame: pd.DataFrame) -> list[Issue]:
    """Find rows that repeat the key of an earlier row."""
    issues = []
    for columns in (table.key, table.unique):
        if not columns:
            continue
        for index, row in frame[frame.duplicated(list(columns))].iterrows():
            value = ", ".join(str(row[c]) for c in columns)
            issues.append(
                Issue(
                    table.name,
                    _row(index),
                    "+".join(columns),
                    value,
                    "the key stands twice",
                    "Give each row its own.",
                )
            )
    return issues


def check_references(table: Table, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Find references to rows that do not exist."""
    issues = []
    for field in table.fields:
        if not field.ref:
            continue
        target, column = field.ref.split(".")
        known = set(tables[target][column])
        for index, value in frame[field.name].items():
            if not value:
                continue
            parts = str(value).split(";") if field.is_list else [str(value)]
            issues += [
                Issue(
                    table.name,
                    _row(index),
                    field.name,
                    part,
                    f"no such row in {target}",
                    f"Add it to {target} or correct the reference.",
                )
                for part in parts
                if part not in known
            ]
    return issues


def check_limits(table: Table, frame: pd.DataFrame) -> list[Issue]:
    """Check the limits of figures again: a change may have moved them, or the ends of their range."""
    issues = []
    for field in table.fields:
        if field.type not in {"number", "integer"}:
            continue
        values = frame[field.name].to_numpy()
        faults = [
            (values < field.minimum, f"must be at least {field.minimum:g}") if field.minimum is not None else None,
            (values <= field.exclusive_minimum, f"must be above {field.exclusive_minimum:g}")
            if field.exclusive_minimum is not None
            else None,
            (values > field.maximum, f"must be at most {field.maximum:g}") if field.maximum is not None else None,
            (np.isnan(values), "a value is required") if field.required else None,
        ]
        issues += [
            Issue(table.name, _row(i), field.name, f"{values[i]:g}", f"{what} {field.unit}".strip(), "Correct it.")
            for bad, what in (f for f in faults if f is not None)
            for i in np.flatnonzero(bad)
        ]
    return issues


def check_ranges(table: Table, frame: pd.DataFrame) -> list[Issue]:
    """Check that low <= median <= high, and that only all-equal figures touch zero."""
    issues = []
    for name in table.ranged:
        low, mode, high = (frame[c].to_numpy() for c in (f"{name}_low", name, f"{name}_high"))
        given = ~(np.isnan(low) & np.isnan(mode) & np.isnan(high))
        whole = ~(np.isnan(low) | np.isnan(mode) | np.isnan(high))
        issues += [
            Issue(table.name, _row(i), name, "", "a range needs low, median and high", "Give all three or none.")
            for i in np.flatnonzero(given & ~whole)
        ]
        ordered = (low <= mode) & (mode <= high) & ((low > 0) | (low == high))
        issues += [
            Issue(
                table.name,
                _row(i),
                name,
                f"{low[i]:g}, {mode[i]:g}, {high[i]:g}",
                "not 0 < low <= median <= high, nor three equal values",
                "Order the three; a range may not start at zero.",
            )
            for i in np.flatnonzero(whole & ~ordered)
        ]
    return issues


def check_evidence(table: Table, frame: pd.DataFrame) -> list[Issue]:
    """Check that what is assumed says why and carries a range."""
    if not table.evidence:
        return []
    issues = [
        Issue(
            table.name,
            _row(i),
            "note",
            "",
            "an assumed or derived row says nothing of its ground",
            "Say why or how.",
        )
        for i in frame.index[(frame["basis"] != "reported") & (frame["note"] == "")]
    ]
    for name in table.ranged:
        flat = (frame["basis"] == "assumed") & (frame[f"{name}_low"] == frame[f"{name}_high"]) & (frame[name] != 0)
        issues += [
            Issue(
                table.name,
                _row(i),
                name,
                f"{frame[name][i]:g}",
                "an assumed figure has no range",
                "Give low and high.",
            )
            for i in frame.index[flat]
        ]
    return issues


def check_links(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check ends, owners, gauges and lengths of links."""
    places = {p["id"]: p for p in reversed(tables["places"].to_dict("records"))}
    issues = []
    for index, link in zip(frame.index, frame.to_dict("records"), strict=True):
        row = _row(index)

        def issue(column: str, what: str, remedy: str, row: int = row, link: dict[str, Any] = link) -> Issue:
            return Issue("links", row, column, str(link[column]), what, remedy)

        if link["from"] == link["to"]:
            issues.append(issue("to", "a link leads from a place to itself", "Name another place."))
        if link["from"] not in places or link["to"] not in places:
            continue
        a, b = places[link["from"]], places[link["to"]]
        if link["mode"] in {"road", "rail"}:
            if not link["country"]:
                issues.append(issue("country", "a land link needs its owner", "Give the country."))
            else:
                issues += [
                    issue("country", f"{p['id']} has no side in this country", "Split the link at the border.")
                    for p in (a, b)
                    if link["country"] not in (p["country"], p["country_b"])
                ]
        if link["mode"] == "rail" and np.isnan(link["gauge_mm"]):
            issues.append(issue("gauge_mm", RAIL_WITHOUT_GAUGE, "Give it in millimetres."))
        if link["mode"] != "rail" and not np.isnan(link["gauge_mm"]):
            issues.append(issue("gauge_mm", "only railways have a gauge", "Leave it empty."))
        crow = float(great_circle_km(a["lat"], a["lon"], b["lat"], b["lon"]))
        if link["length_km_high"] < 0.97 * crow:
            issues.append(
                issue(
                    "length_km",
                    f"shorter than the great circle of {crow:.0f} km",
                    "Correct it or the coordinates.",
                )
            )
        issues += [
            issue("passages", f"unknown passage {p}", f"Use: {', '.join(PASSAGES)}.")
            for p in str(link["passages"]).split(";")
            if p and p not in PASSAGES
        ]
    return issues


def check_crossings(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that each crossing lies on its border and has both sides of each direction."""
    places = tables["places"].drop_duplicates("id").set_index("id")
    issues = []
    for index, c in frame.iterrows():
        if c["place"] in places.index:
            sides = {places["country"][c["place"]], places["country_b"][c["place"]]}
            if {c["exit_country"], c["entry_country"]} != sides:
                issues.append(
                    Issue(
                        "crossings",
                        _row(index),
                        "exit_country",
                        f"{c['exit_country']}-{c['entry_country']}",
                        f"the place joins {' and '.join(sorted(sides))}",
                        "Use its two countries.",
                    )
                )
    for key, group in frame.groupby(["place", "mode", "exit_country", "entry_country"], sort=True):
        if set(group["side"]) != {"exit", "entry"}:
            issues.append(
                Issue(
                    "crossings",
                    _row(group.index[0]),
                    "side",
                    " ".join(str(part) for part in key),
                    "one side is missing",
                    "Give both sides.",
                )
            )
    return issues


def check_status(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], today: dt.date) -> list[Issue]:
    """Check objects and dates of status rows."""
    known = {
        "crossing": set(tables["places"]["id"]),
        "place": set(tables["places"]["id"]),
        "link": set(tables["links"]["id"]),
        "passage": set(PASSAGES),
    }
    issues = []
    for index, s in frame.iterrows():
        row = _row(index)
        if s["object"] not in known.get(s["kind"], set()):
            issues.append(
                Issue("status", row, "object", s["object"], f"no such {s['kind']}", "Name one of the package.")
            )
        if s["confirmed_on"] and s["confirmed_on"] > today:
            issues.append(
                Issue(
                    "status",
                    row,
                    "confirmed_on",
                    str(s["confirmed_on"]),
                    "a day in the future",
                    "Nobody knows it yet.",
                )
            )
        if s["valid_from"] and s["valid_from"] > today:
            issues.append(
                Issue(
                    "status",
                    row,
                    "valid_from",
                    str(s["valid_from"]),
                    "a status in the future",
                    "Use a scenario instead.",
                )
            )
        if s["valid_from"] and s["valid_to"] and s["valid_from"] > s["valid_to"]:
            issues.append(
                Issue(
                    "status",
                    row,
                    "valid_to",
                    str(s["valid_to"]),
                    "ends before it begins",
                    "Swap or correct the dates.",
                )
            )
    return issues


def check_delays(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that each delay strikes something, in months of the year."""
    known = {
        "links": set(tables["links"]["id"]),
        "crossings": set(tables["crossings"]["place"]),
        "ports": set(tables["ports"]["id"]) | set(tables["ports"]["place"]),
        "places": set(tables["places"]["id"]),
    }
    months = {str(m) for m in range(1, 13)}
    issues = []
    for index, d in frame.iterrows():
        if d["object"] not in known.get(d["table"], set()):
            issues.append(
                Issue(
                    "delays",
                    _row(index),
                    "object",
                    d["object"],
                    f"no such row in {d['table']}",
                    "Name a link, the place of a crossing, or a port.",
                )
            )
        issues += [
            Issue("delays", _row(index), "months", m, "not a month", "Use 1 to 12, separated by ;.")
            for m in d["months"].split(";")
            if m and m not in months
        ]
    return issues


def check_transfers(frame: pd.DataFrame) -> list[Issue]:
    """Check that the modes and gauges of a transfer fit its kind."""
    issues = []
    modes = {"terminal": {"road", "rail"}, "gauge_change": {"rail"}, "vehicle_change": {"road"}}
    for index, t in frame.iterrows():
        if {t["from_mode"], t["to_mode"]} != modes.get(t["kind"], set()):
            issues.append(
                Issue(
                    "transfers",
                    _row(index),
                    "kind",
                    t["kind"],
                    "the modes do not fit the kind",
                    "Correct one of them.",
                )
            )
        if t["kind"] == "gauge_change" and (
            np.isnan(t["from_gauge_mm"]) or np.isnan(t["to_gauge_mm"]) or t["from_gauge_mm"] == t["to_gauge_mm"]
        ):
            issues.append(
                Issue(
                    "transfers",
                    _row(index),
                    "to_gauge_mm",
                    "",
                    "a gauge change needs two gauges",
                    "Give both.",
                )
            )
    return issues


def check_parameters(tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that every parameter the model reads is there, those of trade where the package holds trade."""
    trades = len(tables["economies"]) and len(tables["trade_seed"])
    required = {**REQUIRED_PARAMETERS, **(TRADE_PARAMETERS if trades else {})}
    return [
        Issue("parameters", None, "id", "", f"{name} is missing", f"Add a row: {meaning}.")
        for name, meaning in required.items()
        if name not in set(tables["parameters"]["id"])
    ]


def check_factors(tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that every link has an emission factor and, where there is trade, every commodity an elasticity."""
    known, links = set(tables["emissions"]["id"]), tables["links"]
    bare = {
        mode
        for mode, country, speed in zip(links["mode"], links["country"], links["speed"], strict=True)
        if not known & {speed, f"{mode}.{country.lower()}", mode}
    }
    issues = [
        Issue("emissions", None, "id", "", f"links by {mode} have no factor", f"Add a row with the id {mode}.")
        for mode in sorted(bare)
    ]
    if len(tables["economies"]) and len(tables["trade_seed"]):
        have = set(tables["elasticities"]["commodity"])
        issues += [
            Issue("elasticities", None, "commodity", "", f"{commodity} has no elasticity", "Add its row.")
            for commodity in tables["commodities"]["id"]
            if commodity not in have
        ]
    return issues


REQUIRED_PARAMETERS = {
    "driver_hours_per_day": "hours at the wheel per calendar day",
    "border_correlation": "share of log-variance common to all borders of a trip",
    "road_correlation": "share of log-variance common to all roads of a trip",
    "rail_correlation": "share of log-variance common to all railways and terminals of a trip",
    "port_correlation": "share of log-variance common to all ports and voyages of a trip",
    "price_correlation": "share of log-variance common to all prices of a trip",
    "road_noise_h2_per_km": "variance of elapsed hours per km of road that no shared factor explains",
    "rail_noise_h2_per_km": "variance of elapsed hours per km of railway that no shared factor explains",
    "sea_noise_h2_per_km": "variance of elapsed hours per km of sea that no shared factor explains",
    "demurrage_usd_per_day": "price of a container held past its free time",
    "air_freight_usd_per_kg": "price of air freight between the region and world markets",
    "air_freight_days": "door-to-door time of air freight",
    "divert_after_h": "wait at a shut crossing after which a trip takes another way",
    "reliability_ratio": "value of an hour of standard deviation over the value of an hour",
}

TRADE_PARAMETERS = {
    "trade_year": "year whose trade the base holds",
    "tradable_share": "share of spending that goes to goods which could be traded",
    "value_added_share": "share of value added in gross output",
    "route_choice_scale": "sensitivity of route choice, theta times the cost of the cheapest way",
    "route_similarity": "nesting parameter of ways that share links, above 0 to 1",
    "queue_h_road": "wait in hours at a road border post that is half used",
    "queue_h_rail": "wait in hours at a rail border or on a line that is half used",
    "queue_h_port": "wait in hours at a port that is half used",
    "reference_utilisation": "use of capacity under which a published time was seen",
}


def check_package(
    tables: Mapping[str, pd.DataFrame], today: dt.date, checked: Mapping[str, pd.DataFrame] | None = None
) -> list[Issue]:
    """Run every check over typed tables.

    Parameters
    ----------
    tables
        By name.
    today
        No status is confirmed after it.
    checked
        Tables without fault, from which some of `tables` differ; what only looks at the others is not checked again.
    """
    before = checked or {}
    same = {name for name in tables if tables[name] is before.get(name)}
    fewer = {
        field.ref
        for table in load_schema().tables.values()
        for field in table.fields
        if field.ref and not _still_has(field.ref, tables, before, same)
    }
    issues: list[Issue] = []
    for name, table in load_schema().tables.items():
        frame = tables[name]
        if name not in same:
            issues += check_keys(table, frame)
        if name not in same or any(field.ref in fewer for field in table.fields):
            issues += check_references(table, frame, tables)
        if name not in same:
            issues += check_limits(table, frame)
            issues += check_ranges(table, frame)
            issues += check_evidence(table, frame)
    across: tuple[tuple[str, Callable[[], list[Issue]]], ...] = (
        ("links places", lambda: check_links(tables["links"], tables)),
        ("crossings places", lambda: check_crossings(tables["crossings"], tables)),
        ("status places links", lambda: check_status(tables["status"], tables, today)),
        ("delays links crossings ports places", lambda: check_delays(tables["delays"], tables)),
        ("transfers", lambda: check_transfers(tables["transfers"])),
        ("parameters economies trade_seed", lambda: check_parameters(tables)),
        (
            "emissions links elasticities commodities economies trade_seed",
            lambda: check_factors(tables),
        ),
        ("throughputs places links countries", lambda: check_throughputs(tables["throughputs"], tables, PASSAGES)),
        ("zone_weights economy_zones", lambda: check_zone_weights(tables["zone_weights"], tables)),
        ("background places crossings ports links", lambda: check_background(tables["background"], tables)),
        ("project_terms projects", lambda: check_project_terms(tables["project_terms"], tables)),
        (
            "closure_regimes places links countries",
            lambda: check_closure_regimes(tables["closure_regimes"], tables, PASSAGES),
        ),
    )
    for reads, check in across:
        if not same.issuperset(reads.split()):
            issues += check()
    return issues


def _still_has(
    ref: str, tables: Mapping[str, pd.DataFrame], before: Mapping[str, pd.DataFrame], same: set[str]
) -> bool:
    """Whether a column that others refer to holds everything that it held before."""
    target, column = ref.split(".")
    return target in same or (target in before and set(before[target][column]) <= set(tables[target][column]))
