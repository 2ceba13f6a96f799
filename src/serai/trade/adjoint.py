"""Derivatives of welfare and tonnes: backward for many cells (adjoint), forward for few directions.

At an equilibrium F(x; p) = 0. With J = dF/dx, the gradient of an objective is

    d obj / dp = (d obj / dp at fixed x) - lambda' dF/dp,   J' lambda = d obj / dx,

one factorisation for all objectives (equations of :mod:`serai.trade.system`). A freight cost C acts through
d ln d / dC = 1 / (v + C) and, fees F being given in USD/t, through their share of value d phi / dC = -phi / (v + C).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.trade.base import Array, Ints, read_only_ids
from serai.trade.system import Linearisation, linearise

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from serai.trade.base import TradeBase
    from serai.trade.hat import TradeEquilibrium


@dataclass(frozen=True, slots=True)
class TradeGradient:
    """Gradient of G objectives, in factors: a row is a sparse sum of the few rows of a basis.

    Attributes
    ----------
    cell : int32[C]
        Flat cells (commodity * N + exporter) * N + importer of the rows of `cost`.
    of_cost : sparse float64[C, B]
        What each cell takes of the basis.
    fee_seller, fee_owner : int32[M]
        Exporter and owner of each fee row of the shock.
    fee_weight : float64[M]
        What each fee row takes of its exporter's sales, and gives of its owner's purchases.
    basis : float64[B, G]
        The adjoint variables, sales and purchases of the N economies first, and their means over what each importer
        buys of each commodity.
    direct : float64[C, H]
        What the cost of a cell does to the last H objectives, those on tonnes, beside.
    shape : tuple of int
        K, N, N.
    """

    cell: Ints
    of_cost: csr_array[np.float64]
    fee_seller: Ints
    fee_owner: Ints
    fee_weight: Array
    basis: Array
    direct: Array
    shape: tuple[int, int, int]

    @property
    def cost(self) -> Array:
        """Derivative with respect to the freight cost of each cell, fees held: float64[C, G], per USD/t."""
        out = np.asarray(self.of_cost @ self.basis)
        out[:, out.shape[1] - self.direct.shape[1] :] += self.direct
        return out

    @property
    def fee(self) -> Array:
        """Derivative with respect to each fee row of the shock, freight cost held: float64[M, G], per USD/t.

        A fee that is also paid on top raises the cost too: add both.
        """
        sell, spend = self.basis[self.fee_seller], self.basis[self.shape[1] + self.fee_owner]
        return np.asarray(self.fee_weight[:, None] * (sell - spend))

    def dense(self) -> Array:
        """Return the cost gradient as float64[K, N, N, G], zero in cells that were not asked for."""
        cost = self.cost
        out = np.zeros((int(np.prod(self.shape)), cost.shape[1]))
        out[self.cell] = cost
        return out.reshape((*self.shape, -1))


def ev_weights(base: TradeBase, eq: TradeEquilibrium) -> Array:
    """Weights [N, N] on ln welfare that make each objective an economy's equivalent variation [USD a year]."""
    return np.diag(1e6 * base.income * eq.welfare)


def _full_value(base: TradeBase, eq: TradeEquilibrium) -> Array:
    """V + C [USD/t]; infinite in closed cells."""
    return np.asarray(base.usd_per_t + eq.system.cost_usd_per_t)


def _objective_slope(base: TradeBase, lin: Linearisation, welfare: Array, moved: Array, cells: Ints) -> Array:
    """Slope of the objectives with respect to x, float64[2N, G + H]; `moved` is weight times tonnes."""
    n, objectives = base.L.size, welfare.shape[1]
    out = np.zeros((2 * n, objectives + moved.shape[1]))
    by_income = ((1 - base.gamma) * lin.Y / lin.income)[:, None] * lin.dlnw
    out[:n, :objectives] -= (by_income + lin.dlnp).T @ welfare
    out[n:, :objectives] += (lin.E / lin.income)[:, None] * welfare
    k, i, j = np.unravel_index(cells, base.V.shape)
    into = np.asarray(_ones_at(k * n + j, base.al.size) @ moved)
    out[:n, objectives:] -= np.asarray((_ones_at(i, n) * (base.theta[k] + 1.0)) @ moved)
    out[:n, objectives:] += (base.theta[:, None, None] * lin.pi).transpose(1, 0, 2).reshape(n, -1) @ into
    out[n:, objectives:] += into.reshape(base.theta.size, n, -1).sum(axis=0)
    return out


def _ones_at(row: npt.NDArray[np.intp], rows: int) -> csr_array[np.float64]:
    """Sum of what falls to each row, as a sparse matrix of ones."""
    from scipy.sparse import coo_array

    return coo_array((np.ones(row.size), (row, np.arange(row.size))), shape=(rows, row.size)).tocsr()


