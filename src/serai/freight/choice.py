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

from serai.core.elementary import elementary, exponential, logarithm
from serai.core.threads import in_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints

    Longs = npt.NDArray[np.int64]

LANES = 4
"""Nests of an entry stand in blocks of as many, of which processors take in one step."""


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


class ChoiceSets(NamedTuple):
    """Options and nests of E entries, whatever they cost; a tuple, so that kernels can take it whole.

    Attributes
    ----------
    ptr : int64[E + 1]
        Options of entry e are ``ptr[e]:ptr[e + 1]`` of option arrays.
    combination : int32[options]
        Combination of facilities that an option passes.
    commodity : int32[E]
        Of the entries.
    theta : float64[E]
        Sensitivity of choice in t/USD.
    nest_ptr : int64[E + 1]
        Nests of entry e are ``nest_ptr[e]:nest_ptr[e + 1]``, filled up to whole blocks of :data:`LANES`.
    length : float64[nests]
        Length of a nest, in units of its pair; zero where it fills up a block.
    inside_ptr : int64[E + 1]
        Weights of the options of entry e inside its nests begin at ``inside_ptr[e]``: a block of nests after another,
        and in each a row for every option; see :func:`places`.
    mu
        In (0, 1]: similarity of routes; 1 for independent ones.
    longest, most
        Largest numbers of options and of nests of an entry, in whole blocks.
    """

    ptr: Longs
    combination: Ints
    commodity: Ints
    theta: Array
    nest_ptr: Longs
    length: Array
    inside_ptr: Longs
    mu: float
    longest: int
    most: int


def places(options: int, nests: int) -> npt.NDArray[np.int64]:
    """Where the weights of an entry's options inside its nests stand, from the first on: int64[nests, options]."""
    block, lane = np.divmod(np.arange(nests, dtype=np.int64)[:, None], LANES)
    return (block * options + np.arange(options, dtype=np.int64)) * LANES + lane


class Contest(NamedTuple):
    """What every entry chooses among at given times.

    Attributes
    ----------
    at
        Options and nests.
    cost_usd_per_t : float64[options]
        At published times.
    alone : float64[options]
        Weight of what an option shares with no other.
    inside : float64
        Weight of each option of an entry in each of its nests, to the power 1 / mu; zero where it is not of it.
    delay_usd_per_t : float64[K, U]
        What the hours beyond the published ones of a combination of facilities cost.
    """

    at: ChoiceSets
    cost_usd_per_t: Array
    alone: Array
    inside: Array
    delay_usd_per_t: Array


def weigh(e: int, s: Contest, y: Array, z: Array, v: Array, part: Array) -> tuple[float, float]:
    """Weigh the options of an entry; kernels call it compiled, with :func:`serai.core.elementary.elementary`.

    Options times nests are laid out whole: most options are in most nests, and what has no gaps runs in vectors.

    Parameters
    ----------
    e, s
        An entry of a contest.
    y, z : float64[longest]
        Receive exp(-theta (c - best)) of every option, and that to the power 1 / mu.
    v : float64[most]
        Receives the sum of the weights of the members of each nest.
    part : float64[most]
        Receives what each nest adds to the total, over that sum.

    Returns
    -------
    best, total
        Cost of the cheapest option, infinite where none is open; sum over nests.
    """
    at, alone, inside = s.at, s.alone, s.inside
    p0, k, mu = at.ptr[e], at.commodity[e], at.mu
    n = at.ptr[e + 1] - p0
    best = np.inf
    for q in range(n):
        y[q] = s.cost_usd_per_t[p0 + q] + s.delay_usd_per_t[k, at.combination[p0 + q]]
        best = min(best, y[q])
    if best == np.inf:
        return best, 0.0
    g0, nests = at.nest_ptr[e], at.nest_ptr[e + 1] - at.nest_ptr[e]
    whole = at.theta[e]
    within = whole / mu
    full = (n + LANES - 1) // LANES * LANES
    for q in range(n, full):
        y[q] = best
    for q in range(full):
        x = best - y[q]
        y[q] = exponential(whole * x)
        z[q] = exponential(within * x)
    total = 0.0
    for q in range(n):
        total += alone[p0 + q] * y[q]
    i = at.inside_ptr[e]
    for g in range(0, nests, LANES):
        v0, v1, v2, v3 = 0.0, 0.0, 0.0, 0.0
        for q in range(n):
            here = z[q]
            v0 += inside[i] * here
            v1 += inside[i + 1] * here
            v2 += inside[i + 2] * here
            v3 += inside[i + 3] * here
            i += LANES
        v[g], v[g + 1], v[g + 2], v[g + 3] = v0, v1, v2, v3
    for g in range(nests):
        part[g] = at.length[g0 + g] * exponential((mu - 1.0) * logarithm(v[g]))
    for g in range(nests):
        total += part[g] * v[g]
    return best, total


