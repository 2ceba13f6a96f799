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


def option_slopes(
    e: int, s: Contest, y: Array, z: Array, v: Array, part: Array, p: Array, each: Array, slopes: Array
) -> float:
    """Slopes of the shares of an entry's options by their costs over minus theta, into the corner of ``slopes``.

    All arrays but the entry and its contest are room to work in; gives zero where no option is open.
    """
    at = s.at
    p0, i0 = at.ptr[e], at.inside_ptr[e]
    n, nests = at.ptr[e + 1] - p0, at.nest_ptr[e + 1] - at.nest_ptr[e]
    tie = 1.0 / at.mu - 1.0
    _, total = weigh(e, s, y, z, v, part)
    if total == 0.0:
        return 0.0
    for q in range(n):
        # What is alone is a nest of one, whose own part and cross part are the same.
        p[q] = s.alone[p0 + q] * y[q] / total
        slopes[q, :n] = 0.0
        slopes[q, q] = -tie * p[q]
    for g in range(nests):
        weight = part[g] * v[g] / total
        if weight == 0.0:
            continue
        i = i0 + g // LANES * n * LANES + g % LANES
        for q in range(n):
            each[q] = s.inside[i + q * LANES] * z[q] / v[g]
            p[q] += weight * each[q]
        for q in range(n):
            x = tie * weight * each[q]
            if x > 0.0:
                for r in range(q + 1):
                    slopes[q, r] -= x * each[r]
    for q in range(n):
        for r in range(q + 1):
            slopes[q, r] -= p[q] * p[r]
        slopes[q, q] += p[q] / at.mu
        for r in range(q):
            slopes[r, q] = slopes[q, r]
    return float(total)


def _spread(  # noqa: C901  one loop nest
    which: Ints, s: Contest, hot_ptr: Ints, hot_facility: Ints, most_met: int, slope: Array, unit_per_t: Array,
    unit: Ints, outer: Array,
) -> None:  # fmt: skip
    """Sum, over some entries, what a change of times does to flows, into ``outer[H, H]``.

    ``slope[E]`` is theta times the cost of an hour times tonnes. The slopes of an entry's options are brought to the
    facilities it meets, at most ``most_met``.
    """
    at = s.at
    y, z, p = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest)
    v, part, each = np.empty(at.most), np.empty(at.most), np.empty(at.longest)
    slopes = np.empty((at.longest, at.longest))
    met, moved = np.empty((at.longest, most_met)), np.empty(most_met)
    where = np.full(unit.size, -1, dtype=np.int64)
    here = np.empty(most_met, dtype=np.int64)
    for place in range(which.size):
        e = which[place]
        k, p0 = at.commodity[e], at.ptr[e]
        n = at.ptr[e + 1] - p0
        if option_slopes(e, s, y, z, v, part, p, each, slopes) == 0.0:
            continue
        found = 0
        for q in range(n):
            h = at.combination[p0 + q]
            for j in range(hot_ptr[h], hot_ptr[h + 1]):
                f = hot_facility[j]
                if where[f] < 0:
                    where[f], here[found] = found, f
                    for x in range(n):
                        met[x, found] = 0.0
                    found += 1
                met[q, where[f]] += 1.0
        for q in range(n):
            moved[:found] = 0.0
            for r in range(n):
                for x in range(found):
                    moved[x] += slopes[q, r] * met[r, x]
            h = at.combination[p0 + q]
            for j in range(hot_ptr[h], hot_ptr[h + 1]):
                a = hot_facility[j]
                w = slope[e] * unit_per_t[unit[a], k]
                for x in range(found):
                    outer[a, here[x]] -= w * moved[x]
        for x in range(found):
            where[here[x]] = -1


@cache
def slope_kernels() -> dict[str, Callable[..., object]]:
    """Compiled :func:`option_slopes`, for kernels that call it."""
    from serai.core.jit import inlined

    return {"option_slopes": inlined(option_slopes, weigh=weigh_kernels()["weigh"])}


@cache
def _spread_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_spread, **slope_kernels())


def flow_sensitivity(m: FreightModel, prepared: Prepared, time_h: Array, tonnes_per_day: Array) -> Array:
    """dflow_a / dT_b at fixed demand: float64[H, H], in units a day per h.

    With P the shares of an entry's routes, P_n those of its nests and P_r|n those inside a nest,
    dP_r / dc_s = -theta (P_r / mu delta_rs - (1 / mu - 1) sum_n P_n P_r|n P_s|n - P_r P_s).
    """
    f = m.facilities
    slope = m.theta * m.queue_usd_per_t_h[m.entries.commodity] * tonnes_per_day
    which, s, kernel = np.flatnonzero(slope).astype(np.int32), contest_at(m, prepared, time_h), _spread_kernel()
    met = min(f.n, s.at.longest * int(np.diff(m.hot.ptr).max(initial=0)))

    def part(begin: int, end: int) -> Array:
        outer = np.zeros((f.n, f.n))
        kernel(which[begin:end], s, m.hot.ptr, m.hot.member, met, slope, f.unit_per_t, f.unit, outer)
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
