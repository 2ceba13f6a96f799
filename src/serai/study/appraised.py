"""An appraisal as tables: by convention, by year, over the draws, and the prices it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.feasibility.cashflow import ITEMS

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.feasibility.appraisal import Appraisal
    from serai.feasibility.cashflow import CashFlows
    from serai.feasibility.distribution import Distribution
    from serai.study.worth import Worth


def appraisal_table(found: tuple[Appraisal, ...]) -> pd.DataFrame:
    """Appraisals at the most likely figures, a row for each convention."""
    return pd.DataFrame(
        [
            {
                "convention": a.convention,
                "rate": a.rate,
                "npv_usd_m": float(a.npv_usd[0]) / 1e6,
                "npv_low_rate_usd_m": float(a.npv_low_rate_usd[0]) / 1e6,
                "npv_high_rate_usd_m": float(a.npv_high_rate_usd[0]) / 1e6,
                "eirr": float(a.eirr[0]),
                "roots": int(a.roots[0]),
                "bcr": float(a.bcr[0]),
                "payback_years": float(a.payback_years[0]),
                **{f"pv_{k}_usd_m": float(v[0]) / 1e6 for k, v in a.pv_usd.items()},
            }
            for a in found
        ]
    )


def price_table(package: Package, w: Worth) -> pd.DataFrame:
    """Prices of the appraisal at the most likely figures, and the range of those that are drawn."""
    rows: list[dict[str, Any]] = [{"price": "discount rate", "most_likely": w.rate, "unit": "1/year"}]
    for name, middle, values, unit in (
        (
            "economic over financial cost of works",
            w.middle.economic_over_financial,
            w.money.economic_over_financial,
            "1",
        ),
        ("worth of CO2e", w.middle.carbon_usd_per_t, w.money.carbon_usd_per_t, f"USD/t of {package.meta.price_year}"),
    ):
        low, high = np.percentile(values, [10, 90])
        rows.append({"price": name, "low": low, "most_likely": float(middle[0]), "high": high, "unit": unit})
    rows.append({"price": "growth of the worth of CO2e", "most_likely": w.main.plan.carbon_growth, "unit": "1/year"})
    for stage, of in ((0, "stage one"), (1, "both")):
        low, high = np.percentile(w.gains.saved[:, stage], [10, 90])
        middle_t = float(w.central.saved[0, stage])
        rows.append(
            {"price": f"CO2e saved by {of}", "low": low, "most_likely": middle_t, "high": high, "unit": "t/year"}
        )
    return pd.DataFrame(rows, columns=["price", "low", "most_likely", "high", "unit"])


def flow_table(flows: CashFlows) -> pd.DataFrame:
    """Flows of both projects together at the most likely figures."""
    return pd.DataFrame({"year": flows.years, **{f"{i}_usd_m": getattr(flows, i)[0] / 1e6 for i in ITEMS}})


def npv_table(npv: Distribution) -> pd.DataFrame:
    """Distribution of the net present value."""
    rows: list[dict[str, Any]] = [
        {"measure": f"percentile {q:g}", "usd_m": v / 1e6} for q, v in npv.percentiles.items()
    ]
    rows += [
        {"measure": "mean", "usd_m": npv.mean / 1e6},
        {"measure": "error of the mean", "usd_m": npv.mean_error / 1e6},
        {"measure": "mean of the worst 5%", "usd_m": npv.cvar5 / 1e6},
        {"measure": "worth of perfect information", "usd_m": npv.evpi / 1e6},
    ]
    return pd.DataFrame(rows)
