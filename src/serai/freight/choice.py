"""Which way cargo takes: a link-nested logit over a frozen route set, and what it costs on average.

With y_r = exp(-theta c_r) and alpha_rn the share of nest n in the length of route r, the average cost is

    C = -ln(sum_n (sum_r (alpha_rn y_r)^(1/mu))^mu) / theta,

the cross-nested logit of Vovsha and Bekhor (1998), "The link-nested logit model of route choice", Transp. Res. Rec.
1645, eqs 5-8, with arcs for nests. One route gives C = c, an arc cut in two changes nothing, another way can only
lower C, and the derivative of C with respect to the cost of an arc is the arc's share (envelope theorem). mu = 1 is
the multinomial logit; the nearer to zero, the less a way is worth that shares most of its length with another.

What is chosen among is an option: a route, or all routes of a pair that the same delays meet
(:mod:`serai.freight.bundles`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints

    Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entries:
    """What chooses: E combinations of a pair and a commodity that may trade.

    Attributes
    ----------
    pair, commodity : int32[E]
        The pair and the commodity, sorted by pair.
    ptr : int64[E + 1]
        Routes of entry e, in the order of its pair's, are ``ptr[e]:ptr[e + 1]`` of arrays over the routes of entries.
    first_route : int32[E]
        First route of its pair.
    """

    pair: Ints
    commodity: Ints
    ptr: Longs
    first_route: Ints

    @property
    def n(self) -> int:
        """Number of entries E."""
        return self.pair.size

    def routes(self) -> tuple[Ints, Ints]:
        """Route and entry of every route of every entry: int32 each."""
        count = np.diff(self.ptr)
        route = np.repeat(self.first_route - self.ptr[:-1], count) + np.arange(int(self.ptr[-1]))
        return route.astype(np.int32), np.repeat(np.arange(self.n, dtype=np.int32), count)


def entries(routes: RouteSet, pair: Ints, commodity: Ints) -> Entries:
    """List what chooses, sorted by pair and commodity."""
    order = np.lexsort((commodity, pair))
    pair, commodity = pair[order], commodity[order]
    count = np.diff(routes.pair_ptr)[pair]
    return Entries(pair, commodity, np.concatenate([[0], np.cumsum(count, dtype=np.int64)]), routes.pair_ptr[pair])


class Layout(NamedTuple):
    """Options and nests of E entries, whatever they cost; a tuple, so that kernels can take it whole.

    Attributes
    ----------
    ptr : int64[E + 1]
        Options of entry e are ``ptr[e]:ptr[e + 1]`` of option arrays.
    place : int32[E]
        First option of its pair in `combination`.
    combination : int32
        Combination of facilities that an option of a pair passes.
    pair, commodity : int32[E]
        Of the entries.
    theta : float64[E]
        Sensitivity of choice in t/USD.
    nest_ptr : int32[P + 1]
        Nests of pair p are ``nest_ptr[p]:nest_ptr[p + 1]``.
    length : float64[M]
        Length of a nest, in units of its pair.
    member_ptr : int32[M + 1], member : int32
        Options of nest m, by position in their pair, are ``member[member_ptr[m]:member_ptr[m + 1]]``.
    shift : int64[E]
        What leads from a position in `member` to that of an entry in ``inside`` of a contest.
    mu
        In (0, 1]: similarity of routes; 1 for independent ones.
    longest, most, largest
        Largest numbers of options, nests and members of nests of a pair.
    """

    ptr: Longs
    place: Ints
    combination: Ints
    pair: Ints
    commodity: Ints
    theta: Array
    nest_ptr: Ints
    length: Array
    member_ptr: Ints
    member: Ints
    shift: Longs
    mu: float
    longest: int
    most: int
    largest: int


class Contest(NamedTuple):
    """What every entry chooses among at given times.

    Attributes
    ----------
    at
        Options and nests.
    cost_usd_per_t : float64[options]
        At published times; infinite where closed.
    alone : float64[options]
        Weight of what an option shares with no other.
    inside : float64
        Weight of each member of each nest of each entry, to the power 1 / mu.
    delay_usd_per_t : float64[K, U]
        What the hours beyond the published ones of a combination of facilities cost.
    """

    at: Layout
    cost_usd_per_t: Array
    alone: Array
    inside: Array
    delay_usd_per_t: Array


def weigh(s: Contest, e: int, y: Array, z: Array, inner: Array, root: Array) -> tuple[float, float]:
    """Weigh the options of an entry; kernels call it compiled.

    Parameters
    ----------
    s, e
        The contest and an entry.
    y, z : float64[longest]
        Receive exp(-theta (c - best)) of each option, and that to the power 1 / mu.
    inner, root : float64[most]
        Receive the sum of weights inside each nest, and that to the power mu.

    Returns
    -------
    best, total
        Cost of the cheapest option, infinite where none is open; sum over nests.
    """
    at = s.at
    k, p0, r0 = at.commodity[e], at.ptr[e], at.place[e]
    n = at.ptr[e + 1] - p0
    best = np.inf
    for q in range(n):
        y[q] = s.cost_usd_per_t[p0 + q] + s.delay_usd_per_t[k, at.combination[r0 + q]]
        best = min(best, y[q])
    if best == np.inf:
        return best, 0.0
    total = 0.0
    for q in range(n):
        x = at.theta[e] * (best - y[q])
        y[q] = np.exp(x)
        z[q] = np.exp(x / at.mu)
        total += s.alone[p0 + q] * y[q]
    first = at.nest_ptr[at.pair[e]]
    for m in range(first, at.nest_ptr[at.pair[e] + 1]):
        t = 0.0
        for i in range(at.member_ptr[m], at.member_ptr[m + 1]):
            t += s.inside[at.shift[e] + i] * z[at.member[i]]
        inner[m - first] = t
        root[m - first] = np.exp(at.mu * np.log(t)) if t > 0.0 else 0.0
        total += at.length[m] * root[m - first]
    return best, total


def _choose(s: Contest, cost: Array, share: Array) -> None:
    at = s.at
    y, z = np.empty(at.longest), np.empty(at.longest)
    inner, root = np.empty(at.most), np.empty(at.most)
    for e in range(at.pair.size):
        best, total = weigh(s, e, y, z, inner, root)
        p0 = at.ptr[e]
        n = at.ptr[e + 1] - p0
        if total == 0.0:
            cost[e] = np.inf
            share[p0 : p0 + n] = 0.0
            continue
        cost[e] = best - np.log(total) / at.theta[e]
        for q in range(n):
            share[p0 + q] = s.alone[p0 + q] * y[q] / total
        first = at.nest_ptr[at.pair[e]]
        for m in range(first, at.nest_ptr[at.pair[e] + 1]):
            t = inner[m - first]
            if t == 0.0:
                continue
            part = at.length[m] * root[m - first] / t / total
            for i in range(at.member_ptr[m], at.member_ptr[m + 1]):
                q = at.member[i]
                share[p0 + q] += part * s.inside[at.shift[e] + i] * z[q]


def _load(at: Layout, share: Array, tonnes: Array, flow: Array) -> None:
    flow[:] = 0.0
    for e in range(at.pair.size):
        if tonnes[e] == 0.0:
            continue
        k, r0, p0 = at.commodity[e], at.place[e], at.ptr[e]
        for q in range(at.ptr[e + 1] - p0):
            flow[k, at.combination[r0 + q]] += tonnes[e] * share[p0 + q]


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
        C; infinite where no option is open.
    share : float64[options]
        Of every option; those of an entry with an open option sum to one.
    """

    cost_usd_per_t: Array
    share: Array


