"""Whether a project pays: present value, rates of return, ratio, switching values, payback.

NPV = sum_t net_t / (1 + r)^(t - t0) with t0 the first year of the flows. A rate of return is a root of the NPV in
the rate; a flow that changes sign more than once may have several or none. All are reported, and then the modified
rate of return stands in for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.feasibility.cashflow import ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.feasibility.cashflow import CashFlows

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

HIGHEST_RATE: Final = 1e4
LOWEST_RATE: Final = -0.999
BISECTIONS: Final = 80
NOTHING: Final = 1e-15
"""A flow up to this share of the largest counts as none. That loses a root only at rates so far below zero that
such a flow would outweigh the largest."""


@dataclass(frozen=True, slots=True)
class ADB2017:
    """Asian Development Bank, Guidelines for the Economic Analysis of Projects (2017).

    Attributes
    ----------
    rate
        Minimum economic rate of return, 9 %; 6 % for social, poverty and environmental projects.
    bounds
        Rates at which the result is shown beside.
    """

    rate: float = 0.09
    bounds: tuple[float, float] = (0.06, 0.12)
    name: str = "ADB 2017"


@dataclass(frozen=True, slots=True)
class WorldBank2016:
    """World Bank, technical note on discounting costs and benefits (2016): 6 %, twice the growth expected.

    Attributes
    ----------
    rate
        Discount rate.
    bounds
        Rates at which the result is shown beside.
    """

    rate: float = 0.06
    bounds: tuple[float, float] = (0.03, 0.10)
    name: str = "World Bank 2016"


Convention = ADB2017 | WorldBank2016


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The verdict of a cash flow; every array has the shape [...] of the draws, items apart.

    Attributes
    ----------
    convention, rate
        By which it was made.
    npv_usd, npv_low_rate_usd, npv_high_rate_usd
        Net present value at the rate and at the two bounds of the convention.
    pv_usd
        Present value of each item with its sign, by name.
    eirr
        Economic rate of return where the flow has exactly one root, else NaN.
    roots
        How many rates make the NPV zero; 0 says that there is no rate of return.
    mirr
        Modified rate of return at the convention's rate; NaN where nothing is spent or nothing comes back.
    bcr
        Present value of benefit and carbon over that of capital and O&M net of the residual; NaN without cost.
    payback_years, discounted_payback_years
        From the start of the first year; NaN where it never pays back.
    """

    convention: str
    rate: float
    npv_usd: Array
    npv_low_rate_usd: Array
    npv_high_rate_usd: Array
    pv_usd: dict[str, Array]
    eirr: Array
    roots: Counts
    mirr: Array
    bcr: Array
    payback_years: Array
    discounted_payback_years: Array


def discount(n_years: int, rate: float) -> Array:
    """Discount factors [T] of years that follow each other, the first undiscounted."""
    if not rate > -1.0:
        raise InputError(f"A discount rate of {rate} is not above -1", "Give a share a year, such as 0.09.")
    return np.asarray((1.0 + rate) ** -np.arange(n_years, dtype=np.float64))


def present_value(flow: Array, rate: float) -> Array:
    """Present value [...] of flows [..., T] in the unit of the flow."""
    return np.asarray(flow @ discount(flow.shape[-1], rate))


def _resolved(net: Array) -> Array:
    size = np.abs(net)
    return np.asarray(np.where(size <= NOTHING * size.max(axis=-1, keepdims=True), 0.0, net))


def sign_changes(net: Array) -> Counts:
    """Count the sign changes [...] of flows [..., T], zeros left out (Descartes: no more positive roots than that)."""
    signs = np.sign(net)
    index = np.where(signs != 0, np.arange(net.shape[-1]), 0)
    filled = np.take_along_axis(signs, np.maximum.accumulate(index, axis=-1), axis=-1)
    return np.asarray((filled[..., 1:] * filled[..., :-1] < 0).sum(axis=-1), dtype=np.int64)


def _touches(flow: Array, v: float) -> bool:
    """Whether the polynomial is zero at v to the last digits its terms carry."""
    terms = flow * v ** np.arange(len(flow), dtype=np.float64)
    return bool(abs(terms.sum()) <= 64 * np.finfo(np.float64).eps * np.abs(terms).sum())


