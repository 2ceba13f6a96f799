"""What a project costs and brings, year by year.

Amounts are positive magnitudes in USD of one price year; which side they stand on is a matter of their name.
Every array may carry leading axes of draws: [..., T] over T years. A year runs from its first to its last day, so
a project that opens at 2031.5 is open for half of 2031.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = npt.NDArray[np.float64]
Years = npt.NDArray[np.int64]

WHOLE: Final = 1e-6
"""How far shares may be from adding to one, as in the check of a package."""
ITEMS: Final = ("capital", "o_and_m", "benefit", "carbon", "residual")
"""Items of the economic balance, costs first."""
SIGN: Final = {"capital": -1.0, "o_and_m": -1.0, "benefit": 1.0, "carbon": 1.0, "residual": 1.0}


@dataclass(frozen=True, slots=True)
class CashFlows:
    """The flows of a project against the world without it.

    Attributes
    ----------
    years
        [T] consecutive calendar years.
    capital, o_and_m
        [..., T] USD a year, cost of building, and of keeping and running.
    benefit
        [..., T] USD a year, equivalent variation; fees that owners collect are inside.
    fees
        [..., T] USD a year the project collects from its users. A transfer: it counts in the financial
        balance and never in the economic one, where it is part of `benefit` already.
    carbon
        [..., T] USD a year, worth of emissions saved (negative when the project adds to them).
    residual
        [..., T] USD, what is left at the end.
    """

    years: Years
    capital: Array
    o_and_m: Array
    benefit: Array
    fees: Array
    carbon: Array
    residual: Array

    @property
    def net(self) -> Array:
        """Economic net flow, [..., T] USD a year."""
        return self.benefit + self.carbon + self.residual - self.capital - self.o_and_m

    @property
    def financial(self) -> Array:
        """Net flow to whoever builds and runs it, before finance, [..., T] USD a year.

        It is in the prices in which the costs are given; with shadow prices in them it is no financial balance.
        """
        return self.fees + self.residual - self.capital - self.o_and_m

    def signed(self, item: str) -> Array:
        """Contribution of one of `ITEMS` to the economic net flow, [..., T] USD a year."""
        flow: Array = getattr(self, item)
        return SIGN[item] * flow


def cash_flows(years: Years, given: Mapping[str, npt.ArrayLike]) -> CashFlows:
    """Build cash flows; items not given are zero.

    Parameters
    ----------
    years
        [T] consecutive calendar years.
    given
        Items by name, each broadcastable to [..., T] USD a year.

    Raises
    ------
    InputError
        When years do not follow each other, an item is unknown, not finite, of another length, or a cost is
        below zero.
    """
    years = np.asarray(years, dtype=np.int64)
    if years.ndim != 1 or len(years) < 2 or np.any(np.diff(years) != 1):
        raise InputError("The years of a cash flow do not follow each other", "Give every year once, in order.")
    known = [f.name for f in fields(CashFlows) if f.name != "years"]
    if unknown := sorted(set(given) - set(known)):
        raise InputError(f"A cash flow has no item {unknown[0]!r}", f"Use {', '.join(known)}.")
    arrays = {name: np.asarray(given.get(name, 0.0), dtype=np.float64) for name in known}
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays.values()), years.shape)
    except ValueError as fault:
        raise InputError("The items of a cash flow differ in length", "Give one value per year.") from fault
    if shape[-1] != len(years):
        raise InputError("The items of a cash flow differ in length", "Give one value per year.")
    for name, values in arrays.items():
        if not np.isfinite(values).all():
            raise InputError(f"{name} of a cash flow is not a number in some year", "Give 0 where nothing flows.")
        if name in {"capital", "o_and_m"} and (values < 0).any():
            raise InputError(f"{name} of a cash flow is below zero in some year", "Costs are given as positive sums.")
    return CashFlows(years, **{name: np.broadcast_to(values, shape) for name, values in arrays.items()})


def open_share(years: Years, opening: npt.ArrayLike) -> Array:
    """Share of each year in which a project is open.

    Parameters
    ----------
    years
        [T] calendar years.
    opening
        [...] date of opening as a year with its fraction.

    Returns
    -------
    share
        [..., T] between 0 and 1.
    """
    when = np.asarray(opening, dtype=np.float64)[..., None]
    return np.asarray(np.clip(years + 1.0 - when, 0.0, 1.0))


def phase_capital(
    years: Years,
    cost_usd: npt.ArrayLike,
    start: npt.ArrayLike,
    build_years: npt.ArrayLike,
    phases: npt.ArrayLike = (1.0,),
) -> Array:
    """Spread a capital cost over the time of building.

    Parameters
    ----------
    years
        [T] calendar years.
    cost_usd, start, build_years
        [...] cost, date of the first spending, and time of building (above zero, need not be whole).
    phases
        [parts] share spent in each equal part of the building time, evenly within it; they add to one.

    Returns
    -------
    capital
        [..., T] USD a year; its sum is `cost_usd`.

    Raises
    ------
    InputError
        When building takes no time, or does not fit into the years, or the phases are no whole.
    """
    cost, begin, length = (np.asarray(x, dtype=np.float64)[..., None] for x in (cost_usd, start, build_years))
    if (length <= 0).any():
        raise InputError("A project is built in no time", "Give the years to build, above zero.")
    if (begin < years[0]).any() or (begin + length > years[-1] + 1.0).any():
        raise InputError("Some capital falls outside the years appraised", "Start later or appraise more years.")
    parts = np.asarray(phases, dtype=np.float64)
    if not parts.size or not (parts >= 0).all() or not abs(parts.sum() - 1.0) <= WHOLE:
        raise InputError("The parts of a capital cost do not add to one", "Give shares of 0 to 1 that do.")
    spent = np.concatenate(([0.0], np.cumsum(parts)))
    edges = np.append(years, years[-1] + 1)
    at = np.where(edges >= begin + length, 1.0, (edges - begin) / length)  # after the end nothing is left of rounding
    done = np.interp(at, np.linspace(0.0, 1.0, len(spent)), spent / spent[-1])
    return np.asarray(cost * np.diff(done, axis=-1))


def ramp_up(years: Years, opening: npt.ArrayLike, ramp_years: float, first_share: float) -> Array:
    """Share of the full traffic that is there, growing in a straight line after opening.

    Parameters
    ----------
    years
        [T] calendar years.
    opening
        [...] date of opening.
    ramp_years
        Years until the traffic is full; 0 for at once.
    first_share
        Share on the first day, 0 to 1.

    Returns
    -------
    share
        [..., T], the mean over the open part of each year times the open share of the year.
    """
    if not (0.0 <= first_share <= 1.0 and ramp_years >= 0.0):
        raise InputError("The ramp-up is no share or no time", "Give a first share of 0 to 1 and years of 0 or more.")
    when = np.asarray(opening, dtype=np.float64)[..., None]
    begin = np.clip(years - when, 0.0, None)
    end = np.clip(years + 1.0 - when, 0.0, None)
    if ramp_years == 0.0:
        return np.asarray(end - begin)

    def area(age: Array) -> Array:
        within = np.minimum(age, ramp_years)
        return first_share * within + (1.0 - first_share) * within**2 / (2.0 * ramp_years) + age - within

    return area(end) - area(begin)


def grow(years: Years, anchors: npt.ArrayLike, values: npt.ArrayLike) -> Array:
    """Fill in the years between solved equilibria, such as those at opening, ten and twenty years later.

    Between two anchors of one sign the growth rate is constant, else the change per year is. Before the first and
    after the last anchor the value stays: nothing is extrapolated.

    Parameters
    ----------
    years
        [T] calendar years.
    anchors
        [M] years of the equilibria, rising.
    values
        [..., M] USD a year.

    Returns
    -------
    benefit
        [..., T] USD a year.
    """
    at, value = np.asarray(anchors, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if at.ndim != 1 or len(at) != value.shape[-1] or (np.diff(at) <= 0).any():
        raise InputError("The equilibria of a growth path are not in order", "Give one value per rising year.")
    if len(at) == 1:
        return np.broadcast_to(value, (*value.shape[:-1], len(years))).copy()
    left = np.clip(np.searchsorted(at, years, side="right") - 1, 0, len(at) - 2)
    part = np.clip((years - at[left]) / (at[left + 1] - at[left]), 0.0, 1.0)
    a, b = value[..., left], value[..., left + 1]
    same = a * b > 0
    ratio = np.where(same, b / np.where(same, a, 1.0), 1.0)
    return np.asarray(np.where(same, a * ratio**part, a + (b - a) * part))


def renewals(years: Years, cost_usd: npt.ArrayLike, opening: npt.ArrayLike, life_years: float) -> Array:
    """Spend the cost of assets again in the year in which their life ends.

    Parameters
    ----------
    years
        [T] calendar years.
    cost_usd, opening
        [...] what it costs to build them again, and the date they open.
    life_years
        Years from opening until they must be built again.

    Returns
    -------
    renewals
        [..., T] USD a year.
    """
    if life_years <= 0:
        raise InputError("The life of the assets is not above zero", "Give their life in years.")
    begin = np.asarray(opening, dtype=np.float64)[..., None]
    edges = np.append(years, years[-1] + 1)
    ended = np.maximum(np.ceil((edges - begin) / life_years) - 1.0, 0.0)
    return np.asarray(np.asarray(cost_usd, dtype=np.float64)[..., None] * np.diff(ended, axis=-1))


def residual_value(years: Years, capital: Array, life_years: float) -> Array:
    """Return what is left in the last year of assets that lose the same share of their cost every year.

    Parameters
    ----------
    years
        [T] calendar years.
    capital
        [..., T] USD a year.
    life_years
        Life of the assets, counted from the end of the year in which the money is spent.

    Returns
    -------
    residual
        [..., T] USD, zero but in the last year.
    """
    if life_years <= 0:
        raise InputError("The life of the assets is not above zero", "Give their life in years.")
    left = np.clip(1.0 - (years[-1] - years) / life_years, 0.0, 1.0)
    out = np.zeros_like(capital)
    out[..., -1] = (capital * left).sum(axis=-1)
    return out


@dataclass(frozen=True, slots=True)
class ShadowPrices:
    """From what is paid to what it costs the economy, in domestic prices.

    Attributes
    ----------
    serf
        Shadow exchange rate factor, 1 over the standard conversion factor; on goods that are traded.
    swrf
        Shadow wage rate factor, on unskilled labour.
    traded, unskilled
        Shares of the cost net of tax; the rest counts as it is paid.
    tax
        Share of the sum paid that is taxes less subsidies.
    """

    serf: float = 1.0
    swrf: float = 1.0
    traded: float = 0.0
    unskilled: float = 0.0
    tax: float = 0.0

    @property
    def factor(self) -> float:
        """Economic over financial cost."""
        rest = 1.0 - self.traded - self.unskilled
        if min(self.traded, self.unskilled, rest) < -1e-12 or self.tax >= 1.0 or min(self.serf, self.swrf) <= 0:
            raise InputError(
                "The shares of a shadow price leave nothing", "Shares lie between 0 and 1 and add up to at most 1."
            )
        return (1.0 - self.tax) * (self.traded * self.serf + self.unskilled * self.swrf + rest)


def carbon_worth(saved_t: Array, usd_per_t: float, growth: float, years: Years, price_year: int) -> Array:
    """Worth of emissions saved at a price that grows.

    Parameters
    ----------
    saved_t
        [..., T] t CO2e a year.
    usd_per_t, growth
        Price in `price_year`, and its growth a year above prices.
    years
        [T] calendar years.
    price_year
        Year of the price.
    """
    return np.asarray(saved_t * usd_per_t * (1.0 + growth) ** (years - price_year))
