"""The equations of the trade equilibrium, and their Jacobian.

Exact hat algebra (Dekle, Eaton and Kortum 2008) with several commodities, a non-traded sector, roundabout inputs
c = w^gamma P^(1-gamma), tariffs, deficits, and freight that is added to the value:

    pi'_kij = A_kij c_i^-theta_k / sum_m,   A = pi d^-theta,   d = (1+tau')(v+C') / ((1+tau)(v+C)),
    V = pi' al_jk E_j,   ln w = (ln c - (1-gamma) ln P) / gamma.

Unknowns are x = (ln c, ln E): with c instead of w the loop through inputs is explicit. Equations, i = 1..N:

    F1_i: sum_kj (1-phi)/(1+tau) V + al_n,i E_i - w_i L_i / gamma = 0        (the last is the numeraire: sum wL = sum L)
    F2_j: w_j L_j / gamma + D_j + tariffs_j + fees_j - E_j = 0

phi is the share of fees in the value with freight. Fees are income of their owners; the rest of the freight cost is
paid in the exporter's own output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError

if TYPE_CHECKING:
    from serai.trade.base import Array, Ints, TradeBase, TradeShock


@dataclass(frozen=True, slots=True)
class System:
    """A shock made ready for the solver.

    Attributes
    ----------
    a : float64[K, N, N]
        Base share times cost change, d^-theta, times the share that still has a way.
    net : float64[K, N, N]
        The same over 1 + tariff.
    sells : float64[K, N, N]
        The same less fees, indexed [commodity, importer, exporter].
    fee : float64[M]
        Fee coefficient of each row of the shock's fees.
    cost_usd_per_t, tau : float64[K, N, N]
        Freight cost and tariff of the counterfactual.
    fee_cell, fee_owner : int32[M]
        Where each fee falls due and whose income it is.
    fee_usd_per_t : float64[M]
        Fee [USD/t].
    closed : int
        Cells that traded in the base and cannot any more.
    overpaid : int
        Cells whose fees exceed the freight cost they are part of, which would make moving goods produce some.
    """

    a: Array
    net: Array
    sells: Array
    fee: Array
    cost_usd_per_t: Array
    tau: Array
    fee_cell: Ints
    fee_owner: Ints
    fee_usd_per_t: Array
    closed: int
    overpaid: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The equations at a point.

    Attributes
    ----------
    f : float64[2N]
        Residuals [million USD].
    lnw, lnp : float64[N]
        Logs of wage and price index, zero at the base.
    q : float64[K, N]
        Spending over the sum that makes the price index, so that V = a c^-theta q.
    """

    f: Array
    lnw: Array
    lnp: Array
    q: Array


def _checked(base: TradeBase, shock: TradeShock) -> None:
    shape = base.V.shape
    for name in ("cost_usd_per_t", "tariff", "stranded"):
        value = getattr(shock, name)
        if value is not None and value.shape != shape:
            raise InputError(f"{name} of the shock has shape {value.shape}", f"The base has {shape}.")
    if np.isnan(shock.cost_usd_per_t).any():
        raise InputError("cost_usd_per_t of the shock holds not-a-number", "Use infinity where there is no way.")
    fees = shock.fees
    if not fees.cell.shape == fees.owner.shape == fees.usd_per_t.shape:
        raise InputError("Fees of the shock have columns of different lengths", "Give one row per cell and owner.")
    known = (fees.cell >= 0) & (fees.cell < base.V.size) & (fees.owner >= 0) & (fees.owner < shape[1])
    if not known.all():
        raise InputError("Fees of the shock name a cell or an owner that does not exist", "Count from zero.")


