"""Which projects go together, under a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.grids import context, grid, ground, number
from serai.report.section import Section
from serai.study.decision import Undecided

if TYPE_CHECKING:
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def build(result: StudyResult, trail: Trail) -> Context | None:
    """Show every set that was solved and the best within the budget."""
    d = result.decision
    if d is None or isinstance(d, Undecided):
        return None
    sets = d.tables["decision_portfolio"]
    best, pairs = d.tables.get("decision_best_set"), d.tables.get("decision_pairs")
    lines = [f"{len(sets)} sets of projects were solved as a whole, not added up from their parts."]
    if best is not None:
        b = best.iloc[0]
        lines.append(
            f"Within {number(b.budget_usd_m, 0)} million USD the best set is: {b.chosen} (net present value "
            f"{number(b.npv_usd_m, 0)} "
            "million). Every set was tried."
        )
    return context(
        ground(result, trail),
        lines,
        [
            grid(
                "Sets of projects, million USD",
                ("Projects", "Members' gain a year", "Cost", "Net present value"),
                [
                    [r.projects, number(r.members_gain_usd_m_per_year), number(r.cost_usd_m, 0), number(r.npv_usd_m, 0)]
                    for r in sets.itertuples(index=False)
                ],
            ),
            grid(
                "What pairs are worth beyond their parts, million USD",
                ("One", "Other", "Beyond their parts"),
                []
                if pairs is None
                else [[r.a, r.b, number(r.beyond_their_parts_usd_m)] for r in pairs.itertuples(index=False)],
                "Above zero: they need each other. Below: they stand in for each other.",
                words=2,
            ),
        ],
    )


SECTION = Section("portfolio", "Which projects, together", "Projects", build)
