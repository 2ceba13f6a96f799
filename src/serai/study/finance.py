"""Who pays for a project and what comes back, by country and year, from the package's terms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serai.core.errors import InputError
from serai.data.projects import project_terms
from serai.feasibility.cashflow import grow, ramp_up
from serai.feasibility.financing import Operation, Payer, finance
from serai.study.money import ANCHORS
from serai.study.prices import local_cash

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.data.projects import ProjectTerms
    from serai.feasibility.cashflow import CashFlows
    from serai.study.money import Terms


def payers_of(package: Package, terms: ProjectTerms) -> list[Payer]:
    """Payers of a project: countries put in equity and borrow the share of debt; others lend without a guarantor."""
    countries = set(package["countries"]["iso3"])
    whole = sum(f.mode for f in terms.payers.values())
    figure = {i: terms.figures[i].mode for i in ("debt_share", "debt_interest", "debt_tenor") if i in terms.figures}
    debt = min(figure.get("debt_share", 0.0), 1.0) if "debt_tenor" in figure else 0.0
    out = []
    for name, f in terms.payers.items():
        share, tenor = f.mode / whole, math.floor(figure.get("debt_tenor", 0.0))
        own = name in countries
        lent = share * debt if own else share if tenor else 0.0
        if share > lent:
            out.append(Payer(name, name, share - lent, "equity"))
        if lent > 0:
            out.append(
                Payer(
                    f"loan of {name}",
                    "lenders",
                    lent,
                    "loan",
                    figure.get("debt_interest", 0.0),
                    tenor,
                    name if own else "",
                    1.0 if own else 0.0,
                )
            )
    return out


def _uncovered(reason: str) -> pd.DataFrame:
    """Say why there is no financing."""
    figures = ("least_cover", "most_cover", "firr", "called_usd_m", "unpaid_usd_m")
    return pd.DataFrame([{**dict.fromkeys(figures, math.nan), "reason": reason}])


def cash_table(package: Package, terms: Terms, flows: CashFlows, sections: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Cash by country and year, and the cover of debt; empty tables where the package states no payer or tariff.

    Parameters
    ----------
    package, terms
        The project.
    flows
        Its flows at the most likely figures, in the prices that are paid; only capital and upkeep are used.
    sections
        Traffic by section.
    """
    stated = project_terms(package, terms.project)
    empty = {name: pd.DataFrame() for name in ("decision_cash", "decision_cash_local", "decision_cover")}
    if not stated.payers or not {"tariff", "operating_cost"} <= set(stated.figures):
        return empty
    years = flows.years
    opening = terms.plan.start + terms.build_years[1]
    tkm = np.array([(1e6 * sections[f"mt_after_{y}_years"] * sections["km"]).sum() for y in ANCHORS])
    work = grow(years, np.array(terms.plan.anchors), tkm) * ramp_up(
        years, opening, terms.plan.ramp_years, terms.plan.first_share
    )
    work = np.where(years >= opening, work, 0.0)
    # What is built again later is paid from revenue, as stock bought later is.
    capital = np.where(years <= opening, flows.capital[0], 0.0)
    kept = np.asarray(flows.o_and_m[0] + flows.capital[0] - capital)
    spent = np.flatnonzero(capital > 0)
    if not len(spent):
        return empty | {"decision_cover": _uncovered("Nothing is spent, so that nothing is financed.")}
    grace = stated.figures.get("debt_grace")
    first = max(int(spent[-1]) + 1, math.floor(grace.mode) if grace else 0)
    operator = next((p for p in stated.payers if p in set(package["countries"]["iso3"])), "operator")
    # Running trains and keeping the line are two costs, and whoever collects the tariff pays both.
    operation = Operation(stated.figures["tariff"].mode, stated.figures["operating_cost"].mode, operator, kept)
    try:
        found = finance(capital, work, operation, payers_of(package, stated), first)
    except InputError as fault:
        return empty | {"decision_cover": _uncovered(str(fault))}
    cash = pd.DataFrame(
        {
            "year": years,
            **{f"{c}_usd_m": v / 1e6 for c, v in found.cash.items()},
            "revenue_usd_m": found.revenue / 1e6,
            "operating_usd_m": found.operating / 1e6,
            "service_usd_m": found.service / 1e6,
            "guarantees_called_usd_m": found.called / 1e6,
        }
    )
    served = found.dscr[np.isfinite(found.dscr)]
    cover = pd.DataFrame(
        {
            "least_cover": [float(served.min()) if len(served) else math.nan],
            "most_cover": [float(served.max()) if len(served) else math.nan],
            "firr": [found.firr],
            "called_usd_m": [float(found.called.sum()) / 1e6],
            "unpaid_usd_m": [float(found.unpaid.sum()) / 1e6],
            "reason": [""],
        }
    )
    return {"decision_cash": cash, "decision_cash_local": local_cash(package, cash), "decision_cover": cover}
