"""Cost, price and time of the best way between all zones, for every commodity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.freight.search import dijkstra

if TYPE_CHECKING:
    from serai.freight.model import Network
    from serai.freight.search import Ints
    from serai.network.spread import Array


@dataclass(frozen=True, slots=True)
class Skims:
    """Best ways between Z zones for K commodities.

    Attributes
    ----------
    zones
        Identifiers of the zones.
    generalized_usd_per_t, money_usd_per_t, hours : float64[K, Z, Z]
        Of the cheapest way by generalized cost, door to door; infinite where there is none.
    """

    zones: tuple[str, ...]
    generalized_usd_per_t: Array
    money_usd_per_t: Array
    hours: Array


def along_tree(tail: Ints, pred: Ints, values: Array) -> Array:
    """Sum values of arcs along the paths of a predecessor tree.

    Parameters
    ----------
    tail : int32[A]
        Start of each arc.
    pred : int32[S]
        Last arc of the path to each state, -1 at the root and where there is none.
    values : float64[V, A]
        What is summed.

    Returns
    -------
    float64[V, S]
        Zero at the root and where there is no path.
    """
    out = np.zeros((values.shape[0], pred.size))
    # Halve the remaining distance to the root in each round instead of walking one arc at a time.
    reached = pred >= 0
    parent = np.where(reached, tail[np.maximum(pred, 0)], np.arange(pred.size))
    out[:, reached] = values[:, pred[reached]]
    while True:
        grand = parent[parent]
        if np.array_equal(grand, parent):
            return out
        out += np.where(parent != np.arange(pred.size), out[:, parent], 0.0)
        parent = grand


def skims(network: Network) -> Skims:
    """Skim all zones of a network.

    Gates that only trade of their own two countries may use, or of which nothing is known, are left out
    for every pair: third countries have no use of them.
    """
    topology, costs = network.topology, network.costs
    places = network.package["places"]
    zones = tuple(places.loc[places["zone"], "id"])
    rows = [topology.place_index(z) for z in zones]
    out_states, in_states = topology.door_out[rows], topology.door_in[rows]
    barred = costs.figures.bilateral | costs.figures.unproven | costs.one_end
    shape = (len(network.worth.ids), len(zones), len(zones))
    generalized, money, hours = (np.full(shape, np.inf) for _ in range(3))
    for k in range(shape[0]):
        cost = np.where(barred, np.inf, network.cost(k, "generalized"))
        values = np.stack([np.where(np.isfinite(cost), network.cost(k, "cost"), 0.0), costs.mean_time_h])
        for i, source in enumerate(out_states.tolist()):
            dist, pred = dijkstra(topology.out_ptr, topology.head, cost, source)
            sums = along_tree(topology.tail, pred, values)
            found = np.isfinite(dist[in_states])
            generalized[k, i] = dist[in_states]
            money[k, i] = np.where(found, sums[0, in_states], np.inf)
            hours[k, i] = np.where(found, sums[1, in_states], np.inf)
    return Skims(zones, generalized, money, hours)