def irr_roots(net: Array) -> tuple[float, ...]:
    """All rates above -99.9 % at which the present value of a flow is zero, rising.

    The present value is a polynomial in v = 1/(1+r). Eigenvalues of its companion matrix say where its real roots
    are; each is then bracketed by a change of sign and refined, so that its error is that of the sum itself. A root
    without a change of sign (the flow touches zero) is kept where the sum vanishes to rounding.

    Parameters
    ----------
    net
        [T] flow of any unit.
    """
    from scipy.optimize import brentq

    net = _resolved(net)
    used = np.flatnonzero(net)
    if len(used) < 2 or sign_changes(net) == 0:
        return ()
    flow = np.asarray(net[used[0] : used[-1] + 1] / np.abs(net).max())
    powers = np.arange(len(flow), dtype=np.float64)

    def value(v: float) -> float:
        return float((flow * v ** (powers - (powers[-1] if v > 1.0 else 0.0))).sum())

    least, most = 1.0 / (1.0 + HIGHEST_RATE), 1.0 / (1.0 + LOWEST_RATE)
    found = np.roots(flow[::-1])
    near = np.sort(found.real[(np.abs(found.imag) <= 1e-4 * np.abs(found)) & (found.real > 0)])
    near = near[(near > least) & (near < most)]
    # Eigenvalues of a double root part by the root of the rounding error; one candidate is enough for the pair.
    keep = np.concatenate([[True], np.diff(near) > 1e-5 * near[1:]]) if len(near) else np.zeros(0, dtype=bool)
    near = near[keep]
    if len(near) == 0:
        return ()
    edges = np.concatenate([[least], np.sqrt(near[1:] * near[:-1]), [most]])
    out: list[float] = []
    for candidate, left, right in zip(near, edges[:-1], edges[1:], strict=True):
        if value(left) * value(right) < 0:
            out.append(float(brentq(value, left, right, xtol=1e-15, rtol=1e-15, maxiter=200)))
        else:
            out += _without_change(flow, float(candidate))
    return tuple(sorted(1.0 / v - 1.0 for v in out))


def _without_change(flow: Array, candidate: float) -> list[float]:
    """Root at which the polynomial touches zero: the root of its derivative nearby, if the value vanishes there."""
    from scipy.optimize import brentq

    powers = np.arange(1, len(flow), dtype=np.float64)

    def slope(v: float) -> float:
        return float((flow[1:] * powers * v ** (powers - 1.0)).sum())

    left, right = candidate * (1 - 1e-3), candidate * (1 + 1e-3)
    if slope(left) * slope(right) >= 0:
        return []
    v = float(brentq(slope, left, right, xtol=1e-15, rtol=1e-15, maxiter=200))
    return [v] if _touches(flow, v) else []


def _single_root(net: Array) -> Array:
    """Rates [n] of flows [n, T] with one change of sign, by bisection in ln v, all at once."""
    scale = np.abs(net).max(axis=-1, keepdims=True)
    flow = net / scale
    powers = np.arange(net.shape[-1], dtype=np.float64)
    low = np.full(len(net), -np.log1p(HIGHEST_RATE))
    high = np.full(len(net), -np.log1p(LOWEST_RATE))
    first = np.sign(np.take_along_axis(flow, (flow != 0).argmax(axis=-1)[:, None], axis=-1)[:, 0])

    def value(log_v: Array) -> Array:
        # Terms are scaled by the last power where v is above one, so that none overflows; the sign is the same.
        return np.asarray((flow * np.exp(powers * log_v[:, None] - powers[-1] * np.maximum(log_v, 0)[:, None])).sum(-1))

    inside = (value(low) * first >= 0) & (value(high) * first <= 0)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        before = value(middle) * first > 0
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.asarray(np.where(inside, np.expm1(-0.5 * (low + high)), np.nan))


def irr(net: Array) -> tuple[Array, Counts]:
    """Rate of return and number of roots of flows.

    Parameters
    ----------
    net
        [..., T] any unit.

    Returns
    -------
    rate, roots
        [...] the rate where there is exactly one, else NaN; and how many there are.
    """
    flat = _resolved(net).reshape(-1, net.shape[-1])
    changes = np.atleast_1d(sign_changes(flat))
    rate = np.full(len(flat), np.nan)
    count = np.zeros(len(flat), dtype=np.int64)
    once = changes == 1
    if once.any():
        rate[once] = _single_root(flat[once])
        count[once] = np.isfinite(rate[once])
    for i in np.flatnonzero(changes > 1):
        roots = irr_roots(flat[i])
        count[i] = len(roots)
        rate[i] = roots[0] if len(roots) == 1 else np.nan
    return rate.reshape(net.shape[:-1]), count.reshape(net.shape[:-1])


