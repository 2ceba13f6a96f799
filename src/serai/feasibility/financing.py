"""Who pays, who is paid, and whether the operator can serve the debt.

All money is USD of the price year; [T] years.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.feasibility.appraisal import irr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Payer:
    """One source of the capital.

    Attributes
    ----------
    name, country
        Who, and the country whose cash it is.
    share
        Of the capital; the shares of all payers add up to 1.
    kind
        A grant asks nothing back, equity takes what is left in proportion, a loan is served first.
    rate, tenor_years
        Of a loan: interest a year, and years of level payments.
    guarantor, guaranteed_share
        Of a loan: the country that pays this share of what the operator cannot.
    """

    name: str
    country: str
    share: float
    kind: Literal["grant", "equity", "loan"]
    rate: float = 0.0
    tenor_years: int = 0
    guarantor: str = ""
    guaranteed_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Operation:
    """What running it brings and costs.

    Attributes
    ----------
    tariff_usd_per_tkm, cost_usd_per_tkm
        Per tonne-kilometre carried.
    fixed_usd_per_year
        From opening on, whatever is carried; one figure, or one for each year.
    tkm_per_set, usd_per_set, set_life_years
        Work of a set of rolling stock a year, its price and its life; no rolling stock where the price is 0.
    country
        Whose operator it is: it keeps what is left and bears losses where there is no equity.
    """

    tariff_usd_per_tkm: float
    cost_usd_per_tkm: float
    country: str
    fixed_usd_per_year: float | Array = 0.0
    tkm_per_set: float = 1.0
    usd_per_set: float = 0.0
    set_life_years: int = 25


def annuity(principal: float, rate: float, n: int) -> float:
    """Level yearly payment that repays a principal in n years, in the unit of the principal."""
    if n < 1 or rate <= -1:
        raise InputError("A loan has no years to repay it", "Give a tenor of at least one year and its rate.")
    if rate == 0.0:
        return principal / n
    return principal * rate / -math.expm1(-n * math.log1p(rate))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A loan by year, [T] USD.

    Attributes
    ----------
    drawn, interest, repaid
        Received, and due; interest of the grace years is added to the debt.
    balance
        Owed at the end of the year.
    """

    drawn: Array
    interest: Array
    repaid: Array
    balance: Array


def schedule(drawn: Array, rate: float, tenor_years: int, first: int) -> Schedule:
    """Serve a loan: interest is added to the debt until the first payment, then payments are level.

    Parameters
    ----------
    drawn
        [T] received at the end of each year.
    rate, tenor_years
        Of the loan.
    first
        Index of the year of the first payment; nothing may be drawn from then on.

    Raises
    ------
    InputError
        When payments begin while money is drawn, do not end within the years, or there are none.
    """
    n = len(drawn)
    if tenor_years < 1 or drawn[first:].any() or first + tenor_years > n:
        raise InputError(
            "A loan is repaid before it is drawn, after the last year, or in no time",
            "Move the first payment or shorten the loan.",
        )
    interest, repaid, balance = np.zeros(n), np.zeros(n), np.zeros(n)
    owed, payment = 0.0, 0.0
    for t in range(n):
        due = owed * rate
        if t < first:
            owed += due + drawn[t]
        elif t < first + tenor_years:
            if t == first:
                payment = annuity(owed, rate, tenor_years)
            interest[t], repaid[t] = due, payment - due
            owed = max(owed - repaid[t], 0.0) if t < first + tenor_years - 1 else 0.0
        balance[t] = owed
    return Schedule(np.asarray(drawn), interest, repaid, balance)


def rolling_stock(tkm: Array, operation: Operation) -> tuple[Array, Array]:
    """Return the sets in use and their purchase, replaced at the end of their life.

    Parameters
    ----------
    tkm
        [T] tonne-kilometres a year.
    operation
        Work, price and life of a set.

    Returns
    -------
    sets, capital
        [T] sets owned, and USD a year.
    """
    bought, owned = np.zeros(len(tkm)), np.zeros(len(tkm))
    if operation.usd_per_set == 0.0:
        return owned, bought
    for t, work in enumerate(tkm):
        alive = bought[max(0, t + 1 - operation.set_life_years) : t].sum()
        bought[t] = max(math.ceil(work / operation.tkm_per_set - 1e-9) - alive, 0.0)
        owned[t] = alive + bought[t]
    return owned, bought * operation.usd_per_set


