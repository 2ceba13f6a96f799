"""What a scenario leaves to choose among: open options alone, with what always moves together put together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from serai.core.threads import in_parts
from serai.freight.bundles import long_ends
from serai.freight.choice import LANES, ChoiceSets, Contest, weigh, weigh_kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.bundles import Bundling, Weights
    from serai.freight.choice import Longs
    from serai.freight.search import Array, Ints


class Opened(NamedTuple):
    """The options and nests that a scenario leaves; what each stands for among all.

    Closed options are left out, and with them nests without weight. A nest with one option is part of what that
    has alone; nests with the same weights of the same options are one.

    Attributes
    ----------
    at
        Options and nests.
    cost_usd_per_t, alone : float64[open options], inside : float64
        Of open options; see :class:`serai.freight.choice.Contest`.
    option : int32[open options]
        Option of the bundling, by position in its entry.
    payment : int32[open options]
        Combination of fees an option pays.
    nest : int32[nests of entries]
        Open nest, by position in its entry, that a nest of the bundling is part of; -1 for none.
    route_alone, route_inside : float64[routes of entries]
        See :class:`serai.freight.bundles.Weights`; with the parts of nests that have one open option.
    """

    at: ChoiceSets
    cost_usd_per_t: Array
    alone: Array
    inside: Array
    option: Ints
    payment: Ints
    nest: Ints
    route_alone: Array
    route_inside: Array


def _leave_open(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, b: Bundling, w: Weights, slot_ptr: Longs, options: Ints, kept: Ints,
    option: Ints, cost: Array, alone: Array, combination: Ints, payment: Ints, length: Array, inside: Array,
    nest: Ints, route_alone: Array,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill the arrays of :class:`_Left` for some entries from their first place on; give how far each is filled.

    ``options[X]`` and ``kept[X]`` receive the numbers of open options and nests.
    """
    at, over = b.at, b.nests
    where, single = np.empty(at.longest, dtype=np.int64), np.empty(at.most)
    # The members of the nests of an entry that stay, with their weights: as many as first[g + 1] - first[g] in nest g.
    member, weight = np.empty(at.most * at.longest, dtype=np.int64), np.empty(at.most * at.longest)
    ends = np.zeros(at.most + 1, dtype=np.int64)
    o, g, i = 0, 0, 0
    for place in range(begin, end):
        e = w.which[place]
        p0, q0, t, slots, i0 = w.ptr[place], w.route_ptr[place], at.pair[e], slot_ptr[place], w.inside_ptr[place]
        o0, g0, last = o, g, 0
        for p in range(w.ptr[place + 1] - p0):
            where[p] = -1
            if w.cost_usd_per_t[p0 + p] == np.inf:
                continue
            where[p] = o - o0
            option[o], cost[o], alone[o] = p, w.cost_usd_per_t[p0 + p], w.alone[p0 + p]
            combination[o], payment[o] = at.combination[at.place[e] + p], at.payment[at.place[e] + p]
            o += 1
        first, folded = at.nest_ptr[t], False
        shift = i0 - at.member_ptr[first]
        for m in range(first, at.nest_ptr[t + 1]):
            slot, begins = slots + m - first, last
            nest[slot] = -1
            single[m - first] = 0.0
            for x in range(at.member_ptr[m], at.member_ptr[m + 1]):
                v = w.inside[shift + x]
                if v > 0.0:
                    member[last], weight[last] = where[at.member[x]], v
                    last += 1
            if last - begins < 2:
                if last > begins:
                    f = at.length[m] * np.exp((at.mu - 1.0) * np.log(weight[begins]))
                    alone[o0 + member[begins]] += f * weight[begins]
                    single[m - first] = f
                    folded = True
                last = begins
                continue
            for h in range(g - g0 - 1, -1, -1):
                same = ends[h + 1] - ends[h] == last - begins
                for x in range(last - begins):
                    if not same:
                        break
                    y = ends[h] + x
                    same = member[y] == member[begins + x] and weight[y] == weight[begins + x]
                if same:
                    length[g0 + h] += at.length[m]
                    nest[slot] = h
                    break
            if nest[slot] >= 0:
                last = begins
                continue
            length[g] = at.length[m]
            nest[slot] = g - g0
            g += 1
            ends[g - g0] = last
        n, nests = o - o0, g - g0
        while (g - g0) % LANES:
            length[g] = 0.0
            g += 1
        for x in range(i, i + n * (g - g0)):
            inside[x] = 0.0
        for h in range(nests):
            block = i + h // LANES * n * LANES + h % LANES
            for x in range(ends[h], ends[h + 1]):
                inside[block + member[x] * LANES] = weight[x]
        i += n * (g - g0)
        for q in range(q0, w.route_ptr[place + 1]):
            route_alone[q] = w.route_alone[q]
        if folded:
            for m in range(over.ptr[t], over.ptr[t + 1]):
                if b.nest[m] < 0 or single[b.nest[m] - first] == 0.0:
                    continue
                for x in range(over.member_ptr[m], over.member_ptr[m + 1]):
                    q = q0 + over.member[x]
                    route_alone[q] += single[b.nest[m] - first] * w.route_inside[q]
        options[place], kept[place] = n, g - g0
    return o, g, i


