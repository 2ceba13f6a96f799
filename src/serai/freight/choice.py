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

from serai.core.threads import in_parts

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


def weigh(
    e: int, ptr: Longs, alone: Array, pair: Ints, theta: Array, mu: float, nest_ptr: Ints, length: Array,
    member_ptr: Ints, member: Ints, inside: Array, shift: Longs, y: Array, z: Array, v: Array, part: Array,
) -> tuple[float, float]:  # fmt: skip
    """Weigh the options of an entry; kernels call it compiled, with the parts of a contest.

    A tuple that is handed on has the references to all its arrays counted, which takes longer than an entry does.

    Parameters
    ----------
    e
        An entry.
    y : float64[longest]
        Costs of the options; receives exp(-theta (c - best)).
    z : float64[longest]
        Receives that to the power 1 / mu.
    v : float64[largest]
        Receives the weight of each member of each nest.
    part : float64[most]
        Receives what each nest adds to the total, over the sum of the weights of its members.

    Returns
    -------
    best, total
        Cost of the cheapest option, infinite where none is open; sum over nests.
    """
    p0 = ptr[e]
    n = ptr[e + 1] - p0
    best = np.inf
    for q in range(n):
        best = min(best, y[q])
    if best == np.inf:
        return best, 0.0
    total = 0.0
    whole = theta[e]
    within = whole / mu
    for q in range(n):
        x = best - y[q]
        y[q] = np.exp(whole * x)
        z[q] = np.exp(within * x)
        total += alone[p0 + q] * y[q]
    first, last, s = nest_ptr[pair[e]], nest_ptr[pair[e] + 1], shift[e]
    begin = member_ptr[first]
    for m in range(first, last):
        t = 0.0
        for i in range(member_ptr[m], member_ptr[m + 1]):
            x = inside[s + i] * z[member[i]]
            v[i - begin] = x
            t += x
        r = np.exp(mu * np.log(t)) if t > 0.0 else 0.0
        r *= length[m]
        total += r
        part[m - first] = r / t if t > 0.0 else 0.0
    return best, total


def _choose(which: Ints, s: Contest, cost: Array, share: Array) -> None:
    at = s.at
    ptr, place, combination, commodity = at.ptr, at.place, at.combination, at.commodity
    nest_ptr, member_ptr, member, length, pair, theta = (
        at.nest_ptr, at.member_ptr, at.member, at.length, at.pair, at.theta
    )  # fmt: skip
    alone, inside, published, delay, shift = s.alone, s.inside, s.cost_usd_per_t, s.delay_usd_per_t, at.shift
    y, z = np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.largest), np.empty(at.most)
    for x in range(which.size):
        e = which[x]
        p0, r0, k = ptr[e], place[e], commodity[e]
        n = ptr[e + 1] - p0
        for q in range(n):
            y[q] = published[p0 + q] + delay[k, combination[r0 + q]]
        best, total = weigh(
            e, ptr, alone, pair, theta, at.mu, nest_ptr, length, member_ptr, member, inside, shift, y, z, v, part
        )
        if total == 0.0:
            cost[e] = np.inf
            for q in range(n):
                share[p0 + q] = 0.0
            continue
        cost[e] = best - np.log(total) / theta[e]
        over = 1.0 / total
        for q in range(n):
            share[p0 + q] = alone[p0 + q] * y[q] * over
        first, last = nest_ptr[pair[e]], nest_ptr[pair[e] + 1]
        begin = member_ptr[first]
        for m in range(first, last):
            f = part[m - first] * over
            for i in range(member_ptr[m], member_ptr[m + 1]):
                share[p0 + member[i]] += f * v[i - begin]


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


def choose(s: Contest, only: Ints | None = None, others: Chosen | None = None) -> Chosen:
    """Give the average cost and the shares of every entry.

    Parameters
    ----------
    s
        The contest.
    only, others
        Entries to weigh, int32, and what the rest is to keep; all by default.
    """
    if only is None or others is None:
        cost, share = np.empty(s.at.pair.size), np.empty(int(s.at.ptr[-1]))
        only = np.arange(s.at.pair.size, dtype=np.int32)
    else:
        cost, share = others.cost_usd_per_t.copy(), others.share.copy()
    which, kernel = only, _kernels()[0]
    in_parts(lambda a, b: kernel(which[a:b], s, cost, share), which.size)
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
