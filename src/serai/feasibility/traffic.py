"""Freight of a solved world: what uses some arcs, at what cost, and what it emits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from serai.core.units import DAYS_PER_YEAR
from serai.freight.equilibrium import route_shares
from serai.freight.flows import carried, passes
from serai.freight.routeset import along_routes

if TYPE_CHECKING:
    from serai.feasibility.corridor_model import Change, CorridorModel
    from serai.freight.equilibrium import FreightEquilibrium

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

KG_PER_T: Final = 1000.0


class Solved(Protocol):
    """What is asked of a solved world, or of the base itself."""

    @property
    def freight(self) -> FreightEquilibrium:
        """Demand, times and routes."""
        ...


@dataclass(frozen=True, slots=True)
class Traffic:
    """Freight of a solved world; E entries (a pair of zones and a commodity), S arcs of the project.

    Attributes
    ----------
    tonnes, on_project : float64[E]
        t a year, and those of them that use what the project touches.
    cost_usd_per_t, fee_usd_per_t, money_usd_per_t : float64[E]
        Generalized cost, mean fee, mean money without fees.
    by_arc : float64[S, K]
        t a year on each arc of the project, by commodity.
    co2e_t_per_year
        Emissions of all traffic.
    """

    tonnes: Array
    on_project: Array
    cost_usd_per_t: Array
    fee_usd_per_t: Array
    money_usd_per_t: Array
    by_arc: Array
    co2e_t_per_year: float


def traffic(model: CorridorModel, outcome: Solved, change: Change, touched: Flags) -> Traffic:
    """Measure the freight of a solved world.

    Parameters
    ----------
    model, outcome, change
        The world and what it differs by.
    touched : bool[A]
        Arcs of the project.
    """
    world = model.world
    routes, e = world.freight.routes, world.freight.entries
    base = model.arcs(change.projects)
    route, entry = model.world.freight.entries.routes()
    goods = e.commodity[entry]
    share = route_shares(world.freight, outcome.freight)
    yearly = outcome.freight.tonnes_per_day * DAYS_PER_YEAR
    weight = share * yearly[entry]
    uses = passes(world.freight, touched)
    k = len(world.compiled.worth.ids)
    on_route = np.bincount(route * k + goods, weight, routes.n_routes * k).reshape(-1, k)
    legs = np.flatnonzero(touched[routes.leg_arc])
    of_route = np.repeat(np.arange(routes.n_routes), np.diff(routes.leg_ptr))[legs]
    number = np.cumsum(touched) - 1
    by_arc = np.zeros((int(touched.sum()), k))
    np.add.at(by_arc, number[routes.leg_arc[legs]], on_route[of_route])

    def mean(values: Array) -> Array:
        return np.asarray(np.bincount(entry, share * along_routes(routes, values)[route, goods], e.n), dtype=np.float64)

    return Traffic(
        tonnes=yearly,
        on_project=np.minimum(np.bincount(entry, weight * uses[route], e.n), yearly),
        cost_usd_per_t=outcome.freight.cost_usd_per_t,
        fee_usd_per_t=mean(base.fee_usd_per_t),
        money_usd_per_t=mean(base.haul_usd_per_t),
        by_arc=by_arc,
        co2e_t_per_year=emissions(model, carried(world.freight, outcome.freight)),
    )


def emissions(model: CorridorModel, carried_t_per_day: Array) -> float:
    """T CO2e a year of all traffic: float64[R], of :func:`serai.freight.flows.carried`."""
    return float((carried_t_per_day * model.co2e_kg_per_t).sum() * DAYS_PER_YEAR / KG_PER_T)


def tonnes_on(model: CorridorModel, carried_t_per_day: Array, touched: Flags) -> float:
    """T a year that use some arcs, bool[A], each tonne counted once."""
    return float(carried_t_per_day[passes(model.world.freight, touched)].sum() * DAYS_PER_YEAR)
