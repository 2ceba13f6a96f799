"""What is traded: where the figures come from, how they were brought up to date, and what does not use the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.data.names import short_name
from serai.report.console import rounded
from serai.report.gains import usd_m
from serai.report.grids import number, tiny
from serai.report.language import plain
from serai.report.maps import map_note
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.language import Language
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def boundaries(result: StudyResult, tongue: Language, *, links: bool) -> str:
    """Say which boundaries the maps of flows and gains draw, and how links where there are any."""
    return plain(map_note(result, tongue, links=links))


def trade_trail(result: StudyResult, trail: Trail) -> str:
    """Return the anchor of the sources that trade of the base year rests on."""
    tables = ("trade_seed", "trade_totals", "trade_anchors", "trade_mix", "economies")
    return trail.to("Trade of the base year", (s for t in tables for s in result.package[t]["source"]))


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show vintage, totals before and after, checks with both reporters, and what stays off the network."""
    if "trade_summary" not in result.tables:
        return None
    s = result.tables["trade_summary"].set_index("what")["value"]
    names = result.package["economies"].set_index("id")["name"]
    anchor = trade_trail(result, trail)
    off = trail.to("Shares that do not use the network", result.package["off_network"]["source"])
    member = set(result.package["countries"].query("member")["iso3"])
    totals = [r for r in result.tables["trade_by_economy"].to_dict("records") if r["economy"] in member]
    checks: list[dict[str, Any]] = [
        {
            "pair": f"{short_name(names[r['exporter']])} to {short_name(names[r['importer']])}",
            "reports": r["reports"],
            "ratio": f"{r['largest_to_smallest']:.1f}" if r["reporters"] > 1 else "", "held": usd_m(r["held_at_usd_m"]),
            "sources": r["source"].split(";"),
        }
        for r in result.tables["trade_checks"].to_dict("records")
    ]  # fmt: skip
    return {
        "year": f"{s['Year of the trade']:.0f}", "seed_year": f"{s['Year of the seed matrix']:.0f}",
        "residual": tiny(s["Largest relative residual of the rebasing"]),
        "total": rounded(s["Value of all trade"] / 1e3),
        "off": f"{100 * s['Share of the value that does not use the network']:.0f}",
        "mt": rounded(s["Tonnes on the network"]), "lost": f"{s['Tonnes no pair of zones can carry']:.0f}",
        "slight": {
            "cells": number(s["Flows that keep the freight of the base"], 0),
            "share": f"{100 * s['Tonnes of these'] / s['Tonnes on the network']:.2f}",
            "value": rounded(s["Value of these"] / 1e3),
        } if s["Flows that keep the freight of the base"] else None,
        "anchor": anchor, "trail_off": off,
        "totals": [
            {
                "name": short_name(r["name"]), "seed_x": usd_m(r["seed_exports_usd_m"]), "x": usd_m(r["exports_usd_m"]),
                "seed_m": usd_m(r["seed_imports_usd_m"]), "m": usd_m(r["imports_usd_m"]),
                "reported_m": usd_m(r["reported_imports_usd_m"]),
                "off": f"{100 * r['exports_off_network_share']:.0f}%", "mt": f"{r['exports_mt_on_network']:.1f}",
                "lost": f"{r['exports_mt_unallocated']:.2f}",
            }
            for r in totals
        ],
        "checks": checks,
    }  # fmt: skip


SECTION = Section("traded", "What is traded", "Trade", build)
