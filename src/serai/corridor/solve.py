"""One counterfactual: routes, queues, trade and welfare that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import NoEquilibriumError
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.compact import Choice, Compact, choose_all, compact
from serai.corridor.coupling import CellCosts, cell_costs, cell_fees, entry_tonnes
from serai.corridor.response import Anchor, respond
from serai.corridor.world import Conditions, Held, World, trade_fees, with_capacities
from serai.freight.equilibrium import FreightEquilibrium, Prepared, _weighed
from serai.freight.facilities import times
from serai.freight.routeset import along_routes
from serai.freight.settle import AndersonNewton, residual_of, settle
from serai.trade.base import TradeShock
from serai.trade.hat import hat

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.freight.equilibrium import FreightModel
    from serai.freight.search import Array
    from serai.trade.base import Fees
    from serai.trade.hat import TradeEquilibrium

ROUNDS = (3e-1, 1e-2, 1e-4)
"""Tolerances of times in the first rounds."""
HELD = 2
"""Rounds in which wages, spending and fees are held; in later ones trade is solved in every step."""
LAST_ROUND = 12
LEAST_LEFT = 0.01
"""Least part of a cell's freight cost of the base that a counterfactual can leave."""


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
        Times trade was solved and fees were renewed.
    held
        Cells whose cost would have fallen below :data:`LEAST_LEFT` of that of the base.
    raised
        Cells whose cost was raised in the base; see :class:`serai.corridor.world.World`.
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
    raised: Held

    @property
    def stranded_t_per_year(self) -> float:
        """Tonnes of the base that have no way left, a year."""
        return float(self.freight.stranded_t_per_day.sum()) * DAYS_PER_YEAR


@dataclass(slots=True)
class _Chain:
    """The chain at given times, with the trade it was last solved with."""

    world: World
    model: FreightModel
    conditions: Conditions
    prepared: Prepared
    few: Compact
    fee_usd_per_t: Array
    fees: Fees
    anchor: Anchor
    level: Array
    trade: TradeEquilibrium | None = None

    def solve_trade(self, choice: Choice) -> TradeEquilibrium:
        """Solve trade where choice stands, and answer changes from there."""
        world, c = self.world, self.world.coupling
        costs = self.few.cell_costs(choice)
        self.level, _ = network_levels(world, costs)
        now = hat(world.trade, trade_shock(world, costs, self.level, self.fees, self.conditions.tariff), self.trade)
        market = c.commodity * world.n_economies + c.importer
        spent = now.V.sum(axis=1).ravel()[market]
        self.trade = now
        self.anchor = Anchor(
            market, now.V.ravel()[c.cell] / np.where(spent > 0, spent, 1.0), world.trade.theta[c.commodity],
            world.trade.usd_per_t.ravel()[c.cell] + self.level, _carried_per_day(world, costs, now),
        )  # fmt: skip
        return now

    def held(self, time_h: Array) -> Array:
        """Flows drawn at given times, wages and spending held where trade was last solved."""
        choice = self.few.choose(time_h)
        change = network_levels(self.world, self.few.cell_costs(choice))[0] - self.level
        return self.few.flows(choice, respond(self.anchor, change, self.world.trade.al.size))

    def demand(self, time_h: Array) -> Array:
        """Flows drawn at given times."""
        choice = self.few.choose(time_h)
        self.solve_trade(choice)
        return self.few.flows(choice, self.anchor.tonnes_per_day)

    def gap(self, flow: Array) -> tuple[float, Array]:
        """Largest relative difference of any time between given flows and those they draw, and what they draw."""
        f = self.model.facilities
        drawn = self.demand(times(f, flow)[0])
        return float(np.abs(residual_of(f, flow, drawn)).max(initial=0.0)), drawn

    def sensitivity(self, time_h: Array) -> Array:
        """Dflow / dT of choice and of each cell's trade by its own cost, about where trade was last solved."""
        a, c = self.anchor, self.world.coupling
        elasticity = -c.network_share * (a.theta * (1.0 - a.share) + 1.0) / a.full_usd_per_t
        return self.few.sensitivity(self.few.choose(time_h), a.tonnes_per_day, elasticity)

    def renew_fees(self, time_h: Array) -> tuple[Array, Array, CellCosts]:
        """Take the fees of the ways taken at given times; costs and shares of all entries, and costs of cells."""
        m, c = self.model, self.world.coupling
        cost, share = choose_all(m, self.prepared, time_h)
        costs = cell_costs(c, cost)
        fee = cell_fees(c, m.entries, costs, share, self.conditions.fee_usd_per_t, self.world.n_economies)
        self.fee_usd_per_t, self.fees = fee, _fees_of(self.world, costs, fee)
        return cost, share, costs


def _start(world: World, m: FreightModel, conditions: Conditions) -> _Chain:
    prepared = prepared_for(world, m, conditions)
    few = compact(m, world.coupling, prepared)
    fee = world.base.fee_usd_per_t
    nothing = np.zeros(0)
    none = Anchor(np.zeros(0, dtype=np.int32), nothing, nothing, nothing, nothing)
    return _Chain(world, m, conditions, prepared, few, fee, _fees_of(world, few.costs, fee), none, nothing)


