"""Routes between two places: the best way and the ways that differ from it.

This is the only route code; the command line, the study and the server all use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import NoRouteError
from serai.freight.alternatives import Rules, candidates, gateway_paths, left_out, selected, through_stops, usable
from serai.freight.draws import Band, band, price_draws, time_draws
from serai.freight.model import By, Compiled, Network, compile_package, open_network
from serai.network.costs import load_t
from serai.network.figures import haul_usd
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from serai.data.status import Status
    from serai.network.topology import Topology

SILENT_KINDS = (ArcKind.ACCESS, ArcKind.ALIGHT)
# Plain integers: comparing members of an enumeration costs more than everything else here.
_SILENT = frozenset(map(int, SILENT_KINDS))
_PORT = frozenset(map(int, (ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP)))
_EXIT, _HAUL, _GAUGE = int(ArcKind.EXIT), int(ArcKind.LINE_HAUL), int(ArcKind.GAUGE_CHANGE)
_KIND_NAMES = {int(kind): kind.name.lower() for kind in ArcKind}

__all__ = [
    "Band",
    "By",
    "Compiled",
    "Leg",
    "Network",
    "Route",
    "Rules",
    "alternatives",
    "compile_package",
    "describe",
    "gateway_paths",
    "left_out",
    "open_network",
    "price_draws",
    "time_draws",
]


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
    mask = usable(network, origin, destination, rules)
    cost = np.where(mask, network.cost(k, rules.by), np.inf)
    source = int(topology.door_out[topology.place_index(origin)])
    target = int(topology.door_in[topology.place_index(destination)])
    money = network.cost(k, "cost")
    if rules.via:
        path = through_stops(network, cost, (origin, *rules.via, destination), rules.modes)
        chosen = [tuple(path)] if path else []
    else:
        chosen = selected(network, candidates(network, cost, source, target, rules), money, rules)
    if not chosen:
        raise NoRouteError(
            f"No route from {origin} to {destination} for {commodity} on {network.costs.day.isoformat()}"
            + (" under these conditions" if rules != Rules(k=rules.k) else ""),
            "See `serai status list` for what is shut, or loosen --modes, --avoid and --close.",
        )
    found = [describe(network, p, k) for p in chosen]
    # A load cap anywhere on the way weighs on the whole trip, which no additive search can see.
    return tuple(sorted(found, key=lambda r: (_worth(r, rules.by), r.arcs)))


def _worth(route: Route, by: By) -> float:
    if by == "generalized":
        return route.generalized_usd_per_t
    return route.cost_usd_per_t.mean if by == "cost" else route.door_to_door_h.mean


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
    passed = [
        (a, kind, topology.arcs[a]) for a, kind in zip(index.tolist(), topology.kind[index].tolist(), strict=True)
    ]
    legs = tuple(_leg(network, a, payload, k, at_end=a in at_end) for a, kind, _ in passed if kind not in _SILENT)
    time = time_draws(network, index)
    moving = time_draws(network, index[~np.isin(index, ends)]) if ends.size else time
    mean_h = float(costs.mean_time_h[index].sum())
    figures = costs.figures
    money = price_draws(network, index, figures.bulk.get(network.worth.ids[k])) / payload
    fee = float(figures.fee_usd.mean[index].sum() / payload)
    haul = haul_usd(figures, network.worth.ids[k])
    mean_usd = float(haul[index].sum() / payload) + fee
    return Route(
        arcs=tuple(index.tolist()),
        legs=legs,
        generalized_usd_per_t=float(
            mean_usd
            + network.worth.vot_usd_per_t_h[k] * mean_h
            + network.worth.vor_usd_per_t_h[k] * costs.spread_h[index].sum()
        ),
        time_h=band(sum(leg.hours for leg in legs), moving),
        door_to_door_h=band(mean_h, time),
        cost_usd_per_t=band(mean_usd, money),
        fee_usd_per_t=fee,
        distance_km=float(figures.distance_km[index].sum()),
        co2e_kg_per_t=float(figures.co2e_kg_per_t[index].sum()),
        payload_t=payload,
        countries=_in_order(side for _, _, arc in passed for side in (arc.tail.side, arc.head.side)),
        borders=_in_order(arc.place for _, kind, arc in passed if kind == _EXIT),
        ports=_in_order(arc.place for _, kind, arc in passed if kind in _PORT),
        modes=_in_order(arc.tail.mode for _, kind, arc in passed if kind == _HAUL),
        gauge_changes=sum(kind == _GAUGE for _, kind, _ in passed),
        statuses=tuple(dict.fromkeys(s for a, _, _ in passed for s in costs.status.get(a, ()))),
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


def _leg(network: Network, a: int, payload: float, k: int, *, at_end: bool) -> Leg:
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
        usd_per_t=float(haul_usd(costs.figures, network.worth.ids[k])[a]) / payload + fee,
        fee_usd_per_t=fee,
        co2e_kg_per_t=float(costs.figures.co2e_kg_per_t[a]),
        kind=_KIND_NAMES[int(topology.kind[a])],
        side=arc.owner,
        table=arc.table,
        row=arc.row,
        source=costs.figures.source[a],
        time_basis=costs.figures.time_basis[a],
        cost_basis=costs.figures.cost_basis[a],
        price_date=costs.figures.price_date[a],
        origin_mark=costs.figures.origin[a],
    )
