"""Freight under congestion: choice of routes and times at facilities that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.freight.facilities import times
from serai.freight.prepared import FreightModel, Prepared, chosen_at, flows_of, routes_chosen_at
from serai.freight.sensitivity import flow_sensitivity
from serai.freight.settle import USUAL, AndersonNewton, Response, settle

if TYPE_CHECKING:
    from serai.freight.choice import Chosen
    from serai.freight.search import Array


@dataclass(frozen=True, slots=True)
class FreightEquilibrium:
    """Times, costs and flows that agree.

    Attributes
    ----------
    time_h, flow_per_day : float64[H]
        At facilities, in their units, without background.
    cost_usd_per_t : float64[E]
        Expected cost of every entry; infinite where no route is open.
    prepared
        Routes at published times.
    tonnes_per_day : float64[E]
        Demand that was loaded; zero where no route is open.
    stranded_t_per_day : float64[E]
        Demand without an open route.
    residual
        Largest relative difference between times and what their flows give rise to.
    iterations
        Evaluations.
    """

    time_h: Array
    flow_per_day: Array
    cost_usd_per_t: Array
    prepared: Prepared
    tonnes_per_day: Array
    stranded_t_per_day: Array
    residual: float
    iterations: int


def route_shares(m: FreightModel, eq: FreightEquilibrium) -> Array:
    """Share of every route of every entry: float64[routes of entries]."""
    return routes_chosen_at(m, eq.prepared, eq.time_h)[1]


def assign(
    m: FreightModel,
    prepared: Prepared,
    tonnes_per_day: Array,
    start_per_day: Array,
    response: Response,
    method: AndersonNewton = USUAL,
) -> FreightEquilibrium:
    """Find the equilibrium of a fixed demand.

    Parameters
    ----------
    m, prepared
        Model and scenario.
    tonnes_per_day : float64[E]
        Demand of every entry.
    start_per_day : float64[H]
        Flows of facilities to start from, such as those of the base.
    response
        Of flows to times nearby; see :func:`serai.freight.settle.settle`.
    method
        Tolerance and limits.

    Raises
    ------
    NoEquilibriumError
        Where times do not settle.
    """
    moved = np.where(np.isfinite(prepared.floor_usd_per_t), tonnes_per_day, 0.0)

    chosen: list[Chosen] = []

    def demand(t: Array) -> Array:
        chosen[:] = [chosen_at(m, prepared, t)]
        return flows_of(m, prepared, chosen[0].share, moved)

    def exact(t: Array) -> Array:
        return flow_sensitivity(m, prepared, t, moved)

    found = settle(m.facilities, demand, start_per_day, response, method, exact)
    time, _ = times(m.facilities, found.flow_per_day)
    return FreightEquilibrium(
        time_h=time,
        flow_per_day=found.flow_per_day,
        cost_usd_per_t=chosen[0].cost_usd_per_t,
        prepared=prepared,
        tonnes_per_day=moved,
        stranded_t_per_day=tonnes_per_day - moved,
        residual=found.residual,
        iterations=found.iterations,
    )
