"""Routes of a pair that pass the same facilities and pay the same fees: what moves together is weighed once a scenario.

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

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.choice import Entries, Longs
    from serai.freight.nests import Nests
    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints


@dataclass(frozen=True, slots=True)
class Combinations:
    """Which of some things routes pass, told once per combination.

    Attributes
    ----------
    route : int32[R]
        Combination of a route; combination 0 passes none.
    ptr : int32[U + 1], member : int32
        What combination u passes is ``member[ptr[u]:ptr[u + 1]]``; what is passed twice stands there twice.
    """

    route: Ints
    ptr: Ints
    member: Ints

    @property
    def n(self) -> int:
        """Number of combinations U."""
        return self.ptr.size - 1


def combinations(routes: RouteSet, arc_member: Ints) -> Combinations:
    """Tell which members each route passes.

    Parameters
    ----------
    routes
        R routes.
    arc_member : int32[A]
        Member that an arc is; negative for none.
    """
    on = arc_member[routes.leg_arc]
    route = np.repeat(np.arange(routes.n_routes), np.diff(routes.leg_ptr))[on >= 0]
    most = int(arc_member.max(initial=0)) + 1
    passed = np.sort(route * most + on[on >= 0], kind="stable") % most
    count = np.bincount(route, minlength=routes.n_routes)
    begin = np.cumsum(count) - count
    # Routes that agree in what they pass up to here bear the same number; none passed is zero.
    number, known = np.zeros(routes.n_routes, dtype=np.int64), 1
    for k in range(int(count.max(initial=0))):
        longer = np.flatnonzero(count > k)
        found, own = np.unique(number[longer] * most + passed[begin[longer] + k], return_inverse=True)
        number[longer] = known + own
        known += found.size
    found, first, own = np.unique(np.append(0, number), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(order.size, dtype=np.int32)
    rank[order] = np.arange(order.size)
    kept = first[order[1:]] - 1
    ptr = np.concatenate([[0, 0], np.cumsum(count[kept])])
    within = np.arange(ptr[-1]) - np.repeat(ptr[1:-1], count[kept])
    member = passed[np.repeat(begin[kept], count[kept]) + within]
    return Combinations(rank[own[1:]], ptr.astype(np.int32), member.astype(np.int32))


class Layout(NamedTuple):
    """Options of pairs, and the nests they are in; a tuple, so that kernels can take it whole.

    Attributes
    ----------
    ptr : int64[E + 1]
        Options of entry e are ``ptr[e]:ptr[e + 1]`` of arrays over the options of entries.
    place : int32[E]
        First option of its pair in `combination`.
    combination, payment : int32
        Combination of facilities that an option of a pair passes, and of fees that it pays.
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
    mu
        In (0, 1]: similarity of routes; 1 for independent ones.
    longest, most
        Largest numbers of options and of nests of a pair.
    """

    ptr: Longs
    place: Ints
    combination: Ints
    payment: Ints
    pair: Ints
    commodity: Ints
    theta: Array
    nest_ptr: Ints
    length: Array
    member_ptr: Ints
    member: Ints
    mu: float
    longest: int
    most: int


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


def bundled(
    e: Entries, routes: RouteSet, theta: Array, delayed: Ints, over: Nests, mu: float, paying: Ints | None = None
) -> Bundling:
    """Bundle the routes of every pair that meet the same delays and pay the same fees.

    Parameters
    ----------
    e, routes
        Entries and their routes.
    theta : float64[E]
        Sensitivity of choice in t/USD.
    delayed : int32[R]
        Combination of facilities of a route.
    over
        Overlaps of routes.
    mu
        Similarity of routes.
    paying : int32[R], optional
        Combination of fees of a route; all the same by default.
    """
    paying = np.zeros(routes.n_routes, dtype=np.int32) if paying is None else paying
    pair = routes.route_pair.astype(np.int64)
    fees = int(paying.max(initial=0)) + 1
    kinds = (int(delayed.max(initial=0)) + 1) * fees
    found, number = np.unique(pair * kinds + delayed.astype(np.int64) * fees + paying, return_inverse=True)
    first = np.searchsorted(found, np.arange(routes.n_pairs + 1, dtype=np.int64) * kinds)
    option = (number - first[routes.route_pair]).astype(np.int32)
    kind = found % kinds
    of_option = (kind // fees).astype(np.int32), (kind % fees).astype(np.int32)
    return _laid_out(e, routes, theta, (first.astype(np.int32), option, *of_option), over, mu)


class _OptionNests(NamedTuple):
    """Nests of options: which a nest of routes makes, and the rest as in :class:`serai.freight.nests.Nests`."""

    nest: Ints
    ptr: Ints
    length: Array
    member_ptr: Ints
    member: Ints


def _laid_out(
    e: Entries, routes: RouteSet, theta: Array, options: tuple[Ints, Ints, Ints, Ints], over: Nests, mu: float
) -> Bundling:
    option = options[1]
    nest_pair = np.repeat(np.arange(routes.n_pairs, dtype=np.int64), np.diff(over.ptr))
    of_nest = np.repeat(np.arange(over.length.size), np.diff(over.member_ptr))
    member = option[routes.pair_ptr[nest_pair[of_nest]] + over.member]
    widest = int(option.max(initial=0)) + 1
    inside = _distinct(of_nest * widest + member)
    held = np.bincount(inside // widest, minlength=over.length.size)
    several = held > 1
    kept = inside[several[inside // widest]]
    return _joined(e, theta, options, over, mu, _OptionNests(
        nest=np.where(several, np.cumsum(several) - 1, -1).astype(np.int32),
        ptr=_ends(np.bincount(nest_pair[several], minlength=routes.n_pairs)),
        length=over.length[several],
        member_ptr=_ends(held[several]),
        member=(kept % widest).astype(np.int32),
    ))  # fmt: skip


def _distinct(values: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    # What is nearly in order is sorted far faster than hashed, as NumPy's own does it.
    ranked = np.sort(values, kind="stable")
    return ranked[np.concatenate([[True], ranked[1:] != ranked[:-1]])] if ranked.size else ranked


def _ends(count: npt.NDArray[np.intp]) -> Ints:
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int32)


def _joined(
    e: Entries, theta: Array, options: tuple[Ints, Ints, Ints, Ints], over: Nests, mu: float, joint: _OptionNests
) -> Bundling:
    pair_ptr, option, combination, payment = options
    count = np.diff(pair_ptr)
    at = Layout(
        ptr=np.concatenate([[0], np.cumsum(count[e.pair], dtype=np.int64)]),
        place=pair_ptr[:-1][e.pair],
        combination=combination,
        payment=payment,
        pair=e.pair,
        commodity=e.commodity,
        theta=theta,
        nest_ptr=joint.ptr,
        length=joint.length,
        member_ptr=joint.member_ptr,
        member=joint.member,
        mu=mu,
        longest=int(count.max(initial=0)),
        most=int(np.diff(joint.ptr).max(initial=0)),
    )
    nest_begin = np.concatenate([[0], np.cumsum(np.diff(joint.ptr)[e.pair], dtype=np.int64)])
    reach = over.route_length ** (-1.0 / mu)
    return Bundling(at, e.ptr, e.first_route, option, over, joint.nest, nest_begin, reach)


class Weights(NamedTuple):
    """What options and routes of X entries weigh at published times, relative to the cheapest route of their option.

    Attributes
    ----------
    which : int32[X]
        The entries, in their order.
    ptr, inside_ptr, route_ptr : int64[X + 1]
        Where the options, the members of nests, and the routes of each of them begin.
    cost_usd_per_t, alone : float64[options], inside : float64
        Of options, as :class:`serai.freight.choice.Contest` has them, closed ones at an infinite cost; inside by
        members of nests.
    route_alone, route_inside : float64[routes]
        What a route has of the weight of its option alone, and its weight inside nests.
    """

    which: Ints
    ptr: Longs
    inside_ptr: Longs
    route_ptr: Longs
    cost_usd_per_t: Array
    alone: Array
    inside: Array
    route_alone: Array
    route_inside: Array


def _fill(begin: int, end: int, b: Bundling, cost: Array, w: Weights) -> None:  # noqa: C901, PLR0912  one loop nest
    at, over = b.at, b.nests
    where = np.empty(at.longest, dtype=np.int64)
    for x in range(begin, end):
        e = w.which[x]
        p0, q0, r0, t = w.ptr[x], w.route_ptr[x], b.first_route[e], at.pair[e]
        n, first = w.route_ptr[x + 1] - q0, at.member_ptr[at.nest_ptr[t]]
        for o in range(p0, w.ptr[x + 1]):
            w.cost_usd_per_t[o] = np.inf
            w.alone[o] = 0.0
        for i in range(w.inside_ptr[x], w.inside_ptr[x + 1]):
            w.inside[i] = 0.0
        for q in range(n):
            o = p0 + b.option[r0 + q]
            w.cost_usd_per_t[o] = min(w.cost_usd_per_t[o], cost[q0 + q])
        for q in range(n):
            c = cost[q0 + q]
            if c == np.inf:
                w.route_alone[q0 + q] = 0.0
                w.route_inside[q0 + q] = 0.0
                continue
            y = at.theta[e] * (w.cost_usd_per_t[p0 + b.option[r0 + q]] - c)
            w.route_alone[q0 + q] = over.alone[r0 + q] * np.exp(y)
            w.route_inside[q0 + q] = b.reach[r0 + q] * np.exp(y / at.mu)
        for m in range(over.ptr[t], over.ptr[t + 1]):
            a, z = over.member_ptr[m], over.member_ptr[m + 1]
            if b.nest[m] >= 0:
                g = b.nest[m]
                for i in range(at.member_ptr[g], at.member_ptr[g + 1]):
                    where[at.member[i]] = w.inside_ptr[x] + i - first
                for i in range(a, z):
                    q = over.member[i]
                    w.inside[where[b.option[r0 + q]]] += w.route_inside[q0 + q]
                continue
            total = 0.0
            for i in range(a, z):
                total += w.route_inside[q0 + over.member[i]]
            if total > 0.0:
                part = over.length[m] * np.exp((at.mu - 1.0) * np.log(total))
                for i in range(a, z):
                    w.route_alone[q0 + over.member[i]] += part * w.route_inside[q0 + over.member[i]]
        for q in range(n):
            w.alone[p0 + b.option[r0 + q]] += w.route_alone[q0 + q]


def _along(
    begin: int, end: int, b: Bundling, which: Ints, ptr: Longs, leg_ptr: Ints, leg_arc: Ints, arc_cost: Array,
    shut: npt.NDArray[np.bool_], out: Array,
) -> None:  # fmt: skip
    for x in range(begin, end):
        e = which[x]
        k, r0 = b.at.commodity[e], b.first_route[e]
        for q in range(ptr[x + 1] - ptr[x]):
            r = r0 + q
            total = np.inf if shut[r] else 0.0
            for i in range(leg_ptr[r], leg_ptr[r + 1]):
                total += arc_cost[k, leg_arc[i]]
            out[ptr[x] + q] = total


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_fill), compiled(_along)


def entry_costs(
    b: Bundling, routes: RouteSet, arc_cost_usd_per_t: Array, shut: npt.NDArray[np.bool_], which: Ints
) -> Array:
    """Sum the cost of arcs along the routes of some entries.

    Parameters
    ----------
    b, routes
        Entries and their routes.
    arc_cost_usd_per_t : float64[K, A]
        Of commodities; infinite where closed.
    shut : bool[R]
        Routes that are closed whatever their arcs cost.
    which : int32[X]
        Entries.

    Returns
    -------
    float64[routes of `which`]
    """
    ptr = long_ends(np.diff(b.route_ptr)[which])
    out, cost, kernel = np.empty(int(ptr[-1])), np.ascontiguousarray(arc_cost_usd_per_t), _kernels()[1]
    in_parts(lambda x, y: kernel(x, y, b, which, ptr, routes.leg_ptr, routes.leg_arc, cost, shut, out), which.size)
    return out


def weights(b: Bundling, route_cost_usd_per_t: Array, which: Ints | None = None) -> Weights:
    """Weigh routes and options at published times.

    Parameters
    ----------
    b
        How routes make options.
    route_cost_usd_per_t : float64[routes of `which`]
        Of the routes of one entry after another; infinite where closed.
    which : int32[X], optional
        Entries; all by default.
    """
    at = b.at
    which = np.arange(at.pair.size, dtype=np.int32) if which is None else which
    members = np.diff(at.member_ptr[at.nest_ptr])[at.pair[which]]
    ptr, inside_ptr, route_ptr = (long_ends(x) for x in (np.diff(at.ptr)[which], members, np.diff(b.route_ptr)[which]))
    sizes = (ptr, ptr, inside_ptr, route_ptr, route_ptr)
    w, kernel = Weights(which, ptr, inside_ptr, route_ptr, *(np.empty(int(x[-1])) for x in sizes)), _kernels()[0]
    in_parts(lambda x, y: kernel(x, y, b, route_cost_usd_per_t, w), which.size)
    return w


def long_ends(count: npt.NDArray[np.integer[Any]]) -> Longs:
    """Where rows of given lengths begin and end: int64[n + 1]."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(count, dtype=np.int64)])
