"""What a scenario leaves to choose among: open options alone, with what always moves together put together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from serai.core.threads import in_parts
from serai.freight.bundles import members_before
from serai.freight.choice import Chosen, Contest, Layout, weigh, weigh_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.bundles import Bundling, Weights
    from serai.freight.search import Array, Ints


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
    payment : int32[open options]
        Combination of fees an option pays.
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
    payment: Ints
    nest: Ints
    route_alone: Array
    route_inside: Array


def _leave_open(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, b: Bundling, w: Weights, options: Ints, kept: Ints,
    option: Ints, cost: Array, alone: Array, combination: Ints, payment: Ints,
    nest: Ints, size: Ints, length: Array, member: Ints, inside: Array, route_alone: Array,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill the arrays of :class:`Opened` for some entries from their first place on; give how far each is filled.

    ``options[E]`` and ``kept[E]`` receive the numbers of open options and nests, ``size`` the members of a nest.
    """
    at, over = b.at, b.nests
    where, single = np.empty(at.longest, dtype=np.int64), np.empty(at.most)
    o, g, i = 0, 0, 0
    for e in range(begin, end):
        p0, q0, t = at.ptr[e], b.route_ptr[e], at.pair[e]
        o0, g0 = o, g
        for p in range(at.ptr[e + 1] - p0):
            where[p] = -1
            if w.cost_usd_per_t[p0 + p] == np.inf:
                continue
            where[p] = o
            option[o], cost[o], alone[o] = p, w.cost_usd_per_t[p0 + p], w.alone[p0 + p]
            combination[o], payment[o] = at.combination[at.place[e] + p], b.payment[at.place[e] + p]
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
    kernel = _kernels()[0]

    def part(begin: int, end: int) -> list[npt.NDArray[Any]]:
        o, g = (int(p[end] - p[begin]) for p in (at.ptr, b.nest_begin))
        i = members_before(at, end) - members_before(at, begin)
        int_, real = np.dtype(np.int32), np.dtype(np.float64)
        of_option = [np.empty(o, x) for x in (int_, real, real, int_, int_)]
        of_nest, of_member = [np.empty(g, x) for x in (int_, real)], [np.empty(i, x) for x in (int_, real)]
        filled = kernel(begin, end, b, w, options, kept, *of_option, nest, *of_nest, *of_member, route_alone)
        both = zip(filled, (of_option, of_nest, of_member), strict=True)
        return [x[:n] for n, arrays in both for x in arrays]

    option, cost, alone, combination, payment, size, length, member, inside = (
        np.concatenate(x) for x in zip(*in_parts(part, entries), strict=True)
    )
    ptr = _ends(options, np.int64)
    every = np.arange(entries, dtype=np.int32)
    left = at._replace(
        ptr=ptr, place=ptr[:-1].astype(np.int32), combination=combination, pair=every, nest_ptr=_ends(kept, np.int32),
        length=length, member_ptr=_ends(size, np.int32), member=member, shift=np.zeros(entries, dtype=np.int64),
    )  # fmt: skip
    return Opened(left, cost, alone, inside, option, payment, nest, route_alone, w.route_inside)


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
def _kernels() -> tuple[Callable[..., tuple[int, int, int]], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_leave_open), compiled(_down, weigh=weigh_kernel())


def choose_routes(b: Bundling, s: Contest, o: Opened) -> tuple[Chosen, Array]:
    """Give costs and shares of open options as :func:`serai.freight.choice.choose` does, and the shares of routes.

    Returns
    -------
    chosen
        Of open options.
    share : float64[routes of entries]
    """
    cost, share, route = np.empty(b.at.pair.size), np.empty(int(s.at.ptr[-1])), np.empty(int(b.route_ptr[-1]))
    kernel = _kernels()[1]
    in_parts(lambda x, y: kernel(x, y, b, s, o, cost, share, route), b.at.pair.size)
    return Chosen(cost, share), route
