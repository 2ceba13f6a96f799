"""The sections of the report, in their order; `sources` stays last, since the others fill its trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.sections import (
    borders,
    gap,
    gateways,
    ground,
    journeys,
    map,  # noqa: A004
    origins,
    sources,
    status,
    ways,
)

if TYPE_CHECKING:
    from serai.report.section import Section

SECTIONS: tuple[Section, ...] = (
    map.SECTION,
    ways.SECTION,
    gateways.SECTION,
    gap.SECTION,
    origins.SECTION,
    borders.SECTION,
    status.SECTION,
    journeys.SECTION,
    ground.SECTION,
    sources.SECTION,
)