def _fees_of(world: World, costs: CellCosts, fee_usd_per_t: Array) -> Fees:
    served = np.isfinite(world.base.costs.cost_usd_per_t) & np.isfinite(costs.cost_usd_per_t)
    return trade_fees(world.coupling, fee_usd_per_t, served)


def _carried_per_day(world: World, costs: CellCosts, trade: TradeEquilibrium) -> Array:
    per_day = trade.tonnes_per_year.ravel()[world.coupling.cell] / DAYS_PER_YEAR
    return np.asarray(per_day * still_carried(world, costs))


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


def prepared_for(world: World, m: FreightModel, conditions: Conditions) -> Prepared:
    """Cost routes at published times, where they differ from the base, and weigh them.

    Gives what :func:`serai.freight.equilibrium.prepare` gives, to the last bit.
    """
    now, then = conditions, world.conditions
    same = (now.arc_cost_usd_per_t == then.arc_cost_usd_per_t).all(axis=0) & (now.one_end == then.one_end)
    if same.all():
        return world.base.prepared
    touched = np.zeros(m.routes.n_routes, dtype=bool)
    for a in np.flatnonzero(~same).tolist():
        touched[m.over_route[m.over_ptr[a] : m.over_ptr[a + 1]]] = True
    only = np.flatnonzero(touched).astype(np.int32)
    cost = along_routes(m.routes, now.arc_cost_usd_per_t, only, world.base.prepared.cost_usd_per_t.copy())
    barred = m.stranger_route[now.one_end[m.stranger_arc]]
    cost[barred] = np.inf
    return _weighed(m, cost)


def solve(
    world: World,
    conditions: Conditions,
    method: AndersonNewton = AndersonNewton(),  # noqa: B008
    start_per_day: Array | None = None,
) -> Outcome:
    """Solve a counterfactual.

    Far from the solution trade answers at given wages; near it, trade is solved in every step. Fees are renewed
    between rounds. A result is the whole chain evaluated once at its own times.

    Parameters
    ----------
    world
        The world.
    conditions
        What is changed.
    method
        Tolerance and limits.
    start_per_day : float64[H], optional
        Flows of facilities to start from, those of the base by default, so that results do not depend on what was
        solved before. Another start moves a result within the tolerance.

    Raises
    ------
    NoEquilibriumError
        With what would not settle.
    """
    m = with_capacities(world.freight, conditions.capacity_per_day)
    chain, f = _start(world, m, conditions), m.facilities
    flow = world.base.freight.flow_per_day if start_per_day is None else start_per_day
    sensitivity, about = world.base.sensitivity, world.base.freight.flow_per_day
    worst, _ = chain.gap(flow)
    first, iterations = HELD if worst <= ROUNDS[HELD - 1] else 0, 1
    for rounds in range(first, LAST_ROUND + 1):
        time = times(f, flow)[0]
        renewed = chain.renew_fees(time) if rounds >= HELD else None
        worst, drawn = chain.gap(flow)
        iterations += 1
        if renewed and worst <= method.tolerance:
            return _outcome(chain, renewed, time, flow, worst, iterations, rounds - first)
        if rounds == 1:
            sensitivity, about = chain.sensitivity(time), drawn
        loose = max(ROUNDS[rounds] if rounds < len(ROUNDS) else 0.0, 0.5 * method.tolerance)
        drawn_at = chain.held if rounds < HELD else chain.demand
        with_limits = replace(method, tolerance=loose)
        found = settle(f, drawn_at, flow, sensitivity, about, with_limits, chain.sensitivity)
        iterations += found.iterations
        flow = found.flow_per_day
    raise NoEquilibriumError(
        "corridor", f"trade and fees still move times by {worst:.1e} after {LAST_ROUND} rounds",
        "Check capacities and fees.",
    )  # fmt: skip


def _outcome(
    chain: _Chain, renewed: tuple[Array, Array, CellCosts], time_h: Array, flow: Array, residual: float,
    iterations: int, rounds: int,
) -> Outcome:  # fmt: skip
    """Put together what was solved."""
    world, trade = chain.world, chain.trade
    assert trade is not None  # noqa: S101
    cost, share, costs = renewed
    c = world.coupling
    freight = FreightEquilibrium(
        time_h=time_h,
        flow_per_day=flow,
        cost_usd_per_t=cost,
        share=share,
        tonnes_per_day=entry_tonnes(c, costs, _carried_per_day(world, costs, trade)),
        stranded_t_per_day=np.where(np.isfinite(cost), 0.0, world.base.freight.tonnes_per_day),
        residual=residual,
        iterations=iterations,
    )
    held = network_levels(world, costs)[1] & (world.trade.V.ravel()[c.cell] > 0)
    return Outcome(
        conditions=chain.conditions,
        freight=freight,
        costs=costs,
        fee_usd_per_t=chain.fee_usd_per_t,
        trade=trade,
        prepared=chain.prepared,
        residual=max(residual, trade.residual),
        iterations=iterations,
        rounds=rounds,
        held=Held(int(held.sum()), float(world.trade.V.ravel()[c.cell[held]].sum())),
        raised=world.raised,
    )
