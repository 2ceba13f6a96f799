"""The automatic checks: which judges which type of claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serai.evidence.checks import capacity, frontier, gateway, numbers, projects, states, ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.evidence.checks.base import Finding, Question

CHECKERS: Final[dict[str, Callable[[Question], Finding]]] = {
    "relationship_duration": numbers.relationship,
    "superlative": numbers.superlative,
    "trade_volume": numbers.trade,
    "trade_target": numbers.target,
    "growth": numbers.growth,
    "agreement_value": numbers.deals,
    "agreement_signed": numbers.signed,
    "agreement_planned": numbers.signed,
    "distance": ways.distance,
    "transit_time": ways.journey_time,
    "cost_change": projects.saving,
    "route": frontier.route,
    "gateway": gateway.gateway,
    "capacity": capacity.capacity,
    "market_share": capacity.share,
    "stability": states.stability,
    "border_status": states.border,
    "barrier": states.barrier,
    "benefit": states.benefit,
    "project_cost": projects.cost,
    "project_milestone": projects.milestone,
    "investment_pledge": projects.pledge,
    "flow_volume": projects.flow,
    "flow_forecast": projects.flow,
    "event": projects.event,
    "event_planned": projects.event,
    "policy_position": projects.stance,
    "first_event": projects.first,
    "export_potential": projects.potential,
}
