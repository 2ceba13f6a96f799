"""Candidates for the routes of a pair: paths over trees joined at hubs, and which are taken. Kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from serai.freight.search import Array, Ints

Bools = npt.NDArray[np.bool_]
SEATS = 256
"""Candidates a pair has room for at first; the room doubles where they fill it."""


def pool(  # noqa: C901, PLR0912
    tail: Ints, head: Ints, place: Ints, hubs: Ints, arc_key: npt.NDArray[np.uint64],
    door_out: Ints, door_in: Ints, origin: int, dest: int,
    cost: Array, dist_from: Array, pred: Ints, dist_to: Array, succ: Ints, stretch: float,
    legs: Ints, size: Ints, keys: npt.NDArray[np.uint64], n: int, covered: Array, stamp: Ints, seen: int,
) -> tuple[int, int]:  # fmt: skip
    """Add the candidates of one pair to its pool; return how many it has, and the last stamp used."""
    source, target = door_out[origin], door_in[dest]
    joined, states = dist_to.shape[0] > 0, stamp.size - place.size
    variants = cost.shape[0]
    # The best path by every cost vector has a seat before any other candidate, for seats are few.
    for step in range(2 * variants if joined else variants):
        v = step % variants
        best = dist_from[v, origin, target]
        if not np.isfinite(best):
            continue
        covered[:] = np.inf
        for j in range(hubs.size + 1 if step >= variants else 1):
            hub = -1 if j == 0 else hubs[j - 1]
            total = best
            if hub >= 0:
                total = dist_from[v, origin, tail[hub]] + cost[v, hub] + dist_to[v, dest, head[hub]]
                if not total <= stretch * best or covered[hub] <= total * (1 + 1e-9):
                    continue
            if n == legs.shape[0]:
                return n, seen
            m = 0
            node = target if hub < 0 else tail[hub]
            while node != source:
                legs[n, m] = pred[v, origin, node]
                node = tail[legs[n, m]]
                m += 1
            for i in range(m // 2):
                legs[n, i], legs[n, m - 1 - i] = legs[n, m - 1 - i], legs[n, i]
            if hub >= 0:
                legs[n, m] = hub
                m += 1
                node = head[hub]
                while node != target:
                    legs[n, m] = succ[v, dest, node]
                    node = head[legs[n, m]]
                    m += 1
            seen += 1
            last, circular, way, exact = -1, False, np.uint64(0), np.uint64(0)
            for i in range(m):
                arc = legs[n, i]
                covered[arc] = min(covered[arc], total)
                way += arc_key[0, arc]
                exact += arc_key[1, arc]
                # A border crossed there, back and there again is one place, but the same state twice.
                circular |= stamp[states + head[arc]] == seen
                stamp[states + head[arc]] = seen
                here = place[head[arc]]
                if here != last:
                    circular |= stamp[here] == seen
                    stamp[here] = seen
                    last = here
            for i in range(n):
                circular |= keys[i, 1] == exact or (hub >= 0 and keys[i, 0] == way)
            if not circular:
                size[n], keys[n, 0], keys[n, 1] = m, way, exact
                n += 1
    return n, seen


def choose(  # noqa: C901, PLR0912
    legs: Ints, size: Ints, n: int, price: Array, project: Bools, traits: npt.NDArray[np.uint64],
    own: Ints, modes: tuple[int, int], wanted: int, with_project: int, stretch: float, take: Bools,
) -> None:  # fmt: skip
    """Take the cheapest, then for each trait of a best way the cheapest candidate without it.

    Each row of prices is a class of cargo on a network, which has its own best way. The traits from `modes[0]` to
    before `modes[1]` are modes over borders: without one of these each class takes its own cheapest candidate.
    """
    classes = price.shape[0]
    value = np.full((classes, n), 0.0)
    built = np.zeros(n, dtype=np.bool_)
    rank = np.full(n, np.inf)
    has = np.zeros((n, traits.shape[1]), dtype=np.uint64)
    for c in range(n):
        for i in range(size[c]):
            arc = legs[c, i]
            built[c] |= project[arc]
            for q in range(classes):
                value[q, c] += price[q, arc]
            for x in range(traits.shape[1]):
                has[c, x] |= traits[arc, x]
    best = np.zeros(classes, dtype=np.int64)
    for q in range(classes):
        for c in range(n):
            if not built[c] and (built[best[q]] or value[q, c] < value[q, best[q]]):
                best[q] = c
        for c in range(n):
            if np.isfinite(value[q, c]):
                rank[c] = min(rank[c], value[q, c] / value[q, best[q]])
        take[best[q]] |= np.isfinite(value[q, best[q]])
    order = np.argsort(rank)
    for which in range(2):
        left = with_project if which else wanted
        for c in order:
            if left == 0 or rank[c] > stretch:
                break
            if built[c] == (which == 1):
                take[c] = True
                left -= 1
    for q in range(classes):
        for x in range(64 * traits.shape[1]):
            word, bit = x // 64, np.uint64(1) << np.uint64(x % 64)
            if not has[best[q], word] & bit or x == own[0] or x == own[1]:
                continue
            least = -1
            for c in order:
                if built[c] or has[c, word] & bit:
                    continue
                if x < modes[0] or x >= modes[1]:
                    least = c
                    break
                # What is cheapest on a network where all stands may be shut on this one.
                if np.isfinite(value[q, c]) and (least < 0 or value[q, c] < value[q, least]):
                    least = c
            if least >= 0:
                take[least] = True


def collect(
    tail: Ints, head: Ints, place: Ints, hubs: Ints, arc_key: npt.NDArray[np.uint64],
    door_out: Ints, door_in: Ints, pair_origin: Ints, pair_dest: Ints, own: Ints,
    cost: Array, dist_from: Array, pred: Ints, dist_to: Array, succ: Ints,
    cost_b: Array, dist_from_b: Array, pred_b: Ints, none_dist: Array, none_succ: Ints,
    price: Array, project: Bools, traits: npt.NDArray[np.uint64], modes: tuple[int, int], wanted: int,
    with_project: int, stretch: float,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Routes of all pairs: routes per pair, arcs per route, arcs; compiled with :func:`pool` and :func:`choose`."""
    # No state is passed twice on either half of a path.
    legs = np.empty((SEATS, 2 * place.size), dtype=np.int32)
    size = np.zeros(SEATS, dtype=np.int32)
    keys = np.zeros((SEATS, 2), dtype=np.uint64)
    covered = np.empty(tail.size)
    stamp = np.zeros(place.max() + 1 + place.size, dtype=np.int32)
    seen = 0
    per_pair = np.zeros(pair_origin.size, dtype=np.int32)
    lengths = np.empty(1024, dtype=np.int32)
    flat = np.empty(65536, dtype=np.int32)
    routes, used = 0, 0
    for p in range(pair_origin.size):
        o, d = pair_origin[p], pair_dest[p]
        while True:
            n, seen = pool(tail, head, place, hubs, arc_key, door_out, door_in, o, d, cost_b, dist_from_b, pred_b,
                           none_dist, none_succ, stretch, legs, size, keys, 0, covered, stamp, seen)  # fmt: skip
            n, seen = pool(tail, head, place, hubs, arc_key, door_out, door_in, o, d, cost, dist_from, pred,
                           dist_to, succ, stretch, legs, size, keys, n, covered, stamp, seen)  # fmt: skip
            if n < legs.shape[0]:
                break
            legs = np.empty((2 * legs.shape[0], legs.shape[1]), dtype=np.int32)
            size = np.zeros(legs.shape[0], dtype=np.int32)
            keys = np.zeros((legs.shape[0], 2), dtype=np.uint64)
        take = np.zeros(n, dtype=np.bool_)
        if n:
            choose(legs, size, n, price, project, traits, own[p], modes, wanted, with_project, stretch, take)
        for c in range(n):
            if not take[c]:
                continue
            if routes == lengths.size:
                lengths = np.concatenate((lengths, np.empty_like(lengths)))
            while used + size[c] > flat.size:
                flat = np.concatenate((flat, np.empty_like(flat)))
            lengths[routes] = size[c]
            flat[used : used + size[c]] = legs[c, : size[c]]
            used += size[c]
            routes += 1
            per_pair[p] += 1
    return per_pair, lengths[:routes].copy(), flat[:used].copy()
