"""A package made ready to be solved: routes, trade and their base equilibrium. Made once, then only looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError
from serai.core.units import DAYS_PER_YEAR, REFERENCE_LOAD_T
from serai.corridor import store
from serai.corridor.coupling import CellCosts, Coupling, cell_costs, cell_fees, entry_tonnes, fee_rows
from serai.corridor.store import Stored
from serai.freight.choice import Entries, average_cost, entries, load, shares
from serai.freight.equilibrium import (
    FreightEquilibrium,
    FreightModel,
    Prepared,
    assign,
    facility_flows,
    factors,
    flow_sensitivity,
    freight_model,
    prepare,
)
from serai.freight.facilities import facilities
from serai.freight.generate import Breadth, build_routes
from serai.freight.model import open_network
from serai.freight.queues import KNEE
from serai.freight.routeset import along_routes
from serai.freight.settle import AndersonNewton
from serai.network.costs import generalized, load_t, parameter
from serai.trade.base import Fees, ProportionalDeficits, TradeBase
from serai.trade.calibrate import calibrate

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import numpy.typing as npt

    from serai.data.package import Package
    from serai.freight.model import Compiled
    from serai.freight.search import Array, Ints
    from serai.network.costs import ArcCosts
    from serai.trade.base import Closure

BASE_TOLERANCE = 1e-10
"""To what the base itself is solved, so that no change means no change."""
ONE_LOAD_T = REFERENCE_LOAD_T
"""Least tonnes a year of a pair of zones."""
LEAST_LEVEL = 0.3
"""Least freight cost of a cell, as a part of that of its cheapest ways."""
FULL = 0.9
"""Utilisation to which a capacity that contradicts its traffic is stretched."""
DRAWN_IN = 0.8
"""By what a capacity is drawn in at a time."""
SETTLED = 0.01
"""Change of a capacity, relative to it, that is left standing."""


@dataclass(frozen=True, slots=True)
class TradeInputs:
    """Trade of the base year as the world needs it: N economies, K commodities, Z zones.

    Attributes
    ----------
    economies
        Identifiers.
    country_economy
        Economy of each country, by ISO code.
    value_usd_m, tonnes_per_year, usd_per_t, network_share, tariff : float64[K, N, N]
        Value at the exporter's door, tonnes on the network, value per tonne, share of the value that goes by the
        network, tariff.
    gdp_usd_m : float64[N]
        Gross domestic product.
    elasticity : float64[K]
        Trade elasticities.
    zones
        Identifiers of places.
    zone_economy : int32[Q], zone : int32[Q], zone_weight, beyond_usd_per_t, beyond_h : float64[Q]
        Which zones stand for which economy, with what share of its tonnes, and what lies beyond them.
    tradable_share, value_added_share
        See :func:`serai.trade.calibrate.calibrate`.
    """

    economies: tuple[str, ...]
    country_economy: dict[str, int]
    value_usd_m: Array
    tonnes_per_year: Array
    usd_per_t: Array
    network_share: Array
    tariff: Array
    gdp_usd_m: Array
    elasticity: Array
    zones: tuple[str, ...]
    zone_economy: Ints
    zone: Ints
    zone_weight: Array
    beyond_usd_per_t: Array
    beyond_h: Array
    tradable_share: float
    value_added_share: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a counterfactual changes about arcs, facilities and trade policy.

    Attributes
    ----------
    arc_cost_usd_per_t, fee_usd_per_t : float64[K, A]
        Generalized cost, infinite where closed, and the fee inside it.
    one_end : bool[A]
        Gates open only to trade of their own two countries.
    capacity_per_day : float64[H] or None
        Capacities of facilities; None for those of the base.
    tariff : float64[K, N, N] or None
        Tariffs; None for those of the base.
    """

    arc_cost_usd_per_t: Array
    fee_usd_per_t: Array
    one_end: npt.NDArray[np.bool_]
    capacity_per_day: Array | None = None
    tariff: Array | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Trade cells whose cost of freight was held at a bound: how many, and their value in the base [million USD]."""

    cells: int
    value_usd_m: float


@dataclass(frozen=True, slots=True)
class BaseState:
    """The equilibrium of the base date, which every counterfactual starts from.

    Attributes
    ----------
    freight
        Times, flows and shares.
    costs
        Costs of cells.
    fee_usd_per_t : float64[C, N]
        Fees of cells by owner.
    sensitivity : float64[H, H]
        dflow / dT of the facilities.
    prepared
        Routes at published times, for counterfactuals that leave most of them as they are.
    """

    freight: FreightEquilibrium
    costs: CellCosts
    fee_usd_per_t: Array
    sensitivity: Array
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class World:
    """A package ready to be solved.

    Attributes
    ----------
    package, compiled
        The package.
    inputs
        Its trade.
    freight
        Routes, choice and facilities.
    coupling
        Entries and cells.
    trade
        The trade equilibrium's base.
    conditions
        Of the base date.
    base
        The base equilibrium.
    published_capacity_per_day : float64[H]
        Of facilities, where those of `freight` had to be stretched.
    unallocated_t_per_year : float64[K, N, N]
        Tonnes of trade that no zone pair with a route can carry.
    raised
        Cells whose cost of freight in the base was raised to the least part of their cheapest way.
    """

    package: Package
    compiled: Compiled
    inputs: TradeInputs
    freight: FreightModel
    coupling: Coupling
    trade: TradeBase
    conditions: Conditions
    base: BaseState
    published_capacity_per_day: Array
    unallocated_t_per_year: Array
    raised: Held

    @property
    def n_economies(self) -> int:
        """Number of economies N."""
        return len(self.inputs.economies)


def conditions_of(compiled: Compiled, costs: ArcCosts) -> Conditions:
    """Conditions of a network on a day, with the capacities and tariffs of the base."""
    worth, f = compiled.worth, costs.figures
    k_all = range(len(worth.ids))
    return Conditions(
        arc_cost_usd_per_t=np.stack([generalized(costs, worth, k) for k in k_all]),
        fee_usd_per_t=np.stack([f.fee_usd.mean / load_t(costs, float(worth.payload_t[k])) for k in k_all]),
        one_end=costs.one_end,
    )


def _pairs(t: TradeInputs) -> tuple[Ints, Ints, Ints, Ints]:
    """Pairs of zone rows of different economies that trade: origin row, destination row, and their economies."""
    trades = np.asarray((t.tonnes_per_year > 0).any(axis=0))
    used = t.zone_weight > 0
    a, b = np.nonzero(trades[np.ix_(t.zone_economy, t.zone_economy)] & used[:, None] & used[None, :])
    keep = (t.zone_economy[a] != t.zone_economy[b]) & (t.zone[a] != t.zone[b])
    a, b = a[keep].astype(np.int32), b[keep].astype(np.int32)
    return a, b, t.zone_economy[a], t.zone_economy[b]


def _entry_list(t: TradeInputs, pair_rows: tuple[Ints, Ints]) -> tuple[Ints, Ints, Ints, Array]:
    """Entries of all pairs: pair, commodity, flat cell, raw weight."""
    a, b = pair_rows
    n = len(t.economies)
    i, j = t.zone_economy[a], t.zone_economy[b]
    pair, commodity = np.nonzero((t.tonnes_per_year[:, i, j] > 0).T)
    cell = (commodity * n + i[pair]) * n + j[pair]
    weight = t.zone_weight[a[pair]] * t.zone_weight[b[pair]]
    # Zones between which not one truck a year would go have no trade of their own; their cell keeps its tonnes.
    total = np.bincount(cell, weight, t.tonnes_per_year.size)
    largest = np.zeros(total.size)
    np.maximum.at(largest, cell, weight)
    tonnes = weight / total[cell] * t.tonnes_per_year.ravel()[cell]
    kept = (tonnes >= ONE_LOAD_T) | (weight == largest[cell])
    return pair[kept].astype(np.int32), commodity[kept].astype(np.int32), cell[kept].astype(np.int32), weight[kept]


def open_world(
    package: Package,
    inputs: TradeInputs,
    compiled: Compiled,
    days: tuple[dt.date, ...],
    *,
    observed_per_day: dict[str, float] | None = None,
    closure: Closure = ProportionalDeficits(),  # noqa: B008
    breadth: Breadth = Breadth(),  # noqa: B008
    store_at: Path | None = None,
) -> World:
    """Make a world from a package and its trade, and solve its base.

    Parameters
    ----------
    package, compiled
        The package.
    inputs
        Its trade.
    days
        Days whose networks the route set unites; the first is the base date.
    observed_per_day
        Published throughput by facility; see :func:`serai.freight.facilities.facilities`.
    closure
        What deficits do.
    breadth
        How many routes a pair gets.
    store_at
        File that keeps routes and the base for the next time; nothing is kept by default.

    Raises
    ------
    InputError
        Where no trade of the package can use the network.
    NoEquilibriumError
        Where the base does not settle.
    """
    rows_o, rows_d, _, _ = _pairs(inputs)
    if not rows_o.size:
        raise InputError(f"No trade of package {package.meta.name} can use its network", "Check economy_zones.")
    stored = store.read(store_at) if store_at else None
    if stored:
        routes, kept = stored.routes, stored.kept
    else:
        routes, kept = build_routes(compiled, inputs.zones, inputs.zone[rows_o], inputs.zone[rows_d], days, breadth)
    rows_o, rows_d = rows_o[kept], rows_d[kept]
    costs = open_network(compiled, days[0]).costs
    conditions = conditions_of(compiled, costs)
    pair, commodity, flat, raw = _entry_list(inputs, (rows_o, rows_d))
    e = entries(routes, pair, commodity)
    order = np.lexsort((commodity, pair))
    flat, raw = flat[order], raw[order]
    worth = compiled.worth
    beyond = (inputs.beyond_usd_per_t[rows_o] + inputs.beyond_usd_per_t[rows_d])[e.pair]
    beyond = beyond + worth.vot_usd_per_t_h[e.commodity] * (inputs.beyond_h[rows_o] + inputs.beyond_h[rows_d])[e.pair]
    coupling = _coupling(inputs, compiled, e, flat, raw, beyond, routes.leg_ptr, routes.leg_arc)
    f = facilities(compiled, costs.mean_time_h, observed_per_day or {})
    theta = choice_theta(package, e, along_routes(routes, conditions.arc_cost_usd_per_t))
    model = freight_model(compiled, routes, e, f, theta)
    return _solved_base(package, compiled, inputs, model, coupling, conditions, closure, _Keep(store_at, kept, stored))


def choice_theta(package: Package, e: Entries, route_cost: Array) -> Array:
    """Sensitivity of choice per commodity: the package's scale over the mean cost of the cheapest routes."""
    scale = parameter(package, "route_choice_scale")
    cost = route_cost[e.first_route, e.commodity]
    cost = np.where(np.isfinite(cost), cost, np.nan)
    k = route_cost.shape[1]
    total = np.bincount(e.commodity, np.nan_to_num(cost), k)
    count = np.bincount(e.commodity, np.isfinite(cost), k)
    overall = np.nansum(cost) / max(int(np.isfinite(cost).sum()), 1)
    return scale / np.where(count > 0, total / np.maximum(count, 1), overall)


