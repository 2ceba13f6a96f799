"""Who gains from each scenario: economies, regions, trade, fees, ports, and what is worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serai.data.names import short_name
from serai.report.console import rounded
from serai.report.flow_charts import gain_bars, gain_map
from serai.report.section import Section
from serai.report.sections.traded import trade_trail, usd_m

if TYPE_CHECKING:
    import pandas as pd

    from serai.report.section import Context, Trail
    from serai.study import StudyResult

SLIGHT_USD_M = 0.5


def _anchors(result: StudyResult, trail: Trail) -> dict[str, str]:
    base = [*result.package["economies"]["source"], *result.package["elasticities"]["source"]]
    return {
        r["scenario"]: trail.to(f"Solved: {r['title']}", [*base, r["sources"]])
        for r in result.tables["scenarios"].to_dict("records")
    }


def _cases(result: StudyResult, anchors: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "title": r["title"], "trail": anchors[r["scenario"]], "solved": bool(r["solved"]), "why": r["why"],
            "members": usd_m(r["members_usd_m"], signed=True), "world": usd_m(r["world_usd_m"], signed=True),
            "created": usd_m(r["created_usd_m"]), "lost": usd_m(r["lost_usd_m"]), "diverted": usd_m(r["diverted_usd_m"]),
            "fees": usd_m(r["members_fees_usd_m"], signed=True),
            "stranded": f"{r['stranded_mt_per_year']:.1f}" if r["solved"] else "",
            "residual": f"{r['residual']:.0e}" if r["solved"] else "",
        }
        for r in result.tables["scenarios"].to_dict("records")
    ]  # fmt: skip


def _matrix(frame: pd.DataFrame, rows: str, scenarios: list[str], anchors: dict[str, str]) -> list[dict[str, Any]]:
    wide = frame.pivot_table(index=rows, columns="scenario", values="gain_usd_m", sort=False, observed=True)
    return [
        {
            "name": str(name),
            "cells": [{"text": usd_m(float(r[s]), signed=True), "trail": anchors[s]} for s in scenarios],
        }
        for name, r in wide.iterrows()
        if np.abs(r[scenarios].to_numpy(dtype=float)).max() >= SLIGHT_USD_M
    ]


def _most(result: StudyResult) -> list[str]:
    """Say in words which scenarios move the members most, and for whom."""
    solved = result.tables["scenarios"].query("solved")
    frame = result.tables["gains"]
    if solved.empty or frame.empty:
        return []
    order = solved.reindex(
        solved["members_usd_m"].astype(float).abs().sort_values(ascending=False, kind="stable").index
    )
    lines = []
    for r in order.head(3).to_dict("records"):
        mine = frame[(frame["scenario"] == r["scenario"]) & frame["member"]].sort_values("gain_usd_m", kind="stable")
        first, last = mine.iloc[-1], mine.iloc[0]
        parts = [f"{short_name(x['name'])} {usd_m(x['gain_usd_m'], signed=True)}" for x in (first, last)
                 if abs(x["gain_usd_m"]) >= SLIGHT_USD_M]  # fmt: skip
        lines.append(f"{r['title']}: {usd_m(r['members_usd_m'], signed=True)} million USD a year to the members together"
                     + (f" ({', '.join(parts)})" if parts else ""))  # fmt: skip
    least = order.iloc[-1]
    if len(order) > 3 and abs(least["members_usd_m"]) > 0:
        ratio = abs(order.iloc[0]["members_usd_m"] / least["members_usd_m"])
        lines.append(f"The largest of these moves the members {rounded(ratio)} times as much as the smallest, {least['title']}: "
                     "what is open decides far more than what is built.")  # fmt: skip
    return lines


def _trade(result: StudyResult, anchors: dict[str, str]) -> list[dict[str, Any]]:
    frame, titles = result.tables["trade_changes"], result.tables["scenarios"].set_index("scenario")["title"]
    out = []
    for s, mine in frame.groupby("scenario", sort=False):
        top = mine[mine["change_usd_m"].abs() >= SLIGHT_USD_M].head(8)
        words = ", ".join(
            f"{short_name(a)} to {short_name(b)} {usd_m(v, signed=True)}"
            for a, b, v in zip(top["exporter_name"], top["importer_name"], top["change_usd_m"], strict=True)
        )
        if words:
            out.append({"title": titles[s], "words": words, "trail": anchors[str(s)]})
    return out


def _ports(result: StudyResult, scenarios: list[str], anchors: dict[str, str]) -> list[dict[str, Any]]:
    frame = result.tables["ports_by_scenario"]
    rows = []
    for name, mine in frame.groupby("name", sort=False):
        by = mine.set_index("scenario")
        rows.append(
            {"name": str(name), "own": bool(mine["own"].iloc[0]), "before": rounded(mine["t_per_day_before"].iloc[0]),
             "cells": [{"text": rounded(by.loc[s, "t_per_day"]), "trail": anchors[s]} for s in scenarios]}
        )  # fmt: skip
    return rows


def build(result: StudyResult, trail: Trail) -> Context | None:
    """Set every scenario beside the same day without it."""
    if "scenarios" not in result.tables or result.tables["scenarios"].empty:
        return None
    anchors = _anchors(result, trail)
    solved = result.tables["scenarios"].query("solved")
    scenarios = list(solved["scenario"])
    titles = solved.set_index("scenario")["title"]
    frame = result.tables["gains"]
    some = bool(scenarios)
    members = frame[frame["member"]] if some else frame
    base = trade_trail(result, trail)
    mapped = solved.loc[solved["members_usd_m"].astype(float).idxmax(), "scenario"] if some else ""
    return {
        "as_of": result.as_of.isoformat(), "price_year": result.package.meta.price_year,
        "cases": _cases(result, anchors), "columns": [titles[s] for s in scenarios], "base": base,
        "members": _matrix(members, "name", scenarios, anchors) if some else [],
        "regions": _matrix(result.tables["gains_by_region"], "macro_region", scenarios, anchors) if some else [],
        "ports": _ports(result, scenarios, anchors) if some else [], "trade": _trade(result, anchors) if some else [],
        "most": _most(result), "bars_svg": gain_bars(result), "map_svg": gain_map(result, mapped) if some else "",
        "map_title": titles[mapped] if some else "",
        "improvements": [
            {"name": r["name"], "trail": base, "members": usd_m(r["members_usd_m_per_day_less"], signed=True),
             "world": usd_m(r["world_usd_m_per_day_less"], signed=True),
             "dollar": usd_m(r["members_usd_m_per_usd_per_t_less"], signed=True),
             "who": r["by_economy_usd_m_per_day_less"].replace("-", "\u2212")}
            for r in result.tables["improvements"].to_dict("records")
        ],
        "remarks": [{"text": r.text, "sources": list(r.sources)} for r in result.spec.remarks],
    }  # fmt: skip


SECTION = Section("gainers", "Who gains", "Who gains", build, pdf=True)
