"""Routes of a pair that pass the same facilities and pay the same fees: what moves together is weighed once a scenario.

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
    ends = np.searchsorted(route, np.arange(routes.n_routes + 1))
    passed = on[on >= 0]
    known: dict[tuple[int, ...], int] = {(): 0}
    number = np.zeros(routes.n_routes, dtype=np.int32)
    for r in range(routes.n_routes):
        key = tuple(sorted(passed[ends[r] : ends[r + 1]].tolist()))
        number[r] = known.setdefault(key, len(known))
    ptr = np.concatenate([[0], np.cumsum([len(k) for k in known])]).astype(np.int32)
    return Combinations(number, ptr, np.array([h for k in known for h in k], dtype=np.int32))


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
    shift : int64[E]
        What leads from a position in `member` to that of an entry in ``inside`` of :class:`Weights`.
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
    shift: Longs
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
    inside = np.unique(of_nest * widest + member)
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


def _ends(count: npt.NDArray[np.intp]) -> Ints:
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int32)


def _joined(
    e: Entries, theta: Array, options: tuple[Ints, Ints, Ints, Ints], over: Nests, mu: float, joint: _OptionNests
) -> Bundling:
    pair_ptr, option, combination, payment = options
    members = np.diff(joint.member_ptr[joint.ptr])[e.pair]
    begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(members, dtype=np.int64)])
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
        shift=(begins[:-1] - joint.member_ptr[joint.ptr[e.pair]]).astype(np.int64),
        mu=mu,
        longest=int(count.max(initial=0)),
        most=int(np.diff(joint.ptr).max(initial=0)),
    )
    nest_begin = np.concatenate([[0], np.cumsum(np.diff(joint.ptr)[e.pair], dtype=np.int64)])
    reach = over.route_length ** (-1.0 / mu)
    return Bundling(at, e.ptr, e.first_route, option, over, joint.nest, nest_begin, reach)


class Weights(NamedTuple):
    """What options and routes weigh at published times, relative to the cheapest route of their option.

    Attributes
    ----------
    cost_usd_per_t, alone : float64[options], inside : float64
        Of options, as :class:`serai.freight.choice.Contest` has them, closed ones at an infinite cost; inside by
        members of nests.
    route_alone, route_inside : float64[routes of entries]
        What a route has of the weight of its option alone, and its weight inside nests.
    """

    cost_usd_per_t: Array
    alone: Array
    inside: Array
    route_alone: Array
    route_inside: Array


def _fill(which: Ints, b: Bundling, cost: Array, row: Ints, w: Weights) -> None:  # noqa: C901, PLR0912  one loop nest
    at, over = b.at, b.nests
    where = np.empty(at.longest, dtype=np.int64)
    for entry in range(which.size):
        e = which[entry]
        p0, q0, r0, k = at.ptr[e], b.route_ptr[e], b.first_route[e], at.commodity[e]
        n = b.route_ptr[e + 1] - q0
        for o in range(p0, at.ptr[e + 1]):
            w.cost_usd_per_t[o] = np.inf
            w.alone[o] = 0.0
        for i in range(at.member_ptr[at.nest_ptr[at.pair[e]]], at.member_ptr[at.nest_ptr[at.pair[e] + 1]]):
            w.inside[at.shift[e] + i] = 0.0
        for q in range(n):
            o = p0 + b.option[r0 + q]
            w.cost_usd_per_t[o] = min(w.cost_usd_per_t[o], cost[row[r0 + q], k])
        for q in range(n):
            c = cost[row[r0 + q], k]
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


@cache
def _fill_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_fill)


class Near(NamedTuple):
    """Weights of another scenario, the only entries that differ, int32, and the row int32[R] of routes in costs."""

    weights: Weights
    entries: Ints
    row: Ints


def weights(b: Bundling, route_cost_usd_per_t: Array, near: Near | None = None) -> Weights:
    """Weigh routes and options at published times.

    Parameters
    ----------
    b
        How routes make options.
    route_cost_usd_per_t : float64[R, K]
        Of routes; infinite where closed. With `near`, a row for each route of the entries that differ.
    near
        What all other entries keep.
    """
    if near is None:
        options, routes, inside = int(b.at.ptr[-1]), int(b.route_ptr[-1]), members_before(b.at, b.at.pair.size)
        w = Weights(np.empty(options), np.empty(options), np.empty(inside), np.empty(routes), np.empty(routes))
        which = np.arange(b.at.pair.size, dtype=np.int32)
        row = np.arange(route_cost_usd_per_t.shape[0], dtype=np.int32)
    else:
        w, which, row = Weights(*(x.copy() for x in near.weights)), near.entries, near.row
    kernel = _fill_kernel()
    in_parts(lambda x, y: kernel(which[x:y], b, route_cost_usd_per_t, row, w), which.size)
    return w


def members_before(at: Layout, e: int) -> int:
    """Members of nests of the entries before one."""
    if e == 0:
        return 0
    return int(at.shift[e - 1] + at.member_ptr[at.nest_ptr[at.pair[e - 1] + 1]])