class _Left(NamedTuple):
    """What is left of the X entries of some weights: rows of each begin at four pointers, int64[X + 1]."""

    ptr: Longs
    nest_ptr: Longs
    inside_ptr: Longs
    slot_ptr: Longs
    route_ptr: Longs
    option: Ints
    cost_usd_per_t: Array
    alone: Array
    combination: Ints
    payment: Ints
    length: Array
    inside: Array
    nest: Ints
    route_alone: Array
    route_inside: Array


def _left(b: Bundling, w: Weights) -> _Left:
    n = w.which.size
    slots = long_ends(np.diff(b.nest_begin)[w.which])
    options, kept = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    nest, route_alone = np.empty(int(slots[-1]), dtype=np.int32), np.empty(w.route_alone.size)
    kernel = _kernels()[0]
    blocks = long_ends(_whole(np.diff(slots)))
    cells = long_ends(np.diff(w.ptr) * np.diff(blocks))

    def part(begin: int, end: int) -> list[npt.NDArray[Any]]:
        most = [int(p[end] - p[begin]) for p in (w.ptr, blocks, cells)]
        int_, real = np.dtype(np.int32), np.dtype(np.float64)
        of_option = [np.empty(most[0], x) for x in (int_, real, real, int_, int_)]
        of_nest, of_both = [np.empty(most[1], real)], [np.empty(most[2], real)]
        filled = kernel(begin, end, b, w, slots, options, kept, *of_option, *of_nest, *of_both, nest, route_alone)
        both = zip(filled, (of_option, of_nest, of_both), strict=True)
        return [x[:size] for size, arrays in both for x in arrays]

    option, cost, alone, combination, payment, length, inside = (
        np.concatenate(x) for x in zip(*in_parts(part, n), strict=True)
    )
    ptr, nests = long_ends(options), long_ends(kept)
    inside_ptr = long_ends(options.astype(np.int64) * kept)
    return _Left(
        ptr, nests, inside_ptr, slots, w.route_ptr, option, cost, alone, combination, payment, length, inside, nest,
        route_alone, w.route_inside,
    )  # fmt: skip


def opened(b: Bundling, w: Weights, near: Opened | None = None) -> Opened:
    """Leave out what a scenario closes.

    Parameters
    ----------
    b
        How routes make options.
    w
        What they weigh.
    near
        Another scenario, for the entries that `w` does not tell of.
    """
    if near is not None and not w.which.size:
        return near
    x, at = _left(b, w), b.at
    if near is not None:
        x = _merged(b, w.which, x, near)
    left = ChoiceSets(
        ptr=x.ptr, combination=x.combination, commodity=at.commodity, theta=at.theta, nest_ptr=x.nest_ptr,
        length=x.length, inside_ptr=x.inside_ptr, mu=at.mu, longest=_whole(at.longest), most=_whole(at.most),
    )  # fmt: skip
    return Opened(left, x.cost_usd_per_t, x.alone, x.inside, x.option, x.payment, x.nest, x.route_alone, x.route_inside)


