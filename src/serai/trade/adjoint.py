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
    from serai.trade.base import TradeBase
    from serai.trade.hat import TradeEquilibrium


@dataclass(frozen=True, slots=True)
class TradeGradient:
    """Gradient of G objectives.

    Attributes
    ----------
    cell : int32[C]
        Flat cells (commodity * N + exporter) * N + importer of the rows of `cost`.
    cost : float64[C, G]
        Derivative with respect to the freight cost of each cell, fees held, per USD/t.
    fee : float64[M, G]
        Derivative with respect to each fee row of the shock, freight cost held, per USD/t. A fee that is also paid
        on top raises the cost too: add both.
    shape : tuple of int
        K, N, N.
    """

    cell: Ints
    cost: Array
    fee: Array
    shape: tuple[int, int, int]

    def dense(self) -> Array:
        """Return the cost gradient as float64[K, N, N, G], zero in cells that were not asked for."""
        out = np.zeros((int(np.prod(self.shape)), self.cost.shape[1]))
        out[self.cell] = self.cost
        return out.reshape((*self.shape, -1))


def ev_weights(base: TradeBase, eq: TradeEquilibrium) -> Array:
    """Weights [N, N] on ln welfare that make each objective an economy's equivalent variation [USD a year]."""
    return np.diag(1e6 * base.income * eq.welfare)


def _full_value(base: TradeBase, eq: TradeEquilibrium) -> Array:
    """V + C [USD/t]; infinite in closed cells."""
    return np.asarray(base.usd_per_t + eq.system.cost_usd_per_t)


def _objective_slope(base: TradeBase, lin: Linearisation, welfare: Array | None, moved: Array | None) -> Array:
    """Slope of the objectives with respect to x, float64[2N, G]; `moved` is weight times tonnes."""
    n = base.L.size
    sizes = [v.shape[-1] for v in (welfare, moved) if v is not None]
    out = np.zeros((2 * n, sizes[0]))
    if welfare is not None:
        by_income = ((1 - base.gamma) * lin.Y / lin.income)[:, None] * lin.dlnw
        out[:n] -= (by_income + lin.dlnp).T @ welfare
        out[n:] += (lin.E / lin.income)[:, None] * welfare
    if moved is not None:
        into = moved.sum(axis=1)
        out[:n] -= np.einsum("k,kijg->ig", base.theta, moved) + moved.sum(axis=(0, 2))
        out[:n] += np.einsum("k,kij,kjg->ig", base.theta, lin.pi, into, optimize=True)
        out[n:] += into.sum(axis=0)
    return out


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
    tonnes : float64[K, N, N, G]
        Weights of tonnes a year. Both may be given; they are added. One of them must be.
    cells : int32[C]
        Flat cells wanted; all that trade abroad by default.

    Raises
    ------
    InputError
        If no objective is given, or the shapes do not fit.
    """
    from serai.trade.kernels import cost_gradient

    kk, n, _ = base.V.shape
    _fitting(base, welfare, tonnes)
    lin = linearise(base, eq.system, eq.x)
    wanted = read_only_ids(np.flatnonzero(_abroad(lin.value)) if cells is None else cells)
    moved = None if tonnes is None else tonnes * eq.tonnes_per_year[..., None]
    lam = np.linalg.solve(lin.jacobian.T, _objective_slope(base, lin, welfare, moved))
    through = ((1 - base.gamma) / base.gamma)[:, None]
    z = through * (lin.dwage.T @ lam)
    if welfare is not None:
        z += welfare * (through * ((1 - base.gamma) * lin.Y / lin.income)[:, None] - 1.0)
    sell, spend = lam[:n].copy(), lam[n:]
    sell[n - 1] = 0.0  # the last clearing equation is the numeraire, which holds no sales
    cost, fee = cost_gradient(
        wanted, np.ascontiguousarray(sell), np.ascontiguousarray(spend), z, lin.value, lin.pi, lin.s, lin.t,
        1.0 / _full_value(base, eq), base.al, base.theta, eq.system.tau, eq.system.fee_cell, eq.system.fee_owner,
        lin.fee_value,
    )  # fmt: skip
    if moved is not None:
        _add_tonnes(base, eq, lin, moved, wanted, cost)
    return TradeGradient(wanted, cost, fee, (kk, n, n))


def _abroad(value: Array) -> npt.NDArray[np.bool_]:
    out = np.array(value > 0)
    i = np.arange(value.shape[1])
    out[:, i, i] = False
    return out


def _fitting(base: TradeBase, welfare: Array | None, tonnes: Array | None) -> None:
    if welfare is None and tonnes is None:
        raise InputError("No objective is given", "Give weights of welfare, of tonnes, or of both.")
    if welfare is not None and (welfare.ndim != 2 or welfare.shape[0] != base.L.size):
        raise InputError(
            f"Welfare weights have shape {welfare.shape}", f"Give a row for each of {base.L.size} economies."
        )
    if tonnes is not None and (tonnes.ndim != 4 or tonnes.shape[:3] != base.V.shape):
        raise InputError(f"Tonnes weights have shape {tonnes.shape}", f"Give {base.V.shape} and objectives last.")
    if welfare is not None and tonnes is not None and welfare.shape[-1] != tonnes.shape[-1]:
        raise InputError("Welfare and tonnes weights differ in objectives", "Give as many of both.")


def _add_tonnes(
    base: TradeBase, eq: TradeEquilibrium, lin: Linearisation, moved: Array, wanted: Ints, cost: Array
) -> None:
    """Add what an objective on tonnes gains directly: T = V / ((1+tau)(v+C) c)."""
    k, i, j = np.unravel_index(wanted, base.V.shape)
    into = moved.sum(axis=1)
    theta = base.theta[k][:, None]
    inverse = (1.0 / _full_value(base, eq))[k, i, j][:, None]
    share = lin.pi[k, i, j][:, None]
    cost -= inverse * ((theta + 1.0) * moved[k, i, j] - theta * share * into[k, j])


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
