"""The map of the network and the state of its borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report import charts
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def build(result: StudyResult, trail: Trail) -> Context:
    """Draw the map."""
    return {"map_svg": charts.corridor_map(result), "map_note": charts.map_note(result.package.meta.boundary_view)}


SECTION = Section("map", "The corridor and its rivals", "Map", build, pdf=True)
