"""A package made ready to be solved: routes, trade and their base equilibrium. Made once, then only looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError
from serai.core.units import DAYS_PER_YEAR, REFERENCE_LOAD_T, WEEKS_PER_YEAR
from serai.corridor import store
from serai.corridor.base import Keep
from serai.corridor.coupling import (
    CellCosts,
    CellFees,
    Coupling,
    cell_costs,
    cell_fees,
    entries_of_cells,
    entry_tonnes,
    owners_of_cells,
    payers,
    paying,
    trade_fees,
)
from serai.corridor.feedback import trade_sensitivity
from serai.freight.choice import Entries, entries
from serai.freight.equilibrium import FreightEquilibrium
from serai.freight.facilities import facilities
from serai.freight.flows import ColumnGap, column_gap
from serai.freight.generate import Breadth, build_routes
from serai.freight.model import open_network
from serai.freight.prepared import FreightModel, chosen_at, freight_model, prepare
from serai.freight.routeset import along_routes, with_routes
from serai.freight.sensitivity import flow_sensitivity
from serai.freight.settle import Response
from serai.network.costs import generalized, load_t
from serai.network.figures import parameter
from serai.trade.base import ProportionalDeficits, TradeBase, TradeShock
from serai.trade.calibrate import calibrate
from serai.trade.hat import hat

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import numpy.typing as npt

    from serai.corridor.inputs import TradeInputs
    from serai.data.package import Package
    from serai.freight.model import Compiled
    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints
    from serai.network.costs import ArcCosts
    from serai.trade.base import Closure

REGENERATIONS = 2
"""Times that ways missing at the base's own queues are put into the route set."""
LEAST_T_PER_YEAR = WEEKS_PER_YEAR * REFERENCE_LOAD_T
"""Least tonnes a year of a pair of zones: a load a week."""
SLIGHT = 3e-4
"""Part of all tonnes that the smallest trade cells make up together which keep the freight of the base: they are two
cells in five, and would take a quarter of the time."""


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
class Slight:
    """Trade cells too small to choose their way: how many, their tonnes a year, and their value [million USD]."""

    cells: int
    t_per_year: float
    value_usd_m: float


@dataclass(frozen=True, slots=True)
class BaseState:
    """The equilibrium of the base date, which every counterfactual starts from.

    Attributes
    ----------
    freight
        Times, flows and routes.
    costs
        Costs of cells.
    fees
        Of cells by owner.
    paid_usd_per_t : float64[K, M]
        Fees by rows of payers; see :meth:`serai.corridor.coupling.Payers.fees`.
    routing, response
        Of the flows of facilities to their times: by the choice of routes alone, and with what trade answers.
    """

    freight: FreightEquilibrium
    costs: CellCosts
    fees: CellFees
    paid_usd_per_t: Array
    routing: Response
    response: Response


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
    slight
        Cells that keep the freight of the base; see :data:`SLIGHT`.
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
    slight: Slight

    def column_gap(self) -> ColumnGap:
        """How much cheaper ways exist at the base's costs than the route set holds."""
        c = self.conditions
        p = prepare(self.freight, c.arc_cost_usd_per_t, c.one_end)
        return column_gap(self.freight, self.compiled, p, self.base.freight, c.arc_cost_usd_per_t, c.one_end)

    def members(self) -> npt.NDArray[np.bool_]:
        """Tell which economies are members of the corridor: bool[N]."""
        member = self.package["countries"].set_index("iso3")["member"]
        return np.array([bool(member.get(e, False)) for e in self.inputs.economies])

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
    sends, gets = (w.max(axis=0) > 0 for w in t.weights())
    a, b = np.nonzero(trades[np.ix_(t.zone_economy, t.zone_economy)] & sends[:, None] & gets[None, :])
    keep = (t.zone_economy[a] != t.zone_economy[b]) & (t.zone[a] != t.zone[b])
    a, b = a[keep].astype(np.int32), b[keep].astype(np.int32)
    return a, b, t.zone_economy[a], t.zone_economy[b]


def _slight(t: TradeInputs, cell: Ints) -> Ints:
    """Those of some flat cells that together make up no more than :data:`SLIGHT` of their tonnes, the smallest."""
    cell = np.unique(cell)
    tonnes = t.tonnes_per_year.ravel()[cell]
    order = np.argsort(tonnes, kind="stable")
    whole = np.cumsum(tonnes[order])
    return cell[order[: int(np.searchsorted(whole, SLIGHT * whole[-1], side="right"))]]


