"""Which way cargo takes: a link-nested logit over a frozen route set, and what it costs on average.

With y_r = exp(-theta c_r) and alpha_rn the share of nest n in the length of route r, the average cost is

    C = -ln(sum_n (sum_r (alpha_rn y_r)^(1/mu))^mu) / theta,

the cross-nested logit of Vovsha and Bekhor (1998), "The link-nested logit model of route choice", Transp. Res. Rec.
1645, eqs 5-8, with arcs for nests. One route gives C = c, an arc cut in two changes nothing, another way can only
lower C, and the derivative of C with respect to the cost of an arc is the arc's share (envelope theorem). mu = 1 is
the multinomial logit; the nearer to zero, the less a way is worth that shares most of its length with another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.facilities import Facilities
    from serai.freight.nests import Nests
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


class Contest(NamedTuple):
    """What every entry chooses among at given times; a tuple, so that kernels can take it whole.

    Attributes
    ----------
    ptr, pair, first_route, commodity
        Of the E entries.
    theta : float64[E]
        Sensitivity of choice in t/USD.
    cost_usd_per_t : float64[R, K]
        Of routes at published times; infinite where closed.
    route_hot : int32[R], delay_usd_per_t : float64[K, U]
        Combination of facilities of each route, and what its hours beyond the published ones cost.
    nests
        Overlaps of the routes of each pair.
    reach : float64[R]
        (1 / length of a route)^(1 / mu).
    mu
        In (0, 1]: similarity of routes; 1 for independent ones.
    longest, most
        Largest numbers of routes and of nests of a pair.
    """

    ptr: npt.NDArray[np.int64]
    pair: Ints
    first_route: Ints
    commodity: Ints
    theta: Array
    cost_usd_per_t: Array
    route_hot: Ints
    delay_usd_per_t: Array
    nests: Nests
    reach: Array
    mu: float
    longest: int
    most: int


def contest(
    e: Entries, theta: Array, cost_usd_per_t: Array, route_hot: Ints, delay_usd_per_t: Array, over: Nests,
    reach: Array, mu: float,
) -> Contest:  # fmt: skip
    """Bring together what entries choose among; see :class:`Contest`."""
    return Contest(
        e.ptr, e.pair, e.first_route, e.commodity, theta, cost_usd_per_t, route_hot, delay_usd_per_t, over,
        reach, mu,
        int(np.diff(e.ptr).max(initial=0)), int(np.diff(over.ptr).max(initial=0)),
    )  # fmt: skip


def weigh(s: Contest, e: int, y: Array, u: Array, inner: Array, root: Array) -> tuple[float, float]:
    """Weigh the options of an entry; kernels call it compiled.

    Parameters
    ----------
    s, e
        The contest and an entry.
    y, u : float64[longest]
        Receive exp(-theta (c - best)) of each option, and its weight inside nests.
    inner, root : float64[most]
        Receive the sum of weights inside each nest, and that to the power mu.

    Returns
    -------
    best, total
        Cost of the cheapest option, infinite where none is open; sum over nests, at least one.
    """
    k, r0 = s.commodity[e], s.first_route[e]
    n = s.ptr[e + 1] - s.ptr[e]
    best = np.inf
    for q in range(n):
        y[q] = s.cost_usd_per_t[r0 + q, k] + s.delay_usd_per_t[k, s.route_hot[r0 + q]]
        best = min(best, y[q])
    if best == np.inf:
        return best, 0.0
    total = 0.0
    for q in range(n):
        x = s.theta[e] * (best - y[q])
        y[q] = np.exp(x)
        u[q] = np.exp(x / s.mu) * s.reach[r0 + q]
        total += s.nests.alone[r0 + q] * y[q]
    first = s.nests.ptr[s.pair[e]]
    for m in range(first, s.nests.ptr[s.pair[e] + 1]):
        t = 0.0
        for i in range(s.nests.member_ptr[m], s.nests.member_ptr[m + 1]):
            t += u[s.nests.member[i]]
        inner[m - first] = t
        root[m - first] = t**s.mu
        total += s.nests.length[m] * root[m - first]
    return best, total


def _choose(s: Contest, cost: Array, share: Array) -> None:
    y, u = np.empty(s.longest), np.empty(s.longest)
    inner, root = np.empty(s.most), np.empty(s.most)
    for e in range(s.first_route.size):
        best, total = weigh(s, e, y, u, inner, root)
        p0, r0 = s.ptr[e], s.first_route[e]
        n = s.ptr[e + 1] - p0
        if total == 0.0:
            cost[e] = np.inf
            share[p0 : p0 + n] = 0.0
            continue
        cost[e] = best - np.log(total) / s.theta[e]
        for q in range(n):
            share[p0 + q] = s.nests.alone[r0 + q] * y[q] / total
        first = s.nests.ptr[s.pair[e]]
        for m in range(first, s.nests.ptr[s.pair[e] + 1]):
            t = inner[m - first]
            if t == 0.0:
                continue
            part = s.nests.length[m] * root[m - first] / t / total
            for i in range(s.nests.member_ptr[m], s.nests.member_ptr[m + 1]):
                q = s.nests.member[i]
                share[p0 + q] += part * u[q]


def _load(
    ptr: npt.NDArray[np.int64], first: Ints, commodity: Ints, share: Array, route_hot: Ints, tonnes: Array, flow: Array
) -> None:
    flow[:] = 0.0
    for e in range(first.size):
        if tonnes[e] == 0.0:
            continue
        for n in range(ptr[e], ptr[e + 1]):
            flow[commodity[e], route_hot[first[e] + n - ptr[e]]] += tonnes[e] * share[n]


@cache
def weigh_kernel() -> Callable[..., Any]:
    """Compiled :func:`weigh`, for kernels that call it."""
    from serai.core.jit import compiled

    return compiled(weigh)


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_choose, weigh=weigh_kernel()), compiled(_load)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What entries pay and take.

    Attributes
    ----------
    cost_usd_per_t : float64[E]
        C; infinite where no route is open.
    share : float64[options]
        Of every option; those of an entry with an open route sum to one.
    """

    cost_usd_per_t: Array
    share: Array


