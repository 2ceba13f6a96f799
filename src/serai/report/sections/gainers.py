"""Who gains from each scenario: economies, regions, trade, fees, ports, and what is worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.corridor.ranges import CORNERS
from serai.data.names import short_name
from serai.report.console import rounded
from serai.report.flow_charts import gain_bars, gain_map
from serai.report.gains import usd_m
from serai.report.grids import tiny
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.report.sections.traded import boundaries, trade_trail

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult

SLIGHT_USD_M = 0.5
LEAST_USD_M = 0.05
"""What is less is printed as zero."""
WORLD = "World"
OWN_REGIONS = "In the members' own regions, with the ends of their economies' ranges added"
OTHER_REGIONS = "In other regions"
NO_EFFECT = "no effect on this day; what it changes is so already, or carries nothing"


def _anchors(result: StudyResult, trail: Trail) -> dict[str, str]:
    base = [*result.package["economies"]["source"], *result.package["elasticities"]["source"]]
    return {
        r["scenario"]: trail.to(f"Solved: {r['title']}", [*base, r["sources"]])
        for r in result.tables["scenarios"].to_dict("records")
    }


def _span(row: Mapping[Hashable, Any], what: str = "") -> str:
    low, high = (row[f"{what}_{end}_usd_m" if what else f"{end}_usd_m"] for end in ("low", "high"))
    return "" if low is None or np.isnan(low) else f"{usd_m(low, signed=True)} to {usd_m(high, signed=True)}"


def _between(row: Mapping[Hashable, Any], what: str = "") -> str:
    """Write a range as words of a sentence, where a dash would stand beside a minus."""
    return f"between {_span(row, what).replace(' to ', ' and ')}"


def _cases(result: StudyResult, anchors: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "title": r["title"], "trail": anchors[r["scenario"]], "solved": bool(r["solved"]), "why": r["why"],
            "still": _still(r),
            "members": usd_m(r["members_usd_m"], signed=True), "range": _span(r, "members"),
            "world": usd_m(r["world_usd_m"], signed=True),
            "created": usd_m(r["created_usd_m"]), "lost": usd_m(r["lost_usd_m"]),
            "diverted": usd_m(r["diverted_usd_m"]),
            "fees": usd_m(r["members_fees_usd_m"], signed=True),
            "stranded": f"{r['stranded_mt_per_year']:.1f}" if r["solved"] else "",
            "residual": tiny(r["residual"]) if r["solved"] else "",
            "held": f"{r['held_cells']:.0f} ({usd_m(r['held_usd_m'])})" if r["solved"] else "",
        }
        for r in result.tables["scenarios"].to_dict("records")
    ]  # fmt: skip


def _still(row: Mapping[Hashable, Any]) -> bool:
    """Whether a solved scenario changes nothing that would be printed."""
    what = ("members_usd_m", "world_usd_m", "created_usd_m", "lost_usd_m", "diverted_usd_m")
    return bool(row["solved"]) and all(abs(row[w]) < LEAST_USD_M for w in what)


def regions_with_ends(result: StudyResult) -> pd.DataFrame:
    """Gains by region with the ends of their range.

    A region has the sums of its economies' ends, which need not come together, so that its range lies within them;
    the world has its own, over all settings but that of fixed deficits.
    """
    frame, ends = result.tables["gains_by_region"], ["low_usd_m", "high_usd_m"]
    summed = result.tables["gains"].groupby(["scenario", "macro_region"])[ends].sum(min_count=1).reset_index()
    under = result.tables["gains_under"]
    ranged = under[under["setting"].isin({"middle", *CORNERS})]
    world = ranged.groupby("scenario")["world_usd_m"].agg(["min", "max"]).set_axis(ends, axis=1).reset_index()
    both = pd.concat([summed, world.assign(macro_region=WORLD)], ignore_index=True)
    return frame.merge(both, on=["scenario", "macro_region"], how="left")


def _lead(result: StudyResult, regions: pd.DataFrame) -> list[str]:
    """Say in plain sentences what gives the members most, to which regions, and what costs most."""
    solved = result.tables["scenarios"].query("solved")
    if solved.empty:
        return []
    amount = solved["members_usd_m"].astype(float)
    best, worst = solved.loc[amount.idxmax()].to_dict(), solved.loc[amount.idxmin()].to_dict()
    lines = []
    if best["members_usd_m"] >= SLIGHT_USD_M:
        gain = usd_m(best["members_usd_m"], signed=True)
        lines.append(
            f"{best['title']} gives the members most: {gain} million USD a year together ({_between(best, 'members')})."
        )
        mine = regions[(regions["scenario"] == best["scenario"]) & (regions["macro_region"] != WORLD)]
        own = set(result.tables["gains"].query("member")["macro_region"])
        for where, inside in ((OWN_REGIONS, True), (OTHER_REGIONS, False)):
            rows = mine[(mine["macro_region"].isin(own) == inside) & (mine["gain_usd_m"].abs() >= SLIGHT_USD_M)]
            parts = [
                f"{r['macro_region']} {usd_m(r['gain_usd_m'], signed=True)} ({_between(r)})"
                for r in rows.to_dict("records")
            ]
            if parts:
                lines.append(f"{where}: {'; '.join(parts)}.")
    if worst["members_usd_m"] <= -SLIGHT_USD_M:
        loss = usd_m(worst["members_usd_m"], signed=True)
        lines.append(f"{worst['title']} costs them most: {loss} million USD a year ({_between(worst, 'members')}).")
    return lines


def _matrix(frame: pd.DataFrame, rows: str, scenarios: list[str], anchors: dict[str, str]) -> list[dict[str, Any]]:
    spans = {(r[rows], r["scenario"]): _span(r) for r in frame.to_dict("records")} if "low_usd_m" in frame else {}
    wide = frame.pivot_table(index=rows, columns="scenario", values="gain_usd_m", sort=False, observed=True)
    return [
        {
            "name": str(name),
            "cells": [
                {"text": usd_m(float(r[s]), signed=True), "range": spans.get((name, s), ""), "trail": anchors[s]}
                for s in scenarios
            ],
        }
        for name, r in wide.iterrows()
        if np.abs(r[scenarios].to_numpy(dtype=float)).max() >= SLIGHT_USD_M
    ]


def _total_last(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the sum of all regions under the regions that it sums."""
    return sorted(rows, key=lambda r: r["name"] == WORLD)


