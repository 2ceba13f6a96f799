"""The corridor's own ports against the best other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.core.units import HOURS_PER_DAY
from serai.data.names import place_names, short_name
from serai.report import charts
from serai.report.grids import signed
from serai.report.reader import ENGLISH
from serai.report.section import Section, arc_sources, trail_of_pairs

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.gateways import Gap


def _matrix(result: StudyResult, gaps: tuple[Gap, ...], title: str, trail: Trail) -> dict[str, Any]:
    names = place_names(result.package)
    commodity = result.spec.commodities[0]
    cells: dict[tuple[str, str], Gap] = {(g.origin, g.market): g for g in gaps if g.commodity == commodity}
    rows = []
    for origin in result.spec.origins:
        row = []
        for market in result.spec.markets:
            g = cells.get((origin, market))
            if g is None or g.rival is None:
                row.append({"text": "", "title": "no way", "trail": "", "best": "", "kind": "none"})
                continue
            best = short_name(names.get(g.rival.gateway, g.rival.gateway))
            if g.own is None:
                row.append({"text": "no way", "title": f"best other: {best}", "trail": "", "best": "", "kind": "shut"})
                continue
            own = short_name(names[g.own.gateway])
            day_gap = (g.own.time_h - g.rival.time_h) / HOURS_PER_DAY
            row.append(
                {
                    "trail": trail.to(
                        f"{short_name(names[origin])} to {short_name(names[market])} by {own} and by {best}",
                        arc_sources(result.network, g.own.arcs, g.rival.arcs),
                    ),
                    "text": signed(g.usd_per_t),
                    "title": f"{own} against {best}: {signed(g.usd_per_t)} USD/t, {signed(day_gap, 1)} days",
                    "best": best if g.usd_per_t > 0 else own,
                    "kind": "win"
                    if g.usd_per_t < 0
                    else "near"
                    if g.usd_per_t < 0.15 * g.rival.generalized_usd_per_t
                    else "far",
                }
            )
        rows.append({"origin": short_name(names[origin]), "cells": row})
    return {
        "markets": [short_name(names[m]) for m in result.spec.markets],
        "rows": rows,
        "title": title,
    }


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Set own ports against the best other way, from each origin to each market."""
    return {
        "commodity": result.spec.commodities[0],
        "matrices": [
            _matrix(result, result.gaps, f"As last known on {result.as_of.isoformat()}", trail),
            _matrix(result, result.gaps_if_open, "If everything whose state is unknown were open", trail),
        ],
        "gap_svg": charts.gap_chart(result, reader.tongue),
        "gap_case": "As last known",
        "trail_all": trail_of_pairs(result, trail),
    }


SECTION = Section("gateways", "The corridor's own ports against the best other way", "Gateways", build, pdf=True)
