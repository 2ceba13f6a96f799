"""Whether what is said to be open or shut, on a day or as a rule, speaks of something, and of its days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.core.errors import Issue, sheet_row
from serai.data.checks.objects import objects_by_kind, unknown_objects
from serai.data.schema import PASSAGES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd


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
        row = sheet_row(index)
        if s["object"] not in known.get(s["kind"], set()):
            issues.append(
                Issue("status", row, "object", s["object"], f"no such {s['kind']}", "Name one of the package.")
            )
        if s["confirmed_on"] and s["confirmed_on"] > today:
            issues.append(
                Issue(
                    "status", row, "confirmed_on", str(s["confirmed_on"]), "a day in the future", "Nobody knows it yet."
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
                    "status", row, "valid_to", str(s["valid_to"]), "ends before it begins", "Swap or correct the dates."
                )
            )
    return issues


def check_closure_regimes(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check objects, periods and counts of closure regimes."""
    issues = unknown_objects("closure_regimes", frame, objects_by_kind(tables))
    for index, row in frame.iterrows():
        at = sheet_row(index)
        first, last = row["observed_from"], row["observed_to"]
        if first is None or last is None:
            continue
        days = (last - first).days + 1
        if days < 1:
            issues.append(
                Issue("closure_regimes", at, "observed_to", str(last), "ends before it begins", "Swap the dates.")
            )
        elif row["days_shut"] > days:
            issues.append(
                Issue(
                    "closure_regimes",
                    at,
                    "days_shut",
                    f"{row['days_shut']:g}",
                    f"the period has {days} days",
                    "Correct it.",
                )
            )
        if (row["closures"] == 0) != (row["days_shut"] == 0):
            issues.append(
                Issue(
                    "closure_regimes",
                    at,
                    "closures",
                    f"{row['closures']:g}",
                    "does not fit the days shut",
                    "Count both.",
                )
            )
    return issues