def choose(s: Contest) -> Chosen:
    """Give the average cost and the shares of every entry."""
    cost, share = np.empty(s.first_route.size), np.empty(int(s.ptr[-1]))
    _kernels()[0](s, cost, share)
    return Chosen(cost, share)


def choose_plain(s: Contest) -> Chosen:
    """Do the same as :func:`choose` in plain NumPy, entry by entry."""
    cost, share = np.full(s.first_route.size, np.inf), np.zeros(int(s.ptr[-1]))
    over = s.nests
    for e in range(cost.size):
        n = int(s.ptr[e + 1] - s.ptr[e])
        route = int(s.first_route[e]) + np.arange(n)
        k = int(s.commodity[e])
        c = s.cost_usd_per_t[route, k] + s.delay_usd_per_t[k, s.route_hot[route]]
        if np.isinf(c).all():
            continue
        y = np.exp(s.theta[e] * (c.min() - c))
        alpha = [np.diag(over.alone[route])]
        for m in range(int(over.ptr[s.pair[e]]), int(over.ptr[s.pair[e] + 1])):
            row = np.zeros((1, n))
            mine = over.member[over.member_ptr[m] : over.member_ptr[m + 1]]
            row[0, mine] = over.length[m] / over.route_length[route[mine]]
            alpha.append(row)
        inside = (np.concatenate(alpha) * y) ** (1.0 / s.mu)
        nest = inside.sum(axis=1)
        total = (nest**s.mu).sum()
        cost[e] = c.min() - np.log(total) / s.theta[e]
        within = np.divide(inside, nest[:, None], out=np.zeros_like(inside), where=nest[:, None] > 0)
        share[s.ptr[e] : s.ptr[e + 1]] = (nest**s.mu / total) @ within
    return Chosen(cost, share)


def load(e: Entries, hot: Hot, share: Array, tonnes_per_day: Array, n_commodities: int) -> Array:
    """Flow of each commodity over each combination of facilities: float64[K, U], t/day."""
    flow = np.empty((n_commodities, hot.n))
    _kernels()[1](e.ptr, e.first_route, e.commodity, share, hot.route, tonnes_per_day, flow)
    return flow


def load_plain(e: Entries, hot: Hot, share: Array, tonnes_per_day: Array, n_commodities: int) -> Array:
    """Do the same as :func:`load` in plain NumPy."""
    count = np.diff(e.ptr)
    route = np.repeat(e.first_route - e.ptr[:-1], count) + np.arange(e.n_options)
    flow = np.zeros((n_commodities, hot.n))
    np.add.at(flow, (np.repeat(e.commodity, count), hot.route[route]), share * np.repeat(tonnes_per_day, count))
    return flow
