"""Who gains from a dollar or an hour less on any arc: one adjoint of the whole chain.

For an objective S and the fixed point y = x(T(y)) of facility flows, dS/dp = dS/dp|_y + v dx/dp|_y with
v = (I - (dx/dT T')')^-1 T' dS/dT. Costs of routes act through the shares of the choice, through the costs of
trade cells (envelope theorem), and through the fees that change hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.threads import blas_alone, in_parts
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.base import with_capacities
from serai.corridor.coupling import cell_passes
from serai.corridor.routevalues import fee_slopes, route_values
from serai.corridor.solve import still_carried
from serai.freight.choice import choose
from serai.freight.facilities import times
from serai.freight.flows import arc_tonnes
from serai.freight.prepared import contest_at
from serai.freight.sensitivity import flow_sensitivity
from serai.trade.adjoint import ev_weights, trade_vjp

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.choice import Contest
    from serai.freight.prepared import FreightModel
    from serai.freight.search import Array, Ints
    from serai.trade.adjoint import TradeGradient


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
    """Rows of fees by cell, ``ptr[C + 1]``: what each is worth is its weight times seller's less owner's value."""

    ptr: Ints
    seller: Ints
    owner: Ints
    weight: Array


def gradient(world: World, outcome: Outcome) -> ArcGradient:
    """Differentiate every economy's equivalent variation with respect to every arc.

    Parameters
    ----------
    world, outcome
        The world and a solved counterfactual of it.
    """
    with blas_alone():
        return _gradient(world, outcome)


def _gradient(world: World, outcome: Outcome) -> ArcGradient:
    c, n = world.coupling, world.n_economies
    m = with_capacities(world.freight, outcome.conditions.capacity_per_day)
    f = outcome.freight
    s = contest_at(m, outcome.freight.prepared, f.time_h)
    share = choose(s).share
    passes = cell_passes(c, m, s.at, outcome.costs.entry_weight, share)
    served = np.isfinite(outcome.costs.cost_usd_per_t) & np.isfinite(world.base.costs.cost_usd_per_t)
    part = np.where(served, c.network_share, 0.0)
    per_tonne = m.facilities.unit_per_t[m.facilities.unit][:, c.commodity].T / DAYS_PER_YEAR
    drawn = passes * per_tonne * still_carried(world, outcome.costs)[:, None]
    # The first N objectives are gains; the others are what is drawn through every facility.
    trade = trade_vjp(world.trade, outcome.trade, ev_weights(world.trade, outcome.trade), drawn, c.cell)
    rows = _fee_rows(world, outcome, trade)
    by_time = passes * (part * m.queue_usd_per_t_h[c.commodity])[:, None]
    answer = trade.basis.T @ np.asarray(trade.of_cost.T @ by_time)
    answer[n:] += trade.direct.T @ by_time
    answer += _fee_response(world, outcome, (m, s), rows, _seller_and_owner(trade.basis, n))
    response = flow_sensitivity(m, outcome.freight.prepared, f.time_h, f.tonnes_per_day) + answer[n:]
    _, slope = times(m.facilities, outcome.freight.flow_per_day)
    system = np.eye(m.facilities.n) - (response * slope).T
    v = np.asarray(np.linalg.solve(system, slope[:, None] * answer[:n].T), dtype=np.float64)
    basis = trade.basis[:, :n] + trade.basis[:, n:] @ v
    cells = part[:, None] * (np.asarray(trade.of_cost @ basis) + trade.direct @ v)
    by_money, by_hour = _by_arc(world, outcome, (m, s, share), (cells, v, rows, _seller_and_owner(basis, n)))
    return ArcGradient(by_money, by_hour, arc_tonnes(m, outcome.freight) > 0)


def _by_arc(
    world: World, outcome: Outcome, choice: tuple[FreightModel, Contest, Array],
    values: tuple[Array, Array, _Fees, tuple[Array, Array]],
) -> Array:  # fmt: skip
    """Value of a dollar and of an hour on every arc, float64[2, A, N].

    Parameters
    ----------
    choice
        Model, contest and the shares of its options.
    values
        Of a USD/t of every cell's cost, of a unit a day at every facility, and of fees to sellers and to owners.
    """
    c, (m, s, share), (cells, v, fees, (seller, owner)) = world.coupling, choice, values
    units = m.facilities.unit_per_t
    by_unit = [m.incidence @ np.where((m.facilities.unit == u)[:, None], v, 0.0) for u in range(len(units))]
    hot = np.tensordot(units.T, np.stack(by_unit), axes=1)
    paid, r = c.payers.fees(outcome.conditions.fee_usd_per_t), m.routes
    entry_ptr = np.searchsorted(m.entries.pair, np.arange(r.n_pairs + 1))

    def part(first: int, last: int) -> Array:
        out = np.zeros((2, m.length_km.size, v.shape[1]))
        route_values()(
            first, last, entry_ptr, r.pair_ptr, r.leg_ptr, r.leg_arc, m.bundling, s, outcome.freight.prepared.opened,
            share, c.entry_cell, outcome.costs.entry_weight, outcome.freight.tonnes_per_day, m.vot_usd_per_t_h, cells,
            hot, fees.ptr, fees.seller, fees.owner, fees.weight, seller, owner, c.network_share, c.payers.ptr,
            c.payers.owner, paid, out[0], out[1],
        )  # fmt: skip
        return out

    return np.asarray(np.sum(in_parts(part, r.n_pairs), axis=0))


def _fee_rows(world: World, outcome: Outcome, trade: TradeGradient) -> _Fees:
    """Fee rows of the shock by cell; they stand in the order of the cells."""
    cell = outcome.trade.system.fee_cell
    ptr = np.searchsorted(cell, np.append(world.coupling.cell, world.trade.V.size)).astype(np.int32)
    return _Fees(ptr, trade.fee_seller, trade.fee_owner, trade.fee_weight)


def _seller_and_owner(basis: Array, n: int) -> tuple[Array, Array]:
    """Give what a dollar of fees is worth at its seller's and its owner's cost: float64[N, G] each."""
    return np.ascontiguousarray(basis[:n]), np.ascontiguousarray(-basis[n : 2 * n])


def _fee_response(
    world: World, outcome: Outcome, choice: tuple[FreightModel, Contest], fees: _Fees, value: tuple[Array, Array]
) -> Array:
    """Answer of objectives to the fees that change with the time of every facility: float64[G, H].

    ``value`` holds float64[N, G], what every objective gains by fees at sellers and at owners.
    """
    c, (m, s) = world.coupling, choice
    h, n, paid = m.facilities.n, world.n_economies, c.payers.fees(outcome.conditions.fee_usd_per_t)

    def part(begin: int, end: int) -> Array:
        outer = np.zeros((2, h, n))
        fee_slopes()(
            begin, end, s, c.entries, outcome.costs.entry_weight, m.queue_usd_per_t_h, m.hot.ptr, m.hot.member,
            fees.ptr, fees.seller, fees.owner, fees.weight, c.network_share,
            outcome.freight.prepared.opened.payment, c.payers.ptr, c.payers.owner, paid, outer[0], outer[1],
        )  # fmt: skip
        return outer

    by_seller, by_owner = np.sum(in_parts(part, c.n), axis=0)
    return np.asarray((by_seller @ value[0] + by_owner @ value[1]).T)
