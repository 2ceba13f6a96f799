"""Whether observed and background traffic stands somewhere, and serves one use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.core.errors import Issue, sheet_row
from serai.data.checks.objects import objects_by_kind, unknown_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def check_throughputs(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check objects and metrics of observed throughputs, and that no family serves two uses."""
    issues = unknown_objects("throughputs", frame, objects_by_kind(tables))
    for index, row in frame.iterrows():
        at = sheet_row(index)
        share = row["kind"] == "gateway_share"
        if share != (row["metric"] == "share"):
            issues.append(
                Issue("throughputs", at, "metric", row["metric"], "does not fit the kind", "Shares go with gateways.")
            )
        if share != bool(row["economy"]):
            issues.append(
                Issue("throughputs", at, "economy", row["economy"], "does not fit the kind", "Give it for shares only.")
            )
        if share and row["value_high"] > 1:
            issues.append(
                Issue("throughputs", at, "value_high", f"{row['value_high']:g}", "a share above one", "Correct it.")
            )
        if row["use"] == "choice" and not share:
            issues.append(
                Issue("throughputs", at, "use", "choice", "only a share may fit route choice", "Use held_out.")
            )
    for family, group in frame.groupby("family", sort=True):
        if group["use"].nunique() > 1:
            uses = ", ".join(sorted(group["use"].unique()))
            issues.append(
                Issue(
                    "throughputs",
                    sheet_row(group.index[0]),
                    "family",
                    str(family),
                    f"one family stands under several uses: {uses}",
                    "Give the whole family one use.",
                )
            )
    return issues


def check_zone_weights(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that weights by commodity speak of zones of their economy."""
    zones = set(zip(tables["economy_zones"]["economy"], tables["economy_zones"]["place"], strict=True))
    return [
        Issue("zone_weights", sheet_row(index), "place", r.place, f"no zone of {r.economy}", "See economy_zones.")
        for index, r in zip(frame.index, frame.itertuples(index=False), strict=True)
        if (r.economy, r.place) not in zones
    ]


def check_background(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check that background traffic stands at a port, line or crossing of the package."""
    places, rows = set(tables["places"]["id"]), tables["crossings"]
    ways = zip(rows["place"], rows["mode"], rows["exit_country"], rows["entry_country"], strict=True)
    known = {f"crossing:{place}:{mode}:{a}>{b}" for place, mode, a, b in ways}
    known |= {f"port:{p}" for p in places & set(tables["ports"]["place"])}
    known |= {f"line:{i}{end}" for i in tables["links"]["id"] for end in "<>"}
    return [
        Issue("background", sheet_row(index), "facility", name, "no such facility", "Name it as results do.")
        for index, name in zip(frame.index, frame["facility"], strict=True)
        if name not in known
    ]
