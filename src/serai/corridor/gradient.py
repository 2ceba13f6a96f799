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
from serai.freight.choice import choose, weigh, weigh_kernels
from serai.freight.facilities import times
from serai.freight.flows import carried
from serai.freight.prepared import contest_at
from serai.freight.sensitivity import flow_sensitivity
from serai.trade.adjoint import ev_weights, trade_vjp

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.corridor.coupling import Rows
    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.bundles import Bundling
    from serai.freight.choice import Contest
    from serai.freight.opened import Opened
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


def _route_values(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, b: Bundling, s: Contest, o: Opened, share: Array,
    entry_cell: Ints, weight: Array, tonnes: Array, vot: Array, queue: Array, cell_value: Array, hot_value: Array,
    row_ptr: Ints, row_owner: Ints, row_value: Array, network_share: Array, fee_ptr: Ints, fee_arc: Ints, owner: Ints,
    fee_usd_per_t: Array,
    money: Array, hours: Array, waits: Array,
) -> None:  # fmt: skip
    """Value of a cost and of an hour on every route, and of an hour's queue at every combination of facilities.

    Direct to its cell, and through the shares it turns away: with a_r what route r has alone of its share, P_nr what
    it has by nest n, x_r what a tonne on it is worth, and means over the nest and over the entry,

        sum_s x_s dP_s / dc_r = -theta (a_r (x_r - mean) + sum_n P_nr (x_r / mu - (1 / mu - 1) mean_n - mean)).

    ``cell_value[C, G]`` per USD/t of a cell's cost, ``hot_value[K, U, G]`` per t/day over a combination of
    facilities, ``row_value[M, G]`` per USD/t of a cell's fee to an owner.
    """
    at, over, left, width = b.at, b.nests, s.at, cell_value.shape[1]
    each, together, mean = np.zeros((at.longest, width)), np.zeros((at.most + 1, width)), np.zeros(width)
    y, z, v, part = np.empty(at.longest), np.empty(at.longest), np.empty(at.most), np.empty(at.most)
    where, value = np.empty(at.longest, dtype=np.int64), np.empty(width)
    tie = 1.0 / at.mu - 1.0
    for e in range(begin, end):
        w, k, cell, p0 = weight[e], at.commodity[e], entry_cell[e], left.ptr[e]
        if w == 0.0:
            continue
        _, total = weigh(
            e, left.ptr, left.combination, left.commodity, left.theta, left.nest_ptr, left.length, left.inside_ptr,
            left.mu, s.cost_usd_per_t, s.alone, s.inside, s.delay_usd_per_t, y, z, v, part,
        )  # fmt: skip
        if total == 0.0:
            continue
        paid = w * network_share[cell]
        n, nests, i0 = left.ptr[e + 1] - p0, left.nest_ptr[e + 1] - left.nest_ptr[e], left.inside_ptr[e]
        mean[:] = 0.0
        together[:nests] = 0.0
        for q in range(at.ptr[e + 1] - at.ptr[e]):
            where[q] = -1
        for q in range(n):
            p, u = share[p0 + q], left.combination[p0 + q]
            if p < LEAST_SHARE:
                continue
            where[o.option[p0 + q]] = q
            for j in range(width):
                each[q, j] = tonnes[e] * hot_value[k, u, j]
            if row_ptr[cell + 1] > row_ptr[cell]:
                for i in range(fee_ptr[o.payment[p0 + q]], fee_ptr[o.payment[p0 + q] + 1]):
                    a = fee_arc[i]
                    for m in range(row_ptr[cell], row_ptr[cell + 1]):
                        if row_owner[m] == owner[a]:
                            for j in range(width):
                                each[q, j] += paid * fee_usd_per_t[k, a] * row_value[m, j]
                            break
            for j in range(width):
                mean[j] += p * each[q, j]
            for g in range(nests):
                f = s.inside[i0 + q * nests + g]
                if f > 0.0 and v[g] > 0.0:
                    f *= z[q] / v[g]
                    for j in range(width):
                        together[g, j] += f * each[q, j]
        r0, n_routes = b.first_route[e], b.route_ptr[e + 1] - b.route_ptr[e]
        met = np.zeros((n_routes, nests))
        t = at.pair[e]
        for m in range(over.ptr[t], over.ptr[t + 1]):
            if b.nest[m] < 0:
                continue
            g = o.nest[b.nest_begin[e] + b.nest[m] - at.nest_ptr[t]]
            if g < 0:
                continue
            f = part[g] * (at.length[b.nest[m]] / left.length[left.nest_ptr[e] + g])
            for i in range(over.member_ptr[m], over.member_ptr[m + 1]):
                met[over.member[i], g] += f
        for r in range(n_routes):
            q, x = where[b.option[r0 + r]], b.route_ptr[e] + r
            if q < 0:
                continue
            alone, inside = o.route_alone[x] * y[q] / total, o.route_inside[x] * z[q] / total
            by_nests = 0.0
            for g in range(nests):
                by_nests += met[r, g]
            p = alone + inside * by_nests
            if p < LEAST_SHARE:
                continue
            own = alone + inside * by_nests / at.mu
            for j in range(width):
                value[j] = p * w * cell_value[cell, j] - at.theta[e] * (own * each[q, j] - p * mean[j])
            for g in range(nests):
                f = at.theta[e] * inside * tie * met[r, g]
                if f > 0.0:
                    for j in range(width):
                        value[j] += f * together[g, j]
            u = left.combination[p0 + q]
            for j in range(width):
                money[r0 + r, j] += value[j]
                hours[r0 + r, j] += vot[k] * value[j]
                waits[u, j] += queue[k] * value[j]


