"""From a trade matrix to the base of the equilibrium: home trade, deficits and shares that close exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError
from serai.trade.base import (
    Array,
    Closure,
    Fees,
    HomeTrade,
    ProportionalDeficits,
    TradeBase,
    TradeShock,
    read_only,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

HOME_CAP = 0.9
"""Share of the output that exports leave which home sales of tradables may take."""
HOME_LEAST = 0.02
"""Least share of output sold at home as tradables."""
EXACT = 1e-9
"""Largest relative residual of a base that closes."""


def calibrate(
    value_usd_m: npt.ArrayLike,
    gdp_usd_m: npt.ArrayLike,
    theta: npt.ArrayLike,
    *,
    tariff: npt.ArrayLike = 0.0,
    freight_usd_per_t: npt.ArrayLike = 0.0,
    usd_per_t: npt.ArrayLike = 1000.0,
    fees: Fees | None = None,
    tonnes_per_year: npt.ArrayLike | None = None,
    tradable_share: npt.ArrayLike = 0.32,
    gamma: npt.ArrayLike = 0.5,
    home_floor: float = 0.25,
    max_freight_share: float = 0.8,
    closure: Closure | None = None,
    home_usd_m: npt.ArrayLike | None = None,
    economies: Sequence[str] = (),
) -> TradeBase:
    """Calibrate the base equilibrium.

    Home sales are not observed. Gross output is GDP / gamma (roundabout inputs), spending on tradables a share of
    spending; what imports leave of it is bought at home, but no less than a share of imports, in a mix half of
    exports and half of imports. Deficits follow from the accounts.

    Parameters
    ----------
    value_usd_m : [K, N, N]
        Trade at the exporter's door by commodity, exporter and importer [million USD]; the diagonal is ignored.
    gdp_usd_m : [N]
        Gross domestic product [million USD].
    theta : [K]
        Trade elasticities, positive.
    tariff
        Broadcast to [K, N, N]; on the value with freight.
    freight_usd_per_t
        Freight cost of the base, fees and time included, broadcast to [K, N, N] [USD/t].
    usd_per_t
        Value per tonne at the exporter's door: [K], or broadcast to [K, N, N].
    fees
        Part of the freight cost that is somebody's income.
    tonnes_per_year : [K, N, N]
        Tonnes on the network; by default all the value over the value per tonne.
    tradable_share
        Share of tradables in spending, scalar or [N].
    gamma
        Share of value added in gross output, scalar or [N].
    home_floor
        Least home sales, as a share of imports.
    max_freight_share
        Where freight exceeds this share of value, the value per tonne is raised; the cells are counted.
    closure
        What deficits do in counterfactuals; proportional by default.
    home_usd_m : [K, N]
        Home sales if they are known; the rule above is then not used.
    economies
        Names for messages.

    Raises
    ------
    InputError
        If a figure is missing, negative or does not fit, or exports exceed output.
    """
    value, gdp, th = _matrix(value_usd_m), _positive("gdp_usd_m", gdp_usd_m), _positive("theta", theta)
    shape, n = value.shape, gdp.size
    needed = (th.size, n, n)
    if shape != needed:
        raise InputError(f"value_usd_m has shape {shape}", f"{th.size} elasticities and {n} GDPs need {needed}.")
    names = tuple(economies) or tuple(f"economy {i}" for i in range(n))
    off = ~np.eye(n, dtype=bool) & (value > 0)
    value = np.where(off, value, 0.0)
    g = np.broadcast_to(_positive("gamma", gamma), (n,)).copy()
    cost = _cells("freight_usd_per_t", freight_usd_per_t, shape, off)
    tau = _cells("tariff", tariff, shape, off)
    given = np.asarray(usd_per_t, dtype=np.float64)
    given = np.broadcast_to(given[:, None, None] if given.shape == (th.size,) else given, shape)
    if not (np.isfinite(given) & (given > 0))[off].all():
        raise InputError("usd_per_t must be positive where there is trade", "Give a value per tonne.")
    given = np.where(off, given, 1.0)
    worth = np.maximum(given, cost / max_freight_share)
    tonnes = 1e6 * value / given
    if tonnes_per_year is not None:
        tonnes = _cells("tonnes_per_year", tonnes_per_year, shape, off)
    charges = fees or Fees.none()
    phi, received = _fee_shares(charges, value, worth, cost, n)
    cif = value * (1 + cost / worth)
    purchases = cif * (1 + tau)
    sales = (cif * (1 - phi)).sum(axis=(0, 2))
    imports = purchases.sum(axis=(0, 1))
    output = gdp / g
    _below_output("Exports", sales, output, names)
    if home_usd_m is None:
        home, diagonal = _home(
            value, output + imports - sales, imports, output - sales, output, tradable_share, home_floor
        )
    else:
        diagonal, none = np.asarray(home_usd_m, dtype=np.float64), np.zeros(n, bool)
        home = HomeTrade(diagonal.sum(axis=0), none, none, none)
    purchases[:, np.arange(n), np.arange(n)] = diagonal
    rest = output - sales - diagonal.sum(axis=0)
    _below_output("Exports and home sales", output - rest, output * (1 + EXACT), names)
    rest = np.maximum(rest, 0.0)
    tariffs = (purchases * tau / (1 + tau)).sum(axis=(0, 1))
    deficit = purchases.sum(axis=(0, 1)) + rest - output - tariffs - received
    return _assembled(
        names, purchases, rest, th, g, gdp, deficit, tau, worth, cost, charges, tonnes,
        closure or ProportionalDeficits(), home, int((worth > given).sum()),
    )  # fmt: skip


def _fee_shares(fees: Fees, value: Array, worth: Array, cost: Array, n: int) -> tuple[Array, Array]:
    """Share of fees in the value with freight [K, N, N], and fee income [N]."""
    share = fees.usd_per_t / (worth + cost).ravel()[fees.cell]
    phi = np.zeros(value.shape)
    np.add.at(phi.reshape(-1), fees.cell, share)
    traded = value > 0
    if (phi * (worth + cost) > cost * (1 + EXACT))[traded].any():
        raise InputError("Fees exceed the freight cost they are part of", "Let freight_usd_per_t include all fees.")
    paid = (value * (1 + cost / worth)).ravel()[fees.cell] * share
    return phi, np.asarray(np.bincount(fees.owner, weights=paid, minlength=n), dtype=np.float64)


def _below_output(what: str, sold: Array, output: Array, names: tuple[str, ...]) -> None:
    if (sold >= output).any():
        i = int(np.argmax(sold / output))
        raise InputError(
            f"{what} of {names[i]} are {sold[i] / output[i]:.0%} of its output of GDP / gamma",
            "Check its trade and GDP, or give it a smaller gamma.",
        )


def _matrix(value_usd_m: npt.ArrayLike) -> Array:
    value = np.array(value_usd_m, dtype=np.float64)
    if value.ndim != 3 or value.shape[1] != value.shape[2]:
        raise InputError(f"value_usd_m has shape {value.shape}", "Give commodity, exporter and importer.")
    if not (np.isfinite(value) & (value >= 0)).all():
        raise InputError("value_usd_m holds a missing or negative value", "Use zero for no trade.")
    return value


def _positive(name: str, values: npt.ArrayLike) -> Array:
    out = np.array(values, dtype=np.float64)
    if not (np.isfinite(out) & (out > 0)).all():
        raise InputError(f"{name} must be positive", "Give a figure for each.")
    return out


def _cells(name: str, values: npt.ArrayLike, shape: tuple[int, ...], off: npt.NDArray[np.bool_]) -> Array:
    """Broadcast to cells; zero where nothing is traded."""
    full = np.broadcast_to(np.asarray(values, dtype=np.float64), shape)
    bad = off & ~(np.isfinite(full) & (full >= 0))
    if bad.any():
        raise InputError(
            f"{name} is missing, infinite or negative in {int(bad.sum())} cells with trade",
            "Give a figure where there is trade, or take the trade out.",
        )
    return np.where(off, full, 0.0)


def _home(
    value: Array, spending: Array, imports: Array, left: Array, output: Array, share: npt.ArrayLike, floor: float
) -> tuple[HomeTrade, Array]:
    wanted = np.asarray(share, dtype=np.float64) * spending - imports
    floored = wanted < floor * imports
    total = np.maximum(wanted, floor * imports)
    capped = total > HOME_CAP * left
    total = np.minimum(total, HOME_CAP * left)
    raised = total < np.minimum(HOME_LEAST * output, HOME_CAP * left)
    total = np.maximum(total, np.minimum(HOME_LEAST * output, HOME_CAP * left))
    out, inn = value.sum(axis=2), value.sum(axis=1)
    mix = 0.5 * out / np.maximum(out.sum(axis=0), 1e-300) + 0.5 * inn / np.maximum(inn.sum(axis=0), 1e-300)
    mixed = mix.sum(axis=0)
    mix = np.where(mixed > 0, mix / np.where(mixed > 0, mixed, 1.0), 0.0)
    total = np.where(mixed > 0, total, 0.0)
    return HomeTrade(total, floored, capped, raised), mix * total


def _assembled(
    names: tuple[str, ...], value: Array, rest: Array, theta: Array, gamma: Array, gdp: Array, deficit: Array,
    tau: Array, worth: Array, cost: Array, fees: Fees, tonnes: Array, closure: Closure, home: HomeTrade, costly: int,
) -> TradeBase:  # fmt: skip
    """Shares, the residual of the base, and its inverse Jacobian."""
    from dataclasses import replace

    from serai.trade.system import evaluate, linearise, prepare

    spent = value.sum(axis=1)
    spending = spent.sum(axis=0) + rest
    n = gdp.size
    scale = np.concatenate((gdp / gamma, spending))
    scale[n - 1] = gdp.sum()
    base = TradeBase(
        economies=names,
        V=read_only(value),
        pi=read_only(value / np.where(spent > 0, spent, 1.0)[:, None, :]),
        al=read_only(spent / spending),
        al_n=read_only(rest / spending),
        theta=read_only(theta),
        gamma=read_only(gamma),
        L=read_only(gdp),
        E=read_only(spending),
        D=read_only(deficit),
        income=read_only(spending - (1 - gamma) * gdp / gamma),
        tau=read_only(tau),
        usd_per_t=read_only(worth),
        cost_usd_per_t=read_only(cost),
        fees=fees,
        tonnes=read_only(tonnes),
        tonnes_rate=read_only(tonnes * (1 + tau) * (worth + cost) / np.where(value > 0, value, 1.0)),
        closure=closure,
        home=home,
        costly=costly,
        residual=np.inf,
        scale=read_only(scale),
        chord_t=read_only(np.zeros((2 * n, 2 * n))),
    )
    if not (base.income > 0).all():
        i = int(np.argmin(base.income))
        raise InputError(f"Final expenditure of {names[i]} is not positive", "Check its trade balance and GDP.")
    system = prepare(base, TradeShock.none(base))
    residual = float(np.abs(evaluate(base, system, base.start).f / scale).max())
    if residual > EXACT:
        raise InputError(f"The base does not close (residual {residual:.1e})", "Check trade, fees and tariffs.")
    jac = linearise(base, system, base.start).jacobian / scale[:, None]
    return replace(base, residual=residual, chord_t=read_only(np.linalg.inv(jac).T))


def with_closure(base: TradeBase, closure: Closure) -> TradeBase:
    """Return the same base under another closure of deficits."""
    return _assembled(
        base.economies, base.V, base.al_n * base.E, base.theta, base.gamma, base.L, base.D, base.tau, base.usd_per_t,
        base.cost_usd_per_t, base.fees, base.tonnes, closure, base.home, base.costly,
    )  # fmt: skip