def _coupling(
    t: TradeInputs, compiled: Compiled, e: Entries, flat: Ints, raw: Array, beyond: Array,
    leg_ptr: Ints, leg_arc: Ints,
) -> Coupling:  # fmt: skip
    cell, entry_cell = np.unique(flat, return_inverse=True)
    n = len(t.economies)
    total = np.bincount(entry_cell, raw, cell.size)
    ptr, arcs = fee_rows(compiled.figures.fee_usd.mean, leg_ptr, leg_arc)
    owner = [t.country_economy.get(a.owner, -1) for a in compiled.topology.arcs]
    k, i, j = np.unravel_index(cell, (t.value_usd_m.shape[0], n, n))
    return Coupling(
        cell=cell.astype(np.int32),
        commodity=k.astype(np.int32),
        exporter=i.astype(np.int32),
        importer=j.astype(np.int32),
        entry_cell=entry_cell.astype(np.int32),
        weight=raw / total[entry_cell],
        beyond_usd_per_t=beyond,
        network_share=t.network_share.ravel()[cell],
        owner=np.array(owner, dtype=np.int32),
        fee_ptr=ptr,
        fee_arc=arcs,
    )


@dataclass(frozen=True, slots=True)
class _Keep:
    """Where the base is kept for the next time, the pairs with routes, and what was kept the last time."""

    at: Path | None
    kept: Ints
    stored: Stored | None

    def solve(
        self, m: FreightModel, conditions: Conditions, tonnes_per_day: Array
    ) -> tuple[FreightModel, Prepared, FreightEquilibrium]:
        """Assign the base, from what was kept where that was solved from the same."""
        p = prepare(m, conditions.arc_cost_usd_per_t, conditions.one_end)
        if again := self._again(m, p, tonnes_per_day):
            return again[0], p, again[1]
        basis = self._basis(m, p, tonnes_per_day)
        m, base = _base_assignment(m, p, tonnes_per_day)
        if self.at:
            kept = Stored(m.routes, self.kept, m.facilities.capacity_per_day, base.flow_per_day, basis)
            store.write(self.at, kept)
        return m, p, base

    def _basis(self, m: FreightModel, p: Prepared, tonnes_per_day: Array) -> str:
        f = m.facilities
        return store.digest_of(
            m.routes.digest, p.cost_usd_per_t, p.size, tonnes_per_day, m.theta, m.vot_usd_per_t_h, m.queue_usd_per_t_h,
            "\n".join(f.keys), f.capacity_per_day, f.background_per_day, f.published_h, f.scale_h,
            f.reference, f.unit_per_t,
        )  # fmt: skip

    def _again(
        self, m: FreightModel, p: Prepared, tonnes_per_day: Array
    ) -> tuple[FreightModel, FreightEquilibrium] | None:
        """Take up what was kept; None where there is nothing, or it was solved from something else."""
        found, n = self.stored, m.facilities.n
        if found is None or found.base_digest != self._basis(m, p, tonnes_per_day):
            return None
        m = with_capacities(m, found.capacity_per_day)
        flow = found.flow_per_day
        return m, assign(m, p, tonnes_per_day, flow, np.zeros((n, n)), flow, AndersonNewton(BASE_TOLERANCE))


