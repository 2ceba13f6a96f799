"""Prices of an appraisal: the discount rate, shadow prices of what is built, the worth of carbon, local currency."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from serai.feasibility.appraisal import ADB2017
from serai.feasibility.cashflow import ShadowPrices
from serai.feasibility.financing import in_local_currency
from serai.feasibility.uncertainty import own_factors

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.data.package import Package
    from serai.feasibility.uncertainty import Factors

    Array = npt.NDArray[np.float64]

CARBON: Final = "carbon_usd_per_t"
SHADOW: Final = {
    "shadow_exchange_rate_factor": np.inf,
    "shadow_wage_rate_factor": np.inf,
    "capital_traded_share": 0.7,
    "capital_unskilled_share": 0.3,
    "capital_tax_share": 0.5,
}
"""Parameters of shadow prices, and what a draw of each is held at, so that shares leave something."""
CARBON_GROUP, SHADOW_GROUP = "worth of carbon", "shadow prices"


def _parameters(package: Package) -> dict[str, tuple[float, float, float]]:
    rows = package["parameters"].to_dict("records")
    return {str(r["id"]): (float(r["value_low"]), float(r["value"]), float(r["value_high"])) for r in rows}


def convention_of(package: Package) -> ADB2017:
    """Convention of a decision: the package's ``discount_rate``, ADB's own where it states none."""
    stated = _parameters(package).get("discount_rate")
    usual = ADB2017()
    if stated is None or stated[1] == usual.rate:
        return usual
    return ADB2017(rate=stated[1], name="the package's own rate")


def carbon_growth(package: Package) -> float:
    """Growth a year of the worth of carbon; 0 where the package states none."""
    return _parameters(package).get("carbon_growth", (0.0, 0.0, 0.0))[1]


def price_factors(package: Package) -> list[Factors]:
    """Ranged prices that are drawn; those the package does not state are left out.

    Shadow prices are drawn only where all of them are stated.
    """
    stated = _parameters(package)
    found = []
    if CARBON in stated:
        found.append(own_factors({CARBON: stated[CARBON]}, CARBON_GROUP))
    if set(SHADOW) <= set(stated):
        shadow = own_factors({n: stated[n] for n in SHADOW}, SHADOW_GROUP)
        found.append(replace(shadow, maximum=np.array(list(SHADOW.values()))))
    return found


def economic_over_financial(names: tuple[str, ...], values: Array) -> Array:
    """Economic over financial cost of works at every draw, in domestic prices; 1 where no shadow price is drawn.

    Parameters
    ----------
    names, values
        [d] names of what was drawn, and [n, d] figures.
    """
    if not set(SHADOW) <= set(names):
        return np.ones(len(values))
    rows = values[:, [names.index(n) for n in SHADOW]]
    return np.array([ShadowPrices(*row).factor for row in rows.tolist()])


def local_cash(package: Package, cash: pd.DataFrame) -> pd.DataFrame:
    """Cash by country and year in local currency; countries without an exchange rate are left out.

    Parameters
    ----------
    package
        Its table ``exchange_rates``.
    cash
        Table ``decision_cash``: a column ``year`` and one ``XXX_usd_m`` for each country.

    Returns
    -------
    frame
        Millions of local currency of the price year, a column ``XXX_CUR_m`` for each country, at the most likely rate.
    """
    rates = {str(r["country"]): r for r in package["exchange_rates"].to_dict("records")}
    own = {c: cash[f"{c}_usd_m"].to_numpy() for c in rates if f"{c}_usd_m" in cash}
    if not own:
        return pd.DataFrame()
    per_usd = {c: float(rates[c]["per_usd"]) for c in own}
    real = {c: float(rates[c]["real_depreciation"]) for c in own}
    found = in_local_currency(own, per_usd, real)
    return pd.DataFrame({"year": cash["year"], **{f"{c}_{rates[c]['currency']}_m": v for c, v in found.items()}})
