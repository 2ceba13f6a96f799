"""Kernels of the gradient: what routes are worth to an objective, and how fees answer the times of facilities."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from serai.freight.choice import LANES, weigh, weigh_kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.corridor.coupling import Rows
    from serai.freight.bundles import Bundling
    from serai.freight.choice import Contest
    from serai.freight.opened import Opened
    from serai.freight.search import Array, Ints

LEAST_SHARE = 1e-10
"""Share of a route that is too small to matter to a gradient."""


def _route_values(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, b: Bundling, s: Contest, o: Opened, share: Array,
    entry_cell: Ints, weight: Array, tonnes: Array, vot: Array, queue: Array, cell_value: Array, hot_value: Array,
    row_ptr: Ints, row_owner: Ints, row_value: Array, network_share: Array, paid_by: Ints, paid_to: Ints,
    fee_usd_per_t: Array,
    money: Array, hours: Array, waits: Array,
) -> None:  # fmt: skip
    """Value of a cost and of an hour on every route, and of an hour's queue at every combination of facilities.

    Direct to its cell, and through the shares it turns away: with a_r what route r has alone of its share, P_nr what
    it has by nest n, x_r what a tonne on it is worth, and means over the nest and over the entry,

        sum_s x_s dP_s / dc_r = -theta (a_r (x_r - mean) + sum_n P_nr (x_r / mu - (1 / mu - 1) mean_n - mean)).

    ``cell_value[C, G]`` per USD/t of a cell's cost, ``hot_value[K, U, G]`` per t/day over a combination of
    facilities, ``row_value[M, G]`` per USD/t of a cell's fee to an owner. Who is paid by combination u, and how much,
    is in ``paid_to`` and ``fee_usd_per_t[K]`` at ``paid_by[u]:paid_by[u + 1]``.
    """
    at, over, left, width = b.at, b.nests, s.at, cell_value.shape[1]
    each, together, mean = np.zeros((at.longest, width)), np.zeros((left.most, width)), np.zeros(width)
    y, z, v, part = np.empty(left.longest), np.empty(left.longest), np.empty(left.most), np.empty(left.most)
    where, value = np.empty(at.longest, dtype=np.int64), np.empty(width)
    tie = 1.0 / at.mu - 1.0
    for e in range(begin, end):
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
                            for j in range(width):
                                each[q, j] += w * network_share[cell] * fee_usd_per_t[k, i] * row_value[m, j]
                            break
            for j in range(width):
                mean[j] += p * each[q, j]
            for g in range(nests):
                f = s.inside[i0 + (g // LANES * n + q) * LANES + g % LANES]
                if f > 0.0 and v[g] > 0.0:
                    f *= z[q] / v[g]
                    for j in range(width):
                        together[g, j] += f * each[q, j]
        r0, n_routes = b.first_route[e], b.route_ptr[e + 1] - b.route_ptr[e]
        met = np.zeros((n_routes, nests))
        t = at.pair[e]
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
            u = left.combination[p0 + q]
            for j in range(width):
                money[r0 + r, j] += value[j]
                hours[r0 + r, j] += vot[k] * value[j]
                waits[u, j] += queue[k] * value[j]


def _fee_slopes(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, s: Contest, entries: Rows, weight: Array, queue: Array, hot_ptr: Ints, hot_facility: Ints,
    row_ptr: Ints, row_owner: Ints, row_value: Array, network_share: Array, payment: Ints, paid_by: Ints,
    paid_to: Ints, fee_usd_per_t: Array, most: int, outer: Array,
) -> None:  # fmt: skip
    """Value of every fee row, float64[M, H], times d fee / d time by the slopes of shares, into ``outer[H, H]``."""
    at, h = s.at, outer.shape[1]
    slopes = np.zeros((most, h))
    passed = np.zeros(h)
    here = np.empty(h, dtype=np.int64)
    paid, mean = np.zeros((at.longest, most)), np.zeros(most)
    y, z, p = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.most), np.empty(at.most)
    tie = 1.0 / at.mu - 1.0
    for cell in range(begin, end):
        row0, rows = row_ptr[cell], row_ptr[cell + 1] - row_ptr[cell]
        if rows == 0:
            continue
        for x in range(entries.ptr[cell], entries.ptr[cell + 1]):
            e = entries.value[x]
            k, p0, i0 = at.commodity[e], at.ptr[e], at.inside_ptr[e]
            n, nests = at.ptr[e + 1] - p0, at.nest_ptr[e + 1] - at.nest_ptr[e]
            c = at.theta[e] * queue[k] * weight[e]
            if c == 0.0:
                continue
            _, total = weigh(e, s, y, z, v, part)
            if total == 0.0:
                continue
            for q in range(n):
                p[q] = s.alone[p0 + q] * y[q] / total
                paid[q, :rows] = 0.0
                for i in range(paid_by[payment[p0 + q]], paid_by[payment[p0 + q] + 1]):
                    for m in range(rows):
                        if row_owner[row0 + m] == paid_to[i]:
                            paid[q, m] = fee_usd_per_t[k, i]
                            break
                # What is alone is a nest of one, whose own part and cross part are the same.
                _add_slope(at.combination[p0 + q], hot_ptr, hot_facility, c * p[q] * tie, paid[q], rows, slopes)
            for g in range(nests + 1):
                whole = g == nests
                part_of, found, i = 1.0, 0, i0 + g // LANES * n * LANES + g % LANES
                if not whole:
                    part_of = part[g] * v[g] / total
                    if part_of == 0.0:
                        continue
                mean[:rows] = 0.0
                for q in range(n):
                    each = p[q] if whole else s.inside[i + q * LANES] * z[q] / v[g]
                    if not whole:
                        p[q] += part_of * each
                    if each == 0.0:
                        continue
                    for m in range(rows):
                        mean[m] += each * paid[q, m]
                    u = at.combination[p0 + q]
                    for j in range(hot_ptr[u], hot_ptr[u + 1]):
                        f = hot_facility[j]
                        if passed[f] == 0.0:
                            here[found] = f
                            found += 1
                        passed[f] += each
                factor = c * (1.0 if whole else tie * part_of)
                for j in range(found):
                    f = here[j]
                    for m in range(rows):
                        slopes[m, f] += factor * mean[m] * passed[f]
                    passed[f] = 0.0
            for q in range(n):
                _add_slope(at.combination[p0 + q], hot_ptr, hot_facility, -c * p[q] / at.mu, paid[q], rows, slopes)
        for m in range(rows):
            for f in range(h):
                x = slopes[m, f] * network_share[cell]
                if x != 0.0:
                    slopes[m, f] = 0.0
                    for i in range(h):
                        outer[f, i] += x * row_value[row0 + m, i]


def _add_slope(
    combination: int, hot_ptr: Ints, hot_facility: Ints, factor: float, paid: Array, rows: int, slopes: Array
) -> None:
    for j in range(hot_ptr[combination], hot_ptr[combination + 1]):
        for m in range(rows):
            slopes[m, hot_facility[j]] += factor * paid[m]


@cache
def route_values() -> Callable[..., None]:
    """Compiled :func:`_route_values`."""
    from serai.core.jit import compiled

    return compiled(_route_values, **weigh_kernels())


@cache
def fee_slopes() -> Callable[..., None]:
    """Compiled :func:`_fee_slopes`."""
    from serai.core.jit import compiled

    return compiled(_fee_slopes, **weigh_kernels(), _add_slope=compiled(_add_slope))
