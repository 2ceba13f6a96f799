"""All-or-nothing: every pair on its shortest path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.freight.assign.network import Graph, LinkNetwork, Pairs, Trips, graph_of, pairs_of
from serai.freight.assign.result import NoFlowError
from serai.freight.assign.volume_delay import VolumeDelay, cost, integral
from serai.freight.search import path_to, trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

BLOCK = 64
"""Origins whose trees are held in memory at a time."""


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
            f"a link of capacity {delay.capacity[worst]:g} and power {delay.power[worst]:g} costs {c[worst]:g} "
            f"at a flow of {flow[worst]:g}",
            "Check capacities and powers against the trips.",
        )
    return c


def _load(pred: Ints, tail: Ints, dist: Array, ptr: Ints, sink: Ints, volume: Array, first: int, flow: Array) -> float:
    n = pred.shape[1]
    children = np.empty(n, dtype=np.int32)
    stack = np.empty(n, dtype=np.int32)
    through = np.empty(n)
    total = 0.0
    for k in range(pred.shape[0]):
        children[:] = 0
        through[:] = 0.0
        for p in range(ptr[first + k], ptr[first + k + 1]):
            through[sink[p]] = volume[p]
            total += volume[p] * dist[k, sink[p]]
        for v in range(n):
            if pred[k, v] >= 0:
                children[tail[pred[k, v]]] += 1
        top = 0
        for v in range(n):
            if children[v] == 0 and pred[k, v] >= 0:
                stack[top] = v
                top += 1
        while top > 0:  # leaves first: a node is done once all its children are, free links or not
            top -= 1
            v = stack[top]
            a = pred[k, v]
            u = tail[a]
            flow[a] += through[v]
            through[u] += through[v]
            children[u] -= 1
            if children[u] == 0 and pred[k, u] >= 0:
                stack[top] = u
                top += 1
    return total


@cache
def _load_kernel() -> Callable[..., float]:
    from serai.core.jit import compiled

    return compiled(_load)


def tree_blocks(graph: Graph, pairs: Pairs, arc_cost: Array) -> Iterator[tuple[int, Array, Ints]]:
    """Yield the number of the first origin, its distances and predecessors, for a block of origins at a time."""
    for first in range(0, pairs.origin.size, BLOCK):
        source = graph.source[pairs.origin[first : first + BLOCK]]
        dist, pred = trees(graph.ptr, graph.head, arc_cost, source)
        yield first, dist, pred


def loaded_on(graph: Graph, pairs: Pairs, first: int, dist: Array, pred: Ints, flow: Array) -> float:
    """Add the trips of a block of origins to the flow, float64[L], in place; return their travel time."""
    return _load_kernel()(pred, graph.tail, dist, pairs.ptr, pairs.sink, pairs.volume, first, flow)


def all_or_nothing(graph: Graph, pairs: Pairs, arc_cost: Array) -> Loaded:
    """Load every pair on its shortest path at costs float64[L]."""
    flow = np.zeros(graph.head.size)
    total = 0.0
    for first, dist, pred in tree_blocks(graph, pairs, arc_cost):
        total += loaded_on(graph, pairs, first, dist, pred, flow)
    return Loaded(flow, total)


def all_or_nothing_plain(graph: Graph, pairs: Pairs, arc_cost: Array) -> Loaded:
    """Do the same as :func:`all_or_nothing` by walking every path."""
    flow = np.zeros(graph.head.size)
    total = 0.0
    for first, dist, pred in tree_blocks(graph, pairs, arc_cost):
        for k in range(pred.shape[0]):
            source = int(graph.source[pairs.origin[first + k]])
            for p in range(pairs.ptr[first + k], pairs.ptr[first + k + 1]):
                for a in path_to(graph.tail, pred[k], source, int(pairs.sink[p])):
                    flow[a] += pairs.volume[p]
                total += pairs.volume[p] * dist[k, pairs.sink[p]]
    return Loaded(flow, float(total))


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far a flow is from equilibrium.

    Attributes
    ----------
    objective
        Beckmann's: the sum of the integrals of the link costs.
    total_travel_time
        Sum of flow times cost.
    relative_gap
        Share of the total travel time that moving every trip to its shortest path at these costs would save.
    lower_bound
        No flow has a lower objective, the objective being convex.
    """

    objective: float
    total_travel_time: float
    relative_gap: float
    lower_bound: float


def certificate(delay: VolumeDelay, flow: Array, arc_cost: Array, shortest_travel_time: float) -> Certificate:
    """Certificate of a flow, given the travel time if all trips took the shortest path at its costs."""
    total = float(arc_cost @ flow)
    objective = float(integral(delay, flow).sum())
    excess = total - shortest_travel_time
    return Certificate(objective, total, excess / total if total > 0 else 0.0, objective - excess)
