"""What pairs that do not trade a good today might: a gravity prior for empty cells, never mixed with other results.

Each good's trade is estimated by Poisson pseudo-maximum likelihood on distance and a common border, with exporter and
importer effects; what it expects of an empty cell is the prior. Its range is that of observed over expected trade
among cells of which as much is expected. Costs of the new cells are those of the outcome's times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import SeraiError
from serai.core.sphere import great_circle_km
from serai.corridor.coupling import CellCosts, cell_costs, trade_fees
from serai.corridor.solve import LEAST_LEFT, network_levels, trade_shock
from serai.corridor.world import choice_theta
from serai.freight.bundles import bundled, entry_costs, weights
from serai.freight.choice import Contest, choose, entries
from serai.freight.opened import opened
from serai.freight.prepared import delays, route_costs
from serai.network.figures import parameter
from serai.trade.base import TradeShock
from serai.trade.calibrate import calibrate
from serai.trade.hat import hat
from serai.trade.ppml import ppml

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.corridor.coupling import Coupling
    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.bundles import Bundling
    from serai.freight.choice import Entries
    from serai.freight.equilibrium import FreightEquilibrium
    from serai.freight.search import Array, Ints
    from serai.trade.base import TradeBase

LEAST_KM = 50.0
"""Least distance between two zones, or of a zone to itself."""
LEAST_USD_M = 0.01
"""Expected trade of a cell, million USD a year, below which it is left empty."""
LIKE = 200
"""Cells of like expected trade that a range is taken from."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Expected trade of empty cells.

    Attributes
    ----------
    cell : int64[Q]
        Flat indices (commodity * N + exporter) * N + importer.
    mode, low, high : float64[Q]
        Expected trade at the exporter's door, and its tenth and ninetieth percentile [million USD a year].
    without_route_usd_m
        Expected trade of empty cells of pairs that have no routes in the world.
    distance, border
        Largest and least of the goods' coefficients of ln distance and of a common border.
    skipped
        Goods whose gravity could not be estimated, or of which nothing is carried.
    """

    cell: Ints
    mode: Array
    low: Array
    high: Array
    without_route_usd_m: float
    distance: tuple[float, float]
    border: tuple[float, float]
    skipped: tuple[str, ...]


def distances(world: World) -> Array:
    """Great-circle distance between economies over their zones, by zone weights: float64[N, N], km."""
    t = world.inputs
    places = world.package["places"].set_index("id").loc[list(t.zones)]
    lat, lon = (places[c].to_numpy(dtype=float)[t.zone] for c in ("lat", "lon"))
    km = np.maximum(great_circle_km(lat[:, None], lon[:, None], lat, lon), LEAST_KM)
    weight = np.zeros((len(t.economies), t.zone.size))
    weight[t.zone_economy, np.arange(t.zone.size)] = t.zone_weight
    total = weight @ km @ weight.T
    return np.asarray(total / (weight.sum(axis=1)[:, None] * weight.sum(axis=1)))


def borders(world: World) -> Array:
    """Whether two economies share a crossing: float64[N, N], one or zero."""
    n = len(world.inputs.economies)
    out = np.zeros((n, n))
    of = world.inputs.country_economy
    for sides in world.compiled.sides.values():
        here = sorted({of[c] for c in sides if c in of})
        for i in here:
            for j in here:
                out[i, j] = float(i != j)
    return out


def _ratios(expected: Array, observed: Array, wanted: Array) -> tuple[Array, Array]:
    """Tenth and ninetieth percentile of observed over expected trade among the cells nearest in expected trade."""
    order = np.argsort(expected, kind="stable")
    ratio = observed[order] / expected[order]
    at = np.searchsorted(expected[order], wanted)
    most = min(LIKE, ratio.size)
    first = np.clip(at - most // 2, 0, ratio.size - most)
    low, high = np.empty(wanted.size), np.empty(wanted.size)
    for begin in np.unique(first).tolist():
        here = first == begin
        low[here], high[here] = np.quantile(ratio[begin : begin + most], (0.1, 0.9))
    return low, high


def gravity_prior(world: World) -> Prior:
    """Expect trade of empty cells from what the package's own trade shows of distance and borders."""
    t = world.inputs
    n = len(t.economies)
    i, j = np.nonzero(~np.eye(n, dtype=bool))
    x = np.stack([np.log(distances(world))[i, j], borders(world)[i, j]], axis=1)
    pairs = world.freight.routes
    row_economy = np.zeros(len(t.zones), dtype=np.int64)
    row_economy[t.zone] = t.zone_economy
    routed = np.zeros((n, n), dtype=bool)
    routed[row_economy[pairs.pair_origin], row_economy[pairs.pair_dest]] = True
    cells, mode, low, high, lost, skipped = [], [], [], [], 0.0, []
    slopes = []
    for g, name in enumerate(world.package["commodities"]["id"]):
        seen = t.value_usd_m[g, i, j]
        moved = t.network_share[g, i, j] > 0
        if (seen > 0).sum() < 4 * n**0.5 or not moved.any():
            skipped.append(str(name))
            continue
        try:
            fit = ppml(i, j, seen, x, names=("ln distance", "border"), economies=n)
        except SeraiError:
            skipped.append(str(name))
            continue
        slopes.append(fit.coefficient)
        used = fit.fitted > 0
        empty = (seen == 0) & moved & (fit.fitted >= LEAST_USD_M)
        lost += float(fit.fitted[empty & ~routed[i, j]].sum())
        at = np.flatnonzero(empty & routed[i, j])
        less, more = _ratios(fit.fitted[used], seen[used], fit.fitted[at])
        cells.append((g * n + i[at]) * n + j[at])
        mode.append(fit.fitted[at])
        low.append(np.minimum(less, 1.0) * fit.fitted[at])
        high.append(np.maximum(more, 1.0) * fit.fitted[at])
    none = np.zeros(0)
    slope = np.array(slopes) if slopes else np.full((1, 2), np.nan)
    return Prior(
        cell=np.concatenate([np.zeros(0, dtype=np.int64), *cells]),
        mode=np.concatenate([none, *mode]),
        low=np.concatenate([none, *low]),
        high=np.concatenate([none, *high]),
        without_route_usd_m=lost,
        distance=(float(slope[:, 0].min()), float(slope[:, 0].max())),
        border=(float(slope[:, 1].min()), float(slope[:, 1].max())),
        skipped=tuple(skipped),
    )


