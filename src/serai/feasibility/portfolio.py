"""Which projects, in which order, under a budget, when one may be worth nothing without another.

A set of projects is a bit mask. Its worth is asked for as a whole, never added up from its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]
MOST_EXACT: Final = 12
"""Projects up to which every subset is tried."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The best set of projects that was found.

    Attributes
    ----------
    chosen
        Bit mask.
    worth_usd, cost_usd
        Net present value of the whole set, and what it takes from the budget.
    exact
        Whether no set within the budget is worth more; otherwise a search found it.
    asked
        How many worths were solved.
    """

    chosen: int
    worth_usd: float
    cost_usd: float
    exact: bool
    asked: int

    def members(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the projects in the set."""
        return tuple(n for i, n in enumerate(names) if self.chosen >> i & 1)


class _Asked:
    """Worths that were asked for, each once."""

    def __init__(self, worth: Callable[[int], float]) -> None:
        self.worth = worth
        self.known: dict[int, float] = {0: 0.0}

    def __call__(self, mask: int) -> float:
        if mask not in self.known:
            value = float(self.worth(mask))
            if not np.isfinite(value):
                raise InputError(f"The worth of project set {mask:b} is not a number", "Leave out what has no answer.")
            self.known[mask] = value
        return self.known[mask]


def _costs(cost_usd: Array, budget_usd: float) -> Array:
    cost = np.asarray(cost_usd, dtype=np.float64)
    if cost.ndim != 1 or not np.isfinite(cost).all() or (cost < 0).any() or not budget_usd >= 0:
        raise InputError("A cost or the budget is below zero or not a number", "Give USD of 0 or more.")
    return cost


def best_portfolio(cost_usd: Array, worth: Callable[[int], float], budget_usd: float) -> Portfolio:
    """Find the set of projects worth most within a budget.

    Up to 12 projects every subset is tried. Beyond, projects and pairs are added by worth gained per cost, then
    single swaps are tried until none helps; every step is scored with the worth of the whole set.

    Parameters
    ----------
    cost_usd
        [n] what each takes from the budget.
    worth
        Net present value of a set by bit mask, its cost taken off; that of none is 0.
    budget_usd
        The budget.

    Returns
    -------
    portfolio
        Of equal sets the cheaper, then the one with the lower mask.
    """
    cost = _costs(cost_usd, budget_usd)
    asked = _Asked(worth)
    n = len(cost)
    if n > MOST_EXACT:
        return _searched(cost, asked, budget_usd)
    best = (0.0, 0.0, 0)
    for mask in range(1, 1 << n):
        spent = _sum(cost, mask)
        if spent <= budget_usd * (1 + 1e-12):
            best = max(best, (asked(mask), -spent, -mask))
    return Portfolio(-best[2], best[0], -best[1] + 0.0, exact=True, asked=len(asked.known) - 1)


def _sum(cost: Array, mask: int) -> float:
    return float(sum(c for i, c in enumerate(cost) if mask >> i & 1))


def _searched(cost: Array, asked: _Asked, budget: float) -> Portfolio:
    n, limit = len(cost), budget * (1 + 1e-12)
    steps = [1 << i for i in range(n)] + [1 << i | 1 << j for i in range(n) for j in range(i)]
    mask = 0
    while True:
        options = []
        for step in steps:
            grown = mask | step
            extra = _sum(cost, grown & ~mask)
            if grown != mask and _sum(cost, grown) <= limit and asked(grown) > asked(mask):
                options.append(((asked(grown) - asked(mask)) / max(extra, 1e-12), -grown))
        if options:
            mask = -max(options)[1]
            continue
        swaps = [
            mask & ~(1 << i) | (1 << j if j < n else 0)
            for i in range(n)
            if mask >> i & 1
            for j in range(n + 1)
            if j == n or not mask >> j & 1
        ]
        better = [(asked(s), -s) for s in swaps if _sum(cost, s) <= limit and asked(s) > asked(mask)]
        if not better:
            return Portfolio(mask, asked(mask), _sum(cost, mask), exact=False, asked=len(asked.known) - 1)
        mask = -max(better)[1]


def complementarity(n: int, worth: Callable[[int], float]) -> Array:
    """Return what pairs are worth beyond their parts, [n, n], v(ij) - v(i) - v(j): above zero they need each other."""
    asked = _Asked(worth)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            out[i, j] = out[j, i] = asked(1 << i | 1 << j) - asked(1 << i) - asked(1 << j)
    return out


@dataclass(frozen=True, slots=True)
class Order:
    """The best order of building.

    Attributes
    ----------
    order
        Positions of the projects, first built first.
    worth_usd
        Present value on the first day.
    starts
        [n] years after the first day at which each begins, in the order of building.
    """

    order: tuple[int, ...]
    worth_usd: float
    starts: tuple[float, ...]


def best_order(
    chosen: int,
    yearly_usd: Callable[[int], float],
    cost_usd: Array,
    build_years: Array,
    rate: float,
    horizon_years: float,
) -> Order:
    """Order in which a chosen set is built, one after the other, so that it is worth most.

    What is built brings its yearly benefit from its opening to the horizon, continuously discounted; a cost is spent
    when building begins. The day depends on what is built, not on its order, so the best order follows by dynamic
    programming over subsets (Held and Karp 1962).

    Parameters
    ----------
    chosen
        Bit mask of at most 12 projects.
    yearly_usd
        Benefit a year of a set by bit mask.
    cost_usd, build_years
        [n] of every project.
    rate
        Discount rate a year.
    horizon_years
        End of the appraisal.
    """
    todo = [i for i in range(len(cost_usd)) if chosen >> i & 1]
    if len(todo) > MOST_EXACT:
        raise InputError(f"The order of {len(todo)} projects is out of reach", f"Choose {MOST_EXACT} or fewer.")
    if rate <= 0 or _sum(build_years, chosen) > horizon_years:
        raise InputError("The projects are not built before the horizon", "Look further ahead, at a rate above 0.")
    force = np.log1p(rate)

    def worth_between(mask: int, begin: float, end: float) -> float:
        return float(yearly_usd(mask) * (np.exp(-force * begin) - np.exp(-force * end)) / force)

    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for size in range(len(todo)):
        for mask in [m for m in best if m.bit_count() == size]:
            now = _sum(build_years, mask)
            for i in todo:
                if mask >> i & 1:
                    continue
                then = now + float(build_years[i])
                gained = worth_between(mask, now, then) if mask else 0.0
                total = best[mask][0] + gained - float(cost_usd[i]) * float(np.exp(-force * now))
                grown, order = mask | 1 << i, (*best[mask][1], i)
                if grown not in best or total > best[grown][0]:
                    best[grown] = (total, order)
    worth, order = best[chosen]
    finished = _sum(build_years, chosen)
    starts = tuple(float(sum(build_years[j] for j in order[:k])) for k in range(len(order)))
    return Order(order, worth + (worth_between(chosen, finished, horizon_years) if chosen else 0.0), starts)
