"""Sets of paths by pair, grown by shortest paths and pruned of empty ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.assign.network import Graph, Pairs

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PathSet:
    """R paths of P pairs over L arcs.

    Attributes
    ----------
    pair_ptr : int32[P + 1]
        Paths of pair p are ``pair_ptr[p]:pair_ptr[p + 1]``.
    path_ptr : int64[R + 1]
        Arcs of path r are ``arc[path_ptr[r]:path_ptr[r + 1]]``, from the origin on.
    arc : int32[...]
        Arcs of the graph.
    flow : float64[R]
        Trips on each path; algorithms change it in place.
    """

    pair_ptr: Ints
    path_ptr: Longs
    arc: Ints
    flow: Array


@dataclass(frozen=True, slots=True)
class Columns:
    """New paths, of at most one for each pair, by pair.

    Attributes
    ----------
    pair : int32[Q]
        Pair each belongs to, rising.
    path_ptr : int64[Q + 1]
        As in PathSet.
    arc : int32[...]
        As in PathSet.
    """

    pair: Ints
    path_ptr: Longs
    arc: Ints


def empty_paths(pairs: int) -> PathSet:
    """Set without a path."""
    return PathSet(
        np.zeros(pairs + 1, dtype=np.int32), np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0)
    )


def _path_costs(path_ptr: Longs, arc: Ints, arc_cost: Array) -> Array:
    out = np.empty(path_ptr.size - 1)
    for r in range(out.size):
        total = 0.0
        for i in range(path_ptr[r], path_ptr[r + 1]):
            total += arc_cost[arc[i]]
        out[r] = total
    return out


def _arc_flows(path_ptr: Longs, arc: Ints, flow: Array, arcs: int) -> Array:
    out = np.zeros(arcs)
    for r in range(flow.size):
        for i in range(path_ptr[r], path_ptr[r + 1]):
            out[arc[i]] += flow[r]
    return out


def _new_columns(
    dist: Array, pred: Ints, tail: Ints, ptr: Ints, sink: Ints, first: int, cheapest: Array
) -> tuple[Ints, Longs, Ints]:
    start = ptr[first]
    stop = ptr[first + dist.shape[0]]
    length = np.zeros(stop - start, dtype=np.int64)
    found = 0
    for k in range(dist.shape[0]):
        for p in range(ptr[first + k], ptr[first + k + 1]):
            if dist[k, sink[p]] < cheapest[p]:
                found += 1
                a = pred[k, sink[p]]
                while a >= 0:
                    length[p - start] += 1
                    a = pred[k, tail[a]]
    pair = np.empty(found, dtype=np.int32)
    path_ptr = np.zeros(found + 1, dtype=np.int64)
    arc = np.empty(length.sum(), dtype=np.int32)
    q = 0
    for k in range(dist.shape[0]):
        for p in range(ptr[first + k], ptr[first + k + 1]):
            if length[p - start] > 0:
                pair[q] = p
                path_ptr[q + 1] = path_ptr[q] + length[p - start]
                i = path_ptr[q + 1] - 1
                a = pred[k, sink[p]]
                while a >= 0:
                    arc[i] = a
                    i -= 1
                    a = pred[k, tail[a]]
                q += 1
    return pair, path_ptr, arc


def _merge(
    pair_ptr: Ints,
    path_ptr: Longs,
    arc: Ints,
    flow: Array,
    kept: Flags,
    new_pair: Ints,
    new_ptr: Longs,
    new_arc: Ints,
) -> tuple[Ints, Longs, Ints, Array]:
    paths = new_pair.size
    arcs = new_arc.size
    for r in range(flow.size):
        if kept[r]:
            paths += 1
            arcs += path_ptr[r + 1] - path_ptr[r]
    out_pair_ptr = np.zeros(pair_ptr.size, dtype=np.int32)
    out_ptr = np.zeros(paths + 1, dtype=np.int64)
    out_arc = np.empty(arcs, dtype=np.int32)
    out_flow = np.zeros(paths)
    r_out = 0
    q = 0
    for p in range(pair_ptr.size - 1):
        for r in range(pair_ptr[p], pair_ptr[p + 1]):
            if kept[r]:
                at = out_ptr[r_out]
                for i in range(path_ptr[r], path_ptr[r + 1]):
                    out_arc[at] = arc[i]
                    at += 1
                out_flow[r_out] = flow[r]
                r_out += 1
                out_ptr[r_out] = at
        if q < new_pair.size and new_pair[q] == p:
            at = out_ptr[r_out]
            for i in range(new_ptr[q], new_ptr[q + 1]):
                out_arc[at] = new_arc[i]
                at += 1
            r_out += 1
            out_ptr[r_out] = at
            q += 1
        out_pair_ptr[p + 1] = r_out
    return out_pair_ptr, out_ptr, out_arc, out_flow


class _Kernels(NamedTuple):
    path_costs: Callable[[Longs, Ints, Array], Array]
    arc_flows: Callable[[Longs, Ints, Array, int], Array]
    new_columns: Callable[[Array, Ints, Ints, Ints, Ints, int, Array], tuple[Ints, Longs, Ints]]
    merge: Callable[[Ints, Longs, Ints, Array, Flags, Ints, Longs, Ints], tuple[Ints, Longs, Ints, Array]]


@cache
def _kernels() -> _Kernels:
    from serai.core.jit import compiled

    return _Kernels(compiled(_path_costs), compiled(_arc_flows), compiled(_new_columns), compiled(_merge))


def path_costs(paths: PathSet, arc_cost: Array) -> Array:
    """Cost of each path, float64[R], at arc costs float64[L], summed from the origin on as the search does."""
    return _kernels().path_costs(paths.path_ptr, paths.arc, arc_cost)


def path_costs_plain(paths: PathSet, arc_cost: Array) -> Array:
    """Do the same as :func:`path_costs` path by path."""
    spans = zip(paths.path_ptr[:-1], paths.path_ptr[1:], strict=True)
    return np.array([sum(arc_cost[paths.arc[i:j]]) for i, j in spans], dtype=np.float64)


def arc_flows(paths: PathSet, arcs: int) -> Array:
    """Flow on each of L arcs, float64[L]."""
    return _kernels().arc_flows(paths.path_ptr, paths.arc, paths.flow, arcs)


def arc_flows_plain(paths: PathSet, arcs: int) -> Array:
    """Do the same as :func:`arc_flows` in plain NumPy."""
    flow = np.zeros(arcs)
    np.add.at(flow, paths.arc, np.repeat(paths.flow, np.diff(paths.path_ptr)))
    return flow


def cheapest(paths: PathSet, cost_of_path: Array) -> Array:
    """Cost of each pair's cheapest path, float64[P]; infinite where it has none."""
    out = np.full(paths.pair_ptr.size - 1, np.inf)
    some = np.diff(paths.pair_ptr) > 0
    if some.any():
        out[some] = np.minimum.reduceat(cost_of_path, paths.pair_ptr[:-1][some])
    return out


