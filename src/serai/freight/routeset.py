"""A frozen set of routes: legs of every route of every pair, as compressed rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from serai.core.files import sha256
from serai.core.threads import in_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.search import Array, Ints


@dataclass(frozen=True, slots=True)
class RouteSet:
    """Routes of P pairs of zones: R routes with L legs in all.

    A scenario masks routes and changes what their arcs cost; it never adds one, so that a gain is never an
    artefact of counting routes.

    Attributes
    ----------
    zones
        Identifiers of the Z zones.
    pair_origin, pair_dest : int32[P]
        Positions of the zones a pair joins.
    pair_ptr : int32[P + 1]
        Routes of pair p are ``pair_ptr[p]:pair_ptr[p + 1]``; at least one each.
    leg_ptr : int32[R + 1]
        Arcs of route r are ``leg_arc[leg_ptr[r]:leg_ptr[r + 1]]``, in order.
    leg_arc : int32[L]
        Arcs.
    digest
        SHA-256 over all of it.
    """

    zones: tuple[str, ...]
    pair_origin: Ints
    pair_dest: Ints
    pair_ptr: Ints
    leg_ptr: Ints
    leg_arc: Ints
    digest: str

    @property
    def n_pairs(self) -> int:
        """Number of pairs P."""
        return self.pair_origin.size

    @property
    def n_routes(self) -> int:
        """Number of routes R."""
        return self.leg_ptr.size - 1

    @property
    def route_pair(self) -> Ints:
        """Pair of each route: int32[R]."""
        return np.repeat(np.arange(self.n_pairs, dtype=np.int32), np.diff(self.pair_ptr))

    def arcs(self, route: int) -> Ints:
        """Arcs of one route, in order."""
        return self.leg_arc[self.leg_ptr[route] : self.leg_ptr[route + 1]]


def route_set(
    zones: tuple[str, ...], pair_origin: Ints, pair_dest: Ints, pair_ptr: Ints, leg_ptr: Ints, leg_arc: Ints
) -> RouteSet:
    """Freeze the arrays of a route set and take their digest."""
    arrays = [np.ascontiguousarray(a, dtype=np.int32) for a in (pair_origin, pair_dest, pair_ptr, leg_ptr, leg_arc)]
    for a in arrays:
        a.flags.writeable = False
    content = "\n".join(zones).encode() + b"".join(a.tobytes() for a in arrays)
    o, d, pairs, legs, arcs = arrays
    return RouteSet(zones, o, d, pairs, legs, arcs, sha256(content))


def with_routes(routes: RouteSet, more: tuple[tuple[int, tuple[int, ...]], ...]) -> RouteSet:
    """Add routes behind those of their pairs; the pairs stay.

    Parameters
    ----------
    routes
        The set.
    more
        Pair and arcs of each route to add; one the pair already has is passed over.
    """
    every = [routes.arcs(r) for r in range(routes.n_routes)]
    pairs = [every[a:b] for a, b in zip(routes.pair_ptr[:-1], routes.pair_ptr[1:], strict=True)]
    known = {p: {tuple(x.tolist()) for x in pairs[p]} for p, _ in more}
    for p, arcs in more:
        if arcs not in known[p]:
            known[p].add(arcs)
            pairs[p].append(np.array(arcs, dtype=np.int32))
    legs = [x for mine in pairs for x in mine]
    pair_ptr = np.concatenate([[0], np.cumsum([len(mine) for mine in pairs])])
    leg_ptr = np.concatenate([[0], np.cumsum([x.size for x in legs])])
    return route_set(routes.zones, routes.pair_origin, routes.pair_dest, pair_ptr, leg_ptr, np.concatenate(legs))


def _sums(begin: int, end: int, leg_ptr: Ints, leg_arc: Ints, by_arc: Array, out: Array) -> None:
    # Values of an arc lie together, so that the inner loop is one vector; each sum keeps the order of its legs.
    for r in range(begin, end):
        for v in range(by_arc.shape[1]):
            out[r, v] = 0.0
        for n in range(leg_ptr[r], leg_ptr[r + 1]):
            a = leg_arc[n]
            for v in range(by_arc.shape[1]):
                out[r, v] += by_arc[a, v]


def _spread(begin: int, end: int, leg_ptr: Ints, leg_arc: Ints, by_route: Array, out: Array) -> None:
    for r in range(begin, end):
        first = 0
        while first < by_route.shape[1] and by_route[r, first] == 0.0:
            first += 1
        if first == by_route.shape[1]:
            continue  # most routes are of pairs that trade little or nothing
        for n in range(leg_ptr[r], leg_ptr[r + 1]):
            a = leg_arc[n]
            for v in range(by_route.shape[1]):
                out[a, v] += by_route[r, v]


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    from serai.core.jit import compiled

    return compiled(_sums), compiled(_spread)


def along_routes(routes: RouteSet, values: Array) -> Array:
    """Sum values of arcs along routes.

    Parameters
    ----------
    routes
        R routes.
    values : float64[V, A]
        What is summed; infinite values make a route infinite.

    Returns
    -------
    float64[R, V]
    """
    out = np.empty((routes.n_routes, values.shape[0]))
    by_arc, kernel = np.ascontiguousarray(values.T), _kernels()[0]
    in_parts(lambda a, b: kernel(a, b, routes.leg_ptr, routes.leg_arc, by_arc, out), routes.n_routes)
    return out


def along_routes_plain(routes: RouteSet, values: Array) -> Array:
    """Do the same as :func:`along_routes` in plain NumPy."""
    return np.stack([np.add.reduceat(v[routes.leg_arc], routes.leg_ptr[:-1]) for v in values], axis=1)


def over_arcs(routes: RouteSet, values: Array, n_arcs: int) -> Array:
    """Sum values of routes over each arc they take: the transpose of :func:`along_routes`.

    Parameters
    ----------
    routes
        R routes.
    values : float64[R, V]
        What is summed.
    n_arcs
        Number of arcs A.

    Returns
    -------
    float64[A, V]
    """
    by_route, kernel = np.ascontiguousarray(values), _kernels()[1]

    def part(begin: int, end: int) -> Array:
        out = np.zeros((n_arcs, values.shape[1]))
        kernel(begin, end, routes.leg_ptr, routes.leg_arc, by_route, out)
        return out

    return np.asarray(np.sum(in_parts(part, routes.n_routes), axis=0))


def over_arcs_plain(routes: RouteSet, values: Array, n_arcs: int) -> Array:
    """Do the same as :func:`over_arcs` in plain NumPy."""
    legs = np.diff(routes.leg_ptr)
    return np.stack([np.bincount(routes.leg_arc, np.repeat(v, legs), n_arcs) for v in values.T], axis=1)


def routes_over(routes: RouteSet, n_arcs: int) -> tuple[Ints, Ints]:
    """Routes over each arc, as compressed rows.

    Returns
    -------
    ptr : int32[A + 1], route : int32[L]
        Routes over arc a are ``route[ptr[a]:ptr[a + 1]]``.
    """
    order = np.argsort(routes.leg_arc, kind="stable")
    route = np.repeat(np.arange(routes.n_routes, dtype=np.int32), np.diff(routes.leg_ptr))[order]
    ptr = np.searchsorted(routes.leg_arc[order], np.arange(n_arcs + 1)).astype(np.int32)
    return ptr, route
