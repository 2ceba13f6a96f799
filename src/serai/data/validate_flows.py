"""Checks of what was observed, of the terms of projects, and of how borders shut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from serai.core.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

FIRST_ROW: Final = 2
SHARE_SUM_TOLERANCE: Final = 1e-6
"""Shares that make a whole are typed with a few digits; their medians must still add to one."""
UNITS: Final = {
    "capital_phase": "1",
    "payer_share": "1",
    "debt_share": "1",
    "debt_interest": "1/year",
    "debt_tenor": "years",
    "debt_grace": "years",
    "o_and_m": "1/year",
    "operating_cost": "USD/t-km",
    "tariff": "USD/t-km",
    "rolling_stock": "million USD",
    "residual_life": "years",
    "capacity_opening": "t/year",
    "capacity_later": "t/year",
    "ramp_up_start": "1",
    "ramp_up_years": "years",
}
"""Unit of every item of ``project_terms``."""
WHOLES: Final = ("capital_phase", "payer_share")
"""Items whose rows add to one."""


def objects_by_kind(tables: Mapping[str, pd.DataFrame], passages: tuple[str, ...]) -> dict[str, set[str]]:
    """Names an observation or a regime may speak of, by kind of object."""
    places = tables["places"]
    return {
        "port": set(places["id"]),
        "place": set(places["id"]),
        "gateway_share": set(places["id"]),
        "crossing": set(places.loc[places["country_b"] != "", "id"]),
        "link": set(tables["links"]["id"]),
        "passage": set(passages),
        "country": set(tables["countries"]["iso3"]),
    }


def _unknown_objects(name: str, frame: pd.DataFrame, known: Mapping[str, set[str]]) -> list[Issue]:
    return [
        Issue(name, int(index) + FIRST_ROW, "object", part, f"no such {kind}", "Name one of the package.")
        for index, kind, objects in zip(frame.index, frame["kind"], frame["object"], strict=True)
        for part in str(objects).split(";")
        if part not in known.get(kind, set())
    ]


def check_throughputs(
    frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], passages: tuple[str, ...]
) -> list[Issue]:
    """Check objects and metrics of observed throughputs, and that no family serves two uses."""
    issues = _unknown_objects("throughputs", frame, objects_by_kind(tables, passages))
    for index, row in frame.iterrows():
        at = int(str(index)) + FIRST_ROW
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
                    int(str(group.index[0])) + FIRST_ROW,
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
        Issue("zone_weights", int(index) + FIRST_ROW, "place", r.place, f"no zone of {r.economy}", "See economy_zones.")
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
        Issue("background", int(index) + FIRST_ROW, "facility", name, "no such facility", "Name it as results do.")
        for index, name in zip(frame.index, frame["facility"], strict=True)
        if name not in known
    ]


def check_project_terms(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Check units, kinds and sums of the terms of projects."""
    issues = []
    kinds = dict(zip(tables["projects"]["id"], tables["projects"]["kind"], strict=True))
    for index, row in frame.iterrows():
        at = int(str(index)) + FIRST_ROW
        if row["unit"] != UNITS[row["item"]]:
            issues.append(
                Issue(
                    "project_terms",
                    at,
                    "unit",
                    row["unit"],
                    f"not the unit of {row['item']}",
                    f"It is in {UNITS[row['item']]}.",
                )
            )
        if row["project"] in kinds and kinds[row["project"]] != row["kind"]:
            issues.append(
                Issue("project_terms", at, "kind", row["kind"], f"{row['project']} is of another kind", "Correct it.")
            )
        if (row["item"] == "capital_phase") != (not np.isnan(row["step"])):
            issues.append(
                Issue(
                    "project_terms", at, "step", "", "does not fit the item", "Number the parts of capital_phase only."
                )
            )
        if row["item"] == "payer_share" and not row["payer"]:
            issues.append(Issue("project_terms", at, "payer", "", "a share needs its payer", "Name who pays."))
    for (project, kind, item), group in frame.groupby(["project", "kind", "item"], sort=True):
        total = float(group["value"].sum())
        if item in WHOLES and abs(total - 1) > SHARE_SUM_TOLERANCE:
            issues.append(
                Issue(
                    "project_terms",
                    int(str(group.index[0])) + FIRST_ROW,
                    "value",
                    f"{total:g}",
                    f"the shares of {item} of {project or f'every {kind} project'} do not add to one",
                    "Complete or correct them.",
                )
            )
        if item not in WHOLES and len(group) > 1:
            issues.append(
                Issue(
                    "project_terms",
                    int(str(group.index[1])) + FIRST_ROW,
                    "item",
                    str(item),
                    f"stands twice for {project or f'every {kind} project'}",
                    "Keep one row; widen its range if sources differ.",
                )
            )
        steps = group["step"].tolist()
        if item == "capital_phase" and sorted(steps) != list(range(1, len(steps) + 1)):
            issues.append(
                Issue(
                    "project_terms",
                    int(str(group.index[0])) + FIRST_ROW,
                    "step",
                    "",
                    "the parts of the building time are not numbered 1, 2, 3",
                    "Number them in order.",
                )
            )
    return issues


def check_closure_regimes(
    frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], passages: tuple[str, ...]
) -> list[Issue]:
    """Check objects, periods and counts of closure regimes."""
    issues = _unknown_objects("closure_regimes", frame, objects_by_kind(tables, passages))
    for index, row in frame.iterrows():
        at = int(str(index)) + FIRST_ROW
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