def new_columns(graph: Graph, pairs: Pairs, first: int, dist: Array, pred: Ints, cheapest_cost: Array) -> Columns:
    """Shortest paths of a block of origins that undercut their pair's cheapest path.

    A path of the set has, to the last bit, the cost the search found for it, so none comes in twice.

    Parameters
    ----------
    first
        Number of the block's first origin.
    dist, pred : [B, n]
        Trees of the block.
    cheapest_cost : float64[P]
        What to undercut.
    """
    return Columns(*_kernels().new_columns(dist, pred, graph.tail, pairs.ptr, pairs.sink, first, cheapest_cost))


def joined(columns: list[Columns]) -> Columns:
    """Columns of several blocks, in order."""
    lengths = [np.diff(c.path_ptr) for c in columns]
    return Columns(
        np.concatenate([c.pair for c in columns]),
        np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64),
        np.concatenate([c.arc for c in columns]),
    )


def merged(paths: PathSet, kept: Flags, columns: Columns) -> PathSet:
    """Set of the paths kept, bool[R], and of the columns, these with zero flow."""
    out = _kernels().merge(
        paths.pair_ptr, paths.path_ptr, paths.arc, paths.flow, kept, columns.pair, columns.path_ptr, columns.arc
    )
    return PathSet(*out)
