"""Freight under congestion: choice of routes and times at facilities that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from serai.core.units import HOURS_PER_DAY
from serai.freight.choice import (
    Entries,
    Hot,
    Options,
    average_cost,
    hot_combinations,
    load,
    options,
    path_sizes,
    shares,
)
from serai.freight.facilities import Facilities, times
from serai.freight.routeset import RouteSet, along_routes, routes_over
from serai.freight.settle import AndersonNewton, settle
from serai.network.costs import parameter
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.model import Compiled
    from serai.freight.search import Array, Ints


DEEPEST = -500.0
"""Exponent of choice below which a way is as good as unused."""


@dataclass(frozen=True, slots=True)
class FreightModel:
    """What does not depend on a scenario.

    Attributes
    ----------
    routes, entries, hot, facilities
        R routes, E entries, U combinations of H facilities.
    theta : float64[K]
        Sensitivity of choice in t/USD.
    vot_usd_per_t_h : float64[K]
        Value of time of the goods.
    queue_usd_per_t_h : float64[K]
        Cost of an hour in a queue: that of the goods and of the vehicle or box that waits with them.
    length_km : float64[A]
        Lengths for path sizes.
    stranger_route, stranger_arc : int32
        Routes over border arcs of two countries that are neither at their begin nor at their end.
    over_ptr, over_route : int32
        Routes over each arc, as compressed rows.
    incidence : float64[U, H]
        Times a combination passes a facility.
    """

    routes: RouteSet
    entries: Entries
    hot: Hot
    facilities: Facilities
    theta: Array
    vot_usd_per_t_h: Array
    queue_usd_per_t_h: Array
    length_km: Array
    stranger_route: Ints
    stranger_arc: Ints
    over_ptr: Ints
    over_route: Ints
    incidence: Array


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario's routes at published times: costs of routes float64[R, K], path sizes, options."""

    cost_usd_per_t: Array
    size: Array
    options: Options