def _merged(b: Bundling, which: Ints, own: _Left, near: Opened) -> _Left:
    """Put the entries that differ among those of a neighbour."""
    at, kernel = near.at, _kernels()[1]
    place = np.full(b.at.pair.size, -1, dtype=np.int64)
    place[which] = np.arange(which.size)

    def ends(there: Longs, here: Longs) -> Longs:
        count = np.diff(there)
        count[which] = np.diff(here)
        return long_ends(count)

    def rows(ptr: Longs, there: tuple[Longs, npt.NDArray[Any]], here: tuple[Longs, npt.NDArray[Any]]) -> Any:  # noqa: ANN401
        out = np.empty(int(ptr[-1]), there[1].dtype)
        in_parts(lambda begin, end: kernel(begin, end, place, ptr, *there, *here, out), place.size)
        return out

    ptr, inside_ptr = ends(at.ptr, own.ptr), ends(at.inside_ptr, own.inside_ptr)
    nest_ptr, routes = ends(at.nest_ptr, own.nest_ptr), b.route_ptr
    return _Left(
        ptr=ptr,
        nest_ptr=nest_ptr,
        inside_ptr=inside_ptr,
        slot_ptr=b.nest_begin,
        route_ptr=routes,
        option=rows(ptr, (at.ptr, near.option), (own.ptr, own.option)),
        cost_usd_per_t=rows(ptr, (at.ptr, near.cost_usd_per_t), (own.ptr, own.cost_usd_per_t)),
        alone=rows(ptr, (at.ptr, near.alone), (own.ptr, own.alone)),
        combination=rows(ptr, (at.ptr, at.combination), (own.ptr, own.combination)),
        payment=rows(ptr, (at.ptr, near.payment), (own.ptr, own.payment)),
        length=rows(nest_ptr, (at.nest_ptr, at.length), (own.nest_ptr, own.length)),
        inside=rows(inside_ptr, (at.inside_ptr, near.inside), (own.inside_ptr, own.inside)),
        nest=rows(b.nest_begin, (b.nest_begin, near.nest), (own.slot_ptr, own.nest)),
        route_alone=rows(routes, (routes, near.route_alone), (own.route_ptr, own.route_alone)),
        route_inside=rows(routes, (routes, near.route_inside), (own.route_ptr, own.route_inside)),
    )


def _merge(
    begin: int, end: int, place: Longs, ptr: Longs, near_ptr: Longs, near: npt.NDArray[Any], own_ptr: Longs,
    own: npt.NDArray[Any], out: npt.NDArray[Any],
) -> None:  # fmt: skip
    for e in range(begin, end):
        x, n, first = place[e], ptr[e + 1] - ptr[e], ptr[e]
        if x < 0:
            for i in range(n):
                out[first + i] = near[near_ptr[e] + i]
        else:
            for i in range(n):
                out[first + i] = own[own_ptr[x] + i]


def _whole(count: Any) -> Any:  # noqa: ANN401  a number or many
    """Fill up to whole blocks."""
    return (count + LANES - 1) // LANES * LANES


def _split(
    e: int, total: float, b: Bundling, s: Contest, o: Opened, y: Array, z: Array, part: Array, where: Longs,
    out: Array, q1: int,
) -> None:  # fmt: skip
    """Give the routes of an entry that was weighed their shares, from ``out[q1]`` on."""
    at, over, left = b.at, b.nests, s.at
    p0, q0, r0 = left.ptr[e], b.route_ptr[e], b.first_route[e]
    n = b.route_ptr[e + 1] - q0
    for q in range(n):
        out[q1 + q] = 0.0
    for p in range(at.ptr[e + 1] - at.ptr[e]):
        where[p] = -1
    for p in range(left.ptr[e + 1] - p0):
        where[o.option[p0 + p]] = p
    first, slot, g0 = at.nest_ptr[at.pair[e]], b.nest_begin[e], left.nest_ptr[e]
    for m in range(over.ptr[at.pair[e]], over.ptr[at.pair[e] + 1]):
        if b.nest[m] < 0:
            continue
        g = o.nest[slot + b.nest[m] - first]
        if g < 0:
            continue
        f = part[g] * (at.length[b.nest[m]] / left.length[g0 + g])
        for i in range(over.member_ptr[m], over.member_ptr[m + 1]):
            out[q1 + over.member[i]] += f
    for q in range(n):
        p = where[b.option[r0 + q]]
        if p < 0:
            out[q1 + q] = 0.0
            continue
        out[q1 + q] = (o.route_alone[q0 + q] * y[p] + o.route_inside[q0 + q] * z[p] * out[q1 + q]) / total


def _down(begin: int, end: int, b: Bundling, s: Contest, o: Opened, cost: Array, route: Array) -> None:
    """Choose, and give every route its share."""
    left = s.at
    y, z, where = np.empty(left.longest), np.empty(left.longest), np.empty(b.at.longest, dtype=np.int64)
    v, part = np.empty(left.most), np.empty(left.most)
    for e in range(begin, end):
        best, total = weigh(e, s, y, z, v, part)
        if total == 0.0:
            cost[e] = np.inf
            for q in range(b.route_ptr[e], b.route_ptr[e + 1]):
                route[q] = 0.0
            continue
        cost[e] = best - np.log(total) / left.theta[e]
        _split(e, total, b, s, o, y, z, part, where, route, b.route_ptr[e])


