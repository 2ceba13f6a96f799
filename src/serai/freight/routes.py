"""Routes between two places: the best way and the ways that differ from it.

This is the only route code; the command line, the study and the server all use it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from serai.core.errors import NoRouteError
from serai.data.names import country_names, place_names
from serai.freight.search import backward, dijkstra, path_from, path_to
from serai.network.costs import CLASSES, arc_costs, arc_figures, generalized, load_t, parameter, values
from serai.network.spread import N_DRAWS, correlated, draws, quantiles
from serai.network.topology import SEA_MODES, ArcKind, compile_topology

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from serai.data.package import Package
    from serai.data.status import Assume, Status
    from serai.network.costs import ArcCosts, Figures, Values
    from serai.network.spread import Array
    from serai.network.topology import Topology

By = Literal["generalized", "cost", "time"]
BORDER_KINDS = (ArcKind.EXIT, ArcKind.ENTRY)
SILENT_KINDS = (ArcKind.ACCESS, ArcKind.ALIGHT)


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


@dataclass(frozen=True, slots=True)
class Leg:
    """One arc of a route as people read it; hours and dollars are means.

    `hours` count towards the transit time; `end_dwell_h` is the wait at a terminal or port before the first
    departure or after the last arrival.
    """

    origin: str
    destination: str
    mode: str
    gauge_mm: int | None
    km: float
    hours: float
    end_dwell_h: float
    usd_per_t: float
    fee_usd_per_t: float
    co2e_kg_per_t: float
    kind: str
    side: str
    table: str
    row: str
    source: str
    time_basis: str
    cost_basis: str
    price_date: str
    origin_mark: str


@dataclass(frozen=True, slots=True)
class Band:
    """Percentiles and mean of a quantity."""

    mean: float
    p10: float
    p50: float
    p90: float
    p95: float


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one place to another.

    Attributes
    ----------
    arcs
        Arcs of the supernetwork, access included.
    generalized_usd_per_t
        Generalized cost.
    time_h
        Transit time: from the first departure to the last arrival.
    door_to_door_h
        Transit time with the wait at terminals and ports at both ends; the choice of routes rests on it.
    cost_usd_per_t
        Price with handling at both ends.
    payload_t
        Load of the container or truck.
    """

    arcs: tuple[int, ...]
    legs: tuple[Leg, ...]
    generalized_usd_per_t: float
    time_h: Band
    door_to_door_h: Band
    cost_usd_per_t: Band
    fee_usd_per_t: float
    distance_km: float
    co2e_kg_per_t: float
    payload_t: float
    countries: tuple[str, ...]
    borders: tuple[str, ...]
    ports: tuple[str, ...]
    modes: tuple[str, ...]
    gauge_changes: int
    statuses: tuple[Status, ...]

    @property
    def cost_usd_per_feu(self) -> float:
        """Price of one 40-foot load."""
        return self.cost_usd_per_t.mean * self.payload_t


@dataclass(frozen=True)
class Compiled:
    """A package compiled once for all days."""

    package: Package
    topology: Topology
    figures: Figures
    worth: Values
    correlation: dict[str, float]

    @cached_property
    def sides(self) -> dict[str, frozenset[str]]:
        """Countries of each place; a border has two."""
        p = self.package["places"]
        return {
            i: frozenset(c for c in (a, b) if c) for i, a, b in zip(p["id"], p["country"], p["country_b"], strict=True)
        }

    @cached_property
    def arc_sides(self) -> tuple[frozenset[str], ...]:
        """Countries whose soil each arc lies on."""
        return tuple(
            frozenset(c for c in (arc.tail.side, arc.head.side) if c and ">" not in c) for arc in self.topology.arcs
        )

    @cached_property
    def place_names(self) -> dict[str, str]:
        """English name of every place."""
        return place_names(self.package)

    @cached_property
    def country_names(self) -> dict[str, str]:
        """English name of every country."""
        return country_names(self.package)

    @cached_property
    def requirements(self) -> list[Any]:
        """Rows of the requirements table."""
        return list(self.package["requirements"].itertuples(index=False))

    @cached_property
    def crossing_capacity_t_per_day(self) -> dict[str, float]:
        """Smallest sourced capacity of each border place, where there is one."""
        smallest = self.package["crossings"].groupby("place")["capacity_t_per_day"].min().dropna()
        return {str(k): float(v) for k, v in smallest.items()}