def _entry_list(t: TradeInputs, pair_rows: tuple[Ints, Ints]) -> tuple[Ints, Ints, Ints, Array, Ints]:
    """Entries of all pairs: pair, commodity, flat cell, raw weight; and flat cells too small to have any."""
    a, b = pair_rows
    n = len(t.economies)
    i, j = t.zone_economy[a], t.zone_economy[b]
    pair, commodity = np.nonzero((t.tonnes_per_year[:, i, j] > 0).T)
    cell = (commodity * n + i[pair]) * n + j[pair]
    slight = _slight(t, cell)
    heavy = ~np.isin(cell, slight)
    pair, commodity, cell = pair[heavy], commodity[heavy], cell[heavy]
    sent, got = t.weights()
    leaves, arrives = sent[commodity, a[pair]], got[commodity, b[pair]]
    for c in t.of_cells:
        here = np.flatnonzero(cell == (c.commodity * n + c.exporter) * n + c.importer)
        if c.end == "origin":
            leaves[here] = c.share[a[pair[here]]]
        else:
            arrives[here] = c.share[b[pair[here]]]
    weight = leaves * arrives
    # Zones between which not one truck a week would go have no trade of their own; their cell keeps its tonnes.
    total = np.bincount(cell, weight, t.tonnes_per_year.size)
    largest = np.zeros(total.size)
    np.maximum.at(largest, cell, weight)
    tonnes = weight / total[cell] * t.tonnes_per_year.ravel()[cell]
    kept = (tonnes >= LEAST_T_PER_YEAR) | ((weight == largest[cell]) & (weight > 0))
    found = (x[kept].astype(np.int32) for x in (pair, commodity, cell))
    return *found, weight[kept], slight


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
    rows = rows_o[kept], rows_d[kept]
    costs = open_network(compiled, days[0]).costs
    observed = observed_per_day or {}
    if stored:
        return _on_routes(
            package, inputs, compiled, costs, routes, rows, observed, closure, Keep(store_at, kept, stored)
        )
    for _ in range(REGENERATIONS):
        world = _on_routes(package, inputs, compiled, costs, routes, rows, observed, closure, Keep(None, kept, None))
        missing = world.column_gap().missing
        if not missing:
            break
        routes = with_routes(routes, missing)
    return _on_routes(package, inputs, compiled, costs, routes, rows, observed, closure, Keep(store_at, kept, None))


def _on_routes(
    package: Package, inputs: TradeInputs, compiled: Compiled, costs: ArcCosts, routes: RouteSet,
    rows: tuple[Ints, Ints], observed_per_day: dict[str, float], closure: Closure, keep: Keep,
) -> World:  # fmt: skip
    """Make the world of a route set, whose pairs join the zone rows given."""
    rows_o, rows_d = rows
    conditions = conditions_of(compiled, costs)
    pair, commodity, flat, raw, slight = _entry_list(inputs, rows)
    e = entries(routes, pair, commodity)
    order = np.lexsort((commodity, pair))
    flat, raw = flat[order], raw[order]
    worth = compiled.worth
    beyond = (inputs.beyond_usd_per_t[rows_o] + inputs.beyond_usd_per_t[rows_d])[e.pair]
    beyond = beyond + worth.vot_usd_per_t_h[e.commodity] * (inputs.beyond_h[rows_o] + inputs.beyond_h[rows_d])[e.pair]
    coupling = _coupling(inputs, compiled, routes, e, flat, raw, beyond)
    f = facilities(compiled, costs.mean_time_h, observed_per_day)
    scale = parameter(package, "route_choice_scale")
    route_cost = along_routes(routes, conditions.arc_cost_usd_per_t)
    theta = choice_theta(e, routes, route_cost, compiled.figures.distance_km, scale)
    model = freight_model(compiled, routes, e, f, theta, coupling.paying.route)
    return _solved_base(package, compiled, inputs, model, coupling, conditions, closure, keep, slight)


def choice_theta(e: Entries, routes: RouteSet, route_cost: Array, length_km: Array, scale: float) -> Array:
    """Sensitivity of choice of every entry: the scale over the cost of its cheapest way, float64[E] in t/USD.

    So a way a tenth dearer loses as much of a short haul as of a long one (scaled logit: Chen, Pravinvongvuth,
    Xu, Ryu and Chootinan 2012, "Examining the scaling effect and overlapping problem in logit-based stochastic user
    equilibrium models", Transp. Res. A 46).

    Parameters
    ----------
    e, routes
        Entries and their routes.
    route_cost : float64[R, K]
        At the base; entries without an open route take the mean cost per km of their commodity.
    length_km : float64[A]
        Length of arcs.
    scale
        theta times the cost of the cheapest way.
    """
    first = routes.pair_ptr[:-1]
    cost = np.minimum.reduceat(route_cost, first)[e.pair, e.commodity]
    shortest = np.minimum.reduceat(along_routes(routes, length_km[None, :])[:, 0], first)[e.pair]
    open_ = np.isfinite(cost)
    k = route_cost.shape[1]
    paid = np.bincount(e.commodity[open_], cost[open_], k)
    km = np.bincount(e.commodity[open_], shortest[open_], k)
    rate = np.where(km > 0, paid / np.where(km > 0, km, 1.0), paid.sum() / max(float(km.sum()), 1.0))
    return np.asarray(scale / np.where(open_, cost, rate[e.commodity] * np.maximum(shortest, 1.0)))


