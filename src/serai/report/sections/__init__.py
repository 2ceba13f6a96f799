"""The sections of the report, in their order; `sources` stays last, since the others fill its trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.sections import (
    article,
    borders,
    coalition,
    decision,
    flows,
    gainers,
    gap,
    gateways,
    ground,
    journeys,
    judgement,
    map,  # noqa: A004
    origins,
    portfolio,
    project,
    resilience,
    scorecard,
    sources,
    status,
    traded,
    ways,
)

if TYPE_CHECKING:
    from serai.report.section import Section

SECTIONS: tuple[Section, ...] = (
    decision.SECTION,
    scorecard.SECTION,
    judgement.SECTION,
    map.SECTION,
    ways.SECTION,
    gateways.SECTION,
    gap.SECTION,
    origins.SECTION,
    borders.SECTION,
    traded.SECTION,
    flows.SECTION,
    gainers.SECTION,
    project.SECTION,
    resilience.SECTION,
    coalition.SECTION,
    portfolio.SECTION,
    status.SECTION,
    journeys.SECTION,
    ground.SECTION,
    article.SECTION,
    sources.SECTION,
)