def _solved_base(
    package: Package, compiled: Compiled, t: TradeInputs, m: FreightModel, c: Coupling, conditions: Conditions,
    closure: Closure, keep: _Keep | None = None,
) -> World:  # fmt: skip
    p = prepare(m, conditions.arc_cost_usd_per_t, conditions.one_end)
    floor = p.options.floor_usd_per_t
    first = cell_costs(c, floor)
    per_day = t.tonnes_per_year.ravel()[c.cell] / DAYS_PER_YEAR * (1.0 - first.stranded)
    tonnes = entry_tonnes(c, first, per_day)
    published = m.facilities.capacity_per_day
    keep = keep or _Keep(None, np.zeros(0, dtype=np.int32), None)
    m, p, base = keep.solve(m, conditions, tonnes)
    sensitivity = flow_sensitivity(m, base.share, base.tonnes_per_day)
    costs = cell_costs(c, base.cost_usd_per_t)
    fees = cell_fees(c, m.entries, costs, base.share, conditions.fee_usd_per_t, len(t.economies))
    shape = t.value_usd_m.shape
    freight = np.zeros(shape).ravel()
    served = np.isfinite(costs.cost_usd_per_t)
    # The worth of choice can exceed the price of a short way: what trade pays stays a part of its cheapest way.
    cheapest = cell_costs(c, floor).cost_usd_per_t
    level = np.maximum(costs.cost_usd_per_t, LEAST_LEVEL * cheapest)
    raised = served & (level > costs.cost_usd_per_t)
    freight[c.cell[served]] = level[served]
    carried = np.zeros(shape).ravel()
    carried[c.cell[served]] = (per_day * DAYS_PER_YEAR)[served]
    trade = calibrate(
        t.value_usd_m, t.gdp_usd_m, t.elasticity, tariff=t.tariff, freight_usd_per_t=freight.reshape(shape),
        usd_per_t=t.usd_per_t, fees=trade_fees(c, fees), tonnes_per_year=carried.reshape(shape),
        tradable_share=t.tradable_share, gamma=t.value_added_share, closure=closure, economies=t.economies,
    )  # fmt: skip
    return World(
        package=package,
        compiled=compiled,
        inputs=t,
        freight=m,
        coupling=c,
        trade=trade,
        conditions=conditions,
        base=BaseState(base, costs, fees, sensitivity, p),
        published_capacity_per_day=published,
        unallocated_t_per_year=t.tonnes_per_year - carried.reshape(shape),
        raised=Held(int(raised.sum()), float(t.value_usd_m.ravel()[c.cell[raised]].sum())),
    )


