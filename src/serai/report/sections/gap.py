"""What the gap is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report import charts
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def build(result: StudyResult, trail: Trail) -> Context:
    """Show the parts of the gap."""
    return {"parts_svg": charts.parts_chart(result), "gap_case": "As last known"}


SECTION = Section("gap", "What makes the gap", "What makes the gap", build, pdf=True)