def _new_entries(world: World, prior: Prior) -> tuple[Entries, Coupling]:
    """Entries of the new cells, and which cells they make."""
    t, routes = world.inputs, world.freight.routes
    k, n, _ = t.value_usd_m.shape
    place = {int(c): q for q, c in enumerate(prior.cell)}
    economy = np.zeros(len(t.zones), dtype=np.int64)
    economy[t.zone] = t.zone_economy
    sent, got = np.zeros((k, len(t.zones))), np.zeros((k, len(t.zones)))
    sent[:, t.zone], got[:, t.zone] = t.weights()
    there, hours = np.zeros(len(t.zones)), np.zeros(len(t.zones))
    there[t.zone], hours[t.zone] = t.beyond_usd_per_t, t.beyond_h
    o, d = routes.pair_origin, routes.pair_dest
    rows = [
        (p, g, place[c])
        for p, (a, b) in enumerate(zip(economy[o].tolist(), economy[d].tolist(), strict=True))
        for g in range(k)
        if (c := (g * n + a) * n + b) in place
    ]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    e = entries(routes, table[:, 0].astype(np.int32), table[:, 1].astype(np.int32))
    cell = table[np.lexsort((table[:, 1], table[:, 0])), 2].astype(np.int32)
    weight = sent[e.commodity, o[e.pair]] * got[e.commodity, d[e.pair]]
    beyond = there[o[e.pair]] + there[d[e.pair]]
    beyond = beyond + world.freight.vot_usd_per_t_h[e.commodity] * (hours[o[e.pair]] + hours[d[e.pair]])
    total = np.bincount(cell, weight, prior.cell.size)
    return e, replace(
        world.coupling, cell=prior.cell.astype(np.int32), entry_cell=cell,
        weight=weight / np.where(total > 0, total, 1.0)[cell], beyond_usd_per_t=beyond,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """The base with the prior in its cells, at one point of the prior's range.

    Attributes
    ----------
    name
        low, mode or high.
    value_usd_m : float64[Q]
        Expected trade at the exporter's door; zero where the base has no way.
    trade
        The base of trade with it.
    """

    name: str
    value_usd_m: Array
    trade: TradeBase


@dataclass(frozen=True, slots=True)
class NewCells:
    """Cells of the prior as the model sees them: worked out once for all outcomes of a world.

    Attributes
    ----------
    prior
        What is expected of them.
    coupling, bundling
        Entries that make the cells, and the options of these.
    first
        Costs in the base.
    points
        Trade of the base with the prior: low, mode and high; none without a cell.
    """

    prior: Prior
    coupling: Coupling
    bundling: Bundling
    first: CellCosts
    points: tuple[Point, ...]


def new_cells(world: World, prior: Prior) -> NewCells:
    """Find the ways of the cells of a prior, and set up trade with them.

    Raises
    ------
    InputError
        Where the trade of the base with the prior in it cannot be calibrated.
    """
    m, base = world.freight, world.base.freight.prepared
    e, c = _new_entries(world, prior)
    cost = route_costs(m, base.arc_cost_usd_per_t, base.one_end)
    theta = choice_theta(e, m.routes, cost, m.length_km, parameter(world.package, "route_choice_scale"))
    b = bundled(e, m.routes, theta, m.hot.route, m.bundling.nests, m.bundling.at.mu)
    first = _costs(world, c, b, world.base.freight)
    points = ("low", "mode", "high") if prior.cell.size else ()
    return NewCells(prior, c, b, first, tuple(_point(world, prior, first, name) for name in points))


def _costs(world: World, c: Coupling, b: Bundling, freight: FreightEquilibrium) -> CellCosts:
    """Costs of the new cells, by the routes and at the times of an equilibrium."""
    m, p = world.freight, freight.prepared
    every = np.arange(b.at.pair.size, dtype=np.int32)
    o = opened(b, weights(b, entry_costs(b, m.routes, p.arc_cost_usd_per_t, p.shut, every)))
    s = Contest(o.at, o.cost_usd_per_t, o.alone, o.inside, delays(m, freight.time_h))
    return cell_costs(c, choose(s).cost_usd_per_t)


def _point(world: World, prior: Prior, first: CellCosts, name: str) -> Point:
    t, base, shape = world.inputs, world.trade, world.trade.V.shape
    value = np.where(np.isfinite(first.cost_usd_per_t), getattr(prior, name), 0.0)
    kept = value > 0
    at = prior.cell[kept]
    whole, cost = t.value_usd_m.copy().ravel(), base.cost_usd_per_t.copy().ravel()
    whole[at], cost[at] = value[kept], _first(first, kept)
    trade = calibrate(
        whole.reshape(shape), t.gdp_usd_m, t.elasticity, tariff=t.tariff, freight_usd_per_t=cost.reshape(shape),
        usd_per_t=t.usd_per_t, fees=base.fees, tonnes_per_year=base.tonnes, tradable_share=t.tradable_share,
        gamma=t.value_added_share, closure=base.closure, economies=t.economies,
    )  # fmt: skip
    return Point(name, value, trade)


def _first(first: CellCosts, kept: npt.NDArray[np.bool_]) -> Array:
    return np.maximum(first.cost_usd_per_t[kept], 1.0)


@dataclass(frozen=True, slots=True)
class Added:
    """What the prior adds to an outcome at one point: gains in USD a year, float64[N], and trade in million USD."""

    ev_usd_per_year: Array
    traded_usd_m: float


def added(world: World, new: NewCells, outcome: Outcome) -> tuple[Added, ...]:
    """Solve the trade of an outcome with the prior in its cells, at routes and queues as solved without it.

    Fees that the new trade would pay stay part of its cost and are nobody's income here.

    Raises
    ------
    NoEquilibrium
        Where trade has none.
    """
    if not new.points:
        return ()
    now = _costs(world, new.coupling, new.bundling, outcome.freight)
    found = []
    for p in new.points:
        kept = p.value_usd_m > 0
        trade = hat(p.trade, _with_new_cells(world, outcome, now, new, kept))
        gain = trade.ev_usd_per_year - outcome.trade.ev_usd_per_year
        found.append(Added(gain, float(trade.V.ravel()[new.prior.cell[kept]].sum())))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class NewTrade:
    """What the prior adds to a result, at one point of its range.

    Attributes
    ----------
    point
        low, mode or high.
    cells
        New cells with a way in the base.
    prior_usd_m, before_usd_m, after_usd_m
        Their expected trade at the exporter's door, and what they trade before and after, at the purchaser.
    ev_usd_per_year : float64[N]
        Gain with the prior less the gain without.
    """

    point: str
    cells: int
    prior_usd_m: float
    before_usd_m: float
    after_usd_m: float
    ev_usd_per_year: Array


def new_trade(new: NewCells, now: tuple[Added, ...], before: tuple[Added, ...] | None = None) -> tuple[NewTrade, ...]:
    """Set what the prior adds to an outcome beside what it adds to another one, the base by default."""
    at, found = new.prior.cell, []
    for i, p in enumerate(new.points):
        kept = p.value_usd_m > 0
        was, gained = float(p.trade.V.ravel()[at[kept]].sum()), 0.0 * now[i].ev_usd_per_year
        if before is not None:
            was, gained = before[i].traded_usd_m, before[i].ev_usd_per_year
        ev = np.asarray(now[i].ev_usd_per_year - gained)
        found.append(NewTrade(p.name, int(kept.sum()), float(p.value_usd_m.sum()), was, now[i].traded_usd_m, ev))
    return tuple(found)


def _with_new_cells(world: World, o: Outcome, now: CellCosts, new: NewCells, kept: npt.NDArray[np.bool_]) -> TradeShock:
    """Shock of an outcome with the costs of the new cells in it."""
    first, at, was = new.first, new.prior.cell[kept], _first(new.first, kept)
    served = np.isfinite(world.base.costs.cost_usd_per_t) & np.isfinite(o.costs.cost_usd_per_t)
    fees = trade_fees(world.coupling, o.fees, served)
    shock = trade_shock(world, o.costs, network_levels(world, o.costs)[0], fees, o.conditions.tariff)
    share, open_ = world.inputs.network_share.ravel()[at], np.isfinite(now.cost_usd_per_t[kept])
    moved = np.where(open_, now.cost_usd_per_t[kept] - first.cost_usd_per_t[kept], 0.0)
    cost = shock.cost_usd_per_t.copy().ravel()
    cost[at] = np.maximum(was + share * moved, LEAST_LEFT * was)
    lost = np.zeros(cost.size) if shock.stranded is None else shock.stranded.copy().ravel()
    lost[at] = share * np.clip(np.where(open_, now.stranded[kept], 1.0) - first.stranded[kept], 0.0, 1.0)
    stranded = lost.reshape(world.trade.V.shape) if lost.any() else None
    return TradeShock(cost.reshape(world.trade.V.shape), fees, o.conditions.tariff, stranded)