def prepare(base: TradeBase, shock: TradeShock) -> System:
    """Hoist out of the iteration all that does not change in it.

    Raises
    ------
    InputError
        If shapes differ from the base, or a fee names what does not exist.
    """
    from serai.trade.base import read_only
    from serai.trade.kernels import shock_arrays

    _checked(base, shock)
    fees = shock.fees
    tau = base.tau if shock.tariff is None else shock.tariff
    stranded = read_only(np.zeros(base.V.shape)) if shock.stranded is None else shock.stranded
    a, net, sells, fee = (
        np.empty(base.V.shape),
        np.empty(base.V.shape),
        np.empty(base.V.shape),
        np.empty(fees.cell.size),
    )
    closed, overpaid = shock_arrays(
        base.pi, base.usd_per_t, base.cost_usd_per_t, base.tau, shock.cost_usd_per_t, tau, stranded, base.theta,
        fees.cell, fees.usd_per_t, a, net, sells, fee,
    )  # fmt: skip
    return System(
        a, net, sells, fee, shock.cost_usd_per_t, tau, fees.cell, fees.owner, fees.usd_per_t, closed, overpaid
    )


def deficits(base: TradeBase, wage: Array) -> Array:
    """Deficits under the closure of the base, float64[N], given value added `wage` [N] [million USD]."""
    if not base.proportional:
        return base.D
    delta = base.D / base.L
    return np.asarray((delta - (delta * wage).sum() / wage.sum()) * wage)


def evaluate(base: TradeBase, system: System, x: Array) -> Evaluation:
    """Residuals of the equations at x, by the compiled kernel."""
    from serai.trade.kernels import residual

    n, k = base.L.size, base.theta.size
    out = Evaluation(np.empty(2 * n), np.empty(n), np.empty(n), np.empty((k, n)))
    residual(
        x, system.a, system.net, system.sells, system.fee_cell, system.fee_owner, system.fee, base.al, base.al_n,
        base.theta, base.gamma, base.L, base.D, base.proportional, out.f, out.lnw, out.lnp, out.q, np.empty((k, n)),
    )  # fmt: skip
    return out


def evaluate_plain(base: TradeBase, system: System, x: Array) -> Evaluation:
    """Do the same as :func:`evaluate` in plain NumPy."""
    n = base.L.size
    lnc, spend = x[:n], np.exp(x[n:])
    g = np.exp(-base.theta[:, None] * lnc)
    den = np.einsum("ki,kij->kj", g, system.a)
    used = base.al > 0
    q = np.where(used, base.al * spend / np.where(used, den, 1.0), 0.0)
    terms = np.where(used, base.al / base.theta[:, None] * np.log(np.where(used, den, 1.0)), 0.0)
    lnp = base.al_n * lnc - terms.sum(axis=0)
    lnw = (lnc - (1 - base.gamma) * lnp) / base.gamma
    wage = base.L * np.exp(lnw)
    clearing = np.einsum("ki,kji,kj->i", g, system.sells, q) + base.al_n * spend - wage / base.gamma
    clearing[-1] = wage.sum() - base.L.sum()
    tariffs = np.einsum("ki,kij,kj->j", g, system.a - system.net, q)
    k, i, j = np.unravel_index(system.fee_cell, base.V.shape)
    fees = np.bincount(system.fee_owner, weights=system.fee * g[k, i] * q[k, j], minlength=n)
    budget = wage / base.gamma + deficits(base, wage) + tariffs + fees - spend
    return Evaluation(np.concatenate((clearing, budget)), lnw, lnp, q)


@dataclass(frozen=True, slots=True)
class Linearisation:
    """Derivatives of the equations at a point.

    Attributes
    ----------
    jacobian : float64[2N, 2N]
        dF / d(ln c, ln E).
    value, pi, s, t : float64[K, N, N]
        V, its share in the importer's spending, (1-phi)/(1+tau) and tau/(1+tau).
    fee_phi, fee_value : float64[M]
        Fee over value with freight, and fee revenue [million USD], of each fee row.
    dlnp, dlnw : float64[N, N]
        d ln P_j / d ln c_m and d ln w_j / d ln c_m.
    dwage : float64[2N, N]
        dF / d ln w.
    Y, E, income : float64[N]
        Gross output, spending and final expenditure [million USD].
    """

    jacobian: Array
    value: Array
    pi: Array
    s: Array
    t: Array
    fee_phi: Array
    fee_value: Array
    dlnp: Array
    dlnw: Array
    dwage: Array
    Y: Array
    E: Array
    income: Array


