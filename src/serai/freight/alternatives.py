"""Where alternatives come from: the best way, ways round it, and which of them are worth showing."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.freight.search import backward, dijkstra, path_from, path_to
from serai.network.topology import SEA_MODES, ArcKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from serai.freight.model import By, Network
    from serai.network.spread import Array
    from serai.network.topology import Ints, Topology

TIE = 1e-9
"""Relative difference below which two sums of the same costs in another order count as equal."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How alternatives are sought and which are kept.

    Attributes
    ----------
    k
        How many routes are wanted.
    by
        What is minimised: generalized cost, money or time.
    stretch
        A route that costs more than this many times the best is left out.
    overlap
        A dearer route that shares more than this part of its length with a cheaper one, and avoids no country
        or mode of it, is a near duplicate.
    per_corridor
        At most so many routes by the same countries and modes, so that other ways are seen too.
    modes
        Modes of line-haul allowed; empty for all.
    avoid
        Countries not to be entered, except at the ends.
    close
        Places (as crossings or ports), links or passages to be taken as shut.
    via
        Places to be passed, in order.
    penalty, rounds
        Factor on the arcs of routes found, and how often it is applied (penalty method).
    """

    k: int = 5
    by: By = "generalized"
    stretch: float = 2.5
    overlap: float = 0.75
    per_corridor: int = 2
    modes: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    penalty: float = 1.4
    rounds: int = 4


def usable(network: Network, origin: str, destination: str, rules: Rules) -> npt.NDArray[np.bool_]:
    """Arcs that the rules and the two ends leave usable."""
    topology, costs = network.topology, network.costs
    ends = [network.compiled.sides[p] for p in (origin, destination)]
    allowed = np.ones(topology.n_arcs, dtype=bool)
    for i in np.flatnonzero(costs.figures.bilateral | costs.figures.unproven | costs.one_end).tolist():
        pair = network.compiled.sides[topology.arcs[i].place]
        touching = (bool(ends[0] & pair), bool(ends[1] & pair))
        allowed[i] = any(touching) if costs.one_end[i] and not costs.figures.bilateral[i] else all(touching)
    avoid = set(rules.avoid) - ends[0] - ends[1]
    closed = set(rules.close)
    if not (avoid or closed or rules.modes):
        return allowed
    passages = dict(zip(network.package["links"]["id"], network.package["links"]["passages"], strict=True))
    for i, arc in enumerate(topology.arcs):
        if avoid & network.compiled.arc_sides[i]:
            allowed[i] = False
        if arc.kind == ArcKind.LINE_HAUL:
            mode = topology.states[topology.tail[i]].mode
            if rules.modes and mode not in rules.modes:
                allowed[i] = False
            if closed and (arc.row in closed or closed & set(passages[arc.row].split(";"))):
                allowed[i] = False
        elif closed and arc.place in closed and arc.kind not in {ArcKind.ACCESS, ArcKind.TERMINAL, ArcKind.ALIGHT}:
            allowed[i] = False
    return allowed


def left_out(network: Network, origin: str, destination: str) -> list[str]:
    """Border places not used because nothing is known of transit through them by third countries."""
    topology = network.topology
    allowed = usable(network, origin, destination, Rules())
    hit = np.flatnonzero(network.costs.figures.unproven & network.costs.open & ~allowed)
    return sorted({topology.arcs[i].place for i in hit})


def revisits(topology: Topology, arcs: Sequence[int]) -> bool:
    """Whether a path comes back to a place it had left, or turns round at a border."""
    heads = topology.head[np.asarray(arcs)]
    places = topology.place[heads].tolist()
    changes = [p for p, before in zip(places, [-1, *places], strict=False) if p != before]
    # On a path's few dozen arcs sets are ten times as fast as sorting arrays.
    return len(set(changes)) < len(changes) or len(set(heads.tolist())) < heads.size


def _best(network: Network, cost: Array, source: int, target: int) -> list[int]:
    dist, pred = dijkstra(network.topology.out_ptr, network.topology.head, cost, source, target)
    return path_to(network.topology.tail, pred, source, target) if np.isfinite(dist[target]) else []


def through_stops(network: Network, cost: Array, stops: Sequence[str], modes: tuple[str, ...]) -> list[int]:
    """Best path through places in order, without loading or unloading at them."""
    topology = network.topology
    reached: dict[int, tuple[float, list[int]]] = {}
    source = int(topology.door_out[topology.place_index(stops[0])])
    reached[source] = (0.0, [])
    for stop in stops[1:-1]:
        reached = _advance(network, cost, reached, _states_of(topology, stop, modes))
    target = int(topology.door_in[topology.place_index(stops[-1])])
    return _advance(network, cost, reached, [target]).get(target, (np.inf, []))[1]


def _states_of(topology: Topology, place: str, modes: tuple[str, ...]) -> list[int]:
    """States that count as passing a place.

    A border is passed between its posts, not by turning round; a port by its berths when the trip is
    known to go by sea.
    """
    here = [int(s) for s in np.flatnonzero(topology.place == topology.place_index(place))]
    between = [s for s in here if ">" in topology.states[s].side]
    if between:
        return between
    berths = [s for s in here if topology.states[s].mode in SEA_MODES]
    return berths if berths and modes and set(modes) & set(SEA_MODES) else here


def _advance(
    network: Network, cost: Array, reached: dict[int, tuple[float, list[int]]], targets: Iterable[int]
) -> dict[int, tuple[float, list[int]]]:
    topology = network.topology
    out: dict[int, tuple[float, list[int]]] = {}
    targets = list(targets)
    for start, (so_far, path) in reached.items():
        dist, pred = dijkstra(topology.out_ptr, topology.head, cost, start)
        for t in targets:
            total = so_far + float(dist[t])
            if np.isfinite(total) and total < out.get(t, (np.inf, []))[0]:
                out[t] = (total, path + path_to(topology.tail, pred, start, t))
    return out


def candidates(
    network: Network, cost: Array, source: int, target: int, rules: Rules
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield paths and their costs, the cheapest first, each once.

    They come from the penalty method, from banning each country of the best path, and from the best path
    over every border, port of embarkation and terminal. The last are traced only as far as they are asked
    for.

    Parameters
    ----------
    network
        The network.
    cost : float64[A]
        What is minimised; infinite where closed or barred by the rules.
    source, target
        States.
    rules
        Penalty, rounds and stretch.
    """
    topology = network.topology
    dist, pred = dijkstra(topology.out_ptr, topology.head, cost, source)
    if not np.isfinite(dist[target]):
        return
    best = path_to(topology.tail, pred, source, target)
    seen: set[tuple[int, ...]] = set()
    found = heapq.merge(
        sorted((float(cost[p].sum()), tuple(p)) for p in _round_about(network, cost, best, source, target, rules)),
        _over_hubs(network, cost, dist, pred, source, target, rules.stretch),
    )
    for value, path in found:
        if path not in seen and not revisits(topology, path):
            seen.add(path)
            yield value, path


