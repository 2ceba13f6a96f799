"""One counterfactual: routes, queues, trade and welfare that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import NoEquilibriumError
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.base import with_capacities
from serai.corridor.coupling import CellCosts, cell_costs, cell_fees, entry_tonnes
from serai.corridor.world import Conditions, World, trade_fees
from serai.freight.equilibrium import (
    FreightEquilibrium,
    Prepared,
    chosen_at,
    flow_sensitivity,
    flows_of,
    prepare,
)
from serai.freight.facilities import times
from serai.freight.settle import AndersonNewton, Settled, settle
from serai.trade.base import TradeShock
from serai.trade.hat import hat

if TYPE_CHECKING:
    from serai.freight.choice import Chosen
    from serai.freight.equilibrium import FreightModel
    from serai.freight.search import Array
    from serai.trade.hat import TradeEquilibrium

FEES_AGREE = 1e-9
"""Largest change of a fee between rounds, relative to the largest fee, that counts as none."""
ROUNDS = (1e-3, 1e-5)
"""Tolerances of the first rounds, whose fees are not yet final."""
LAST_ROUND = 9


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a counterfactual comes to.

    Attributes
    ----------
    conditions
        What was changed.
    freight
        Flows, times and shares; demand of entries in t/day.
    costs
        Expected costs of cells and what is stranded.
    fee_usd_per_t : float64[C, N]
        Fees of cells by owner.
    trade
        Trade, prices and welfare.
    prepared
        Routes at published times.
    residual
        Largest relative residual of times, fees and trade.
    iterations
        Evaluations of flows.
    rounds
        Times fees were renewed.
    """

    conditions: Conditions
    freight: FreightEquilibrium
    costs: CellCosts
    fee_usd_per_t: Array
    trade: TradeEquilibrium
    prepared: Prepared
    residual: float
    iterations: int
    rounds: int

    @property
    def stranded_t_per_year(self) -> float:
        """Tonnes of the base that have no way left, a year."""
        return float(self.freight.stranded_t_per_day.sum()) * DAYS_PER_YEAR


@dataclass(slots=True)
class _Trial:
    """What belongs to one set of times; kept so that neighbouring trials start from each other."""

    world: World
    model: FreightModel
    conditions: Conditions
    prepared: Prepared
    fee_usd_per_t: Array
    trade: TradeEquilibrium | None = None
    tonnes_per_day: Array | None = None

    def at(self, time_h: Array) -> tuple[Chosen, CellCosts, Array]:
        """Give the choice of routes, costs of cells and tonnes of entries at given times."""
        c = self.world.coupling
        chosen = chosen_at(self.model, self.prepared, time_h)
        costs = cell_costs(c, chosen.cost_usd_per_t)
        self.trade = hat(
            self.world.trade,
            shock_of(self.world, costs, self.fee_usd_per_t, self.conditions.tariff),
            self.trade,
        )
        per_day = self.trade.tonnes_per_year.ravel()[c.cell] / DAYS_PER_YEAR * still_carried(self.world, costs)
        self.tonnes_per_day = entry_tonnes(c, costs, per_day)
        return chosen, costs, self.tonnes_per_day

    def demand(self, time_h: Array) -> Array:
        """Flows drawn at given times."""
        chosen, _, tonnes = self.at(time_h)
        return flows_of(self.model, chosen.share, tonnes)

    def sensitivity(self, time_h: Array) -> Array:
        """Dflow / dT of the choice of routes at the times looked at last; trade's own response is a tenth of it."""
        assert self.tonnes_per_day is not None  # noqa: S101
        return flow_sensitivity(self.model, self.prepared, time_h, self.tonnes_per_day)


def lost_share(world: World, costs: CellCosts) -> Array:
    """Share of each cell's base tonnes on the network that has no route left: float64[C]."""
    base = world.base.costs
    lost = np.where(np.isfinite(costs.cost_usd_per_t), costs.stranded, 1.0)
    # What was stranded in the base is no part of its trade on the network.
    left = np.where(np.isfinite(base.cost_usd_per_t), 1.0 - base.stranded, 1.0)
    return np.clip((lost - base.stranded) / left, 0.0, 1.0)


