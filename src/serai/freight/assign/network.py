"""Links, trips, and the graph that paths are searched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from serai.core.errors import InputError
from serai.freight.search import trees

if TYPE_CHECKING:
    from serai.freight.assign.volume_delay import VolumeDelay

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class LinkNetwork:
    """L directed links between nodes numbered from 0; the first nodes are the zones.

    Attributes
    ----------
    tail, head : int32[L]
        Ends of each link. Parallel links are allowed.
    delay : VolumeDelay
        Cost of each link.
    zones, nodes
        How many; zones are the nodes 0 to zones - 1.
    first_through
        Paths do not pass through a node with a lower number; they may start and end there.
    """

    tail: Ints
    head: Ints
    delay: VolumeDelay
    zones: int
    nodes: int
    first_through: int = 0


@dataclass(frozen=True, slots=True)
class Trips:
    """Demand between zones.

    Attributes
    ----------
    origin, destination : int32[P]
        Zones numbered from 0; no pair twice.
    volume : float64[P]
        Trips from origin to destination, not negative.
    """

    origin: Ints
    destination: Ints
    volume: Array


@dataclass(frozen=True, slots=True)
class Graph:
    """Compressed rows of the links, with the zones that no path passes split into a source and a sink.

    Attributes
    ----------
    ptr : int32[n + 1]
        Arcs that leave node i are ``ptr[i]:ptr[i + 1]``.
    tail, head : int32[L]
        Ends of each arc.
    link : int32[L]
        Number of the link that each arc is.
    source, sink : int32[zones]
        Node where trips of a zone start, and where they end.
    """

    ptr: Ints
    tail: Ints
    head: Ints
    link: Ints
    source: Ints
    sink: Ints


@dataclass(frozen=True, slots=True)
class Pairs:
    """Demand that can be assigned, by origin.

    Attributes
    ----------
    origin : int32[S]
        Zones with trips to assign.
    ptr : int32[S + 1]
        Pairs of origin k are ``ptr[k]:ptr[k + 1]``.
    destination : int32[P]
        Zone.
    sink : int32[P]
        Node of the graph.
    volume : float64[P]
        Trips, positive.
    unassigned : DataFrame
        Columns origin, destination (zones numbered from 1), trips: pairs no path joins.
    intrazonal_trips
        Trips that stay in their zone; they use no link.
    """

    origin: Ints
    ptr: Ints
    destination: Ints
    sink: Ints
    volume: Array
    unassigned: pd.DataFrame
    intrazonal_trips: float


def _dead_ends(network: LinkNetwork) -> npt.NDArray[np.bool_]:
    """Zones whose every link leads to or from one and the same node: passing through them never helps."""
    low = np.full(network.zones, network.nodes)
    high = np.full(network.zones, -1)
    for end, other in ((network.tail, network.head), (network.head, network.tail)):
        at_zone = (end < network.zones) & (end != other)
        np.minimum.at(low, end[at_zone], other[at_zone])
        np.maximum.at(high, end[at_zone], other[at_zone])
    return low >= high


def graph_of(network: LinkNetwork) -> Graph:
    """Graph on which every path is one the network allows."""
    for name, ends in (("tail", network.tail), ("head", network.head)):
        if ends.size and not (ends.min() >= 0 and ends.max() < network.nodes):
            raise InputError(f"a link's {name} lies outside the {network.nodes} nodes", "Number nodes from 0.")
    through = np.arange(network.zones) >= network.first_through
    through &= ~_dead_ends(network)
    split = np.flatnonzero(~through)
    source = np.arange(network.zones)
    source[split] = network.nodes + np.arange(split.size)
    leaves = np.concatenate([source, np.arange(network.zones, network.nodes)])
    # A node under the first through node that is no zone can be neither start nor end.
    blind = np.arange(network.zones, min(network.first_through, network.nodes))
    leaves[blind] = network.nodes + split.size
    size = network.nodes + split.size + 1
    tail = leaves[network.tail]
    order = np.argsort(tail, kind="stable")
    ptr = np.searchsorted(tail[order], np.arange(size + 1))
    return Graph(
        ptr=ptr.astype(np.int32),
        tail=tail[order].astype(np.int32),
        head=network.head[order].astype(np.int32),
        link=order.astype(np.int32),
        source=source.astype(np.int32),
        sink=np.arange(network.zones, dtype=np.int32),
    )


def _check_trips(network: LinkNetwork, trips: Trips) -> None:
    wrong = np.flatnonzero(~(np.isfinite(trips.volume) & (trips.volume >= 0)))
    if wrong.size:
        i = wrong[0]
        raise InputError(
            f"trips from zone {trips.origin[i] + 1} to {trips.destination[i] + 1} are {trips.volume[i]:g}",
            "Give a finite number, zero or more.",
        )
    for zone in (trips.origin, trips.destination):
        if zone.size and not (zone.min() >= 0 and zone.max() < network.zones):
            raise InputError(f"the trips name a zone outside the {network.zones} of the network", "Use its zones.")
    key = trips.origin.astype(np.int64) * network.zones + trips.destination
    if np.unique(key).size != key.size:
        raise InputError("the trips name a pair of zones twice", "Give each pair once.")


def pairs_of(network: LinkNetwork, graph: Graph, trips: Trips) -> Pairs:
    """Trips that some path can carry, sorted; the others set apart and counted.

    Raises
    ------
    InputError
        Trips are negative, not a number, between unknown zones, or given twice.
    """
    _check_trips(network, trips)
    inner = trips.origin == trips.destination
    order = np.lexsort((trips.destination, trips.origin))
    order = order[(trips.volume[order] > 0) & ~inner[order]]
    origin, destination, volume = (v[order] for v in (trips.origin, trips.destination, trips.volume))
    reached = np.ones(origin.size, dtype=bool)
    free = np.zeros(graph.head.size)
    for zone in np.unique(origin):
        mine = slice(*np.searchsorted(origin, [zone, zone + 1]))
        dist, _ = trees(graph.ptr, graph.head, free, graph.source[[zone]])
        reached[mine] = np.isfinite(dist[0, graph.sink[destination[mine]]])
    lost = pd.DataFrame(
        {
            "origin": origin[~reached].astype(np.int64) + 1,
            "destination": destination[~reached].astype(np.int64) + 1,
            "trips": volume[~reached],
        }
    )
    zones, start = np.unique(origin[reached], return_index=True)
    return Pairs(
        origin=zones.astype(np.int32),
        ptr=np.append(start, int(reached.sum())).astype(np.int32),
        destination=destination[reached].astype(np.int32),
        sink=graph.sink[destination[reached]],
        volume=volume[reached].astype(np.float64),
        unassigned=lost,
        intrazonal_trips=float(trips.volume[inner].sum()),
    )