def _fee_slopes(  # noqa: C901, PLR0912, PLR0915  one loop nest
    begin: int, end: int, s: Contest, entries: Rows, weight: Array, queue: Array, hot_ptr: Ints, hot_facility: Ints,
    row_ptr: Ints, row_owner: Ints, row_value: Array, network_share: Array, payment: Ints, fee_ptr: Ints,
    fee_arc: Ints, owner: Ints, fee_usd_per_t: Array, most: int, outer: Array,
) -> None:  # fmt: skip
    """Value of every fee row, float64[M, H], times d fee / d time by the slopes of shares, into ``outer[H, H]``."""
    at, h = s.at, outer.shape[1]
    slopes = np.zeros((most, h))
    passed = np.zeros(h)
    here = np.empty(h, dtype=np.int64)
    paid, mean = np.zeros((at.longest, most)), np.zeros(most)
    y, z, p = np.empty(at.longest), np.empty(at.longest), np.empty(at.longest)
    v, part = np.empty(at.most), np.empty(at.most)
    tie = 1.0 / at.mu - 1.0
    for cell in range(begin, end):
        row0, rows = row_ptr[cell], row_ptr[cell + 1] - row_ptr[cell]
        if rows == 0:
            continue
        for x in range(entries.ptr[cell], entries.ptr[cell + 1]):
            e = entries.value[x]
            k, p0, i0 = at.commodity[e], at.ptr[e], at.inside_ptr[e]
            n, nests = at.ptr[e + 1] - p0, at.nest_ptr[e + 1] - at.nest_ptr[e]
            c = at.theta[e] * queue[k] * weight[e]
            if c == 0.0:
                continue
            _, total = weigh(
                e, at.ptr, at.combination, at.commodity, at.theta, at.nest_ptr, at.length, at.inside_ptr, at.mu,
                s.cost_usd_per_t, s.alone, s.inside, s.delay_usd_per_t, y, z, v, part,
            )  # fmt: skip
            if total == 0.0:
                continue
            for q in range(n):
                p[q] = s.alone[p0 + q] * y[q] / total
                paid[q, :rows] = 0.0
                for i in range(fee_ptr[payment[p0 + q]], fee_ptr[payment[p0 + q] + 1]):
                    for m in range(rows):
                        if row_owner[row0 + m] == owner[fee_arc[i]]:
                            paid[q, m] += fee_usd_per_t[k, fee_arc[i]]
                            break
                # What is alone is a nest of one, whose own part and cross part are the same.
                _add_slope(at.combination[p0 + q], hot_ptr, hot_facility, c * p[q] * tie, paid[q], rows, slopes)
            for g in range(nests + 1):
                whole = g == nests
                part_of, found = 1.0, 0
                if not whole:
                    part_of = part[g] * v[g] / total
                    if part_of == 0.0:
                        continue
                mean[:rows] = 0.0
                for q in range(n):
                    each = p[q] if whole else s.inside[i0 + q * nests + g] * z[q] / v[g]
                    if not whole:
                        p[q] += part_of * each
                    if each == 0.0:
                        continue
                    for m in range(rows):
                        mean[m] += each * paid[q, m]
                    u = at.combination[p0 + q]
                    for j in range(hot_ptr[u], hot_ptr[u + 1]):
                        f = hot_facility[j]
                        if passed[f] == 0.0:
                            here[found] = f
                            found += 1
                        passed[f] += each
                factor = c * (1.0 if whole else tie * part_of)
                for i in range(found):
                    f = here[i]
                    for m in range(rows):
                        slopes[m, f] += factor * mean[m] * passed[f]
                    passed[f] = 0.0
            for q in range(n):
                _add_slope(at.combination[p0 + q], hot_ptr, hot_facility, -c * p[q] / at.mu, paid[q], rows, slopes)
        for m in range(rows):
            for f in range(h):
                x = slopes[m, f] * network_share[cell]
                if x != 0.0:
                    slopes[m, f] = 0.0
                    for i in range(h):
                        outer[f, i] += x * row_value[row0 + m, i]


