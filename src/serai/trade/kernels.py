"""Compiled loops of the trade equilibrium. Import this module only inside functions: it loads numba.

Plain twins stand in :mod:`serai.trade.system`. Inner loops run over contiguous memory without reductions, so that
they vectorise without reordering sums: the same inputs give the same bytes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from serai.core.elementary import elementary, exponential, logarithm
from serai.core.jit import compiled

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


def _shock_arrays(  # noqa: C901, PLR0912  one loop nest
    pi: Array,
    v: Array,
    cost0: Array,
    tau0: Array,
    cost: Array,
    tau: Array,
    stranded: Array,
    theta: Array,
    fee_cell: Ints,
    fee_usd_per_t: Array,
    a: Array,
    net: Array,
    sells: Array,
    fee: Array,
) -> tuple[int, int]:
    """Fill preferences times cost changes, net of tariff, of fees (transposed), and fee coefficients.

    Returns the cells that closed, and those whose fees exceed the freight cost they are part of.
    """
    kk, n, _ = pi.shape
    closed = 0
    overpaid = 0
    phi = np.zeros(n * n * kk)
    full = (v + cost).ravel()
    last, inverse = -1, 0.0
    for e in range(fee_cell.size):
        c = fee_cell[e]
        if c != last:
            # Rows of a cell follow each other, and a division takes as long as all the rest.
            last, inverse = c, 1.0 / full[c]
        phi[c] += fee_usd_per_t[e] * inverse
    moved, change = np.empty(n, dtype=np.int64), np.empty(n)
    for k in range(kk):
        for i in range(n):
            count = 0
            for j in range(n):
                p = pi[k, i, j]
                c1 = cost[k, i, j]
                if p > 0.0:
                    if c1 == np.inf or stranded[k, i, j] >= 1.0:
                        closed += 1
                        p = 0.0
                    else:
                        p *= 1.0 - stranded[k, i, j]
                        if c1 != cost0[k, i, j] or tau[k, i, j] != tau0[k, i, j]:
                            moved[count] = j
                            count += 1
                a[k, i, j] = p
            for x in range(count):
                j = moved[x]
                before = (1.0 + tau0[k, i, j]) * (v[k, i, j] + cost0[k, i, j])
                change[x] = (1.0 + tau[k, i, j]) * (v[k, i, j] + cost[k, i, j]) / before
            for x in range(count):
                change[x] = exponential(-theta[k] * logarithm(change[x]))
            for x in range(count):
                a[k, i, moved[x]] *= change[x]
            for j in range(n):
                h = a[k, i, j] / (1.0 + tau[k, i, j])
                net[k, i, j] = h
                sells[k, j, i] = h * (1.0 - phi[(k * n + i) * n + j])
    freight, kept = cost.ravel(), net.ravel()
    last = -1
    for e in range(fee_cell.size):
        c = fee_cell[e]
        fee[e] = 0.0
        if kept[c] > 0.0:
            if phi[c] * full[c] > freight[c] * (1.0 + 1e-9):
                overpaid += 1
                phi[c] = 0.0  # counted once, however many owners
            if c != last:
                last, inverse = c, 1.0 / full[c]
            fee[e] = kept[c] * fee_usd_per_t[e] * inverse
    return closed, overpaid


shock_arrays = compiled(_shock_arrays, **elementary())


@compiled
def add_fees(g: Array, q: Array, fee_cell: Ints, fee_owner: Ints, fee: Array, out: Array) -> None:
    """Add the revenue of every fee to its owner's: g [K, N] of exporters times q [K, N] of importers."""
    n = g.shape[1]
    last, u = -1, 0.0
    for e in range(fee_cell.size):
        c = fee_cell[e]
        if c != last:
            # Rows of a cell follow each other, and a division takes as long as all the rest.
            last, row = c, c // n
            k = row // n
            u = g[k, row - k * n] * q[k, c - row * n]
        out[fee_owner[e]] += fee[e] * u


@compiled
def residual(  # noqa: C901, PLR0912  one loop nest
    x: Array,
    a: Array,
    net: Array,
    sells: Array,
    fee_cell: Ints,
    fee_owner: Ints,
    fee: Array,
    al: Array,
    al_n: Array,
    theta: Array,
    gamma: Array,
    labour: Array,
    deficit: Array,
    proportional: bool,
    f: Array,
    lnw: Array,
    lnp: Array,
    q: Array,
    den: Array,
) -> None:
    """Fill the 2N equations and ln w, ln P, spending per unit of preference q, and price sums den."""
    kk, n, _ = a.shape
    h = np.empty(n)
    g = np.empty((kk, n))
    spend = np.empty(n)
    for j in range(n):
        spend[j] = np.exp(x[n + j])
        lnp[j] = al_n[j] * x[j]
        f[j] = al_n[j] * spend[j]
        f[n + j] = 0.0
    for k in range(kk):
        t = theta[k]
        for j in range(n):
            den[k, j] = 0.0
            h[j] = 0.0
        for i in range(n):
            gi = np.exp(-t * x[i])
            g[k, i] = gi
            for j in range(n):
                den[k, j] += gi * a[k, i, j]
                h[j] += gi * net[k, i, j]
        for j in range(n):
            q[k, j] = 0.0
            if al[k, j] > 0.0:
                lnp[j] -= al[k, j] / t * np.log(den[k, j])
                q[k, j] = al[k, j] * spend[j] / den[k, j]
                f[n + j] += q[k, j] * (den[k, j] - h[j])
        for i in range(n):
            h[i] = 0.0
        for j in range(n):
            qj = q[k, j]
            if qj > 0.0:
                for i in range(n):
                    h[i] += qj * sells[k, j, i]
        for i in range(n):
            f[i] += g[k, i] * h[i]
    add_fees(g, q, fee_cell, fee_owner, fee, f[n:])
    wages = 0.0
    world = 0.0
    lost = 0.0
    for i in range(n):
        lnw[i] = (x[i] - (1.0 - gamma[i]) * lnp[i]) / gamma[i]
        h[i] = labour[i] * np.exp(lnw[i])
        f[i] -= h[i] / gamma[i]
        wages += h[i]
        world += labour[i]
        lost += deficit[i] / labour[i] * h[i]
    for j in range(n):
        d = (deficit[j] / labour[j] - lost / wages) * h[j] if proportional else deficit[j]
        f[n + j] += h[j] / gamma[j] + d - spend[j]
    f[n - 1] = wages - world


