"""Who gains from a dollar or an hour less on any arc: one adjoint of the whole chain.

For an objective S and the fixed point y = x(T(y)) of facility flows, dS/dp = dS/dp|_y + v dx/dp|_y with
v = (I - (dx/dT T')')^-1 T' dS/dT. Costs of routes act through the shares of the choice, through the costs of
trade cells (envelope theorem), and through the fees that change hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from serai.core.threads import in_parts
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.base import with_capacities
from serai.corridor.coupling import cell_passes
from serai.corridor.solve import still_carried
from serai.freight.choice import weigh, weigh_kernel
from serai.freight.facilities import times
from serai.freight.prepared import chosen_at, contest_of_routes
from serai.freight.sensitivity import flow_sensitivity
from serai.trade.adjoint import ev_weights, trade_vjp

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.choice import Contest
    from serai.freight.prepared import FreightModel
    from serai.freight.search import Array, Ints

LEAST_SHARE = 1e-10
"""Share of a route that is too small to matter to a gradient."""


@dataclass(frozen=True, slots=True)
class ArcGradient:
    """Derivative of every economy's equivalent variation with respect to every arc, within the frozen route set.

    Attributes
    ----------
    money_usd_per_year : float64[A, N]
        Per USD/t more of resource cost on the arc, for all commodities.
    hours_usd_per_year : float64[A, N]
        Per h more on the arc.
    defined : bool[A]
        Whether any cargo uses the arc; elsewhere the gradient is not zero but not defined.
    """

    money_usd_per_year: Array
    hours_usd_per_year: Array
    defined: npt.NDArray[np.bool_]


def _route_values(  # noqa: C901, PLR0912
    s: Contest, entry_cell: Ints, weight: Array, tonnes: Array, share: Array, vot: Array, queue: Array,
    cell_value: Array, hot_value: Array,
    row_ptr: Ints, row_owner: Ints, row_value: Array, paying: Ints, fee_ptr: Ints, fee_arc: Ints, owner: Ints,
    fee_usd_per_t: Array,
    money: Array, hours: Array, waits: Array,
) -> None:  # fmt: skip
    """Value of a cost, an hour and an hour's queue on every route.

    Direct to its cell, and through the shares it turns away.

    ``cell_value[C, G]`` per USD/t of a cell's cost, ``hot_value[K, U, G]`` per t/day over a combination of
    facilities, ``row_value[M, G]`` per USD/t of a cell's fee to an owner.
    """
    at, g = s.at, cell_value.shape[1]
    each, turned = np.zeros((at.longest, g)), np.zeros((at.longest, g))
    y, z, mean = np.empty(at.longest), np.empty(at.longest), np.zeros(g)
    v, part = np.empty(at.largest), np.empty(at.most)
    tie = 1.0 / at.mu - 1.0
    for e in range(at.pair.size):
        w, k, cell, r0, p0 = weight[e], at.commodity[e], entry_cell[e], at.place[e], at.ptr[e]
        if w == 0.0:
            continue
        n = at.ptr[e + 1] - p0
        for q in range(n):
            y[q] = s.cost_usd_per_t[p0 + q] + s.delay_usd_per_t[k, at.combination[r0 + q]]
        _, total = weigh(
            e, at.ptr, s.alone, at.pair, at.theta, at.mu, at.nest_ptr, at.length, at.member_ptr, at.member,
            s.inside, at.shift, y, z, v, part,
        )  # fmt: skip
        mean[:] = 0.0
        for q in range(n):
            p, r = share[p0 + q], r0 + q
            if p < LEAST_SHARE:
                continue
            for i in range(g):
                each[q, i] = tonnes[e] * hot_value[k, at.combination[r], i]
            if row_ptr[cell + 1] > row_ptr[cell]:
                for i in range(fee_ptr[paying[r]], fee_ptr[paying[r] + 1]):
                    a = fee_arc[i]
                    for m in range(row_ptr[cell], row_ptr[cell + 1]):
                        if row_owner[m] == owner[a]:
                            f = w * fee_usd_per_t[k, a]
                            for j in range(g):
                                each[q, j] += f * row_value[m, j]
                            break
            own = p / at.mu - tie * s.alone[p0 + q] * y[q] / total
            for i in range(g):
                mean[i] += p * each[q, i]
                turned[q, i] = own * each[q, i]
        for q in range(n):
            p = share[p0 + q]
            if p >= LEAST_SHARE:
                for i in range(g):
                    turned[q, i] -= p * mean[i]
        first = at.nest_ptr[at.pair[e]]
        for m in range(first, at.nest_ptr[at.pair[e] + 1]):
            i0, i1 = at.member_ptr[m], at.member_ptr[m + 1]
            inner, w0 = 0.0, at.member_ptr[first]
            for i in range(i0, i1):
                inner += v[i - w0]
            if tie * part[m - first] * inner / total < LEAST_SHARE:
                continue
            mean[:] = 0.0
            for i in range(i0, i1):
                q = at.member[i]
                if share[p0 + q] >= LEAST_SHARE:
                    for j in range(g):
                        mean[j] += v[i - w0] / inner * each[q, j]
            for i in range(i0, i1):
                q = at.member[i]
                if share[p0 + q] >= LEAST_SHARE:
                    f = tie * part[m - first] / total * v[i - w0]
                    for j in range(g):
                        turned[q, j] -= f * mean[j]
        for q in range(n):
            p, r = share[p0 + q], r0 + q
            if p < LEAST_SHARE:
                continue
            for i in range(g):
                value = p * w * cell_value[cell, i] - at.theta[e] * turned[q, i]
                money[r, i] += value
                hours[r, i] += vot[k] * value
                waits[r, i] += queue[k] * value


def _fee_slopes(  # noqa: C901, PLR0912
    s: Contest, entry_cell: Ints, weight: Array, queue: Array, hot_ptr: Ints, hot_facility: Ints,
    row_ptr: Ints, row_owner: Ints, paying: Ints, fee_ptr: Ints, fee_arc: Ints, owner: Ints, fee_usd_per_t: Array,
    most: int,
    out: Array,
) -> None:  # fmt: skip
    """D fee / d time of every fee row and facility, by the slopes of the shares of the choice."""
    at, h = s.at, out.shape[1]
    passed = np.zeros(h)
    here = np.empty(h, dtype=np.int64)
    paid, mean = np.zeros((at.longest, most)), np.zeros(most)
    y, z, p = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.largest), np.empty(at.most)
    tie = 1.0 / at.mu - 1.0
    for e in range(at.pair.size):
        k, cell, r0, p0 = at.commodity[e], entry_cell[e], at.place[e], at.ptr[e]
        n = at.ptr[e + 1] - p0
        row0, rows = row_ptr[cell], row_ptr[cell + 1] - row_ptr[cell]
        c = at.theta[e] * queue[k] * weight[e]
        if c == 0.0 or rows == 0:
            continue
        for q in range(n):
            y[q] = s.cost_usd_per_t[p0 + q] + s.delay_usd_per_t[k, at.combination[r0 + q]]
        _, total = weigh(
            e, at.ptr, s.alone, at.pair, at.theta, at.mu, at.nest_ptr, at.length, at.member_ptr, at.member,
            s.inside, at.shift, y, z, v, part,
        )  # fmt: skip
        for q in range(n):
            p[q] = s.alone[p0 + q] * y[q] / total
            paid[q, :rows] = 0.0
            for i in range(fee_ptr[paying[r0 + q]], fee_ptr[paying[r0 + q] + 1]):
                for m in range(rows):
                    if row_owner[row0 + m] == owner[fee_arc[i]]:
                        paid[q, m] += fee_usd_per_t[k, fee_arc[i]]
                        break
            # What is alone is a nest of one, whose own part and cross part are the same.
            _add_slope(at.combination[r0 + q], hot_ptr, hot_facility, c * p[q] * tie, paid[q], rows, row0, out)
        first, last = at.nest_ptr[at.pair[e]], at.nest_ptr[at.pair[e] + 1]
        for g in range(first, last + 1):
            whole = g == last
            i0, size, part_of, inner, found = 0, n, 1.0, 0.0, 0
            if not whole:
                i0, size = at.member_ptr[g], at.member_ptr[g + 1] - at.member_ptr[g]
                for i in range(size):
                    inner += v[i0 + i - at.member_ptr[first]]
                part_of = part[g - first] * inner / total
                if part_of == 0.0:
                    continue
            mean[:rows] = 0.0
            for i in range(size):
                q = i if whole else at.member[i0 + i]
                each = p[q] if whole else v[i0 + i - at.member_ptr[first]] / inner
                if not whole:
                    p[q] += part_of * each
                if each == 0.0:
                    continue
                for m in range(rows):
                    mean[m] += each * paid[q, m]
                r = at.combination[r0 + q]
                for j in range(hot_ptr[r], hot_ptr[r + 1]):
                    f = hot_facility[j]
                    if passed[f] == 0.0:
                        here[found] = f
                        found += 1
                    passed[f] += each
            factor = c * (1.0 if whole else tie * part_of)
            for i in range(found):
                f = here[i]
                for m in range(rows):
                    out[row0 + m, f] += factor * mean[m] * passed[f]
                passed[f] = 0.0
        for q in range(n):
            _add_slope(at.combination[r0 + q], hot_ptr, hot_facility, -c * p[q] / at.mu, paid[q], rows, row0, out)


def _add_slope(
    combination: int, hot_ptr: Ints, hot_facility: Ints, factor: float, paid: Array, rows: int, row0: int, out: Array
) -> None:
    for j in range(hot_ptr[combination], hot_ptr[combination + 1]):
        for m in range(rows):
            out[row0 + m, hot_facility[j]] += factor * paid[m]


def _on_arcs(begin: int, end: int, leg_ptr: Ints, leg_arc: Ints, route: Array, arc: Array) -> None:
    for r in range(begin, end):
        for n in range(leg_ptr[r], leg_ptr[r + 1]):
            a = leg_arc[n]
            for i in range(route.shape[1]):
                arc[a, i] += route[r, i]


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    weighing = weigh_kernel()
    slopes = compiled(_fee_slopes, weigh=weighing, _add_slope=compiled(_add_slope))
    return compiled(_route_values, weigh=weighing), compiled(_on_arcs), slopes


@dataclass(frozen=True, slots=True)
class _Fees:
    """Rows of fees by cell: ``ptr[C + 1]``, owners, and the value of each."""

    ptr: Ints
    owner: Ints
    value: Array


def gradient(world: World, outcome: Outcome) -> ArcGradient:
    """Differentiate every economy's equivalent variation with respect to every arc.

    Parameters
    ----------
    world, outcome
        The world and a solved counterfactual of it.
    """
    c, shape = world.coupling, world.trade.V.shape
    m = with_capacities(world.freight, outcome.conditions.capacity_per_day)
    f = outcome.freight
    s = contest_of_routes(m, outcome.prepared, f.time_h)
    left = outcome.prepared.opened.at
    passes = cell_passes(c, m, left, outcome.costs.entry_weight, chosen_at(m, outcome.prepared, f.time_h).share)
    served = np.isfinite(outcome.costs.cost_usd_per_t) & np.isfinite(world.base.costs.cost_usd_per_t)
    part = np.where(served, c.network_share, 0.0)[:, None]
    ev = trade_vjp(world.trade, outcome.trade, welfare=ev_weights(world.trade, outcome.trade), cells=c.cell)
    fees = _fee_rows(world, outcome, ev.fee)
    money, hours, waits = _values(world, outcome, (m, s), part * ev.cost, None, fees)
    facility_hours = _over_facilities(m, waits)
    per_tonne = m.facilities.unit_per_t[m.facilities.unit][:, c.commodity].T / DAYS_PER_YEAR
    drawn = np.zeros((*shape, m.facilities.n))
    drawn.reshape(world.trade.V.size, m.facilities.n)[c.cell] = (
        passes * per_tonne * still_carried(world, outcome.costs)[:, None]
    )
    flows = trade_vjp(world.trade, outcome.trade, tonnes=drawn, cells=c.cell)
    by_cost = part * flows.cost
    queue = m.queue_usd_per_t_h[c.commodity][:, None]
    response = flow_sensitivity(m, outcome.prepared, f.time_h, f.tonnes_per_day) + by_cost.T @ (queue * passes)
    response += flows.fee.T @ _fee_response(world, outcome, m, s)
    _, slope = times(m.facilities, outcome.freight.flow_per_day)
    system = np.eye(m.facilities.n) - (response * slope).T
    v = np.asarray(np.linalg.solve(system, slope[:, None] * facility_hours), dtype=np.float64)
    more_money, more_hours, _ = _values(
        world, outcome, (m, s), np.asarray(by_cost @ v), v, _fee_rows(world, outcome, flows.fee @ v)
    )
    arcs = world.compiled.topology.n_arcs
    by_money, by_hour = _over_arcs(m, money + more_money, arcs), _over_arcs(m, hours + more_hours, arcs)
    return ArcGradient(by_money, by_hour, _used(m, outcome))


def _over_arcs(m: FreightModel, route_value: Array, arcs: int) -> Array:
    """Sum values of routes, float64[R, N], over those of each arc: float64[A, N]."""

    def part(begin: int, end: int) -> Array:
        out = np.zeros((arcs, route_value.shape[1]))
        _kernels()[1](begin, end, m.routes.leg_ptr, m.routes.leg_arc, route_value, out)
        return out

    return np.asarray(np.sum(in_parts(part, m.routes.n_routes), axis=0))


def _values(
    world: World, outcome: Outcome, choice: tuple[FreightModel, Contest], cell_value: Array, v: Array | None,
    fees: _Fees | None,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Value of a dollar, an hour and an hour in a queue on every route: float64[R, N] each."""
    c, n = world.coupling, cell_value.shape[1]
    m, s = choice
    unit = m.facilities.unit_per_t[m.facilities.unit]
    if v is None:
        hot = np.zeros((m.n_commodities, m.hot.n, n))
    else:
        hot = np.stack([m.incidence @ (unit[:, k][:, None] * v) for k in range(m.n_commodities)])
    rows = fees or _Fees(np.zeros(c.n + 1, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros((0, n)))
    money, hours, waits = (np.zeros((m.routes.n_routes, n)) for _ in range(3))
    _kernels()[0](
        s, c.entry_cell, outcome.costs.entry_weight,
        outcome.freight.tonnes_per_day, outcome.freight.share, m.vot_usd_per_t_h, m.queue_usd_per_t_h,
        np.ascontiguousarray(cell_value), hot,
        rows.ptr, rows.owner, rows.value, c.paying.route, c.paying.ptr, c.paying.member, c.owner,
        outcome.conditions.fee_usd_per_t,
        money, hours, waits,
    )  # fmt: skip
    return money, hours, waits


def _fee_rows(world: World, outcome: Outcome, value: Array) -> _Fees:
    """Fee rows of the shock by cell, with their values per USD/t of the network's fee."""
    c = world.coupling
    position = np.full(world.trade.V.size, -1, dtype=np.int64)
    position[c.cell] = np.arange(c.n)
    rows = outcome.trade.system
    cell = position[rows.fee_cell]
    order = np.argsort(cell, kind="stable")
    ptr = np.searchsorted(cell[order], np.arange(c.n + 1)).astype(np.int32)
    return _Fees(ptr, rows.fee_owner[order], value[order] * c.network_share[cell[order]][:, None])


def _fee_response(world: World, outcome: Outcome, m: FreightModel, s: Contest) -> Array:
    """Change of every fee row of the shock with the time of every facility: float64[M, H], USD/t per h."""
    c = world.coupling
    system = outcome.trade.system
    position = np.full(world.trade.V.size, -1, dtype=np.int64)
    position[c.cell] = np.arange(c.n)
    cell = position[system.fee_cell]
    order = np.argsort(cell, kind="stable")
    ptr = np.searchsorted(cell[order], np.arange(c.n + 1)).astype(np.int32)
    out = np.zeros((cell.size, m.facilities.n))
    _kernels()[2](
        s, c.entry_cell, outcome.costs.entry_weight,
        m.queue_usd_per_t_h, m.hot.ptr, m.hot.member, ptr, system.fee_owner[order],
        c.paying.route, c.paying.ptr, c.paying.member, c.owner, outcome.conditions.fee_usd_per_t,
        int(np.diff(ptr).max(initial=0)), out,
    )  # fmt: skip
    back = np.empty_like(out)
    back[order] = out * c.network_share[cell[order]][:, None]
    return back


def _over_facilities(m: FreightModel, route_hours: Array) -> Array:
    """Value of an hour at every facility: float64[H, N]."""
    by_combination = [np.bincount(m.hot.route, hours, m.hot.n) for hours in route_hours.T]
    return np.asarray(m.incidence.T @ np.stack(by_combination, axis=1))


def _used(m: FreightModel, outcome: Outcome) -> npt.NDArray[np.bool_]:
    """Arcs that carry cargo."""
    route, entry = m.entries.routes()
    carried = outcome.freight.share * outcome.freight.tonnes_per_day[entry]
    flow = np.bincount(route, carried, m.routes.n_routes)
    legs = np.repeat(flow, np.diff(m.routes.leg_ptr))
    return np.asarray(np.bincount(m.routes.leg_arc, legs, m.length_km.size) > 0)