def _base_assignment(m: FreightModel, p: Prepared, tonnes_per_day: Array) -> tuple[FreightModel, FreightEquilibrium]:
    """Assign the base, with capacities drawn in from what the uncongested flows would need to what is published.

    Where even the waits of a full facility do not turn its traffic away, the published capacity and the demand
    contradict each other: its capacity stays at what the traffic needs, and is reported beside the published one.
    """
    published = m.facilities.capacity_per_day
    factor = factors(m, m.facilities.published_h)
    _, total = average_cost(m.entries, p.options, m.hot, factor, m.theta)
    moved = np.where(np.isfinite(p.options.floor_usd_per_t), tonnes_per_day, 0.0)
    flow = facility_flows(m, load(m.entries, p.options, m.hot, factor, total, moved))
    capacity = np.maximum(published, (flow + m.facilities.background_per_day) / KNEE)
    share = shares(m.entries, p.options, m.hot, factor, total)
    sensitivity = flow_sensitivity(m, share, moved)
    held = np.zeros(m.facilities.n, dtype=bool)
    while True:
        m = with_capacities(m, capacity)
        found = assign(m, p, tonnes_per_day, flow, sensitivity, flow, AndersonNewton(1e-4))
        flow = found.flow_per_day
        sensitivity = flow_sensitivity(m, found.share, found.tonnes_per_day)
        used = flow + m.facilities.background_per_day
        held |= (used / capacity >= FULL) & (capacity > published)
        drawn = np.where(held, np.maximum(published, used / FULL), np.maximum(published, DRAWN_IN * capacity))
        if (np.abs(drawn / capacity - 1.0) < SETTLED).all():
            break
        capacity = drawn
    return m, assign(m, p, tonnes_per_day, flow, sensitivity, flow, AndersonNewton(BASE_TOLERANCE))


def trade_fees(c: Coupling, fee_usd_per_t: Array, served: npt.NDArray[np.bool_] | None = None) -> Fees:
    """Fees of cells as rows for the trade equilibrium; only the part that goes by the network pays them.

    Parameters
    ----------
    fee_usd_per_t : float64[C, N]
        Fees of cells by owner.
    served : bool[C], optional
        Cells that pay; all by default.
    """
    # Few cells pay anybody anything: a search along the flat array is several times faster than one by rows.
    row, owner = np.divmod(np.flatnonzero(fee_usd_per_t), fee_usd_per_t.shape[1])
    if served is not None:
        pays = served[row]
        row, owner = row[pays], owner[pays]
    return Fees(c.cell[row], owner.astype(np.int32), fee_usd_per_t[row, owner] * c.network_share[row])


def with_capacities(m: FreightModel, capacity_per_day: Array | None) -> FreightModel:
    """Give the facilities of a model other capacities."""
    if capacity_per_day is None:
        return m
    return replace(m, facilities=replace(m.facilities, capacity_per_day=capacity_per_day))