def share_out(e: int, total: float, s: Contest, y: Array, z: Array, part: Array, share: Array) -> None:
    """Give the shares of the options of an entry that was weighed: float64[options]; compiled as :func:`weigh` is."""
    at, inside = s.at, s.inside
    p0, nests = at.ptr[e], at.nest_ptr[e + 1] - at.nest_ptr[e]
    n, i = at.ptr[e + 1] - p0, at.inside_ptr[e]
    over = 1.0 / total
    for q in range(n):
        share[p0 + q] = 0.0
    for g in range(0, nests, LANES):
        r0, r1, r2, r3 = part[g], part[g + 1], part[g + 2], part[g + 3]
        for q in range(n):
            share[p0 + q] += (inside[i] * r0 + inside[i + 1] * r1) + (inside[i + 2] * r2 + inside[i + 3] * r3)
            i += LANES
    for q in range(n):
        share[p0 + q] = (s.alone[p0 + q] * y[q] + share[p0 + q] * z[q]) * over


def _choose(which: Ints, s: Contest, cost: Array, share: Array) -> None:
    at = s.at
    y, z, v, part = np.empty(at.longest), np.empty(at.longest), np.empty(at.most), np.empty(at.most)
    for x in range(which.size):
        e = which[x]
        best, total = weigh(e, s, y, z, v, part)
        if total == 0.0:
            cost[e] = np.inf
            for p in range(at.ptr[e], at.ptr[e + 1]):
                share[p] = 0.0
            continue
        cost[e] = best - np.log(total) / at.theta[e]
        share_out(e, total, s, y, z, part, share)


def _load(at: ChoiceSets, share: Array, tonnes: Array, flow: Array) -> None:
    flow[:] = 0.0
    for e in range(at.commodity.size):
        if tonnes[e] == 0.0:
            continue
        k = at.commodity[e]
        for p in range(at.ptr[e], at.ptr[e + 1]):
            flow[k, at.combination[p]] += tonnes[e] * share[p]


@cache
def weigh_kernels() -> dict[str, Callable[..., Any]]:
    """Compiled :func:`weigh` and :func:`share_out`, for kernels that call them.

    They are written out there: handing over a whole contest would take a third of their time.
    """
    from serai.core.jit import inlined

    return {"weigh": inlined(weigh, **elementary()), "share_out": inlined(share_out)}


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_choose, **weigh_kernels()), compiled(_load)


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
    entries = s.at.commodity.size
    if only is None or others is None:
        cost, share = np.empty(entries), np.empty(int(s.at.ptr[-1]))
        only = np.arange(entries, dtype=np.int32)
    else:
        cost, share = others.cost_usd_per_t.copy(), others.share.copy()
    which, kernel = only, _kernels()[0]
    in_parts(lambda a, b: kernel(which[a:b], s, cost, share), which.size)
    return Chosen(cost, share)


def nests_plain(s: Contest, e: int) -> tuple[Array, Array, float]:
    """Weigh an entry in plain NumPy: weights of nests and of options in each, and the cost of the cheapest.

    Returns
    -------
    nest : float64[n + nests]
        What every option alone, and every nest, adds to the sum.
    within : float64[n + nests, n]
        Shares of the n options within each.
    best
        Cost in USD/t.
    """
    at = s.at
    mine = slice(int(at.ptr[e]), int(at.ptr[e + 1]))
    n, here = mine.stop - mine.start, slice(int(at.nest_ptr[e]), int(at.nest_ptr[e + 1]))
    c = s.cost_usd_per_t[mine] + s.delay_usd_per_t[int(at.commodity[e]), at.combination[mine]]
    y = np.exp(at.theta[e] * (c.min() - c))
    inside = s.inside[int(at.inside_ptr[e]) + places(n, here.stop - here.start)]
    together = at.length[here, None] ** (1.0 / at.mu) * inside * y ** (1.0 / at.mu)
    each = np.concatenate([np.diag((s.alone[mine] * y) ** (1.0 / at.mu)), together])
    nest = each.sum(axis=1)
    within = np.divide(each, nest[:, None], out=np.zeros_like(each), where=nest[:, None] > 0)
    return nest**at.mu, within, float(c.min())


def choose_plain(s: Contest) -> Chosen:
    """Do the same as :func:`choose` in plain NumPy, entry by entry."""
    at = s.at
    cost, share = np.full(at.commodity.size, np.inf), np.zeros(int(at.ptr[-1]))
    for e in np.flatnonzero(np.diff(at.ptr)).tolist():
        nest, within, best = nests_plain(s, e)
        cost[e] = best - np.log(nest.sum()) / at.theta[e]
        share[int(at.ptr[e]) : int(at.ptr[e + 1])] = (nest / nest.sum()) @ within
    return Chosen(cost, share)


def load(at: ChoiceSets, share: Array, tonnes_per_day: Array, shape: tuple[int, int]) -> Array:
    """Flow of each commodity over each combination of facilities: float64[K, U], t/day."""
    flow = np.empty(shape)
    _kernels()[1](at, share, tonnes_per_day, flow)
    return flow


def load_plain(at: ChoiceSets, share: Array, tonnes_per_day: Array, shape: tuple[int, int]) -> Array:
    """Do the same as :func:`load` in plain NumPy."""
    count = np.diff(at.ptr)
    flow = np.zeros(shape)
    np.add.at(flow, (np.repeat(at.commodity, count), at.combination), share * np.repeat(tonnes_per_day, count))
    return flow
