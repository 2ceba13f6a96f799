"""Routes of a pair that pass the same facilities, told once: what delays move together is weighed once a scenario.

With c the cost of the cheapest route of a bundle, w_r = exp(-theta (c_r - c)) of its routes do not change with
the times of facilities. In the nests of :mod:`serai.freight.choice` a bundle then stands for all its routes with the
sum of their weights, exactly; a nest all of whose routes are in one bundle is part of what that has alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from serai.core.threads import in_parts
from serai.freight.choice import Chosen, Contest, Layout, weigh, weigh_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

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
    nest_begin : int64[E + 1]
        Nests of options of entry e, in the order of its pair's, are ``nest_begin[e]:nest_begin[e + 1]``.
    reach : float64[R]
        (1 / length of a route)^(1 / mu).
    """

    at: Layout
    route_ptr: Longs
    first_route: Ints
    option: Ints
    nests: Nests
    nest: Ints
    nest_begin: Longs
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
    nest_begin = np.concatenate([[0], np.cumsum(np.diff(nest_ptr)[e.pair], dtype=np.int64)])
    return Bundling(at, e.ptr, e.first_route, option, over, nest, nest_begin, over.route_length ** (-1.0 / mu))


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


class Opened(NamedTuple):
    """The options and nests that a scenario leaves, every entry with its own; what each stands for among all.

    Closed options are left out, and with them nests without weight. A nest with one option is part of what that
    has alone; nests with the same weights of the same options are one.

    Attributes
    ----------
    at
        Options and nests; entries are pairs of their own.
    cost_usd_per_t, alone : float64[open options], inside : float64
        Of open options; see :class:`serai.freight.choice.Contest`.
    option : int32[open options]
        Option of the bundling, by position in its entry.
    nest : int32[nests of entries]
        Open nest, by position in its entry, that a nest of the bundling is part of; -1 for none.
    route_alone, route_inside : float64[routes of entries]
        See :class:`Weights`; with the parts of nests that have one open option.
    """

    at: Layout
    cost_usd_per_t: Array
    alone: Array
    inside: Array
    option: Ints
    nest: Ints
    route_alone: Array
    route_inside: Array