@dataclass(frozen=True)
class Network:
    """A compiled package on one day."""

    compiled: Compiled
    costs: ArcCosts
    assume: Assume = "last"
    _generalized: dict[int, Array] = field(default_factory=dict)

    @property
    def package(self) -> Package:
        """The package."""
        return self.compiled.package

    @property
    def topology(self) -> Topology:
        """The supernetwork."""
        return self.compiled.topology

    @property
    def worth(self) -> Values:
        """What time is worth."""
        return self.compiled.worth

    def cost(self, k: int, by: By) -> Array:
        """Cost of each arc for a search; closed arcs are infinite."""
        if by == "generalized":
            if k not in self._generalized:
                self._generalized[k] = generalized(self.costs, self.worth, k)
            return self._generalized[k]
        if by == "time":
            return np.where(self.costs.open, self.costs.mean_time_h, np.inf)
        figures = self.costs.figures
        money = (figures.haul_usd.mean + figures.fee_usd.mean) / load_t(self.costs, float(self.worth.payload_t[k]))
        return np.where(self.costs.open, money, np.inf)


def compile_package(package: Package) -> Compiled:
    """Compile a package: topology, figures and values, for any day."""
    topology = compile_topology(package)
    correlation = {c: parameter(package, f"{c}_correlation") for c in (*CLASSES, "price")}
    return Compiled(package, topology, arc_figures(package, topology), values(package), correlation)


def open_network(compiled: Compiled, day: dt.date, assume: Assume = "last") -> Network:
    """Put a compiled package on a day."""
    costs = arc_costs(compiled.package, compiled.topology, compiled.figures, day, assume)
    return Network(compiled, costs, assume)


def _mask(network: Network, origin: str, destination: str, rules: Rules) -> npt.NDArray[np.bool_]:
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
    allowed = _mask(network, origin, destination, Rules())
    hit = np.flatnonzero(network.costs.figures.unproven & network.costs.open & ~allowed)
    return sorted({topology.arcs[i].place for i in hit})


def _revisits(topology: Topology, arcs: Sequence[int]) -> bool:
    """Whether a path comes back to a place it had left."""
    seen: set[int] = set()
    last = -1
    for arc in arcs:
        place = int(topology.place[topology.head[arc]])
        if place != last and place in seen:
            return True
        seen.add(place)
        last = place
    return False


def _best(network: Network, cost: Array, source: int, target: int) -> list[int]:
    dist, pred = dijkstra(network.topology.out_ptr, network.topology.head, cost, source, target)
    return path_to(network.topology.tail, pred, source, target) if np.isfinite(dist[target]) else []


def _through_stops(network: Network, cost: Array, stops: Sequence[str], modes: tuple[str, ...]) -> list[int]:
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


def _candidates(network: Network, cost: Array, source: int, target: int, rules: Rules) -> list[tuple[int, ...]]:
    """Paths by the penalty method, via every border and port, and without each country of the best."""
    topology = network.topology
    found: dict[tuple[int, ...], None] = {}

    def keep(path: list[int]) -> None:
        if path and not _revisits(topology, path):
            found.setdefault(tuple(path))

    dist, pred = dijkstra(topology.out_ptr, topology.head, cost, source)
    if not np.isfinite(dist[target]):
        return []
    best = path_to(topology.tail, pred, source, target)
    keep(best)
    rest, succ = backward(topology, cost, target)
    hubs = np.isin(topology.kind, (ArcKind.EXIT, ArcKind.EXPORT, ArcKind.TERMINAL)) & np.isfinite(cost)
    total = dist[topology.tail] + cost + rest[topology.head]
    limit = rules.stretch * dist[target]
    for arc in np.flatnonzero(hubs & (total <= limit)):
        head = path_to(topology.tail, pred, source, int(topology.tail[arc]))
        tail = path_from(topology.head, succ, int(topology.head[arc]), target)
        keep([*head, int(arc), *tail])
    penalised = cost.copy()
    path = best
    for _ in range(rules.rounds):
        penalised[path] *= rules.penalty
        path = _best(network, penalised, source, target)
        keep(path)
    for country in sorted({c for a in best for c in network.compiled.arc_sides[a]}):
        banned = cost.copy()
        banned[[country in s for s in network.compiled.arc_sides]] = np.inf
        keep(_best(network, banned, source, target))
    return list(found)


