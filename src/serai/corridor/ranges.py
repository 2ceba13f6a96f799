"""Ranges of gains: elasticities, the level of freight and the closure of deficits, at routes and queues as solved.

Choice is by cost relative to the mean cost, so that a common factor on all freight leaves every share as it is:
costs of cells, their changes and fees move by that factor, and trade alone has to be solved again. What another
trade would do to the queues is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import SeraiError
from serai.corridor.coupling import trade_fees
from serai.corridor.solve import network_levels, trade_shock
from serai.freight.flows import arc_tonnes
from serai.network.spread import quantiles
from serai.trade.base import Fees, FixedDeficits
from serai.trade.calibrate import calibrate
from serai.trade.elasticities import elasticities
from serai.trade.hat import hat

if TYPE_CHECKING:
    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.search import Array
    from serai.trade.base import TradeBase

TENTH = -1.2815515655446004
"""Standard normal score of the tenth percentile."""
CORNERS = ("elasticity low", "elasticity high", "freight low", "freight high", "low and low", "low and high",
           "high and low", "high and high")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """Trade of the base with other figures, and the factor on all freight."""

    name: str
    trade: TradeBase
    freight: float


@dataclass(frozen=True, slots=True)
class GainRange:
    """Gains under every setting.

    Attributes
    ----------
    settings
        Names of the S settings that were solved.
    ev_usd_per_year : float64[S, N]
        Equivalent variation.
    low, high : float64[N]
        Least and largest over the middle and all settings but that of fixed deficits.
    failed
        Settings without an equilibrium, and why.
    """

    settings: tuple[str, ...]
    ev_usd_per_year: Array
    low: Array
    high: Array
    failed: tuple[tuple[str, str], ...]


def freight_levels(world: World) -> tuple[float, float]:
    """Return the base's freight bill at the tenth and ninetieth percentile of all rates and fees, over its mean."""
    m, f = world.freight, world.compiled.figures
    over = arc_tonnes(m, world.base.freight)
    bill = [
        sum(
            float((over * np.nan_to_num(quantiles(u.median, u.s_lo, u.s_hi, np.array(z)))).sum())
            for u in (f.haul_usd, f.fee_usd)
        )
        for z in (TENTH, -TENTH)
    ]
    mean = sum(float((over * np.nan_to_num(u.mean)).sum()) for u in (f.haul_usd, f.fee_usd))
    return bill[0] / mean, bill[1] / mean


def _recalibrated(world: World, name: str, theta: Array, freight: float, *, fixed: bool = False) -> Setting:
    t, base = world.inputs, world.trade
    fees = Fees(base.fees.cell, base.fees.owner, freight * base.fees.usd_per_t)
    trade = calibrate(
        t.value_usd_m, t.gdp_usd_m, theta, tariff=t.tariff, freight_usd_per_t=freight * base.cost_usd_per_t,
        usd_per_t=t.usd_per_t, fees=fees, tonnes_per_year=base.tonnes, tradable_share=t.tradable_share,
        gamma=t.value_added_share, closure=FixedDeficits() if fixed else base.closure, economies=t.economies,
    )  # fmt: skip
    return Setting(name, trade, freight)


def settings(world: World) -> tuple[Setting, ...]:
    """Calibrate the base at the ends of every range, alone and together, and with deficits fixed."""
    low, _, high = elasticities(world.package, tuple(world.package["commodities"]["id"]))
    less, more = freight_levels(world)
    middle = world.inputs.elasticity
    figures = ((low, 1.0), (high, 1.0), (middle, less), (middle, more), (low, less), (low, more), (high, less),
               (high, more))  # fmt: skip
    ends = [_recalibrated(world, n, t, f) for n, (t, f) in zip(CORNERS, figures, strict=True)]
    return (*ends, _recalibrated(world, "deficits fixed", middle, 1.0, fixed=True))


def gain_under(world: World, s: Setting, outcome: Outcome) -> Array:
    """Equivalent variation of an outcome under a setting, float64[N], USD a year, against the base of the setting.

    Raises
    ------
    NoEquilibrium
        Where trade has none.
    """
    served = np.isfinite(world.base.costs.cost_usd_per_t) & np.isfinite(outcome.costs.cost_usd_per_t)
    fees = trade_fees(world.coupling, outcome.fees.scaled(s.freight), served)
    level = s.freight * network_levels(world, outcome.costs)[0]
    shock = trade_shock(world, outcome.costs, level, fees, outcome.conditions.tariff)
    return hat(s.trade, shock).ev_usd_per_year


def under_all(world: World, all_settings: tuple[Setting, ...], outcome: Outcome) -> dict[str, Array | str]:
    """Equivalent variation of an outcome under every setting; where trade has no equilibrium, why not."""
    found: dict[str, Array | str] = {}
    for s in all_settings:
        try:
            found[s.name] = gain_under(world, s, outcome)
        except SeraiError as fault:
            found[s.name] = fault.what
    return found


def gain_range(
    world: World, all_settings: tuple[Setting, ...], outcome: Outcome, before: Outcome | None = None,
    before_under: dict[str, Array | str] | None = None,
) -> GainRange:  # fmt: skip
    """Solve an outcome's trade, and that of the outcome it is set beside, under every setting.

    Parameters
    ----------
    before_under
        What :func:`under_all` gives for `before`, where that is at hand.
    """
    now = under_all(world, all_settings, outcome)
    then = before_under if before_under is not None or before is None else under_all(world, all_settings, before)
    found: dict[str, Array] = {}
    failed = []
    for name, ev in now.items():
        was = 0.0 if then is None else then[name]
        if isinstance(ev, str) or isinstance(was, str):
            failed.append((name, ev if isinstance(ev, str) else str(was)))
        else:
            found[name] = ev - was
    middle = outcome.trade.ev_usd_per_year - (before.trade.ev_usd_per_year if before else 0.0)
    ranged = [middle, *(ev for n, ev in found.items() if n in CORNERS)]
    solved = np.array(list(found.values())).reshape(len(found), middle.size)
    return GainRange(tuple(found), solved, np.min(ranged, axis=0), np.max(ranged, axis=0), tuple(failed))


def range_rows(world: World, outcome: Outcome, r: GainRange, before: Outcome | None) -> list[dict[str, Any]]:
    """Gain of members and world under every setting, in million USD a year; the middle first."""
    own = world.members()
    middle = outcome.trade.ev_usd_per_year - (before.trade.ev_usd_per_year if before else 0.0)
    return [
        {"setting": n, "members_usd_m": float(ev[own].sum() / 1e6), "world_usd_m": float(ev.sum() / 1e6), "why_not": ""}
        for n, ev in zip(("middle", *r.settings), (middle, *r.ev_usd_per_year), strict=True)
    ] + [{"setting": n, "members_usd_m": None, "world_usd_m": None, "why_not": why} for n, why in r.failed]
