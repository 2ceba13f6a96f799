"""From solved worlds to the cash flow of a project, one draw or many."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.feasibility.cashflow import (
    CashFlows,
    ShadowPrices,
    carbon_worth,
    cash_flows,
    grow,
    open_share,
    phase_capital,
    ramp_up,
    renewals,
    residual_value,
)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed about a project; shares are 0 to 1.

    Attributes
    ----------
    first_year, last_year, start
        Years appraised, the same for every draw, and the date building begins.
    o_and_m_share
        Yearly cost of keeping and running, as a share of the capital cost, while open.
    ramp_years, first_share
        Years until the traffic is full, and the share of it on the first day.
    life_years
        Life of the assets from opening, after which they are built again; infinite for once and for all.
    phases
        [parts] share of the capital spent in each equal part of the building time.
    anchors
        Calendar years for which worlds were solved, such as the planned opening, ten and twenty years later.
    capital_prices, running_prices
        From financial to economic cost.
    carbon_usd_per_t, carbon_growth, price_year
        Price of a tonne of CO2e in the price year, and its growth a year above prices.
    """

    first_year: int
    last_year: int
    start: float
    o_and_m_share: float
    ramp_years: float
    first_share: float
    life_years: float
    anchors: tuple[int, ...]
    phases: tuple[float, ...] = (1.0,)
    capital_prices: ShadowPrices = field(default_factory=ShadowPrices)
    running_prices: ShadowPrices = field(default_factory=ShadowPrices)
    carbon_usd_per_t: float = 0.0
    carbon_growth: float = 0.0
    price_year: int = 2025


def project_flows(
    plan: Plan,
    cost_usd: npt.ArrayLike,
    build_years: npt.ArrayLike,
    ev_usd_per_year: Array,
    *,
    traffic_ratio: npt.ArrayLike = 1.0,
    usable_share: npt.ArrayLike = 1.0,
    fees_usd_per_year: npt.ArrayLike = 0.0,
    saved_t_per_year: npt.ArrayLike = 0.0,
) -> CashFlows:
    """Lay out the flows of a project over the years.

    Parameters
    ----------
    plan
        What is fixed.
    cost_usd, build_years
        [...] capital cost with its overrun, financial prices, and years to build.
    ev_usd_per_year
        [..., M] equivalent variation of all countries in the worlds solved at the plan's anchors, when open all year.
    traffic_ratio
        [...] actual traffic over that solved for (reference class).
    usable_share
        [...] share of the year in which the way can be used; a gain is had only then, a loss always.
    fees_usd_per_year, saved_t_per_year
        [..., M] at the anchors, or one number for all, when open all year: fees collected and emissions saved.

    Returns
    -------
    flows
        [..., T], economic prices for capital and O&M; the years are the same for all draws.

    Raises
    ------
    InputError
        When a share is none, a build time does not fit, or the worlds do not fit the anchors.
    """
    usable = np.asarray(usable_share, dtype=np.float64)
    ratio, build = np.asarray(traffic_ratio, dtype=np.float64), np.asarray(build_years, dtype=np.float64)
    if not ((usable >= 0) & (usable <= 1)).all() or (ratio < 0).any():
        raise InputError("A usable share or a traffic ratio is none", "Give shares of 0 to 1 and ratios of 0 or more.")
    opening = plan.start + build
    years = np.arange(plan.first_year, plan.last_year + 1, dtype=np.int64)
    share = ramp_up(years, opening, plan.ramp_years, plan.first_share)
    anchors = np.array(plan.anchors, dtype=np.float64)

    def over_years(values: npt.ArrayLike) -> Array:
        given = np.asarray(values, dtype=np.float64)
        wide = (
            given if given.ndim and given.shape[-1] == len(anchors) else np.repeat(given[..., None], len(anchors), -1)
        )
        return grow(years, anchors, wide) * share

    scale = (ratio * usable)[..., None]
    gain = over_years(ev_usd_per_year)
    spent = phase_capital(years, cost_usd, plan.start, build, plan.phases)
    capital = (spent + renewals(years, cost_usd, opening, plan.life_years)) * plan.capital_prices.factor
    running = np.asarray(cost_usd, dtype=np.float64)[..., None] * plan.o_and_m_share * open_share(years, opening)
    saved = over_years(saved_t_per_year)
    worth = carbon_worth(saved, plan.carbon_usd_per_t, plan.carbon_growth, years, plan.price_year)
    return cash_flows(
        years,
        {
            "capital": capital,
            "o_and_m": running * plan.running_prices.factor,
            "benefit": np.where(gain > 0, gain * scale, gain),
            "fees": over_years(fees_usd_per_year) * scale,
            "carbon": np.where(worth > 0, worth * scale, worth),
            "residual": residual_value(years, capital, plan.life_years),
        },
    )
