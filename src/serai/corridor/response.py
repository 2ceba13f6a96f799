"""How trade answers a change of costs while wages, spending and fees stand: the larger part of its answer, in a pass.

In the notation of :mod:`serai.trade.system`, with c and E held: V' = V r / (1 + sum_i pi (r - 1)), r = d^-theta, and
tonnes go with V / (v + C).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.search import Array, Ints


@dataclass(frozen=True, slots=True)
class Anchor:
    """A solved trade equilibrium, in the C cells that use the network.

    Attributes
    ----------
    market : int32[C]
        Commodity * N + importer of each cell.
    share : float64[C]
        Share of the cell in what its market spends.
    theta : float64[C]
        Trade elasticity.
    full_usd_per_t : float64[C]
        Value at the exporter's door with freight.
    tonnes_per_day : float64[C]
        What the cell puts on the network.
    """

    market: Ints
    share: Array
    theta: Array
    full_usd_per_t: Array
    tonnes_per_day: Array


def _respond(
    market: Ints, share: Array, theta: Array, before: Array, tonnes: Array, change: Array, spent: Array, out: Array
) -> None:
    spent[:] = 1.0
    for c in range(change.size):
        out[c] = 1.0
        if change[c] != 0.0 and tonnes[c] > 0.0:
            r = np.exp(-theta[c] * np.log1p(change[c] / before[c]))
            spent[market[c]] += share[c] * (r - 1.0)
            out[c] = r * before[c] / (before[c] + change[c])
    for c in range(change.size):
        out[c] *= tonnes[c] / spent[market[c]]


@cache
def _kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_respond)


def respond(at: Anchor, change_usd_per_t: Array, markets: int) -> Array:
    """Tonnes a day of every cell after a change of its cost: float64[C].

    Parameters
    ----------
    at
        Where costs were last solved.
    change_usd_per_t : float64[C]
        Finite; above minus `full_usd_per_t`.
    markets
        Number of commodities times economies.
    """
    out = np.empty(change_usd_per_t.size)
    _kernel()(
        at.market, at.share, at.theta, at.full_usd_per_t, at.tonnes_per_day, change_usd_per_t, np.empty(markets), out
    )
    return out


def respond_plain(at: Anchor, change_usd_per_t: Array, markets: int) -> Array:
    """Do the same as :func:`respond` in plain NumPy."""
    moves = (change_usd_per_t != 0) & (at.tonnes_per_day > 0)
    full = np.where(moves, at.full_usd_per_t, 1.0)
    ratio = 1.0 + np.where(moves, change_usd_per_t, 0.0) / full
    r = ratio**-at.theta
    spent = 1.0 + np.bincount(at.market, at.share * (r - 1.0), markets)
    return np.asarray(at.tonnes_per_day * r / ratio / spent[at.market])
