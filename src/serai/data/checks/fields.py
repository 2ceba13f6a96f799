"""What the schema states of every table: keys, references, limits, ranges, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import Issue, sheet_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from serai.data.schema import Table


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
                    sheet_row(index),
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
                    sheet_row(index),
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
            Issue(table.name, sheet_row(i), field.name, f"{values[i]:g}", f"{what} {field.unit}".strip(), "Correct it.")
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
            Issue(table.name, sheet_row(i), name, "", "a range needs low, median and high", "Give all three or none.")
            for i in np.flatnonzero(given & ~whole)
        ]
        ordered = (low <= mode) & (mode <= high) & ((low > 0) | (low == high))
        issues += [
            Issue(
                table.name,
                sheet_row(i),
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
            sheet_row(i),
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
                sheet_row(i),
                name,
                f"{frame[name][i]:g}",
                "an assumed figure has no range",
                "Give low and high.",
            )
            for i in frame.index[flat]
        ]
    return issues