def _leave_open(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, b: Bundling, w: Weights, options: Ints, kept: Ints,
    option: Ints, cost: Array, alone: Array, combination: Ints,
    nest: Ints, size: Ints, length: Array, member: Ints, inside: Array, route_alone: Array,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill the arrays of :class:`Opened` for some entries from their first place on; give how far each is filled.

    ``options[E]`` and ``kept[E]`` receive the numbers of open options and nests, ``size`` the members of a nest.
    """
    at, over = b.at, b.nests
    where, single = np.empty(at.longest, dtype=np.int64), np.empty(at.most)
    o, g, i = 0, 0, 0
    for e in range(begin, end):
        p0, q0, r0, t = at.ptr[e], b.route_ptr[e], b.first_route[e], at.pair[e]
        o0, g0 = o, g
        for p in range(at.ptr[e + 1] - p0):
            where[p] = -1
            if w.cost_usd_per_t[p0 + p] == np.inf:
                continue
            where[p] = o
            option[o], cost[o], alone[o] = p, w.cost_usd_per_t[p0 + p], w.alone[p0 + p]
            combination[o] = at.combination[at.place[e] + p]
            o += 1
        first, folded = at.nest_ptr[t], False
        for n in range(first, at.nest_ptr[t + 1]):
            i0, last = i, -1
            for x in range(at.member_ptr[n], at.member_ptr[n + 1]):
                v = w.inside[at.shift[e] + x]
                if v > 0.0:
                    last = where[at.member[x]]
                    member[i], inside[i] = last - o0, v
                    i += 1
            slot = b.nest_begin[e] + n - first
            nest[slot] = -1
            single[n - first] = 0.0
            if i - i0 < 2:
                if i > i0:
                    f = at.length[n] * np.exp((at.mu - 1.0) * np.log(inside[i0]))
                    alone[last] += f * inside[i0]
                    single[n - first] = f
                    folded = True
                i = i0
                continue
            y = i0
            for h in range(g - 1, g0 - 1, -1):
                y -= size[h]
                same = size[h] == i - i0
                for x in range(i - i0):
                    if not same:
                        break
                    same = member[y + x] == member[i0 + x] and inside[y + x] == inside[i0 + x]
                if same:
                    length[h] += at.length[n]
                    nest[slot] = h - g0
                    break
            if nest[slot] >= 0:
                i = i0
                continue
            size[g], length[g] = i - i0, at.length[n]
            nest[slot] = g - g0
            g += 1
        if folded:
            for m in range(over.ptr[t], over.ptr[t + 1]):
                if b.nest[m] < 0 or single[b.nest[m] - first] == 0.0:
                    continue
                for x in range(over.member_ptr[m], over.member_ptr[m + 1]):
                    q = q0 + over.member[x]
                    route_alone[q] += single[b.nest[m] - first] * w.route_inside[q]
        options[e], kept[e] = o - o0, g - g0
    return o, g, i


def opened(b: Bundling, w: Weights) -> Opened:
    """Leave out what a scenario closes.

    Parameters
    ----------
    b
        How routes make options.
    w
        What they weigh.
    """
    at, entries = b.at, b.at.pair.size
    options, kept = np.zeros(entries, dtype=np.int32), np.zeros(entries, dtype=np.int32)
    nest, route_alone = np.empty(int(b.nest_begin[-1]), dtype=np.int32), w.route_alone.copy()
    kernel = _kernels()[1]

    def part(begin: int, end: int) -> list[npt.NDArray[Any]]:
        o, g = (int(p[end] - p[begin]) for p in (at.ptr, b.nest_begin))
        i = _members_before(at, end) - _members_before(at, begin)
        ints, reals = (lambda n: np.empty(n, dtype=np.int32)), np.empty
        of_option = [ints(o), reals(o), reals(o), ints(o)]
        of_nest, of_member = [ints(g), reals(g)], [ints(i), reals(i)]
        filled = kernel(begin, end, b, w, options, kept, *of_option, nest, *of_nest, *of_member, route_alone)
        both = zip(filled, (of_option, of_nest, of_member), strict=True)
        return [x[:n] for n, arrays in both for x in arrays]

    option, cost, alone, combination, size, length, member, inside = (
        np.concatenate(x) for x in zip(*in_parts(part, entries), strict=True)
    )
    ptr = _ends(options, np.int64)
    every = np.arange(entries, dtype=np.int32)
    left = at._replace(
        ptr=ptr, place=ptr[:-1].astype(np.int32), combination=combination, pair=every, nest_ptr=_ends(kept, np.int32),
        length=length, member_ptr=_ends(size, np.int32), member=member, shift=np.zeros(entries, dtype=np.int64),
    )  # fmt: skip
    return Opened(left, cost, alone, inside, option, nest, route_alone, w.route_inside)


def _members_before(at: Layout, e: int) -> int:
    """Members of nests of the entries before one."""
    if e == 0:
        return 0
    return int(at.shift[e - 1] + at.member_ptr[at.nest_ptr[at.pair[e - 1] + 1]])


def _ends(count: Ints, dtype: type[np.signedinteger[Any]]) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(1, dtype), np.cumsum(count, dtype=dtype)])


def _down(begin: int, end: int, b: Bundling, s: Contest, o: Opened, cost: Array, share: Array, route: Array) -> None:
    """Choose, and give every route its part in the share of its option."""
    at, over, left = b.at, b.nests, s.at
    y, z, where = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest, dtype=np.int64)
    v, part = np.empty(at.largest), np.empty(at.most)
    for e in range(begin, end):
        p0, q0, r0, k = left.ptr[e], b.route_ptr[e], b.first_route[e], left.commodity[e]
        for p in range(at.ptr[e + 1] - at.ptr[e]):
            where[p] = -1
        for p in range(left.ptr[e + 1] - p0):
            y[p] = s.cost_usd_per_t[p0 + p] + s.delay_usd_per_t[k, left.combination[p0 + p]]
            where[o.option[p0 + p]] = p
            share[p0 + p] = 0.0
        best, total = weigh(
            e, left.ptr, s.alone, left.pair, left.theta, left.mu, left.nest_ptr, left.length, left.member_ptr,
            left.member, s.inside, left.shift, y, z, v, part,
        )  # fmt: skip
        n = b.route_ptr[e + 1] - q0
        for q in range(n):
            route[q0 + q] = 0.0
        if total == 0.0:
            cost[e] = np.inf
            continue
        cost[e] = best - np.log(total) / left.theta[e]
        first, slot, g0 = at.nest_ptr[at.pair[e]], b.nest_begin[e], left.nest_ptr[e]
        for m in range(over.ptr[at.pair[e]], over.ptr[at.pair[e] + 1]):
            if b.nest[m] < 0:
                continue
            g = o.nest[slot + b.nest[m] - first]
            if g < 0:
                continue
            f = part[g] * (at.length[b.nest[m]] / left.length[g0 + g])
            for i in range(over.member_ptr[m], over.member_ptr[m + 1]):
                route[q0 + over.member[i]] += f
        for q in range(n):
            p = where[b.option[r0 + q]]
            if p < 0:
                route[q0 + q] = 0.0
                continue
            x = (o.route_alone[q0 + q] * y[p] + o.route_inside[q0 + q] * z[p] * route[q0 + q]) / total
            route[q0 + q] = x
            share[p0 + p] += x


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., tuple[int, int, int]], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_fill), compiled(_leave_open), compiled(_down, weigh=weigh_kernel())


def weights(b: Bundling, route_cost_usd_per_t: Array) -> Weights:
    """Weigh routes and options at published times.

    Parameters
    ----------
    b
        How routes make options.
    route_cost_usd_per_t : float64[R, K]
        Of routes; infinite where closed.
    """
    options, routes, inside = int(b.at.ptr[-1]), int(b.route_ptr[-1]), _members_before(b.at, b.at.pair.size)
    w = Weights(np.empty(options), np.empty(options), np.empty(inside), np.empty(routes), np.empty(routes))
    kernel = _kernels()[0]
    in_parts(lambda x, y: kernel(x, y, b, route_cost_usd_per_t, w), b.at.pair.size)
    return w


def choose_routes(b: Bundling, s: Contest, o: Opened) -> tuple[Chosen, Array]:
    """Give costs and shares of open options as :func:`serai.freight.choice.choose` does, and the shares of routes.

    Returns
    -------
    chosen
        Of open options.
    share : float64[routes of entries]
    """
    cost, share, route = np.empty(b.at.pair.size), np.empty(int(s.at.ptr[-1])), np.empty(int(b.route_ptr[-1]))
    kernel = _kernels()[2]
    in_parts(lambda x, y: kernel(x, y, b, s, o, cost, share, route), b.at.pair.size)
    return Chosen(cost, share), route
