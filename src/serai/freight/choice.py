"""Which way cargo takes: path-size logit over a frozen route set, and what it costs on average.

C = -ln(sum_r PS_r exp(-theta c_r)) / theta. PS_r is the path size of Ben-Akiva and Bierlaire (1999), "Discrete
choice methods and their applications to short term travel decisions": a duplicated route changes nothing, one
route gives C = c. The derivative of C with respect to the cost of an arc is the arc's share (envelope theorem).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.facilities import Facilities
    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints


@dataclass(frozen=True, slots=True)
class Entries:
    """What chooses: E combinations of a pair and a commodity that may trade.

    Attributes
    ----------
    pair, commodity : int32[E]
        The pair and the commodity, sorted by pair.
    ptr : int64[E + 1]
        Options of entry e, in the order of its pair's routes, are ``ptr[e]:ptr[e + 1]`` of option arrays.
    first_route : int32[E]
        First route of its pair.
    """

    pair: Ints
    commodity: Ints
    ptr: npt.NDArray[np.int64]
    first_route: Ints

    @property
    def n(self) -> int:
        """Number of entries E."""
        return self.pair.size

    @property
    def n_options(self) -> int:
        """Number of options of all entries."""
        return int(self.ptr[-1])


def entries(routes: RouteSet, pair: Ints, commodity: Ints) -> Entries:
    """List what chooses, sorted by pair and commodity."""
    order = np.lexsort((commodity, pair))
    pair, commodity = pair[order], commodity[order]
    count = np.diff(routes.pair_ptr)[pair]
    return Entries(pair, commodity, np.concatenate([[0], np.cumsum(count, dtype=np.int64)]), routes.pair_ptr[pair])


@dataclass(frozen=True, slots=True)
class Hot:
    """Which facilities routes pass, told once per combination.

    Attributes
    ----------
    route : int32[R]
        Combination of a route; combination 0 passes none.
    ptr : int32[U + 1], facility : int32
        Facilities of combination u are ``facility[ptr[u]:ptr[u + 1]]``; one passed twice stands there twice.
    """

    route: Ints
    ptr: Ints
    facility: Ints

    @property
    def n(self) -> int:
        """Number of combinations U."""
        return self.ptr.size - 1


def hot_combinations(routes: RouteSet, f: Facilities) -> Hot:
    """Tell which facilities each route passes."""
    on = f.arc_facility[routes.leg_arc]
    route = np.repeat(np.arange(routes.n_routes), np.diff(routes.leg_ptr))[on >= 0]
    ends = np.searchsorted(route, np.arange(routes.n_routes + 1))
    passed = on[on >= 0]
    known: dict[tuple[int, ...], int] = {(): 0}
    number = np.zeros(routes.n_routes, dtype=np.int32)
    for r in range(routes.n_routes):
        key = tuple(sorted(passed[ends[r] : ends[r + 1]].tolist()))
        number[r] = known.setdefault(key, len(known))
    ptr = np.concatenate([[0], np.cumsum([len(k) for k in known])]).astype(np.int32)
    return Hot(number, ptr, np.array([h for k in known for h in k], dtype=np.int32))


def _path_sizes(
    pair_ptr: Ints, leg_ptr: Ints, leg_arc: Ints, length: Array, available: npt.NDArray[np.bool_], size: Array
) -> None:
    shared = np.zeros(length.size, dtype=np.int32)
    for p in range(pair_ptr.size - 1):
        for step in range(3):
            for r in range(pair_ptr[p], pair_ptr[p + 1]):
                if not available[r]:
                    size[r] = 0.0
                    continue
                if step != 1:
                    for n in range(leg_ptr[r], leg_ptr[r + 1]):
                        shared[leg_arc[n]] = shared[leg_arc[n]] + 1 if step == 0 else 0
                    continue
                total, value = 0.0, 0.0
                for n in range(leg_ptr[r], leg_ptr[r + 1]):
                    total += length[leg_arc[n]]
                for n in range(leg_ptr[r], leg_ptr[r + 1]):
                    a = leg_arc[n]
                    weight = length[a] / total if total > 0 else 1.0 / (leg_ptr[r + 1] - leg_ptr[r])
                    value += weight / shared[a]
                size[r] = value


@cache
def _path_size_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_path_sizes)


def path_sizes(routes: RouteSet, length_km: Array, available: npt.NDArray[np.bool_]) -> Array:
    """Path size of every available route among the available routes of its pair.

    PS_r = sum_a (l_a / L_r) / (number of available routes of the pair over a). A route without length counts
    by its number of arcs.

    Parameters
    ----------
    routes
        R routes.
    length_km : float64[A]
        Length of arcs.
    available : bool[R]
        Which routes can be used.

    Returns
    -------
    float64[R]
        In (0, 1]; 0 where not available.
    """
    size = np.empty(routes.n_routes)
    _path_size_kernel()(routes.pair_ptr, routes.leg_ptr, routes.leg_arc, length_km, available, size)
    return size


def path_sizes_plain(routes: RouteSet, length_km: Array, available: npt.NDArray[np.bool_]) -> Array:
    """Do the same as :func:`path_sizes` in plain NumPy."""
    legs = np.diff(routes.leg_ptr)
    pair = np.repeat(routes.route_pair, legs).astype(np.int64)
    route = np.repeat(np.arange(routes.n_routes), legs)
    key = pair * (int(routes.leg_arc.max(initial=0)) + 1) + routes.leg_arc
    _, place = np.unique(key, return_inverse=True)
    shared = np.bincount(place, available[route].astype(np.float64))
    km = length_km[routes.leg_arc]
    total = np.bincount(route, km, routes.n_routes)
    weight = np.where(total[route] > 0, km / np.where(total > 0, total, 1.0)[route], 1.0 / legs[route])
    usable = available[route]
    value = np.where(usable, weight / np.where(usable, shared[place], 1.0), 0.0)
    return np.asarray(np.bincount(route, value, routes.n_routes), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Options:
    """Routes as they compete at published times.

    Attributes
    ----------
    weight : float64[options]
        PS exp(-theta (c - floor)); 0 where a route is closed.
    floor_usd_per_t : float64[E]
        Cost of the cheapest open route of each entry; infinite where none is open.
    """

    weight: Array
    floor_usd_per_t: Array


def _options(
    ptr: npt.NDArray[np.int64], first: Ints, commodity: Ints, cost: Array, size: Array, theta: Array,
    weight: Array, floor: Array,
) -> None:  # fmt: skip
    for e in range(first.size):
        k, r0 = commodity[e], first[e]
        n = ptr[e + 1] - ptr[e]
        best = np.inf
        for q in range(n):
            best = min(best, cost[r0 + q, k])
        floor[e] = best
        for q in range(n):
            c = cost[r0 + q, k]
            weight[ptr[e] + q] = size[r0 + q] * np.exp(-theta[k] * (c - best)) if np.isfinite(c) else 0.0


def _average(
    ptr: npt.NDArray[np.int64], first: Ints, commodity: Ints, weight: Array, floor: Array, route_hot: Ints,
    factor: Array, theta: Array, cost: Array, total: Array,
) -> None:  # fmt: skip
    for e in range(first.size):
        k = commodity[e]
        s = 0.0
        for n in range(ptr[e], ptr[e + 1]):
            s += weight[n] * factor[k, route_hot[first[e] + n - ptr[e]]]
        total[e] = s
        cost[e] = floor[e] - np.log(s) / theta[k] if s > 0 else np.inf


def _load(
    ptr: npt.NDArray[np.int64], first: Ints, commodity: Ints, weight: Array, route_hot: Ints, factor: Array,
    total: Array, tonnes: Array, flow: Array,
) -> None:  # fmt: skip
    flow[:] = 0.0
    for e in range(first.size):
        if total[e] <= 0:
            continue
        k = commodity[e]
        per = tonnes[e] / total[e]
        for n in range(ptr[e], ptr[e + 1]):
            u = route_hot[first[e] + n - ptr[e]]
            flow[k, u] += per * weight[n] * factor[k, u]


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_options), compiled(_average), compiled(_load)


def options(e: Entries, cost_usd_per_t: Array, size: Array, theta: Array) -> Options:
    """Weigh the routes of every entry at given costs.

    Parameters
    ----------
    e
        E entries.
    cost_usd_per_t : float64[R, K]
        Generalized cost of routes; infinite where closed.
    size : float64[R]
        From :func:`path_sizes`.
    theta : float64[K]
        Sensitivity of choice in t/USD.
    """
    weight, floor = np.empty(e.n_options), np.empty(e.n)
    _kernels()[0](e.ptr, e.first_route, e.commodity, cost_usd_per_t, size, theta, weight, floor)
    return Options(weight, floor)


def average_cost(e: Entries, o: Options, hot: Hot, factor: Array, theta: Array) -> tuple[Array, Array]:
    """Average the cost of every entry over its routes: the logsum C, and the sum of weights behind it.

    Parameters
    ----------
    factor : float64[K, U]
        exp(-theta VOT (T - published)) of each combination of facilities.

    Returns
    -------
    cost_usd_per_t, total : float64[E]
        C, infinite where no route is open; sum of weights.
    """
    cost, total = np.empty(e.n), np.empty(e.n)
    kernel = _kernels()[1]
    kernel(e.ptr, e.first_route, e.commodity, o.weight, o.floor_usd_per_t, hot.route, factor, theta, cost, total)
    return cost, total


def load(e: Entries, o: Options, hot: Hot, factor: Array, total: Array, tonnes_per_day: Array) -> Array:
    """Flow of each commodity over each combination of facilities: float64[K, U], t/day."""
    flow = np.empty(factor.shape)
    _kernels()[2](e.ptr, e.first_route, e.commodity, o.weight, hot.route, factor, total, tonnes_per_day, flow)
    return flow


def shares(e: Entries, o: Options, hot: Hot, factor: Array, total: Array) -> Array:
    """Share of every option: float64[options]; the shares of an entry with an open route sum to one."""
    count = np.diff(e.ptr)
    k = np.repeat(e.commodity, count)
    route = np.repeat(e.first_route - e.ptr[:-1], count) + np.arange(e.n_options)
    whole = np.repeat(total, count)
    return np.where(whole > 0, o.weight * factor[k, hot.route[route]] / np.where(whole > 0, whole, 1.0), 0.0)


def choose_plain(
    e: Entries, cost_usd_per_t: Array, size: Array, theta: Array, tonnes_per_day: Array
) -> tuple[Array, Array, Array]:
    """Do in plain NumPy what the compiled functions do: C[E], shares[options], tonnes over routes[K, R]."""
    count = np.diff(e.ptr)
    k = np.repeat(e.commodity, count)
    route = np.repeat(e.first_route - e.ptr[:-1], count) + np.arange(e.n_options)
    c = cost_usd_per_t[route, k]
    floor = np.minimum.reduceat(c, e.ptr[:-1])
    with np.errstate(invalid="ignore"):
        w = np.where(np.isfinite(c), size[route] * np.exp(-theta[k] * (c - np.repeat(floor, count))), 0.0)
    total = np.add.reduceat(w, e.ptr[:-1])
    with np.errstate(divide="ignore"):
        cost = np.where(total > 0, floor - np.log(total) / theta[e.commodity], np.inf)
    share = np.where(np.repeat(total, count) > 0, w / np.where(total > 0, total, 1.0).repeat(count), 0.0)
    flow = np.zeros((theta.size, size.size))
    np.add.at(flow, (k, route), share * np.repeat(tonnes_per_day, count))
    return cost, share, flow