@dataclass(frozen=True, slots=True)
class FreightEquilibrium:
    """Times, costs and shares that agree.

    Attributes
    ----------
    time_h, flow_per_day : float64[H]
        At facilities, in their units, without background.
    cost_usd_per_t : float64[E]
        Expected cost of every entry; infinite where no route is open.
    share : float64[options]
        Of every option.
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
    share: Array
    tonnes_per_day: Array
    stranded_t_per_day: Array
    residual: float
    iterations: int


def freight_model(compiled: Compiled, routes: RouteSet, e: Entries, f: Facilities, theta: Array) -> FreightModel:
    """Bring together what does not depend on a scenario."""
    hot = hot_combinations(routes, f)
    incidence = np.zeros((hot.n, f.n))
    np.add.at(incidence, (np.repeat(np.arange(hot.n), np.diff(hot.ptr)), hot.facility), 1.0)
    waiting = parameter(compiled.package, "demurrage_usd_per_day") / HOURS_PER_DAY / compiled.worth.payload_t
    t = compiled.topology
    ptr, over = routes_over(routes, t.n_arcs)
    gate = np.isin(t.kind, (ArcKind.EXIT, ArcKind.ENTRY, ArcKind.GAUGE_CHANGE, ArcKind.VEHICLE_CHANGE))
    side = [next(iter(compiled.sides[z])) for z in routes.zones]
    origin, dest = routes.pair_origin[routes.route_pair], routes.pair_dest[routes.route_pair]
    strangers: list[tuple[Ints, Ints]] = []
    for a in np.flatnonzero(gate).tolist():
        ends = compiled.sides[t.arcs[a].place]
        mine = over[ptr[a] : ptr[a + 1]]
        touch = np.array([s in ends for s in side])
        alien = mine[~(touch[origin[mine]] | touch[dest[mine]])]
        strangers.append((alien, np.full(alien.size, a, dtype=np.int32)))
    return FreightModel(
        routes=routes,
        entries=e,
        hot=hot,
        facilities=f,
        theta=theta,
        vot_usd_per_t_h=compiled.worth.vot_usd_per_t_h,
        queue_usd_per_t_h=compiled.worth.vot_usd_per_t_h + waiting,
        length_km=compiled.figures.distance_km,
        stranger_route=np.concatenate([s[0] for s in strangers]),
        stranger_arc=np.concatenate([s[1] for s in strangers]),
        over_ptr=ptr,
        over_route=over,
        incidence=incidence,
    )


def prepare(m: FreightModel, arc_cost_usd_per_t: Array, one_end: npt.NDArray[np.bool_]) -> Prepared:
    """Cost routes at published times and weigh them.

    Parameters
    ----------
    m
        The model.
    arc_cost_usd_per_t : float64[K, A]
        Generalized cost of arcs; infinite where closed.
    one_end : bool[A]
        Gates open only to trade of their own two countries.
    """
    cost = along_routes(m.routes, arc_cost_usd_per_t)
    cost[m.stranger_route[one_end[m.stranger_arc]]] = np.inf
    return _weighed(m, cost)


def _weighed(m: FreightModel, cost: Array) -> Prepared:
    size = path_sizes(m.routes, m.length_km, np.isfinite(cost[:, 0]))
    return Prepared(cost, size, options(m.entries, cost, size, m.theta))


def factors(m: FreightModel, time_h: Array) -> Array:
    """exp(-theta w (T - published)) of each combination of facilities: float64[K, U]; w is the cost of an hour's queue.

    Far from a solution the exponent is held above :data:`DEEPEST`, where weights would underflow.
    """
    delta = m.incidence @ (time_h - m.facilities.published_h)
    power = -(m.theta * m.queue_usd_per_t_h)[:, None] * delta[None, :]
    return np.asarray(np.exp(np.maximum(power, DEEPEST)))


def facility_flows(m: FreightModel, combination_flow: Array) -> Array:
    """Flow of every facility in its unit: float64[H], from the flow of combinations float64[K, U]."""
    f = m.facilities
    by_unit = f.unit_per_t @ combination_flow @ m.incidence
    return np.asarray(by_unit[f.unit, np.arange(f.n)])


def _spread_kernel_source(
    ptr: Ints, first: Ints, commodity: Ints, share: Array, route_hot: Ints, hot_ptr: Ints, hot_facility: Ints,
    tonnes: Array, slope: Array, unit_per_t: Array, unit: Ints, diagonal: Array, outer: Array,
) -> None:  # fmt: skip
    """Sum, over entries, what a change of times does to flows: the own part by combination, the cross part."""
    where = np.full(unit.size, -1, dtype=np.int64)
    here = np.empty(unit.size, dtype=np.int64)
    part = np.empty(unit.size)
    for e in range(first.size):
        k = commodity[e]
        c = slope[k] * tonnes[e]
        if c == 0.0:
            continue
        m = 0
        for n in range(ptr[e], ptr[e + 1]):
            if share[n] == 0.0:
                continue
            u = route_hot[first[e] + n - ptr[e]]
            diagonal[k, u] += c * share[n]
            for i in range(hot_ptr[u], hot_ptr[u + 1]):
                h = hot_facility[i]
                if where[h] < 0:
                    where[h], here[m], part[m] = m, h, 0.0
                    m += 1
                part[where[h]] += share[n]
        for i in range(m):
            a = here[i]
            where[a] = -1
            w = c * part[i] * unit_per_t[unit[a], k]
            for j in range(m):
                outer[a, here[j]] += w * part[j]


@cache
def _spread_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_spread_kernel_source)


def flow_sensitivity(m: FreightModel, share: Array, tonnes_per_day: Array) -> Array:
    """dflow_a / dT_b at fixed demand: float64[H, H], in units a day per h.

    With p the shares of an entry's routes: dp_r / dT_b = -theta w p_r (delta_rb - P_b), P_b = sum_r p_r delta_rb.
    """
    f, e = m.facilities, m.entries
    diagonal, outer = np.zeros((m.theta.size, m.hot.n)), np.zeros((f.n, f.n))
    slope = m.theta * m.queue_usd_per_t_h
    _spread_kernel()(
        e.ptr, e.first_route, e.commodity, share, m.hot.route, m.hot.ptr, m.hot.facility,
        tonnes_per_day, slope, f.unit_per_t, f.unit, diagonal, outer,
    )  # fmt: skip
    own = np.stack([(w[:, None] * m.incidence).T @ m.incidence for w in f.unit_per_t @ diagonal])
    return np.asarray(outer - own[f.unit, np.arange(f.n)])


def flow_sensitivity_plain(m: FreightModel, share: Array, tonnes_per_day: Array) -> Array:
    """Do the same as :func:`flow_sensitivity` in plain NumPy, entry by entry."""
    f, e = m.facilities, m.entries
    out = np.zeros((f.n, f.n))
    for i in range(e.n):
        k = int(e.commodity[i])
        p = share[e.ptr[i] : e.ptr[i + 1]]
        delta = m.incidence[m.hot.route[e.first_route[i] : e.first_route[i] + p.size]]
        middle = p @ delta
        dflow = (delta * p[:, None]).T @ (delta - middle[None, :])
        c = m.theta[k] * m.queue_usd_per_t_h[k] * tonnes_per_day[i]
        out -= c * f.unit_per_t[f.unit, k][:, None] * dflow
    return out


def assign(
    m: FreightModel,
    prepared: Prepared,
    tonnes_per_day: Array,
    start_per_day: Array,
    sensitivity: Array,
    base_flow: Array,
    method: AndersonNewton = AndersonNewton(),  # noqa: B008
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
    sensitivity, base_flow
        At the base; see :func:`serai.freight.settle.settle`.
    method
        Tolerance and limits.

    Raises
    ------
    NoEquilibriumError
        Where times do not settle.
    """
    e, o = m.entries, prepared.options
    moved = np.where(np.isfinite(o.floor_usd_per_t), tonnes_per_day, 0.0)

    def at(t: Array) -> tuple[Array, Array, Array]:
        factor = factors(m, t)
        return (factor, *average_cost(e, o, m.hot, factor, m.theta))

    def demand(t: Array) -> Array:
        factor, _, total = at(t)
        return facility_flows(m, load(e, o, m.hot, factor, total, moved))

    def exact(t: Array) -> Array:
        factor, _, total = at(t)
        return flow_sensitivity(m, shares(e, o, m.hot, factor, total), moved)

    found = settle(m.facilities, demand, start_per_day, sensitivity, base_flow, method, exact)
    time, _ = times(m.facilities, found.flow_per_day)
    factor, cost, total = at(time)
    return FreightEquilibrium(
        time_h=time,
        flow_per_day=found.flow_per_day,
        cost_usd_per_t=cost,
        share=shares(e, o, m.hot, factor, total),
        tonnes_per_day=moved,
        stranded_t_per_day=tonnes_per_day - moved,
        residual=found.residual,
        iterations=found.iterations,
    )
