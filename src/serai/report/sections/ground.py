"""How far the report rests on sources and how far on assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.report.console import rounded
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def _evidence(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    rows = result.tables["evidence"].to_dict("records")
    return [
        {
            "table": r["table"],
            **{basis: f"{r[basis]:,}" for basis in ("reported", "derived", "assumed")},
            "trail": trail.to(f"Table {r['table']}", result.package[r["table"]]["source"]),
        }
        for r in rows
    ]


def _influence(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    def money(r: dict[str, Any]) -> str:
        low, high = rounded(r["usd_per_feu_p10"]), rounded(r["usd_per_feu_p90"])
        return f"{rounded(r['usd_per_feu'])} ({low}\u2013{high})"

    titles = {"crossings": "Border posts", "links": "Links", "ports": "Ports"}
    frame = result.tables["influence"]
    out = []
    for table, title in titles.items():
        mine = frame[frame["table"] == table].to_dict("records")
        rows = [
            {
                "row": r["row"],
                "trail": trail.to(f"Figures of the row {r['row']}", [str(r["source"])]),
                "hours": f"{r['hours']:,.1f} ({r['hours_p10']:,.1f}\u2013{r['hours_p90']:,.1f})",
                "usd": money(r),
                "basis": f"{r['time_basis']} / {r['cost_basis']}",
                "effect": f"{r['effect_usd_per_t']:.1f}",
                "used": r["used_by"],
                "sources": str(r["source"]).split(";"),
            }
            for r in mine
        ]
        if mine:
            out.append({"title": title, "rows": rows, "replace": mine[0]["would_replace_it"]})
    return out


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Count the ground of all figures, and rank those that matter."""
    return {"evidence": _evidence(result, trail), "influence": _influence(result, trail)}


SECTION = Section("ground", "The ground it stands on", "The ground it stands on", build, pdf=True)
