"""Which projects go together, under a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.data.names import short_name
from serai.report.gains import usd_m
from serai.report.grids import context, grid, ground, number
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.report.sections.project import npv_shown
from serai.study.decision import Undecided

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def _named(projects: str, names: dict[str, str]) -> str:
    """Name the projects of a set such as ``A + B``."""
    return " + ".join(short_name(names.get(p, p)) for p in projects.split(" + "))


def _set(projects: str) -> frozenset[str]:
    return frozenset(projects.split(" + "))


def _order(chosen: str, order: str, names: dict[str, str]) -> list[str]:
    """Say in which order a set is built; a set of one has none."""
    if " + " not in chosen:
        return []
    if not order:
        return ["The years of the appraisal do not suffice to build them one after the other."]
    # A name may hold a comma, so another sign parts them.
    told = "; ".join(short_name(names.get(p, p)) for p in order.split(", "))
    return [f"Built one after the other they are worth most in this order: {told}."]


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show every set that was solved, the best within the budget, and the order to build it in."""
    d = result.decision
    if d is None or isinstance(d, Undecided):
        return None
    sets = d.tables["decision_portfolio"]
    named = dict(result.package["projects"].set_index("id")["name"])
    best, pairs = d.tables.get("decision_best_set"), d.tables.get("decision_pairs")
    lines = [f"{len(sets)} sets of projects were solved as a whole, not added up from their parts."]
    if best is not None:
        b = best.iloc[0]
        lines.append(
            f"Within {number(b.budget_usd_m, 0)} million USD the best set is: {_named(b.chosen, named)} "
            "(net present value "
            f"{npv_shown(d, b.npv_usd_m, _set(b.chosen))} "
            "million). Every set was tried."
        )
        lines += _order(b.chosen, b.order, named)
    return context(
        ground(result, trail),
        lines,
        [
            grid(
                "Sets of projects, million USD",
                ("Projects", "Members' gain a year", "Cost", "Net present value"),
                [
                    [
                        _named(r.projects, named),
                        usd_m(r.members_gain_usd_m_per_year),
                        number(r.cost_usd_m, 0),
                        npv_shown(d, r.npv_usd_m, _set(r.projects)),
                    ]
                    for r in sets.itertuples(index=False)
                ],
                (
                    "Middle figures, without a range of their own but for the first stage; rounded as coarsely, for "
                    "their size, as the draws of both projects allow."
                ),
            ),
            grid(
                "What pairs are worth beyond their parts, million USD",
                ("One", "Other", "Beyond their parts"),
                []
                if pairs is None
                else [
                    [_named(r.a, named), _named(r.b, named), usd_m(r.beyond_their_parts_usd_m)]
                    for r in pairs.itertuples(index=False)
                ],
                "Above zero: they need each other. Below: they stand in for each other.",
                words=2,
            ),
        ],
    )


SECTION = Section("portfolio", "Which projects, together", "Projects", build)