def _carry(begin: int, end: int, b: Bundling, s: Contest, o: Opened, tonnes: Array, share: Array, flow: Array) -> None:
    """Add what entries send over their routes to ``flow[R]``; ``share`` has room for the routes of any of them."""
    left = s.at
    y, z, where = np.empty(left.longest), np.empty(left.longest), np.empty(b.at.longest, dtype=np.int64)
    v, part = np.empty(left.most), np.empty(left.most)
    for e in range(begin, end):
        if tonnes[e] == 0.0:
            continue
        _, total = weigh(e, s, y, z, v, part)
        if total == 0.0:
            continue
        _split(e, total, b, s, o, y, z, part, where, share, 0)
        for q in range(b.route_ptr[e + 1] - b.route_ptr[e]):
            flow[b.first_route[e] + q] += tonnes[e] * share[q]


@cache
def _kernels() -> tuple[Callable[..., tuple[int, int, int]], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_leave_open), compiled(_merge)


@cache
def _route_kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled, inlined

    parts = {"weigh": weigh_kernels()["weigh"], "_split": inlined(_split)}
    return compiled(_down, **parts), compiled(_carry, **parts)


def choose_routes(b: Bundling, s: Contest, o: Opened) -> tuple[Array, Array]:
    """Give the average costs of entries, float64[E], and the shares of routes, float64[routes of entries].

    The shares of the routes of an option sum to that which :func:`serai.freight.choice.choose` gives it.
    """
    cost, route, kernel = np.empty(b.at.pair.size), np.empty(int(b.route_ptr[-1])), _route_kernels()[0]
    in_parts(lambda x, y: kernel(x, y, b, s, o, cost, route), b.at.pair.size)
    return cost, route


def carry_routes(b: Bundling, s: Contest, o: Opened, tonnes_per_day: Array, n_routes: int) -> Array:
    """Flow of every route, all commodities together: float64[R], t/day, from tonnes of entries, float64[E]."""
    flow, kernel, most = np.zeros(n_routes), _route_kernels()[1], int(np.diff(b.route_ptr).max(initial=0))
    pairs = int(b.at.pair.max(initial=-1)) + 1
    # Entries of a pair share its routes, so that parts end between pairs.
    begins = np.searchsorted(b.at.pair, np.arange(pairs + 1))
    in_parts(lambda x, y: kernel(begins[x], begins[y], b, s, o, tonnes_per_day, np.empty(most), flow), pairs)
    return flow


def choose_routes_plain(b: Bundling, route_cost_usd_per_t: Array) -> tuple[Array, Array]:
    """Choose among the routes themselves, by the formula of :mod:`serai.freight.choice` in plain NumPy.

    Parameters
    ----------
    b
        Entries, routes and where they overlap.
    route_cost_usd_per_t : float64[R, K]
        Of routes with all their delays; infinite where closed.

    Returns
    -------
    cost : float64[E]
    share : float64[routes of entries]
    """
    at, over = b.at, b.nests
    cost, share = np.full(at.pair.size, np.inf), np.zeros(int(b.route_ptr[-1]))
    for e, t in enumerate(at.pair.tolist()):
        n = int(b.route_ptr[e + 1] - b.route_ptr[e])
        mine = slice(int(b.first_route[e]), int(b.first_route[e]) + n)
        c = route_cost_usd_per_t[mine, at.commodity[e]]
        if np.isinf(c).all():
            continue
        y = np.exp(at.theta[e] * (c.min() - c))
        rows = [np.diag((over.alone[mine] * y) ** (1.0 / at.mu))]
        for m in range(over.ptr[t], over.ptr[t + 1]):
            row, i = np.zeros((1, n)), over.member[over.member_ptr[m] : over.member_ptr[m + 1]]
            row[0, i] = over.length[m] ** (1.0 / at.mu) * (b.reach[mine] * y ** (1.0 / at.mu))[i]
            rows.append(row)
        each = np.concatenate(rows)
        nest = each.sum(axis=1)
        total = (nest**at.mu).sum()
        cost[e] = c.min() - np.log(total) / at.theta[e]
        within = np.divide(each, nest[:, None], out=np.zeros_like(each), where=nest[:, None] > 0)
        share[int(b.route_ptr[e]) : int(b.route_ptr[e + 1])] = (nest**at.mu / total) @ within
    return cost, share