def trade_vjp(
    base: TradeBase,
    eq: TradeEquilibrium,
    welfare: Array | None = None,
    tonnes: Array | None = None,
    cells: Ints | None = None,
) -> TradeGradient:
    """Gradient of weighted sums of ln welfare and of tonnes with respect to freight costs and fees.

    Parameters
    ----------
    base, eq
        The base, and the equilibrium at which the derivative is taken.
    welfare : float64[N, G]
        Weights of ln welfare in each objective: the identity for every economy, :func:`ev_weights` for USD.
    tonnes : float64[C, H]
        Weights of the tonnes a year of each cell, for objectives of their own that follow those on welfare. One of
        the two must be given.
    cells : int32[C]
        Flat cells wanted; all that trade abroad by default.

    Raises
    ------
    InputError
        If no objective is given, or the shapes do not fit.
    """
    kk, n, _ = base.V.shape
    lin = linearise(base, eq.system, eq.x)
    wanted = read_only_ids(np.flatnonzero(_abroad(lin.value)) if cells is None else cells)
    _fitting(base, welfare, tonnes, wanted.size)
    welfare = np.zeros((n, 0)) if welfare is None else welfare
    tonnes = np.zeros((wanted.size, 0)) if tonnes is None else tonnes
    objectives, moved = welfare.shape[1], tonnes * eq.tonnes_per_year.ravel()[wanted, None]
    lam = np.linalg.solve(lin.jacobian.T, _objective_slope(base, lin, welfare, moved, wanted))
    through = ((1 - base.gamma) / base.gamma)[:, None]
    z = through * (lin.dwage.T @ lam)
    z[:, :objectives] += welfare * (through * ((1 - base.gamma) * lin.Y / lin.income)[:, None] - 1.0)
    sell, spend = lam[:n].copy(), lam[n:]
    sell[n - 1] = 0.0  # the last clearing equation is the numeraire, which holds no sales
    form = _forms(base, eq, lin, wanted)
    mean = form.mean @ np.concatenate((sell, spend))
    k, i, j = np.unravel_index(wanted, base.V.shape)
    # T = V / ((1+tau)(v+C) c), so that tonnes answer their cost by theta within what the importer buys, and by one.
    mean[:, objectives:] += np.asarray(_ones_at(k * n + j, kk * n) @ moved) / np.maximum(form.bought, _TINY)[:, None]
    direct = -(form.inverse[k, i, j] * (base.theta[k] + 1.0))[:, None] * moved
    basis = np.concatenate((sell, spend, z, mean))
    seller = (eq.system.fee_cell // n % n).astype(np.int32)
    return TradeGradient(
        wanted, form.cost, seller, eq.system.fee_owner, form.fee_weight, basis, direct, (kk, n, n)
    )  # fmt: skip


_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, slots=True)
class _Forms:
    """What cells take of sales, purchases, unit costs and means; what means take of the first two.

    ``cost[C, 3N + KN]``, ``mean[KN, 2N]`` and ``fee_weight[M]``; ``bought[KN]`` in million USD and
    ``inverse[K, N, N]``, 1 / (v + C) in t/USD.
    """

    cost: csr_array[np.float64]
    mean: Array
    fee_weight: Array
    bought: Array
    inverse: Array


def _forms(base: TradeBase, eq: TradeEquilibrium, lin: Linearisation, cells: Ints) -> _Forms:
    from scipy.sparse import coo_array

    system, (kk, n, _) = eq.system, base.V.shape
    inverse = 1.0 / _full_value(base, eq)
    k, i, j = np.unravel_index(cells, base.V.shape)
    by_theta = base.theta[k] * (lin.value * inverse)[k, i, j]
    row = np.arange(cells.size)
    parts = [
        (row, i, by_theta * lin.s[k, i, j]),
        (row, n + j, by_theta * lin.t[k, i, j]),
        (row, 2 * n + j, base.al[k, j] * (lin.pi * inverse)[k, i, j]),
        (row, 3 * n + k * n + j, by_theta),
    ]
    mean = np.zeros((kk, n, 2 * n))
    mean[:, :, :n] = -(lin.pi * lin.s).transpose(0, 2, 1)
    mean[:, np.arange(n), n + np.arange(n)] = -(lin.pi * lin.t).sum(axis=1)
    # A fee falls on a cell that trades, or on none.
    on = np.flatnonzero(lin.value.ravel()[system.fee_cell] > 0.0)
    k, i, j = np.unravel_index(system.fee_cell[on], base.V.shape)
    owner, worth, value = system.fee_owner[on], lin.fee_value[on], lin.value[k, i, j]
    np.subtract.at(mean, (k, j, n + owner), lin.pi[k, i, j] * worth / value)
    where = np.full(base.V.size, -1)
    where[cells] = row
    at = where[system.fee_cell[on]]
    seen, paid = at >= 0, worth * inverse[k, i, j]
    parts += [
        (at[seen], i[seen], -paid[seen]),
        (at[seen], n + owner[seen], ((base.theta[k] + 1.0) * paid)[seen]),
    ]
    rows, columns, values = (np.concatenate(x) for x in zip(*parts, strict=True))
    fee_weight = np.zeros(system.fee_cell.size)
    fee_weight[on] = value / (1.0 + system.tau[k, i, j]) * inverse[k, i, j]
    cost = coo_array((values, (rows, columns)), shape=(cells.size, 3 * n + kk * n)).tocsr()
    return _Forms(cost, mean.reshape(kk * n, 2 * n), fee_weight, lin.value.sum(axis=1).ravel(), inverse)