def _signature(network: Network, arcs: Sequence[int]) -> tuple[frozenset[str], frozenset[str]]:
    topology = network.topology
    modes = frozenset(topology.states[topology.tail[a]].mode for a in arcs if topology.kind[a] == ArcKind.LINE_HAUL)
    countries = frozenset(c for a in arcs for c in network.compiled.arc_sides[a])
    return countries, modes


def _selected(
    network: Network, paths: list[tuple[int, ...]], cost: Array, money: Array, rules: Rules
) -> list[tuple[int, ...]]:
    """Cheapest first; near duplicates and routes dominated within their own corridor removed."""
    km, hours = network.costs.figures.distance_km, network.costs.mean_time_h
    spread = network.costs.spread_h
    ranked = sorted(paths, key=lambda p: (float(cost[list(p)].sum()), p))
    limit = rules.stretch * float(cost[list(ranked[0])].sum())
    kept: list[tuple[int, ...]] = []
    for path in ranked:
        mine = list(path)
        if float(cost[mine].sum()) > limit:
            break
        countries, modes = _signature(network, path)
        signatures = [_signature(network, o) for o in kept]
        alike = [o for o, s in zip(kept, signatures, strict=True) if s == (countries, modes)]
        # A way that only adds a country or a mode to one already kept is a detour of it.
        wider = [o for o, s in zip(kept, signatures, strict=True) if s[0] <= countries and s[1] <= modes]
        own = float(km[mine].sum()) or 1.0
        near = any(float(km[list(set(o) & set(path))].sum()) / own > rules.overlap for o in wider)
        beaten = any(
            money[list(o)].sum() <= money[mine].sum()
            and hours[list(o)].sum() <= hours[mine].sum()
            and spread[list(o)].sum() <= spread[mine].sum()
            for o in wider
        )
        if not near and not beaten and len(alike) < rules.per_corridor:
            kept.append(path)
        if len(kept) == rules.k:
            break
    return kept


def alternatives(network: Network, origin: str, destination: str, commodity: str, rules: Rules) -> tuple[Route, ...]:
    """Alternative routes for a pair and a commodity, best first.

    Parameters
    ----------
    network
        The package compiled for a day.
    origin, destination
        Identifiers of places.
    commodity
        Identifier of the commodity.
    rules
        What is sought and what is kept.

    Raises
    ------
    NoRouteError
        When no path is open.
    """
    topology = network.topology
    k = network.worth.index(commodity)
    mask = _mask(network, origin, destination, rules)
    cost = np.where(mask, network.cost(k, rules.by), np.inf)
    source = int(topology.door_out[topology.place_index(origin)])
    target = int(topology.door_in[topology.place_index(destination)])
    if rules.via:
        path = _through_stops(network, cost, (origin, *rules.via, destination), rules.modes)
        paths = [tuple(path)] if path else []
    else:
        paths = _candidates(network, cost, source, target, rules)
    if not paths:
        raise NoRouteError(
            f"No route from {origin} to {destination} for {commodity} on {network.costs.day.isoformat()}"
            + (" under these conditions" if rules != Rules(k=rules.k) else ""),
            "See `serai status list` for what is shut, or loosen --modes, --avoid and --close.",
        )
    money = network.cost(k, "cost")
    return tuple(describe(network, p, k) for p in _selected(network, paths, cost, money, rules))


