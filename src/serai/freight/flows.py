"""What an equilibrium moves where: flows of arcs, who uses a facility, and whether a cheaper way was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError
from serai.freight.equilibrium import FreightEquilibrium, route_shares
from serai.freight.opened import carry_routes
from serai.freight.prepared import FreightModel, Prepared, contest_at, route_costs
from serai.freight.routeset import over_arcs
from serai.freight.search import dijkstra, path_to

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.freight.model import Compiled
    from serai.freight.search import Array, Ints

    Bools = npt.NDArray[np.bool_]

WIDE_GAP = 0.05
"""Column gap above which a route is missed."""
LEAST_T_PER_DAY = 1e-6
"""Flow below which a pair's missing route is nobody's."""


@dataclass(frozen=True, slots=True)
class ColumnGap:
    """How much cheaper than the set's cheapest route the cheapest route of the network is, at equilibrium costs.

    Attributes
    ----------
    gap : float64[E]
        c_set / c_network - 1 of every entry with flow; 0 for the others.
    mean
        Of the entries with flow, weighted by their tonnes.
    largest
        Largest gap of an entry with flow.
    wide : int32[W]
        Entries with flow whose gap is above :data:`WIDE_GAP`, widest first.
    tonnes_share
        Share of the tonnes that stands on them.
    missing : tuple of (pair, arcs)
        The routes these entries lack, each once.
    """

    gap: Array
    mean: float
    largest: float
    wide: Ints
    tonnes_share: float
    missing: tuple[tuple[int, tuple[int, ...]], ...]


def route_flows(m: FreightModel, eq: FreightEquilibrium) -> Array:
    """Flow of every route by commodity: float64[K, R], t/day."""
    route, entry = m.entries.routes()
    flat = m.entries.commodity[entry].astype(np.int64) * m.routes.n_routes + route
    tonnes = route_shares(m, eq) * eq.tonnes_per_day[entry]
    shape = (m.n_commodities, m.routes.n_routes)
    return np.asarray(np.bincount(flat, tonnes, shape[0] * shape[1]).reshape(shape), dtype=np.float64)


def carried(m: FreightModel, eq: FreightEquilibrium) -> Array:
    """Flow of every route, all commodities together: float64[R], t/day."""
    s = contest_at(m, eq.prepared, eq.time_h)
    return carry_routes(m.bundling, s, eq.prepared.opened, eq.tonnes_per_day, m.routes.n_routes)


def arc_flows(m: FreightModel, eq: FreightEquilibrium) -> Array:
    """Flow of every arc by commodity: float64[K, A], t/day."""
    return over_arcs(m.routes, route_flows(m, eq).T, m.length_km.size).T


def arc_tonnes(m: FreightModel, eq: FreightEquilibrium) -> Array:
    """Flow of every arc, all commodities together: float64[A], t/day."""
    return over_arcs(m.routes, carried(m, eq)[:, None], m.length_km.size)[:, 0]


def facility_arcs(m: FreightModel, key: str) -> Bools:
    """Arcs of a facility: bool[A].

    Raises
    ------
    InputError
        Where there is no such facility.
    """
    if key not in m.facilities.keys:
        raise InputError(f"There is no facility {key}", "Facilities are what has a sourced capacity.")
    return np.asarray(m.facilities.arc_facility == m.facilities.keys.index(key))


def passes(m: FreightModel, arcs: Bools) -> Bools:
    """Routes over any of some arcs: bool[R]."""
    over = np.zeros(m.routes.n_routes, dtype=bool)
    for a in np.flatnonzero(arcs).tolist():
        over[m.over_route[m.over_ptr[a] : m.over_ptr[a + 1]]] = True
    return over


def select_link(m: FreightModel, eq: FreightEquilibrium, arcs: Bools) -> Array:
    """Tonnes a day of every entry over any of some arcs: float64[E].

    Parameters
    ----------
    m, eq
        Model and equilibrium.
    arcs : bool[A]
        Arcs looked at; a route over several of them counts once.
    """
    route, entry = m.entries.routes()
    over = np.where(passes(m, arcs)[route], route_shares(m, eq), 0.0)
    return np.asarray(np.bincount(entry, over, m.entries.n) * eq.tonnes_per_day)


def equilibrium_arc_cost(m: FreightModel, arc_cost_usd_per_t: Array, time_h: Array) -> Array:
    """Cost of arcs at the times of an equilibrium: float64[K, A], infinite where closed."""
    # Arcs without a facility have number -1 and read the zero at the end.
    more = np.append(time_h - m.facilities.published_h, 0.0)[m.facilities.arc_facility]
    return np.asarray(arc_cost_usd_per_t + m.queue_usd_per_t_h[:, None] * more[None, :])


def cheapest_in_set(m: FreightModel, prepared: Prepared, time_h: Array) -> Array:
    """Cost of the cheapest open route of every entry at the times of an equilibrium: float64[E]."""
    route, entry = m.entries.routes()
    late = (m.incidence @ (time_h - m.facilities.published_h))[m.hot.route[route]]
    k = m.entries.commodity[entry]
    published = route_costs(m, prepared.arc_cost_usd_per_t, prepared.one_end)
    cost = published[route, k] + m.queue_usd_per_t_h[k] * late
    return np.asarray(np.minimum.reduceat(cost, m.entries.ptr[:-1]))


def column_gap(
    m: FreightModel,
    compiled: Compiled,
    prepared: Prepared,
    eq: FreightEquilibrium,
    arc_cost_usd_per_t: Array,
    one_end: Bools,
) -> ColumnGap:
    """Look for routes the set lacks: shortest paths at equilibrium costs against the cheapest routes of the set.

    Parameters
    ----------
    m, compiled, prepared, eq
        The solved model.
    arc_cost_usd_per_t : float64[K, A]
        At published times.
    one_end : bool[A]
        Gates open only to trade of their own two countries.
    """
    t, e = compiled.topology, m.entries
    cost = equilibrium_arc_cost(m, arc_cost_usd_per_t, eq.time_h)
    in_set = cheapest_in_set(m, prepared, eq.time_h)
    gap = np.zeros(e.n)
    missing: dict[tuple[int, tuple[int, ...]], None] = {}
    used = np.flatnonzero((eq.tonnes_per_day > LEAST_T_PER_DAY) & np.isfinite(in_set))
    doors = np.array([t.place_index(z) for z in m.routes.zones])
    origin, dest = m.routes.pair_origin[e.pair], m.routes.pair_dest[e.pair]
    side = np.array([next(iter(compiled.sides[z])) for z in m.routes.zones])
    gates = np.flatnonzero(one_end)
    ends = [compiled.sides[t.arcs[a].place] for a in gates.tolist()]
    scoped = set().union(*ends) if ends else set()
    groups: dict[tuple[str, str, int, int], list[int]] = {}
    for i in used.tolist():
        o, d = str(side[origin[i]]), str(side[dest[i]])
        key = (o if o in scoped else "", d if d in scoped else "", int(e.commodity[i]), int(origin[i]))
        groups.setdefault(key, []).append(i)
    for (o, d, k, z), members in sorted(groups.items()):
        here = cost[k].copy()
        here[[a for a, both in zip(gates.tolist(), ends, strict=True) if not both & {o, d}]] = np.inf
        source = int(t.door_out[doors[z]])
        dist, pred = dijkstra(t.out_ptr, t.head, here, source)
        for i in members:
            target = int(t.door_in[doors[dest[i]]])
            gap[i] = max(in_set[i] / dist[target] - 1.0, 0.0)
            if gap[i] > WIDE_GAP:
                arcs = tuple(path_to(t.tail, pred, source, target))
                missing[(int(e.pair[i]), arcs)] = None
    tonnes = eq.tonnes_per_day[used]
    wide = used[gap[used] > WIDE_GAP]
    whole = max(float(tonnes.sum()), 1e-300)
    return ColumnGap(
        gap=gap,
        mean=float(gap[used] @ tonnes) / whole,
        largest=float(gap[used].max(initial=0.0)),
        wide=wide[np.argsort(-gap[wide], kind="stable")].astype(np.int32),
        tonnes_share=float(eq.tonnes_per_day[wide].sum()) / whole,
        missing=tuple(sorted(missing)),
    )
