"""One counterfactual: routes, queues, trade and welfare that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import NoEquilibriumError
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.base import with_capacities
from serai.corridor.coupling import CellCosts, cell_costs, cell_fees, cell_passes, entry_tonnes
from serai.corridor.world import Conditions, Held, World, trade_fees
from serai.freight.equilibrium import (
    FreightEquilibrium,
    Prepared,
    chosen_at,
    flow_sensitivity,
    flows_of,
    prepare,
)
from serai.freight.facilities import times
from serai.freight.settle import AndersonNewton, Response, Settled, settle
from serai.trade.base import TradeShock
from serai.trade.hat import hat

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.freight.choice import Chosen
    from serai.freight.equilibrium import FreightModel
    from serai.freight.search import Array
    from serai.trade.base import Fees
    from serai.trade.hat import TradeEquilibrium

FEES_AGREE = 1e-9
"""Largest change of a fee between rounds, relative to the largest fee, that counts as none."""
ROUNDS = (1e-3, 1e-5)
"""Tolerances of the first rounds, whose fees are not yet final."""
LAST_ROUND = 9
STEERING = 0.97
"""Part of all tonnes whose response to times steers the steps."""
LEAST_LEFT = 0.01
"""Least part of a cell's freight cost of the base that a counterfactual can leave."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where steps begin: flows of facilities float64[H], their response, fees of cells float64[C, N], and trade."""

    flow_per_day: Array
    response: Response
    fee_usd_per_t: Array
    trade: TradeEquilibrium | None = None


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
    held
        Cells whose cost would have fallen below :data:`LEAST_LEFT` of that of the base.
    response
        Of flows to times, as the last steps had it.
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
    held: Held
    response: Response

    @property
    def start(self) -> Start:
        """Where a neighbouring counterfactual can start."""
        return Start(self.freight.flow_per_day, self.response, self.fee_usd_per_t, self.trade)

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
    known: tuple[Array, Array, tuple[Chosen, CellCosts, Array]] | None = None

    def at(self, time_h: Array) -> tuple[Chosen, CellCosts, Array]:
        """Give the choice of routes, costs of cells and tonnes of entries at given times."""
        if self.known and self.known[1] is self.fee_usd_per_t and np.array_equal(self.known[0], time_h):
            return self.known[2]
        c = self.world.coupling
        chosen = chosen_at(self.model, self.prepared, time_h)
        costs = cell_costs(c, chosen.cost_usd_per_t)
        level, _ = network_levels(self.world, costs)
        shock = trade_shock(self.world, costs, level, self.fees(costs), self.conditions.tariff)
        self.trade = hat(self.world.trade, shock, self.trade)
        per_day = self.trade.tonnes_per_year.ravel()[c.cell] / DAYS_PER_YEAR * still_carried(self.world, costs)
        self.known = time_h, self.fee_usd_per_t, (chosen, costs, entry_tonnes(c, costs, per_day))
        return self.known[2]

    def fees(self, costs: CellCosts) -> Fees:
        """Fees of the cells that have a way in the base and now."""
        served = np.isfinite(self.world.base.costs.cost_usd_per_t) & np.isfinite(costs.cost_usd_per_t)
        return trade_fees(self.world.coupling, self.fee_usd_per_t, served)

    def demand(self, time_h: Array) -> Array:
        """Flows drawn at given times."""
        chosen, _, tonnes = self.at(time_h)
        return flows_of(self.model, chosen.share, tonnes)

    def sensitivity(self, time_h: Array) -> Array:
        """Dflow / dT of the choice of routes and of each cell's trade by its own cost, at given times.

        It steers steps and no result: the smallest entries are left out, and prices and incomes are held.
        """
        chosen, costs, tonnes = self.at(time_h)
        heavy = _heaviest(tonnes)
        world, c, m = self.world, self.world.coupling, self.model
        assert self.trade is not None  # noqa: S101
        passes = cell_passes(c, m, np.where(heavy > 0, costs.entry_weight, 0.0), chosen.share)
        k, _, importer = np.unravel_index(c.cell, world.trade.V.shape)
        value = self.trade.V.ravel()[c.cell]
        spent = self.trade.V.sum(axis=1)[k, importer]
        share = value / np.where(spent > 0, spent, 1.0)
        full = world.trade.usd_per_t.ravel()[c.cell] + world.trade.cost_usd_per_t.ravel()[c.cell]
        elasticity = -c.network_share * (world.trade.theta[k] * (1.0 - share) + 1.0) / full
        drawn = np.bincount(c.entry_cell, heavy, c.n) * elasticity * m.queue_usd_per_t_h[k]
        used = np.flatnonzero(drawn)
        by_unit = m.facilities.unit_per_t[m.facilities.unit][:, k[used]]
        trade = (by_unit * (passes[used] * drawn[used, None]).T) @ passes[used]
        return flow_sensitivity(m, self.prepared, time_h, heavy) + trade


