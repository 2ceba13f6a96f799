"""What a decision is worth at every draw: what was drawn, the gains of the solved worlds, and money over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from serai.feasibility.appraisal import present_value
from serai.feasibility.distribution import design, variance_shares
from serai.feasibility.uncertainty import draw, joined, sobol
from serai.study.money import Money, added, flows_of, money_factors, regimes_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.feasibility.appraisal import ADB2017
    from serai.feasibility.cashflow import CashFlows
    from serai.feasibility.corridor_model import CorridorModel
    from serai.feasibility.uncertainty import Factors
    from serai.study.money import Terms
    from serai.study.spec import DecisionSpec

    Array = npt.NDArray[np.float64]

RESAMPLED: Final = 1024
"""Rows of the design by which the variance is shared out; no world is solved for it."""
SOLVED: Final = "freight, borders and trade"
STAGE, REST, BOTH = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn: factors of the arcs and of money, and the figures [n, d]."""

    arcs: Factors
    money: Factors
    values: Array


@dataclass(frozen=True, slots=True)
class Gains:
    """What solved worlds bring a year, of stage one and of both; n draws.

    Attributes
    ----------
    ev : float64[n, 2]
        Members' equivalent variation, USD a year.
    saved : float64[n, 2]
        t CO2e a year that all traffic emits less.
    """

    ev: Array
    saved: Array

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> Gains:
        """Gains at some draws."""
        return Gains(self.ev[rows], self.saved[rows])


def draws_of(
    model: CorridorModel, terms: tuple[Terms, ...], spec: DecisionSpec, n: int
) -> tuple[Draw, tuple[dict[str, float | str], ...]]:
    """Draw all figures of a decision: those arcs feel, and those of money."""
    package = model.world.package
    touched = model.touched(tuple(dict.fromkeys(t.project for t in terms)))
    arcs = model.world.compiled.topology.arcs
    places = frozenset(arcs[i].place for i in np.flatnonzero(touched))
    soil = package["projects"].set_index("id")["countries"][terms[-1].project]
    regimes = regimes_of(package, tuple(str(soil).split(";")), places)
    money = joined(*money_factors(package, terms, spec, regimes))
    both = joined(model.factors, money)
    return Draw(model.factors, money, draw(both, sobol(n, len(both), 0)).values), tuple(regimes)


@dataclass(frozen=True)
class Worth:
    """Gains of the draws, and how money turns them into flows.

    Attributes
    ----------
    stage, main
        Terms of the first stage and of the project.
    money, middle
        Figures of money at the draws, and at their modes.
    gains, central
        At the draws, and at the most likely figures.
    base_year
        Of the trade the worlds were solved at.
    convention
        Rate and bounds of the appraisal.
    """

    stage: Terms
    main: Terms
    money: Money
    middle: Money
    gains: Gains
    central: Gains
    base_year: int
    convention: ADB2017

    @property
    def rate(self) -> float:
        """Discount rate."""
        return self.convention.rate

    def flows(
        self,
        which: int,
        money: Money,
        gains: Gains,
        days: Array | None = None,
        *,
        financial: bool = False,
        renewed: bool = True,
    ) -> CashFlows:
        """Flows [n, T] of stage one, of the rest or of both; see :func:`serai.study.money.flows_of`."""
        ev, saved = gains.ev, gains.saved
        parts = (
            (self.stage, ev[:, 0], saved[:, 0]),
            (self.main, ev[:, 1] - ev[:, 0], saved[:, 1] - saved[:, 0]),
        )
        chosen = [
            flows_of(t, money, e, self.base_year, days, saved_t_per_year=s, financial=financial, renewed=renewed)
            for t, e, s in (parts if which == BOTH else (parts[which],))
        ]
        return chosen[0] if len(chosen) == 1 else added(*chosen)

    def npv(self, which: int, money: Money, gains: Gains, days: Array | None = None) -> Array:
        """Net present value [n]."""
        return present_value(self.flows(which, money, gains, days).net, self.rate)

    def committed(self, which: int) -> Array:
        """Present value [n] of what is paid for building."""
        built = self.flows(which, self.money, self.gains, financial=True, renewed=False)
        return present_value(built.capital, self.rate)


def variance_table(worth: Worth, drawn: Draw) -> pd.DataFrame:
    """Share out the variance of the NPV; the solved worlds move as one, drawn again from those that were solved."""
    group = (*drawn.money.group, SOLVED)
    points = design(group, RESAMPLED, 1)
    names = tuple(dict.fromkeys(group))
    order = np.argsort(worth.gains.ev[:, 1], kind="stable")
    rows = []
    for block in points:
        money = Money(worth.money.names, draw(drawn.money, block[:, :-1]).values, worth.money.regimes)
        picked = order[np.minimum((block[:, -1] * len(order)).astype(int), len(order) - 1)]
        rows.append(worth.npv(BOTH, money, worth.gains[picked]))
    found = variance_shares(names, np.array(rows))
    frame = pd.DataFrame(
        {
            "group": found.groups,
            "first": found.first,
            "total": found.total,
            "total_low": found.total_low,
            "total_high": found.total_high,
        }
    )
    return frame.sort_values("total", ascending=False, kind="stable").reset_index(drop=True)
