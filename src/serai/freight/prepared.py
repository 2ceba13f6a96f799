"""Freight in a scenario: its routes at published times, and what is chosen and flows at any times of facilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.units import HOURS_PER_DAY
from serai.freight.bundles import Bundling, Combinations, bundled, combinations, entry_costs, weights
from serai.freight.choice import Chosen, Contest, Entries, choose, load
from serai.freight.facilities import Facilities
from serai.freight.nests import nests
from serai.freight.opened import Opened, choose_routes, opened
from serai.freight.routeset import RouteSet, along_routes, routes_over
from serai.network.figures import parameter
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.freight.model import Compiled
    from serai.freight.search import Array, Ints

MANY = 0.5
"""Part of all passes of arcs from which on it takes as long to work out the differences as the whole."""


@dataclass(frozen=True, slots=True)
class FreightModel:
    """What does not depend on a scenario.

    Attributes
    ----------
    routes, entries, hot, facilities
        R routes, E entries, U combinations of H facilities.
    bundling
        Options of entries: routes of a pair that pass the same facilities and pay the same fees; how they overlap.
    vot_usd_per_t_h : float64[K]
        Value of time of the goods.
    queue_usd_per_t_h : float64[K]
        Cost of an hour in a queue: that of the goods and of the vehicle or box that waits with them.
    length_km : float64[A]
        Lengths of arcs.
    stranger_route, stranger_arc : int32
        Routes over border arcs of two countries that are neither at their begin nor at their end.
    over_ptr, over_route : int32
        Routes over each arc, as compressed rows.
    incidence : float64[U, H]
        Times a combination passes a facility.
    """

    routes: RouteSet
    entries: Entries
    hot: Combinations
    facilities: Facilities
    bundling: Bundling
    vot_usd_per_t_h: Array
    queue_usd_per_t_h: Array
    length_km: Array
    stranger_route: Ints
    stranger_arc: Ints
    over_ptr: Ints
    over_route: Ints
    incidence: Array

    @property
    def theta(self) -> Array:
        """Sensitivity of choice of entries in t/USD: float64[E]."""
        return self.bundling.at.theta

    def at_sensitivity(self, factor: float) -> FreightModel:
        """Multiply every sensitivity of choice by a factor."""
        at = self.bundling.at._replace(theta=factor * self.theta)
        return replace(self, bundling=self.bundling._replace(at=at))

    @property
    def n_commodities(self) -> int:
        """Number of commodities K."""
        return self.vot_usd_per_t_h.size


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario's routes at published times.

    Attributes
    ----------
    arc_cost_usd_per_t : float64[K, A], one_end : bool[A]
        What it was prepared from; see :func:`prepare`.
    shut : bool[R]
        Routes over gates that are not theirs; see :func:`closed_routes`.
    floor_usd_per_t : float64[E]
        Cost of the cheapest open route of each entry; infinite where none is open.
    opened
        Options that are left.
    """

    arc_cost_usd_per_t: Array
    one_end: npt.NDArray[np.bool_]
    shut: npt.NDArray[np.bool_]
    floor_usd_per_t: Array
    opened: Opened


def freight_model(
    compiled: Compiled, routes: RouteSet, e: Entries, f: Facilities, theta: Array, paying: Ints | None = None
) -> FreightModel:
    """Bring together what does not depend on a scenario; see :func:`serai.freight.bundles.bundled`."""
    hot = combinations(routes, f.arc_facility)
    over, mu = nests(routes, compiled.figures.distance_km), parameter(compiled.package, "route_similarity")
    incidence = np.zeros((hot.n, f.n))
    np.add.at(incidence, (np.repeat(np.arange(hot.n), np.diff(hot.ptr)), hot.member), 1.0)
    waiting = parameter(compiled.package, "demurrage_usd_per_day") / HOURS_PER_DAY / compiled.worth.payload_t
    t = compiled.topology
    ptr, users = routes_over(routes, t.n_arcs)
    gate = np.isin(t.kind, (ArcKind.EXIT, ArcKind.ENTRY, ArcKind.GAUGE_CHANGE, ArcKind.VEHICLE_CHANGE))
    side = [next(iter(compiled.sides[z])) for z in routes.zones]
    origin, dest = routes.pair_origin[routes.route_pair], routes.pair_dest[routes.route_pair]
    strangers: list[tuple[Ints, Ints]] = []
    for a in np.flatnonzero(gate).tolist():
        ends = compiled.sides[t.arcs[a].place]
        mine = users[ptr[a] : ptr[a + 1]]
        touch = np.array([s in ends for s in side])
        alien = mine[~(touch[origin[mine]] | touch[dest[mine]])]
        strangers.append((alien, np.full(alien.size, a, dtype=np.int32)))
    return FreightModel(
        routes=routes,
        entries=e,
        hot=hot,
        facilities=f,
        bundling=bundled(e, routes, theta, hot.route, over, mu, paying),
        vot_usd_per_t_h=compiled.worth.vot_usd_per_t_h,
        queue_usd_per_t_h=compiled.worth.vot_usd_per_t_h + waiting,
        length_km=compiled.figures.distance_km,
        stranger_route=np.concatenate([s[0] for s in strangers]),
        stranger_arc=np.concatenate([s[1] for s in strangers]),
        over_ptr=ptr,
        over_route=users,
        incidence=incidence,
    )