def _round_about(
    network: Network, cost: Array, best: list[int], source: int, target: int, rules: Rules
) -> list[list[int]]:
    """Paths by the penalty method, and without each country of the best."""
    compiled = network.compiled
    paths = [best]
    penalised = cost.copy()
    for _ in range(rules.rounds):
        penalised[np.isin(compiled.parallel, compiled.parallel[paths[-1]])] *= rules.penalty
        paths.append(_best(network, penalised, source, target))
    paths += [
        _best(network, np.where(compiled.countries[:, column], np.inf, cost), source, target)
        for column in np.flatnonzero(compiled.countries[best].any(axis=0))
    ]
    return [p for p in paths if p]


def _over_hubs(
    network: Network, cost: Array, dist: Array, pred: Ints, source: int, target: int, stretch: float
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Best path over each border, port of embarkation and terminal, by cost."""
    topology = network.topology
    rest, succ = backward(topology, cost, target)
    hubs = np.isin(topology.kind, (ArcKind.EXIT, ArcKind.EXPORT, ArcKind.TERMINAL)) & np.isfinite(cost)
    total = dist[topology.tail] + cost + rest[topology.head]
    cheapest = np.full(topology.n_arcs, np.inf)  # of the paths traced so far over an arc
    near = np.flatnonzero(hubs & (total <= stretch * dist[target]))
    for arc in near[np.argsort(total[near], kind="stable")].tolist():
        if cheapest[arc] <= total[arc] * (1 + TIE):
            continue
        head = path_to(topology.tail, pred, source, int(topology.tail[arc]))
        path = [*head, arc, *path_from(topology.head, succ, int(topology.head[arc]), target)]
        cheapest[path] = np.minimum(cheapest[path], total[arc])
        yield float(total[arc]), tuple(path)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is remembered of a path that is kept."""

    arcs: npt.NDArray[np.int64]
    ends: list[int]
    ends_met: frozenset[int]
    countries: npt.NDArray[np.bool_]
    modes: npt.NDArray[np.bool_]
    sums: tuple[float, float, float]


def selected(
    network: Network, paths: Iterable[tuple[float, tuple[int, ...]]], money: Array, rules: Rules
) -> list[tuple[int, ...]]:
    """Take the cheapest; leave out near duplicates and routes dominated within their own corridor.

    Parameters
    ----------
    network
        The network.
    paths
        Costs and paths, cheapest first, from :func:`candidates`.
    money : float64[A]
        Price per arc.
    rules
        Overlap, routes per corridor, stretch and number wanted.
    """
    figures, compiled = network.costs.figures, network.compiled
    kept: list[_Kept] = []
    limit = np.inf
    for value, path in paths:
        limit = min(limit, rules.stretch * value)
        if value > limit:
            break
        arcs = np.array(path)
        ends = compiled.parallel[arcs].tolist()
        mine = _Kept(
            arcs,
            ends,
            frozenset(ends),
            compiled.countries[arcs].any(axis=0),
            compiled.modes[arcs].any(axis=0),
            (
                float(money[arcs].sum()),
                float(network.costs.mean_time_h[arcs].sum()),
                float(network.costs.spread_h[arcs].sum()),
            ),
        )
        km = figures.distance_km[arcs]
        if not _redundant(mine, km, kept, rules):
            kept.append(mine)
        if len(kept) == rules.k:
            break
    return [tuple(o.arcs.tolist()) for o in kept]


def _redundant(mine: _Kept, km: Array, kept: list[_Kept], rules: Rules) -> bool:
    """Whether a path adds nothing to those kept.

    A way that only adds a country or a mode to one already kept is a detour of it: it must differ enough
    in its course and beat it in price, time or spread.
    """
    own = float(km.sum()) or 1.0
    alike = 0
    for o in kept:
        if (o.countries & ~mine.countries).any() or (o.modes & ~mine.modes).any():
            continue
        alike += int(np.array_equal(o.countries, mine.countries) and np.array_equal(o.modes, mine.modes))
        shared = float(km[[e in o.ends_met for e in mine.ends]].sum())
        beaten = all(a <= b * (1 + TIE) for a, b in zip(o.sums, mine.sums, strict=True))
        if shared / own > rules.overlap or beaten:
            return True
    return alike >= rules.per_corridor


def gateway_paths(
    network: Network, origin: str, destination: str, commodity: str, ports: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Best path through each port where cargo first goes to sea; the empty name is the best overland path.

    Ports without an open path are absent.
    """
    topology = network.topology
    k = network.worth.index(commodity)
    mask = usable(network, origin, destination, Rules())
    cost = np.where(mask, network.cost(k, "generalized"), np.inf)
    source = int(topology.door_out[topology.place_index(origin)])
    target = int(topology.door_in[topology.place_index(destination)])
    # The gateway is the first port of embarkation, so the way to it may not go by sea.
    embark = np.isin(topology.kind, (ArcKind.EXPORT,))
    dry = np.where(embark, np.inf, cost)
    dist, pred = dijkstra(topology.out_ptr, topology.head, dry, source)
    rest, succ = backward(topology, cost, target)
    out: dict[str, tuple[int, ...]] = {}
    if np.isfinite(dist[target]):
        out[""] = tuple(path_to(topology.tail, pred, source, target))
    total = dist[topology.tail] + cost + rest[topology.head]
    for port in ports:
        arcs = [a for a in np.flatnonzero(embark & np.isfinite(total)) if topology.arcs[a].place == port]
        if arcs:
            a = int(min(arcs, key=lambda arc: float(total[arc])))
            before = path_to(topology.tail, pred, source, int(topology.tail[a]))
            out[port] = (*before, a, *path_from(topology.head, succ, int(topology.head[a]), target))
    return out
