"""One counterfactual: routes, queues, trade and welfare that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.threads import blas_alone
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.base import with_capacities
from serai.corridor.coupling import (
    CellCosts,
    CellFees,
    cell_costs,
    cell_fees,
    entry_tonnes,
    trade_fees,
)
from serai.corridor.feedback import trade_sensitivity
from serai.corridor.world import Conditions, Held, World
from serai.freight.equilibrium import FreightEquilibrium
from serai.freight.facilities import times
from serai.freight.prepared import Prepared, chosen_at, flows_of, prepare
from serai.freight.sensitivity import flow_sensitivity
from serai.freight.settle import USUAL, AndersonNewton, Response, Settled, settle
from serai.trade.base import TradeShock
from serai.trade.hat import clear

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.freight.choice import Chosen
    from serai.freight.prepared import FreightModel
    from serai.freight.search import Array, Ints
    from serai.trade.base import Fees
    from serai.trade.hat import Cleared, TradeEquilibrium

ROUGHLY = 1.0
"""Tolerance of the logarithm of times up to which fees are held at those of the start, and small entries too."""
HEAVY, STEERING = 0.9, 0.99
"""Parts of all tonnes that choose anew in rough steps from a neighbour, and whose response to times steers the others.

Far from the start the small ones move too much to be held.
"""
LEAST_LEFT = 0.01
"""Least part of a cell's freight cost of the base that a counterfactual can leave."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where steps begin: prepared routes, flows of facilities float64[H], their response, fees of cells, and trade."""

    prepared: Prepared
    flow_per_day: Array
    response: Response
    fees: CellFees
    trade: TradeEquilibrium | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a counterfactual comes to.

    Attributes
    ----------
    conditions
        What was changed.
    freight
        Flows, times and routes; demand of entries in t/day.
    costs
        Expected costs of cells and what is stranded.
    fees
        Of cells by owner.
    trade
        Trade, prices and welfare.
    residual
        Largest relative residual of times and trade.
    iterations
        Evaluations of flows.
    held
        Cells whose cost would have fallen below :data:`LEAST_LEFT` of that of the base.
    response
        Of flows to times, as the last steps had it.
    """

    conditions: Conditions
    freight: FreightEquilibrium
    costs: CellCosts
    fees: CellFees
    trade: TradeEquilibrium
    residual: float
    iterations: int
    held: Held
    response: Response

    @property
    def start(self) -> Start:
        """Where a neighbouring counterfactual can start."""
        return Start(self.freight.prepared, self.freight.flow_per_day, self.response, self.fees, self.trade)

    @property
    def stranded_t_per_year(self) -> float:
        """Tonnes of the base that have no way left, a year."""
        return float(self.freight.stranded_t_per_day.sum()) * DAYS_PER_YEAR


@dataclass(frozen=True, slots=True)
class _Point:
    """What some times come to: choice, costs and fees of cells, tonnes of entries in t/day, trade."""

    time_h: Array
    chosen: Chosen
    costs: CellCosts
    fees: CellFees
    tonnes_per_day: Array
    trade: Cleared


@dataclass(slots=True)
class _Trial:
    """A counterfactual at any times; neighbouring ones start from each other. Roughly as long as fees are held."""

    world: World
    model: FreightModel
    conditions: Conditions
    prepared: Prepared
    held: CellFees | None
    trade: Cleared | TradeEquilibrium | None
    fee_usd_per_t: Array
    known: _Point | None = None
    first: _Point | None = None
    heavy: Ints | None = None

    def at(self, time_h: Array) -> _Point:
        """Give what some times come to."""
        if self.known and np.array_equal(self.known.time_h, time_h):
            return self.known
        world, c = self.world, self.world.coupling
        chosen = self._chosen(time_h)
        costs = cell_costs(c, chosen.cost_usd_per_t)
        fees = self.held or cell_fees(c, self.prepared.opened, costs, chosen.share, self.fee_usd_per_t)
        level, _ = network_levels(world, costs)
        served = np.isfinite(world.base.costs.cost_usd_per_t) & np.isfinite(costs.cost_usd_per_t)
        shock = trade_shock(world, costs, level, trade_fees(c, fees, served), self.conditions.tariff)
        cleared = clear(world.trade, shock, self.trade)
        per_day = cleared.tonnes_per_year.ravel()[c.cell] / DAYS_PER_YEAR * still_carried(world, costs)
        self.trade = cleared
        self.known = _Point(time_h, chosen, costs, fees, entry_tonnes(c, costs, per_day), cleared)
        if not self.first:
            self.first = self.known
            self.heavy = np.flatnonzero(_heaviest(self.known.tonnes_per_day, HEAVY)).astype(np.int32)
        return self.known

    def _chosen(self, time_h: Array) -> Chosen:
        first = self.first
        if first and np.array_equal(first.time_h, time_h):
            return first.chosen
        only = self.heavy if self.held else None
        return chosen_at(self.model, self.prepared, time_h, only, first.chosen if first else None)

    def demand(self, time_h: Array) -> Array:
        """Flows drawn at given times."""
        now = self.at(time_h)
        return flows_of(self.model, self.prepared, now.chosen.share, now.tonnes_per_day)

    def sensitivity(self, time_h: Array) -> Array:
        """Dflow / dT of the choice of routes and of trade, at given times.

        It steers steps and no result, so the smallest entries and cells are left out.
        """
        now, world, c, m = self.at(time_h), self.world, self.world.coupling, self.model
        part = HEAVY if self.held else STEERING
        tonnes = _heaviest(np.bincount(c.entry_cell, now.tonnes_per_day, c.n).astype(np.float64), part)
        trade = trade_sensitivity(
            c,
            m,
            self.prepared.opened.at,
            now.costs.entry_weight,
            now.chosen.share,
            tonnes,
            world.trade,
            now.trade.equilibrium(),
        )
        return flow_sensitivity(m, self.prepared, time_h, _heaviest(now.tonnes_per_day, part)) + trade


def _heaviest(tonnes_per_day: Array, part: float) -> Array:
    """Tonnes of the entries, or cells, that together make up a part of the whole; zero for the others."""
    ranked = np.sort(tonnes_per_day)[::-1]
    whole = np.cumsum(ranked)
    least = ranked[min(int(np.searchsorted(whole, part * whole[-1])), ranked.size - 1)] if ranked.size else 0.0
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
    method: AndersonNewton = USUAL,
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
    with blas_alone():
        return _solved(world, conditions, method, start)


def _solved(world: World, conditions: Conditions, method: AndersonNewton, start: Start | None) -> Outcome:
    m = with_capacities(world.freight, conditions.capacity_per_day)
    base = world.base
    begin = start or Start(base.freight.prepared, base.freight.flow_per_day, base.response, base.fees)
    prepared = prepare(m, conditions.arc_cost_usd_per_t, conditions.one_end, begin.prepared)
    same = np.array_equal(conditions.fee_usd_per_t, world.conditions.fee_usd_per_t)
    by_payer = base.paid_usd_per_t if same else world.coupling.payers.fees(conditions.fee_usd_per_t)
    trial = _Trial(world, m, conditions, prepared, begin.fees, begin.trade, by_payer)
    rough = replace(method, tolerance=max(ROUGHLY, method.tolerance))
    near = settle(m.facilities, trial.demand, begin.flow_per_day, begin.response, rough, trial.sensitivity)
    trial = replace(trial, held=None, known=None)
    response = near.response
    if near.iterations > 1:
        time, _ = times(m.facilities, near.flow_per_day)
        response = Response(trial.sensitivity(time), trial.demand(time))
    found = settle(m.facilities, trial.demand, near.flow_per_day, response, method, trial.sensitivity)
    return _outcome(trial, found, near.iterations + found.iterations)


def _outcome(trial: _Trial, found: Settled, iterations: int) -> Outcome:
    world, m = trial.world, trial.model
    time, _ = times(m.facilities, found.flow_per_day)
    now = trial.at(time)
    cost, trade = now.chosen.cost_usd_per_t, now.trade.equilibrium()
    freight = FreightEquilibrium(
        time_h=time,
        flow_per_day=found.flow_per_day,
        cost_usd_per_t=cost,
        prepared=trial.prepared,
        tonnes_per_day=now.tonnes_per_day,
        stranded_t_per_day=np.where(np.isfinite(cost), 0.0, world.base.freight.tonnes_per_day),
        residual=found.residual,
        iterations=iterations,
    )
    value = world.trade.V.ravel()[world.coupling.cell]
    held = network_levels(world, now.costs)[1] & (value > 0)
    return Outcome(
        conditions=trial.conditions,
        freight=freight,
        costs=now.costs,
        fees=now.fees,
        trade=trade,
        residual=max(found.residual, trade.residual),
        iterations=iterations,
        held=Held(int(held.sum()), float(value[held].sum())),
        response=found.response,
    )
