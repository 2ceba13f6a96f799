"""The sections of the report, in their order; `sources` stays last, since the others fill its trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.sections import (
    borders,
    flows,
    gainers,
    gap,
    gateways,
    ground,
    journeys,
    map,  # noqa: A004
    origins,
    sources,
    status,
    traded,
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
    traded.SECTION,
    flows.SECTION,
    gainers.SECTION,
    status.SECTION,
    journeys.SECTION,
    ground.SECTION,
    sources.SECTION,
)