def choose(s: Contest) -> Chosen:
    """Give the average cost and the shares of every entry."""
    cost, share = np.empty(s.at.pair.size), np.empty(int(s.at.ptr[-1]))
    _kernels()[0](s, cost, share)
    return Chosen(cost, share)


def choose_plain(s: Contest) -> Chosen:
    """Do the same as :func:`choose` in plain NumPy, entry by entry."""
    at = s.at
    cost, share = np.full(at.pair.size, np.inf), np.zeros(int(at.ptr[-1]))
    for e in range(cost.size):
        mine = slice(int(at.ptr[e]), int(at.ptr[e + 1]))
        n, k = mine.stop - mine.start, int(at.commodity[e])
        where = at.combination[int(at.place[e]) + np.arange(n)]
        c = s.cost_usd_per_t[mine] + s.delay_usd_per_t[k, where]
        if np.isinf(c).all():
            continue
        y = np.exp(at.theta[e] * (c.min() - c))
        inside = [np.diag((s.alone[mine] * y) ** (1.0 / at.mu))]
        for m in range(int(at.nest_ptr[at.pair[e]]), int(at.nest_ptr[at.pair[e] + 1])):
            i = np.arange(at.member_ptr[m], at.member_ptr[m + 1])
            row = np.zeros((1, n))
            row[0, at.member[i]] = at.length[m] ** (1.0 / at.mu) * s.inside[at.shift[e] + i]
            inside.append(row * y ** (1.0 / at.mu))
        each = np.concatenate(inside)
        nest = each.sum(axis=1)
        total = (nest**at.mu).sum()
        cost[e] = c.min() - np.log(total) / at.theta[e]
        within = np.divide(each, nest[:, None], out=np.zeros_like(each), where=nest[:, None] > 0)
        share[mine] = (nest**at.mu / total) @ within
    return Chosen(cost, share)


def load(at: Layout, share: Array, tonnes_per_day: Array, shape: tuple[int, int]) -> Array:
    """Flow of each commodity over each combination of facilities: float64[K, U], t/day."""
    flow = np.empty(shape)
    _kernels()[1](at, share, tonnes_per_day, flow)
    return flow


def load_plain(at: Layout, share: Array, tonnes_per_day: Array, shape: tuple[int, int]) -> Array:
    """Do the same as :func:`load` in plain NumPy."""
    count = np.diff(at.ptr)
    option = np.repeat(at.place - at.ptr[:-1], count) + np.arange(int(at.ptr[-1]))
    flow = np.zeros(shape)
    np.add.at(
        flow,
        (np.repeat(at.commodity, count), at.combination[option]),
        share * np.repeat(tonnes_per_day, count),
    )
    return flow
