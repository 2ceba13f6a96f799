"""Where a route set comes from: trees from and to every zone over the union of networks, joined at hubs.

Routes are sought once per package over everything that exists, is shut, or could be built, so that the
best way without any one crossing, country, passage, or without lorries or wagons over borders, is in the set before
anyone asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.data.schema import PASSAGES
from serai.freight.candidates import choose, collect, pool
from serai.freight.model import open_network
from serai.freight.routeset import RouteSet, route_set
from serai.freight.search import dijkstra
from serai.network.costs import generalized
from serai.network.topology import LAND_MODES, ArcKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from serai.freight.model import Compiled
    from serai.freight.search import Array, Ints

Bools = npt.NDArray[np.bool_]
HUBS = (ArcKind.EXIT, ArcKind.EXPORT, ArcKind.TERMINAL, ArcKind.GAUGE_CHANGE)
"""Arcs a route is named after, beside sea passages: two routes of a pair over the same ones are the same way."""


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many routes a pair gets.

    Attributes
    ----------
    routes
        Routes by generalized cost over what stands today.
    with_project
        Routes more that need something not yet built.
    stretch
        A candidate that costs more than this many times the best is left out, unless nothing else avoids
        one of the best way's countries, crossings, modes over borders or passages.
    """

    routes: int = 8
    with_project: int = 3
    stretch: float = 1.8


@dataclass(frozen=True, slots=True)
class _Trees:
    """Trees of V cost vectors from and to Z zones.

    ``dist_from[V, Z, S]``, ``pred[V, Z, S]`` from a zone; ``dist_to``, ``succ`` to a zone. Variants without
    trees to zones are only asked for their best path.
    """

    cost: Array
    dist_from: Array
    pred: Ints
    dist_to: Array
    succ: Ints


def union_open(compiled: Compiled, days: Sequence[dt.date]) -> Bools:
    """Arcs that exist on some of the days, were shut, or could be built: bool[A]."""
    out = compiled.figures.needs_project.copy()
    for day in days:
        out |= open_network(compiled, day, "reopened").costs.open
    return out


