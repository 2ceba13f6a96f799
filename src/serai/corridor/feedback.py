"""How flows answer the times of facilities through trade: what steps towards an equilibrium are steered by.

An hour at a facility makes the cells dearer that pass it. Their tonnes fall at given incomes and prices of others, and
incomes and unit costs then move until markets clear again (the implicit function theorem on the equations of
:mod:`serai.trade.system`, with the inverse Jacobian of the base).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from serai.core.threads import in_parts
from serai.trade.system import wage_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.corridor.coupling import Coupling, Rows
    from serai.freight.choice import ChoiceSets
    from serai.freight.prepared import FreightModel
    from serai.freight.search import Array, Ints
    from serai.trade.base import TradeBase
    from serai.trade.hat import TradeEquilibrium


class Markets(NamedTuple):
    """Cells as they stand in their markets; a tuple, so that kernels can take it whole.

    Attributes
    ----------
    commodity, market, exporter, importer : int32[C]
        Of a cell; a market is a commodity and an importer.
    tonnes_per_day : float64[C]
        On the network; cells without are passed over.
    by_time : float64[C]
        Change of the log of the price at the buyer's door by an hour, per pass.
    elasticity, share : float64[C]
        theta, and the part of the cell in its market.
    sold, taxed : float64[C]
        What its exporter and its importer's treasury receive of its value, million USD a year.
    """

    commodity: Ints
    market: Ints
    exporter: Ints
    importer: Ints
    tonnes_per_day: Array
    by_time: Array
    elasticity: Array
    share: Array
    sold: Array
    taxed: Array


class Answers(NamedTuple):
    """Sums over cells, by facilities H: what the kernel fills.

    Attributes
    ----------
    direct : float64[H, H]
        Of the fall of a cell's own tonnes.
    drawn, dearer : float64[markets, H]
        Flow of a market, and the change of the log of its price index times theta.
    left : float64[N, H]
        Flow of an exporter's cells by the log of its unit cost.
    sold, taxed : float64[N, H]
        Change of sales and of tariffs by the cell's own price.
    """

    direct: Array
    drawn: Array
    dearer: Array
    left: Array
    sold: Array
    taxed: Array


def _answer(
    begin: int, end: int, at: ChoiceSets, entries: Rows, weight: Array, share: Array, hot_ptr: Ints, hot_facility: Ints,
    c: Markets, unit_per_t: Array, unit: Ints, out: Answers,
) -> None:  # fmt: skip
    where = np.full(unit.size, -1, dtype=np.int64)
    here, passed = np.empty(unit.size, dtype=np.int64), np.empty(unit.size)
    for cell in range(begin, end):
        if c.tonnes_per_day[cell] == 0.0:
            continue
        found = 0
        for x in range(entries.ptr[cell], entries.ptr[cell + 1]):
            e = entries.value[x]
            for p in range(at.ptr[e], at.ptr[e + 1]):
                u = at.combination[p]
                for i in range(hot_ptr[u], hot_ptr[u + 1]):
                    f = hot_facility[i]
                    if where[f] < 0:
                        where[f], here[found], passed[found] = found, f, 0.0
                        found += 1
                    passed[where[f]] += weight[e] * share[p]
        market, theta, k = c.market[cell], c.elasticity[cell], c.commodity[cell]
        for i in range(found):
            a = here[i]
            where[a] = -1
            flow, price = unit_per_t[unit[a], k] * c.tonnes_per_day[cell] * passed[i], c.by_time[cell] * passed[i]
            out.drawn[market, a] += flow
            out.dearer[market, a] += theta * c.share[cell] * price
            out.left[c.exporter[cell], a] -= (theta + 1.0) * flow
            out.sold[c.exporter[cell], a] -= theta * c.sold[cell] * price
            out.taxed[c.importer[cell], a] -= theta * c.taxed[cell] * price
            for j in range(found):
                out.direct[a, here[j]] -= (theta + 1.0) * flow * c.by_time[cell] * passed[j]


@cache
def _kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_answer)


def trade_sensitivity(
    c: Coupling, m: FreightModel, at: ChoiceSets, entry_weight: Array, share: Array, tonnes_per_day: Array,
    base: TradeBase, now: TradeEquilibrium,
) -> Array:  # fmt: skip
    """dflow_a / dT_b of facilities by the answer of trade: float64[H, H], in units a day per h.

    What fees earn is left where it is.

    Parameters
    ----------
    c, m, at
        Coupling, freight model and options.
    entry_weight : float64[E], share : float64[options]
        Weights of entries in their cell, shares of options.
    tonnes_per_day : float64[C]
        Of cells on the network; those of zero are left out.
    base, now
        Trade of the base, and where the slope is taken.
    """
    k, n, h = m.n_commodities, base.L.size, m.facilities.n
    spent = np.maximum(now.V.sum(axis=1), 1e-300)
    kept = np.divide(now.system.sells.transpose(0, 2, 1), now.system.a, out=np.zeros(base.V.shape), where=now.V > 0)
    sold, taxed = now.V * kept, now.V * (now.system.tau / (1.0 + now.system.tau))
    full = base.usd_per_t.ravel()[c.cell] + base.cost_usd_per_t.ravel()[c.cell]
    markets = Markets(
        c.commodity, c.commodity * n + c.importer, c.exporter, c.importer, tonnes_per_day,
        c.network_share / full * m.queue_usd_per_t_h[c.commodity], base.theta[c.commodity],
        now.V.ravel()[c.cell] / spent[c.commodity, c.importer], sold.ravel()[c.cell], taxed.ravel()[c.cell],
    )  # fmt: skip

    def part(begin: int, end: int) -> Answers:
        out = Answers(*(np.zeros((rows, h)) for rows in (h, k * n, k * n, n, n, n)))
        _kernel()(
            begin, end, at, c.entries, entry_weight, share, m.hot.ptr, m.hot.member, markets,
            m.facilities.unit_per_t, m.facilities.unit, out,
        )  # fmt: skip
        return out

    a = Answers(*(np.sum(x, axis=0) for x in zip(*in_parts(part, c.n), strict=True)))
    held = a.direct + a.drawn.T @ a.dearer
    theta_pi = (base.theta[:, None, None] * now.V / spent[:, None, :]).transpose(0, 2, 1).reshape(k * n, n)
    by_cost, by_spending = a.left.T + a.drawn.T @ theta_pi, a.drawn.reshape(k, n, h).sum(axis=0).T
    moved = _unknowns(base, now, a, sold.transpose(1, 0, 2).reshape(n, k * n), taxed.sum(axis=1))
    return np.asarray(held + by_cost @ moved[:n] + by_spending @ moved[n:])


def _unknowns(base: TradeBase, now: TradeEquilibrium, a: Answers, sold: Array, taxed: Array) -> Array:
    """Change of ln c and ln E by the times of facilities: float64[2N, H]."""
    k, n = taxed.shape
    dearer = a.dearer.reshape(k, n, -1)
    price = np.einsum("kj,kjh->jh", base.al / base.theta[:, None], dearer)
    wage = -((1.0 - base.gamma) / base.gamma)[:, None] * price
    clearing = a.sold + sold @ a.dearer
    clearing[-1] = 0.0
    budget = a.taxed + np.einsum("kj,kjh->jh", taxed, dearer)
    earned = base.L * now.wage
    moved = np.concatenate([clearing, budget]) + wage_block(base, earned, earned / base.gamma) @ wage
    return np.asarray(-base.chord_t.T @ (moved / base.scale[:, None]), dtype=np.float64)
