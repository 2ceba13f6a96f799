"""Whether links, crossings, transfers and delays fit the places they stand at, and the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import Issue, sheet_row
from serai.core.sphere import great_circle_km
from serai.data.schema import PASSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def check_links(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check ends, owners, gauges and lengths of links."""
    places = {p["id"]: p for p in reversed(tables["places"].to_dict("records"))}
    issues = []
    for index, link in zip(frame.index, frame.to_dict("records"), strict=True):
        row = sheet_row(index)

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
            issues.append(issue("gauge_mm", "a railway needs its gauge", "Give it in millimetres."))
        if link["mode"] != "rail" and not np.isnan(link["gauge_mm"]):
            issues.append(issue("gauge_mm", "only railways have a gauge", "Leave it empty."))
        crow = float(great_circle_km(a["lat"], a["lon"], b["lat"], b["lon"]))
        if link["length_km_high"] < 0.97 * crow:
            issues.append(
                issue("length_km", f"shorter than the great circle of {crow:.0f} km", "Correct it or the coordinates.")
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
                        sheet_row(index),
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
                    sheet_row(group.index[0]),
                    "side",
                    " ".join(str(part) for part in key),
                    "one side is missing",
                    "Give both sides.",
                )
            )
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
                    sheet_row(index),
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
                Issue("transfers", sheet_row(index), "to_gauge_mm", "", "a gauge change needs two gauges", "Give both.")
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
                    sheet_row(index),
                    "object",
                    d["object"],
                    f"no such row in {d['table']}",
                    "Name a link, the place of a crossing, or a port.",
                )
            )
        issues += [
            Issue("delays", sheet_row(index), "months", m, "not a month", "Use 1 to 12, separated by ;.")
            for m in d["months"].split(";")
            if m and m not in months
        ]
    return issues