@dataclass(frozen=True, slots=True)
class Financing:
    """Money by year, [T] USD; cash in is above zero.

    Attributes
    ----------
    revenue, operating, capital
        Tariffs collected, cost of running, capital with rolling stock.
    service, paid, called, unpaid
        Debt service due; of it paid by the operator, by guarantors, and by nobody.
    dscr
        Revenue less running cost over the service due; NaN in years without debt service.
    firr
        Financial rate of return before finance; NaN without exactly one.
    equity_irr
        Of the equity; NaN without equity or without exactly one rate.
    cash
        By country: what it puts in, collects, lends, gets back and guarantees. All countries together have the
        project's net cash before finance.
    """

    revenue: Array
    operating: Array
    capital: Array
    service: Array
    paid: Array
    called: Array
    unpaid: Array
    dscr: Array
    firr: float
    equity_irr: float
    cash: dict[str, Array]


def _check_payers(payers: Sequence[Payer]) -> None:
    if not payers or abs(sum(p.share for p in payers) - 1.0) > 1e-9 or min(p.share for p in payers) < 0:
        raise InputError("The shares of the payers do not add up to 1", "Correct them.")
    for p in payers:
        if not 0 <= p.guaranteed_share <= 1 or (p.guaranteed_share > 0 and not p.guarantor):
            raise InputError(f"The guarantee of {p.name} has no guarantor or is no share", "Name who gives it.")


def finance(works: Array, tkm: Array, operation: Operation, payers: Sequence[Payer], first_payment: int) -> Financing:
    """Finance a project and run it.

    Parameters
    ----------
    works
        [T] capital of the works, USD a year, all of it before the first payment.
    tkm
        [T] tonne-kilometres carried a year.
    operation
        Tariff, cost and rolling stock. Rolling stock bought after the first payment is paid from revenue.
    payers
        Who pays the works and the rolling stock bought with them.
    first_payment
        Index of the year in which loans are first served.
    """
    _check_payers(payers)
    n = len(works)
    _, stock = rolling_stock(tkm, operation)
    early = np.arange(n) < first_payment
    funded = works + np.where(early, stock, 0.0)
    revenue = tkm * operation.tariff_usd_per_tkm
    running = tkm * operation.cost_usd_per_tkm + np.where(tkm > 0, operation.fixed_usd_per_year, 0.0)
    operating = running + np.where(early, 0.0, stock)
    loans = {p: schedule(p.share * funded, p.rate, p.tenor_years, first_payment) for p in payers if p.kind == "loan"}
    due = {p: s.interest + s.repaid for p, s in loans.items()}
    service = sum(due.values(), np.zeros(n))
    available = revenue - operating
    paid_share = np.where(service > 0, np.clip(available, 0.0, service) / np.where(service > 0, service, 1.0), 1.0)
    cash = {c: np.zeros(n) for p in payers for c in (p.country, p.guarantor) if c} | {operation.country: np.zeros(n)}
    called = np.zeros(n)
    for p in payers:
        cash[p.country] -= p.share * funded
    for p, owed in due.items():
        by_guarantor = owed * (1.0 - paid_share) * p.guaranteed_share
        cash[p.country] += owed * paid_share + by_guarantor
        if p.guarantor:
            cash[p.guarantor] -= by_guarantor
        called += by_guarantor
    paid = service * paid_share
    left = available - paid
    equity = {p: p.share for p in payers if p.kind == "equity" and p.share > 0}
    owners = {p: share / sum(equity.values()) for p, share in equity.items()}
    for p, share in owners.items():
        cash[p.country] += share * left
    if not owners:
        cash[operation.country] += left
    own = left - sum(equity.values()) * funded
    return Financing(
        revenue=revenue,
        operating=operating,
        capital=funded,
        service=service,
        paid=paid,
        called=called,
        unpaid=service - paid - called,
        dscr=np.where(service > 0, available / np.where(service > 0, service, 1.0), np.nan),
        firr=float(irr(available - funded)[0]),
        equity_irr=float(irr(own)[0]) if owners else float("nan"),
        cash=cash,
    )


def in_local_currency(
    cash: Mapping[str, Array], per_usd: Mapping[str, float], real_depreciation: Mapping[str, float]
) -> dict[str, Array]:
    """Turn cash by country into local currency of the price year.

    Parameters
    ----------
    cash
        [T] USD a year by country.
    per_usd
        Local currency per USD in the first year.
    real_depreciation
        By country, share a year by which the dollar grows dearer above the two inflations; 0 where not given.

    Raises
    ------
    InputError
        When a country has no exchange rate.
    """
    if missing := sorted(set(cash) - set(per_usd)):
        raise InputError(f"{missing[0]} has no exchange rate", "Give local currency per USD.")
    return {
        c: flow * per_usd[c] * (1.0 + real_depreciation.get(c, 0.0)) ** np.arange(len(flow)) for c, flow in cash.items()
    }