def still_carried(world: World, costs: CellCosts) -> Array:
    """Correct tonnes from trade where a part of a cell is stranded, by a factor: float64[C].

    Trade loses the share of the value that went by the network; the network loses its share whole.
    """
    lost = lost_share(world, costs)
    kept = 1.0 - lost * world.coupling.network_share
    return np.where(kept > 0, (1.0 - lost) / np.where(kept > 0, kept, 1.0), 0.0)


def shock_of(world: World, costs: CellCosts, fee_usd_per_t: Array, tariff: Array | None) -> TradeShock:
    """Costs of cells as a shock to trade.

    Only the part of a cell's value that goes by the network feels a change of its cost; what has no open route
    leaves the cell.
    """
    c, base = world.coupling, world.base.costs
    cost = world.trade.cost_usd_per_t.copy().ravel()
    served = np.isfinite(base.cost_usd_per_t)
    open_ = served & np.isfinite(costs.cost_usd_per_t)
    change = c.network_share[open_] * (costs.cost_usd_per_t[open_] - base.cost_usd_per_t[open_])
    cost[c.cell[open_]] += change
    share = np.where(served, lost_share(world, costs) * c.network_share, 0.0)
    stranded = np.zeros(cost.size)
    stranded[c.cell] = share
    shape = world.trade.V.shape
    fees = trade_fees(c, np.where(open_[:, None], fee_usd_per_t, 0.0))
    return TradeShock(cost.reshape(shape), fees, tariff, stranded.reshape(shape) if share.any() else None)


def solve(
    world: World,
    conditions: Conditions,
    method: AndersonNewton = AndersonNewton(),  # noqa: B008
) -> Outcome:
    """Solve a counterfactual, always from the base, so that results do not depend on what was solved before.

    Parameters
    ----------
    world
        The world.
    conditions
        What is changed.
    method
        Tolerance and limits.

    Raises
    ------
    NoEquilibriumError
        With what would not settle.
    """
    m = with_capacities(world.freight, conditions.capacity_per_day)
    prepared = prepare(m, conditions.arc_cost_usd_per_t, conditions.one_end)
    trial = _Trial(world, m, conditions, prepared, world.base.fee_usd_per_t)
    flow, response = world.base.freight.flow_per_day, world.base.response
    iterations = 0
    for n in range(1, LAST_ROUND + 1):
        loose = max(ROUNDS[n - 1], method.tolerance) if n <= len(ROUNDS) else method.tolerance
        found = settle(m.facilities, trial.demand, flow, response, replace(method, tolerance=loose), trial.sensitivity)
        iterations += found.iterations
        outcome, agreed = _renewed(trial, found, iterations, n)
        if agreed <= FEES_AGREE and found.residual <= method.tolerance:
            return outcome
        flow, response = found.flow_per_day, found.response
    raise NoEquilibriumError("corridor", f"fees still move by {agreed:.1e} after {LAST_ROUND} rounds", "Check fees.")


def _renewed(trial: _Trial, found: Settled, iterations: int, rounds: int) -> tuple[Outcome, float]:
    """Give the outcome at settled times, and how far the fees it was solved with are from its own."""
    world, m = trial.world, trial.model
    time, _ = times(m.facilities, found.flow_per_day)
    chosen, costs, tonnes = trial.at(time)
    before = trial.fee_usd_per_t
    trial.fee_usd_per_t = cell_fees(
        world.coupling, m.entries, costs, chosen.share, trial.conditions.fee_usd_per_t, world.n_economies
    )
    agreed = float(np.abs(trial.fee_usd_per_t - before).max(initial=0.0)) / max(float(before.max(initial=0.0)), 1e-300)
    assert trial.trade is not None  # noqa: S101
    entry_cost = chosen.cost_usd_per_t
    freight = FreightEquilibrium(
        time_h=time,
        flow_per_day=found.flow_per_day,
        cost_usd_per_t=entry_cost,
        share=chosen.share,
        tonnes_per_day=tonnes,
        stranded_t_per_day=np.where(np.isfinite(entry_cost), 0.0, world.base.freight.tonnes_per_day),
        residual=found.residual,
        iterations=iterations,
    )
    outcome = Outcome(
        conditions=trial.conditions,
        freight=freight,
        costs=costs,
        fee_usd_per_t=before,
        trade=trial.trade,
        prepared=trial.prepared,
        residual=max(found.residual, agreed, trial.trade.residual),
        iterations=iterations,
        rounds=rounds,
    )
    return outcome, agreed