@compiled
def chord_anderson(
    x: Array,
    q: Array,
    chord_t: Array,
    scale: Array,
    memory: int,
    tol: float,
    max_iterations: int,
    a: Array,
    net: Array,
    sells: Array,
    fee_cell: Ints,
    fee_owner: Ints,
    fee: Array,
    al: Array,
    al_n: Array,
    theta: Array,
    gamma: Array,
    labour: Array,
    deficit: Array,
    proportional: bool,
) -> tuple[int, float]:
    """Chord steps with the base Jacobian, mixed by Anderson's method; changes x, and q that goes with it, in place."""
    kk, n, _ = a.shape
    m2 = 2 * n
    f = np.empty(m2)
    lnw = np.empty(n)
    lnp = np.empty(n)
    den = np.empty((kk, n))
    dx = np.zeros((memory, m2))
    dz = np.zeros((memory, m2))
    x_old = x.copy()
    z_old = np.zeros(m2)
    z = np.empty(m2)
    count = 0
    r = np.inf
    for it in range(max_iterations + 1):
        residual(
            x, a, net, sells, fee_cell, fee_owner, fee, al, al_n, theta, gamma, labour, deficit, proportional,
            f, lnw, lnp, q, den,
        )  # fmt: skip
        r = 0.0
        for i in range(m2):
            f[i] /= scale[i]
            if not np.isfinite(f[i]):
                return it, np.inf
            r = max(r, abs(f[i]))
        if r <= tol or it == max_iterations:
            return it, r
        z[:] = 0.0
        for i in range(m2):
            fi = f[i]
            for j in range(m2):
                z[j] -= fi * chord_t[i, j]
        if it > 0 and memory > 0:
            s = count % memory
            for i in range(m2):
                dx[s, i] = x[i] - x_old[i]
                dz[s, i] = z[i] - z_old[i]
            count += 1
        x_old[:] = x
        z_old[:] = z
        used = min(count, memory)
        if used > 0:
            mix(dx, dz, z, used)
        top = 0.0
        for i in range(m2):
            top = max(top, abs(z[i]))
        cut = 1.0 / top if top > 1.0 else 1.0  # a step of more than one in logs leaves the basin
        for i in range(m2):
            x[i] += cut * z[i]
    return max_iterations, r


@compiled
def mix(dx: Array, dz: Array, z: Array, used: int) -> None:  # noqa: C901, PLR0912  one small solve
    """Replace the step z by Anderson's: least squares over the last differences, by a regularised Cholesky."""
    m2 = z.size
    g = np.empty((used, used))
    h = np.empty(used)
    trace = 0.0
    for a in range(used):
        h[a] = 0.0
        for i in range(m2):
            h[a] += dz[a, i] * z[i]
        for b in range(a + 1):
            s = 0.0
            for i in range(m2):
                s += dz[a, i] * dz[b, i]
            g[a, b] = s
        trace += g[a, a]
    for a in range(used):
        g[a, a] += 1e-14 * trace
    for a in range(used):
        for b in range(a + 1):
            s = g[a, b]
            for c in range(b):
                s -= g[a, c] * g[b, c]
            if a == b:
                if s <= 0.0:
                    return
                g[a, a] = np.sqrt(s)
            else:
                g[a, b] = s / g[b, b]
    for a in range(used):
        for c in range(a):
            h[a] -= g[a, c] * h[c]
        h[a] /= g[a, a]
    for a in range(used - 1, -1, -1):
        for c in range(a + 1, used):
            h[a] -= g[c, a] * h[c]
        h[a] /= g[a, a]
    for a in range(used):
        for i in range(m2):
            z[i] -= h[a] * (dx[a, i] + dz[a, i])


@compiled
def settle(
    x: Array,
    q: Array,
    a: Array,
    net: Array,
    sells: Array,
    theta: Array,
    value: Array,
    sales: Array,
    bought: Array,
    tariffs: Array,
) -> None:
    """Fill values, and each economy's sales net of tariff and fees, purchases and tariff revenue."""
    kk, n, _ = a.shape
    g = np.empty(n)
    sales[:] = 0.0
    bought[:] = 0.0
    tariffs[:] = 0.0
    for k in range(kk):
        for i in range(n):
            gi = np.exp(-theta[k] * x[i])
            g[i] = gi
            for j in range(n):
                u = gi * q[k, j]
                w = a[k, i, j] * u
                value[k, i, j] = w
                bought[j] += w
                tariffs[j] += w - net[k, i, j] * u
        for j in range(n):
            qj = q[k, j]
            for i in range(n):
                sales[i] += sells[k, j, i] * g[i] * qj


@compiled
def fee_income(x: Array, q: Array, theta: Array, fee_cell: Ints, fee_owner: Ints, fee: Array, out: Array) -> None:
    """Add the revenue of every fee to its owner's."""
    kk, n = q.shape
    g = np.empty((kk, n))
    for k in range(kk):
        for i in range(n):
            g[k, i] = np.exp(-theta[k] * x[i])
    add_fees(g, q, fee_cell, fee_owner, fee, out)