def prepare(
    m: FreightModel, arc_cost_usd_per_t: Array, one_end: npt.NDArray[np.bool_], near: Prepared | None = None
) -> Prepared:
    """Cost routes at published times and weigh them.

    Parameters
    ----------
    m
        The model.
    arc_cost_usd_per_t : float64[K, A]
        Generalized cost of arcs; infinite where closed.
    one_end : bool[A]
        Gates open only to trade of their own two countries.
    near
        Another scenario of the same routes; only what differs from it is worked out. The result is the same.
    """
    b = m.bundling
    which = None
    if near is not None and near.opened.at.mu == b.at.mu and np.array_equal(near.opened.at.theta, b.at.theta):
        which = _entries_that_differ(m, arc_cost_usd_per_t, one_end, near)
    every = near is None or which is None
    entries = np.arange(m.entries.n, dtype=np.int32) if which is None else which
    shut = near.shut if near is not None and np.array_equal(one_end, near.one_end) else closed_routes(m, one_end)
    cost = entry_costs(b, m.routes, arc_cost_usd_per_t, shut, entries)
    found = weights(b, cost, entries)
    left = opened(b, found, None if every or near is None else near.opened)
    floor = np.empty(m.entries.n) if every or near is None else near.floor_usd_per_t.copy()
    if entries.size:
        floor[entries] = np.minimum.reduceat(found.cost_usd_per_t, found.ptr[:-1])
    return Prepared(arc_cost_usd_per_t, one_end, shut, floor, left)


def _entries_that_differ(
    m: FreightModel, arc_cost_usd_per_t: Array, one_end: npt.NDArray[np.bool_], near: Prepared
) -> Ints | None:
    """Entries with a route over an arc that differs from another scenario's; None where these are too many to tell."""
    arcs = np.flatnonzero((arc_cost_usd_per_t != near.arc_cost_usd_per_t).any(axis=0) | (one_end != near.one_end))
    if np.diff(m.over_ptr)[arcs].sum() > MANY * m.over_route.size:
        return None
    over = np.zeros(m.routes.n_routes, dtype=bool)
    for a in arcs.tolist():
        over[m.over_route[m.over_ptr[a] : m.over_ptr[a + 1]]] = True
    touched = np.logical_or.reduceat(over, m.routes.pair_ptr[:-1])
    return np.flatnonzero(touched[m.entries.pair]).astype(np.int32)


def closed_routes(m: FreightModel, one_end: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Routes over a gate open only to trade of its own two countries, bool[A], that are not of them: bool[R]."""
    shut = np.zeros(m.routes.n_routes, dtype=bool)
    shut[m.stranger_route[one_end[m.stranger_arc]]] = True
    return shut


def route_costs(m: FreightModel, arc_cost_usd_per_t: Array, one_end: npt.NDArray[np.bool_]) -> Array:
    """Generalized cost of routes at published times: float64[R, K], USD/t, infinite where closed.

    Parameters are those of :func:`prepare`.
    """
    cost = along_routes(m.routes, arc_cost_usd_per_t)
    cost[closed_routes(m, one_end)] = np.inf
    return cost


def contest_at(m: FreightModel, prepared: Prepared, time_h: Array) -> Contest:
    """Set up the choice among a scenario's options at given times of facilities, float64[H]."""
    o = prepared.opened
    return Contest(o.at, o.cost_usd_per_t, o.alone, o.inside, delays(m, time_h))


def delays(m: FreightModel, time_h: Array) -> Array:
    """Cost of the hours of combinations beyond the published ones: float64[K, U], USD/t."""
    late = m.incidence @ (time_h - m.facilities.published_h)
    return np.asarray(m.queue_usd_per_t_h[:, None] * late[None, :])


def chosen_at(
    m: FreightModel, prepared: Prepared, time_h: Array, only: Ints | None = None, others: Chosen | None = None
) -> Chosen:
    """Average costs and shares of options at given times of facilities, float64[H]; see :func:`choose`."""
    return choose(contest_at(m, prepared, time_h), only, others)


def routes_chosen_at(m: FreightModel, prepared: Prepared, time_h: Array) -> tuple[Array, Array]:
    """Average costs of entries and shares of routes at given times of facilities; see :func:`choose_routes`."""
    return choose_routes(m.bundling, contest_at(m, prepared, time_h), prepared.opened)


def flows_of(m: FreightModel, prepared: Prepared, share: Array, tonnes_per_day: Array) -> Array:
    """Flow of every facility in its unit from the shares of open options and tonnes of entries: float64[H]."""
    return facility_flows(m, load(prepared.opened.at, share, tonnes_per_day, (m.n_commodities, m.hot.n)))


def facility_flows(m: FreightModel, combination_flow: Array) -> Array:
    """Flow of every facility in its unit: float64[H], from the flow of combinations float64[K, U]."""
    f, hot = m.facilities, m.hot
    by_unit = f.unit_per_t @ combination_flow
    passed = by_unit[f.unit[hot.member], np.repeat(np.arange(hot.n), np.diff(hot.ptr))]
    return np.asarray(np.bincount(hot.member, passed, f.n), dtype=np.float64)
