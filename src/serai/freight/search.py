"""Shortest paths on compressed sparse rows: a compiled kernel and its NumPy twin."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from serai.freight.heap import heap_kernels, rise, sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.network.topology import Topology

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


class Search(Protocol):
    """Shortest paths from one node; see :func:`dijkstra_plain`."""

    def __call__(self, ptr: Ints, head: Ints, cost: Array, source: int, target: int, /) -> tuple[Array, Ints]:
        """Return distances and predecessor arcs."""
        ...


def _dijkstra(ptr: Ints, head: Ints, cost: Array, source: int, target: int) -> tuple[Array, Ints]:
    n = ptr.size - 1
    dist = np.full(n, np.inf)
    pred = np.full(n, -1, dtype=np.int32)
    position = np.full(n, -1, dtype=np.int32)  # place in the heap; -1 never in, -2 settled
    heap = np.empty(n, dtype=np.int32)
    dist[source] = 0.0
    heap[0] = source
    position[source] = 0
    size = 1
    while size > 0:
        u = heap[0]
        size -= 1
        position[u] = -2
        if u == target:
            break
        if size > 0:
            sink(heap, position, dist, size)
        du = dist[u]
        for a in range(ptr[u], ptr[u + 1]):
            w = head[a]
            if position[w] == -2:
                continue
            through = du + cost[a]
            if through < dist[w]:
                dist[w] = through
                pred[w] = a
                if ptr[w] == ptr[w + 1] and w != target:
                    continue  # nothing leads on from here
                i = position[w]
                if i < 0:
                    i = size
                    size += 1
                rise(heap, position, dist, i, w)
    return dist, pred


@cache
def kernel() -> Search:
    """Return the compiled search, compiled or loaded from the cache on first use."""
    from serai.core.jit import compiled

    search: Search = compiled(_dijkstra, **heap_kernels())
    return search


def dijkstra(ptr: Ints, head: Ints, cost: Array, source: int, target: int = -1) -> tuple[Array, Ints]:
    """Shortest paths from one node with a 4-ary heap.

    Parameters
    ----------
    ptr : int32[n + 1]
        Arcs that leave node i are ``ptr[i]:ptr[i + 1]``.
    head : int32[A]
        End of each arc.
    cost : float64[A]
        Not negative; infinite for an arc that is closed.
    source, target
        Search stops once the target is settled; -1 settles all.

    Returns
    -------
    dist : float64[n]
        Distance, infinite where there is no path. Unsettled nodes hold upper bounds.
    pred : int32[n]
        Last arc of the path, -1 where there is none.
    """
    return kernel()(ptr, head, cost, source, target)


def _trees(ptr: Ints, head: Ints, cost: Array, sources: Ints) -> tuple[Array, Ints]:
    n = ptr.size - 1
    dist = np.empty((sources.size, n))
    pred = np.empty((sources.size, n), dtype=np.int32)
    for k in range(sources.size):
        d, p = _dijkstra(ptr, head, cost, sources[k], -1)
        dist[k] = d
        pred[k] = p
    return dist, pred


@cache
def _trees_kernel() -> Callable[[Ints, Ints, Array, Ints], tuple[Array, Ints]]:
    from serai.core.jit import compiled

    return compiled(_trees, _dijkstra=kernel())


def trees(ptr: Ints, head: Ints, cost: Array, sources: Ints) -> tuple[Array, Ints]:
    """Shortest paths from each of several nodes, in one compiled loop.

    Parameters
    ----------
    ptr, head, cost
        As for :func:`dijkstra`.
    sources : int32[S]
        Nodes to start from.

    Returns
    -------
    dist : float64[S, n]
        Distance from each source, infinite where there is no path.
    pred : int32[S, n]
        Last arc of each path, -1 where there is none.
    """
    return _trees_kernel()(ptr, head, cost, sources)


def dijkstra_plain(ptr: Ints, head: Ints, cost: Array, source: int, target: int = -1) -> tuple[Array, Ints]:
    """Do the same as :func:`dijkstra` in plain NumPy, by relaxing all arcs until nothing changes."""
    del target
    n = ptr.size - 1
    tail = np.repeat(np.arange(n), np.diff(ptr))
    dist = np.full(n, np.inf)
    pred = np.full(n, -1, dtype=np.int32)
    dist[source] = 0.0
    for _ in range(n):
        through = dist[tail] + cost
        better = dist.copy()
        np.minimum.at(better, head, through)
        # Only an arc that shortens becomes a predecessor: free arcs could otherwise close a circle.
        shortens = np.flatnonzero((through == better[head]) & (through < dist[head]))
        if shortens.size == 0:
            break
        pred[head[shortens]] = shortens
        dist = better
    return dist, pred


def path_to(tail: Ints, pred: Ints, source: int, target: int) -> list[int]:
    """Arcs of the path found, in order; empty when source is the target or there is no path."""
    out: list[int] = []
    node = target
    while node != source:
        arc = int(pred[node])
        if arc < 0:
            return []
        out.append(arc)
        node = int(tail[arc])
    return out[::-1]


def backward(topology: Topology, cost: Array, target: int) -> tuple[Array, Ints]:
    """Distances to a target from every state, and the first arc of each path (arc ids of the topology)."""
    back_head = topology.tail[topology.in_arc]
    dist, pred = dijkstra(topology.in_ptr, back_head, cost[topology.in_arc], target)
    return dist, np.where(pred >= 0, topology.in_arc[pred], -1).astype(np.int32)


def path_from(head: Ints, succ: Ints, source: int, target: int) -> list[int]:
    """Arcs of the path that :func:`backward` found."""
    out: list[int] = []
    node = source
    while node != target:
        arc = int(succ[node])
        if arc < 0:
            return []
        out.append(arc)
        node = int(head[arc])
    return out


def z_order(lat: Array, lon: Array) -> Ints:
    """Order of points along a Z-curve (Morton 1966); near nodes then lie near in memory."""

    def grid(x: Array) -> npt.NDArray[np.uint64]:
        span = float(np.ptp(x)) or 1.0
        v = ((x - x.min()) / span * 65535).astype(np.uint64)
        for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
            v = (v | (v << np.uint64(shift))) & np.uint64(mask)
        return np.asarray(v, dtype=np.uint64)

    return np.argsort(grid(lon) | (grid(lat) << np.uint64(1)), kind="stable").astype(np.int32)