def _coupling(
    t: TradeInputs, compiled: Compiled, routes: RouteSet, e: Entries, flat: Ints, raw: Array, beyond: Array
) -> Coupling:
    cell, number = np.unique(flat, return_inverse=True)
    entry_cell = number.astype(np.int32)
    n = len(t.economies)
    total = np.bincount(entry_cell, raw, cell.size)
    owner = np.array([t.country_economy.get(a.owner, -1) for a in compiled.topology.arcs], dtype=np.int32)
    fees = paying(routes, compiled.figures.fee_usd.mean, owner)
    k, i, j = np.unravel_index(cell, (t.value_usd_m.shape[0], n, n))
    return Coupling(
        cell=cell.astype(np.int32),
        commodity=k.astype(np.int32),
        exporter=i.astype(np.int32),
        importer=j.astype(np.int32),
        entry_cell=entry_cell,
        weight=raw / total[entry_cell],
        beyond_usd_per_t=beyond,
        network_share=t.network_share.ravel()[cell],
        owner=owner,
        paying=fees,
        payers=payers(fees, owner),
        entries=entries_of_cells(entry_cell, cell.size),
        fee_rows=owners_of_cells(entry_cell, e, fees, owner, cell.size),
    )


def _solved_base(
    package: Package, compiled: Compiled, t: TradeInputs, m: FreightModel, c: Coupling, conditions: Conditions,
    closure: Closure, keep: Keep | None = None, slight: Ints | None = None,
) -> World:  # fmt: skip
    p = prepare(m, conditions.arc_cost_usd_per_t, conditions.one_end)
    first = cell_costs(c, p.floor_usd_per_t)
    per_day = t.tonnes_per_year.ravel()[c.cell] / DAYS_PER_YEAR * (1.0 - first.stranded)
    tonnes = entry_tonnes(c, first, per_day)
    published = m.facilities.capacity_per_day
    none = np.zeros(0, dtype=np.int32)
    keep, slight = keep or Keep(None, none, None), none if slight is None else slight
    m, base = keep.solve(m, p, tonnes)
    routing = Response(flow_sensitivity(m, p, base.time_h, base.tonnes_per_day), base.flow_per_day)
    costs, share = cell_costs(c, base.cost_usd_per_t), chosen_at(m, p, base.time_h).share
    paid = c.payers.fees(conditions.fee_usd_per_t)
    fees = cell_fees(c, p.opened, costs, share, paid)
    shape = t.value_usd_m.shape
    freight = np.zeros(shape).ravel()
    served = np.isfinite(costs.cost_usd_per_t)
    freight[c.cell[served]] = costs.cost_usd_per_t[served]
    carried = np.zeros(shape).ravel()
    carried[c.cell[served]] = (per_day * DAYS_PER_YEAR)[served]
    trade = calibrate(
        t.value_usd_m, t.gdp_usd_m, t.elasticity, tariff=t.tariff, freight_usd_per_t=freight.reshape(shape),
        usd_per_t=t.usd_per_t, fees=trade_fees(c, fees), tonnes_per_year=carried.reshape(shape),
        tradable_share=t.tradable_share, gamma=t.value_added_share, closure=closure, economies=t.economies,
    )  # fmt: skip
    now = hat(trade, TradeShock(trade.cost_usd_per_t, trade_fees(c, fees, served)))
    moved = np.bincount(c.entry_cell, base.tonnes_per_day, c.n).astype(np.float64)
    bought = trade_sensitivity(c, m, p.opened.at, costs.entry_weight, share, moved, trade, now)
    too_small = t.tonnes_per_year.ravel()[slight]
    lost = (t.tonnes_per_year - carried.reshape(shape)).ravel()
    lost[slight] -= too_small
    return World(
        package=package,
        compiled=compiled,
        inputs=t,
        freight=m,
        coupling=c,
        trade=trade,
        conditions=conditions,
        base=BaseState(base, costs, fees, paid, routing, Response(routing.slope + bought, routing.flow_per_day)),
        published_capacity_per_day=published,
        unallocated_t_per_year=lost.reshape(shape),
        slight=Slight(slight.size, float(too_small.sum()), float(t.value_usd_m.ravel()[slight].sum())),
    )
