"""Where routes of a pair overlap: arcs that the same routes take make one nest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints

LEAST_KM = 1.0
"""What an arc without length, such as a border or a quay, counts when overlap is measured."""
BITS = 62
"""Routes told apart by one word of a signature."""


class Nests(NamedTuple):
    """Arcs of every pair, in groups that the same routes take; a tuple, so that kernels can take it whole.

    Lengths of a pair are in units of the length of its first route.

    Attributes
    ----------
    ptr : int32[P + 1]
        Nests of pair p that several of its routes share are ``ptr[p]:ptr[p + 1]``.
    length : float64[M]
        Length of the arcs of a nest.
    member_ptr : int32[M + 1], member : int32
        Routes over nest m, by position in their pair, are ``member[member_ptr[m]:member_ptr[m + 1]]``.
    alone : float64[R]
        Share of a route's length that no other route of its pair takes.
    route_length : float64[R]
        Length of a route.
    """

    ptr: Ints
    length: Array
    member_ptr: Ints
    member: Ints
    alone: Array
    route_length: Array


def nests(routes: RouteSet, length_km: Array) -> Nests:
    """Group the arcs of every pair by the routes that take them.

    Parameters
    ----------
    routes
        R routes of P pairs; no two routes of a pair have the same arcs.
    length_km : float64[A]
        Length of arcs; what is below :data:`LEAST_KM` counts as that.
    """
    legs = np.diff(routes.leg_ptr)
    route = np.repeat(np.arange(routes.n_routes, dtype=np.int32), legs)
    pair = np.repeat(routes.route_pair, legs)
    place = route - routes.pair_ptr[pair]
    order = np.argsort(pair.astype(np.int64) * length_km.size + routes.leg_arc, kind="stable")
    pair, arc, place, route = pair[order], routes.leg_arc[order], place[order], route[order]
    begins = np.flatnonzero(np.concatenate([[True], (np.diff(arc) != 0) | (np.diff(pair) != 0)]))
    km = np.maximum(length_km[arc], LEAST_KM)
    words = [
        np.bitwise_or.reduceat(np.where(place // BITS == w, np.left_shift(np.int64(1), place % BITS), 0), begins)
        for w in range(int(place.max(initial=0)) // BITS + 1)
    ]
    total = np.bincount(route, km, routes.n_routes)
    users = np.diff(np.append(begins, arc.size))
    single = begins[users == 1]
    alone = np.bincount(route[single], km[single], routes.n_routes) / total
    # Arcs in the order of their pair and signature; equal neighbours are one nest.
    shared = np.flatnonzero(users > 1)
    keys = [w[shared] for w in words]
    shared = shared[np.lexsort((*keys, pair[begins[shared]]))]
    at = pair[begins[shared]]
    new = np.ones(shared.size, dtype=bool)
    new[1:] = np.diff(at) != 0
    for w in words:
        new[1:] |= np.diff(w[shared]) != 0
    heads = np.flatnonzero(new)
    unit = total[routes.pair_ptr[:-1]]
    length = np.add.reduceat(km[begins[shared]], heads) / unit[at[heads]] if heads.size else np.zeros(0)
    first = shared[heads]
    member_ptr = np.concatenate([[0], np.cumsum(users[first])])
    within = np.arange(member_ptr[-1]) - np.repeat(member_ptr[:-1], users[first])
    return Nests(
        ptr=np.searchsorted(at[heads], np.arange(routes.n_pairs + 1)).astype(np.int32),
        length=length,
        member_ptr=member_ptr.astype(np.int32),
        member=place[np.repeat(begins[first], users[first]) + within].astype(np.int32),
        alone=alone,
        route_length=total / unit[routes.route_pair],
    )
