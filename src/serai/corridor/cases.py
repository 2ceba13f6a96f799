"""From a package, a day and a scenario to the conditions of a counterfactual."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import ScenarioError
from serai.corridor.world import Conditions, conditions_of
from serai.freight.facilities import facilities
from serai.freight.model import Compiled, open_network
from serai.network.costs import values
from serai.network.figures import arc_figures
from serai.trade.matrix import compile_trade

if TYPE_CHECKING:
    import datetime as dt

    from serai.corridor.world import World
    from serai.data.package import Package
    from serai.data.status import Assume

STRUCTURE = ("places", "links", "crossings", "ports", "transfers", "services")
"""Tables whose rows are the arcs; a scenario may change what they say, not which they are."""
FIGURES = (*STRUCTURE, "speeds", "rates", "parameters", "bulk_rates", "delays", "emissions", "commodities")
TRADE = ("tariffs", "trade_seed", "trade_totals", "trade_anchors", "trade_mix", "off_network", "tonne_factors",
         "economies", "economy_zones", "zone_weights", "background", "elasticities")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A counterfactual: a package with its scenario applied, on a day."""

    name: str
    package: Package
    day: dt.date


def _changed(world: World, case: Case) -> set[str]:
    """Tables that differ from the world's; a package opened twice has the same ones in other objects."""
    before, after = world.package, case.package
    return {t for t in before.tables if before[t] is not after[t] and not before[t].equals(after[t])}


def compiled_for(world: World, case: Case) -> Compiled:
    """Compile the package of a case, as far as it differs from the world's.

    Raises
    ------
    ScenarioError
        Where the case has other rows of the network, or another base of trade, than the world.
    """
    before, after, changed = world.package, case.package, _changed(world, case)
    for table in changed & set(STRUCTURE):
        if not before[table].iloc[:, 0].equals(after[table].iloc[:, 0]):
            raise ScenarioError(
                f"{case.name} adds or removes rows of {table}", "Put them into a package of your own, and solve that."
            )
    if changed & (set(TRADE) - {"tariffs"}):
        raise ScenarioError(f"{case.name} changes the base of trade", "Lay such figures over the package with --with.")
    compiled = world.compiled
    if changed & set(FIGURES):
        return Compiled(
            after, compiled.topology, arc_figures(after, compiled.topology), values(after), compiled.correlation
        )
    return replace(compiled, package=after) if changed else compiled


def conditions_for(world: World, case: Case, assume: Assume = "last", compiled: Compiled | None = None) -> Conditions:
    """Work out what a case changes.

    Parameters
    ----------
    world
        The world; the package of the case must come from its package.
    case
        Package and day.
    assume
        How unknown states are taken.
    compiled
        What :func:`compiled_for` gives, where that is at hand.

    Raises
    ------
    ScenarioError
        As :func:`compiled_for` does.
    """
    compiled, changed = compiled or compiled_for(world, case), _changed(world, case)
    network = open_network(compiled, case.day, assume)
    conditions = conditions_of(compiled, network.costs)
    if changed & {"crossings", "ports", "links"}:
        conditions = replace(conditions, capacity_per_day=_capacities(world, compiled, network.costs.mean_time_h))
    if "tariffs" in changed:
        conditions = replace(conditions, tariff=compile_trade(case.package).tariff)
    return conditions


def _capacities(world: World, compiled: Compiled, mean_time_h: np.ndarray[tuple[int], np.dtype[np.float64]]) -> (
    np.ndarray[tuple[int], np.dtype[np.float64]]
):  # fmt: skip
    """Capacities of the world's facilities, scaled by what the case makes of the published ones."""
    now = facilities(compiled, mean_time_h, {})
    published = dict(zip(now.keys, now.capacity_per_day.tolist(), strict=True))
    f = world.freight.facilities
    factor = [published.get(k, p) / p for k, p in zip(f.keys, world.published_capacity_per_day.tolist(), strict=True)]
    return np.asarray(f.capacity_per_day * np.array(factor))