def _add_slope(
    combination: int, hot_ptr: Ints, hot_facility: Ints, factor: float, paid: Array, rows: int, slopes: Array
) -> None:
    for j in range(hot_ptr[combination], hot_ptr[combination + 1]):
        for m in range(rows):
            slopes[m, hot_facility[j]] += factor * paid[m]


def _on_arcs(begin: int, end: int, leg_ptr: Ints, leg_arc: Ints, route: Array, arc: Array) -> None:
    for r in range(begin, end):
        for n in range(leg_ptr[r], leg_ptr[r + 1]):
            a = leg_arc[n]
            for i in range(route.shape[1]):
                arc[a, i] += route[r, i]


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    slopes = compiled(_fee_slopes, **weigh_kernels(), _add_slope=compiled(_add_slope))
    return compiled(_route_values, **weigh_kernels()), compiled(_on_arcs), slopes


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
    s = contest_at(m, outcome.freight.prepared, f.time_h)
    share = choose(s).share
    passes = cell_passes(c, m, s.at, outcome.costs.entry_weight, share)
    served = np.isfinite(outcome.costs.cost_usd_per_t) & np.isfinite(world.base.costs.cost_usd_per_t)
    part = np.where(served, c.network_share, 0.0)[:, None]
    ev = trade_vjp(world.trade, outcome.trade, welfare=ev_weights(world.trade, outcome.trade), cells=c.cell)
    fees = _fee_rows(world, outcome, ev.fee)
    of_routes = np.zeros((2, m.routes.n_routes, ev.cost.shape[1]))
    waits = _values(world, outcome, (m, s, share), (part * ev.cost, None, fees), of_routes)
    facility_hours = m.incidence.T @ waits
    per_tonne = m.facilities.unit_per_t[m.facilities.unit][:, c.commodity].T / DAYS_PER_YEAR
    drawn = np.zeros((*shape, m.facilities.n))
    drawn.reshape(world.trade.V.size, m.facilities.n)[c.cell] = (
        passes * per_tonne * still_carried(world, outcome.costs)[:, None]
    )
    flows = trade_vjp(world.trade, outcome.trade, tonnes=drawn, cells=c.cell)
    by_cost = part * flows.cost
    queue = m.queue_usd_per_t_h[c.commodity][:, None]
    response = flow_sensitivity(m, outcome.freight.prepared, f.time_h, f.tonnes_per_day) + by_cost.T @ (queue * passes)
    response += _fee_response(world, outcome, (m, s), _fee_rows(world, outcome, flows.fee))
    _, slope = times(m.facilities, outcome.freight.flow_per_day)
    system = np.eye(m.facilities.n) - (response * slope).T
    v = np.asarray(np.linalg.solve(system, slope[:, None] * facility_hours), dtype=np.float64)
    fees = _fee_rows(world, outcome, flows.fee @ v)
    _values(world, outcome, (m, s, share), (np.asarray(by_cost @ v), v, fees), of_routes)
    by_money, by_hour = (_over_arcs(m, values, world.compiled.topology.n_arcs) for values in of_routes)
    return ArcGradient(by_money, by_hour, _used(m, outcome))


