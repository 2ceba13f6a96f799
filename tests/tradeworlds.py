"""Random trade worlds for the tests of the equilibrium."""

from __future__ import annotations

import numpy as np

from serai.trade.base import Closure, Fees, TradeBase
from serai.trade.calibrate import calibrate


def world(
    seed: int,
    n: int = 8,
    k: int = 3,
    closure: Closure | None = None,
    *,
    density: float = 0.8,
    tariffs: bool = True,
    fees: bool = True,
    gamma: float = 0.5,
    unit: float = 1.0,
) -> TradeBase:
    """A world with lognormal trade, a quarter of GDP in all; some cells are empty, some carry fees of third parties."""
    draw = np.random.default_rng(seed)
    value = draw.lognormal(0, 1.5, (k, n, n)) * (draw.random((k, n, n)) < density)
    gdp = draw.lognormal(10, 1, n)
    value *= gdp[:, None] * gdp
    value[:, np.arange(n), np.arange(n)] = 0
    value *= 0.25 * gdp.sum() / value.sum()
    value *= np.minimum(1, 0.6 * gdp / np.maximum(value.sum(axis=(0, 2)), 1e-9))[None, :, None]
    cost = draw.lognormal(4.5, 0.5, (k, n, n))
    traded = np.flatnonzero(value.ravel() > 0)
    m = min(3 * n, traded.size) if fees else 0
    cell, owner = draw.choice(traded, m, replace=False), draw.integers(0, n, m)
    return calibrate(
        value * unit,
        gdp * unit,
        np.linspace(3, 8, k),
        tariff=0.2 * draw.random((k, n, n)) if tariffs else 0.0,
        freight_usd_per_t=cost,
        usd_per_t=draw.lognormal(7, 0.7, k),
        fees=Fees(cell, owner, 0.1 * cost.ravel()[cell]),
        tradable_share=0.4,
        gamma=gamma,
        closure=closure,
    )


def one_sector(value, sigma: float = 6.0) -> TradeBase:
    """One commodity, no inputs, nothing untraded: the textbook's world. `value` holds home trade on its diagonal."""
    return calibrate(
        value[None], value.sum(axis=1), [sigma - 1], usd_per_t=1.0, gamma=1.0, home_usd_m=np.diag(value)[None]
    )
