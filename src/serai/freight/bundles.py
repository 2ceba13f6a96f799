"""Routes of a pair that pass the same facilities, told once: what delays move together is weighed once a scenario.

With c the cost of the cheapest route of a bundle, w_r = exp(-theta (c_r - c)) of its routes do not change with
the times of facilities. In the nests of :mod:`serai.freight.choice` a bundle then stands for all its routes with the
sum of their weights, exactly; a nest all of whose routes are in one bundle is part of what that has alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from serai.core.threads import in_parts
from serai.freight.choice import Chosen, Contest, Layout, weigh, weigh_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.choice import Entries, Longs
    from serai.freight.facilities import Facilities
    from serai.freight.nests import Nests
    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints


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


class Bundling(NamedTuple):
    """How routes make options; a tuple, so that kernels can take it whole.

    Attributes
    ----------
    at
        Options and nests.
    route_ptr : int64[E + 1], first_route : int32[E]
        Routes of entries, and the first of its pair.
    option : int32[R]
        Option of a route, by position in its pair.
    nests
        Overlaps of routes.
    nest : int32
        Nest of options that a nest of routes makes; -1 where all its routes are of one option.
    reach : float64[R]
        (1 / length of a route)^(1 / mu).
    """

    at: Layout
    route_ptr: Longs
    first_route: Ints
    option: Ints
    nests: Nests
    nest: Ints
    reach: Array


def bundled(e: Entries, routes: RouteSet, theta: Array, route_combination: Ints, over: Nests, mu: float) -> Bundling:
    """Bundle the routes of every pair by combination.

    Parameters
    ----------
    e, routes
        Entries and their routes.
    theta : float64[E]
        Sensitivity of choice in t/USD.
    route_combination : int32[R]
        What delays a route can meet.
    over
        Overlaps of routes.
    mu
        Similarity of routes.
    """
    key = routes.route_pair.astype(np.int64) * (int(route_combination.max(initial=0)) + 1) + route_combination
    found, number = np.unique(key, return_inverse=True)
    first = np.searchsorted(found, np.arange(routes.n_pairs + 1) * (int(route_combination.max(initial=0)) + 1))
    option = (number - first[routes.route_pair]).astype(np.int32)
    combination = np.empty(found.size, dtype=np.int32)
    combination[number] = route_combination
    return _laid_out(e, routes, theta, (first.astype(np.int32), option, combination), over, mu)


def by_route(e: Entries, routes: RouteSet, theta: Array, route_combination: Ints, over: Nests, mu: float) -> Bundling:
    """Let every route be an option of its own; see :func:`bundled`."""
    place = (np.arange(routes.n_routes) - routes.pair_ptr[routes.route_pair]).astype(np.int32)
    return _laid_out(e, routes, theta, (routes.pair_ptr, place, route_combination), over, mu)


def _laid_out(
    e: Entries, routes: RouteSet, theta: Array, options: tuple[Ints, Ints, Ints], over: Nests, mu: float
) -> Bundling:
    pair_ptr, option, combination = options
    pairs = np.arange(routes.n_pairs, dtype=np.int64)
    nest_pair = np.repeat(pairs, np.diff(over.ptr))
    of_nest = np.repeat(np.arange(over.length.size), np.diff(over.member_ptr))
    member = option[routes.pair_ptr[nest_pair[of_nest]] + over.member]
    widest = int(option.max(initial=0)) + 1
    inside = np.unique(of_nest * widest + member)
    held = np.bincount(inside // widest, minlength=over.length.size)
    several = held > 1
    nest = np.where(several, np.cumsum(several) - 1, -1).astype(np.int32)
    kept = inside[several[inside // widest]]
    member_ptr = np.concatenate([[0], np.cumsum(held[several])]).astype(np.int32)
    nest_ptr = np.concatenate([[0], np.cumsum(np.bincount(nest_pair[several], minlength=pairs.size))]).astype(np.int32)
    members = np.diff(member_ptr[nest_ptr])[e.pair]
    begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(members, dtype=np.int64)])
    count = np.diff(pair_ptr)
    at = Layout(
        ptr=np.concatenate([[0], np.cumsum(count[e.pair], dtype=np.int64)]),
        place=pair_ptr[:-1][e.pair],
        combination=combination,
        pair=e.pair,
        commodity=e.commodity,
        theta=theta,
        nest_ptr=nest_ptr,
        length=over.length[several],
        member_ptr=member_ptr,
        member=(kept % widest).astype(np.int32),
        shift=(begins[:-1] - member_ptr[nest_ptr[e.pair]]).astype(np.int64),
        mu=mu,
        longest=int(count.max(initial=0)),
        most=int(np.diff(nest_ptr).max(initial=0)),
        largest=int(members.max(initial=0)),
    )
    return Bundling(at, e.ptr, e.first_route, option, over, nest, over.route_length ** (-1.0 / mu))


class Weights(NamedTuple):
    """What options and routes weigh at published times, relative to the cheapest route of their option.

    Attributes
    ----------
    cost_usd_per_t, alone : float64[options], inside : float64
        Of options; see :class:`serai.freight.choice.Contest`.
    route_alone, route_inside : float64[routes of entries]
        What a route has of the weight of its option alone, and its weight inside nests.
    """

    cost_usd_per_t: Array
    alone: Array
    inside: Array
    route_alone: Array
    route_inside: Array


def _fill(begin: int, end: int, b: Bundling, cost: Array, w: Weights) -> None:  # noqa: C901, PLR0912  one loop nest
    at, over = b.at, b.nests
    where = np.empty(at.longest, dtype=np.int64)
    for e in range(begin, end):
        p0, q0, r0, k = at.ptr[e], b.route_ptr[e], b.first_route[e], at.commodity[e]
        n = b.route_ptr[e + 1] - q0
        for o in range(p0, at.ptr[e + 1]):
            w.cost_usd_per_t[o] = np.inf
            w.alone[o] = 0.0
        for i in range(at.member_ptr[at.nest_ptr[at.pair[e]]], at.member_ptr[at.nest_ptr[at.pair[e] + 1]]):
            w.inside[at.shift[e] + i] = 0.0
        for q in range(n):
            o = p0 + b.option[r0 + q]
            w.cost_usd_per_t[o] = min(w.cost_usd_per_t[o], cost[r0 + q, k])
        for q in range(n):
            c = cost[r0 + q, k]
            if c == np.inf:
                w.route_alone[q0 + q] = 0.0
                w.route_inside[q0 + q] = 0.0
                continue
            x = at.theta[e] * (w.cost_usd_per_t[p0 + b.option[r0 + q]] - c)
            w.route_alone[q0 + q] = over.alone[r0 + q] * np.exp(x)
            w.route_inside[q0 + q] = b.reach[r0 + q] * np.exp(x / at.mu)
        for m in range(over.ptr[at.pair[e]], over.ptr[at.pair[e] + 1]):
            a, z = over.member_ptr[m], over.member_ptr[m + 1]
            if b.nest[m] >= 0:
                g = b.nest[m]
                for i in range(at.member_ptr[g], at.member_ptr[g + 1]):
                    where[at.member[i]] = at.shift[e] + i
                for i in range(a, z):
                    q = over.member[i]
                    w.inside[where[b.option[r0 + q]]] += w.route_inside[q0 + q]
                continue
            t = 0.0
            for i in range(a, z):
                t += w.route_inside[q0 + over.member[i]]
            if t > 0.0:
                part = over.length[m] * np.exp((at.mu - 1.0) * np.log(t))
                for i in range(a, z):
                    w.route_alone[q0 + over.member[i]] += part * w.route_inside[q0 + over.member[i]]
        for q in range(n):
            w.alone[p0 + b.option[r0 + q]] += w.route_alone[q0 + q]


def _down(begin: int, end: int, b: Bundling, s: Contest, w: Weights, cost: Array, share: Array, route: Array) -> None:
    """Choose, and give every route its part in the share of its option."""
    at, over = b.at, b.nests
    y, z = np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.largest), np.empty(at.most)
    for e in range(begin, end):
        p0, q0, r0, o0, k = at.ptr[e], b.route_ptr[e], b.first_route[e], at.place[e], at.commodity[e]
        for o in range(at.ptr[e + 1] - p0):
            y[o] = s.cost_usd_per_t[p0 + o] + s.delay_usd_per_t[k, at.combination[o0 + o]]
            share[p0 + o] = 0.0
        best, total = weigh(
            e, at.ptr, s.alone, at.pair, at.theta, at.mu, at.nest_ptr, at.length, at.member_ptr, at.member,
            s.inside, at.shift, y, z, v, part,
        )  # fmt: skip
        n = b.route_ptr[e + 1] - q0
        for q in range(n):
            route[q0 + q] = 0.0
        if total == 0.0:
            cost[e] = np.inf
            continue
        cost[e] = best - np.log(total) / at.theta[e]
        first = at.nest_ptr[at.pair[e]]
        for m in range(over.ptr[at.pair[e]], over.ptr[at.pair[e] + 1]):
            if b.nest[m] < 0:
                continue
            f = part[b.nest[m] - first]
            for i in range(over.member_ptr[m], over.member_ptr[m + 1]):
                route[q0 + over.member[i]] += f
        for q in range(n):
            o = b.option[r0 + q]
            p = (w.route_alone[q0 + q] * y[o] + w.route_inside[q0 + q] * z[o] * route[q0 + q]) / total
            route[q0 + q] = p
            share[p0 + o] += p


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_fill), compiled(_down, weigh=weigh_kernel())


def weights(b: Bundling, route_cost_usd_per_t: Array) -> Weights:
    """Weigh routes and options at published times.

    Parameters
    ----------
    b
        How routes make options.
    route_cost_usd_per_t : float64[R, K]
        Of routes; infinite where closed.
    """
    options, routes = int(b.at.ptr[-1]), int(b.route_ptr[-1])
    last = b.at.pair.size - 1
    inside = int(b.at.shift[last] + b.at.member_ptr[b.at.nest_ptr[b.at.pair[last] + 1]]) if last >= 0 else 0
    w = Weights(np.empty(options), np.empty(options), np.empty(inside), np.empty(routes), np.empty(routes))
    kernel = _kernels()[0]
    in_parts(lambda x, y: kernel(x, y, b, route_cost_usd_per_t, w), b.at.pair.size)
    return w


def choose_routes(b: Bundling, s: Contest, w: Weights) -> tuple[Chosen, Array]:
    """Give costs and shares of options as :func:`serai.freight.choice.choose` does, and the shares of routes.

    Returns
    -------
    chosen
        Of options.
    share : float64[routes of entries]
    """
    cost, share, route = np.empty(b.at.pair.size), np.empty(int(b.at.ptr[-1])), np.empty(int(b.route_ptr[-1]))
    kernel = _kernels()[1]
    in_parts(lambda x, y: kernel(x, y, b, s, w, cost, share, route), b.at.pair.size)
    return Chosen(cost, share), route