def _abroad(value: Array) -> npt.NDArray[np.bool_]:
    out = np.array(value > 0)
    i = np.arange(value.shape[1])
    out[:, i, i] = False
    return out


def _fitting(base: TradeBase, welfare: Array | None, tonnes: Array | None, cells: int) -> None:
    if welfare is None and tonnes is None:
        raise InputError("No objective is given", "Give weights of welfare, of tonnes, or of both.")
    if welfare is not None and (welfare.ndim != 2 or welfare.shape[0] != base.L.size):
        raise InputError(
            f"Welfare weights have shape {welfare.shape}", f"Give a row for each of {base.L.size} economies."
        )
    if tonnes is not None and (tonnes.ndim != 2 or tonnes.shape[0] != cells):
        raise InputError(f"Tonnes weights have shape {tonnes.shape}", f"Give a row for each of {cells} cells.")


@dataclass(frozen=True, slots=True)
class TradeResponse:
    """First-order response to G directions.

    Attributes
    ----------
    lnw : float64[N, G]
        Change of ln welfare.
    tonnes : float64[K, N, N, G]
        Change of tonnes a year.
    lnV : float64[K, N, N, G]
        Change of the log of value.
    x : float64[2N, G]
        Change of the unknowns (ln c, ln E).
    """

    lnw: Array
    tonnes: Array
    lnV: Array  # noqa: N815  V is value in the formulas
    x: Array


def trade_jvp(base: TradeBase, eq: TradeEquilibrium, cost: Array, fee: Array | None = None) -> TradeResponse:
    """Response to changes of freight costs and fees.

    Parameters
    ----------
    base, eq
        The base, and the equilibrium at which the derivative is taken.
    cost : float64[K, N, N, G]
        Change of freight cost [USD/t]; what it holds for closed cells has no effect.
    fee : float64[M, G]
        Change of the fee rows of the shock, costs held [USD/t]; none by default.
    """
    n, lin = base.L.size, linearise(base, eq.system, eq.x)
    if cost.shape[:3] != base.V.shape or cost.ndim != 4:
        raise InputError(f"The change of cost has shape {cost.shape}", f"Give {base.V.shape} and directions last.")
    inverse = (1.0 / _full_value(base, eq))[..., None]
    rel = np.where(lin.value[..., None] > 0, cost * inverse, 0.0)
    a = -base.theta[:, None, None, None] * rel
    abar = np.einsum("kij,kijg->kjg", lin.pi, a)
    dln = a - abar[:, None]
    lnp = -np.einsum("kj,kjg->jg", base.al / base.theta[:, None], abar)
    lnw = -((1 - base.gamma) / base.gamma)[:, None] * lnp
    df = np.zeros((2 * n, cost.shape[3]))
    df[:n] = np.einsum("kij,kijg->ig", lin.s * lin.value, dln)
    df[n:] = np.einsum("kij,kijg->jg", lin.t * lin.value, dln)
    _fees_forward(base, eq, lin, rel, dln, fee, df)
    df[n - 1] = 0.0
    df += lin.dwage @ lnw
    x = np.asarray(-np.linalg.solve(lin.jacobian, df), dtype=np.float64)
    lnc, ln_spend = x[:n], x[n:]
    lnp = np.asarray(lnp + lin.dlnp @ lnc)
    lnw = np.asarray(lnw + lin.dlnw @ lnc)
    income = lin.E[:, None] * ln_spend - ((1 - base.gamma) * lin.Y)[:, None] * lnw
    theta = base.theta[:, None, None]
    price = np.einsum("kij,ig->kjg", lin.pi, lnc)
    ln_v = dln - theta[..., None] * (lnc[None, :, None, :] - price[:, None]) + ln_spend[None, None]
    tonnes: Array = eq.tonnes_per_year[..., None] * (ln_v - lnc[None, :, None, :] - rel)
    gain: Array = income / lin.income[:, None] - lnp
    return TradeResponse(gain, tonnes, ln_v, x)


def _fees_forward(
    base: TradeBase, eq: TradeEquilibrium, lin: Linearisation, rel: Array, dln: Array, fee: Array | None, df: Array
) -> None:
    """Add the change of fee revenue, and of what exporters keep, to the change of the equations."""
    system, n = eq.system, base.L.size
    if not system.fee_cell.size:
        return
    k, i, j = np.unravel_index(system.fee_cell, base.V.shape)
    share = -lin.fee_value[:, None] * rel[k, i, j]
    if fee is not None:
        kept = lin.value[k, i, j] / (1 + system.tau[k, i, j])
        share = share + (kept / _full_value(base, eq)[k, i, j])[:, None] * fee
    np.add.at(df, i, -share)
    np.add.at(df, n + system.fee_owner, share + lin.fee_value[:, None] * dln[k, i, j])
