"""Kernels of the gradient: what routes are worth to an objective, and how fees answer the times of facilities."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from serai.freight.choice import LANES, weigh, weigh_kernels
from serai.freight.sensitivity import option_slopes, slope_kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.corridor.coupling import Rows
    from serai.freight.bundles import Bundling
    from serai.freight.choice import Contest, Longs
    from serai.freight.opened import Opened
    from serai.freight.search import Array, Ints

LEAST_SHARE = 1e-10
"""Share of a route that is too small to matter to a gradient."""


def _route_values(  # noqa: C901, PLR0912, PLR0915  one loop nest
    first: int, last: int, entry_ptr: Longs, pair_ptr: Ints, leg_ptr: Ints, leg_arc: Ints, b: Bundling, s: Contest,
    o: Opened, share: Array, entry_cell: Ints, weight: Array, tonnes: Array, vot: Array, cell_value: Array,
    hot_value: Array, row_ptr: Ints, row_seller: Ints, row_owner: Ints, row_weight: Array, seller: Array,
    owner: Array, network_share: Array, paid_by: Ints, paid_to: Ints, fee_usd_per_t: Array, money: Array, hours: Array,
) -> None:  # fmt: skip
    """Value of a cost and of an hour on the routes of some pairs, summed over their arcs, float64[A, G] each.

    Direct to its cell, and through the shares it turns away: with a_r what route r has alone of its share, P_nr what
    it has by nest n, x_r what a tonne on it is worth, and means over the nest and over the entry,

        sum_s x_s dP_s / dc_r = -theta (a_r (x_r - mean) + sum_n P_nr (x_r / mu - (1 / mu - 1) mean_n - mean)).

    ``cell_value[C, G]`` per USD/t of a cell's cost, ``hot_value[K, U, G]`` per t/day over a combination of
    facilities. A USD/t of a cell's fee to an owner is worth its row's weight times ``seller[N, G]`` at the exporter and
    ``owner[N, G]`` at the owner. Who is paid by combination u, and how much, is in ``paid_to`` and
    ``fee_usd_per_t[K]`` at ``paid_by[u]:paid_by[u + 1]``.
    """
    at, over, left, width = b.at, b.nests, s.at, cell_value.shape[1]
    each, together, mean = np.zeros((at.longest, width)), np.zeros((left.most, width)), np.zeros(width)
    y, z, v, part = np.empty(left.longest), np.empty(left.longest), np.empty(left.most), np.empty(left.most)
    where, value = np.empty(at.longest, dtype=np.int64), np.empty(width)
    tie = 1.0 / at.mu - 1.0
    most = np.diff(pair_ptr).max()
    by_money, by_hour, used = np.zeros((most, width)), np.zeros((most, width)), np.zeros(most, dtype=np.bool_)
    for t in range(first, last):
        r0, n_routes = pair_ptr[t], pair_ptr[t + 1] - pair_ptr[t]
        for e in range(entry_ptr[t], entry_ptr[t + 1]):
            w, k, cell, p0 = weight[e], at.commodity[e], entry_cell[e], left.ptr[e]
            if w == 0.0:
                continue
            _, total = weigh(e, s, y, z, v, part)
            if total == 0.0:
                continue
            n, nests, i0 = left.ptr[e + 1] - p0, left.nest_ptr[e + 1] - left.nest_ptr[e], left.inside_ptr[e]
            mean[:] = 0.0
            together[:nests] = 0.0
            for q in range(at.ptr[e + 1] - at.ptr[e]):
                where[q] = -1
            for q in range(n):
                p, u = share[p0 + q], left.combination[p0 + q]
                if p < LEAST_SHARE:
                    continue
                where[o.option[p0 + q]] = q
                for j in range(width):
                    each[q, j] = tonnes[e] * hot_value[k, u, j]
                if row_ptr[cell + 1] > row_ptr[cell]:
                    for i in range(paid_by[o.payment[p0 + q]], paid_by[o.payment[p0 + q] + 1]):
                        for m in range(row_ptr[cell], row_ptr[cell + 1]):
                            if row_owner[m] == paid_to[i]:
                                f = w * network_share[cell] * fee_usd_per_t[k, i] * row_weight[m]
                                a, d = row_seller[m], row_owner[m]
                                for j in range(width):
                                    each[q, j] += f * (seller[a, j] + owner[d, j])
                                break
                for j in range(width):
                    mean[j] += p * each[q, j]
                for g in range(nests):
                    f = s.inside[i0 + (g // LANES * n + q) * LANES + g % LANES]
                    if f > 0.0 and v[g] > 0.0:
                        f *= z[q] / v[g]
                        for j in range(width):
                            together[g, j] += f * each[q, j]
            met = np.zeros((n_routes, nests))
            for m in range(over.ptr[t], over.ptr[t + 1]):
                if b.nest[m] < 0:
                    continue
                g = o.nest[b.nest_begin[e] + b.nest[m] - at.nest_ptr[t]]
                if g < 0:
                    continue
                f = part[g] * (at.length[b.nest[m]] / left.length[left.nest_ptr[e] + g])
                for i in range(over.member_ptr[m], over.member_ptr[m + 1]):
                    met[over.member[i], g] += f
            for r in range(n_routes):
                q, x = where[b.option[r0 + r]], b.route_ptr[e] + r
                if q < 0:
                    continue
                alone, inside = o.route_alone[x] * y[q] / total, o.route_inside[x] * z[q] / total
                by_nests = 0.0
                for g in range(nests):
                    by_nests += met[r, g]
                p = alone + inside * by_nests
                if p < LEAST_SHARE:
                    continue
                own = alone + inside * by_nests / at.mu
                for j in range(width):
                    value[j] = p * w * cell_value[cell, j] - at.theta[e] * (own * each[q, j] - p * mean[j])
                for g in range(nests):
                    f = at.theta[e] * inside * tie * met[r, g]
                    if f > 0.0:
                        for j in range(width):
                            value[j] += f * together[g, j]
                used[r] = True
                for j in range(width):
                    by_money[r, j] += value[j]
                    by_hour[r, j] += vot[k] * value[j]
        _over_legs(r0, n_routes, leg_ptr, leg_arc, used, by_money, money)
        _over_legs(r0, n_routes, leg_ptr, leg_arc, used, by_hour, hours)
        used[:n_routes] = False


def _over_legs(
    first: int, count: int, leg_ptr: Ints, leg_arc: Ints, used: npt.NDArray[np.bool_], value: Array, out: Array
) -> None:
    """Move the values of used routes to the arcs they take."""
    for r in range(count):
        if used[r]:
            for x in range(leg_ptr[first + r], leg_ptr[first + r + 1]):
                a = leg_arc[x]
                for j in range(out.shape[1]):
                    out[a, j] += value[r, j]
            value[r] = 0.0


def _fee_slopes(  # noqa: C901  one loop nest
    begin: int, end: int, s: Contest, entries: Rows, weight: Array, queue: Array, hot_ptr: Ints, hot_facility: Ints,
    row_ptr: Ints, row_seller: Ints, row_owner: Ints, row_weight: Array, network_share: Array, payment: Ints,
    paid_by: Ints, paid_to: Ints, fee_usd_per_t: Array, by_seller: Array, by_owner: Array,
) -> None:  # fmt: skip
    """Weight of every fee row times d fee / d time by the slopes of shares, by whose it is: ``[H, N]`` each."""
    at = s.at
    slopes, paid = np.empty((at.longest, at.longest)), np.empty(at.longest)
    y, z, p, each = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.most), np.empty(at.most)
    for cell in range(begin, end):
        if row_ptr[cell + 1] == row_ptr[cell]:
            continue
        for x in range(entries.ptr[cell], entries.ptr[cell + 1]):
            e = entries.value[x]
            k, p0 = at.commodity[e], at.ptr[e]
            n = at.ptr[e + 1] - p0
            c = -at.theta[e] * queue[k] * weight[e] * network_share[cell]
            if c == 0.0 or option_slopes(e, s, y, z, v, part, p, each, slopes) == 0.0:
                continue
            for m in range(row_ptr[cell], row_ptr[cell + 1]):
                to, by, some = row_owner[m], row_seller[m], False
                for q in range(n):
                    paid[q] = 0.0
                    for i in range(paid_by[payment[p0 + q]], paid_by[payment[p0 + q] + 1]):
                        if paid_to[i] == to:
                            paid[q] = c * row_weight[m] * fee_usd_per_t[k, i]
                            some = True
                            break
                if not some:
                    continue
                for q in range(n):
                    change = 0.0
                    for r in range(n):
                        change += slopes[q, r] * paid[r]
                    u = at.combination[p0 + q]
                    for j in range(hot_ptr[u], hot_ptr[u + 1]):
                        by_seller[hot_facility[j], by] += change
                        by_owner[hot_facility[j], to] += change


@cache
def route_values() -> Callable[..., None]:
    """Compiled :func:`_route_values`."""
    from serai.core.jit import compiled

    return compiled(_route_values, **weigh_kernels(), _over_legs=compiled(_over_legs))


@cache
def fee_slopes() -> Callable[..., None]:
    """Compiled :func:`_fee_slopes`."""
    from serai.core.jit import compiled

    return compiled(_fee_slopes, **slope_kernels())
