"""Every source, and which numbers rest on which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """List the sources in use, and the groups that numbers open to."""
    used = [
        s for s in result.tables["sources"].to_dict("records") if s["rows"] > 0 or s["id"] in {"overlay", "scenario"}
    ]
    return {
        "sources": sorted(used, key=lambda s: s["id"]),
        "groups": [{"anchor": g.anchor, "title": g.title, "sources": list(g.sources)} for g in trail.groups.values()],
    }


SECTION = Section("sources", "Sources", "Sources", build)