def mirr(net: Array, finance_rate: float, reinvest_rate: float) -> Array:
    """Return the modified rate: what comes back is put out at one rate, what is spent is borrowed at another.

    MIRR = (FV of inflows at the end / PV of outflows at the start)^(1/(T-1)) - 1.

    Parameters
    ----------
    net
        [..., T] any unit.
    finance_rate, reinvest_rate
        Shares a year.

    Returns
    -------
    rate
        [...], NaN where nothing is spent or nothing comes back.
    """
    net = _resolved(net)
    n = net.shape[-1]
    future = present_value(np.maximum(net, 0.0), reinvest_rate) * (1.0 + reinvest_rate) ** (n - 1)
    spent = present_value(np.maximum(-net, 0.0), finance_rate)
    defined = (future > 0) & (spent > 0)
    ratio = np.where(defined, future, 1.0) / np.where(defined, spent, 1.0)
    return np.asarray(np.where(defined, ratio ** (1.0 / (n - 1)) - 1.0, np.nan))


def payback(net: Array) -> Array:
    """Years until the sum of a flow is last zero and stays above, [...] of [..., T]; NaN where it never does.

    Within a year the flow is even.
    """
    net = _resolved(net)
    total = np.cumsum(net, axis=-1)
    n = net.shape[-1]
    below = total < 0
    last = n - 1 - below[..., ::-1].argmax(axis=-1)
    last = np.where(below.any(axis=-1), last, -1)
    reached = last < n - 1
    at = np.minimum(last + 1, n - 1)
    before = np.take_along_axis(total, np.maximum(last, 0)[..., None], axis=-1)[..., 0]
    step = np.take_along_axis(net, at[..., None], axis=-1)[..., 0]
    part = np.where((last >= 0) & (step > 0), -before / np.where(step > 0, step, 1.0), 0.0)
    return np.asarray(np.where(reached, at + part, np.nan))


def _largest(pv: dict[str, Array]) -> Array:
    return np.asarray(np.max([np.abs(v) for v in pv.values()], axis=0))


def appraise(flows: CashFlows, convention: Convention) -> Appraisal:
    """Appraise cash flows, all draws at once.

    Parameters
    ----------
    flows
        [..., T] USD a year.
    convention
        Whose rules.
    """
    rate, net = convention.rate, flows.net
    pv = {item: present_value(flows.signed(item), rate) for item in ITEMS}
    npv = present_value(net, rate)
    low, high = (present_value(net, bound) for bound in convention.bounds)
    eirr, roots = irr(net)
    cost = -(pv["capital"] + pv["o_and_m"] + pv["residual"])
    has_cost = cost > NOTHING * _largest(pv)
    bcr = np.where(has_cost, (pv["benefit"] + pv["carbon"]) / np.where(has_cost, cost, 1.0), np.nan)
    return Appraisal(
        convention=convention.name,
        rate=rate,
        npv_usd=npv,
        npv_low_rate_usd=low,
        npv_high_rate_usd=high,
        pv_usd=pv,
        eirr=eirr,
        roots=roots,
        mirr=mirr(net, rate, rate),
        bcr=np.asarray(bcr),
        payback_years=payback(net),
        discounted_payback_years=payback(net * discount(net.shape[-1], rate)),
    )


def switching_values(appraisal: Appraisal) -> dict[str, Array]:
    """Relative change of each item at which the NPV is zero, -NPV / PV(item): 0.2 is 20 % more.

    NaN for an item that does not occur. Values below -1 say that no change short of its sign would do.
    """
    out = {}
    floor = NOTHING * _largest(appraisal.pv_usd)
    for item, pv in appraisal.pv_usd.items():
        occurs = np.abs(pv) > floor
        out[item] = np.asarray(np.where(occurs, -appraisal.npv_usd / np.where(occurs, pv, 1.0), np.nan))
    return out


def sensitivity_indicators(appraisal: Appraisal) -> dict[str, Array]:
    """Per cent of NPV gained per per cent more of each item, PV(item) / |NPV|; NaN where the NPV is zero."""
    size = np.abs(appraisal.npv_usd)
    known = size > NOTHING * _largest(appraisal.pv_usd)
    return {
        item: np.asarray(np.where(known, pv / np.where(known, size, 1.0), np.nan))
        for item, pv in appraisal.pv_usd.items()
    }


def switching_point(npv_usd: Callable[[float], float], low: float, high: float) -> float:
    """Value of one input at which the NPV is zero, for inputs that do not enter in proportion.

    Parameters
    ----------
    npv_usd
        NPV as a function of the input: days open a year, years of delay, growth.
    low, high
        Where to look.

    Returns
    -------
    value
        NaN when the NPV has the same sign at both ends.
    """
    from scipy.optimize import brentq

    at_low, at_high = npv_usd(low), npv_usd(high)
    if at_low == 0.0:
        return low
    if at_high == 0.0:
        return high
    if at_low * at_high > 0:
        return float("nan")
    return float(brentq(npv_usd, low, high, xtol=1e-12, rtol=1e-13))