def gateway_paths(
    network: Network, origin: str, destination: str, commodity: str, ports: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Best path through each port where cargo first goes to sea; the empty name is the best overland path.

    Ports without an open path are absent.
    """
    topology = network.topology
    k = network.worth.index(commodity)
    mask = _mask(network, origin, destination, Rules())
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


def _payload(network: Network, arcs: Sequence[int], k: int) -> float:
    """Load of the vehicle over the whole trip: the smallest that any arc allows."""
    return float(load_t(network.costs, float(network.worth.payload_t[k]))[list(arcs)].min())


def describe(network: Network, arcs: Sequence[int], k: int) -> Route:
    """Describe a path as a route.

    The price is that of one load divided by the smallest load any arc allows, so that a trip is not
    reloaded at every weighbridge.
    """
    topology, costs = network.topology, network.costs
    index = np.array(arcs, dtype=np.int64)
    payload = _payload(network, arcs, k)
    ends = _end_arcs(topology, index)
    at_end = set(ends.tolist())
    legs = tuple(
        _leg(network, int(a), payload, at_end=int(a) in at_end) for a in index if topology.kind[a] not in SILENT_KINDS
    )
    time = time_draws(network, index)
    moving = time_draws(network, np.array([a for a in index if a not in at_end])) if ends.size else time
    mean_h = float(costs.mean_time_h[index].sum())
    money = price_draws(network, index) / payload
    mean_usd = float((costs.figures.haul_usd.mean + costs.figures.fee_usd.mean)[index].sum() / payload)
    return Route(
        arcs=tuple(int(a) for a in index),
        legs=legs,
        generalized_usd_per_t=float(
            mean_usd
            + network.worth.vot_usd_per_t_h[k] * mean_h
            + network.worth.vor_usd_per_t_h[k] * costs.spread_h[index].sum()
        ),
        time_h=_band(sum(leg.hours for leg in legs), moving),
        door_to_door_h=_band(mean_h, time),
        cost_usd_per_t=_band(mean_usd, money),
        fee_usd_per_t=float(costs.figures.fee_usd.mean[index].sum() / payload),
        distance_km=float(costs.figures.distance_km[index].sum()),
        co2e_kg_per_t=float(costs.figures.co2e_kg_per_t[index].sum()),
        payload_t=payload,
        countries=_in_order(c for a in index for s in (topology.arcs[a].tail, topology.arcs[a].head) for c in [s.side]),
        borders=_in_order(topology.arcs[a].place for a in index if topology.kind[a] == ArcKind.EXIT),
        ports=_in_order(
            topology.arcs[a].place
            for a in index
            if topology.kind[a] in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP}
        ),
        modes=_in_order(topology.states[topology.tail[a]].mode for a in index if topology.kind[a] == ArcKind.LINE_HAUL),
        gauge_changes=int((topology.kind[index] == ArcKind.GAUGE_CHANGE).sum()),
        statuses=tuple(dict.fromkeys(s for a in index for s in costs.status.get(int(a), ()))),
    )


def _in_order(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for i in items if i and ">" not in i))


def _end_arcs(topology: Topology, index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Terminal, port and boarding arcs before the first and after the last movement."""
    moving = np.flatnonzero(topology.kind[index] == ArcKind.LINE_HAUL)
    if moving.size == 0:
        return index[:0]
    outer = np.concatenate([index[: moving[0]], index[moving[-1] + 1 :]])
    kinds = (ArcKind.TERMINAL, ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.BOARD)
    return np.asarray(outer[np.isin(topology.kind[outer], kinds)])


def _leg(network: Network, a: int, payload: float, *, at_end: bool) -> Leg:
    topology, costs = network.topology, network.costs
    arc = topology.arcs[a]
    gauge = arc.head.gauge_mm or arc.tail.gauge_mm
    fee = float(costs.figures.fee_usd.mean[a]) / payload
    return Leg(
        origin=arc.tail.place,
        destination=arc.head.place,
        mode=arc.tail.mode,
        gauge_mm=gauge or None,
        km=float(costs.figures.distance_km[a]),
        hours=0.0 if at_end else float(costs.mean_time_h[a]),
        end_dwell_h=float(costs.mean_time_h[a]) if at_end else 0.0,
        usd_per_t=float(costs.figures.haul_usd.mean[a]) / payload + fee,
        fee_usd_per_t=fee,
        co2e_kg_per_t=float(costs.figures.co2e_kg_per_t[a]),
        kind=ArcKind(arc.kind).name.lower(),
        side=arc.owner,
        table=arc.table,
        row=arc.row,
        source=costs.figures.source[a],
        time_basis=costs.figures.time_basis[a],
        cost_basis=costs.figures.cost_basis[a],
        price_date=costs.figures.price_date[a],
        origin_mark=costs.figures.origin[a],
    )


def _band(mean: float, sample: Array) -> Band:
    p10, p50, p90, p95 = (float(v) for v in np.quantile(sample, (0.1, 0.5, 0.9, 0.95)))
    return Band(mean, p10, p50, p90, p95)


def time_draws(network: Network, arcs: npt.NDArray[np.int64]) -> Array:
    """Draws of the time of a trip over some arcs, in h.

    Arcs of one figure move together; figures of one class (road, rail, border, port) share part of
    their variance; what no factor explains is normal noise whose variance grows with length. Delays
    that strike a share of trips are drawn with the border class.
    """
    costs = network.costs
    total = np.zeros(N_DRAWS)
    by_group: dict[tuple[int, str, float, float], float] = {}
    time = costs.figures.time_h
    for a in arcs:
        median = float(time.median[a])
        if median > 0:
            key = (int(costs.figures.time_class[a]), time.group[a], float(time.s_lo[a]), float(time.s_hi[a]))
            by_group[key] = by_group.get(key, 0.0) + median
    for (kind, group, lo, hi), median in by_group.items():
        name = CLASSES[kind]
        z = correlated(f"time:{name}", f"time:{group}", network.compiled.correlation[name])
        total += quantiles(np.asarray(median), np.asarray(lo), np.asarray(hi), z)
    for a in arcs:
        for d in costs.delays.get(int(a), ()):
            hit = correlated(f"delay:{d.factor}", f"delay:{d.row}", network.compiled.correlation["border"])
            hours = quantiles(np.asarray(d.median_h), np.asarray(d.s_lo), np.asarray(d.s_hi), draws(f"hours:{d.row}"))
            total += np.where(hit >= np.quantile(hit, 1.0 - d.share), hours, 0.0)
    noise = float(np.sqrt(costs.figures.noise_h2[arcs].sum()))
    return np.asarray(np.maximum(total + noise * draws("time:noise"), 0.0))


def price_draws(network: Network, arcs: npt.NDArray[np.int64]) -> Array:
    """Draws of the price of one load over some arcs, in USD; prices share part of their variance."""
    costs = network.costs
    total = np.zeros(N_DRAWS)
    by_group: dict[tuple[str, float, float], float] = {}
    for figure in (costs.figures.haul_usd, costs.figures.fee_usd):
        for a in arcs:
            median = float(figure.median[a])
            if median > 0:
                key = (figure.group[a], float(figure.s_lo[a]), float(figure.s_hi[a]))
                by_group[key] = by_group.get(key, 0.0) + median
    for (group, lo, hi), median in by_group.items():
        z = correlated("price", f"price:{group}", network.compiled.correlation["price"])
        total += quantiles(np.asarray(median), np.asarray(lo), np.asarray(hi), z)
    return total


def line_haul_modes(route: Route) -> tuple[str, ...]:
    """Land modes of a route, then sea."""
    return tuple(sorted(set(route.modes), key=lambda m: (m in SEA_MODES, m)))
