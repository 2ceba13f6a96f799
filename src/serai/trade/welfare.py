"""What gains consist of: freight bills, terms of trade, and the formulas a gain must obey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.trade.adjoint import trade_vjp
from serai.trade.base import TradeShock
from serai.trade.hat import hat

if TYPE_CHECKING:
    from serai.trade.base import Array, TradeBase
    from serai.trade.hat import TradeEquilibrium


def hulten(base: TradeBase, eq: TradeEquilibrium | None = None) -> Array:
    """World gain per unit of the log of each cell's cost d, float64[K, N, N] [million USD].

    Sum over economies of final expenditure times d ln W / d ln d. Where no tariff and no fee stands between price
    and cost it is minus the value of the cell (Hulten 1978).
    """
    at = hat(base, TradeShock.none(base)) if eq is None else eq
    gradient = trade_vjp(base, at, welfare=base.income[:, None]).dense()[..., 0]
    full = base.usd_per_t + at.system.cost_usd_per_t
    return np.asarray(gradient * np.where(np.isfinite(full), full, 0.0))


@dataclass(frozen=True, slots=True)
class Gains:
    """An economy's change of ln welfare in three parts that add up exactly. N economies.

    Attributes
    ----------
    home_share : float64[N]
        -(1/gamma) sum_k al/theta ln(pi'_jj/pi_jj): what buying more from abroad is worth.
    transfers : float64[N]
        ln(I'/I) - ln(w'/w): tariffs, fees and deficits against wages.
    total : float64[N]
        ln W.
    """

    home_share: Array
    transfers: Array
    total: Array


def gains(base: TradeBase, eq: TradeEquilibrium) -> Gains:
    """Split ln welfare as Arkolakis, Costinot and Rodriguez-Clare (2012) do, with commodities and inputs.

    An economy that buys some commodity only abroad, before or after, gets not-a-number in the parts.
    """
    transfers = np.log(eq.income / base.income) - np.log(eq.wage)
    before = np.einsum("kjj->kj", base.pi)
    spent = eq.V.sum(axis=1)
    after = np.einsum("kjj->kj", eq.V) / np.where(spent > 0, spent, 1.0)
    used = base.al > 0
    good = used & (before > 0) & (after > 0)
    ratio = np.log(np.where(good, after, 1.0) / np.where(good, before, 1.0))
    part = np.where(used & ~good, np.nan, base.al / base.theta[:, None] * ratio).sum(axis=0)
    return Gains(-part / base.gamma, transfers, np.log(eq.welfare))