def _most(result: StudyResult) -> list[str]:
    """Say in words which scenarios move the members most, and for whom, gains first; and which move nothing."""
    solved = result.tables["scenarios"].query("solved")
    frame = result.tables["gains"]
    if solved.empty or frame.empty:
        return []
    size = solved["members_usd_m"].astype(float).abs()
    order = solved.reindex(size.sort_values(ascending=False, kind="stable").index)
    moving = order[order["members_usd_m"].astype(float).abs() >= SLIGHT_USD_M]
    largest = moving.head(3).to_dict("records")
    lines = []
    for r in sorted(largest, key=lambda r: r["members_usd_m"] < 0):
        mine = frame[(frame["scenario"] == r["scenario"]) & frame["member"]].sort_values("gain_usd_m", kind="stable")
        worst, best = (
            f"{short_name(x['name'])} {usd_m(x['gain_usd_m'], signed=True)}" for x in (mine.iloc[0], mine.iloc[-1])
        )
        lost = mine["gain_usd_m"].iloc[-1] <= -LEAST_USD_M
        who = f"the smallest loss {best}, the largest {worst}" if lost else f"most to {best}, least to {worst}"
        total = usd_m(r["members_usd_m"], signed=True)
        lines.append(f"{r['title']}: {total} million USD a year to the members together ({_span(r, 'members')}; {who})")
    if len(moving) > 3:
        first, last = (float(usd_m(abs(moving.iloc[i]["members_usd_m"])).replace(",", "")) for i in (0, -1))
        lines.append(
            f"At the middle figures the largest effect is about {rounded(first / last)} times the smallest, "
            f"{moving.iloc[-1]['title']}"
        )
    lines += [f"{r['title']}: {NO_EFFECT}" for r in solved.to_dict("records") if _still(r)]
    return lines


def _trade(result: StudyResult, anchors: dict[str, str]) -> list[dict[str, Any]]:
    frame, titles = result.tables["trade_changes"], result.tables["scenarios"].set_index("scenario")["title"]
    out = []
    for s, mine in frame.groupby("scenario", sort=False):
        top = mine[mine["change_usd_m"].abs() >= SLIGHT_USD_M].head(8)
        words = "; ".join(
            f"{short_name(a)} to {short_name(b)} {usd_m(v, signed=True)}"
            for a, b, v in zip(top["exporter_name"], top["importer_name"], top["change_usd_m"], strict=True)
        )
        if words:
            out.append({"title": titles[s], "pairs": words, "trail": anchors[str(s)]})
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


def _under(result: StudyResult, titles: dict[str, str], anchors: dict[str, str]) -> list[dict[str, Any]]:
    """Members' gain under each setting that changes one thing."""
    frame = result.tables["gains_under"]
    one = ("elasticity low", "elasticity high", "freight low", "freight high", "deficits fixed")
    rows = []
    for s, mine in frame.groupby("scenario", sort=False):
        by = mine.set_index("setting")["members_usd_m"]
        cells = [usd_m(by[n], signed=True) if n in by and not np.isnan(by[n]) else "not solved" for n in one]
        if max(abs(by.get("middle", 0.0)), by.abs().max()) >= SLIGHT_USD_M:
            rows.append({"title": titles[str(s)], "trail": anchors[str(s)], "cells": cells})
    return rows