def _heaviest(tonnes_per_day: Array) -> Array:
    """Tonnes of the entries that together make up :data:`STEERING` of the whole; zero for the others."""
    ranked = np.sort(tonnes_per_day)[::-1]
    whole = np.cumsum(ranked)
    least = ranked[min(int(np.searchsorted(whole, STEERING * whole[-1])), ranked.size - 1)] if ranked.size else 0.0
    return np.where(tonnes_per_day >= least, tonnes_per_day, 0.0)


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


def network_levels(world: World, costs: CellCosts) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Freight costs that trade sees, of the cells on the network, and where they had to be held: float64[C], bool[C].

    Only the part of a cell's value that goes by the network feels a change of its cost. A fall cannot take more
    than all of a cell's freight: what would is held at :data:`LEAST_LEFT` of it.
    """
    c, base = world.coupling, world.base.costs
    level = world.trade.cost_usd_per_t.ravel()[c.cell]
    open_ = np.isfinite(base.cost_usd_per_t) & np.isfinite(costs.cost_usd_per_t)
    new = level + c.network_share * np.where(open_, costs.cost_usd_per_t, 0.0)
    new -= c.network_share * np.where(open_, base.cost_usd_per_t, 0.0)
    least = LEAST_LEFT * level
    # Where nothing changed, nothing was rounded either.
    new = np.where(open_ & (costs.cost_usd_per_t != base.cost_usd_per_t), new, level)
    return np.maximum(new, least), new < least


def trade_shock(world: World, costs: CellCosts, level: Array, fees: Fees, tariff: Array | None) -> TradeShock:
    """Costs of cells as a shock to trade; what has no open route leaves the cell."""
    c, shape = world.coupling, world.trade.V.shape
    cost = world.trade.cost_usd_per_t.copy().ravel()
    cost[c.cell] = level
    served = np.isfinite(world.base.costs.cost_usd_per_t)
    share = np.where(served, lost_share(world, costs) * c.network_share, 0.0)
    if not share.any():
        return TradeShock(cost.reshape(shape), fees, tariff)
    stranded = np.zeros(cost.size)
    stranded[c.cell] = share
    return TradeShock(cost.reshape(shape), fees, tariff, stranded.reshape(shape))


def solve(
    world: World,
    conditions: Conditions,
    method: AndersonNewton = AndersonNewton(),  # noqa: B008
    start: Start | None = None,
) -> Outcome:
    """Solve a counterfactual.

    Parameters
    ----------
    world
        The world.
    conditions
        What is changed.
    method
        Tolerance and limits.
    start
        Where to begin, the base by default. A result depends on its start within the tolerance, so the start of one
        is always the same: the base, or the same day or draw without the change.

    Raises
    ------
    NoEquilibriumError
        With what would not settle.
    """
    m = with_capacities(world.freight, conditions.capacity_per_day)
    prepared = prepare(m, conditions.arc_cost_usd_per_t, conditions.one_end)
    begin = start or Start(world.base.freight.flow_per_day, world.base.response, world.base.fee_usd_per_t)
    trial = _Trial(world, m, conditions, prepared, begin.fee_usd_per_t, begin.trade)
    flow, response = begin.flow_per_day, begin.response
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
    value = world.trade.V.ravel()[world.coupling.cell]
    held = network_levels(world, costs)[1] & (value > 0)
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
        held=Held(int(held.sum()), float(value[held].sum())),
        response=found.response,
    )
    return outcome, agreed