def wage_block(base: TradeBase, wage: Array, y: Array) -> Array:
    """DF / d ln w, float64[2N, N], at value added `wage` and output `y`, float64[N], million USD."""
    n = y.size
    out = np.zeros((2 * n, n))
    i = np.arange(n)
    out[i, i] = -y
    out[n - 1] = wage
    out[n + i, i] = y
    if base.proportional:
        delta, world = base.D / base.L, wage.sum()
        lost = (delta * wage).sum() / world
        out[n + i, i] += (delta - lost) * wage
        out[n:] -= np.outer(wage / world, (delta - lost) * wage)
    return out


def linearise(base: TradeBase, system: System, x: Array) -> Linearisation:
    """Values and the analytic Jacobian at x."""
    n, at = base.L.size, evaluate(base, system, x)
    i_ = np.arange(n)
    g = np.exp(-base.theta[:, None] * x[:n])
    value = system.a * g[:, :, None] * at.q[:, None, :]
    bought = value.sum(axis=1)
    pi = value / np.where(bought > 0, bought, 1.0)[:, None, :]
    t = system.tau / (1 + system.tau)
    traded = system.net > 0
    s = np.where(traded, system.sells.transpose(0, 2, 1) / np.where(traded, system.a, 1.0), 0.0)
    k, i, j = np.unravel_index(system.fee_cell, base.V.shape)
    fee_value = system.fee * g[k, i] * at.q[k, j]
    live = system.fee > 0
    full = base.usd_per_t[k, i, j] + system.cost_usd_per_t[k, i, j]
    fee_phi = np.where(live, system.fee_usd_per_t / np.where(live, full, 1.0), 0.0)
    spend, wage = np.exp(x[n:]), base.L * np.exp(at.lnw)
    y = wage / base.gamma
    dlnp = np.einsum("kj,kmj->jm", base.al, pi)
    dlnp[i_, i_] += base.al_n
    dlnw = -((1 - base.gamma) / base.gamma)[:, None] * dlnp
    dlnw[i_, i_] += 1 / base.gamma
    s_v, t_v, pi_t = s * value, t * value, pi * base.theta[:, None, None]
    jac = np.zeros((2 * n, 2 * n))
    top, low = jac[:n], jac[n:]
    top[:, :n] = np.matmul(s_v, pi_t.transpose(0, 2, 1)).sum(axis=0)
    top[i_, i_] -= (base.theta[:, None] * s_v.sum(axis=2)).sum(axis=0)
    top[:, n:] = s_v.sum(axis=0)
    top[i_, n + i_] += base.al_n * spend
    low[:, :n] = np.einsum("kj,kmj->jm", t_v.sum(axis=1), pi_t) - np.einsum("k,kmj->jm", base.theta, t_v)
    low[i_, n + i_] += t_v.sum(axis=(0, 1)) - spend
    if fee_value.size:
        np.add.at(low, (system.fee_owner, i), -base.theta[k] * fee_value)
        np.add.at(low, (system.fee_owner, n + j), fee_value)
        by_owner = np.zeros((n, base.theta.size, n))
        np.add.at(by_owner, (system.fee_owner, k, j), fee_value)
        low[:, :n] += np.einsum("okj,kmj->om", by_owner, pi_t)
    jac[n - 1] = 0.0
    dwage = wage_block(base, wage, y)
    jac[:, :n] += dwage @ dlnw
    return Linearisation(
        jac, value, pi, s, t, fee_phi, fee_value, dlnp, dlnw, dwage, y, spend, spend - (1 - base.gamma) * y
    )
