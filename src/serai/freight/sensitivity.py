"""How flows of facilities answer a change of their times, at fixed demand."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from serai.core.threads import in_parts
from serai.freight.choice import LANES, Contest, nests_plain, weigh, weigh_kernels
from serai.freight.prepared import FreightModel, Prepared, contest_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.search import Array, Ints


def _spread(  # noqa: C901, PLR0912
    which: Ints, s: Contest, hot_ptr: Ints, hot_facility: Ints, slope: Array, unit_per_t: Array, unit: Ints,
    diagonal: Array, outer: Array,
) -> None:  # fmt: skip
    """Sum, over some entries, what a change of times does to flows, into ``outer[H, H]``.

    ``slope[E]`` is theta times the cost of an hour times tonnes; ``diagonal[K, U]`` is scratch.
    """
    at = s.at
    y, z, p = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.most), np.empty(at.most)
    where = np.full(unit.size, -1, dtype=np.int64)
    here = np.empty(unit.size, dtype=np.int64)
    met = np.empty(unit.size)
    tie = 1.0 / at.mu - 1.0
    for place in range(which.size):
        e = which[place]
        k, p0, i0 = at.commodity[e], at.ptr[e], at.inside_ptr[e]
        n, nests = at.ptr[e + 1] - p0, at.nest_ptr[e + 1] - at.nest_ptr[e]
        _, total = weigh(e, s, y, z, v, part)
        if total == 0.0:
            continue
        for q in range(n):
            p[q] = s.alone[p0 + q] * y[q] / total
            diagonal[k, at.combination[p0 + q]] -= slope[e] * tie * p[q]
        # The nests of the entry, and after them all its options as one.
        for g in range(nests + 1):
            whole = g == nests
            weight, found, i = 1.0, 0, i0 + g // LANES * n * LANES + g % LANES
            if not whole:
                weight = part[g] * v[g] / total
                if weight == 0.0:
                    continue
            for q in range(n):
                each = p[q] if whole else s.inside[i + q * LANES] * z[q] / v[g]
                if each == 0.0:
                    continue
                if not whole:
                    p[q] += weight * each
                h = at.combination[p0 + q]
                for j in range(hot_ptr[h], hot_ptr[h + 1]):
                    f = hot_facility[j]
                    if where[f] < 0:
                        where[f], here[found], met[found] = found, f, 0.0
                        found += 1
                    met[where[f]] += each
            factor = slope[e] * (1.0 if whole else tie * weight)
            for x in range(found):
                a = here[x]
                where[a] = -1
                w = factor * met[x] * unit_per_t[unit[a], k]
                for j in range(found):
                    outer[a, here[j]] += w * met[j]
        for q in range(n):
            diagonal[k, at.combination[p0 + q]] += slope[e] * p[q] / at.mu
    for c in range(hot_ptr.size - 1):
        for i in range(hot_ptr[c], hot_ptr[c + 1]):
            a = hot_facility[i]
            w = 0.0
            for k in range(diagonal.shape[0]):
                w += unit_per_t[unit[a], k] * diagonal[k, c]
            for j in range(hot_ptr[c], hot_ptr[c + 1]):
                outer[a, hot_facility[j]] -= w


@cache
def _spread_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_spread, **weigh_kernels())


def flow_sensitivity(m: FreightModel, prepared: Prepared, time_h: Array, tonnes_per_day: Array) -> Array:
    """dflow_a / dT_b at fixed demand: float64[H, H], in units a day per h.

    With P the shares of an entry's routes, P_n those of its nests and P_r|n those inside a nest,
    dP_r / dc_s = -theta (P_r / mu delta_rs - (1 / mu - 1) sum_n P_n P_r|n P_s|n - P_r P_s).
    """
    f = m.facilities
    slope = m.theta * m.queue_usd_per_t_h[m.entries.commodity] * tonnes_per_day
    which, s, kernel = np.flatnonzero(slope).astype(np.int32), contest_at(m, prepared, time_h), _spread_kernel()

    def part(begin: int, end: int) -> Array:
        diagonal, outer = np.zeros((m.n_commodities, m.hot.n)), np.zeros((f.n, f.n))
        kernel(which[begin:end], s, m.hot.ptr, m.hot.member, slope, f.unit_per_t, f.unit, diagonal, outer)
        return outer

    return np.asarray(np.sum(in_parts(part, which.size), axis=0))


def share_slopes_plain(s: Contest, e: int) -> Array:
    """DP_r / dc_s of the n options of an entry: float64[n, n], t/USD; in plain NumPy."""
    mu = s.at.mu
    nest, within, _ = nests_plain(s, e)
    nest = nest / nest.sum()
    p, inside = nest @ within, within.T @ (nest[:, None] * within)
    return np.asarray(-s.at.theta[e] * (np.diag(p) / mu - (1.0 / mu - 1.0) * inside - np.outer(p, p)))


def flow_sensitivity_plain(m: FreightModel, prepared: Prepared, time_h: Array, tonnes_per_day: Array) -> Array:
    """Do the same as :func:`flow_sensitivity` in plain NumPy, entry by entry."""
    f, e = m.facilities, m.entries
    s = contest_at(m, prepared, time_h)
    out = np.zeros((f.n, f.n))
    for i in np.flatnonzero(tonnes_per_day > 0).tolist():
        k = int(e.commodity[i])
        delta = m.incidence[s.at.combination[s.at.ptr[i] : s.at.ptr[i + 1]]]
        dflow = delta.T @ share_slopes_plain(s, i) @ delta
        out += m.queue_usd_per_t_h[k] * tonnes_per_day[i] * f.unit_per_t[f.unit, k][:, None] * dflow
    return out