def _over_arcs(m: FreightModel, route_value: Array, arcs: int) -> Array:
    """Sum values of routes, float64[R, N], over those of each arc: float64[A, N]."""

    def part(begin: int, end: int) -> Array:
        out = np.zeros((arcs, route_value.shape[1]))
        _kernels()[1](begin, end, m.routes.leg_ptr, m.routes.leg_arc, route_value, out)
        return out

    return np.asarray(np.sum(in_parts(part, m.routes.n_routes), axis=0))


def _values(
    world: World, outcome: Outcome, choice: tuple[FreightModel, Contest, Array],
    values: tuple[Array, Array | None, _Fees], of_routes: Array,
) -> Array:  # fmt: skip
    """Add the value of a dollar and of an hour on every route to float64[2, R, N]; give that of an hour's queue.

    Parameters
    ----------
    choice
        Model, contest and the shares of its options.
    values
        Of a USD/t of every cell's cost, of a unit a day at every facility, and of fees.

    Returns
    -------
    float64[U, N]
        At every combination of facilities.
    """
    c, (m, s, share), (cell_value, v, fees) = world.coupling, choice, values
    n, unit = cell_value.shape[1], m.facilities.unit_per_t[m.facilities.unit]
    if v is None:
        hot = np.zeros((m.n_commodities, m.hot.n, n))
    else:
        hot = np.stack([m.incidence @ (unit[:, k][:, None] * v) for k in range(m.n_commodities)])
    rows = fees
    kernel, values_of_cells = _kernels()[0], np.ascontiguousarray(cell_value)
    # Entries of a pair share its routes, so that parts end between pairs.
    begins = np.searchsorted(m.entries.pair, np.arange(m.routes.n_pairs + 1))

    def some(first: int, last: int) -> Array:
        waits = np.zeros((m.hot.n, n))
        kernel(
            begins[first], begins[last], m.bundling, s, outcome.freight.prepared.opened, share, c.entry_cell,
            outcome.costs.entry_weight, outcome.freight.tonnes_per_day, m.vot_usd_per_t_h, m.queue_usd_per_t_h,
            values_of_cells, hot, rows.ptr, rows.owner, rows.value, c.network_share, c.paying.ptr,
            c.paying.member, c.owner, outcome.conditions.fee_usd_per_t, of_routes[0], of_routes[1], waits,
        )  # fmt: skip
        return waits

    return np.asarray(np.sum(in_parts(some, m.routes.n_pairs), axis=0))


def _fee_rows(world: World, outcome: Outcome, value: Array) -> _Fees:
    """Fee rows of the shock by cell, with their values; they stand in the order of the cells."""
    rows = outcome.trade.system
    ptr = np.searchsorted(rows.fee_cell, np.append(world.coupling.cell, world.trade.V.size)).astype(np.int32)
    return _Fees(ptr, rows.fee_owner, np.ascontiguousarray(value))


def _fee_response(world: World, outcome: Outcome, choice: tuple[FreightModel, Contest], fees: _Fees) -> Array:
    """Answer of flows to the fees that change with the time of every facility: float64[H, H].

    ``fees.value[M, H]`` is the answer of every flow to every row of fees.
    """
    c, (m, s) = world.coupling, choice
    kernel, most = _kernels()[2], int(np.diff(fees.ptr).max(initial=0))
    h = m.facilities.n

    def part(begin: int, end: int) -> Array:
        outer = np.zeros((h, h))
        kernel(
            begin, end, s, c.entries, outcome.costs.entry_weight, m.queue_usd_per_t_h, m.hot.ptr, m.hot.member,
            fees.ptr, fees.owner, fees.value, c.network_share,
            outcome.freight.prepared.opened.payment, c.paying.ptr, c.paying.member, c.owner,
            outcome.conditions.fee_usd_per_t, most, outer,
        )  # fmt: skip
        return outer

    return np.asarray(np.sum(in_parts(part, c.n), axis=0)).T


def _used(m: FreightModel, outcome: Outcome) -> npt.NDArray[np.bool_]:
    """Arcs that carry cargo."""
    legs = np.repeat(carried(m, outcome.freight), np.diff(m.routes.leg_ptr))
    return np.asarray(np.bincount(m.routes.leg_arc, legs, m.length_km.size) > 0)
