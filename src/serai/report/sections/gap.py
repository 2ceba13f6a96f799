"""What the gap is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report import charts
from serai.report.grids import signed
from serai.report.reader import ENGLISH
from serai.report.section import Section, trail_of_pairs

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def _parts(result: StudyResult) -> list[list[str]]:
    gaps = [g for g in result.gaps if g.commodity == result.spec.commodities[0] and g.own and g.rival]
    return [[name, signed(value)] for name, value in charts.parts_of_gap(gaps)]


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Show the parts of the gap."""
    return {
        "parts_svg": charts.parts_chart(result, reader),
        "gap_case": "As last known",
        "trail_all": trail_of_pairs(result, trail),
        "parts": _parts(result),
    }


SECTION = Section("gap", "What makes the gap", "What makes the gap", build, pdf=True)
