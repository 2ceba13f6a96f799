"""Shortest-path trees of all origins, mended rather than grown anew when costs change.

Between two iterations most of a tree stays. The labels of the old tree at the new costs are lengths of real paths, so
they can only be too long; one look at every arc finds where, and Dijkstra's search goes on from there alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.freight.heap import heap_kernels, rise, sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.assign.network import Graph, Pairs

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

MOST_KEPT = 100_000_000
"""Arcs of trees that are kept, 4 bytes each; the origins beyond start from nothing every time."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of the first K of S origins over n nodes; functions of this module change them in place.

    Attributes
    ----------
    arc : int32[K, n]
        Arcs of each tree, every arc behind the one that leads to its tail.
    size : int32[S]
        Arcs of each tree; zero before it is first grown.
    """

    arc: Ints
    size: Ints


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees of B origins and the trips on them.

    Attributes
    ----------
    dist : float64[B, n]
        Distance from each origin, infinite where there is no path.
    pred : int32[B, n]
        Last arc of each path, -1 where there is none.
    travel_time
        Sum of trips times distance.
    """

    dist: Array
    pred: Ints
    travel_time: float


def bare(graph: Graph, pairs: Pairs) -> Forest:
    """Forest without a tree."""
    nodes, origins = graph.ptr.size - 1, pairs.origin.size
    kept = min(origins, MOST_KEPT // nodes)
    return Forest(np.empty((kept, nodes), dtype=np.int32), np.zeros(origins, dtype=np.int32))


def _mend(  # noqa: C901 - one solver loop
    ptr: Ints,
    tail: Ints,
    head: Ints,
    cost: Array,
    source: int,
    tree: Ints,
    dist: Array,
    pred: Ints,
    heap: Ints,
    place: Ints,
    todo: Ints,
) -> bool:
    """Find the shortest paths from a source; return whether the order of the tree, int32[m], may no longer serve."""
    dist[:] = np.inf
    dist[source] = 0.0
    pred[:] = -1
    changed = tree.size == 0
    size = 0
    fell = 0
    if changed:
        todo[0] = source
        fell = 1
    for a in tree:
        dist[head[a]] = dist[tail[a]] + cost[a]
        pred[head[a]] = a
    for a in range(0 if changed else head.size):
        w = head[a]
        through = dist[tail[a]] + cost[a]
        if through < dist[w]:
            dist[w] = through
            pred[w] = a
            todo[fell] = w
            fell += 1
    changed = fell > 0
    while True:
        for j in range(fell):  # nodes whose labels fell
            w = todo[j]
            if ptr[w] == ptr[w + 1]:
                continue  # nothing leads on from here
            i = place[w]
            if i < 0:
                i = size
                size += 1
            rise(heap, place, dist, i, w)
        if size == 0:
            return changed
        u = heap[0]
        place[u] = -1
        size -= 1
        if size > 0:
            sink(heap, place, dist, size)
        near = dist[u]
        fell = 0
        for a in range(ptr[u], ptr[u + 1]):
            w = head[a]
            through = near + cost[a]
            if through < dist[w]:
                dist[w] = through
                pred[w] = a
                todo[fell] = w
                fell += 1


def _sort(tail: Ints, source: int, pred: Ints, node: Ints, tree: Ints, waiting: Ints, behind: Ints) -> None:
    """List the arcs of a tree parents first, otherwise in the order of their heads, int32[m].

    A node whose parent is not yet listed waits for it; `waiting` holds the first who waits for a node, -1 if none, and
    -2 marks those that are listed.
    """
    waiting[:] = -1
    waiting[source] = -2
    listed = 0
    for v in node:
        u = tail[pred[v]]
        if waiting[u] != -2:
            behind[v] = waiting[u]
            waiting[u] = v
            continue
        behind[v] = -1
        top = v
        while top >= 0:
            w = top
            top = behind[w]
            tree[listed] = pred[w]
            listed += 1
            first = waiting[w]
            waiting[w] = -2
            if first >= 0:  # those who waited for this node come next
                last = first
                while behind[last] >= 0:
                    last = behind[last]
                behind[last] = top
                top = first


def _grow(
    ptr: Ints,
    tail: Ints,
    head: Ints,
    cost: Array,
    source: Ints,
    kept: Ints,
    size: Ints,
    first: int,
    pair_ptr: Ints,
    sink: Ints,
    volume: Array,
    flow: Array,
    dist: Array,
    pred: Ints,
) -> float:
    """Mend the trees of a block of origins, and load their trips on them; the last row serves all origins beyond."""
    n = ptr.size - 1
    heap = np.empty(n, dtype=np.int32)
    place = np.full(n, -1, dtype=np.int32)  # in the heap, -1 where it is not
    todo = np.empty(head.size + 1, dtype=np.int32)
    node = np.empty(n, dtype=np.int32)
    waiting = np.empty(n, dtype=np.int32)
    behind = np.empty(n, dtype=np.int32)
    spare = np.empty(n, dtype=np.int32)
    through = np.empty(n)
    total = 0.0
    for b in range(source.size):
        k = first + b
        whole = kept[k] if k < kept.shape[0] else spare
        m = size[k] if k < kept.shape[0] else 0
        row = min(b, dist.shape[0] - 1)
        label = dist[row]
        last = pred[row]
        if _mend(ptr, tail, head, cost, source[b], whole[:m], label, last, heap, place, todo):
            if m > 0:
                for i in range(m):
                    node[i] = head[whole[i]]
            else:
                for v in range(n):
                    if last[v] >= 0:
                        node[m] = v
                        m += 1
            _sort(tail, source[b], last, node[:m], whole, waiting, behind)
            size[k] = m
        through[:] = 0.0
        for p in range(pair_ptr[k], pair_ptr[k + 1]):
            through[sink[p]] = volume[p]
            total += volume[p] * label[sink[p]]
        for i in range(m - 1, -1, -1):
            a = whole[i]
            flow[a] += through[head[a]]
            through[tail[a]] += through[head[a]]
    return total


@cache
def _grow_kernel() -> Callable[..., float]:
    from serai.core.jit import compiled

    return compiled(_grow, _mend=compiled(_mend, **heap_kernels()), _sort=compiled(_sort))


def _grown(
    graph: Graph, pairs: Pairs, forest: Forest, arc_cost: Array, first: int, stop: int, flow: Array, rows: int
) -> Grown:
    nodes = graph.ptr.size - 1
    dist = np.empty((rows, nodes))
    pred = np.empty((rows, nodes), dtype=np.int32)
    total = _grow_kernel()(
        graph.ptr,
        graph.tail,
        graph.head,
        arc_cost,
        graph.source[pairs.origin[first:stop]],
        forest.arc,
        forest.size,
        first,
        pairs.ptr,
        pairs.sink,
        pairs.volume,
        flow,
        dist,
        pred,
    )
    return Grown(dist, pred, total)


def grown(graph: Graph, pairs: Pairs, forest: Forest, arc_cost: Array, first: int, stop: int, flow: Array) -> Grown:
    """Mend the trees of the origins first to stop, and add their trips to the flow.

    Parameters
    ----------
    forest
        Changed in place.
    arc_cost : float64[L]
        Finite, not negative.
    flow : float64[L]
        Of each arc; changed in place.
    """
    return _grown(graph, pairs, forest, arc_cost, first, stop, flow, stop - first)


def loaded_on(graph: Graph, pairs: Pairs, forest: Forest, arc_cost: Array, first: int, stop: int, flow: Array) -> float:
    """Do the same as :func:`grown`, and keep of the distances only the travel time of the trips."""
    return _grown(graph, pairs, forest, arc_cost, first, stop, flow, 1).travel_time