def _new_trade(result: StudyResult, titles: dict[str, str], anchors: dict[str, str]) -> list[dict[str, Any]]:
    """Say what the prior would add, apart from every other figure."""
    rows = []
    for s, mine in result.tables["new_trade"].groupby("scenario", sort=False):
        if str(s) not in titles:
            continue
        by = mine.set_index("point")
        rows.append(
            {"title": titles[str(s)], "trail": anchors[str(s)],
             "cells": [usd_m(by.loc[p, w], signed=True) for w in ("trade_change_usd_m", "members_gain_usd_m")
                       for p in ("low", "mode", "high")]}
        )  # fmt: skip
    return rows


def _lying(result: StudyResult) -> str:
    """Say how many of the most valuable improvements lie in a member, and which the corridor's own ways use."""
    found = result.tables["improvements"]
    if found.empty:
        return ""
    package = result.package
    members = set(package["countries"].query("member")["iso3"])
    places = package["places"].set_index("id")[["country", "country_b"]].T.to_dict("list")
    ends = package["links"].set_index("id")[["from", "to"]].T.to_dict("list")
    used = set(result.tables["worth_of_an_hour"].get("place", ()))
    within, mine = 0, []
    for row in found.to_dict("records"):
        key = str(row["object"]).split(":")[1]
        within += any(members & set(places[p]) for p in ends.get(key, [key]))
        if key in used:
            mine.append(row["name"])
    use = f"use of these borders: {'; '.join(mine)}" if mine else "use none of these borders"
    return (
        f"Of these {len(found)}, {within} lie in a member or at its border. The best ways through the corridor's own "
        f"ports {use}."
    )


def _who(text: str, names: dict[str, str]) -> str:
    """Name the economies of a list such as ``KAZ +2.6; UZB +1.0``."""
    items = (item.rpartition(" ") for item in text.split("; ") if item)
    return "; ".join(f"{short_name(names.get(e, e))} {usd_m(float(v), signed=True)}" for e, _, v in items)


def _works(result: StudyResult, sources: tuple[str, ...]) -> list[dict[str, str]]:
    """Name published works by title and year, as a reader would look for them, with the row of the list of sources."""
    rows = result.package["sources"].set_index("id")
    return [
        {"anchor": f"s-{s}", "name_words": ", ".join(x for x in (rows.loc[s, "title"], rows.loc[s, "date"][:4]) if x)}
        for s in sources
    ]


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Set every scenario beside the same day without it."""
    if "scenarios" not in result.tables or result.tables["scenarios"].empty:
        return None
    anchors = _anchors(result, trail)
    solved = result.tables["scenarios"].query("solved")
    moved = [r["scenario"] for r in solved.to_dict("records") if not _still(r)]
    scenarios = moved or list(solved["scenario"])
    titles = solved.set_index("scenario")["title"]
    frame = result.tables["gains"]
    some = bool(scenarios)
    members = frame[frame["member"]] if some else frame
    regions = regions_with_ends(result) if some else frame
    base = trade_trail(result, trail)
    economies = dict(result.package["economies"].set_index("id")["name"])
    mapped = solved.loc[solved["members_usd_m"].astype(float).idxmax(), "scenario"] if some else ""
    return {
        "day": result.as_of.isoformat(), "boundaries": boundaries(result, reader.tongue, links=False),
        "price_year": result.package.meta.price_year,
        "no_effect": NO_EFFECT, "lead": _lead(result, regions), "lying": _lying(result),
        "cases": _cases(result, anchors), "columns": [titles[s] for s in scenarios], "trail_base": base,
        "members": _matrix(members, "name", scenarios, anchors) if some else [],
        "regions": _total_last(_matrix(regions, "macro_region", scenarios, anchors)) if some else [],
        "ports": _ports(result, scenarios, anchors) if some else [], "trade": _trade(result, anchors) if some else [],
        "under": _under(result, dict(titles), anchors) if some else [],
        "new_trade": _new_trade(result, {s: titles[s] for s in scenarios}, anchors) if some else [],
        "most": _most(result), "bars_svg": gain_bars(result, reader),
        "map_svg": gain_map(result, mapped, reader) if some else "",
        "map_title": titles[mapped] if some else "",
        "improvements": [
            {"name": r["name"], "trail": base, "members": usd_m(r["members_usd_m_per_day_less"], signed=True),
             "world": usd_m(r["world_usd_m_per_day_less"], signed=True),
             "dollar": usd_m(r["members_usd_m_per_usd_per_t_less"], signed=True),
             "who": _who(r["by_economy_usd_m_per_day_less"], economies)}
            for r in result.tables["improvements"].to_dict("records")
        ],
        "remarks": [{"text": r.text, "works": _works(result, r.sources)} for r in result.spec.remarks],
    }  # fmt: skip


SECTION = Section("gainers", "Who gains", "Who gains", build, pdf=True)
