"""All-or-nothing: every pair on its shortest path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from serai.core.threads import in_parts
from serai.freight.assign.forest import Forest, loaded_on
from serai.freight.assign.network import Graph, LinkNetwork, Pairs, Trips, graph_of, pairs_of
from serai.freight.assign.result import Certificate, NoFlowError
from serai.freight.assign.volume_delay import VolumeDelay, cost, integral
from serai.freight.search import dijkstra_plain, path_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Array = npt.NDArray[np.float64]
Result = TypeVar("Result")

BLOCK = 64
"""Origins whose distances are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What an algorithm works on, all of it in the order of the graph's arcs.

    Attributes
    ----------
    graph
        The links in compressed rows.
    pairs
        Trips to assign.
    delay
        Cost of each arc.
    """

    graph: Graph
    pairs: Pairs
    delay: VolumeDelay


@dataclass(frozen=True, slots=True)
class Loaded:
    """All pairs on their shortest paths.

    Attributes
    ----------
    flow : float64[L]
        On each arc.
    travel_time
        Sum of trips times the shortest path's cost.
    """

    flow: Array
    travel_time: float


def problem_of(network: LinkNetwork, trips: Trips) -> Problem:
    """Lay links and trips out for an algorithm."""
    graph = graph_of(network)
    d = network.delay
    order = graph.link
    delay = VolumeDelay(d.base[order], d.rise[order], d.capacity[order], d.power[order])
    return Problem(graph, pairs_of(network, graph, trips), delay)


def finite_cost(delay: VolumeDelay, flow: Array) -> Array:
    """Cost of each arc, float64[L]; raises NoFlowError where it overflows."""
    c = cost(delay, flow)
    worst = int(np.argmax(c)) if c.size else 0
    if c.size and not c[worst] < 1e150:  # room for sums and products
        raise NoFlowError(
            f"at capacity {delay.capacity[worst]:g} and power {delay.power[worst]:g} it costs {c[worst]:g} "
            f"at a flow of {flow[worst]:g}",
            "Check capacities and powers against the trips.",
            worst,
        )
    return c


def blocks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of origins whose distances are held in memory at a time."""
    for first in range(begin, end, BLOCK):
        yield first, min(first + BLOCK, end)


def by_origins(work: Callable[[int, int], Result], graph: Graph, pairs: Pairs) -> list[Result]:
    """Call ``work(begin, end)`` for parts of the origins, at once where there are threads and enough to do."""
    nodes = graph.ptr.size - 1
    return in_parts(lambda a, b: work(a // nodes, b // nodes), pairs.origin.size * nodes)


def all_or_nothing(graph: Graph, pairs: Pairs, forest: Forest, arc_cost: Array) -> Loaded:
    """Load every pair on its shortest path at costs float64[L], mending the forest in place."""

    def work(begin: int, end: int) -> tuple[Array, float]:
        flow = np.zeros(graph.head.size)
        return flow, loaded_on(graph, pairs, forest, arc_cost, begin, end, flow)

    flows, totals = zip(*by_origins(work, graph, pairs), strict=True)
    return Loaded(np.sum(flows, axis=0), float(sum(totals)))


def all_or_nothing_plain(graph: Graph, pairs: Pairs, arc_cost: Array) -> Loaded:
    """Do the same as :func:`all_or_nothing` with trees grown from nothing, by walking every path."""
    flow = np.zeros(graph.head.size)
    total = 0.0
    for k, source in enumerate(graph.source[pairs.origin].tolist()):
        dist, pred = dijkstra_plain(graph.ptr, graph.head, arc_cost, source)
        for p in range(pairs.ptr[k], pairs.ptr[k + 1]):
            for a in path_to(graph.tail, pred, source, int(pairs.sink[p])):
                flow[a] += pairs.volume[p]
            total += pairs.volume[p] * dist[pairs.sink[p]]
    return Loaded(flow, float(total))


def certificate(delay: VolumeDelay, flow: Array, arc_cost: Array, shortest_travel_time: float) -> Certificate:
    """Certificate of a flow, given the travel time if all trips took the shortest path at its costs."""
    total = float(arc_cost @ flow)
    objective = float(integral(delay, flow).sum())
    excess = total - shortest_travel_time
    return Certificate(objective, total, excess / total if total > 0 else 0.0, objective - excess)
