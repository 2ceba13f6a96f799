"""What each origin faces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from serai.data.names import place_names, short_name
from serai.report.console import days, rounded
from serai.report.grids import signed
from serai.report.reader import ENGLISH
from serai.report.section import Section, arc_sources
from serai.study.connectivity import origin_sheets

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.gateways import Gateway


def _sheets(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    """One short table per origin: to each market, the best own port and the best other way."""
    names = place_names(result.package)

    def way(g: Gateway | None) -> dict[str, str] | None:
        """One side of the comparison; its numbers open to its own sources."""
        if g is None:
            return None
        return {
            "gateway": short_name(names.get(g.gateway, g.gateway)),
            "trail": trail.to(
                f"{short_name(names[g.origin])} to {short_name(names[g.market])} by {names.get(g.gateway, g.gateway)}",
                arc_sources(result.network, g.arcs),
            ),
            "usd": rounded(g.cost_usd_per_t),
            "days": days(g.time_h),
        }

    out = []
    for sheet in origin_sheets(result.gaps, result.spec.commodities[0]):
        rows = [
            {
                "market": short_name(names[g.market]),
                "own": way(g.own),
                "other": way(g.rival),
                "trail": trail.to(
                    f"{short_name(names[g.origin])} to {short_name(names[g.market])}, both ways",
                    arc_sources(result.network, *(side.arcs for side in (g.own, g.rival) if side)),
                ),
                "gap": signed(g.usd_per_t) if math.isfinite(g.usd_per_t) else "",
                "parts": "; ".join(f"{n} {signed(v)}" for n, v in g.parts[:3]),
            }
            for g in sheet["gaps"]
        ]
        out.append({"origin": short_name(names[sheet["origin"]]), "rows": rows})
    return out


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """One table for each origin."""
    return {"commodity": result.spec.commodities[0], "sheets": _sheets(result, trail)}


SECTION = Section("origins", "What each origin faces", "Each origin", build, pdf=True)