def value_classes(compiled: Compiled) -> list[int]:
    """Commodities with the lowest, the middle and the highest value of time."""
    order = np.argsort(compiled.worth.vot_usd_per_t_h, kind="stable")
    return list(dict.fromkeys(int(order[i]) for i in (0, len(order) // 2, -1)))


def _trees(compiled: Compiled, zones: Ints, costs: Array, *, both: bool) -> _Trees:
    t = compiled.topology
    shape = (costs.shape[0], zones.size, t.n_states)
    dist_from, dist_to = np.full(shape, np.inf), np.full(shape if both else (0, 0, 0), np.inf)
    pred = np.full(shape, -1, dtype=np.int32)
    succ = np.full(dist_to.shape, -1, dtype=np.int32)
    back_head = np.ascontiguousarray(t.tail[t.in_arc])
    for v, cost in enumerate(costs):
        back = np.ascontiguousarray(cost[t.in_arc])
        for i, z in enumerate(zones.tolist()):
            dist_from[v, i], pred[v, i] = dijkstra(t.out_ptr, t.head, cost, int(t.door_out[z]))
            if both:
                dist_to[v, i], arcs = dijkstra(t.in_ptr, back_head, back, int(t.door_in[z]))
                succ[v, i] = np.where(arcs >= 0, t.in_arc[arcs], -1)
    return _Trees(costs, dist_from, pred, dist_to, succ)


@cache
def _kernel() -> Callable[..., tuple[Ints, Ints, Ints]]:
    from serai.core.jit import compiled

    # Kernels handed over as arguments would make it another one for every process that compiles it.
    return compiled(collect, pool=compiled(pool), choose=compiled(choose))


def _traits(compiled: Compiled) -> Bools:
    """Mark what a route may have to avoid: countries, border places by mode, borders by mode, passages. bool[A, X]."""
    t = compiled.topology
    passages = dict(zip(compiled.package["links"]["id"], compiled.package["links"]["passages"], strict=True))
    gates = sorted({(a.place, a.tail.mode) for a in t.arcs if a.kind == ArcKind.EXIT})
    column = {g: i for i, g in enumerate(gates)}
    gate = np.zeros((t.n_arcs, len(gates)), dtype=bool)
    mode = np.zeros((t.n_arcs, len(LAND_MODES)), dtype=bool)
    sea = np.zeros((t.n_arcs, len(PASSAGES)), dtype=bool)
    for i, a in enumerate(t.arcs):
        if a.kind == ArcKind.EXIT:
            gate[i, column[a.place, a.tail.mode]] = True
            mode[i, LAND_MODES.index(a.tail.mode)] = True
        elif a.kind == ArcKind.LINE_HAUL:
            for p in passages[a.row].split(";"):
                if p:
                    sea[i, PASSAGES.index(p)] = True
    return np.concatenate([compiled.countries, gate, mode, sea], axis=1)


def _words(traits: Bools) -> npt.NDArray[np.uint64]:
    """Pack traits 64 to a word: uint64[A, ceil(X / 64)]."""
    out = np.zeros((traits.shape[0], -(-traits.shape[1] // 64)), dtype=np.uint64)
    for x in range(traits.shape[1]):
        out[:, x // 64] |= traits[:, x].astype(np.uint64) << np.uint64(x % 64)
    return out


def _avoiding(cost: Array, traits: Bools) -> Array:
    """One cost vector per trait, closed where the trait is; traits that no open arc has are left out."""
    used = np.flatnonzero((traits & np.isfinite(cost)[:, None]).any(axis=0))
    return np.where(traits[:, used].T, np.inf, cost[None, :])


def _as_it_stands(compiled: Compiled, day: dt.date) -> Array:
    """Cost vectors of a day with what is shut on it left shut, so that the day's own best way is in the set."""
    costs = open_network(compiled, day).costs
    return np.stack([generalized(costs, compiled.worth, k) for k in value_classes(compiled)])


def _scope_groups(compiled: Compiled, sides: list[str], origin: Ints, dest: Ints) -> list[tuple[Ints, Bools]]:
    """Pairs that face the same barred gates, and those gates: (pairs, bool[A])."""
    f, t = compiled.figures, compiled.topology
    scoped = np.flatnonzero(f.bilateral | f.unproven)
    barred = f.bilateral | f.unproven
    borders = {frozenset(compiled.sides[t.arcs[a].place]) for a in scoped.tolist()}
    pair = [frozenset((sides[o], sides[d])) for o, d in zip(origin.tolist(), dest.tolist(), strict=True)]
    groups: list[tuple[Ints, Bools]] = []
    for border in [*sorted(borders, key=sorted), None]:
        rows = np.array(
            [i for i, p in enumerate(pair) if (p == border if border else p not in borders)], dtype=np.int32
        )
        mask = barred.copy()
        for a in scoped.tolist():
            mask[a] &= compiled.sides[t.arcs[a].place] != border
        if rows.size:
            groups.append((rows, mask))
    return groups


def build_routes(
    compiled: Compiled,
    zones: tuple[str, ...],
    pair_origin: Ints,
    pair_dest: Ints,
    days: Sequence[dt.date],
    breadth: Breadth = Breadth(),
) -> tuple[RouteSet, Ints]:
    """Build the route set of a package for some pairs of zones.

    Parameters
    ----------
    compiled
        The package.
    zones
        Identifiers of places.
    pair_origin, pair_dest : int32[P]
        Pairs by position in `zones`.
    days
        Days whose networks are united; what was shut on them counts as there.
    breadth
        How many routes a pair gets.

    Returns
    -------
    routes
        Routes of the pairs that have any.
    kept : int32[P']
        Which pairs these are.
    """
    t = compiled.topology
    rows = np.array([t.place_index(z) for z in zones], dtype=np.int32)
    sides = [next(iter(compiled.sides[z])) for z in zones]
    union = union_open(compiled, days)
    network = open_network(compiled, days[0], "reopened")
    united = replace(network.costs, open=union)
    ready = np.stack([generalized(united, compiled.worth, k) for k in value_classes(compiled)])
    traits = _traits(compiled)
    words = _words(traits)
    n_countries = compiled.countries.shape[1]
    modes = (traits.shape[1] - len(PASSAGES) - len(LAND_MODES), traits.shape[1] - len(PASSAGES))
    codes = list(compiled.package["countries"]["iso3"])
    own = np.array(
        [[codes.index(sides[o]), codes.index(sides[d])] for o, d in zip(pair_origin, pair_dest, strict=True)]
    )
    standing = np.concatenate([_as_it_stands(compiled, day) for day in days])
    rng = np.random.default_rng(0)
    passage = traits[:, -len(PASSAGES) :].any(axis=1)
    every = rng.integers(1, 2**63, t.n_arcs, dtype=np.uint64)
    arc_key = np.stack([np.where(np.isin(t.kind, HUBS) | passage, every, np.uint64(0)), every])
    hubs = np.flatnonzero(np.isin(t.kind, HUBS)).astype(np.int32)
    collected = _kernel()
    project = compiled.figures.needs_project
    per_pair = np.zeros(pair_origin.size, dtype=np.int32)
    pieces: dict[int, tuple[Ints, Ints]] = {}
    for members, barred in _scope_groups(compiled, sides, pair_origin, pair_dest):
        o, d = pair_origin[members], pair_dest[members]
        present = np.unique(np.concatenate([o, d]))
        to_local = np.full(len(zones), -1, dtype=np.int32)
        to_local[present] = np.arange(present.size)
        costs = np.where(barred, np.inf, ready)
        costs = np.concatenate([np.where(project, np.inf, costs), costs])
        middle = costs[len(ready) // 2]
        today = np.where(barred, np.inf, standing)
        avoided = np.concatenate([traits[:, :n_countries], traits[:, modes[0] :]], axis=1)
        narrow_costs = np.concatenate([today, _avoiding(middle, avoided)])
        main = _trees(compiled, rows[present], costs, both=True)
        narrow = _trees(compiled, rows[present], narrow_costs, both=False)
        found = collected(
            t.tail, t.head, t.place, hubs, arc_key, t.door_out[rows[present]], t.door_in[rows[present]],
            to_local[o], to_local[d], own[members], main.cost, main.dist_from, main.pred, main.dist_to, main.succ,
            narrow.cost, narrow.dist_from, narrow.pred, narrow.dist_to, narrow.succ,
            np.concatenate([ready, today]), project, words, modes, breadth.routes, breadth.with_project,
            breadth.stretch,
        )  # fmt: skip
        _file(members, *found, per_pair, pieces)
        _bypass(
            compiled, rows[present], middle, traits, words, project, to_local[o], to_local[d], members, own, per_pair,
            pieces,
        )  # fmt: skip
    return _assembled(zones, pair_origin, pair_dest, per_pair, pieces)


def _bypass(
    compiled: Compiled, rows: Ints, cost: Array, traits: Bools, words: npt.NDArray[np.uint64], project: Bools,
    origin: Ints, dest: Ints, members: Ints, own: Ints, per_pair: Ints, pieces: dict[int, tuple[Ints, Ints]],
) -> None:  # fmt: skip
    """Add the best way without what every standing route of a pair passes, where there is one."""
    t = compiled.topology
    wanted: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for p, o, d in zip(members.tolist(), origin.tolist(), dest.tolist(), strict=True):
        lengths, flat = pieces[p]
        if not lengths.size:
            continue
        starts = np.cumsum(lengths) - lengths
        standing = ~np.logical_or.reduceat(project[flat], starts)
        if not standing.any():
            continue
        common = np.bitwise_and.reduce(np.bitwise_or.reduceat(words[flat], starts, axis=0)[standing], axis=0)
        for word, bits in enumerate(common.tolist()):
            for x in range(64 * word, min(64 * word + 64, traits.shape[1])):
                if bits >> (x - 64 * word) & 1 and x not in own[p]:
                    wanted.setdefault((o, x), []).append((p, d))
    for (o, x), pairs in sorted(wanted.items()):
        closed = np.where(traits[:, x], np.inf, cost)
        dist, pred = dijkstra(t.out_ptr, t.head, closed, int(t.door_out[rows[o]]))
        for p, d in pairs:
            node = int(t.door_in[rows[d]])
            if not np.isfinite(dist[node]):
                continue
            legs: list[int] = []
            while pred[node] >= 0:
                legs.append(int(pred[node]))
                node = int(t.tail[legs[-1]])
            lengths, flat = pieces[p]
            # Another trait may have led to the same way.
            if legs[::-1] in (x.tolist() for x in np.split(flat, np.cumsum(lengths)[:-1])):
                continue
            pieces[p] = np.append(lengths, len(legs)).astype(np.int32), np.append(flat, legs[::-1]).astype(np.int32)
            per_pair[p] += 1


def _file(
    members: Ints, count: Ints, lengths: Ints, flat: Ints, per_pair: Ints, pieces: dict[int, tuple[Ints, Ints]]
) -> None:
    routes = np.concatenate([[0], np.cumsum(count)])
    ends = np.concatenate([[0], np.cumsum(lengths)])
    for n, p in enumerate(members.tolist()):
        per_pair[p] = count[n]
        a, b = routes[n], routes[n + 1]
        pieces[p] = (lengths[a:b], flat[ends[a] : ends[b]])


def _assembled(
    zones: tuple[str, ...], origin: Ints, dest: Ints, per_pair: Ints, pieces: dict[int, tuple[Ints, Ints]]
) -> tuple[RouteSet, Ints]:
    kept = np.flatnonzero(per_pair > 0).astype(np.int32)
    lengths = np.concatenate([pieces[p][0] for p in kept.tolist()])
    flat = np.concatenate([pieces[p][1] for p in kept.tolist()])
    pair_ptr = np.concatenate([[0], np.cumsum(per_pair[kept])])
    leg_ptr = np.concatenate([[0], np.cumsum(lengths)])
    return route_set(zones, origin[kept], dest[kept], pair_ptr, leg_ptr, flat), kept
