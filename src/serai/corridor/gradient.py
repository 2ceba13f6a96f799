"""Who gains from a dollar or an hour less on any arc: one adjoint of the whole chain.

For an objective S and the fixed point y = x(T(y)) of facility flows, dS/dp = dS/dp|_y + v dx/dp|_y with
v = (I - (dx/dT T')')^-1 T' dS/dT. Costs of routes act through the shares of the choice, through the costs of
trade cells (envelope theorem), and through the fees that change hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.threads import in_parts
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.base import with_capacities
from serai.corridor.coupling import cell_passes
from serai.corridor.routevalues import fee_slopes, route_values
from serai.corridor.solve import still_carried
from serai.freight.choice import choose
from serai.freight.facilities import times
from serai.freight.flows import arc_tonnes
from serai.freight.prepared import contest_at
from serai.freight.routeset import over_arcs
from serai.freight.sensitivity import flow_sensitivity
from serai.trade.adjoint import ev_weights, trade_vjp

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.choice import Contest
    from serai.freight.prepared import FreightModel
    from serai.freight.search import Array, Ints


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
    by_money, by_hour = (over_arcs(m.routes, values, world.compiled.topology.n_arcs) for values in of_routes)
    return ArcGradient(by_money, by_hour, arc_tonnes(m, outcome.freight) > 0)


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
    paid = c.payers.fees(outcome.conditions.fee_usd_per_t)
    kernel, values_of_cells = route_values(), np.ascontiguousarray(cell_value)
    # Entries of a pair share its routes, so that parts end between pairs.
    begins = np.searchsorted(m.entries.pair, np.arange(m.routes.n_pairs + 1))

    def some(first: int, last: int) -> Array:
        waits = np.zeros((m.hot.n, n))
        kernel(
            begins[first], begins[last], m.bundling, s, outcome.freight.prepared.opened, share, c.entry_cell,
            outcome.costs.entry_weight, outcome.freight.tonnes_per_day, m.vot_usd_per_t_h, m.queue_usd_per_t_h,
            values_of_cells, hot, fees.ptr, fees.owner, fees.value, c.network_share, c.payers.ptr, c.payers.owner,
            paid, of_routes[0], of_routes[1], waits,
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
    kernel, most = fee_slopes(), int(np.diff(fees.ptr).max(initial=0))
    h, paid = m.facilities.n, c.payers.fees(outcome.conditions.fee_usd_per_t)

    def part(begin: int, end: int) -> Array:
        outer = np.zeros((h, h))
        kernel(
            begin, end, s, c.entries, outcome.costs.entry_weight, m.queue_usd_per_t_h, m.hot.ptr, m.hot.member,
            fees.ptr, fees.owner, fees.value, c.network_share,
            outcome.freight.prepared.opened.payment, c.payers.ptr, c.payers.owner, paid, most, outer,
        )  # fmt: skip
        return outer

    return np.asarray(np.sum(in_parts(part, c.n), axis=0)).T
